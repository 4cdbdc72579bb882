#include "base/arguments.h"

#include <stdarg.h>

#include "base/memory.h"
#include "base/text.h"

static void append(struct arguments *arguments, char *owned)
{
	arguments->items = memory_grow(arguments->items, arguments->count + 2, sizeof(*arguments->items));
	arguments->items[arguments->count++] = owned;
	arguments->items[arguments->count] = NULL;
}

void arguments_add(struct arguments *arguments, const char *item)
{
	append(arguments, memory_copy_string(item));
}

void arguments_addf(struct arguments *arguments, const char *format, ...)
{
	struct text text;
	va_list args;
	text_init(&text, (size_t)1 << 20);
	va_start(args, format);
	text_vaddf(&text, format, args);
	va_end(args);
	append(arguments, text_take(&text));
}

const char *const *arguments_list(const struct arguments *arguments)
{
	static const char *const nothing[] = { NULL };
	return arguments->count ? (const char *const *)arguments->items : nothing;
}

void arguments_release(struct arguments *arguments)
{
	for (size_t i = 0; i < arguments->count; i++)
		free(arguments->items[i]);
	free(arguments->items);
	*arguments = (struct arguments)ARGUMENTS_INIT;
}
