/* SSH keys. The program can't ask for one by its fingerprint: all of them are read. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "cloud/hcloud/call.h"
#include "cloud/hetzner/decode.h"

/* -1 with an error; else the caller frees *ret. */
static int read_keys(const struct call_reply *reply, struct cloud_ssh_key **ret, size_t *ret_count, struct error *err)
{
	json_t *items = NULL;
	int result = reply_items(reply, "ssh_keys", &items, err);
	size_t count = json_array_size(items);
	struct cloud_ssh_key *keys = memory_new((count + 1) * sizeof(*keys));
	for (size_t i = 0; i < count && result == 0; i++)
		result = decode_ssh_key(json_array_get(items, i), &keys[i], err);
	json_decref(items);
	*ret = keys;
	*ret_count = count;
	return result;
}

static void on_keys(struct hcloud *hcloud, void *data, const struct call_reply *reply)
{
	AUTO_FREE struct asker *asker = data;
	AUTO_FREE struct cloud_ssh_key *keys = NULL;
	struct error error = ERROR_INIT;
	struct cloud_reply answer = { 0 };
	(void)hcloud;
	if (read_keys(reply, &keys, &answer.ssh_key_count, &error) < 0) {
		asker_answer_error(asker, &error, false);
		return;
	}
	answer.ssh_keys = keys;
	asker->done(asker->data, &answer);
}

static void on_search(struct hcloud *hcloud, void *data, const struct call_reply *reply)
{
	AUTO_FREE struct asker *asker = data;
	AUTO_FREE struct cloud_ssh_key *keys = NULL;
	struct error error = ERROR_INIT;
	struct cloud_reply answer = { .presence = PRESENCE_ABSENT };
	size_t count;
	(void)hcloud;
	if (read_keys(reply, &keys, &count, &error) < 0) {
		asker_answer_error(asker, &error, false);
		return;
	}
	for (size_t i = 0; i < count; i++)
		if (strcmp(keys[i].fingerprint, asker->name) == 0)
			answer = (struct cloud_reply){ .presence = PRESENCE_PRESENT,
						       .ssh_keys = &keys[i],
						       .ssh_key_count = 1 };
	asker->done(asker->data, &answer);
}

#define PATH "/ssh_keys"
#define LIST "ssh-key list"

void keys_list(struct cloud *cloud, cloud_done_fn *done, void *data)
{
	hcloud_list(cloud, PATH, LIST, NULL, on_keys, asker_new(done, data));
}

void keys_find(struct cloud *cloud, const char *fingerprint, cloud_done_fn *done, void *data)
{
	struct asker *asker = asker_new(done, data);
	text_copy(asker->name, sizeof(asker->name), fingerprint);
	hcloud_list(cloud, PATH, LIST, NULL, on_search, asker);
}

static void on_created(struct hcloud *hcloud, void *data, const struct call_reply *reply)
{
	(void)hcloud;
	asker_answer_created(data, reply, "ssh_key");
}

void keys_create(struct cloud *cloud, const char *name, const char *fleet, const char *public_key, cloud_done_fn *done,
		 void *data)
{
	AUTO_TEXT struct text arguments = TEXT_INIT(512);
	text_addf(&arguments,
		  "ssh-key create --public-key-from-file - --label managed-by=ccc --label ccc-fleet=%s --name", fleet);
	struct call_order order = { .kind = CALL_CREATE,
				    .method = "POST",
				    .path = PATH,
				    .arguments = text_string(&arguments),
				    .argument = name,
				    .input = public_key,
				    .done = on_created,
				    .data = asker_new(done, data) };
	hcloud_call(hcloud_of(cloud), &order);
}
