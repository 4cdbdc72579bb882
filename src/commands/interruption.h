#ifndef COMMANDS_INTERRUPTION_H
#define COMMANDS_INTERRUPTION_H
#include "base/error.h"
#include "instance/record.h"

/* After Ctrl-C: what is recorded goes on by itself, and what stops it or takes it back, if anything does. Gives -1. */
int interruption_error(const struct record *record, struct error *err);
#endif
