#ifndef INSTANCE_SSH_KEY_TEXT_H
#define INSTANCE_SSH_KEY_TEXT_H
/* What people hand over as their SSH key, looked at as text. Used by ssh_public_key.c only. */
#include <stddef.h>

#include "base/error.h"

struct ssh_key_words { /* owned */
	char *type;
	char *base64; /* "" when the line has one word */
	char *rest;   /* the comment, or whatever follows */
};

/* Finds the words of the one line. Refuses what is not one line of text, private
 * keys and other programs' formats. */
int ssh_key_text_split(const char *text, size_t length, struct ssh_key_words *ret, struct error *err);
void ssh_key_words_release(struct ssh_key_words *words);

/* Says why a line whose first word is no accepted type is refused. Gives -1. */
int ssh_key_text_refuse_type(const struct ssh_key_words *words, struct error *err);
#endif
