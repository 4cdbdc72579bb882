#ifndef CLOUD_HETZNER_CLIENT_H
#define CLOUD_HETZNER_CLIENT_H
/* What the files of this folder share. */
#include <jansson.h>

#include "cloud/cloud.h"
#include "cloud/hetzner/decode.h"
#include "cloud/hetzner/hetzner.h"
#include "cloud/hetzner/pages.h"
#include "net/http.h"

#define REBUILD "/actions/rebuild" /* after a server's path */

struct client {
	struct cloud cloud; /* first: a struct cloud * is a struct client * */
	struct loop *loop;
	struct http_client *http;
	char *endpoint, *token;
	int64_t timeout_ms;       /* of one request */
	int64_t date;             /* of the newest answer, -1: none came; */
	int64_t date_at_ms;       /* and when it came, by the clock that never steps */
	int64_t rate_limit;       /* requests an hour, as the newest answer says; -1 unknown */
	int64_t rate_remaining;   /* as the newest answer says, less what was sent since; -1 unknown */
	int64_t rate_slot_ms;     /* when the last request that was held back goes out */
	hetzner_wait_fn *on_wait; /* NULL: nobody is told of waits; */
	void *on_wait_data;
	int64_t wait_told_ms; /* when somebody was last; 0: never */
	struct request *requests;
	struct collection *collections;
	struct list_waiter *list_waiters; /* wait for the next shared list to begin */
	struct timer *list_timer;
	struct action_waiter *action_waiters;
	struct timer *poll_timer;
	int64_t poll_delay_ms;
	bool poll_round; /* some waiters were asked about, the others are next */
	bool polling;    /* a request is under way */
};

struct client *client_of(struct cloud *cloud);

/* One call of the API, with retries where they are safe. `document` is NULL on error
 * and for an empty answer; borrowed for the call. */
struct api_reply {
	const struct error *error;
	bool maybe_done;
	int status;
	const json_t *document;
};
typedef void api_done_fn(struct client *client, void *data, const struct api_reply *reply);

typedef void api_drop_fn(void *data);

/* `path` starts with '/', after the endpoint. `body` may be NULL; it is not kept. `data` belongs to `done`, or
 * to `drop` (NULL: nobody's) when the client is freed first. */
void client_request(struct client *client, const char *method, const char *path, const json_t *body, api_done_fn *done,
		    api_drop_fn *drop, void *data);
void client_drop_requests(struct client *client);

/* All pages of a list: `path` may hold a query. `items` is the whole array of member
 * `name`; an inconsistent list is an error, as half a list proves nothing (P3). */
typedef void collection_done_fn(struct client *client, void *data, const struct api_reply *reply, const json_t *items);
void client_collect(struct client *client, const char *path, const char *name, collection_done_fn *done,
		    api_drop_fn *drop, void *data);
void client_drop_collections(struct client *client);

/* Answers a caller of cloud.h; and one that carries only an error. */
void client_answer_error(cloud_done_fn *done, void *data, const struct error *error, bool maybe_done);

/* Answers it with the actions that a POST began. `data` is a struct caller *. */
void client_on_actions(struct client *client, void *data, const struct api_reply *reply);

/* What every call of cloud.h is given. Freed by who answers. */
struct caller {
	cloud_done_fn *done;
	void *data;
	int64_t id;     /* what was asked for, when by id */
	char name[256]; /* and when by name or fingerprint */
};
struct caller *caller_new(cloud_done_fn *done, void *data);

/* servers.c, actions.c, fleet_list.c, registry.c, attachments.c, project.c: entries of the driver */
void client_create_server(struct cloud *cloud, const struct cloud_order *order, cloud_done_fn *done, void *data);
void client_get_server(struct cloud *cloud, int64_t id, cloud_done_fn *done, void *data);
void client_find_server(struct cloud *cloud, const char *name, cloud_done_fn *done, void *data);
void client_delete_server(struct cloud *cloud, int64_t id, cloud_done_fn *done, void *data);
void client_rebuild_server(struct cloud *cloud, int64_t id, const char *image, cloud_done_fn *done, void *data);
void client_label_server(struct cloud *cloud, int64_t id, const struct cloud_labels *labels, cloud_done_fn *done,
			 void *data);
void fleet_list(struct cloud *cloud, const char *fleet, cloud_done_fn *done, void *data);
void fleet_list_drop(struct client *client);
void actions_wait(struct cloud *cloud, const int64_t *ids, size_t count, cloud_done_fn *done, void *data);
void actions_drop(struct client *client);
void registry_get_firewall(struct cloud *cloud, int64_t id, cloud_done_fn *done, void *data);
void registry_list_firewalls(struct cloud *cloud, const char *fleet, cloud_done_fn *done, void *data);
void registry_create_firewall(struct cloud *cloud, const char *name, const char *fleet, cloud_done_fn *done,
			      void *data);
void registry_find_ssh_key(struct cloud *cloud, const char *fingerprint, cloud_done_fn *done, void *data);
void registry_create_ssh_key(struct cloud *cloud, const char *name, const char *fleet, const char *public_key,
			     cloud_done_fn *done, void *data);
void registry_create_isolation(struct cloud *cloud, const char *name, const char *fleet, cloud_done_fn *done,
			       void *data);
void registry_set_rules(struct cloud *cloud, int64_t id, const char *role, cloud_done_fn *done, void *data);
void attachments_apply(struct cloud *cloud, int64_t firewall, int64_t server, cloud_done_fn *done, void *data);
void attachments_remove(struct cloud *cloud, int64_t firewall, int64_t server, cloud_done_fn *done, void *data);
void catalogue_list(struct cloud *cloud, cloud_done_fn *done, void *data);
void project_list_ssh_keys(struct cloud *cloud, cloud_done_fn *done, void *data);
void project_list_primary_ips(struct cloud *cloud, cloud_done_fn *done, void *data);
void project_list_snapshots(struct cloud *cloud, cloud_done_fn *done, void *data);
void project_list_prices(struct cloud *cloud, cloud_done_fn *done, void *data);
#endif
