#include "options.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <math.h>

#include "base/number.h"

const char *options_usage(void)
{
	return "Usage: hetzner-sim [OPTION]...\n"
	       "A simulated Hetzner Cloud on this machine. Prints lines for a shell to eval, then serves until "
	       "SIGTERM.\n"
	       "\n"
	       "  --listen 127.0.0.1:PORT  where to listen; loopback only; port 0 (the default) takes a free one\n"
	       "  --dir DIR                keep everything that is made there; default: a temporary directory\n"
	       "  --hosts sshd|none        servers are real SSH hosts on 127.x.y.z (root only), or only answers "
	       "(default)\n"
	       "  --boot-seconds S         from the create request to a running server (default 8)\n"
	       "  --speed N                divides every duration, the boot's too (default 1)\n"
	       "  --seed N                 makes tokens, addresses and passwords repeatable\n"
	       "  --projects N             that many projects, each with its own token (default 1)\n"
	       "  --server-limit N         servers a project may have (default 100)\n"
	       "  --faults FILE            trouble from the start: a fault as for POST /_sim/faults, or an array of "
	       "them\n"
	       "  --rate-limit N           requests an hour and project (default 3600)\n"
	       "  --help                   this text\n"
	       "\n"
	       "The control interface under /_sim and all else: docs/hetzner-sim.md\n";
}

static int read_listen(const char *string, struct sockaddr_in *ret, struct error *err)
{
	const char *colon = strrchr(string, ':');
	char host[INET_ADDRSTRLEN];
	int64_t port;

	if (!colon || (size_t)(colon - string) >= sizeof(host))
		return error_set(err, ERROR_USAGE, 0, "--listen '%s' is not ADDRESS:PORT", string);
	memcpy(host, string, (size_t)(colon - string));
	host[colon - string] = 0;
	if (number_parse(colon + 1, 0, 65535, "the port of --listen", &port, err))
		return -1;
	*ret = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	if (inet_pton(AF_INET, host, &ret->sin_addr) != 1 || ntohl(ret->sin_addr.s_addr) >> 24 != 127)
		return error_set(err, ERROR_USAGE, 0, "--listen '%s' is not a loopback address; use 127.0.0.1:PORT",
				 string);
	return 0;
}

/* A positive decimal number, within what makes sense for a duration or a factor. */
static int read_decimal(const char *string, const char *what, double *ret, struct error *err)
{
	char *end;
	double value = strtod(string, &end);

	if (end == string || *end || !isfinite(value) || value < 0.001 || value > 1e6)
		return error_set(err, ERROR_USAGE, 0, "%s '%s' is not a number from 0.001 to 1000000", what, string);
	*ret = value;
	return 0;
}

static int read_hosts(const char *string, bool *ret, struct error *err)
{
	if (strcmp(string, "sshd") != 0 && strcmp(string, "none") != 0)
		return error_set(err, ERROR_USAGE, 0, "--hosts '%s' is neither sshd nor none", string);
	*ret = strcmp(string, "sshd") == 0;
	return 0;
}

static int read_option(int option, const char *value, struct options *options, struct error *err)
{
	double seconds = 0;
	int64_t number;

	switch (option) {
	case 'l':
		return read_listen(value, &options->listen, err);
	case 'd':
		options->directory = value;
		return *value ? 0 : error_set(err, ERROR_USAGE, 0, "--dir is empty");
	case 'o':
		return read_hosts(value, &options->real_hosts, err);
	case 'b':
		if (read_decimal(value, "--boot-seconds", &seconds, err))
			return -1;
		options->sim.boot_ms = (int64_t)(seconds * 1000);
		return 0;
	case 's':
		return read_decimal(value, "--speed", &options->sim.speed, err);
	case 'r':
		if (number_parse(value, 0, INT64_MAX, "--seed", &number, err))
			return -1;
		options->seeded = true;
		options->sim.seed = (uint64_t)number;
		return 0;
	case 'p':
		if (number_parse(value, 1, 100, "--projects", &number, err))
			return -1;
		options->sim.projects = (size_t)number;
		return 0;
	case 'm':
		return number_parse(value, 0, 1000000, "--server-limit", &options->sim.server_limit, err);
	case 'q':
		return number_parse(value, 1, 1000000, "--rate-limit", &options->sim.rate_limit, err);
	case 'f':
		options->faults = value;
		return 0;
	case 'h':
		options->help = true;
		return 0;
	default:
		return error_set(err, ERROR_USAGE, 0, "unknown option, or its value is missing; see --help");
	}
}

int options_read(int argc, char **argv, struct options *ret, struct error *err)
{
	static const struct option table[] = {
		{ "listen", required_argument, NULL, 'l' },
		{ "dir", required_argument, NULL, 'd' },
		{ "hosts", required_argument, NULL, 'o' },
		{ "boot-seconds", required_argument, NULL, 'b' },
		{ "speed", required_argument, NULL, 's' },
		{ "seed", required_argument, NULL, 'r' },
		{ "projects", required_argument, NULL, 'p' },
		{ "server-limit", required_argument, NULL, 'm' },
		{ "rate-limit", required_argument, NULL, 'q' },
		{ "faults", required_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct options options = { .sim = sim_default_options() };
	int option;

	options.listen = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	opterr = 0;
	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1)
		if (read_option(option, optarg, &options, err)) {
			err->kind = ERROR_USAGE;
			return -1;
		}
	if (optind < argc)
		return error_set(err, ERROR_USAGE, 0, "unexpected argument '%s'; see --help", argv[optind]);
	*ret = options;
	return 0;
}
