#ifndef DRILL_DISK_PROCESS_H
#define DRILL_DISK_PROCESS_H
/* What a virtual process has open. */
#include <dirent.h>

#include "disk_node.h"

/* What open() makes and several descriptors may share: the lock belongs to it. */
struct opening {
	unsigned references;
	struct node *node;
	size_t offset;
	int flags;
	char *path;
};

struct disk_listing {
	struct disk_listing *next;
	struct disk_process *process;
	struct node *directory;
	unsigned dots;       /* of "." and ".." that were given */
	struct dirent entry; /* the last one given */
};

struct disk_process {
	struct disk_process *next;
	struct disk *disk;
	uid_t user;
	struct opening **openings; /* by descriptor; NULL: free */
	size_t count;
	struct disk_listing *listings;
};

int process_add(struct disk_process *process, struct node *node, int flags, const char *path); /* the descriptor */
struct opening *process_opening(const struct disk_process *process, int fd);                   /* NULL: not open */
void process_close(struct disk_process *process, int fd);                                      /* that is open */
void process_close_all(struct disk_process *process);
void process_end_listing(struct disk_listing *listing);
void process_lose_locks(struct disk *disk); /* those that were shared */
#endif
