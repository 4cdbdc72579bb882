#ifndef PROGRAMS_FIND_H
#define PROGRAMS_FIND_H
/* The absolute path of a program, looked up in a search path like PATH, of which only
 * absolute directories count. NULL: it is in none. The caller frees. */
char *program_find(const char *path, const char *name);
#endif
