#include "hosts/hosts.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#include "base/memory.h"
#include "hosts/ground.h"
#include "hosts/machine.h"
#include "hosts/path.h"
#include "hosts/standin.h"
#include "system/clock.h"
#include "system/durable_file.h"

/* How long a machine is away between two systems. Whoever asks once a second whether
 * it still answers must be able to see it. */
#define RESTART_MS 2500

struct hosts {
	enum hosts_mode mode;
	struct system *system;
	struct ground ground; /* HOSTS_SSHD */
	char *standins;       /* HOSTS_NONE: their directory */
	struct machine **machines;
	size_t count;
	int wait, timer;
};

static int watch(const struct hosts *hosts, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(hosts->wait, EPOLL_CTL_ADD, fd, &event);
}

static int prepare_standins(struct hosts *hosts, const char *directory, struct error *err)
{
	AUTO_FREE char *parent = path_format("%s/none", directory);

	hosts->standins = path_format("%s/hosts", parent);
	/* What an earlier simulator left in the directory are no machines of ours. */
	if (directory_make(hosts->system, parent, 0700, err) < 0 ||
	    directory_remove_tree(hosts->system, hosts->standins, err) < 0)
		return -1;
	return directory_make(hosts->system, hosts->standins, 0700, err);
}

int hosts_new(enum hosts_mode mode, const char *directory, struct hosts **ret, struct error *err)
{
	struct hosts *hosts = memory_new(sizeof(*hosts));
	int result;

	hosts->mode = mode;
	hosts->system = system_new();
	hosts->wait = epoll_create1(EPOLL_CLOEXEC);
	hosts->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (hosts->wait < 0 || hosts->timer < 0 || watch(hosts, hosts->timer) < 0)
		result = error_set(err, ERROR_FAILED, errno, "cannot watch machines");
	else if (mode == HOSTS_SSHD)
		result = ground_prepare(hosts->system, directory, &hosts->ground, err);
	else
		result = prepare_standins(hosts, directory, err);
	if (result < 0) {
		hosts_free(hosts);
		return -1;
	}
	*ret = hosts;
	return 0;
}

static struct machine *find(const struct hosts *hosts, int64_t server_id)
{
	for (size_t i = 0; i < hosts->count; i++)
		if (hosts->machines[i]->id == server_id)
			return hosts->machines[i];
	return NULL;
}

/* Sets the timer to the first machine that waits for its start; 0 disarms it. */
static void set_timer(const struct hosts *hosts)
{
	int64_t first = 0;

	for (size_t i = 0; i < hosts->count; i++) {
		int64_t start = hosts->machines[i]->start_ms;
		if (start >= 0 && (first == 0 || start < first))
			first = start > 0 ? start : 1;
	}
	struct itimerspec when = { .it_value = { first / 1000, first % 1000 * 1000000 } };
	timerfd_settime(hosts->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static void start_in(const struct hosts *hosts, struct machine *machine, int64_t delay_ms)
{
	machine->start_ms = clock_monotonic_ms(hosts->system) + delay_ms;
	set_timer(hosts);
}

int hosts_boot(struct hosts *hosts, const struct host_order *order, struct error *err)
{
	struct machine *machine;

	if (hosts->mode == HOSTS_NONE)
		return standin_boot(hosts->system, hosts->standins, order, err);
	if (find(hosts, order->server_id))
		return error_set(err, ERROR_FAILED, 0, "the machine '%s' is there already", order->name);
	if (ground_check_address(order->address, err) < 0 ||
	    machine_new(hosts->system, hosts->ground.machines, hosts->ground.consoles, order, &machine, err) < 0)
		return -1;
	hosts->machines = memory_grow(hosts->machines, hosts->count + 1, sizeof(struct machine *));
	hosts->machines[hosts->count++] = machine;
	if (machine->ssh != HOST_SSH_NEVER)
		start_in(hosts, machine, order->boot_ms);
	return 0;
}

void hosts_power(struct hosts *hosts, int64_t server_id, bool on)
{
	struct machine *machine = find(hosts, server_id);

	if (hosts->mode == HOSTS_NONE)
		standin_power(hosts->system, hosts->standins, server_id, on);
	else if (machine && !on)
		machine_stop(machine);
	else if (machine && machine->ssh != HOST_SSH_NEVER && !machine_is_on(machine) && machine->start_ms < 0)
		start_in(hosts, machine, RESTART_MS);
}

void hosts_remove(struct hosts *hosts, int64_t server_id)
{
	if (hosts->mode == HOSTS_NONE)
		standin_remove(hosts->system, hosts->standins, server_id);
	for (size_t i = 0; i < hosts->count; i++) {
		if (hosts->machines[i]->id != server_id)
			continue;
		machine_free(hosts->system, hosts->machines[i]);
		hosts->machines[i] = hosts->machines[--hosts->count];
		set_timer(hosts);
		return;
	}
}

static void start(const struct hosts *hosts, struct machine *machine)
{
	struct error error = ERROR_INIT;

	if (machine->ssh == HOST_SSH_HANGS) {
		if (machine_hang(machine, &error) < 0)
			machine_say(machine, error.message);
	} else if (machine_start(machine, hosts->ground.script, hosts->ground.base, &error) < 0) {
		machine->start_ms = -1;
		machine_say(machine, error.message);
	} else if (watch(hosts, machine->process) < 0) {
		machine_say(machine, "its end cannot be watched");
		machine_stop(machine);
	}
}

void hosts_tick(struct hosts *hosts)
{
	int64_t now = clock_monotonic_ms(hosts->system);

	for (size_t i = 0; i < hosts->count; i++) {
		struct machine *machine = hosts->machines[i];
		if (machine->start_ms >= 0 && machine->start_ms <= now)
			start(hosts, machine);
		else if (machine->process >= 0 && machine_collect(machine) == MACHINE_RESTART)
			machine->start_ms = now + RESTART_MS;
	}
	set_timer(hosts);
}

const char *hosts_kexec_file(const struct hosts *hosts)
{
	return hosts->ground.kexec;
}

int hosts_wait_descriptor(const struct hosts *hosts)
{
	return hosts->wait;
}

void hosts_free(struct hosts *hosts)
{
	if (!hosts)
		return;
	for (size_t i = 0; i < hosts->count; i++)
		machine_free(hosts->system, hosts->machines[i]);
	free(hosts->machines);
	ground_release(&hosts->ground);
	free(hosts->standins);
	memory_close_fd(&hosts->wait);
	memory_close_fd(&hosts->timer);
	system_free(hosts->system);
	free(hosts);
}
