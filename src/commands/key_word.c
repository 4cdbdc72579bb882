#include "commands/key_word.h"

#include <string.h>

#include "base/text.h"
#include "system/durable_file.h"

#define KEY_FILE_MAXIMUM 65536

static bool is_key(const char *word)
{
	return strncmp(word, "ssh-", 4) == 0 || strncmp(word, "sk-ssh-", 7) == 0 || strpbrk(word, " \n");
}

static int read_file(struct session *session, const char *path, struct text *ret, struct error *err)
{
	struct file_facts facts;
	if (file_look(session->system, path, &facts, err) == 0 && !facts.exists)
		return error_set(err, ERROR_REFUSED, 0,
				 "there is no file '%s'; give the user's public key, or the file that holds it", path);
	if (err->kind == ERROR_NONE && file_read(session->system, path, ret, err) == 0)
		return 0;
	struct error cause = *err;
	return error_set(err, ERROR_REFUSED, 0, "%s; give the user's public key, or the .pub file that holds it",
			 cause.message);
}

int key_word_read(struct session *session, const char *word, struct ssh_public_key *ret, struct error *err)
{
	AUTO_TEXT struct text content = TEXT_INIT(KEY_FILE_MAXIMUM);
	if (is_key(word))
		return ssh_public_key_parse(word, strlen(word), ret, err);
	if (read_file(session, word, &content, err) < 0)
		return -1;
	if (ssh_public_key_parse(text_string(&content), content.length, ret, err) < 0)
		return error_wrap(err, "'%s'", word);
	return 0;
}
