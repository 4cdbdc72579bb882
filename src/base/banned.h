#ifndef BASE_BANNED_H
#define BASE_BANNED_H
/* Functions that this code never calls; included by the build before every
 * file (-include), so that a use is a compile error. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets strtok
#pragma GCC poison atoi atol atoll atof localtime gmtime ctime asctime mktemp tmpnam tempnam popen
#endif
