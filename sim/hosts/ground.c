#include "hosts/ground.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/memory.h"
#include "hosts/path.h"
#include "system/durable_file.h"

#define SSH_PORT        22
#define UNUSUAL_ADDRESS "127.254.254.254" /* one that no machine gets */

/* Machines run Debian's programs out of /usr. */
static const struct requirement {
	const char *program, *package;
} requirements[] = {
	{ "/usr/sbin/sshd", "openssh-server" }, { "/usr/bin/ssh-keygen", "openssh-client" },
	{ "/usr/bin/nix-store", "nix-bin" },    { "/bin/bash-static", "bash-static" },
	{ "/bin/busybox", "busybox-static" },   { "/usr/bin/cpio", "cpio" },
	{ "/usr/bin/setpriv", "util-linux" },
};

static const char *const environment[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", NULL };

/* A socket bound to port 22 of the address; -1: none. */
static int take_port(const char *address, struct error *err)
{
	struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons(SSH_PORT) };
	int yes = 1;

	if (inet_pton(AF_INET, address, &name.sin_addr) != 1 || ntohl(name.sin_addr.s_addr) >> 24 != IN_LOOPBACKNET)
		return error_set(err, ERROR_FAILED, 0, "'%s' is no address in 127.0.0.0/8", address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return error_set(err, ERROR_FAILED, errno, "cannot make a socket");
	/* As sshd does: connections of a machine that is gone are no obstacle, a listener is. */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(fd, (const struct sockaddr *)&name, sizeof(name)) < 0) {
		error_set(err, ERROR_FAILED, errno, "port 22 of %s cannot be had", address);
		close(fd);
		return -1;
	}
	return fd;
}

int ground_check_address(const char *address, struct error *err)
{
	AUTO_CLOSE int fd = take_port(address, err);

	return fd < 0 ? -1 : 0;
}

int ground_listen(const char *address, int *ret, struct error *err)
{
	int fd = take_port(address, err);

	if (fd < 0)
		return -1;
	/* Nobody accepts: the kernel takes the connections, and that is all that happens. */
	if (listen(fd, SOMAXCONN) < 0) {
		error_set(err, ERROR_FAILED, errno, "cannot listen on port 22 of %s", address);
		close(fd);
		return -1;
	}
	*ret = fd;
	return 0;
}

static int check_port(struct error *err)
{
	if (ground_check_address(UNUSUAL_ADDRESS, err) == 0)
		return 0;
	error_wrap(err, "machines need port 22 of loopback addresses");
	if (err->errnum != EADDRINUSE)
		return -1;
	return error_set(
		err, ERROR_FAILED, EADDRINUSE,
		"a program listens on port 22 of every address, which simulated machines need; run all of this "
		"in a network of its own: unshare --net sh -c 'ip link set lo up && exec COMMAND'");
}

static int check_requirements(struct error *err)
{
	if (geteuid() != 0)
		return error_set(err, ERROR_FAILED, 0,
				 "real machines need root; use sudo, or simulate without them (--hosts none)");
	for (size_t i = 0; i < ARRAY_LENGTH(requirements); i++)
		if (access(requirements[i].program, X_OK) < 0)
			return error_set(err, ERROR_FAILED, errno,
					 "real machines need '%s'; install Debian's package %s",
					 requirements[i].program, requirements[i].package);
	return check_port(err);
}

/* Nothing that is mounted from now on is seen outside, and all of it goes with us. */
static int mount_privately(const char *path, struct error *err)
{
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return error_set(err, ERROR_FAILED, errno, "cannot have mounts of our own");
	if (mount("machines", path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=700") < 0)
		return error_set(err, ERROR_FAILED, errno, "cannot mount a tmpfs on '%s'", path);
	return 0;
}

static int make_base(const char *script, const struct ground *ground, struct error *err)
{
	const char *const argv[] = { "setpriv", "--pdeathsig", "KILL", script, ground->base, ground->kexec, NULL };
	posix_spawn_file_actions_t actions;
	int status = 0;
	pid_t pid;

	/* Our own standard output is for a shell to read. */
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
	int failure = posix_spawn(&pid, "/usr/bin/setpriv", &actions, NULL, (char *const *)(uintptr_t)argv,
				  (char *const *)(uintptr_t)environment);
	posix_spawn_file_actions_destroy(&actions);
	if (failure)
		return error_set(err, ERROR_FAILED, failure, "cannot start '%s'", script);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return error_set(err, ERROR_FAILED, errno, "cannot wait for '%s'", script);
	if (status != 0)
		return error_set(err, ERROR_FAILED, 0, "'%s' failed", script);
	return 0;
}

int ground_prepare(struct system *system, const char *directory, struct ground *ret, struct error *err)
{
	const char *share = secure_getenv("HETZNER_SIM_SHARE");
	if (!share || !*share)
		share = SIM_SOURCE_DIR;
	AUTO_FREE char *base_script = path_format("%s/hosts/base.sh", share);
	struct ground ground = {
		.machines = path_format("%s/hosts", directory),
		.base = path_format("%s/hosts/base", directory),
		.consoles = path_format("%s/console", directory),
		.kexec = path_format("%s/kexec.tar.gz", directory),
		.script = path_format("%s/hosts/host.sh", share),
	};

	if (check_requirements(err) < 0 || directory_make(system, ground.machines, 0700, err) < 0 ||
	    directory_make(system, ground.consoles, 0700, err) < 0 || mount_privately(ground.machines, err) < 0 ||
	    make_base(base_script, &ground, err) < 0) {
		ground_release(&ground);
		return -1;
	}
	*ret = ground;
	return 0;
}

void ground_release(struct ground *ground)
{
	if (ground->machines && umount2(ground->machines, MNT_DETACH) == 0)
		rmdir(ground->machines);
	free(ground->machines);
	free(ground->base);
	free(ground->consoles);
	free(ground->kexec);
	free(ground->script);
	*ground = (struct ground){ 0 };
}
