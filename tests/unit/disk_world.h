#ifndef TEST_DISK_WORLD_H
#define TEST_DISK_WORLD_H
/*
 * What the drill supplies to its virtual disk, in the small: one process that runs,
 * a place where it is struck, and random sources. One world at a time.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drill/disk.h"

extern const struct disk_random nothing_survives, everything_survives;
struct disk_random seeded_random(uint64_t *state);

struct disk *world_begin(uint64_t *random_state); /* with the directory /state, durable, and a process */
void world_end(void);
void world_switch(struct disk_process *process);        /* the caller's own process runs; NULL: the world's */
void world_power_cut(const struct disk_random *random); /* and a new process */
void world_new_process(void);                           /* in place of the one that died */

#define NEVER  ((unsigned)-1)
#define KILLED 0
/* Runs the product; its effect number `strike` (from 1) fails with `number`, or kills
 * it there (KILLED). Gives false when it was killed. */
bool world_run(void (*run)(void *data), void *data, unsigned strike, int number);
void world_fail_next(int number); /* the next effect */
/* Before the next effect with this name, another process does something. */
void world_meanwhile(const char *call, struct disk_process *process, void (*what)(void));
unsigned world_effects(void); /* since world_run() began */

/* Fails the test unless the file has exactly these bytes. */
void assert_file(const struct disk *disk, const char *path, const char *expected);
bool file_is(const struct disk *disk, const char *path, const char *expected);
/* Fails the test unless the directory has exactly these names, each followed by a space. */
void assert_names(const struct disk *disk, const char *directory, const char *expected);
#endif
