#include "story.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/timestamp.h"
#include "owner.h"
#include "world.h"

/* What was told; the same thing told again and again is one entry. */
struct entry {
	char *text;
	int64_t first_ms, last_ms;
	unsigned times;
};

struct story {
	struct entry *entries;
	size_t count, capacity;
};

struct story *story_new(void)
{
	return calloc(1, sizeof(struct story));
}

void story_free(struct story *story)
{
	for (size_t i = 0; story && i < story->count; i++)
		free(story->entries[i].text);
	if (story)
		free(story->entries);
	free(story);
}

static bool is_last(const struct story *story, const char *text)
{
	return story->count && strcmp(story->entries[story->count - 1].text, text) == 0;
}

static void add(struct story *story, const char *text, int64_t now_ms)
{
	if (is_last(story, text)) {
		story->entries[story->count - 1].times++;
		story->entries[story->count - 1].last_ms = now_ms;
		return;
	}
	if (story->count == story->capacity) {
		story->capacity = story->capacity ? 2 * story->capacity : 256;
		story->entries = owner_world_reallocarray(story->entries, story->capacity, sizeof(*story->entries));
	}
	story->entries[story->count++] = (struct entry){ owner_world_strdup(text), now_ms, now_ms, 1 };
}

/* A sweep that had nothing to do is one line, and many of them too. */
static void add_quiet(struct story *story, int64_t now_ms)
{
	struct entry *begin = &story->entries[story->count - 1];
	if (--begin->times == 0) {
		free(begin->text);
		story->count--;
	}
	add(story, "reap finds nothing to do", now_ms);
}

void story_tell(struct world *world, const char *format, ...)
{
	char text[700];
	va_list args;
	if (!world->story)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (strcmp(text, "reap ends with 0") == 0 && is_last(world->story, "reap begins"))
		add_quiet(world->story, world->now_ms);
	else
		add(world->story, text, world->now_ms);
}

void story_print(const struct story *story)
{
	for (size_t i = 0; i < story->count; i++) {
		const struct entry *entry = &story->entries[i];
		char when[TIMESTAMP_SIZE];
		timestamp_format(entry->first_ms / 1000, when);
		printf("%s.%03d  %s", when, (int)(entry->first_ms % 1000), entry->text);
		if (entry->times > 1) {
			timestamp_format(entry->last_ms / 1000, when);
			printf("  (%u times, until %s)", entry->times, when);
		}
		printf("\n");
	}
}
