#ifndef FLEET_SETTINGS_H
#define FLEET_SETTINGS_H
/*
 * How this operator wants things done, the same for every instance: read once at
 * start from the environment, else ccc.ini, else the default (setting_table.c). Strings are owned by the struct.
 * All zero is nothing wanted: no limits, no terms.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/arguments.h"
#include "base/error.h"
#include "fleet/configuration.h"
#include "instance/size.h"
#include "system/system.h"

enum operator_access { OPERATOR_ROOT = 0, OPERATOR_COMMANDS };

/* In the order of the table's choices; see driver.h. */
enum cloud_way { CLOUD_HETZNER = 0, CLOUD_HCLOUD };

/* What may be ordered for a size. */
struct size_terms {
	struct arguments types;  /* these alone, in this order; none: by what is on sale */
	int64_t hourly_ceiling;  /* of PRICE_PLACES, net; 0: none */
	int64_t monthly_ceiling; /* likewise */
};

struct settings {
	char *self;                /* absolute path of this binary: the guard of our children */
	char *path;                /* PATH, in which programs are looked up */
	struct arguments children; /* the environment that children get: an allow-list, never the token */
	struct arguments hcloud;   /* the environment that the program hcloud gets: its context too */
	char *token;               /* HCLOUD_TOKEN, or NULL; wiped on release */
	char *state_directory;

	char *endpoint;             /* HCLOUD_ENDPOINT, or Hetzner's */
	char *box;                  /* folder of the box's default.nix */
	char *kexec;                /* installer tarball, or NULL for nixos-anywhere's own choice */
	char *kexec_sha256;         /* what its digest has to be, or NULL */
	char *image;                /* base image that nixos-anywhere starts from */
	int cloud;                  /* enum cloud_way: how Hetzner is asked */
	int operator_access;        /* enum operator_access: what new boxes give the operator */
	int64_t http_timeout;       /* seconds that one request to the API may take */
	struct arguments locations; /* tried for a new server, in this order, unless the request names its own */
	int64_t max_servers;        /* 0: no limit */
	int64_t minimum_hours, maximum_hours;
	struct size_terms sizes[SIZES_COUNT]; /* in the order of size_at() */

	struct configuration configuration; /* the same as text, and what is wrong with it */
	/* The first thing that is wrong with it. A command that only ends or shows things goes on; what would be made
	 * by settings waits until it is mended: tools_check() and the like fail with it. */
	struct error trouble;
};

/* `directory` is the -C of the command line, or NULL. Removes HCLOUD_TOKEN from
 * this process's environment. What is wrong with ccc.ini or a variable is ->trouble, not an error. */
int settings_read(struct system *system, const char *directory, struct settings *ret, struct error *err);
void settings_release(struct settings *settings);

/* For a size by its name; no terms for another name. Never NULL. */
const struct size_terms *settings_terms(const struct settings *settings, const char *size);

/* ERROR_REFUSED: fewer or more hours than are sold at once. */
int settings_check_hours(const struct settings *settings, int64_t hours, struct error *err);

/* ->trouble, if there is one. */
int settings_check(const struct settings *settings, struct error *err);
#endif
