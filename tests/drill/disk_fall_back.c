/* What a power cut leaves: open changes are taken back, and some of them made again. */
#include <stdlib.h>
#include <string.h>

#include "disk_journal.h"

/* Of the open changes of one node. The order is that of struct disk_random. */
enum survival { SURVIVES_NOTHING, SURVIVES_IN_ORDER, SURVIVES_EACH_FOR_ITSELF, SURVIVES_ALL, SURVIVALS };

enum extent { NOT_AT_ALL, TORN, WHOLE, EXTENTS };

static void take_back_bytes(struct node *file, struct change *change)
{
	size_t size = change->bytes.size;
	char *made = size ? memcpy(disk_resize(NULL, size), file->bytes + change->bytes.offset, size) : NULL;
	node_set_length(file, change->bytes.length_before);
	node_set_bytes(file, change->bytes.offset, change->bytes.other, change->bytes.other_size);
	free(change->bytes.other);
	change->bytes.other = made;
	change->bytes.other_size = size;
}

static void exchange_mode(struct node *node, struct change *change)
{
	mode_t mode = node->mode;
	node->mode = change->other_mode;
	change->other_mode = mode;
}

static void take_back(struct node *node, struct change *change)
{
	switch (change->kind) {
	case CHANGE_BYTES:
		take_back_bytes(node, change);
		break;
	case CHANGE_MODE:
		exchange_mode(node, change);
		break;
	case CHANGE_NAME:
		if (change->name.to)
			node_set_entry(node, change->name.to, change->name.replaced);
		if (change->name.from)
			node_set_entry(node, change->name.from, change->name.node);
		break;
	}
}

/* A name that is made where one stands yet stands for its removal too. */
static void make_names_again(struct node *directory, const struct change *change)
{
	if (change->name.from && node_at(directory, change->name.from) != change->name.node)
		return; /* needs one that was not made again */
	if (change->name.from)
		node_set_entry(directory, change->name.from, NULL);
	if (change->name.to)
		node_set_entry(directory, change->name.to, change->name.node);
}

static void make_again(struct node *node, struct change *change)
{
	switch (change->kind) {
	case CHANGE_BYTES:
		if (change->bytes.size)
			node_set_bytes(node, change->bytes.offset, change->bytes.other, change->bytes.size);
		else
			node_set_length(node, change->bytes.length_after);
		break;
	case CHANGE_MODE:
		exchange_mode(node, change);
		break;
	case CHANGE_NAME:
		make_names_again(node, change);
		break;
	}
}

/* Only the pages that the random source picks. */
static void make_pages_again(struct node *file, const struct change *change, const struct disk_random *random)
{
	size_t begin = change->bytes.offset, end = begin + change->bytes.size;
	for (size_t next; begin < end; begin = next) {
		next = begin - begin % PAGE_BYTES + PAGE_BYTES;
		if (next > end)
			next = end;
		if (disk_below(random, 2))
			node_set_bytes(file, begin, change->bytes.other + (begin - change->bytes.offset), next - begin);
	}
}

static bool can_be_torn(const struct change *change)
{
	return change->kind == CHANGE_BYTES && change->bytes.size > 0;
}

static enum extent any_extent(const struct change *change, const struct disk_random *random)
{
	if (can_be_torn(change))
		return disk_below(random, EXTENTS);
	return disk_below(random, 2) ? WHOLE : NOT_AT_ALL;
}

static void make_torn(struct node *node, const struct change *change, const struct disk_random *random)
{
	enum { CUT, ZEROS, PAGES };
	if (!can_be_torn(change))
		return;
	uint64_t manner = disk_below(random, node->disk->holes ? 3 : 2);
	if (manner == PAGES) {
		make_pages_again(node, change, random);
		return;
	}
	node_set_bytes(node, change->bytes.offset, change->bytes.other, disk_below(random, change->bytes.size + 1));
	if (manner == ZEROS && change->bytes.length_after > node->length)
		node_set_length(node, change->bytes.length_after);
}

static void make_some_again(struct node *node, struct change *changes, size_t count, const struct disk_random *random)
{
	enum survival survival = disk_below(random, SURVIVALS);
	if (survival == SURVIVES_EACH_FOR_ITSELF && !node->is_directory && !node->disk->holes)
		survival = SURVIVES_IN_ORDER;
	size_t whole = survival == SURVIVES_ALL ? count : 0;
	if (survival == SURVIVES_IN_ORDER)
		whole = disk_below(random, count + 1);
	for (size_t i = 0; i < count; i++) {
		enum extent extent = i < whole ? WHOLE : NOT_AT_ALL;
		if (survival == SURVIVES_IN_ORDER && i == whole)
			extent = TORN;
		if (survival == SURVIVES_EACH_FOR_ITSELF)
			extent = any_extent(&changes[i], random);
		if (extent == WHOLE)
			make_again(node, &changes[i]);
		else if (extent == TORN)
			make_torn(node, &changes[i], random);
	}
}

void journal_fall_back_tree(struct node *node, const struct disk_random *random)
{
	struct journal *journal = &node->journal;
	size_t decided = journal->count - journal->open_count;
	for (size_t i = journal->count; i-- > 0;)
		take_back(node, &journal->changes[i]);
	for (size_t i = 0; i < decided; i++)
		if (journal->changes[i].fate == FATE_KEPT)
			make_again(node, &journal->changes[i]);
	if (journal->open_count)
		make_some_again(node, journal->changes + decided, journal->open_count, random);
	journal_release(journal);
	for (size_t i = 0; i < node->entry_count; i++)
		journal_fall_back_tree(node->entries[i].node, random);
}
