#include "core/write.h"

#include "base/memory.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "core/call.h"

static void write_string(struct text *out, const char *string)
{
	if (!string) {
		text_add(out, "null", 4);
		return;
	}
	text_add(out, "\"", 1);
	while (*string) {
		size_t plain = 0;
		while ((unsigned char)string[plain] >= 0x20 && string[plain] != '"' && string[plain] != '\\')
			plain++;
		text_add(out, string, plain);
		string += plain;
		if (*string) {
			char escape[8];
			snprintf(escape, sizeof(escape), *string >= 0x20 ? "\\%c" : "\\u%04x", *string);
			text_add_string(out, escape);
			string++;
		}
	}
	text_add(out, "\"", 1);
}

static void write_integer(struct text *out, int64_t value)
{
	uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;
	char digits[24];
	size_t first = sizeof(digits);

	do
		digits[--first] = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	if (value < 0)
		digits[--first] = '-';
	text_add(out, digits + first, sizeof(digits) - first);
}

static void write_double(struct text *out, double value)
{
	char digits[40];

	snprintf(digits, sizeof(digits), "%.15g", value);
	text_add_string(out, digits);
	if (!strpbrk(digits, ".e"))
		text_add(out, ".0", 2);
}

static void write_time(struct text *out, int64_t ms)
{
	char string[TIMESTAMP_SIZE];

	if (ms >= 0)
		timestamp_format(ms / 1000, string);
	write_string(out, ms >= 0 ? string : NULL);
}

static void write_tree(struct text *out, const json_t *value)
{
	char *formatted = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));

	text_add_string(out, formatted);
	free(formatted);
}

/* A thing of the catalogue is rendered once and then kept. */
static void write_resource(struct call *call, renderer *render, const struct resource *resource)
{
	struct text *kept = resource->kept;
	size_t start = call->written.length;

	if (!kept || kept->length == 0) {
		render(call, resource);
		if (kept)
			text_add(kept, call->written.data + start, call->written.length - start);
	} else {
		text_add(&call->written, kept->data, kept->length);
	}
}

static void write_resources(struct call *call, renderer *render, const struct resource_list *list)
{
	text_add(&call->written, "[", 1);
	for (size_t i = 0; i < list->count; i++) {
		if (i > 0)
			text_add(&call->written, ",", 1);
		write_resource(call, render, list->items[i]);
	}
	text_add(&call->written, "]", 1);
}

static void write_place(struct call *call, struct text *out, char place, va_list *args)
{
	renderer *render;

	if (!call && (place == 'v' || place == 'l'))
		abort(); /* a wrong template is a bug */
	switch (place) {
	case 's':
		write_string(out, va_arg(*args, const char *));
		break;
	case 'i':
		write_integer(out, va_arg(*args, int64_t));
		break;
	case 'd':
		write_integer(out, va_arg(*args, int));
		break;
	case 'f':
		write_double(out, va_arg(*args, double));
		break;
	case 'b':
		text_add_string(out, va_arg(*args, int) ? "true" : "false");
		break;
	case 't':
		write_time(out, va_arg(*args, int64_t));
		break;
	case 'r':
		text_add_string(out, va_arg(*args, const char *));
		break;
	case 'j':
		write_tree(out, va_arg(*args, const json_t *));
		break;
	case 'v':
		render = va_arg(*args, renderer *);
		write_resource(call, render, va_arg(*args, const struct resource *));
		break;
	case 'l':
		render = va_arg(*args, renderer *);
		write_resources(call, render, va_arg(*args, const struct resource_list *));
		break;
	default:
		abort(); /* a wrong template is a bug */
	}
}

/* What stands before the template's next place, with its quotes; gives where it stopped. */
static const char *write_plain(struct text *out, const char *template)
{
	const char *place = strchrnul(template, '%');
	size_t length = (size_t)(place - template);

	size_t start = out->length;

	text_add(out, template, length);
	for (char *at = out->data + start; *at; at++)
		if (*at == '\'')
			*at = '"';
	return place;
}

void write_json_list(struct call *call, struct text *out, const char *template, va_list args)
{
	va_list rest;

	va_copy(rest, args);
	while (*template) {
		template = write_plain(out, template);
		if (*template == '%') {
			write_place(call, out, template[1], &rest);
			template += 2;
		}
	}
	va_end(rest);
}

void write_json(struct call *call, const char *template, ...)
{
	va_list args;

	va_start(args, template);
	write_json_list(call, &call->written, template, args);
	va_end(args);
}

void write_json_to(struct text *out, const char *template, ...)
{
	va_list args;

	va_start(args, template);
	write_json_list(NULL, out, template, args);
	va_end(args);
}
