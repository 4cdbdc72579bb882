#ifndef PROGRAMS_QUOTE_H
#define PROGRAMS_QUOTE_H
#include "base/text.h"

/* Appends a word as a POSIX shell reads it back: as it is when it is harmless, else in single quotes. */
void quote_for_shell(const char *word, struct text *ret);

/* Appends a path as a value in ssh's configuration: in double quotes, '%' doubled. A "${" in it
 * can't be escaped there; ssh takes it for a variable and says so. */
void quote_for_ssh_config(const char *path, struct text *ret);
#endif
