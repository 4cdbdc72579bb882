#ifndef SYSTEM_GUARD_H
#define SYSTEM_GUARD_H
/*
 * The guard: `ccc --guard LIFE STATUS LEASE DEADLINE_MS PROGRAM ARGV...`, started by
 * child.c and by nobody else. LIFE, STATUS and LEASE are inherited descriptors
 * (LEASE may be -1). It runs the program in a process group of its own, ends all
 * that came of it when the pipe LIFE closes or the deadline passes, and writes a
 * struct guard_status to STATUS before it ends itself.
 */
#include <stdint.h>

struct guard_status {
	int32_t exit_status; /* or -1 */
	int32_t signal;      /* or 0 */
	int32_t timed_out;
	int32_t exec_errno; /* the program could not be executed */
};

int guard_main(int argc, char **argv);
#endif
