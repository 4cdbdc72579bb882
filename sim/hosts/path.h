#ifndef SIM_HOSTS_PATH_H
#define SIM_HOSTS_PATH_H
/* A formatted path; the caller frees. */
char *path_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
#endif
