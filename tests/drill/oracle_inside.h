#ifndef DRILL_ORACLE_INSIDE_H
#define DRILL_ORACLE_INSIDE_H
/* What the parts of the oracle share. */
#include "cloud_view.h"
#include "evidence.h"
#include "instance/record.h"
#include "oracle.h"

/* Times are recorded in whole seconds, and clocks of ours and Hetzner's are compared in them. */
#define ROUNDING_MS 2000

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
	bool over, deleting, tried; /* its time is over; its end is begun; and was tried in vain */
	bool due;                   /* was over and neither of these when the sweep began */
};

struct stranger {
	struct stranger *next;
	int64_t id;
	char name[64], labels[256];
};

struct oracle {
	struct world *world;
	struct known *known;
	struct stranger *strangers;
	struct evidence *evidence;
	char fleet[16];
	char verdict[512];
	uint64_t seen;  /* of the state at the last look */
	bool fell_back; /* since then */
	uint64_t instances, seconds;
};

/* NULL: no state that was looked at had it. */
struct known *oracle_find_known(const struct oracle *oracle, const char *id);
/* It is the server that the record is about: by labels, nonce and name. */
bool oracle_is_ours(const struct oracle *oracle, const struct server_view *server);
/* It is among the strangers that are remembered. */
bool oracle_knows_stranger(const struct oracle *oracle, const struct server_view *server);
#endif
