#include "hosts/path.h"

#include <limits.h>
#include <stdarg.h>

#include "base/text.h"

char *path_format(const char *format, ...)
{
	struct text path;
	va_list args;

	text_init(&path, 4 * (size_t)PATH_MAX);
	va_start(args, format);
	text_vaddf(&path, format, args);
	va_end(args);
	return text_take(&path);
}
