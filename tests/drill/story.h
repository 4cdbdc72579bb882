#ifndef DRILL_STORY_H
#define DRILL_STORY_H
/* What happened in a run, a line an event, for the one who reads a failure. Told only when asked for. */
struct world;
struct story;

struct story *story_new(void);
void story_free(struct story *story);
/* Nothing happens when the world has no story. */
void story_tell(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));
void story_print(const struct story *story);
#endif
