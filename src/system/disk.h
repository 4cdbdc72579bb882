#ifndef SYSTEM_DISK_H
#define SYSTEM_DISK_H
#include <stdint.h>

#include "base/error.h"
#include "system/system.h"

/* Bytes that we may still write on the file system that holds `path`. */
int disk_room(struct system *system, const char *path, int64_t *ret_bytes, struct error *err);
#endif
