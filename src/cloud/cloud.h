#ifndef CLOUD_CLOUD_H
#define CLOUD_CLOUD_H
/*
 * What ccc asks of a cloud, in the words of the Hetzner Cloud API, independent of
 * how it is asked (hetzner/ speaks REST). Every call is asynchronous: `done` comes
 * once, from loop_turn(), with a reply that is borrowed for the call. Freeing the
 * cloud drops what is under way; nothing is called back then.
 *
 * A driver retries what is safe to retry by itself (with back-off, obeying the rate
 * limit); what reaches `done` as an error is final for this attempt.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* P3: a look-up has three answers. Only a 404 to a GET by id, or a complete list
 * that lacks the thing, is ABSENT; every failure is UNKNOWN. */
enum presence { PRESENCE_UNKNOWN = 0, PRESENCE_PRESENT, PRESENCE_ABSENT };

#define CLOUD_LABEL_SIZE    64
#define CLOUD_ROLE_ISOLATED "isolated"

/* The labels by which ccc knows its own; "" when missing. */
struct cloud_labels {
	char managed_by[CLOUD_LABEL_SIZE]; /* managed-by, "ccc" on all of ours */
	char fleet[CLOUD_LABEL_SIZE];      /* ccc-fleet */
	char instance[CLOUD_LABEL_SIZE];   /* ccc-instance */
	char nonce[CLOUD_LABEL_SIZE];      /* ccc-nonce */
	char expires[CLOUD_LABEL_SIZE];    /* ccc-expires, unix seconds in decimal */
	char role[CLOUD_LABEL_SIZE];       /* ccc-role, of firewalls: "" the anchor, or CLOUD_ROLE_ISOLATED */
};

struct cloud_attachment { /* of a firewall to a server */
	int64_t firewall;
	bool pending; /* on its way; rules of all that are applied add up */
};

#define CLOUD_ATTACHMENTS_MAXIMUM 8 /* Hetzner's is 5 */

struct cloud_server {
	int64_t id;
	char name[256];
	char status[24]; /* initializing, starting, running, off, deleting, ... */
	char ipv4[16];
	char ipv6[64];            /* the network: "2001:db8::/64" */
	int64_t ipv4_id, ipv6_id; /* primary IPs made with it; 0 when none */
	char type[32], location[32];
	int64_t created; /* unix seconds */
	bool delete_protected;
	struct cloud_labels labels;
	struct cloud_attachment attachments[CLOUD_ATTACHMENTS_MAXIMUM];
	size_t attachment_count;
};

#define CLOUD_RULES_SIZE 240

struct cloud_firewall {
	int64_t id;
	char name[130];
	struct cloud_labels labels;
	char changes[CLOUD_RULES_SIZE]; /* how its rules are others than those that ccc gives its role; "": they are not
					 */
};

struct cloud_ssh_key {
	int64_t id;
	char name[130];
	char fingerprint[48]; /* MD5, colon-separated hex */
	struct cloud_labels labels;
};

struct cloud_primary_ip {
	int64_t id;
	char ip[64];  /* of IPv6 the network: "2001:db8::/64" */
	char type[8]; /* "ipv4", "ipv6" */
	char location[32];
	int64_t assignee; /* the server that has it; 0: none */
	struct cloud_labels labels;
};

struct cloud_snapshot {
	int64_t id;
	char description[128];
	int64_t size_mb; /* thousandths of a GB; what is billed. 0 until it is made */
	struct cloud_labels labels;
};

struct cloud_price { /* decimal strings as the API gives them, net */
	char hourly[24], monthly[24];
};

/* One server type in one location: a row of the live catalogue. */
struct cloud_offer {
	char type[32], location[32];
	char architecture[8]; /* "x86", "arm" */
	int cores;
	double memory_gb;
	int disk_gb;
	bool available;           /* a hint only: the create call decides */
	bool orderable;           /* false: deprecated here and past its unavailable_after */
	struct cloud_price price; /* of the server; its IPv4 costs extra */
};

/* What one thing costs a month, net, as a decimal string. */
struct cloud_price_row {
	char item[32];     /* a server type, CLOUD_ITEM_IPV4, or CLOUD_ITEM_SNAPSHOT: a GB of one */
	char location[32]; /* "": the same everywhere */
	char monthly[24];
};
#define CLOUD_ITEM_IPV4     "ipv4"
#define CLOUD_ITEM_SNAPSHOT "snapshot"

struct cloud_order {
	const char *name, *type, *location, *image;
	const char *user_data;
	const int64_t *ssh_keys;
	size_t ssh_key_count;
	int64_t firewall;
	struct cloud_labels labels;
};

