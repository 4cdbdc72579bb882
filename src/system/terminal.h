#ifndef SYSTEM_TERMINAL_H
#define SYSTEM_TERMINAL_H
#include <stdbool.h>

bool terminal_is(int fd);   /* a terminal that can redraw a line (TERM is not "dumb") */
int terminal_width(int fd); /* in cells; 80 when unknown */
#endif
