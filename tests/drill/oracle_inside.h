#ifndef DRILL_ORACLE_INSIDE_H
#define DRILL_ORACLE_INSIDE_H
/* What the parts of the oracle share. */
#include "cloud_things.h"
#include "cloud_view.h"
#include "evidence.h"
#include "instance/record.h"
#include "oracle.h"

/* Times are recorded in whole seconds, and clocks of ours and Hetzner's are compared in them. */
#define ROUNDING_MS 2000

/* The newest failed one at an instance. */
struct attempt {
	int64_t number;  /* of them in a row; 0: none */
	int64_t from_ms; /* it was not earlier */
	int64_t clock_error_ms;
	enum goal goal;
};

/* What the oracle knows of an instance. */
struct known {
	struct known *next;
	char id[INSTANCE_ID_SIZE], nonce[NONCE_SIZE], name[16];
	const json_t *object; /* that it was learned from */
	int64_t server_id;
	int64_t expires_at;                         /* as stamped; 0: never verified */
	int64_t paid_seconds, acknowledged_seconds; /* of the latter the user was told */
	int64_t promised_until_ms;                  /* true time; 0: the clock did not start yet */
	bool recorded;                              /* at the last look */
	bool released, excused, failed;
	bool handed_over; /* as its record said last */
	/* oracle_loss.c: */
	char email[40];
	bool lost, was_lost;        /* its record is missing through no fault of the product's; and once was */
	bool adopted, accepted;     /* made from labels; and the operator said that it may end */
	bool asked;                 /* for its server: one may come */
	bool late, was_late;        /* it had ended, and a server of it came after all; no record has that one yet */
	bool behind;                /* its record and history are from old copies: what it is told may be wrong */
	bool bare;                  /* its server lost its firewall, and only a suspension gives it another */
	bool over, deleting, tried; /* its time is over; its end is begun; and was tried in vain */
	bool due;                   /* was over and neither of these when the sweep began */
	struct attempt attempt;
	bool to_tell;       /* all is well with its machine, and the sweep may have to tell it something */
	bool label_is_off;  /* an older one may have come after a newer, or somebody changed it */
	unsigned rebuilds;  /* that were asked for and not refused */
	int64_t touched_ms; /* when somebody laid hands on its server; 0: nobody did */
};

struct stranger {
	struct stranger *next;
	enum thing_kind kind;
	int64_t id;
	char name[64];
	uint64_t digest;
};

struct purchase;

struct oracle {
	struct world *world;
	struct known *known;
	struct stranger *strangers;
	struct evidence *evidence;
	struct purchase *purchases; /* oracle_payments.c */
	char fleet[16];
	char verdict[512];
	const json_t *seen;     /* the state at the last look; NULL: there was none, or it is looked at anew */
	int64_t looked_ms;      /* when that was */
	int64_t swept_at;       /* as the state says */
	int64_t sweep_began_ms; /* of the one that is judged */
	int64_t commanded_ms;   /* when the last command ended that is no sweep */
	bool fell_back;         /* since then */
	const json_t *old;      /* an old copy that lies there as the state; NULL: none does */
	size_t lost_keys;       /* of the operator, with the state: they stay registered beside the new one */
	uint64_t instances, seconds;
};

/* NULL: no state that was looked at had it. */
struct known *oracle_find_known(const struct oracle *oracle, const char *id);
/* It is the server that its record is about: by nonce and name. */
bool oracle_is_server_of(const struct known *known, const struct server_view *server);
/* Likewise of whom its labels say. */
bool oracle_is_ours(const struct oracle *oracle, const struct server_view *server);
void oracle_remembers_stranger(struct oracle *oracle, int64_t server_id); /* it must stay as it is */
/* It is among the strangers that are remembered. */
bool oracle_knows_stranger(const struct oracle *oracle, enum thing_kind kind, int64_t id);

/* What the record says of the network is so (oracle_machine.c). */
void oracle_checks_network(struct oracle *oracle, struct known *known, const struct record *record);
/* A host key that is recorded as given is the machine's (oracle_machine.c). */
void oracle_checks_host_key(struct oracle *oracle, const struct record *record);
/* Before a sweep with nothing wrong, and after it: what the record says, its machine and label say too. */
void oracle_notes_whom_to_tell(struct known *known);
void oracle_judges_the_told(struct oracle *oracle, const struct known *known);
/* Each payment buys one life (oracle_payments.c); and nobody can know what they bought so far. */
void oracle_checks_payments(struct oracle *oracle, struct known *known, const struct record *record);
void oracle_forgets_payments(struct oracle *oracle);
/* A sweep that took long sets nothing back; NULL: none came to its end (oracle_sweep.c). */
void oracle_checks_sweeps(struct oracle *oracle, const char *swept);
/* What failed is not tried again at once by every sweep (oracle_sweep.c). */
void oracle_checks_patience(struct oracle *oracle, struct known *known, const struct record *record);

/* What is asked for is about nothing that is not ours (oracle_others.c). */
void oracle_checks_change(struct oracle *oracle, const struct thing *thing, const char *body);
/* At the end: what is a stranger's is as it was, and the fleet has nothing left but what it has once. */
void oracle_judges_others(struct oracle *oracle);
#endif
