#ifndef SIM_HOSTS_MACHINE_H
#define SIM_HOSTS_MACHINE_H
/* One machine: where its files are, what it boots next, and its first process. */
#include "hosts/hosts.h"
#include "system/system.h"

enum machine_source {
	MACHINE_DISK,      /* whatever is on its disk; the base image at first */
	MACHINE_INSTALLER, /* what a kexec brought: lives in memory and is gone with the next boot */
};

struct machine {
	int64_t id;
	char *name, *address;
	char *directory; /* disk/, seed/, memory/, metadata/ and the mount point root/ */
	char *console;   /* file that its first process and sshd write to */
	enum machine_source source;
	int64_t start_ms; /* monotonic time at which it starts; -1: it was not asked to */
	enum host_ssh ssh;
	int process;  /* pidfd of its first process; -1: not running */
	int listener; /* all there is of one that hangs; -1: not on */
};

/* Makes its files in <parent>/<id>; nothing runs yet. */
int machine_new(struct system *system, const char *parent, const char *consoles, const struct host_order *order,
		struct machine **ret, struct error *err);

/* Starts `script` as its first process, in namespaces of its own. The caller is as good
 * as its power supply: the kernel ends the machine with the calling thread. */
int machine_start(struct machine *machine, const char *script, const char *base, struct error *err);

/* The start of one that hangs: its port is open and nobody is there. */
int machine_hang(struct machine *machine, struct error *err);

enum machine_end {
	MACHINE_RUNS,    /* it has not ended */
	MACHINE_RESTART, /* it wants to start again, from machine->source */
	MACHINE_STOPPED,
};

/* Takes up a machine that has ended, without waiting for it. */
enum machine_end machine_collect(struct machine *machine);

bool machine_is_on(const struct machine *machine);

/* Ends what runs on it and waits until all of it is gone. Its disk stays. */
void machine_stop(struct machine *machine);

void machine_say(const struct machine *machine, const char *message); /* a line on its console */

/* Stops it, deletes its disk, frees. */
void machine_free(struct system *system, struct machine *machine);
#endif
