/*
 * Making a firewall. The program drops the ranges of outgoing rules when it makes one (1.30.3: not when it replaces
 * rules), so that takes several steps: made without rules and labels, given its rules, and labelled. It is the fleet's
 * with the last label, so a fleet never sees one without its rules. One that an earlier attempt left half made has the
 * name; it is gone on with when it has no label that ours would not have and is applied to nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "cloud/hcloud/call.h"
#include "cloud/hetzner/decode.h"
#include "cloud/hetzner/firewall_rules.h"

#define LABELS 3

struct making {
	struct asker asker; /* with the name */
	int64_t id;
	char *rules;
	struct {
		const char *key;
		char value[CLOUD_LABEL_SIZE]; /* "": not this one */
	} labels[LABELS];                     /* in the order in which they are set */
	size_t labelled;
};

static void making_free(void *data)
{
	struct making *making = data;
	free(making->rules);
	free(making);
}

static void give_up(struct making *making, const struct error *error, bool maybe_done)
{
	asker_answer_error(&making->asker, error, maybe_done);
	making_free(making);
}

static void next(struct hcloud *hcloud, struct making *making, enum call_kind kind, const char *method,
		 const char *path, const char *arguments, const char *argument, const char *input, call_done_fn *done)
{
	struct call_order order = { .kind = kind,
				    .method = method,
				    .arguments = arguments,
				    .argument = argument,
				    .input = input,
				    .done = done,
				    .data = making,
				    .drop = making_free };
	text_copy(order.path, sizeof(order.path), path);
	hcloud_call(hcloud, &order);
}

static void on_labelled(struct hcloud *hcloud, void *data, const struct call_reply *reply)
{
	struct making *making = data;
	struct cloud_reply answer = { .presence = PRESENCE_PRESENT, .created_id = making->id };
	char command[80], path[64], label[CLOUD_LABEL_SIZE + 32];
	if (reply->error) {
		give_up(making, reply->error, true);
		return;
	}
	while (making->labelled < LABELS && !*making->labels[making->labelled].value)
		making->labelled++;
	if (making->labelled == LABELS) {
		making->asker.done(making->asker.data, &answer);
		making_free(making);
		return;
	}
	snprintf(path, sizeof(path), "/firewalls/%lld", (long long)making->id);
	snprintf(command, sizeof(command), "firewall add-label --overwrite %lld", (long long)making->id);
	snprintf(label, sizeof(label), "%s=%s", making->labels[making->labelled].key,
		 making->labels[making->labelled].value);
	making->labelled++;
	next(hcloud, making, CALL_REPEATABLE, "PUT", path, command, label, NULL, on_labelled);
}

/* `object` is the firewall as it was made, or found half made. */
static void set_rules(struct hcloud *hcloud, struct making *making, const json_t *object)
{
	struct error error = ERROR_INIT;
	char command[80], path[64];
	if (decode_id(object, "id", &making->id, &error) < 0) {
		give_up(making, &error, true);
		return;
	}
	snprintf(path, sizeof(path), "/firewalls/%lld/actions/set_rules", (long long)making->id);
	snprintf(command, sizeof(command), "firewall replace-rules --rules-file - %lld", (long long)making->id);
	next(hcloud, making, CALL_REPEATABLE, "POST", path, command, NULL, making->rules, on_labelled);
}

static bool is_half_made(const struct making *making, const json_t *object)
{
	const char *key;
	json_t *value;
	size_t wanted = 0;
	for (size_t i = 0; i < LABELS; i++)
		wanted += *making->labels[i].value != '\0';
	if (!json_is_object(json_object_get(object, "labels")) ||
	    !json_is_array(json_object_get(object, "applied_to")) ||
	    json_array_size(json_object_get(object, "applied_to")) > 0 ||
	    json_object_size(json_object_get(object, "labels")) >= wanted)
		return false;
	json_object_foreach(json_object_get(object, "labels"), key, value) {
		size_t i = 0;
		while (i < LABELS && strcmp(key, making->labels[i].key) != 0)
			i++;
		if (i == LABELS || strcmp(json_string_value(value), making->labels[i].value) != 0)
			return false;
	}
	return true;
}

static void on_found(struct hcloud *hcloud, void *data, const struct call_reply *reply)
{
	struct making *making = data;
	struct error error = ERROR_INIT;
	AUTO_JSON json_t *items = NULL;
	const json_t *object = NULL;
	if (reply_items(reply, "firewalls", &items, &error) == 0)
		object = json_array_get(items, 0);
	const char *name = json_string_value(json_object_get(object, "name"));
	if (error.kind == ERROR_NONE &&
	    (!name || strcmp(name, making->asker.name) != 0 || !is_half_made(making, object))) {
		error_set(&error, ERROR_REMOTE, 0,
			  "there is a firewall '%s' already, and it is not a half-made one of "
			  "this fleet; look at it in the console",
			  making->asker.name);
		text_copy(error.code, sizeof(error.code), "uniqueness_error");
	}
	if (error.kind != ERROR_NONE)
		give_up(making, &error, false);
	else
		set_rules(hcloud, making, object);
}

static void on_made(struct hcloud *hcloud, void *data, const struct call_reply *reply)
{
	struct making *making = data;
	if (!reply->error)
		set_rules(hcloud, making, json_object_get(reply->document, "firewall"));
	else if (strcmp(reply->error->code, "uniqueness_error") == 0)
		next(hcloud, making, CALL_READ, "GET", "/firewalls", "firewall describe -o json", making->asker.name,
		     NULL, on_found);
	else
		give_up(making, reply->error, reply->maybe_done);
}

static void create(struct cloud *cloud, const char *name, const char *fleet, const char *role, cloud_done_fn *done,
		   void *data)
{
	AUTO_JSON json_t *rules = firewall_rules_json(role);
	struct making *making = memory_new(sizeof(*making));
	making->asker = (struct asker){ .done = done, .data = data };
	text_copy(making->asker.name, sizeof(making->asker.name), name);
	making->rules = json_format(rules, false);
	making->labels[0].key = "ccc-role";
	text_copy(making->labels[0].value, CLOUD_LABEL_SIZE, role);
	making->labels[1].key = "managed-by";
	text_copy(making->labels[1].value, CLOUD_LABEL_SIZE, "ccc");
	making->labels[2].key = "ccc-fleet";
	text_copy(making->labels[2].value, CLOUD_LABEL_SIZE, fleet);
	next(hcloud_of(cloud), making, CALL_CREATE, "POST", "/firewalls", "firewall create --name", name, NULL,
	     on_made);
}

void firewalls_create(struct cloud *cloud, const char *name, const char *fleet, cloud_done_fn *done, void *data)
{
	create(cloud, name, fleet, "", done, data);
}

void firewalls_create_isolation(struct cloud *cloud, const char *name, const char *fleet, cloud_done_fn *done,
				void *data)
{
	create(cloud, name, fleet, CLOUD_ROLE_ISOLATED, done, data);
}
