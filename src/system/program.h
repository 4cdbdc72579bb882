#ifndef SYSTEM_PROGRAM_H
#define SYSTEM_PROGRAM_H
/* Where a program is: looked up in a search path like PATH (NULL is an empty one), of
 * which only absolute directories count. A name with a '/' is the place itself. NULL:
 * there is no such program, or it can't be executed. The caller frees. */
char *program_find(const char *path, const char *name);
#endif
