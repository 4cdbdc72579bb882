#ifndef FLEET_BOX_NEEDS_H
#define FLEET_BOX_NEEDS_H
/*
 * What a box needs of the operator's Nix, said in a file requirements.json beside its default.nix:
 *
 *   { "nix": "2.18", "system": "x86_64-linux", "substituter": true, "parameters": "user-data" }
 *
 * the oldest Nix that evaluates it, the system it is built for, whether it is hopeless to build it without
 * somebody who has it built already, and where it has its instance's parameters from: "closure", which is built for
 * each instance, or "user-data", which the one closure of all instances reads when it boots first. Each may be
 * missing, the file too. Each message of a check says the mend.
 */
#include "fleet/settings.h"
#include "system/loop.h"

struct box_needs {
	char nix[32], system[32]; /* "": any */
	bool substituter;
	bool user_data; /* has its parameters from there */
};

struct nix_facts {
	char version[32], system[32];
	char substituters[1024]; /* words, as is each of the next */
	char platforms[256];     /* beside its own system */
	char builders[4096];     /* those of a file too */
};

/* Without the file all is left empty. */
int box_needs_read(struct system *system, const struct settings *settings, struct box_needs *ret, struct error *err);

/* Asks the operator's Nix; it takes a moment. */
int nix_facts_read(struct loop *loop, const struct settings *settings, struct nix_facts *ret, struct error *err);

/* Each gives -1 when the need is not met, and in *ret, a text of at most `size`, what there is when it is. */
typedef int box_need_fn(const struct box_needs *needs, const struct nix_facts *facts, char *ret, size_t size,
			struct error *err);
box_need_fn box_needs_version, box_needs_system, box_needs_substituter, box_needs_parameters;
#endif
