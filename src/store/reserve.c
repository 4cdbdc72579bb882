/*
 * A full disk must not keep servers alive that nobody pays for (P7): a file that only
 * takes up room is given up when a commit finds none, so that what is under way can be
 * brought to its end. New instances are not begun without it.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "store/layout.h"
#include "system/durable_file.h"

#define RESERVE_MINIMUM ((size_t)64 << 10)

/* Room for the state twice, as its old and its new form exist side by side, and for the history: an instance
 * takes a few lines to its end, which together are shorter than its record twice, and a few instances the minimum. */
int reserve_ensure(struct store *store, size_t state_size, struct error *err)
{
	struct file_facts facts;
	size_t wanted = RESERVE_MINIMUM + 2 * state_size;
	if (file_look(store->system, store->reserve_path, &facts, err) < 0)
		return -1;
	if (facts.exists && facts.size >= (int64_t)wanted)
		return 0;
	wanted += wanted / 2; /* grown seldom */
	AUTO_FREE char *nothing = memory_new(wanted);
	if (file_replace(store->system, store->reserve_path, nothing, wanted, 0600, err) < 0)
		return error_wrap(err, "cannot keep room for what is under way");
	return 0;
}

bool reserve_give_up(struct store *store)
{
	struct error ignored = ERROR_INIT;
	struct file_facts facts;
	return file_look(store->system, store->reserve_path, &facts, &ignored) == 0 && facts.exists &&
	       file_remove(store->system, store->reserve_path, &ignored) == 0;
}
