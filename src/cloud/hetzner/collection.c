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
	struct pages pages;
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
	pages_release(&collection->pages);
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
	collection->done(collection->client, collection->data, reply, reply->error ? NULL : collection->pages.items);
	collection_free(collection);
}

static void ask_page(struct collection *collection);

static void on_page(struct client *client, void *data, const struct api_reply *reply)
{
	struct collection *collection = data;
	struct error error = ERROR_INIT;
	struct api_reply whole = { .status = reply->status };
	(void)client;
	if (reply->error) {
		finish(collection, reply);
	} else if (pages_take(&collection->pages, reply->document, &error) < 0) {
		whole.error = &error;
		finish(collection, &whole);
	} else if (collection->pages.page) {
		ask_page(collection);
	} else {
		finish(collection, &whole);
	}
}

static void ask_page(struct collection *collection)
{
	AUTO_TEXT struct text path = TEXT_INIT(8192);
	text_addf(&path, "%s%cpage=%lld&per_page=%d", collection->path, strchr(collection->path, '?') ? '&' : '?',
		  (long long)collection->pages.page, PER_PAGE);
	client_request(collection->client, "GET", text_string(&path), NULL, on_page, NULL, collection);
}

void client_collect(struct client *client, const char *path, const char *name, collection_done_fn *done,
		    api_drop_fn *drop, void *data)
{
	struct collection *collection = memory_new(sizeof(*collection));
	*collection = (struct collection){ .client = client,
					   .next = client->collections,
					   .path = memory_copy_string(path),
					   .done = done,
					   .drop = drop,
					   .data = data };
	pages_init(&collection->pages, name);
	client->collections = collection;
	ask_page(collection);
}
