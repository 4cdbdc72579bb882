#ifndef LIFECYCLE_INSPECTION_H
#define LIFECYCLE_INSPECTION_H
/*
 * Looks at everything there is, at Hetzner and in the state directory, and has it
 * compared (audit/). Changes nothing.
 */
#include "audit/audit.h"
#include "cloud/cloud.h"
#include "store/store.h"
#include "system/loop.h"

struct inspection {
	struct snapshot earlier, state; /* before and after the look */
	struct past past;
	struct observed observed;
	struct findings findings;
	struct foreign foreign;
};

/* All or nothing: what could not be read whole is an error, since half a look would make
 * findings of what is there (P3). ERROR_REMOTE too when neither the anchor nor any server of
 * ours is in the project: the token is another one's. */
int inspection_make(struct loop *loop, struct store *store, struct cloud *cloud, struct inspection *ret,
		    struct error *err);
void inspection_release(struct inspection *inspection);

/* Names below the state directory; appends. */
int inspection_list_files(struct system *system, const struct store *store, struct observed_files *ret,
			  struct error *err);
/* Keeps of `files` what is in `before` too. */
void inspection_keep_common(struct observed_files *files, const struct observed_files *before);
#endif
