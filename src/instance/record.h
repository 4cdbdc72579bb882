#ifndef INSTANCE_RECORD_H
#define INSTANCE_RECORD_H
/*
 * The record of one instance: the request as bought, the facts seen since, and
 * the goal. Facts are only ever added; what is to be done next and the status
 * that people read are derived from them (lifecycle/steps.c, instance/status.h).
 * In the state file a record is an object whose first eight members are the
 * seed's; members that this version does not know are kept.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json_write.h"
#include "base/timestamp.h"

#define INSTANCE_ID_SIZE 7 /* six hex digits */
#define NONCE_SIZE       33
#define REFERENCE_SIZE   65

enum goal { GOAL_RUNNING = 0, GOAL_GONE };

struct record {
	/* the seed's members */
	char id[INSTANCE_ID_SIZE];
	char email[256];
	char server_name[16];
	char server_ip[16];   /* "" until the server was created */
	char server_type[16]; /* the size that was bought */
	int64_t created_at;   /* of the request */
	int64_t expires_at;   /* 0 until the machine was verified: the clock starts there */
	char status[16];      /* derived; written for readers of the file */

	/* the request */
	int64_t revision; /* counts the commits of this record */
	enum goal goal;
	char reason[16]; /* why the goal is gone: "deprovision", "expired", "failed", "abandoned" */
	char nonce[NONCE_SIZE];
	int64_t paid_seconds; /* all that was bought so far */
	json_t *payments;     /* [{"reference", "hours", "at"}] */
	json_t *ssh_keys;     /* ["type base64"], the user's */
	json_t *locations;    /* in the order to be tried */
	int64_t give_up_at;   /* an unfinished provision is undone after this */
	bool keep_on_failure;

	/* facts; 0 or "" means: not yet */
	char host_key[128];           /* public half of the lasting host key */
	char bootstrap_host_key[128]; /* public half of the one planted through cloud-init */
	int64_t create_sent_at;       /* last time that the create request was about to be sent */
	bool resent;                  /* it was sent again although an earlier one may still take effect */
	char built_type[32];          /* the server type that was asked for */
	char location[32];
	int64_t server_id;
	char server_ipv6[64];
	int64_t primary_ipv4_id, primary_ipv6_id;
	int64_t label_expires_at; /* what the server's label says: an upper bound */
	int64_t reachable_at;
	int64_t evaluated_at; /* the box, with this instance's parameters */
	bool takes_user_data; /* the box has them from there; false: they are built in */
	int64_t built_at;
	char system_path[256], disko_path[256];
	int64_t install_started_at, installed_at;
	int64_t kexec_failed_at; /* the kexec came back in the base system: it is rebuilt, once */
	int64_t rebuild_sent_at; /* the rebuild request was about to be sent */
	int64_t rebuilt_at;
	int64_t rotated_at; /* the box was seen to have its lasting host key, which was not built in */
	int64_t verified_at;
	int64_t box_expires_at; /* what was read back from the box */
	int64_t failed_at;
	char failed_step[16];
	char failure[512];
	int64_t attempts;            /* runs that failed since the last progress, */
	char last_error[512];        /* why the newest one did, */
	int64_t retry_at;            /* and when `reap` tries again */
	int64_t keep_until;          /* a failed instance kept for a look is undone after this */
	int64_t deleting_at;         /* the point of no return */
	int64_t missing_at;          /* first complete list without a server whose create was never answered */
	int64_t delete_confirmed_at; /* the delete's action succeeded, or the id answered 404 */
	int64_t deleted_at;          /* absence is proven */
	json_t *box_ssh_keys;        /* those of the user that the box takes: built in, later read back from it */
	int64_t suspended_at;        /* the operator wants the network cut since then; 0: it is to be as usual */
	char suspend_reason[256];
	int64_t isolation_began_at; /* from here on the firewalls may be others than usual, until seen to be usual */
	int64_t isolated_at;        /* the network was seen to be cut */
	/* Rebuilt from a server's labels after the record was lost: what labels don't say (e-mail, payments, keys,
	 * host key) is unknown, and expires_at is what the label says: the latest that it can have been. */
	int64_t adopted_at;
	int64_t accepted_at; /* the operator said that it goes on, or ends, like any other (instance/adoption.h) */

	json_t *unknown; /* members of other versions, kept as they are */
};

void record_init(struct record *record);
void record_release(struct record *record);
/* ret is released by the caller. The two share their JSON values, which therefore are never changed in
 * place: who changes one puts a new value there. */
void record_copy(struct record *ret, const struct record *record);

/* Reads a member of "instances". The id is the member's name and must match. */
int record_from_json(const char *id, const json_t *object, struct record *ret, struct error *err);
json_t *record_to_json(const struct record *record); /* new reference; empty facts are left out */

/* The same straight to text, as one value. */
void record_write(const struct record *record, struct json_writer *writer);
/* The members whose value differs, as one object; those that are gone are null. The revision always
 * differs and is left out. `before` may be NULL: the record is new. */
void record_write_changes(const struct record *before, const struct record *after, struct json_writer *writer);

/* Appends a payment, and its hours to paid_seconds. */
void record_add_payment(struct record *record, const char *reference, int64_t hours, int64_t at);

struct payment {
	int64_t hours;
	char at[TIMESTAMP_SIZE]; /* when it was counted, as the file says it */
};

/* A payment with this reference was counted already; NULL and "" are never found. */
bool record_has_payment(const struct record *record, const char *reference, struct payment *ret);
#endif
