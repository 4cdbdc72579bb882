/* The virtual disk as the drill's own parts see it. */
#include "disk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "disk_journal.h"
#include "disk_process.h"

struct disk *disk_new(const struct disk_random *random)
{
	struct disk *disk = disk_allocate(sizeof(*disk));
	disk->random = *random;
	disk->limit = SIZE_MAX;
	disk->root = node_new(disk, true, 0755, 0);
	return disk;
}

void disk_free(struct disk *disk)
{
	if (disk->processes || disk->locks)
		abort(); /* they would point to nothing */
	node_drop(disk->root);
	free(disk);
}

void disk_set_free(struct disk *disk, size_t bytes)
{
	disk->limit = bytes < SIZE_MAX - disk->used ? disk->used + bytes : SIZE_MAX;
}

void disk_allow_holes(struct disk *disk, bool allow)
{
	disk->holes = allow;
}

void disk_power_cut(struct disk *disk, const struct disk_random *random)
{
	for (struct disk_process *process = disk->processes; process; process = process->next)
		process_close_all(process);
	process_lose_locks(disk);
	journal_fall_back_tree(disk->root, random);
}

void disk_settle(struct disk *disk)
{
	journal_settle_tree(disk->root);
}

static struct node *at(const struct disk *disk, const char *path)
{
	struct place place;
	return place_find(disk, path, &place) == 0 ? place.node : NULL;
}

int disk_peek(const struct disk *disk, const char *path, const char **ret_bytes, size_t *ret_length)
{
	struct place place;
	int number = place_find(disk, path, &place);
	if (number)
		return number;
	if (!place.node)
		return ENOENT;
	if (place.node->is_directory)
		return EISDIR;
	*ret_bytes = place.node->length ? place.node->bytes : "";
	*ret_length = place.node->length;
	return 0;
}

/* A new node at a free place. */
static int make(struct disk *disk, struct place *place, bool is_directory, mode_t mode, uid_t user)
{
	if (disk_room(disk) < DISK_NODE_BYTES)
		return ENOSPC;
	place->node = node_new(disk, is_directory, mode, user);
	change_create(place->directory, place->name, place->node);
	node_drop(place->node);
	return 0;
}

int disk_put(struct disk *disk, const char *path, const char *bytes, size_t length, mode_t mode, uid_t user)
{
	struct place place;
	int number = place_find(disk, path, &place);
	if (!number && !place.node)
		number = make(disk, &place, false, mode, user);
	if (number)
		return number;
	if (place.node->is_directory)
		return EISDIR;
	change_length(place.node, 0);
	size_t room = disk_room(disk);
	change_bytes(place.node, 0, bytes, length < room ? length : room);
	return length <= room ? 0 : ENOSPC;
}

int disk_make_directory(struct disk *disk, const char *path, mode_t mode, uid_t user)
{
	char above[PATH_MAX];
	struct place place;
	for (size_t end = strspn(path, "/"); path[end]; end += strspn(path + end, "/")) {
		end += strcspn(path + end, "/");
		if (end >= sizeof(above))
			return ENAMETOOLONG;
		memcpy(above, path, end);
		above[end] = '\0';
		int number = place_find(disk, above, &place);
		if (!number && !place.node)
			number = make(disk, &place, true, mode, user);
		if (number)
			return number;
	}
	return disk_is_directory(disk, path) ? 0 : EEXIST;
}

static void empty(struct node *directory)
{
	while (directory->entry_count) {
		struct entry *last = &directory->entries[directory->entry_count - 1];
		if (last->node->is_directory)
			empty(last->node);
		change_remove(directory, last->name);
	}
}

int disk_remove(struct disk *disk, const char *path)
{
	struct place place;
	int number = place_find(disk, path, &place);
	if (number)
		return number;
	if (!place.node)
		return ENOENT;
	if (place.node->is_directory)
		empty(place.node);
	if (place.directory)
		change_remove(place.directory, place.name);
	return 0;
}

int disk_list(const struct disk *disk, const char *path, void (*each)(void *data, const char *name), void *data)
{
	const struct node *directory = at(disk, path);
	if (!directory)
		return ENOENT;
	if (!directory->is_directory)
		return ENOTDIR;
	for (size_t i = 0; i < directory->entry_count; i++)
		each(data, directory->entries[i].name);
	return 0;
}

bool disk_exists(const struct disk *disk, const char *path)
{
	return at(disk, path) != NULL;
}

bool disk_is_directory(const struct disk *disk, const char *path)
{
	const struct node *node = at(disk, path);
	return node && node->is_directory;
}

bool disk_is_locked(const struct disk *disk, const char *path)
{
	const struct node *node = at(disk, path);
	return node && node->locker;
}
