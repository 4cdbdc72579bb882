#ifndef DRILL_SHRINK_H
#define DRILL_SHRINK_H
#include "plan.h"

/* Takes items away for as long as the run still breaks the same promise ("P4: ..."), then tells what is left as a
 * story. */
void shrink_and_print(const struct plan *plan, const char *promise);
#endif
