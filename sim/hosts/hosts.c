#include "hosts/hosts.h"

#include <stdlib.h>

#include "base/memory.h"

struct hosts {
	enum hosts_mode mode;
};

int hosts_new(enum hosts_mode mode, const char *directory, struct hosts **ret, struct error *err)
{
	(void)directory;
	if (mode != HOSTS_NONE)
		return error_set(err, ERROR_USAGE, 0, "real hosts are not built yet; use --hosts none");
	*ret = memory_new(sizeof(**ret));
	return 0;
}

int hosts_boot(struct hosts *hosts, const struct host_order *order, struct error *err)
{
	(void)hosts;
	(void)order;
	(void)err;
	return 0;
}

void hosts_power(struct hosts *hosts, int64_t server_id, bool on)
{
	(void)hosts;
	(void)server_id;
	(void)on;
}

void hosts_remove(struct hosts *hosts, int64_t server_id)
{
	(void)hosts;
	(void)server_id;
}

const char *hosts_kexec_file(const struct hosts *hosts)
{
	(void)hosts;
	return NULL;
}

int hosts_wait_descriptor(const struct hosts *hosts)
{
	(void)hosts;
	return -1;
}

void hosts_tick(struct hosts *hosts)
{
	(void)hosts;
}

void hosts_free(struct hosts *hosts)
{
	free(hosts);
}
