#include "hosts/standin.h"

#include <inttypes.h>

#include "base/memory.h"
#include "base/text.h"
#include "hosts/path.h"
#include "hosts/user_data.h"
#include "system/durable_file.h"

/* The half of a pair that nobody has the other half of. */
#define OTHER_KEY "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAID4mPrH/17wH3KH3v4x5RkMvWbznOtNxU9/jdZw39vbn"

static int write_file(struct system *system, const char *directory, const char *name, const char *content,
		      struct error *err)
{
	AUTO_FREE char *path = path_format("%s/%s", directory, name);

	return file_replace(system, path, content, strlen(content), 0600, err);
}

static int write_host_key(struct system *system, const char *directory, const char *user_data, enum host_ssh ssh,
			  struct error *err)
{
	struct error ignored = ERROR_INIT;
	struct host_key key = { NULL, NULL };
	int result = 0;

	if (ssh == HOST_SSH_OTHER_KEY)
		return write_file(system, directory, "host_key", OTHER_KEY, err);
	if (user_data_read(user_data, &key, &ignored) == 0 && key.public_half)
		result = write_file(system, directory, "host_key", key.public_half, err);
	host_key_release(&key);
	return result;
}

int standin_boot(struct system *system, const char *parent, const struct host_order *order, struct error *err)
{
	AUTO_FREE char *directory = path_format("%s/%" PRId64, parent, order->server_id);
	AUTO_TEXT struct text keys = TEXT_INIT((size_t)1 << 20), ready_at = TEXT_INIT(32);
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	int64_t ready_ms = now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000 + order->boot_ms;
	text_addf(&ready_at, "%" PRId64 "\n", order->ssh == HOST_SSH_NEVER ? INT64_MAX : ready_ms);
	for (size_t i = 0; i < order->ssh_key_count; i++)
		text_addf(&keys, "%s\n", order->ssh_keys[i]);
	if (directory_remove_tree(system, directory, err) < 0 || directory_make(system, directory, 0700, err) < 0 ||
	    write_file(system, directory, "name", order->name, err) < 0 ||
	    write_file(system, directory, "ready_at", text_string(&ready_at), err) < 0 ||
	    write_file(system, directory, "user_data", order->user_data ? order->user_data : "", err) < 0 ||
	    write_file(system, directory, "authorized_keys", text_string(&keys), err) < 0 ||
	    write_host_key(system, directory, order->user_data, order->ssh, err) < 0 ||
	    (order->ssh == HOST_SSH_HANGS && write_file(system, directory, "hangs", "", err) < 0))
		return -1;
	/* Last: with it the machine is there. */
	return write_file(system, directory, "address", order->address, err);
}

void standin_power(struct system *system, const char *parent, int64_t server_id, bool on)
{
	AUTO_FREE char *directory = path_format("%s/%" PRId64, parent, server_id);
	AUTO_FREE char *off = path_format("%s/off", directory);
	struct error error = ERROR_INIT;

	if (on)
		file_remove(system, off, &error);
	else
		write_file(system, directory, "off", "", &error);
}

void standin_remove(struct system *system, const char *parent, int64_t server_id)
{
	AUTO_FREE char *directory = path_format("%s/%" PRId64, parent, server_id);
	struct error error = ERROR_INIT;

	directory_remove_tree(system, directory, &error);
}
