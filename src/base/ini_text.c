#include "base/ini_text.h"

#include <ini.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

#define BLANKS     " \t\r\f\v"
#define MARK       "\xef\xbb\xbf" /* by which some editors begin UTF-8 */
#define WORD(a)    #a
#define MAXIMUM(a) WORD(a)

struct reading {
	const char *next, *end;
	int line; /* of what libinih was handed last; it does not tell itself */
	const struct ini_text_reader *reader;
	void *data;
};

/* Of a heading libinih reads what stands before the ']' and is silent about the rest, which was meant somehow. */
static bool is_heading(const char *line, size_t length, const char **ret_what)
{
	const char *end = memchr(line, ']', length);
	if (!end)
		return true; /* libinih's to complain about */
	const char *rest = end + 1;
	size_t left = length - (size_t)(rest - line);
	while (left && strchr(BLANKS, *rest)) {
		rest++;
		left--;
	}
	*ret_what =
		left && *rest != ';' && *rest != '#' ? "something follows the ']'; it needs a line of its own" : NULL;
	return *ret_what == NULL;
}

static bool is_readable(const char *line, size_t length, size_t maximum, const char **ret_what)
{
	*ret_what = NULL;
	if (length > maximum)
		*ret_what = "the line is too long; expected at most " MAXIMUM(INI_TEXT_LINE_MAXIMUM) " bytes";
	else if (memchr(line, '\0', length))
		*ret_what = "there is a NUL byte; expected text";
	return !*ret_what && (*line != '[' || is_heading(line, length, ret_what));
}

static void tell_heading(const struct reading *reading, const char *line, size_t length)
{
	char name[INI_TEXT_LINE_MAXIMUM + 1];
	const char *end = memchr(line, ']', length);
	if (*line != '[' || !end)
		return;
	size_t size = (size_t)(end - line) - 1;
	memcpy(name, line + 1, size);
	name[size] = '\0';
	reading->reader->on_section(reading->data, reading->line, name);
}

/* One line, as fgets would give it. A line that is refused is an empty one for libinih: lines stay in step. */
static char *next_line(char *target, int size, void *stream)
{
	struct reading *reading = stream;
	const char *what;
	size_t maximum = size < INI_TEXT_LINE_MAXIMUM + 3 ? (size_t)size - 3 : INI_TEXT_LINE_MAXIMUM;
	if (reading->next == reading->end)
		return NULL;
	const char *line = reading->next;
	const char *newline = memchr(line, '\n', (size_t)(reading->end - line));
	const char *end = newline ? newline : reading->end;
	reading->next = newline ? newline + 1 : reading->end;
	reading->line++;
	while (line < end && *line && strchr(BLANKS, *line))
		line++;
	size_t length = (size_t)(end - line);
	if (length && !is_readable(line, length, maximum, &what)) {
		reading->reader->on_problem(reading->data, reading->line, what);
		length = 0;
	}
	if (length) {
		tell_heading(reading, line, length);
		memcpy(target, line, length);
	}
	target[length] = '\n';
	target[length + 1] = '\0';
	return target;
}

static int on_value(void *user, const char *section, const char *name, const char *value)
{
	const struct reading *reading = user;
	reading->reader->on_value(reading->data, reading->line, section, name, value);
	return 1;
}

void ini_text_read(const char *bytes, size_t length, const struct ini_text_reader *reader, void *data)
{
	struct reading reading = { bytes, bytes + length, 0, reader, data };
	if (length >= strlen(MARK) && memcmp(bytes, MARK, strlen(MARK)) == 0)
		reading.next += strlen(MARK);
	int wrong = length ? ini_parse_stream(next_line, &reading, on_value, &reading) : 0;
	if (wrong)
		reader->on_problem(data, wrong > 0 ? wrong : 0,
				   "expected 'name = value', '[section]', or a comment that begins with '#'");
}
