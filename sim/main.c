/* hetzner-sim: the simulated cloud (core/) behind HTTP (http/), with hosts behind it (hosts/). */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "core/sim.h"
#include "exports.h"
#include "hosts/hosts.h"
#include "http/server.h"
#include "options.h"
#include "system/durable_file.h"
#include "system/loop.h"
#include "system/random.h"

#define FAULTS_MAXIMUM ((size_t)1 << 20) /* bytes of a file */

struct program {
	struct options options;
	struct system *system;
	struct loop *loop;
	struct sim *sim;
	struct hosts *hosts;
	struct http_server *server;
	struct timer *next_event;
	struct watch *hosts_watch;
	char directory[PATH_MAX];
	bool directory_is_temporary;
	bool stopped;
};

static int64_t now_ms(void *data)
{
	struct timespec now;

	(void)data;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void complain(const struct error *err)
{
	fprintf(stderr, "hetzner-sim: %s\n", err->message);
}

static void tell_host(struct program *program, const struct sim_host_event *event)
{
	struct error err = ERROR_INIT;
	static const enum host_ssh ssh[] = { [SIM_SSH_ANSWERS] = HOST_SSH_ANSWERS,
					     [SIM_SSH_NEVER] = HOST_SSH_NEVER,
					     [SIM_SSH_OTHER_HOST_KEY] = HOST_SSH_OTHER_KEY,
					     [SIM_SSH_HANGS] = HOST_SSH_HANGS };
	struct host_order order = { .server_id = event->server_id,
				    .name = event->name,
				    .address = event->address,
				    .user_data = event->user_data,
				    .ssh_keys = (const char *const *)event->ssh_keys,
				    .ssh_key_count = event->ssh_key_count,
				    .boot_ms = event->boot_ms,
				    .ssh = ssh[event->ssh] };

	switch (event->kind) {
	case SIM_HOST_BOOT:
		if (hosts_boot(program->hosts, &order, &err))
			complain(&err);
		break;
	case SIM_HOST_ON:
	case SIM_HOST_OFF:
		hosts_power(program->hosts, event->server_id, event->kind == SIM_HOST_ON);
		break;
	case SIM_HOST_REMOVE:
		hosts_remove(program->hosts, event->server_id);
		break;
	}
}

static void event_due(void *data);

/* The world has changed: hosts follow, and we look again when the next thing falls due. */
static void follow(void *data)
{
	struct program *program = data;
	struct sim_host_event event;

	while (sim_take_host_event(program->sim, &event)) {
		tell_host(program, &event);
		sim_host_event_release(&event);
	}
	loop_cancel(program->next_event);
	program->next_event = NULL;
	int64_t next = sim_next_event(program->sim);
	if (next < 0)
		return;
	int64_t wait = next - now_ms(NULL);
	program->next_event = loop_after(program->loop, wait > 0 ? wait : 0, event_due, program);
}

static void event_due(void *data)
{
	struct program *program = data;

	program->next_event = NULL;
	sim_advance(program->sim, now_ms(NULL));
	follow(program);
}

static void hosts_ready(void *data, uint32_t events)
{
	(void)events;
	hosts_tick(((struct program *)data)->hosts);
}

static void stop(void *data, int number)
{
	(void)number;
	((struct program *)data)->stopped = true;
}

static int make_directory(struct program *program, struct error *err)
{
	const char *parent = getenv("TMPDIR");
	char template[PATH_MAX];

	if (program->options.directory) {
		if (mkdir(program->options.directory, 0700) != 0 && errno != EEXIST)
			return error_set(err, ERROR_FAILED, errno, "can't make '%s'", program->options.directory);
		if (!realpath(program->options.directory, program->directory))
			return error_set(err, ERROR_FAILED, errno, "can't use '%s'", program->options.directory);
		return 0;
	}
	snprintf(template, sizeof(template), "%s/hetzner-sim-XXXXXX", parent && *parent ? parent : "/tmp");
	if (!mkdtemp(template) || !realpath(template, program->directory))
		return error_set(err, ERROR_FAILED, errno, "can't make a directory in '%s'", parent ? parent : "/tmp");
	program->directory_is_temporary = true;
	return 0;
}

/* The official CLI reads its file even when it takes all from the environment. */
static int make_cli_config(const struct program *program, struct error *err)
{
	AUTO_TEXT struct text path = TEXT_INIT(PATH_MAX);

	text_addf(&path, "%s/hcloud.toml", program->directory);
	int fd = open(text_string(&path), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_set(err, ERROR_FAILED, errno, "can't write '%s'", text_string(&path));
	close(fd);
	return 0;
}

static int start_hosts(struct program *program, struct error *err)
{
	enum hosts_mode mode = program->options.real_hosts ? HOSTS_SSHD : HOSTS_NONE;

	if (hosts_new(mode, program->directory, &program->hosts, err))
		return -1;
	if (hosts_wait_descriptor(program->hosts) >= 0)
		program->hosts_watch =
			loop_watch(program->loop, hosts_wait_descriptor(program->hosts), EPOLLIN, hosts_ready, program);
	return 0;
}

static int catch_signals(struct program *program, struct error *err)
{
	/* Whoever reads our lines may close the pipe when they have them. */
	signal(SIGPIPE, SIG_IGN);
	if (loop_on_signal(program->loop, SIGTERM, stop, program, err) ||
	    loop_on_signal(program->loop, SIGINT, stop, program, err) ||
	    loop_on_signal(program->loop, SIGHUP, stop, program, err))
		return -1;
	return 0;
}

static void announce(const struct program *program)
{
	const char *share = getenv("HETZNER_SIM_SHARE");
	char listen[INET_ADDRSTRLEN];
	AUTO_TEXT struct text lines = TEXT_INIT(65536);
	const struct exports exports = {
		.port = http_server_port(program->server),
		.listen = inet_ntop(AF_INET, &program->options.listen.sin_addr, listen, sizeof(listen)),
		.token = sim_token(program->sim, 0),
		.directory = program->directory,
		.share = share && *share ? share : SIM_SOURCE_DIR,
		.real_hosts = program->options.real_hosts,
		.kexec = hosts_kexec_file(program->hosts),
		.nix_config = program->options.real_hosts ? HOSTS_NIX_CONFIG : NULL,
		.state_is_set = getenv("CCC_STATE_DIR") != NULL,
		.installer_is_there = exports_find_program(getenv("PATH"), "nixos-anywhere"),
	};

	exports_print(&exports, &lines);
	fputs(text_string(&lines), stdout);
	fflush(stdout);
}

static int add_faults(struct program *program, struct error *err)
{
	AUTO_TEXT struct text content = TEXT_INIT(FAULTS_MAXIMUM);

	if (!program->options.faults)
		return 0;
	if (file_read(program->system, program->options.faults, &content, err) == 0) {
		if (sim_add_faults(program->sim, text_string(&content), content.length, err) == 0)
			return 0;
		error_wrap(err, "'%s'", program->options.faults);
	}
	err->kind = ERROR_FAILED;
	return -1;
}

static int start(struct program *program, struct error *err)
{
	if (!program->options.seeded)
		random_bytes(program->system, &program->options.sim.seed, sizeof(program->options.sim.seed));
	if (catch_signals(program, err) || make_directory(program, err) || make_cli_config(program, err) ||
	    start_hosts(program, err))
		return -1;
	program->sim = sim_new(&program->options.sim, now_ms(NULL));
	if (add_faults(program, err))
		return -1;
	return http_server_new(program->loop, program->sim, &program->options.listen, now_ms, follow, program,
			       &program->server, err);
}

static int serve(struct program *program, struct error *err)
{
	while (!program->stopped)
		if (loop_turn(program->loop, err))
			return -1;
	return 0;
}

static void finish(struct program *program)
{
	struct error err = ERROR_INIT;

	http_server_free(program->server);
	loop_unwatch(program->hosts_watch);
	hosts_free(program->hosts);
	sim_free(program->sim);
	if (program->directory_is_temporary && directory_remove_tree(program->system, program->directory, &err))
		complain(&err);
	loop_free(program->loop);
	system_free(program->system);
}

int main(int argc, char **argv)
{
	struct program program = { 0 };
	struct error err = ERROR_INIT;

	if (options_read(argc, argv, &program.options, &err)) {
		complain(&err);
		return error_exit_code(err.kind);
	}
	if (program.options.help) {
		fputs(options_usage(), stdout);
		return 0;
	}
	program.system = system_new();
	program.loop = loop_new(program.system);
	int result = start(&program, &err);
	if (result == 0) {
		announce(&program);
		result = serve(&program, &err);
	}
	if (result)
		complain(&err);
	finish(&program);
	return result ? error_exit_code(err.kind) : 0;
}
