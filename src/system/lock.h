#ifndef SYSTEM_LOCK_H
#define SYSTEM_LOCK_H
/*
 * Locks between processes: flock(2) on a file that is never renamed. The kernel
 * frees one with its last holder, so none is ever stale.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "system/system.h"

struct lock;

/* Takes the lock without waiting. 0 with *ret == NULL: somebody else has it.
 * After locking, fstat and stat must agree, else the file was replaced and the
 * attempt is repeated. The descriptor is close-on-exec. */
int lock_try(struct system *system, const char *path, struct lock **ret, struct error *err);

void lock_release(struct lock *lock); /* NULL is fine; waits for nobody, frees */

/* Unlinks the file while the lock is held, then releases. */
int lock_remove(struct lock *lock, struct error *err);

/* Who holds the lock, as "process 1234 (sleep)", as far as the kernel tells: false when nobody is known. It took
 * the lock; what it started may hold it after its end. */
bool lock_holder(struct system *system, const char *path, char *ret, size_t size);

/* The descriptor that carries the lock, to be inherited by a guard process. */
int lock_descriptor(const struct lock *lock);
#endif