struct cloud_reply {
	const struct error *error; /* NULL: it worked */
	/* The request may have had its effect although *error came back (lost answer). */
	bool maybe_done;
	enum presence presence;             /* of look-ups; UNKNOWN whenever error is set */
	const struct cloud_server *servers; /* create, get, find: one when present; list: all */
	size_t server_count;
	const struct cloud_firewall *firewalls;
	size_t firewall_count;
	const struct cloud_ssh_key *ssh_keys;
	size_t ssh_key_count;
	const struct cloud_offer *offers;
	size_t offer_count;
	const int64_t *actions; /* to be waited for (create: the action and the next actions) */
	size_t action_count;
	int64_t created_id; /* of a created firewall or SSH key */
	const struct cloud_primary_ip *primary_ips;
	size_t primary_ip_count;
	const struct cloud_snapshot *snapshots;
	size_t snapshot_count;
	const struct cloud_price_row *prices;
	size_t price_count;
	const char *currency; /* of the prices: "EUR"; "?" where the driver can't tell */
};

typedef void cloud_done_fn(void *data, const struct cloud_reply *reply);

struct cloud;

struct cloud_driver {
	void (*create_server)(struct cloud *, const struct cloud_order *, cloud_done_fn *, void *);
	void (*get_server)(struct cloud *, int64_t id, cloud_done_fn *, void *);
	void (*find_server)(struct cloud *, const char *name, cloud_done_fn *, void *);
	void (*list_servers)(struct cloud *, const char *fleet, cloud_done_fn *, void *);
	void (*delete_server)(struct cloud *, int64_t id, cloud_done_fn *, void *);
	void (*label_server)(struct cloud *, int64_t id, const struct cloud_labels *, cloud_done_fn *, void *);
	void (*wait_actions)(struct cloud *, const int64_t *ids, size_t count, cloud_done_fn *, void *);
	void (*get_firewall)(struct cloud *, int64_t id, cloud_done_fn *, void *);
	void (*list_firewalls)(struct cloud *, const char *fleet, cloud_done_fn *, void *);
	void (*create_firewall)(struct cloud *, const char *name, const char *fleet, cloud_done_fn *, void *);
	void (*find_ssh_key)(struct cloud *, const char *fingerprint, cloud_done_fn *, void *);
	void (*create_ssh_key)(struct cloud *, const char *name, const char *fleet, const char *public_key,
			       cloud_done_fn *, void *);
	void (*list_offers)(struct cloud *, cloud_done_fn *, void *);
	bool (*clock_offset)(const struct cloud *, int64_t *ret_seconds);
	void (*free)(struct cloud *);
	void (*create_isolation)(struct cloud *, const char *name, const char *fleet, cloud_done_fn *, void *);
	void (*apply_firewall)(struct cloud *, int64_t firewall, int64_t server, cloud_done_fn *, void *);
	void (*remove_firewall)(struct cloud *, int64_t firewall, int64_t server, cloud_done_fn *, void *);
	void (*list_ssh_keys)(struct cloud *, cloud_done_fn *, void *);
	void (*list_primary_ips)(struct cloud *, cloud_done_fn *, void *);
	void (*list_snapshots)(struct cloud *, cloud_done_fn *, void *);
	void (*list_prices)(struct cloud *, cloud_done_fn *, void *);
	bool (*rate_limit)(const struct cloud *, int64_t *ret_remaining, int64_t *ret_limit);
	void (*set_rules)(struct cloud *, int64_t firewall, const char *role, cloud_done_fn *, void *);
	void (*rebuild_server)(struct cloud *, int64_t id, const char *image, cloud_done_fn *, void *);
};

struct cloud {
	const struct cloud_driver *driver;
};

/* POST /servers, sent exactly once: never retried inside, as only the caller knows
 * what is durable. maybe_done tells a lost answer from a refusal. Error codes that
 * matter: uniqueness_error (409), resource_unavailable (412), placement_error and
 * invalid_input (422), resource_limit_exceeded (403). */
void cloud_create_server(struct cloud *cloud, const struct cloud_order *order, cloud_done_fn *done, void *data);

/* GET /servers/{id}. */
void cloud_get_server(struct cloud *cloud, int64_t id, cloud_done_fn *done, void *data);

/* GET /servers?name=: names are unique in a project. */
void cloud_find_server(struct cloud *cloud, const char *name, cloud_done_fn *done, void *data);

/* All servers with our fleet label, every page, or an error. Callers that ask
 * before the request was sent share one; nobody gets a list begun before they asked.
 * Each page's label selector is "managed-by=ccc,ccc-fleet=<fleet>". With fleet NULL it
 * is every server of the project: to be counted and compared, never to be acted on. */
void cloud_list_servers(struct cloud *cloud, const char *fleet, cloud_done_fn *done, void *data);

/* DELETE /servers/{id}: gives the action; a 404 gives presence ABSENT and no error. */
void cloud_delete_server(struct cloud *cloud, int64_t id, cloud_done_fn *done, void *data);

