#include "programs/quote.h"

#include <string.h>

#define HARMLESS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:=,@%+-"

void quote_for_shell(const char *word, struct text *ret)
{
	if (*word && !word[strspn(word, HARMLESS)]) {
		text_add_string(ret, word);
		return;
	}
	text_add_string(ret, "'");
	for (; *word; word++) {
		if (*word == '\'')
			text_add_string(ret, "'\\''");
		else
			text_add(ret, word, 1);
	}
	text_add_string(ret, "'");
}

void quote_for_ssh_config(const char *path, struct text *ret)
{
	text_add_string(ret, "\"");
	for (; *path; path++) {
		if (*path == '%')
			text_add_string(ret, "%");
		else if (*path == '"' || *path == '\\')
			text_add_string(ret, "\\");
		text_add(ret, path, 1);
	}
	text_add_string(ret, "\"");
}
