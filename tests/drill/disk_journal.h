#ifndef DRILL_DISK_JOURNAL_H
#define DRILL_DISK_JOURNAL_H
/* Changes of nodes that an fsync makes durable, and a power cut may take back. */
#include "disk_node.h"

void change_bytes(struct node *file, size_t offset, const char *bytes, size_t size);
void change_length(struct node *file, size_t length);
void change_mode(struct node *node, mode_t mode);

/* Names of one directory. The name `to` of a renaming may be taken, by a file. */
void change_create(struct node *directory, const char *name, struct node *node);
void change_remove(struct node *directory, const char *name);
void change_rename(struct node *directory, const char *from, const char *to);

/* All that is open is durable from now on. */
void journal_settle(struct journal *journal);
/* An fsync failed: what was open is decided, and nobody will be told. */
void journal_fail(struct node *node);
/* Settles a directory and all below it. */
void journal_settle_tree(struct node *node);
/* Takes a node, and all that is below it then, back to what is durable, or what *random made so. */
void journal_fall_back_tree(struct node *node, const struct disk_random *random);
void journal_release(struct journal *journal);
#endif
