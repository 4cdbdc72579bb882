#ifndef COMMANDS_WOULD_H
#define COMMANDS_WOULD_H
/* What --dry-run says: a sentence for people, an object for programs. */
#include <jansson.h>

#include "commands/command.h"

/* Says one thing that would be done: with -o json the object (its reference is taken) is
 * appended to the list, else the sentence to the output. */
void would_add(struct session *session, json_t *list, json_t *object, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* With -o json: prints the list. */
void would_print(struct session *session, const json_t *list);

/* The same for a command that does one thing: the object alone is printed. */
void would_say(struct session *session, json_t *object, const char *format, ...) __attribute__((format(printf, 3, 4)));
#endif
