#ifndef CLOUD_HCLOUD_CALL_H
#define CLOUD_HCLOUD_CALL_H
/* What the files of this folder share: running the program, and what came of it. */
#include "base/arguments.h"
#include "cloud/cloud.h"
#include "cloud/hcloud/hcloud.h"
#include "cloud/hcloud/transcript.h"
#include "system/child.h"

struct hcloud {
	struct cloud cloud; /* first: a struct cloud * is a struct hcloud * */
	struct loop *loop;
	char *guard, *path;
	struct arguments environment;
	int64_t timeout_ms;
	struct call *calls; /* in the order in which they were asked for */
	size_t running;
	struct timer *begin_timer;
	int64_t date, date_at_ms; /* of the newest answer, -1: none came; and when, by the clock that never steps */
	int64_t rate_limit, rate_remaining, rate_slot_ms;
	struct outcome *outcomes; /* of actions that did not succeed, as far as we know */
	struct action_wait *waits;
};

struct hcloud *hcloud_of(struct cloud *cloud);

/* When a call may be begun again by itself. */
enum call_kind {
	CALL_READ,       /* whenever that may help; and callers of the same in one turn of the loop share one */
	CALL_REPEATABLE, /* whenever that may help: doing it twice is doing it once */
	CALL_CREATE,     /* when the API was too busy to look at it */
	CALL_ORDER,      /* never */
};

struct call_reply {
	const struct error *error;
	bool maybe_done;
	bool absent;            /* an error that is a 404 not_found to the path that it is about */
	int status;             /* of the answer that decided, or 0 */
	const json_t *document; /* what answered the request that the call is about; NULL on error */
	const struct transcript *transcript;
	const struct call_order *order;
};
typedef void call_done_fn(struct hcloud *hcloud, void *data, const struct call_reply *reply);

typedef void call_drop_fn(void *data);

struct call_order {
	enum call_kind kind;
	const char *method;    /* of the request that the call is about; others prepare it, or wait for it: */
	char path[64];         /* how its path ends, without the query: "/servers/7" */
	const char *arguments; /* of the program, parted by single blanks */
	const char *argument;  /* one more that may hold blanks, or NULL */
	const char *input;     /* its standard input, or NULL; copied */
	call_done_fn *done;
	void *data;         /* belongs to `done`, */
	call_drop_fn *drop; /* or to this (NULL: free) when the driver is freed first */
};

void hcloud_call(struct hcloud *hcloud, const struct call_order *order);
void calls_drop(struct hcloud *hcloud);

/* judge.c: what a run of the program means. `last_word` is what it said at last, or "". */
struct verdict {
	struct call_reply reply;
	struct error error;              /* where reply.error points to */
	const struct exchange *exchange; /* the one that decided, or NULL */
	bool unanswered;                 /* it was sent, or the program failed before; nothing came back */
};
void judge(const struct call_order *order, const struct child_result *result, const char *last_word,
	   const struct transcript *transcript, struct verdict *ret);

/* Whether it is the request that the call is about. */
bool is_about(const struct call_order *order, const struct exchange *exchange);

/* Whose question a call is. */
struct asker {
	cloud_done_fn *done;
	void *data;
	int64_t id;
	char name[256];
};
struct asker *asker_new(cloud_done_fn *done, void *data);
void asker_answer_error(const struct asker *asker, const struct error *error, bool maybe_done);

/* Answers with the error, or, where there is none, with the reply. */
void asker_answer(const struct asker *asker, const struct error *error, const struct cloud_reply *reply);

/* Reads the thing ("server", "firewall") of this id. `data` and `drop` as in struct call_order. */
void hcloud_describe(struct hcloud *hcloud, const char *thing, int64_t id, call_done_fn *done, call_drop_fn *drop,
		     void *data);

/* Reads a list: its path, and the command that prints it ("server list"); of a fleet alone unless that is NULL. The
 * asker belongs to `read`. */
void hcloud_list(struct cloud *cloud, const char *path, const char *command, const char *fleet, call_done_fn *read,
		 struct asker *asker);

/* All pages of a list that a call brought: -1 when they don't make a whole one. Caller decrefs *ret. */
int reply_items(const struct call_reply *reply, const char *name, json_t **ret, struct error *err);

#define ACTIONS_MAXIMUM 16 /* that one answer names */

/* actions.c: remembers what became of the actions that the call started, and gives those that did not succeed. */
size_t actions_note(struct hcloud *hcloud, const struct call_reply *reply, int64_t *ret, size_t size);
/* Answers an asker, which it frees, with the actions that a change began. */
void actions_answer(struct hcloud *hcloud, void *data, const struct call_reply *reply);
void actions_drop_waits(struct hcloud *hcloud);

/* entries of the driver */
void servers_create(struct cloud *cloud, const struct cloud_order *order, cloud_done_fn *done, void *data);
void servers_get(struct cloud *cloud, int64_t id, cloud_done_fn *done, void *data);
void servers_find(struct cloud *cloud, const char *name, cloud_done_fn *done, void *data);
void servers_list(struct cloud *cloud, const char *fleet, cloud_done_fn *done, void *data);
void servers_delete(struct cloud *cloud, int64_t id, cloud_done_fn *done, void *data);
void servers_rebuild(struct cloud *cloud, int64_t id, const char *image, cloud_done_fn *done, void *data);
void servers_label(struct cloud *cloud, int64_t id, const struct cloud_labels *labels, cloud_done_fn *done, void *data);
void actions_wait_for(struct cloud *cloud, const int64_t *ids, size_t count, cloud_done_fn *done, void *data);
void firewalls_get(struct cloud *cloud, int64_t id, cloud_done_fn *done, void *data);
void firewalls_list(struct cloud *cloud, const char *fleet, cloud_done_fn *done, void *data);
void firewalls_create(struct cloud *cloud, const char *name, const char *fleet, cloud_done_fn *done, void *data);
void firewalls_create_isolation(struct cloud *cloud, const char *name, const char *fleet, cloud_done_fn *done,
				void *data);
void firewalls_set_rules(struct cloud *cloud, int64_t firewall, const char *role, cloud_done_fn *done, void *data);
void firewalls_apply(struct cloud *cloud, int64_t firewall, int64_t server, cloud_done_fn *done, void *data);
void firewalls_remove(struct cloud *cloud, int64_t firewall, int64_t server, cloud_done_fn *done, void *data);
void keys_find(struct cloud *cloud, const char *fingerprint, cloud_done_fn *done, void *data);
void keys_create(struct cloud *cloud, const char *name, const char *fleet, const char *public_key, cloud_done_fn *done,
		 void *data);
void keys_list(struct cloud *cloud, cloud_done_fn *done, void *data);
void project_primary_ips(struct cloud *cloud, cloud_done_fn *done, void *data);
void project_snapshots(struct cloud *cloud, cloud_done_fn *done, void *data);
void project_offers(struct cloud *cloud, cloud_done_fn *done, void *data);
void project_prices(struct cloud *cloud, cloud_done_fn *done, void *data);

/* Answers with the id of what a create made, member `name` of the answer. Frees the asker. */
void asker_answer_created(struct asker *asker, const struct call_reply *reply, const char *name);
#endif
