#ifndef FLEET_REGISTRATION_H
#define FLEET_REGISTRATION_H
/*
 * What a fleet has at Hetzner: the operator's SSH key, registered by fingerprint,
 * and the shared firewall, which is the anchor. Each is looked for before it is
 * made, so that doing it again completes what an interrupted run left.
 */
#include "cloud/cloud.h"
#include "fleet/settings.h"
#include "instance/ssh_fingerprint.h"
#include "store/store.h"
#include "system/loop.h"

/* Makes the operator's key pair below keys/ unless it exists; of a private half alone the public one. */
int registration_make_key(struct loop *loop, const struct settings *settings, const struct store *store,
			  struct error *err);

/* Sets fleet->ssh_key to 0 when what is registered is another key than the one below keys/, or is not at Hetzner any
 * more. Only where the anchor was seen: another project has no key of ours. */
int registration_check_key(struct loop *loop, const struct store *store, struct cloud *cloud,
			   struct fleet_identity *fleet, struct error *err);

/* The fingerprint of the public half below keys/, as fleet->ssh_key_fingerprint is one. */
int registration_read_key(struct system *system, const struct store *store, char ret[SSH_FINGERPRINT_MD5_SIZE],
			  struct error *err);

/* The firewall with the fleet's label in the token's project; *ret_id is 0 when there is none. */
int registration_find_firewall(struct loop *loop, struct cloud *cloud, const char *fleet, int64_t *ret_id,
			       struct error *err);

/* Gives one of the fleet's firewalls the rules of its role, and waits until they are in force. */
int registration_set_rules(struct loop *loop, struct cloud *cloud, int64_t firewall, const char *role,
			   struct error *err);

/* Any fleet that has its firewall in the token's project, with the id of that; *ret_id is 0 when there is none. */
int registration_find_fleet(struct loop *loop, struct cloud *cloud, char ret_fleet[FLEET_ID_SIZE], int64_t *ret_id,
			    struct error *err);

/* Fills fleet->ssh_key, ssh_key_fingerprint and anchor; what to commit is the caller's. With an anchor already the
 * key is registered only where that is seen: ERROR_REMOTE in another project. */
int registration_complete(struct loop *loop, const struct store *store, struct cloud *cloud,
			  struct fleet_identity *fleet, struct error *err);

/* Takes over what registration_complete() filled, and nothing else: others may have changed the rest meanwhile. */
void registration_record(const struct fleet_identity *completed, struct fleet_identity *fleet);
#endif
