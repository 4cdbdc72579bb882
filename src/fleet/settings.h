#ifndef FLEET_SETTINGS_H
#define FLEET_SETTINGS_H
/*
 * How this operator wants things done, the same for every instance: read once at
 * start from the environment, or the default. Strings are owned by the struct.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/arguments.h"
#include "base/error.h"

struct settings {
	char *self;                /* absolute path of this binary: the guard of our children */
	char *path;                /* PATH, in which programs are looked up */
	struct arguments children; /* the environment that children get: an allow-list, never the token */
	char *endpoint;            /* HCLOUD_ENDPOINT, or Hetzner's */
	char *token;               /* HCLOUD_TOKEN, or NULL; wiped on release */
	char *box;                 /* CCC_BOX: folder of the box's default.nix */
	char *kexec;               /* CCC_KEXEC: installer tarball, or NULL for nixos-anywhere's own choice */
	char *kexec_sha256;        /* CCC_KEXEC_SHA256: what its digest has to be, or NULL */
	char *image;               /* base image that nixos-anywhere starts from */
	char *state_directory;
	int64_t http_timeout_ms; /* CCC_HTTP_TIMEOUT: how long one request to the API may take */
	bool operator_confined;  /* CCC_OPERATOR_ACCESS=commands: new boxes give the operator no shell */
};

/* `directory` is the -C of the command line, or NULL. Removes HCLOUD_TOKEN from
 * this process's environment. */
int settings_read(const char *directory, struct settings *ret, struct error *err);
void settings_release(struct settings *settings);

/* Locations tried for a new server, in this order, unless the request names its own. */
extern const char *const settings_default_locations[3];
#endif
