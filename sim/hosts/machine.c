#include "hosts/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/memory.h"
#include "hosts/ground.h"
#include "hosts/path.h"
#include "hosts/user_data.h"
#include "system/durable_file.h"

/* How host.sh ends. */
enum {
	ENDED_REBOOT = 10,
	ENDED_KEXEC = 11,
};

static const char *const environment[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", NULL };

static int write_machine_file(struct system *system, const struct machine *machine, const char *name,
			      const char *content, mode_t mode, struct error *err)
{
	AUTO_FREE char *path = path_format("%s/%s", machine->directory, name);

	return file_replace(system, path, content, strlen(content), mode, err);
}

/* What the first boot puts onto the disk: root's keys, and the host key if one was ordered. */
static int write_seed(struct system *system, const struct machine *machine, const struct host_order *order,
		      struct error *err)
{
	AUTO_TEXT struct text keys = TEXT_INIT((size_t)1 << 20);
	struct host_key key = { NULL, NULL };
	struct error ignored = ERROR_INIT;
	int result;

	for (size_t i = 0; i < order->ssh_key_count; i++)
		text_addf(&keys, "%s\n", order->ssh_keys[i]);
	if (order->ssh != HOST_SSH_OTHER_KEY && user_data_read(order->user_data, &key, &ignored) < 0)
		machine_say(machine, ignored.message);
	result = write_machine_file(system, machine, "seed/authorized_keys", text_string(&keys), 0600, err);
	if (result == 0 && key.private_half)
		result = write_machine_file(system, machine, "seed/ssh_host_ed25519_key", key.private_half, 0600, err);
	if (result == 0 && key.public_half)
		result = write_machine_file(system, machine, "seed/ssh_host_ed25519_key.pub", key.public_half, 0644,
					    err);
	host_key_release(&key);
	/* What any system on it may ask for as often as it wants. */
	if (result == 0 && order->user_data)
		result = write_machine_file(system, machine, "metadata/userdata", order->user_data, 0600, err);
	return result;
}

static int make_directories(struct system *system, const struct machine *machine, struct error *err)
{
	static const char *const names[] = { "", "/disk", "/root", "/seed", "/memory", "/metadata" };

	for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
		AUTO_FREE char *path = path_format("%s%s", machine->directory, names[i]);
		if (directory_make(system, path, 0755, err) < 0)
			return -1;
	}
	return 0;
}

int machine_new(struct system *system, const char *parent, const char *consoles, const struct host_order *order,
		struct machine **ret, struct error *err)
{
	struct machine *machine = memory_new(sizeof(*machine));

	machine->id = order->server_id;
	machine->name = memory_copy_string(order->name);
	machine->address = memory_copy_string(order->address);
	machine->directory = path_format("%s/%" PRId64, parent, order->server_id);
	machine->console = path_format("%s/%" PRId64, consoles, order->server_id);
	machine->start_ms = -1;
	machine->process = -1;
	machine->listener = -1;
	machine->ssh = order->ssh;
	if (make_directories(system, machine, err) < 0 || write_seed(system, machine, order, err) < 0) {
		machine_free(system, machine);
		return -1;
	}
	*ret = machine;
	return 0;
}

/* In the new process: an ordinary first process with nothing of ours but its console. */
static _Noreturn void become_first_process(const struct machine *machine, const char *const *argv, int parent)
{
	struct pollfd gone = { .fd = parent, .events = POLLIN };
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (poll(&gone, 1, 0) != 0) /* the parent ended before it could count */
		_exit(1);
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int console = open(machine->console, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (null < 0 || console < 0 || dup2(null, 0) < 0 || dup2(console, 1) < 0 || dup2(console, 2) < 0)
		_exit(1);
	close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	umask(022);
	if (sethostname(machine->name, strlen(machine->name)) == 0)
		execve(argv[0], (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)environment);
	dprintf(2, "cannot start %s: %s\n", argv[0], strerror(errno));
	_exit(1);
}

int machine_start(struct machine *machine, const char *script, const char *base, struct error *err)
{
	const char *const argv[] = {
		"/bin/sh", script,           machine->directory,
		base,      machine->address, machine->source == MACHINE_INSTALLER ? "installer" : "disk",
		NULL
	};
	int process = -1;
	struct clone_args arguments = {
		.flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)&process,
		.exit_signal = SIGCHLD,
	};
	AUTO_CLOSE int parent = pidfd_open(getpid(), 0);
	if (parent < 0)
		return error_set(err, ERROR_FAILED, errno, "cannot watch our own process");
	long pid = syscall(SYS_clone3, &arguments, sizeof(arguments));
	if (pid < 0)
		return error_set(err, ERROR_FAILED, errno, "cannot start the machine '%s'", machine->name);
	if (pid == 0)
		become_first_process(machine, argv, parent);
	machine->process = process;
	machine->start_ms = -1;
	return 0;
}

int machine_hang(struct machine *machine, struct error *err)
{
	machine->start_ms = -1;
	return ground_listen(machine->address, &machine->listener, err);
}

bool machine_is_on(const struct machine *machine)
{
	return machine->process >= 0 || machine->listener >= 0;
}

/* `flags` of waitid(2). The process is as good as gone only after this. */
static enum machine_end collect(struct machine *machine, int flags)
{
	siginfo_t info = { .si_pid = 0 };

	if (machine->process < 0)
		return MACHINE_STOPPED;
	if (waitid(P_PIDFD, (id_t)machine->process, &info, WEXITED | flags) == 0 && info.si_pid == 0)
		return MACHINE_RUNS;
	memory_close_fd(&machine->process);
	machine->process = -1;
	bool kexec = info.si_code == CLD_EXITED && info.si_status == ENDED_KEXEC;
	bool reboot = info.si_code == CLD_EXITED && info.si_status == ENDED_REBOOT;
	machine->source = kexec ? MACHINE_INSTALLER : MACHINE_DISK;
	return kexec || reboot ? MACHINE_RESTART : MACHINE_STOPPED;
}

enum machine_end machine_collect(struct machine *machine)
{
	return collect(machine, WNOHANG);
}

void machine_stop(struct machine *machine)
{
	machine->start_ms = -1;
	machine->source = MACHINE_DISK;
	memory_close_fd(&machine->listener);
	machine->listener = -1;
	if (machine->process < 0)
		return;
	pidfd_send_signal(machine->process, SIGKILL, NULL, 0);
	collect(machine, 0);
}

void machine_say(const struct machine *machine, const char *message)
{
	AUTO_CLOSE int console = open(machine->console, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

	if (console >= 0)
		dprintf(console, "%s\n", message);
}

void machine_free(struct system *system, struct machine *machine)
{
	struct error error = ERROR_INIT;

	if (!machine)
		return;
	machine_stop(machine);
	if (directory_remove_tree(system, machine->directory, &error) < 0)
		machine_say(machine, error.message);
	free(machine->name);
	free(machine->address);
	free(machine->directory);
	free(machine->console);
	free(machine);
}
