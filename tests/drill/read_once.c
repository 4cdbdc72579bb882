#include "read_once.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json_load.h"
#include "owner.h"
#include "world.h"

#define SLOTS 4096 /* a power of two */

struct reading {
	struct reading *next; /* in its slot */
	uint64_t digest;
	size_t length;
	json_t *tree;
	char bytes[];
};

/* Global, as malloc() is: json_loadb() is told nothing but bytes. */
static struct {
	struct owner *memory;
	struct json_seen *seen;
	struct reading *slots[SLOTS];
} library;

json_t *__real_json_loadb(const char *bytes, size_t length, size_t flags, json_error_t *error);
json_t *__wrap_json_loadb(const char *bytes, size_t length, size_t flags, json_error_t *error);

/* Of every eighth word: whether it is the same text is then seen by comparing. */
static uint64_t sample_of(const char *bytes, size_t length)
{
	uint64_t sum = length, word;
	for (size_t at = 0; at + sizeof(word) <= length; at += 8 * sizeof(word)) {
		memcpy(&word, bytes + at, sizeof(word));
		sum = (sum ^ word) * UINT64_C(1099511628211);
		sum ^= sum >> 29;
	}
	return sum ^ sum >> 32;
}

/* No reference counts from here on: who is killed could give none back. */
static void make_lasting(json_t *tree)
{
	const char *key;
	size_t index;
	json_t *value;
	if (tree)
		tree->refcount = (size_t)-1;
	json_object_foreach(tree, key, value)
		make_lasting(value);
	json_array_foreach(tree, index, value)
		make_lasting(value);
}

static struct reading *find(uint64_t digest, const char *bytes, size_t length)
{
	for (struct reading *reading = library.slots[digest % SLOTS]; reading; reading = reading->next)
		if (reading->digest == digest && reading->length == length &&
		    memcmp(reading->bytes, bytes, length) == 0)
			return reading;
	return NULL;
}

static json_t *load(const char *bytes, size_t length, json_error_t *error)
{
	uint64_t digest = sample_of(bytes, length);
	struct reading *reading = find(digest, bytes, length);
	if (reading)
		return reading->tree;
	if (!library.memory)
		library.memory = owner_new();
	struct owner *before = owner_switch(library.memory);
	if (!library.seen)
		library.seen = json_seen_new();
	reading = malloc(sizeof(*reading) + length);
	*reading = (struct reading){ library.slots[digest % SLOTS], digest, length, NULL };
	memcpy(reading->bytes, bytes, length);
	reading->tree = json_load_plain(reading->bytes, length, library.seen);
	if (!reading->tree) {
		reading->tree = __real_json_loadb(bytes, length, JSON_REJECT_DUPLICATES, error);
		make_lasting(reading->tree);
	}
	if (reading->tree)
		library.slots[digest % SLOTS] = reading;
	owner_switch(before);
	return reading->tree;
}

/* The simulated cloud changes what it read, so it gets a tree of its own. */
json_t *__wrap_json_loadb(const char *bytes, size_t length, size_t flags, json_error_t *error)
{
	if (flags == JSON_REJECT_DUPLICATES && owner_is_process())
		return load(bytes, length, error);
	json_t *tree = flags == JSON_REJECT_DUPLICATES ? json_load_plain(bytes, length, NULL) : NULL;
	return tree ? tree : __real_json_loadb(bytes, length, flags, error);
}

const json_t *read_once(const char *bytes, size_t length)
{
	json_error_t error;
	return load(bytes, length, &error);
}

const json_t *read_state(const struct world *world)
{
	const char *bytes;
	size_t length;
	return disk_peek(world->disk, STATE_PATH, &bytes, &length) == 0 ? read_once(bytes, length) : NULL;
}

void read_once_forget(void)
{
	owner_free(library.memory);
	memset(&library, 0, sizeof(library));
}