/* PUT /servers/{id}: replaces the labels by ours (there are no others on ours). */
void cloud_label_server(struct cloud *cloud, int64_t id, const struct cloud_labels *labels, cloud_done_fn *done,
			void *data);

/* POST /servers/{id}/actions/rebuild: all that is on its disk is lost. Address, labels, firewalls and user data stay,
 * so its first boot is as it was after the create. Gives the action. Sent exactly once, as a create is: maybe_done
 * tells a lost answer from a refusal. */
void cloud_rebuild_server(struct cloud *cloud, int64_t id, const char *image, cloud_done_fn *done, void *data);

/* Done when all actions succeeded, or one failed (error code of the action), or
 * they can't be observed for good. One GET /actions?id=..&id=.. polls every waiting
 * action of the process. Count 0 is done at once (from the next turn). */
void cloud_wait_actions(struct cloud *cloud, const int64_t *ids, size_t count, cloud_done_fn *done, void *data);

/* The anchor (P3) is the fleet's shared firewall. A list holds every firewall of the fleet, see their
 * roles; fleet NULL: those of the whole project. */
void cloud_get_firewall(struct cloud *cloud, int64_t id, cloud_done_fn *done, void *data);
void cloud_list_firewalls(struct cloud *cloud, const char *fleet, cloud_done_fn *done, void *data);

/* POST /firewalls with the rules of the fleet: TCP 22 and ICMP in; out everything
 * but private and reserved ranges and TCP 25. Gives created_id. */
void cloud_create_firewall(struct cloud *cloud, const char *name, const char *fleet, cloud_done_fn *done, void *data);

void cloud_find_ssh_key(struct cloud *cloud, const char *fingerprint, cloud_done_fn *done, void *data);
void cloud_create_ssh_key(struct cloud *cloud, const char *name, const char *fleet, const char *public_key,
			  cloud_done_fn *done, void *data);

/* The catalogue: every server type in every location where it is listed. */
void cloud_list_offers(struct cloud *cloud, cloud_done_fn *done, void *data);

/* POST /firewalls with the label of CLOUD_ROLE_ISOLATED and rules by which nothing gets in or
 * out. Gives created_id; that it has its rules is seen by looking. */
void cloud_create_isolation(struct cloud *cloud, const char *name, const char *fleet, cloud_done_fn *done, void *data);

/* Gives a firewall the rules that it was made with as one of this role: the actions. Sent exactly once. */
void cloud_set_rules(struct cloud *cloud, int64_t firewall, const char *role, cloud_done_fn *done, void *data);

/* Puts a firewall on a server, or takes it off: gives the actions. Sent exactly once. A
 * 422 firewall_already_applied says that there was nothing to do. */
void cloud_apply_firewall(struct cloud *cloud, int64_t firewall, int64_t server, cloud_done_fn *done, void *data);
void cloud_remove_firewall(struct cloud *cloud, int64_t firewall, int64_t server, cloud_done_fn *done, void *data);
/* Everything of its kind in the project, whoever made it. */
void cloud_list_ssh_keys(struct cloud *cloud, cloud_done_fn *done, void *data);
void cloud_list_primary_ips(struct cloud *cloud, cloud_done_fn *done, void *data);
void cloud_list_snapshots(struct cloud *cloud, cloud_done_fn *done, void *data);

/* What servers, IPv4 addresses and snapshots cost this account a month: prices, currency. */
void cloud_list_prices(struct cloud *cloud, cloud_done_fn *done, void *data);

/* Local time minus the API's, both as of now: the newest Date header, and what passed since by a
 * clock that nobody sets; false when none was seen (P8). */
bool cloud_clock_offset(const struct cloud *cloud, int64_t *ret_seconds);

/* How many requests the newest answer left of how many an hour; false when none said so. */
bool cloud_rate_limit(const struct cloud *cloud, int64_t *ret_remaining, int64_t *ret_limit);

void cloud_free(struct cloud *cloud); /* NULL is fine; not from inside a `done` */

/* managed-by=ccc and the fleet's id: what lacks either is somebody else's. */
bool cloud_is_of_fleet(const struct cloud_labels *labels, const char *fleet);

/* The firewall is on it, or on its way. */
bool cloud_server_has(const struct cloud_server *server, int64_t firewall);

/* It cuts off who has it alone: one of the fleet's, of that role, and with its rules. */
bool cloud_isolates(const struct cloud_firewall *firewall, const char *fleet);

/* The time in the label ccc-expires, as Unix time; 0: it says none that can be written down (after the year 9999). */
int64_t cloud_label_expiry(const struct cloud_labels *labels);

/* It is this instance's server: its name, and labels with managed-by=ccc, this fleet, instance and
 * nonce (P2). Labels alone can be copied to another server, names are unique in a project. */
bool cloud_server_matches(const struct cloud_server *server, const char *name, const char *fleet, const char *instance,
			  const char *nonce);
#endif
