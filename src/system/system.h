#ifndef SYSTEM_SYSTEM_H
#define SYSTEM_SYSTEM_H
/*
 * The machine that we run on, as a handle. Everything that has an effect or
 * could differ between two runs (files, locks, clock, random, children, network)
 * is reached through it or through a loop made from it. There are no mutable
 * globals anywhere: so other .c files can stand behind the same headers, with a
 * virtual clock and a virtual disk, and hold many machines in one process.
 */
struct system;

struct system *system_new(void);
void system_free(struct system *system);
#endif
