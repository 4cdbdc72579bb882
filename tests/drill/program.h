#ifndef DRILL_PROGRAM_H
#define DRILL_PROGRAM_H
/* The programs that ccc runs, as far as it can tell them from the real ones. */
#include <stdint.h>

#include <jansson.h>

#include "base/error.h"
#include "job.h"

struct program {
	const char *name;
	/* Does the next thing and gives how long the one after it takes, in ms; -1: it exits
	 * with job->exit_status. */
	int64_t (*step)(struct job *job);
};

const struct program *program_named(const char *name); /* NULL: not installed */

/* What nix-build made: a folder of the store and the parameters in it, or what has them from the user data. */
struct store_path {
	struct store_path *next;
	char path[96];
	char instance[8];
	int64_t expires;
	char *keys; /* lines */
	char operator_key[128];
	bool takes_user_data;
};
const struct store_path *store_path_find(const struct world *world, const char *path);

/* Reads an instance's parameters, as the box does. path->keys is the caller's. */
int store_path_read(const json_t *object, struct store_path *path, struct error *err);
#endif
