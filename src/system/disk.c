#include "system/disk.h"

#include <errno.h>
#include <sys/statvfs.h>

int disk_room(struct system *system, const char *path, int64_t *ret_bytes, struct error *err)
{
	struct statvfs facts;
	(void)system;
	if (statvfs(path, &facts) < 0)
		return error_set(err, ERROR_STATE, errno, "cannot tell the room left on the disk of '%s'", path);
	*ret_bytes = (int64_t)facts.f_bavail * (int64_t)facts.f_frsize;
	return 0;
}
