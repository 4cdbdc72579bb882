/* Labels of a server. The program changes one at a time, so those that differ follow each other. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "cloud/hcloud/call.h"
#include "cloud/hetzner/decode.h"

struct labelling {
	struct asker asker;
	json_t *wanted;
	unsigned changes;
};

static void labelling_free(void *data)
{
	struct labelling *labelling = data;
	json_decref(labelling->wanted);
	free(labelling);
}

static void labelling_done(struct labelling *labelling, const struct cloud_reply *reply)
{
	labelling->asker.done(labelling->asker.data, reply);
	labelling_free(labelling);
}

#define CHANGES_MAXIMUM 16 /* ours are six; each that is not as wished afterwards is tried once more at most */

static void on_labels(struct hcloud *hcloud, void *data, const struct call_reply *reply);

/* The first that differs, or one that ours don't have: the command, and its last argument. False: there is none. */
static bool next_change(const struct labelling *labelling, json_t *current, struct text *command, struct text *label)
{
	const char *key;
	json_t *value;
	json_object_foreach(labelling->wanted, key, value) {
		if (json_equal(json_object_get(current, key), value))
			continue;
		text_addf(command, "server add-label --overwrite %lld", (long long)labelling->asker.id);
		text_addf(label, "%s=%s", key, json_string_value(value));
		return true;
	}
	json_object_foreach(current, key, value) {
		if (json_object_get(labelling->wanted, key))
			continue;
		text_addf(command, "server remove-label %lld", (long long)labelling->asker.id);
		text_add_string(label, key);
		return true;
	}
	return false;
}

static void go_on(struct hcloud *hcloud, struct labelling *labelling, const json_t *object)
{
	AUTO_TEXT struct text command = TEXT_INIT(128), label = TEXT_INIT(1024);
	struct error error = ERROR_INIT;
	struct cloud_server server;
	struct cloud_reply answer = { .presence = PRESENCE_PRESENT, .servers = &server, .server_count = 1 };
	if (decode_server(object, &server, &error) == 0 && server.id != labelling->asker.id)
		error_set(&error, ERROR_REMOTE, 0, "asked for server %lld, the API answered with %lld",
			  (long long)labelling->asker.id, (long long)server.id);
	if (error.kind == ERROR_NONE && next_change(labelling, json_object_get(object, "labels"), &command, &label)) {
		if (labelling->changes++ < CHANGES_MAXIMUM) {
			struct call_order order = { .kind = CALL_REPEATABLE,
						    .method = "PUT",
						    .arguments = text_string(&command),
						    .argument = text_string(&label),
						    .done = on_labels,
						    .drop = labelling_free,
						    .data = labelling };
			snprintf(order.path, sizeof(order.path), "/servers/%lld", (long long)server.id);
			hcloud_call(hcloud, &order);
			return;
		}
		error_set(&error, ERROR_REMOTE, 0, "the labels of server %lld don't become what they should be",
			  (long long)server.id);
	}
	if (error.kind != ERROR_NONE)
		answer = (struct cloud_reply){ .error = &error, .maybe_done = true };
	labelling_done(labelling, &answer);
}

static void on_labels(struct hcloud *hcloud, void *data, const struct call_reply *reply)
{
	struct labelling *labelling = data;
	struct cloud_reply answer = { .error = reply->error,
				      .maybe_done = reply->maybe_done || labelling->changes > 1 };
	if (reply->error)
		labelling_done(labelling, &answer);
	else
		go_on(hcloud, labelling, json_object_get(reply->document, "server"));
}

void servers_label(struct cloud *cloud, int64_t id, const struct cloud_labels *labels, cloud_done_fn *done, void *data)
{
	struct labelling *labelling = memory_new(sizeof(*labelling));
	*labelling = (struct labelling){ .asker = { .done = done, .data = data, .id = id } };
	labelling->wanted = labels_to_json(labels);
	hcloud_describe(hcloud_of(cloud), "server", id, on_labels, labelling_free, labelling);
}
