#ifndef BASE_INI_TEXT_H
#define BASE_INI_TEXT_H
/*
 * The text of an .ini file, taken apart by libinih: "[section]", "name = value", blank lines, and comments, which
 * begin a line with '#' or ';' or follow a value as " ;". Blanks before a line mean nothing, so no value goes over
 * several lines. A line has at most INI_TEXT_LINE_MAXIMUM bytes.
 */
#include <stddef.h>

#define INI_TEXT_LINE_MAXIMUM 190

struct ini_text_reader {
	/* A section begins. */
	void (*on_section)(void *data, int line, const char *section);
	/* section: "" before the first one. All is borrowed for the call. */
	void (*on_value)(void *data, int line, const char *section, const char *name, const char *value);
	/* A line that is none of these, with what is wrong with it. Nothing else is told of it. */
	void (*on_problem)(void *data, int line, const char *what);
};

/* Tells it all, from the first line to the last; what libinih makes nothing of comes at the end. */
void ini_text_read(const char *bytes, size_t length, const struct ini_text_reader *reader, void *data);
#endif
