#ifndef DRILL_ERRAND_H
#define DRILL_ERRAND_H
/*
 * What an operator types, as the product does it below its command line: one
 * process each. commands/ itself only reads words and prints.
 */
#include "process.h"

enum errand_kind {
	ERRAND_INIT,
	ERRAND_PROVISION,
	ERRAND_EXTEND,
	ERRAND_END,
	ERRAND_RESUME,
	ERRAND_REAP,
	ERRAND_ADD_KEY, /* a second one of the user */
	ERRAND_REMOVE_KEY,
	ERRAND_SUSPEND,
	ERRAND_UNSUSPEND,
	ERRAND_FSCK,     /* --fix */
	ERRAND_FSCK_YES, /* --fix --yes */
	ERRAND_ADOPT,    /* init --adopt --fleet ID */
	ERRAND_HEALTH,   /* after cron was dead for `hours` */
	ERRAND_KINDS
};

struct errand {
	enum errand_kind kind;
	unsigned user; /* whose: user7@example.com */
	int64_t hours; /* PROVISION, EXTEND, HEALTH */
	char reference[24];
	bool keep;      /* PROVISION --keep-on-failure */
	size_t project; /* whose token is used: 0 is the fleet's */
};

const char *errand_name(enum errand_kind kind); /* "fsck --fix" */
bool errand_is_of_user(enum errand_kind kind);

/* Starts it; the errand is copied. */
struct process *errand_start(struct world *world, const struct errand *errand, const struct mishap *mishap);

/* The instance of that user as the state has it now; false: none. */
bool errand_find_user(const struct world *world, unsigned user, char ret[8]);
#endif
