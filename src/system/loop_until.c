#include "system/loop.h"

/* Apart from loop.c, so that it stands on any loop that gives loop_turn(). */
int loop_until(struct loop *loop, const bool *flag, struct error *err)
{
	while (!*flag)
		if (loop_turn(loop, err) < 0)
			return -1;
	return 0;
}
