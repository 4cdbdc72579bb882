#ifndef SIM_EXPORTS_H
#define SIM_EXPORTS_H
/* The lines that a shell evaluates to use a simulator: "export NAME='value'". */
#include <stdint.h>

#include "base/text.h"

struct exports {
	uint16_t port;
	const char *listen; /* "127.0.0.1" */
	const char *token;
	const char *directory; /* absolute */
	const char *share;     /* where the simulator's own files are: box/, bin/ */
	bool real_hosts;
	const char *kexec;       /* or NULL */
	const char *nix_config;  /* or NULL */
	bool state_is_set;       /* the caller has a CCC_STATE_DIR already */
	bool installer_is_there; /* nixos-anywhere is in the PATH */
};

/* Appends them to *ret, up to the line "# ready". */
void exports_print(const struct exports *exports, struct text *ret);

/* A program of this name can be executed from this search path. */
bool exports_find_program(const char *path, const char *name);
#endif
