#include "fleet/registration.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "fleet/anchor.h"
#include "fleet/names.h"
#include "fleet/run_program.h"
#include "programs/ssh_keygen.h"
#include "system/durable_file.h"

/* One answer of the cloud, waited for. */
struct answer {
	bool arrived;
	int64_t id;          /* of the thing found or made; 0: not found */
	int64_t actions[16]; /* that it began */
	size_t action_count;
	struct error error;
};

static void on_answer(void *data, const struct cloud_reply *reply)
{
	struct answer *answer = data;
	answer->arrived = true;
	if (reply->error)
		answer->error = *reply->error;
	else if (reply->created_id)
		answer->id = reply->created_id;
	else if (reply->ssh_key_count)
		answer->id = reply->ssh_keys[0].id;
	for (; answer->action_count < reply->action_count && answer->action_count < ARRAY_LENGTH(answer->actions);
	     answer->action_count++)
		answer->actions[answer->action_count] = reply->actions[answer->action_count];
	/* the anchor is the one of the fleet's firewalls that has no role */
	for (size_t i = 0; i < reply->firewall_count && !answer->id; i++)
		if (*reply->firewalls[i].labels.role == '\0')
			answer->id = reply->firewalls[i].id;
}

static int wait_for(struct loop *loop, struct answer *answer, struct error *err)
{
	if (loop_until(loop, &answer->arrived, err) < 0)
		return -1;
	if (answer->error.kind == ERROR_NONE)
		return 0;
	*err = answer->error;
	return -1;
}

static int make_public_half(struct loop *loop, const struct settings *settings, const char *path,
			    const char *public_path, struct error *err)
{
	AUTO_ARGUMENTS struct arguments argv = ARGUMENTS_INIT;
	AUTO_TEXT struct text output = TEXT_INIT(4096);
	ssh_keygen_public_half(path, &argv);
	if (run_program(loop, settings, arguments_list(&argv), &output, err) < 0)
		return error_wrap(err, "cannot make the public half of '%s'", path);
	return file_replace(loop_system(loop), public_path, text_string(&output), output.length, 0644, err);
}

int registration_make_key(struct loop *loop, const struct settings *settings, const struct store *store,
			  struct error *err)
{
	AUTO_FREE char *path = fleet_operator_key_path(store);
	AUTO_FREE char *public_path = fleet_operator_public_key_path(store);
	AUTO_ARGUMENTS struct arguments argv = ARGUMENTS_INIT;
	struct file_facts private_half, public_half;
	struct system *system = loop_system(loop);
	if (file_look(system, path, &private_half, err) < 0 || file_look(system, public_path, &public_half, err) < 0)
		return -1;
	if (private_half.exists && public_half.exists)
		return 0;
	if (private_half.exists) /* which gets its name first: a crash leaves it alone, or the other was lost */
		return make_public_half(loop, settings, path, public_path, err);
	if (public_half.exists)
		return error_set(
			err, ERROR_STATE, 0,
			"'%s' is there without its private half; put that back, or remove both to make a new key",
			public_path);
	AUTO_FREE char *written = fleet_path(store, "keys/operator.new");
	AUTO_FREE char *written_public = fleet_path(store, "keys/operator.new.pub");
	if (file_remove(system, written, err) < 0 || file_remove(system, written_public, err) < 0)
		return -1;
	ssh_keygen_generate(written, "ccc operator", &argv);
	if (run_program(loop, settings, arguments_list(&argv), NULL, err) < 0 ||
	    file_adopt(system, written, path, err) < 0)
		return -1;
	return file_adopt(system, written_public, public_path, err);
}

/* The fleet's name for its key may be taken by the one of an operator's machine that was lost: that one stays, and
 * ours is named after its fingerprint too. */
static int create_key(struct loop *loop, struct cloud *cloud, const struct fleet_identity *fleet,
		      const char *public_key, struct answer *answer, struct error *err)
{
	char name[80];
	snprintf(name, sizeof(name), FLEET_SSH_KEY_NAME, fleet->id);
	*answer = (struct answer){ .error = ERROR_INIT };
	cloud_create_ssh_key(cloud, name, fleet->id, public_key, on_answer, answer);
	if (wait_for(loop, answer, err) == 0)
		return 0;
	if (strcmp(err->code, "uniqueness_error") != 0)
		return -1;
	snprintf(name, sizeof(name), FLEET_SSH_KEY_NAME "-%.2s%.2s%.2s%.2s", fleet->id, fleet->ssh_key_fingerprint,
		 fleet->ssh_key_fingerprint + 3, fleet->ssh_key_fingerprint + 6, fleet->ssh_key_fingerprint + 9);
	*answer = (struct answer){ .error = ERROR_INIT };
	cloud_create_ssh_key(cloud, name, fleet->id, public_key, on_answer, answer);
	return wait_for(loop, answer, err);
}

int registration_read_key(struct system *system, const struct store *store, char ret[SSH_FINGERPRINT_MD5_SIZE],
			  struct error *err)
{
	AUTO_FREE char *path = fleet_operator_public_key_path(store);
	AUTO_TEXT struct text key = TEXT_INIT(4096);
	if (file_read(system, path, &key, err) < 0)
		return -1;
	return ssh_fingerprint_md5(text_string(&key), ret, err);
}

