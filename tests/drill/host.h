#ifndef DRILL_HOST_H
#define DRILL_HOST_H
/* The machines behind the simulated servers, as far as ssh and nixos-anywhere can tell. */
#include <stdbool.h>
#include <stdint.h>

#include "program.h"
#include "world.h"

enum host_stage { HOST_OFF, HOST_BASE, HOST_INSTALLER, HOST_BOX };

/* What is wrong with a machine from its first boot on. */
enum host_trouble {
	HOST_FINE,
	HOST_NEVER_ANSWERS,
	HOST_OTHER_KEY,   /* cloud-init did not plant ours, or somebody stands in between */
	HOST_HANGS,       /* takes connections and says nothing */
	HOST_KEXEC_FAILS, /* comes back in the base system */
	HOST_NO_REBOOT,   /* never comes back from the reboot into the box */
	HOST_OTHER_BOX,   /* comes back as another instance */
	HOST_UNIT_FAILED, /* works, but for one unit */
	HOST_KEEPS_KEY,   /* does not take another host key */
	HOST_TROUBLES
};

struct host {
	struct host *next;
	int64_t server_id;
	char address[16];
	enum host_stage stage, installed; /* what runs, and what its disk boots into */
	int64_t up_at_ms;
	enum host_trouble trouble;
	char host_key[128], operator_key[128];
	/* what is on its disk once installed */
	char instance[8];
	char *keys; /* lines */
	int64_t expires;
	char box_host_key[128], box_operator_key[128];
};

/* "never answers": what the machine does. */
const char *host_trouble_words(enum host_trouble trouble);

void host_obey(struct world *world, const struct sim_host_event *event);
struct host *host_of(const struct world *world, int64_t server_id);   /* NULL: it has no machine */
struct host *host_at(const struct world *world, const char *address); /* NULL: nothing answers there */
/* The machine of that server has, or had at first, a host key that nobody ordered. */
bool host_is_strange(const struct world *world, int64_t server_id);
/* What it runs is a box, and that has this host key and no other. */
bool host_has_key(const struct host *host, const char *key);
bool host_is_up(const struct world *world, const struct host *host);

/* The installer writes a box to the disk; the next boot starts it. A box that has nothing built in has it, and its
 * host key, from the server's user data, or nobody gets in. */
void host_install(struct world *world, struct host *host, const struct store_path *box, const char *host_key);
void host_reboot(struct world *world, struct host *host, enum host_stage into);
void hosts_free(struct world *world);
#endif
