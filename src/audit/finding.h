#ifndef AUDIT_FINDING_H
#define AUDIT_FINDING_H
/*
 * What is not as it should be. Each kind is a row of one table: how bad it is, what it
 * means, and what would mend it. A finding is one case of it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/money.h"
#include "instance/record.h"

enum severity { SEVERITY_NOTICE = 0, SEVERITY_WARNING, SEVERITY_CRITICAL };

/* What can be done about it by ccc itself. */
enum fix {
	FIX_NONE = 0,
	FIX_END,         /* give it a record whose goal is gone, and bring it there */
	FIX_RESTORE,     /* put the record back that the history has */
	FIX_ADOPT,       /* make a record from the labels */
	FIX_ACCEPT,      /* let an adopted machine end at its label's expiry: only on the operator's word */
	FIX_ISOLATE,     /* give a firewall the rules with which it cuts off */
	FIX_RULES,       /* the same of one that somebody may have changed on purpose, or with which others would be */
	FIX_REGISTER,    /* make what the fleet has once at Hetzner anew */
	FIX_PIN,         /* write known_hosts from the record */
	FIX_REMOVE,      /* a folder of an instance that ended */
	FIX_REMOVE_LOCK, /* a lease file that nobody holds */
	FIX_SWEEP,       /* temporary files of a crash */
	FIX_COUNT
};

enum finding_kind {
	/* servers */
	FINDING_LEAKED_SERVER,
	FINDING_UNRECORDED_SERVER,
	FINDING_UNEXPLAINED_SERVER,
	FINDING_DUPLICATE_SERVER,
	FINDING_UNDELETED_SERVER,
	FINDING_VANISHED_SERVER,
	FINDING_RELABELLED_SERVER,
	FINDING_RENAMED_SERVER,
	FINDING_PROTECTED_SERVER,
	FINDING_SERVER_OFF,
	FINDING_CHANGED_ADDRESS,
	FINDING_RESCALED_SERVER,
	FINDING_STALE_LABEL,
	FINDING_OPEN_SERVER,
	FINDING_CUT_OFF_SERVER,
	FINDING_SUSPENSION_PENDING,
	FINDING_ADOPTED,
	FINDING_ADOPTED_OVERDUE,
	/* the rest of the project */
	FINDING_ANCHOR_MISSING,
	FINDING_RELABELLED_ANCHOR,
	FINDING_LEAKY_ISOLATION,
	FINDING_CHANGED_ANCHOR,
	FINDING_SPARE_FIREWALL,
	FINDING_OPERATOR_KEY_MISSING,
	FINDING_SPARE_SSH_KEY,
	FINDING_IDLE_ADDRESS,
	FINDING_KEPT_SNAPSHOT,
	/* the state */
	FINDING_CONTRADICTION,
	FINDING_SHORT_TIME,
	FINDING_TWIN_RECORDS,
	FINDING_LOST_RECORD,
	FINDING_STALE_STATE,
	FINDING_EDITED_RECORD,
	FINDING_SHORT_HISTORY,
	FINDING_OPERATOR_FILE_MISSING,
	FINDING_OPERATOR_KEY_DIFFERS,
	FINDING_KNOWN_HOSTS_MISSING,
	FINDING_STRAY_FOLDER,
	FINDING_STRAY_LOCK,
	FINDING_STRAY_TEMPORARY,
	/* time (health) */
	FINDING_STALE_SWEEP,
	FINDING_UNCOMPARED_STATE,
	FINDING_UNENDED_SWEEP,
	FINDING_STUCK,
	FINDING_FAILING,
	FINDING_WAITING,
	FINDING_OVERDUE,
	FINDING_CLOCK_BEHIND,
	FINDING_DISK_FULL,
	FINDING_RATE_LIMIT,
	FINDING_SETTINGS,
	FINDING_KIND_COUNT
};

struct finding_rule {
	const char *name; /* "leaked-server" */
	enum severity severity;
	const char *explanation; /* one line */
	enum fix fix;            /* unless a case of it can't be mended safely */
};

struct fix_rule {
	const char *text; /* what it would do */
	bool safe;        /* proven: needs nobody's word */
};

extern const struct finding_rule finding_rules[FINDING_KIND_COUNT];
extern const struct fix_rule fix_rules[FIX_COUNT];

enum thing { THING_NONE = 0, THING_SERVER, THING_PRIMARY_IP, THING_SSH_KEY, THING_FIREWALL, THING_SNAPSHOT };
const char *thing_name(enum thing thing); /* "server", "primary IP" */

struct finding {
	enum finding_kind kind;
	enum severity severity;
	enum fix fix;
	char instance[INSTANCE_ID_SIZE]; /* or "" */
	enum thing thing;                /* at Hetzner, with its id; or THING_NONE */
	int64_t id;
	int64_t monthly;  /* what the thing costs, in millionths; MONEY_UNKNOWN */
	char name[128];   /* of the file that FIX_REMOVE and the like are about, below the state directory */
	char detail[384]; /* this case */
	char advice[384]; /* what a person can do, where ccc can't; or "" */
};

struct findings {
	struct finding *items;
	size_t count;
};

#define FINDINGS_INIT { NULL, 0 }

/* Adds one of the kind's severity and fix. The pointer lasts until the next is added. */
struct finding *findings_add(struct findings *findings, enum finding_kind kind, const char *instance,
			     const char *format, ...) __attribute__((format(printf, 4, 5)));
void finding_about(struct finding *finding, enum thing thing, int64_t id, int64_t monthly);
void finding_advise(struct finding *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Adds, when the label of what it is about is not as it should be ("": not there), the command that mends it: one label
 * a command, as older versions of hcloud take no more. */
void finding_advise_label(struct finding *finding, const char *key, const char *is, const char *should);
void findings_release(struct findings *findings);

/* The worst first; those of one severity stay in their order. */
void findings_sort(struct findings *findings);

/* What all of it costs a month, each thing once; *ret_unknown of them have no known price. */
int64_t findings_monthly(const struct findings *findings, size_t *ret_unknown);
#endif
