/* Lists of the API, every page of them, or an error. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "cloud/hetzner/client.h"

struct collection {
	struct client *client;
	struct collection *next;
	char *path;
	const char *name;
	json_t *items, *seen; /* seen: ids as keys */
	int64_t page;         /* asked for */
	int64_t total;        /* entries, as the first page says; -1: it does not */
	collection_done_fn *done;
	api_drop_fn *drop;
	void *data;
};

static void unlink_collection(struct collection *collection)
{
	for (struct collection **link = &collection->client->collections; *link; link = &(*link)->next)
		if (*link == collection) {
			*link = collection->next;
			break;
		}
}

static void collection_free(struct collection *collection)
{
	json_decref(collection->items);
	json_decref(collection->seen);
	free(collection->path);
	free(collection);
}

void client_drop_collections(struct client *client)
{
	while (client->collections) {
		struct collection *collection = client->collections;
		client->collections = collection->next;
		if (collection->drop)
			collection->drop(collection->data);
		collection_free(collection);
	}
}

static void finish(struct collection *collection, const struct api_reply *reply)
{
	unlink_collection(collection);
	collection->done(collection->client, collection->data, reply, reply->error ? NULL : collection->items);
	collection_free(collection);
}

static void fail(struct collection *collection, const struct error *error)
{
	struct api_reply reply = { .error = error };
	finish(collection, &reply);
}

static int add_items(struct collection *collection, json_t *page, struct error *err)
{
	size_t index;
	json_t *item;
	json_array_foreach(page, index, item) {
		char key[24];
		int64_t id;
		if (decode_id(item, "id", &id, err) < 0)
			return -1;
		snprintf(key, sizeof(key), "%lld", (long long)id);
		if (json_object_get(collection->seen, key))
			return error_set(err, ERROR_REMOTE, 0, "the list of %s changed while it was read; try again",
					 collection->name);
		json_object_set_new(collection->seen, key, json_true());
		json_array_append(collection->items, item);
	}
	return 0;
}

/* What a page says about itself against what was asked and what the first one said: NULL or what is wrong.
 * A total that changed means that entries slid from one page to another and may have been missed. */
static const char *contradiction(const struct collection *collection, int64_t page, int64_t next, int64_t total)
{
	if (page != collection->page)
		return "another page came than was asked for";
	if (next && (next != collection->page + 1 || next > PAGES_MAXIMUM))
		return "it does not go on with the next page, or has too many";
	if (collection->page > 1 && total != collection->total)
		return "its length changed while it was read";
	return NULL;
}

static void ask_page(struct collection *collection);

static void on_page(struct client *client, void *data, const struct api_reply *reply)
{
	struct collection *collection = data;
	struct error error = ERROR_INIT;
	json_t *page, *meta, *pagination;
	int64_t number, next, total;
	(void)client;
	if (reply->error) {
		finish(collection, reply);
		return;
	}
	if (json_get_array(reply->document, collection->name, &page, &error) < 0 ||
	    json_get_object(reply->document, "meta", &meta, &error) < 0 ||
	    json_get_object(meta, "pagination", &pagination, &error) < 0 ||
	    json_get_integer(pagination, "page", &number, &error) < 0 ||
	    json_optional_integer(pagination, "next_page", 0, &next, &error) < 0 ||
	    json_optional_integer(pagination, "total_entries", -1, &total, &error) < 0 ||
	    add_items(collection, page, &error) < 0) {
		error.kind = ERROR_REMOTE;
		fail(collection, &error);
		return;
	}
	size_t count = json_array_size(collection->items);
	const char *wrong = contradiction(collection, number, next, total);
	collection->total = total;
	if (wrong) {
		error_set(&error, ERROR_REMOTE, 0, "the list of %s is unusable: %s; try again", collection->name,
			  wrong);
		fail(collection, &error);
	} else if (next) {
		collection->page = next;
		ask_page(collection);
	} else if (total >= 0 && (size_t)total != count) {
		error_set(&error, ERROR_REMOTE, 0, "the list of %s has %zu entries and should have %lld; try again",
			  collection->name, count, (long long)total);
		fail(collection, &error);
	} else {
		struct api_reply whole = { .status = reply->status };
		finish(collection, &whole);
	}
}

static void ask_page(struct collection *collection)
{
	AUTO_TEXT struct text path;
	text_init(&path, 8192);
	text_addf(&path, "%s%cpage=%lld&per_page=%d", collection->path, strchr(collection->path, '?') ? '&' : '?',
		  (long long)collection->page, PER_PAGE);
	client_request(collection->client, "GET", text_string(&path), NULL, on_page, NULL, collection);
}

void client_collect(struct client *client, const char *path, const char *name, collection_done_fn *done,
		    api_drop_fn *drop, void *data)
{
	struct collection *collection = memory_new(sizeof(*collection));
	*collection = (struct collection){ .client = client,
					   .next = client->collections,
					   .path = memory_copy_string(path),
					   .name = name,
					   .items = json_array(),
					   .seen = json_object(),
					   .page = 1,
					   .done = done,
					   .drop = drop,
					   .data = data };
	client->collections = collection;
	ask_page(collection);
}
