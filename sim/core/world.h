#ifndef SIM_CORE_WORLD_H
#define SIM_CORE_WORLD_H
/* What the simulated cloud consists of. Only core/ includes this; sim.h is the door. */
#include "core/bill.h"
#include "core/catalogue.h"
#include "core/faults.h"
#include "core/late.h"
#include "core/rate_limit.h"
#include "core/request_log.h"
#include "core/resource.h"
#include "core/sim.h"

#define TOKEN_LENGTH      64
#define ADDRESS_SIZE      16
#define FIREWALLS_MAXIMUM 5 /* a server */

enum server_status {
	SERVER_INITIALIZING,
	SERVER_STARTING,
	SERVER_RUNNING,
	SERVER_STOPPING,
	SERVER_OFF,
	SERVER_REBUILDING,
};

struct location {
	struct resource base;
	const struct location_row *row;
};

struct server_type {
	struct resource base;
	const struct type_row *row;
};

struct image {
	struct resource base;
	const struct image_row *row; /* of a system image; NULL: a snapshot or backup */
	/* of the others: */
	const struct image_row *origin;
	bool is_backup, available, delete_protected;
	char *description;
	int disk_gb;
	int64_t size_centi_gb; /* hundredths of a GB, known once available */
	int64_t created_from;
	char *created_from_name;
};

struct primary_ip {
	struct resource base;
	bool is_ipv6;
	char address[64];         /* "127.1.2.3", "2001:db8:1:2::/64" */
	char *reverse_name;       /* NULL: what the provider sets */
	char reverse_address[64]; /* of the one host of an IPv6 network that reverse_name is for */
	const struct location_row *location;
	int64_t server;
};

struct ssh_key {
	struct resource base;
	char *public_key;
	char fingerprint[48];
};

struct firewall {
	struct resource base;
	char *rules;        /* JSON, as answers show it */
	json_t *applied_to; /* [{"type": "server", "server": {"id": N}}, {"type": "label_selector", ...}] */
};

struct server {
	struct resource base;
	enum server_status status;
	const struct server_type *type;
	const struct location_row *location;
	const struct image_row *image_origin; /* what runs on it, whatever snapshot it came from */
	int64_t image;                        /* may be gone meanwhile */
	int64_t ipv4, ipv6;                   /* primary IPs, 0: none */
	int disk_gb;
	char *user_data;
	char **ssh_keys; /* the keys themselves: what was injected stays, even when the key object goes */
	size_t ssh_key_count;
	bool delete_protected, rebuild_protected, rescue, backup;
	bool starts;      /* when its creation is done */
	bool host_exists; /* a machine was booted for it */
	size_t locks;     /* actions under way that let no other one in */
};

struct project {
	size_t number;
	char token[TOKEN_LENGTH + 1];
	bool revoked; /* the token is no longer valid */
	struct rate_limit rate;
	struct resource_list servers, ssh_keys, firewalls, images, primary_ips, actions;
	struct resource_list running; /* the actions that have not ended */
};

/* An offer that is sold out, or whose `available` says so untruly. */
struct stock_row {
	const struct type_row *type;
	const struct location_row *location;
	bool available, shown;
};

struct sim {
	struct sim_options options;
	int64_t now_ms;    /* the simulator's clock */
	int64_t offset_ms; /* what was added to the caller's time */
	uint64_t random;
	int64_t last_id;
	uint32_t next_address;
	struct project *projects;
	struct rate_limit anonymous; /* requests without a valid token */
	struct resource_list locations, server_types, system_images;
	struct stock_row *stock;
	size_t stock_count;
	struct sim_host_event *events;
	size_t event_count, event_capacity, event_taken;
	struct bill bill;
	struct faults faults;
	struct late_requests late;
	struct request_log log;
};

int64_t sim_new_id(struct sim *sim);
uint64_t sim_random(struct sim *sim);
void sim_random_word(struct sim *sim, char *ret, size_t length); /* letters and digits, and a NUL */
int64_t sim_duration(const struct sim *sim, int64_t ms);         /* with the speed applied */
void sim_new_address(struct sim *sim, char ret[ADDRESS_SIZE]);   /* 127.x.y.z that was not given out before */
struct sim_host_event *sim_add_event(struct sim *sim, enum sim_host_event_kind kind, int64_t server_id);

/* How the offer stands just now: can it be had, and what does the catalogue say? */
struct stock_row sim_stock(const struct sim *sim, const struct type_row *type, const struct location_row *location);
#endif
