#include "programs/nix_error.h"

#include <stdbool.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

#define BEGINNING     "error:"
#define LINES_MAXIMUM 5

static bool begins(const char *line, const char *with)
{
	return strncmp(line, with, strlen(with)) == 0;
}

/* Where it was and how it got there: nothing of what follows is the reason. */
static bool is_trace(const char *line)
{
	static const char *const words[] = { "at /",  "at \xc2\xab",  "at <",
					     "at (",  "(use '",       "(stack trace",
					     "note:", "\xe2\x80\xa6", "\xc2\xb7\xc2\xb7\xc2\xb7",
					     "while " };
	for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
		if (begins(line, words[i]))
			return true;
	return line[strspn(line, "0123456789")] == '|'; /* an excerpt */
}

static void add(struct nix_error *error, const char *line)
{
	size_t length = strlen(error->text);
	if (length && length + 1 < sizeof(error->text)) {
		error->text[length++] = ' ';
		error->text[length] = '\0';
	}
	if (!text_copy(error->text + length, sizeof(error->text) - length, line))
		error->lines = 0;
}

void nix_error_line(struct nix_error *error, const char *line)
{
	line += strspn(line, " \t");
	if (begins(line, BEGINNING)) {
		line += strlen(BEGINNING);
		line += strspn(line, " ");
		error->text[0] = '\0';
		error->lines = LINES_MAXIMUM;
	} else if (error->lines && is_trace(line)) {
		error->lines = 0;
	}
	if (!error->lines || !*line)
		return;
	error->lines--;
	add(error, line);
}
