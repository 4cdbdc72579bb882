#ifndef DRILL_LOOP_H
#define DRILL_LOOP_H
#include "process.h"
#include "system/loop.h"
#endif
