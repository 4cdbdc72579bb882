#ifndef INSTANCE_KEY_LIST_H
#define INSTANCE_KEY_LIST_H
/* The user's keys as a record holds them: a JSON array of "type base64", each once,
 * never empty. */
#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"

#define KEYS_MAXIMUM 8 /* of an instance */

/* Gives in *ret_changed the list (NULL is an empty one) without the keys of these fingerprints (NULL at the end) and
 * with those that are added. All of the change is possible, or none is made: ERROR_NOT_FOUND: no key has that
 * fingerprint; ERROR_REFUSED: a key is there already, or none would be left, or too many. */
int key_list_change(const json_t *keys, const json_t *added, const char *const *removed, json_t **ret_changed,
		    struct error *err);

/* Whether the list has this key; NULL is an empty list. */
bool key_list_has(const json_t *keys, const char *key);
#endif
