#include "commands/key_input.h"

#include "base/json.h"
#include "commands/key_word.h"
#include "instance/key_list.h"

static int add_key(struct session *session, const char *word, json_t *keys, struct error *err)
{
	AUTO_SSH_PUBLIC_KEY struct ssh_public_key key = SSH_PUBLIC_KEY_INIT;
	if (json_array_size(keys) == KEYS_MAXIMUM)
		return error_set(err, ERROR_REFUSED, 0, "more than %d SSH keys; leave some out", KEYS_MAXIMUM);
	if (key_word_read(session, word, &key, err) < 0)
		return -1;
	if (key_list_has(keys, key.line))
		return error_set(err, ERROR_REFUSED, 0, "the key '%.60s...' is given twice", key.line);
	json_array_append_new(keys, json_string(key.line));
	return 0;
}

int key_input_read(struct session *session, const char *option, json_t **ret, struct error *err)
{
	AUTO_JSON json_t *keys = json_array();
	const char *word;
	for (size_t i = 0; (word = session_option_at(session, option, i)); i++)
		if (add_key(session, word, keys, err) < 0)
			return -1;
	*ret = json_incref(keys);
	return 0;
}
