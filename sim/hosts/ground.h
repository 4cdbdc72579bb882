#ifndef SIM_HOSTS_GROUND_H
#define SIM_HOSTS_GROUND_H
/* What all machines of this simulator stand on. */
#include "base/error.h"
#include "system/system.h"

struct ground {
	char *machines; /* tmpfs that only this process and its machines see */
	char *base;     /* what a fresh disk holds */
	char *consoles;
	char *kexec;  /* toy tarball of an installer */
	char *script; /* first process of a machine */
};

/* Moves the process into a mount namespace of its own, then makes the rest below `directory`. */
int ground_prepare(struct system *system, const char *directory, struct ground *ret, struct error *err);

/* Unmounts and frees; the kexec tarball and the consoles stay. */
void ground_release(struct ground *ground);

/* Fails when somebody listens on port 22 of the address, on every address included. */
int ground_check_address(const char *address, struct error *err);

/* Listens on port 22 of the address; the caller closes *ret. */
int ground_listen(const char *address, int *ret, struct error *err);
#endif
