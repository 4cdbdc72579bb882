/* Files and directories as the kernel shows them. */
#include "disk_journal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void *disk_allocate(size_t size)
{
	void *memory = calloc(1, size);
	if (!memory)
		abort();
	return memory;
}

void *disk_resize(void *old, size_t new_size)
{
	void *memory = realloc(old, new_size);
	if (!memory)
		abort();
	return memory;
}

char *disk_copy_name(const char *name)
{
	if (!name)
		return NULL;
	size_t size = strlen(name) + 1;
	return memcpy(disk_resize(NULL, size), name, size);
}

size_t disk_room(const struct disk *disk)
{
	return disk->limit > disk->used ? disk->limit - disk->used : 0;
}

uint64_t disk_below(const struct disk_random *random, uint64_t bound)
{
	return random->below(random->data, bound);
}

struct node *node_new(struct disk *disk, bool is_directory, mode_t mode, uid_t user)
{
	struct node *node = disk_allocate(sizeof(*node));
	node->disk = disk;
	node->references = 1;
	node->number = ++disk->numbers;
	node->is_directory = is_directory;
	node->mode = mode & 07777;
	node->user = user;
	return node;
}

struct node *node_hold(struct node *node)
{
	if (node)
		node->references++;
	return node;
}

static bool takes_space(const struct node *node)
{
	return node->links + node->openings > 0;
}

static void recount(struct node *node, int links, int openings)
{
	size_t size = DISK_NODE_BYTES + node->length;
	if (takes_space(node))
		node->disk->used -= size;
	node->links += (unsigned)links;
	node->openings += (unsigned)openings;
	if (takes_space(node))
		node->disk->used += size;
}

void node_opened(struct node *node)
{
	node_hold(node);
	recount(node, 0, 1);
}

void node_closed(struct node *node)
{
	recount(node, 0, -1);
	node_drop(node);
}

void node_drop(struct node *node)
{
	if (!node || --node->references > 0)
		return;
	for (size_t i = 0; i < node->entry_count; i++) {
		free(node->entries[i].name);
		recount(node->entries[i].node, -1, 0);
		node_drop(node->entries[i].node);
	}
	journal_release(&node->journal);
	free(node->entries);
	free(node->bytes);
	free(node);
}

static void reach_length(struct node *node, size_t length)
{
	if (length > node->capacity) {
		node->capacity = length > 2 * node->capacity ? length : 2 * node->capacity;
		node->bytes = disk_resize(node->bytes, node->capacity);
	}
	if (takes_space(node))
		node->disk->used += length - node->length; /* wraps where it shrinks, and comes out right */
	node->length = length;
}

void node_set_length(struct node *node, size_t length)
{
	size_t before = node->length;
	reach_length(node, length);
	if (length > before)
		memset(node->bytes + before, 0, length - before);
}

void node_set_bytes(struct node *node, size_t offset, const char *bytes, size_t size)
{
	if (size == 0)
		return;
	if (offset > node->length)
		node_set_length(node, offset);
	if (offset + size > node->length)
		reach_length(node, offset + size);
	memcpy(node->bytes + offset, bytes, size);
}

/* Index of the first entry whose name is not before this one. */
static size_t search(const struct node *directory, const char *name)
{
	size_t low = 0, high = directory->entry_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (strcmp(directory->entries[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_at(const struct node *directory, size_t index, const char *name)
{
	return index < directory->entry_count && strcmp(directory->entries[index].name, name) == 0;
}

struct node *node_at(const struct node *directory, const char *name)
{
	size_t index = search(directory, name);
	return is_at(directory, index, name) ? directory->entries[index].node : NULL;
}

size_t node_entry_after(const struct node *directory, const char *name)
{
	size_t index = search(directory, name);
	return index + is_at(directory, index, name);
}

static void insert_entry(struct node *directory, size_t index, const char *name)
{
	if (directory->entry_count == directory->entry_capacity) {
		directory->entry_capacity = directory->entry_capacity ? 2 * directory->entry_capacity : 4;
		directory->entries =
			disk_resize(directory->entries, directory->entry_capacity * sizeof(*directory->entries));
	}
	struct entry *entry = &directory->entries[index];
	memmove(entry + 1, entry, (directory->entry_count - index) * sizeof(*entry));
	directory->entry_count++;
	*entry = (struct entry){ disk_copy_name(name), NULL };
}

static void remove_entry(struct node *directory, size_t index)
{
	struct entry *entry = &directory->entries[index];
	free(entry->name);
	directory->entry_count--;
	memmove(entry, entry + 1, (directory->entry_count - index) * sizeof(*entry));
}

void node_set_entry(struct node *directory, const char *name, struct node *node)
{
	size_t index = search(directory, name);
	bool there = is_at(directory, index, name);
	struct node *before = there ? directory->entries[index].node : NULL;
	if (node) {
		recount(node_hold(node), 1, 0);
		if (!there)
			insert_entry(directory, index, name);
		directory->entries[index].node = node;
	} else if (there) {
		remove_entry(directory, index);
	}
	if (before) {
		recount(before, -1, 0);
		node_drop(before);
	}
}

static const char *skip_slashes(const char *path)
{
	while (*path == '/')
		path++;
	return path;
}

int place_find(const struct disk *disk, const char *path, struct place *ret)
{
	ret->directory = NULL;
	ret->name[0] = '\0';
	ret->node = disk->root;
	for (path = skip_slashes(path); *path;) {
		if (!ret->node)
			return ENOENT;
		if (!ret->node->is_directory)
			return ENOTDIR;
		const char *name = path;
		size_t length = (size_t)(strchrnul(name, '/') - name);
		if (length > NAME_MAX)
			return ENAMETOOLONG;
		path = skip_slashes(name + length);
		if (length == 1 && *name == '.')
			continue;
		memcpy(ret->name, name, length);
		ret->name[length] = '\0';
		ret->directory = ret->node;
		ret->node = node_at(ret->directory, ret->name);
	}
	return 0;
}
