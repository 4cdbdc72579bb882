#ifndef SIM_OPTIONS_H
#define SIM_OPTIONS_H
/* The command line of hetzner-sim. */
#include <netinet/in.h>
#include <stdbool.h>

#include "base/error.h"
#include "core/sim.h"

struct options {
	struct sockaddr_in listen; /* a loopback address; port 0: any free one */
	const char *directory;     /* borrowed from argv; NULL: a temporary one */
	const char *faults;        /* a file of them, borrowed; NULL: none */
	bool real_hosts;
	bool seeded;
	bool help;
	struct sim_options sim;
};

int options_read(int argc, char **argv, struct options *ret, struct error *err);
const char *options_usage(void);
#endif
