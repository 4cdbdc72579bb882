#include "system/process.h"

#include <sys/prctl.h>
#include <sys/resource.h>

void process_hide(void)
{
	(void)setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
