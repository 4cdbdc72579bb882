#ifndef SIM_HOSTS_HOSTS_H
#define SIM_HOSTS_HOSTS_H
/*
 * Machines that stand for the simulator's servers.
 *
 * HOSTS_SSHD: each is a private root with process, mount, UTS and IPC namespaces of
 * its own and a real sshd on port 22 of an address in 127.0.0.0/8. It boots Debian,
 * can be kexec'ed into an installer and boots what that left on its disk. hosts_new()
 * moves the calling process into a mount namespace of its own, so that the kernel
 * collects every process and mount when the process ends, however it ends. The
 * machines share the network and the kernel with the operator: root in them is root.
 *
 * HOSTS_NONE: nothing runs; what a machine would know is written to
 * <directory>/none/hosts/<server_id>/, where the stand-ins in sim/bin/none read it.
 *
 * Not for programs with several threads: a machine ends with the thread that started it.
 * Errors are of kind ERROR_FAILED, or ERROR_STATE from the file system.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* What Debian's Nix needs in NIX_CONFIG to build and copy without a daemon, a network
 * or a group of builders. Lines; quote it for a shell. */
#define HOSTS_NIX_CONFIG                                                                                               \
	"experimental-features = nix-command flakes\nbuild-users-group =\nsandbox = false\nsubstituters =\n"           \
	"flake-registry ="

struct hosts;

enum hosts_mode {
	HOSTS_NONE,
	HOSTS_SSHD,
};

/* How a machine behaves when somebody comes by SSH. */
enum host_ssh {
	HOST_SSH_ANSWERS,
	HOST_SSH_NEVER,     /* it never boots: nothing listens */
	HOST_SSH_OTHER_KEY, /* its host key is another than the user data orders */
	HOST_SSH_HANGS,     /* connections are taken, and nothing is ever said */
};

struct host_order { /* borrowed */
	int64_t server_id;
	const char *name;            /* becomes the host name */
	const char *address;         /* 127.x.y.z */
	const char *user_data;       /* or NULL; "#cloud-config" and one JSON object, of which ssh_keys counts */
	const char *const *ssh_keys; /* public keys that may log in as root */
	size_t ssh_key_count;
	int64_t boot_ms; /* from now until it begins to boot, >= 0 */
	enum host_ssh ssh;
};

/* `directory` exists and is absolute. HOSTS_SSHD makes kexec.tar.gz, console/ and a
 * tmpfs on hosts/ there, needs root, and fails when port 22 is taken or a program is missing. */
int hosts_new(enum hosts_mode mode, const char *directory, struct hosts **ret, struct error *err);

/* A fresh machine from the base image, which starts by itself after boot_ms. A rebuild is
 * hosts_remove() and this. Fails when there is one of this id already, or when
 * something else listens on the address. User data that is not understood is no
 * error: the machine's console (<directory>/console/<server_id>) says so. */
int hosts_boot(struct hosts *hosts, const struct host_order *order, struct error *err);

/* Off: its processes are ended, its disk is kept. On: it boots what is on its disk. No such
 * machine, or one that is so already: nothing happens. */
void hosts_power(struct hosts *hosts, int64_t server_id, bool on);

/* Ends it and deletes its disk. No such machine: nothing happens. */
void hosts_remove(struct hosts *hosts, int64_t server_id);

/* The installer for nixos-anywhere's --kexec; borrowed. NULL in HOSTS_NONE. */
const char *hosts_kexec_file(const struct hosts *hosts);

/* Readable when hosts_tick() has something to do; stays the hosts'. */
int hosts_wait_descriptor(const struct hosts *hosts);

/* Starts machines that are due, takes up those that ended, starts those again that
 * asked for it. Never waits. */
void hosts_tick(struct hosts *hosts);

/* Ends every machine and deletes every disk. NULL is fine. */
void hosts_free(struct hosts *hosts);
#endif
