#ifndef DRILL_DISK_NODE_H
#define DRILL_DISK_NODE_H
/*
 * The inside of the virtual disk: nodes (files and directories) as the kernel shows
 * them, each with a journal of what is not durable. What is here changes a node at
 * once and tells no journal; disk_journal.h is the way that leaves a trace.
 */
#include <limits.h>

#include "disk.h"

#define PAGE_BYTES 4096

struct opening;

/* What became of a change. */
enum fate {
	FATE_OPEN, /* not synced: a power cut decides */
	FATE_KEPT, /* durable, but behind a lost one in the journal */
	FATE_LOST, /* an fsync failed: never durable, though the kernel shows it */
};

enum change_kind { CHANGE_BYTES, CHANGE_MODE, CHANGE_NAME };

/* One change, with what is needed to take it back; once taken back, to make it again. */
struct change {
	enum change_kind kind;
	enum fate fate;
	union {
		struct {
			size_t offset, size; /* that were written; size 0: the length was set */
			size_t length_before, length_after;
			char *other; /* the bytes at offset, of the state that the kernel does not show */
			size_t other_size;
		} bytes;
		mode_t other_mode;
		struct {
			char *from, *to; /* NULL from: created; NULL to: removed */
			struct node *node;
			struct node *replaced; /* at `to`, or NULL */
		} name;
	};
};

struct journal {
	struct change *changes;
	size_t count, capacity;
	size_t open_count; /* with FATE_OPEN: the last ones */
};

struct entry {
	char *name;
	struct node *node;
};

struct node {
	struct disk *disk;
	unsigned references;      /* names, openings and changes: its memory lives as long */
	unsigned links, openings; /* it takes space as long as one of them is there */
	uint64_t number;
	mode_t mode;
	uid_t user;
	bool is_directory;
	struct journal journal;
	char *bytes; /* of a file */
	size_t length, capacity;
	struct entry *entries; /* of a directory, by name */
	size_t entry_count, entry_capacity;
	struct opening *locker; /* holds the lock; NULL: free */
};

struct disk {
	struct disk_random random;
	struct node *root;
	uint64_t numbers;   /* that were given to nodes */
	size_t used, limit; /* bytes */
	bool holes;
	struct disk_process *processes;
	struct disk_lock *locks;
};

/* Where a path leads. The root has no directory. */
struct place {
	struct node *directory;
	char name[NAME_MAX + 1];
	struct node *node; /* NULL: nothing there */
};

void *disk_allocate(size_t size);              /* zeroed, or abort */
void *disk_resize(void *old, size_t new_size); /* realloc, or abort */
char *disk_copy_name(const char *name);        /* NULL gives NULL */
size_t disk_room(const struct disk *disk);     /* bytes until it is full */
uint64_t disk_below(const struct disk_random *random, uint64_t bound);

struct node *node_new(struct disk *disk, bool is_directory, mode_t mode, uid_t user); /* one reference */
struct node *node_hold(struct node *node);                                            /* NULL is fine */
void node_drop(struct node *node);                                                    /* NULL is fine */
void node_opened(struct node *node);
void node_closed(struct node *node);

void node_set_length(struct node *node, size_t length); /* zeros where it grows */
void node_set_bytes(struct node *node, size_t offset, const char *bytes, size_t size);

/* A name in a directory: NULL when missing. */
struct node *node_at(const struct node *directory, const char *name);
void node_set_entry(struct node *directory, const char *name, struct node *node); /* NULL removes */
size_t node_entry_after(const struct node *directory, const char *name);          /* index, or entry_count */

/* 0, or ENOENT, ENOTDIR, ENAMETOOLONG when the way there is not passable. */
int place_find(const struct disk *disk, const char *path, struct place *ret);
#endif
