/* Changes are made at once, and noted with what it takes to take them back. */
#include "disk_journal.h"

#include <stdlib.h>
#include <string.h>

#define OPEN_MAXIMUM    64  /* by then the kernel has written back by itself */
#define CHANGES_MAXIMUM 256 /* by then what was lost went along with others to the same blocks */

static void change_release(struct change *change)
{
	if (change->kind == CHANGE_BYTES) {
		free(change->bytes.other);
	} else if (change->kind == CHANGE_NAME) {
		free(change->name.from);
		free(change->name.to);
		node_drop(change->name.node);
		node_drop(change->name.replaced);
	}
}

void journal_release(struct journal *journal)
{
	for (size_t i = 0; i < journal->count; i++)
		change_release(&journal->changes[i]);
	free(journal->changes);
	*journal = (struct journal){ 0 };
}

/* What is durable needs no way back, unless something was lost before it. */
static void forget_durable(struct journal *journal)
{
	size_t durable = 0;
	while (durable < journal->count && journal->changes[durable].fate == FATE_KEPT)
		change_release(&journal->changes[durable++]);
	journal->count -= durable;
	if (durable && journal->count)
		memmove(journal->changes, journal->changes + durable, journal->count * sizeof(*journal->changes));
	journal->open_count = 0;
}

void journal_settle(struct journal *journal)
{
	for (size_t i = journal->count - journal->open_count; i < journal->count; i++)
		journal->changes[i].fate = FATE_KEPT;
	forget_durable(journal);
}

void journal_fail(struct node *node)
{
	struct journal *journal = &node->journal;
	const struct disk_random *random = &node->disk->random;
	struct change *first = journal->changes + journal->count - journal->open_count;
	bool in_order = !node->is_directory && !node->disk->holes;
	size_t kept = in_order ? disk_below(random, journal->open_count + 1) : 0;
	for (size_t i = 0; i < journal->open_count; i++)
		first[i].fate = (in_order ? i < kept : disk_below(random, 2)) ? FATE_KEPT : FATE_LOST;
	forget_durable(journal);
}

static struct change *note(struct journal *journal, enum change_kind kind)
{
	if (journal->open_count == OPEN_MAXIMUM)
		journal_settle(journal);
	if (journal->count == CHANGES_MAXIMUM)
		journal_release(journal);
	if (journal->count == journal->capacity) {
		journal->capacity = journal->capacity ? 2 * journal->capacity : 4;
		journal->changes = disk_resize(journal->changes, journal->capacity * sizeof(*journal->changes));
	}
	struct change *change = &journal->changes[journal->count++];
	*change = (struct change){ .kind = kind };
	journal->open_count++;
	return change;
}

static char *copy_range(const struct node *file, size_t offset, size_t size)
{
	return size ? memcpy(disk_resize(NULL, size), file->bytes + offset, size) : NULL;
}

/* Notes a change of file contents that replaces `taken` bytes at `offset`. */
static void note_bytes(struct node *file, size_t offset, size_t size, size_t taken, size_t length_after)
{
	struct change *change = note(&file->journal, CHANGE_BYTES);
	change->bytes.offset = offset;
	change->bytes.size = size;
	change->bytes.length_before = file->length;
	change->bytes.length_after = length_after;
	change->bytes.other = copy_range(file, offset, taken);
	change->bytes.other_size = taken;
}

void change_bytes(struct node *file, size_t offset, const char *bytes, size_t size)
{
	size_t end = offset + size, there = offset < file->length ? file->length - offset : 0;
	note_bytes(file, offset, size, size < there ? size : there, end > file->length ? end : file->length);
	node_set_bytes(file, offset, bytes, size);
}

void change_length(struct node *file, size_t length)
{
	if (length == file->length)
		return;
	note_bytes(file, length, 0, length < file->length ? file->length - length : 0, length);
	node_set_length(file, length);
}

void change_mode(struct node *node, mode_t mode)
{
	note(&node->journal, CHANGE_MODE)->other_mode = node->mode;
	node->mode = mode & 07777;
}

static void note_name(struct node *directory, const char *from, const char *to, struct node *node)
{
	struct change *change = note(&directory->journal, CHANGE_NAME);
	change->name.from = disk_copy_name(from);
	change->name.to = disk_copy_name(to);
	change->name.node = node_hold(node);
	change->name.replaced = to ? node_hold(node_at(directory, to)) : NULL;
	if (from)
		node_set_entry(directory, from, NULL);
	if (to)
		node_set_entry(directory, to, node);
}

void change_create(struct node *directory, const char *name, struct node *node)
{
	note_name(directory, NULL, name, node);
}

void change_remove(struct node *directory, const char *name)
{
	note_name(directory, name, NULL, node_at(directory, name));
}

void change_rename(struct node *directory, const char *from, const char *to)
{
	note_name(directory, from, to, node_at(directory, from));
}

void journal_settle_tree(struct node *node)
{
	journal_settle(&node->journal);
	for (size_t i = 0; i < node->entry_count; i++)
		journal_settle_tree(node->entries[i].node);
}
