#include "base/memory.h"
#include "core/destroy.h"
#include "core/listing.h"
#include "core/public_key.h"
#include "core/routes.h"

static void render(struct call *call, const struct resource *resource)
{
	const struct ssh_key *key = (const struct ssh_key *)resource;

	write_json(call, "{'id':%i,'name':%s,'fingerprint':%s,'public_key':%s,'labels':%r,'created':%t}", key->base.id,
		   key->base.name, key->fingerprint, key->public_key, key->base.shown_labels, key->base.created_ms);
}

static void answer_key(struct call *call, int status, const struct ssh_key *key)
{
	answer(call, status, "{'ssh_key':%v}", render, &key->base);
}

static bool has_fingerprint(struct call *call, const struct resource *resource)
{
	return query_allows(&call->query, "fingerprint", ((const struct ssh_key *)resource)->fingerprint);
}

void ssh_keys_list(struct call *call)
{
	static const struct list_rules rules = {
		.member = "ssh_keys", .render = render, .keeps = has_fingerprint, .sorts = { "id", "name", "created" }
	};
	const struct resource_list *lists[] = { &call->project->ssh_keys };

	list_answer(call, &rules, lists, 1);
}

static const struct ssh_key *with_fingerprint(const struct project *project, const char *fingerprint)
{
	for (size_t i = 0; i < project->ssh_keys.count; i++) {
		const struct ssh_key *key = (const struct ssh_key *)project->ssh_keys.items[i];
		if (strcmp(key->fingerprint, fingerprint) == 0)
			return key;
	}
	return NULL;
}

void ssh_keys_create(struct call *call)
{
	struct error err = ERROR_INIT;
	const char *name = NULL, *public_key = NULL;
	json_t *labels = NULL;
	char fingerprint[FINGERPRINT_SIZE];

	if (!call_rename(call, &call->project->ssh_keys, NULL, &name) || !call_labels(call, &labels) ||
	    !call_string(call, "public_key", &public_key))
		return;
	if (!name || !public_key) {
		answer_invalid(call, name ? "public_key" : "name", "%s is required", name ? "public_key" : "name");
		return;
	}
	if (public_key_fingerprint(public_key, fingerprint, &err)) {
		answer_invalid(call, "public_key", "%s", err.message);
		return;
	}
	if (with_fingerprint(call->project, fingerprint)) {
		answer_not_unique(call, "public_key", "SSH key not unique");
		return;
	}
	struct ssh_key *key = memory_new(sizeof(*key));
	resource_init(&key->base, sim_new_id(call->sim), name, labels, call->sim->now_ms);
	key->public_key = memory_copy_string(public_key);
	key->public_key[strcspn(key->public_key, "\n")] = 0;
	memcpy(key->fingerprint, fingerprint, sizeof(fingerprint));
	resource_list_add(&call->project->ssh_keys, &key->base);
	answer_key(call, 201, key);
}

static struct ssh_key *find(struct call *call)
{
	return (struct ssh_key *)call_find(call, &call->project->ssh_keys, "ssh key");
}

void ssh_keys_get(struct call *call)
{
	const struct ssh_key *key = find(call);

	if (key)
		answer_key(call, 200, key);
}

void ssh_keys_update(struct call *call)
{
	struct ssh_key *key = find(call);
	const char *name = NULL;
	json_t *labels = NULL;

	if (!key || !call_rename(call, &call->project->ssh_keys, &key->base, &name) || !call_labels(call, &labels))
		return;
	if (name)
		resource_rename(&key->base, name);
	if (labels)
		resource_relabel(&key->base, labels);
	answer_key(call, 200, key);
}

void ssh_keys_delete(struct call *call)
{
	struct ssh_key *key = find(call);

	if (!key)
		return;
	resource_list_remove(&call->project->ssh_keys, &key->base);
	ssh_key_free(key);
	answer(call, 204, NULL);
}
