#ifndef AUDIT_OBSERVED_H
#define AUDIT_OBSERVED_H
/* What is there: at Hetzner, and in the state directory. Filled by whoever looks; released here. */
#include "base/arguments.h"
#include "cloud/cloud.h"

/* A look by id at a server that is recorded and not in the list. */
struct server_look {
	int64_t id;
	enum presence presence;
	struct cloud_server server; /* when present */
};

/* Names below the state directory that were there before and after the look at Hetzner: what is only
 * in the middle of being done is not among them. */
struct observed_files {
	struct arguments folders;               /* ids of instances/<id> */
	struct arguments locks;                 /* ids of locks/<id> */
	struct arguments pinned;                /* ids of instances/<id>/known_hosts */
	struct arguments temporaries;           /* "<folder>/<name>" that file_replace() left */
	bool operator_key, operator_public_key; /* the two files below keys/ are there */
	char operator_print[48];                /* MD5 fingerprint of the public one; "": not known */
};

struct observed {
	bool anchor_seen;             /* the fleet's firewall, by id and label; false: the project lacks it */
	struct cloud_server *servers; /* all of the project, complete */
	size_t server_count;
	struct server_look *looks;
	size_t look_count;
	struct cloud_firewall *firewalls;
	size_t firewall_count;
	struct cloud_ssh_key *ssh_keys;
	size_t ssh_key_count;
	struct cloud_primary_ip *primary_ips;
	size_t primary_ip_count;
	struct cloud_snapshot *snapshots;
	size_t snapshot_count;
	struct cloud_price_row *prices;
	size_t price_count;
	char currency[8];
	struct observed_files files;
};

void observed_release(struct observed *observed);

const struct cloud_server *observed_server(const struct observed *observed, int64_t id); /* by list or look, or NULL */

const struct cloud_firewall *observed_firewall(const struct observed *observed, int64_t id); /* or NULL */

/* The fleet's isolating firewall, if it does isolate; 0: there is none. After a loss of the state its label tells. */
int64_t observed_isolation(const struct observed *observed, const char *fleet);
/* The server has that one and no other, whatever is recorded. */
bool observed_is_cut_off(const struct observed *observed, const char *fleet, const struct cloud_server *server);

/* What it costs a month in millionths, or MONEY_UNKNOWN. */
int64_t observed_price(const struct observed *observed, const char *item, const char *location);
int64_t observed_server_price(const struct observed *observed, const struct cloud_server *server); /* and its IPv4 */
#endif
