#include "lifecycle/key_change.h"

#include "base/text.h"
#include "instance/key_list.h"
#include "instance/names.h"
#include "instance/ssh_fingerprint.h"
#include "instance/status.h"
#include "lifecycle/commit.h"

static int check(const struct record *record, struct error *err)
{
	if (record->goal == GOAL_GONE)
		return error_set(err, ERROR_REFUSED, 0, "it is being deleted");
	if (record->failed_at)
		return error_set(err, ERROR_REFUSED, 0, "it failed; 'ccc deprovision' ends it");
	if (record->adopted_at)
		return error_set(
			err, ERROR_REFUSED, 0,
			"it was adopted after the state was lost, so neither its keys nor its host key are known");
	return 0;
}

/* "+SHA256:... -SHA256:...", for the history */
static void describe(const struct key_change *change, struct text *ret)
{
	struct error ignored = ERROR_INIT;
	char print[SSH_FINGERPRINT_SIZE];
	for (size_t i = 0; i < json_array_size(change->added); i++)
		if (ssh_fingerprint(json_string_value(json_array_get(change->added, i)), print, &ignored) == 0)
			text_addf(ret, "%s+%s", ret->length ? " " : "", print);
	for (size_t i = 0; change->removed[i]; i++)
		text_addf(ret, "%s-%s", ret->length ? " " : "", change->removed[i]);
}

/* The box may have been told the list that is replaced, and nobody heard of it: one that happens to be as the box
 * last said is to be told all the same. Takes `keys`. */
static void replace(struct record *record, json_t *keys)
{
	json_t *replaced = record->ssh_keys;
	record->ssh_keys = keys;
	if (record->verified_at && json_equal(keys, record->box_ssh_keys)) {
		json_decref(record->box_ssh_keys);
		record->box_ssh_keys = replaced;
	} else {
		json_decref(replaced);
	}
}

/* In any order; each is there once. */
static bool has_the_same(const json_t *keys, const json_t *others)
{
	for (size_t i = 0; i < json_array_size(keys); i++)
		if (!key_list_has(others, json_string_value(json_array_get(keys, i))))
			return false;
	return json_array_size(keys) == json_array_size(others);
}

static int change_keys(struct transaction *transaction, void *data, struct error *err)
{
	struct key_change *change = data;
	struct record *record = transaction_find(transaction, change->id);
	json_t *keys;
	AUTO_TEXT struct text detail = TEXT_INIT(4096);
	if (!record)
		return instance_is_unknown(change->id, err);
	if (check(record, err) < 0 || key_list_change(record->ssh_keys, change->added, change->removed, &keys, err) < 0)
		return error_wrap(err, "the keys of instance '%s' stay as they are", change->id);
	change->tell = record->verified_at && !status_is_cut_off(record);
	if (has_the_same(keys, record->ssh_keys)) {
		json_decref(keys);
		return 0;
	}
	replace(record, keys);
	record->retry_at = 0; /* new work: the next sweep does not wait for what failed before */
	describe(change, &detail);
	transaction_note(transaction, record, "keys-changed", text_string(&detail));
	return 0;
}

int key_change_commit(struct loop *loop, struct store *store, struct key_change *change, struct error *err)
{
	return commit_now(loop, store, change_keys, change, err);
}