int registration_check_key(struct loop *loop, const struct store *store, struct cloud *cloud,
			   struct fleet_identity *fleet, struct error *err)
{
	struct answer answer = { .error = ERROR_INIT };
	char print[SSH_FINGERPRINT_MD5_SIZE];
	if (!fleet->ssh_key)
		return 0;
	if (registration_read_key(loop_system(loop), store, print, err) < 0)
		return -1;
	cloud_find_ssh_key(cloud, print, on_answer, &answer);
	if (wait_for(loop, &answer, err) < 0)
		return -1;
	if (strcmp(print, fleet->ssh_key_fingerprint) != 0 || answer.id != fleet->ssh_key)
		fleet->ssh_key = 0;
	return 0;
}

static int register_key(struct loop *loop, const struct store *store, struct cloud *cloud, struct fleet_identity *fleet,
			struct error *err)
{
	AUTO_FREE char *path = fleet_operator_public_key_path(store);
	AUTO_TEXT struct text public_key = TEXT_INIT(4096);
	struct answer answer = { .error = ERROR_INIT };
	if (file_read(loop_system(loop), path, &public_key, err) < 0 ||
	    ssh_fingerprint_md5(text_string(&public_key), fleet->ssh_key_fingerprint, err) < 0)
		return -1;
	cloud_find_ssh_key(cloud, fleet->ssh_key_fingerprint, on_answer, &answer);
	if (wait_for(loop, &answer, err) < 0)
		return -1;
	if (!answer.id && create_key(loop, cloud, fleet, text_string(&public_key), &answer, err) < 0)
		return -1;
	fleet->ssh_key = answer.id;
	return 0;
}

int registration_find_firewall(struct loop *loop, struct cloud *cloud, const char *fleet, int64_t *ret_id,
			       struct error *err)
{
	struct answer answer = { .error = ERROR_INIT };
	cloud_list_firewalls(cloud, fleet, on_answer, &answer);
	if (wait_for(loop, &answer, err) < 0)
		return -1;
	*ret_id = answer.id;
	return 0;
}

struct fleet_answer {
	struct answer answer;
	char fleet[FLEET_ID_SIZE];
};

static void on_fleets(void *data, const struct cloud_reply *reply)
{
	struct fleet_answer *found = data;
	found->answer.arrived = true;
	if (reply->error)
		found->answer.error = *reply->error;
	for (size_t i = 0; i < reply->firewall_count && !found->answer.id; i++) {
		const struct cloud_labels *labels = &reply->firewalls[i].labels;
		if (*labels->role || !fleet_id_is_valid(labels->fleet) || !cloud_is_of_fleet(labels, labels->fleet))
			continue;
		found->answer.id = reply->firewalls[i].id;
		text_copy(found->fleet, sizeof(found->fleet), labels->fleet);
	}
}

int registration_find_fleet(struct loop *loop, struct cloud *cloud, char ret_fleet[FLEET_ID_SIZE], int64_t *ret_id,
			    struct error *err)
{
	struct fleet_answer found = { .answer = { .error = ERROR_INIT } };
	cloud_list_firewalls(cloud, NULL, on_fleets, &found);
	if (wait_for(loop, &found.answer, err) < 0)
		return -1;
	text_copy(ret_fleet, FLEET_ID_SIZE, found.fleet);
	*ret_id = found.answer.id;
	return 0;
}

static int register_firewall(struct loop *loop, struct cloud *cloud, struct fleet_identity *fleet, struct error *err)
{
	struct answer answer = { .error = ERROR_INIT };
	char name[64];
	if (registration_find_firewall(loop, cloud, fleet->id, &fleet->anchor, err) < 0)
		return -1;
	if (fleet->anchor)
		return 0;
	snprintf(name, sizeof(name), FLEET_FIREWALL_NAME, fleet->id);
	cloud_create_firewall(cloud, name, fleet->id, on_answer, &answer);
	if (wait_for(loop, &answer, err) < 0)
		return strcmp(err->code, "uniqueness_error") == 0 ? anchor_lacks_labels(name, fleet->id, err) : -1;
	fleet->anchor = answer.id;
	return 0;
}

int registration_set_rules(struct loop *loop, struct cloud *cloud, int64_t firewall, const char *role,
			   struct error *err)
{
	struct answer begun = { .error = ERROR_INIT }, done = { .error = ERROR_INIT };
	cloud_set_rules(cloud, firewall, role, on_answer, &begun);
	if (wait_for(loop, &begun, err) < 0)
		return -1;
	cloud_wait_actions(cloud, begun.actions, begun.action_count, on_answer, &done);
	return wait_for(loop, &done, err);
}

int registration_complete(struct loop *loop, const struct store *store, struct cloud *cloud,
			  struct fleet_identity *fleet, struct error *err)
{
	/* Nothing of a fleet that has its firewall is registered in another project: it would count as proof later. */
	if (!fleet->ssh_key && fleet->anchor && anchor_look(loop, cloud, fleet, err) < 0)
		return -1;
	if (!fleet->ssh_key && register_key(loop, store, cloud, fleet, err) < 0)
		return error_wrap(err, "cannot register the operator's SSH key");
	if (!fleet->anchor && register_firewall(loop, cloud, fleet, err) < 0)
		return error_wrap(err, "cannot make the fleet's firewall");
	return 0;
}

void registration_record(const struct fleet_identity *completed, struct fleet_identity *fleet)
{
	fleet->anchor = completed->anchor;
	fleet->ssh_key = completed->ssh_key;
	text_copy(fleet->ssh_key_fingerprint, sizeof(fleet->ssh_key_fingerprint), completed->ssh_key_fingerprint);
}
