#include "audit/past.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/timestamp.h"

static struct life *find(const struct past *past, const json_t *index, const char *key)
{
	const json_t *place = json_object_get(index, key);
	return place ? &past->lives[json_integer_value(place)] : NULL;
}

static struct life *begin(struct past *past, const struct history_line *line)
{
	past->lives = memory_grow(past->lives, past->count + 1, sizeof(*past->lives));
	struct life *life = &past->lives[past->count++];
	*life = (struct life){ .facts = json_object(), .began_at = line->at };
	text_copy(life->instance, sizeof(life->instance), line->instance);
	if (!past->by_instance) {
		past->by_instance = json_object();
		past->by_nonce = json_object();
	}
	json_object_set_new(past->by_instance, line->instance, json_integer((json_int_t)past->count - 1));
	return life;
}

/* A first line sets every member, and begins a life unless its nonce says that it goes on with the last one. */
static struct life *life_of(struct past *past, const struct history_line *line, const char *nonce)
{
	struct life *life = find(past, past->by_instance, line->instance);
	if (!life)
		return begin(past, line);
	if (!json_object_get(line->set, "instanceId"))
		return life;
	if (nonce && strcmp(nonce, life_string(life, "nonce")) == 0)
		json_object_clear(life->facts);
	else
		life = begin(past, line);
	return life;
}

void past_add(void *data, const struct history_line *line)
{
	struct past *past = data;
	const char *nonce = json_string_value(json_object_get(line->set, "nonce"));
	struct life *life = life_of(past, line, nonce);
	const char *member;
	json_t *value;
	json_object_foreach((json_t *)(uintptr_t)line->set, member, value) {
		if (json_is_null(value))
			json_object_del(life->facts, member);
		else
			json_object_set(life->facts, member, value);
	}
	life->revision = line->revision;
	life->changed_at = line->at;
	if (line->commit > past->commit)
		past->commit = line->commit;
	life->ended = strcmp(line->event, "forgotten") == 0;
	if (!life->sent_at)
		life->sent_at = life_time(life, "createSentAt");
	if (nonce && *nonce)
		json_object_set_new(past->by_nonce, nonce, json_integer(life - past->lives));
}

void past_release(struct past *past)
{
	for (size_t i = 0; i < past->count; i++)
		json_decref(past->lives[i].facts);
	free(past->lives);
	json_decref(past->by_instance);
	json_decref(past->by_nonce);
	*past = (struct past)PAST_INIT;
}

int64_t past_began_at(const struct past *past)
{
	int64_t began = past->count ? past->lives[0].began_at : 0;
	for (size_t i = 1; i < past->count; i++)
		if (past->lives[i].began_at < began)
			began = past->lives[i].began_at;
	return began;
}

const struct life *past_find_instance(const struct past *past, const char *instance)
{
	return find(past, past->by_instance, instance);
}

const struct life *past_find_nonce(const struct past *past, const char *nonce)
{
	return find(past, past->by_nonce, nonce);
}

const char *life_string(const struct life *life, const char *member)
{
	const char *value = json_string_value(json_object_get(life->facts, member));
	return value ? value : "";
}

int64_t life_integer(const struct life *life, const char *member)
{
	return json_integer_value(json_object_get(life->facts, member));
}

int64_t life_time(const struct life *life, const char *member)
{
	int64_t time;
	return timestamp_parse(life_string(life, member), &time) ? time : 0;
}

bool life_is_open(const struct life *life)
{
	return !life->ended && (life->revision > 1 || life->sent_at);
}

int life_record(const struct life *life, struct record *ret, struct error *err)
{
	if (record_from_json(life->instance, life->facts, ret, err) < 0)
		return error_wrap(err, "the history");
	ret->revision = life->revision;
	return 0;
}
