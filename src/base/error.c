#include "base/error.h"

#include <stdarg.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

static const struct {
	int code;
	const char *meaning;
} exit_codes[] = {
	{ 0, "done" },
	{ 1, "failed" },
	{ 2, "the command line, ccc.ini or the environment is wrong" },
	{ 3, "no such instance, or no such key of it" },
	{ 4, "refused input (key, size, hours, e-mail, payment)" },
	{ 5, "Hetzner said no, or could not be reached" },
	{ 6, "the state is unusable or locked" },
	{ 7, "part of it is done: some of several failed, or it is recorded and 'ccc reap' goes on with it" },
	{ 130, "interrupted; can be resumed" },
};

int error_exit_code(enum error_kind kind)
{
	static const int codes[] = {
		[ERROR_NONE] = 0,      [ERROR_FAILED] = 1,  [ERROR_USAGE] = 2,
		[ERROR_NOT_FOUND] = 3, [ERROR_REFUSED] = 4, [ERROR_REMOTE] = 5,
		[ERROR_STATE] = 6,     [ERROR_PARTIAL] = 7, [ERROR_INTERRUPTED] = 130,
	};
	return codes[kind];
}

bool error_exit_code_row(size_t index, int *ret_code, const char **ret_meaning)
{
	if (index >= ARRAY_LENGTH(exit_codes))
		return false;
	*ret_code = exit_codes[index].code;
	*ret_meaning = exit_codes[index].meaning;
	return true;
}

/* "<formatted>: <cause>" becomes the message; the cause may be NULL, or the message so far. */
__attribute__((format(printf, 3, 0))) static void compose(struct error *err, const char *cause, const char *format,
							  va_list args)
{
	AUTO_TEXT struct text raw = TEXT_INIT(4096);
	AUTO_TEXT struct text escaped = TEXT_INIT(sizeof(err->message) - 1);
	text_vaddf(&raw, format, args);
	if (cause)
		text_addf(&raw, ": %s", cause);
	text_add_escaped(&escaped, text_string(&raw), raw.length, false);
	text_copy(err->message, sizeof(err->message), text_string(&escaped));
}

void error_fill(struct error *err, enum error_kind kind, int errnum, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	compose(err, errnum ? strerror(errnum) : NULL, format, args);
	va_end(args);
	err->kind = kind;
	err->errnum = errnum;
	err->http_status = 0;
	err->code[0] = '\0';
}

void error_add_context(struct error *err, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	compose(err, err->message, format, args);
	va_end(args);
}
