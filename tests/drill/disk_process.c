/* Virtual processes: descriptors, and locks that live as long as somebody holds them. */
#include "disk_process.h"

#include <stdlib.h>
#include <string.h>

/* Far from real descriptors: what is mixed up fails with EBADF. */
#define FIRST_DESCRIPTOR 1000

struct disk_lock {
	struct disk_lock *next;
	struct disk *disk;
	struct opening *opening; /* NULL after a power cut */
};

static void opening_drop(struct opening *opening)
{
	if (--opening->references > 0)
		return;
	if (opening->node->locker == opening)
		opening->node->locker = NULL;
	node_closed(opening->node);
	free(opening->path);
	free(opening);
}

struct disk_process *disk_process_new(struct disk *disk, uid_t user)
{
	struct disk_process *process = disk_allocate(sizeof(*process));
	*process = (struct disk_process){ .next = disk->processes, .disk = disk, .user = user };
	disk->processes = process;
	return process;
}

void disk_process_kill(struct disk_process *process)
{
	struct disk_process **link = &process->disk->processes;
	while (*link != process)
		link = &(*link)->next;
	*link = process->next;
	process_close_all(process);
	free(process->openings);
	free(process);
}

int process_add(struct disk_process *process, struct node *node, int flags, const char *path)
{
	size_t slot = 0;
	while (slot < process->count && process->openings[slot])
		slot++;
	if (slot == process->count)
		process->openings = disk_resize(process->openings, ++process->count * sizeof(*process->openings));
	struct opening *opening = disk_allocate(sizeof(*opening));
	*opening = (struct opening){ .references = 1, .node = node, .flags = flags, .path = disk_copy_name(path) };
	node_opened(node);
	process->openings[slot] = opening;
	return FIRST_DESCRIPTOR + (int)slot;
}

struct opening *process_opening(const struct disk_process *process, int fd)
{
	if (fd < FIRST_DESCRIPTOR || (size_t)(fd - FIRST_DESCRIPTOR) >= process->count)
		return NULL;
	return process->openings[fd - FIRST_DESCRIPTOR];
}

void process_close(struct disk_process *process, int fd)
{
	opening_drop(process->openings[fd - FIRST_DESCRIPTOR]);
	process->openings[fd - FIRST_DESCRIPTOR] = NULL;
}

void process_end_listing(struct disk_listing *listing)
{
	struct disk_listing **link = &listing->process->listings;
	while (*link != listing)
		link = &(*link)->next;
	*link = listing->next;
	node_closed(listing->directory);
	free(listing);
}

void process_close_all(struct disk_process *process)
{
	for (size_t slot = 0; slot < process->count; slot++)
		if (process->openings[slot])
			process_close(process, FIRST_DESCRIPTOR + (int)slot);
	while (process->listings)
		process_end_listing(process->listings);
}

struct disk_lock *disk_lock_share(struct disk_process *process, int fd)
{
	struct opening *opening = process_opening(process, fd);
	if (!opening)
		abort();
	opening->references++;
	struct disk_lock *lock = disk_allocate(sizeof(*lock));
	*lock = (struct disk_lock){ process->disk->locks, process->disk, opening };
	process->disk->locks = lock;
	return lock;
}

void disk_lock_drop(struct disk_lock *lock)
{
	if (!lock)
		return;
	struct disk_lock **link = &lock->disk->locks;
	while (*link != lock)
		link = &(*link)->next;
	*link = lock->next;
	if (lock->opening)
		opening_drop(lock->opening);
	free(lock);
}

void process_lose_locks(struct disk *disk)
{
	for (struct disk_lock *lock = disk->locks; lock; lock = lock->next) {
		if (lock->opening)
			opening_drop(lock->opening);
		lock->opening = NULL;
	}
}
