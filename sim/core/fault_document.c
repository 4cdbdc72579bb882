/* Reading what POST /_sim/faults takes, and refusing what makes no sense. */
#include "core/fault_document.h"

#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "core/routes.h"

enum kind { FLAG, COUNT, SECONDS, NUMBER, WORD, ANSWER, ERROR_CODE, MATCH };

/* What a member changes. One fault can't change the effect and replace it. */
enum part { TERMS, REPLACES_EFFECT, CHANGES_EFFECT, CHANGES_ACTIONS, CHANGES_ANSWER, REPLACES_ANSWER };

struct member {
	const char *name;
	enum kind kind;
	enum part part;
	size_t offset; /* in struct fault */
	double minimum, maximum;
	const char *words[4]; /* of a WORD: the first stands for 1 */
};

#define AT(member) offsetof(struct fault, member)

/* clang-format off */
static const struct member members[] = {
	{ "match",          MATCH,      TERMS,           0,                 0, 0, { NULL } },
	{ "skip",           COUNT,      TERMS,           AT(skip),          0, 1e9, { NULL } },
	{ "times",          COUNT,      TERMS,           AT(times),         1, 1e9, { NULL } },
	{ "probability",    NUMBER,     TERMS,           AT(probability),   1e-6, 1, { NULL } },
	{ "seconds",        SECONDS,    TERMS,           AT(lasting_ms),    0.001, 1e9, { NULL } },
	{ "error",          ERROR_CODE, REPLACES_EFFECT, AT(answer),        0, 0, { NULL } },
	{ "answer",         ANSWER,     REPLACES_EFFECT, AT(answer),        0, 0, { NULL } },
	{ "html",           FLAG,       REPLACES_EFFECT, AT(html),          0, 0, { NULL } },
	{ "big",            COUNT,      REPLACES_EFFECT, AT(big),           1, 1 << 30, { NULL } },
	{ "drop",           FLAG,       REPLACES_EFFECT, AT(drop),          0, 0, { NULL } },
	{ "repeat",         WORD,       CHANGES_EFFECT,  AT(repeat),        0, 0, { "first", "second" } },
	{ "late",           SECONDS,    CHANGES_EFFECT,  AT(late_ms),       0.001, 1e9, { NULL } },
	{ "stale",          SECONDS,    CHANGES_EFFECT,  AT(stale_ms),      0.001, 1e9, { NULL } },
	{ "ssh",            WORD,       CHANGES_EFFECT,  AT(ssh),           0, 0, { "never", "other-host-key", "hangs" } },
	{ "fail_action",    FLAG,       CHANGES_ACTIONS, AT(fail_action),   0, 0, { NULL } },
	{ "stall_action",   FLAG,       CHANGES_ACTIONS, AT(stall_action),  0, 0, { NULL } },
	{ "action_factor",  NUMBER,     CHANGES_ACTIONS, AT(action_factor), 0.001, 1e6, { NULL } },
	{ "action_seconds", SECONDS,    CHANGES_ACTIONS, AT(action_ms),     0.001, 1e9, { NULL } },
	{ "hang",           SECONDS,    CHANGES_ANSWER,  AT(hang_ms),       0.001, 86400, { NULL } },
	{ "lose_answer",    FLAG,       REPLACES_ANSWER, AT(lose_answer),   0, 0, { NULL } },
	{ "cut",            FLAG,       REPLACES_ANSWER, AT(cut),           0, 0, { NULL } },
	{ "endless",        FLAG,       REPLACES_ANSWER, AT(endless),       0, 0, { NULL } },
};
/* clang-format on */

static const struct member *member_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LENGTH(members); i++)
		if (strcmp(members[i].name, name) == 0)
			return &members[i];
	return NULL;
}

static int unknown(const char *name, struct error *err)
{
	return error_set(err, ERROR_REFUSED, 0, "unknown member '%s'", name);
}

static int check_members(json_t *object, const char *const *names, struct error *err)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value) {
		const char *const *name = names;
		while (*name && strcmp(*name, key) != 0)
			name++;
		if (!*name)
			return unknown(key, err);
	}
	return 0;
}

static int read_match(json_t *match, struct fault *fault, struct error *err)
{
	static const char *const names[] = { "method", "route", "project", NULL };

	if (!json_is_object(match))
		return error_set(err, ERROR_REFUSED, 0, "member 'match' is not an object");
	if (check_members(match, names, err) || json_optional_string(match, "method", NULL, &fault->method, err) ||
	    json_optional_string(match, "route", NULL, &fault->route, err) ||
	    json_optional_integer(match, "project", -1, &fault->project, err))
		return -1;
	if (!route_exists(fault->method, fault->route))
		return error_set(err, ERROR_REFUSED, 0, "no route is '%s %s'", fault->method ? fault->method : "*",
				 fault->route ? fault->route : "*");
	return 0;
}

static int read_answer(json_t *answer, struct known_error *ret, struct error *err)
{
	static const char *const names[] = { "status", "code", "message", NULL };
	int64_t status;

	if (!json_is_object(answer))
		return error_set(err, ERROR_REFUSED, 0, "member 'answer' is not an object");
	if (check_members(answer, names, err) || json_optional_integer(answer, "status", 503, &status, err) ||
	    json_optional_string(answer, "code", "unavailable", &ret->code, err) ||
	    json_optional_string(answer, "message", "simulated fault", &ret->message, err))
		return -1;
	if (status < 200 || status > 599)
		return error_set(err, ERROR_REFUSED, 0, "status must be from 200 to 599");
	ret->status = (int)status;
	return 0;
}

static int read_error_code(const json_t *value, struct known_error *ret, struct error *err)
{
	const char *code = json_string_value(value);
	const struct known_error *known = code ? error_find(code) : NULL;

	if (!known)
		return error_set(err, ERROR_REFUSED, 0, "member 'error' is no code of the API");
	*ret = *known;
	return 0;
}

static int read_number(const struct member *member, const json_t *value, double *ret, struct error *err)
{
	double number = json_number_value(value);

	if (!json_is_number(value) || number < member->minimum || number > member->maximum ||
	    (member->kind == COUNT && !json_is_integer(value)))
		return error_set(err, ERROR_REFUSED, 0, "member '%s' is not a %snumber from %g to %g", member->name,
				 member->kind == COUNT ? "whole " : "", member->minimum, member->maximum);
	*ret = number;
	return 0;
}

/* 1 for the first word. */
static int read_word(const struct member *member, const json_t *value, int *ret, struct error *err)
{
	for (int i = 0; member->words[i] && json_is_string(value); i++)
		if (strcmp(member->words[i], json_string_value(value)) == 0) {
			*ret = i + 1;
			return 0;
		}
	return error_set(err, ERROR_REFUSED, 0, "member '%s' is not one of its words, like '%s'", member->name,
			 member->words[0]);
}

static int read_member(const struct member *member, json_t *value, struct fault *fault, struct error *err)
{
	void *target = (char *)fault + member->offset;
	double number = 0;

	switch (member->kind) {
	case FLAG:
		/* One that is false would be a fault that isn't there. */
		if (!json_is_true(value))
			return error_set(err, ERROR_REFUSED, 0, "member '%s' can only be true", member->name);
		*(bool *)target = true;
		return 0;
	case WORD:
		return read_word(member, value, target, err);
	case ANSWER:
		return read_answer(value, target, err);
	case ERROR_CODE:
		return read_error_code(value, target, err);
	case MATCH:
		return read_match(value, fault, err);
	case COUNT:
	case SECONDS:
	case NUMBER:
		break;
	}
	if (read_number(member, value, &number, err))
		return -1;
	if (member->kind == NUMBER)
		*(double *)target = number;
	else
		*(int64_t *)target = (int64_t)(member->kind == SECONDS ? number * 1000 : number);
	return 0;
}

static bool has(const json_t *document, const char *name)
{
	return json_object_get(document, name) != NULL;
}

static int check_contradictions(const json_t *document, struct error *err)
{
	static const char *const pairs[][2] = {
		{ "error", "answer" },
		{ "html", "big" },
		{ "drop", "error" },
		{ "drop", "answer" },
		{ "drop", "html" },
		{ "drop", "big" },
		{ "drop", "lose_answer" },
		{ "drop", "cut" },
		{ "drop", "endless" },
		{ "lose_answer", "cut" },
		{ "lose_answer", "endless" },
		{ "cut", "endless" },
		{ "stall_action", "fail_action" },
		{ "stall_action", "action_factor" },
		{ "stall_action", "action_seconds" },
		{ "action_factor", "action_seconds" },
		{ "stale", "ssh" },
	};

	for (size_t i = 0; i < ARRAY_LENGTH(pairs); i++)
		if (has(document, pairs[i][0]) && has(document, pairs[i][1]))
			return error_set(err, ERROR_REFUSED, 0, "'%s' and '%s' can't be together", pairs[i][0],
					 pairs[i][1]);
	return 0;
}

/* The first member of this part, or NULL. */
static const char *member_of(const json_t *document, enum part part)
{
	for (size_t i = 0; i < ARRAY_LENGTH(members); i++)
		if (members[i].part == part && has(document, members[i].name))
			return members[i].name;
	return NULL;
}

static int check_parts(const json_t *document, const struct fault *fault, struct error *err)
{
	const char *replaces = member_of(document, REPLACES_EFFECT);
	const char *effect = member_of(document, CHANGES_EFFECT);
	const char *actions = member_of(document, CHANGES_ACTIONS);
	const char *answer = member_of(document, REPLACES_ANSWER);

	if (!replaces && !effect && !actions && !answer && !fault->hang_ms)
		return error_set(err, ERROR_REFUSED, 0, "the fault does nothing");
	if (replaces && (effect || actions))
		return error_set(err, ERROR_REFUSED, 0, "'%s' leaves no effect that '%s' could change", replaces,
				 effect ? effect : actions);
	if (fault->late_ms && fault->repeat == REPEAT_SHOWS_SECOND)
		return error_set(err, ERROR_REFUSED, 0, "the answer can't be that of a late second");
	if (fault->late_ms && !fault->repeat && (actions || answer || fault->ssh || fault->stale_ms))
		return error_set(err, ERROR_REFUSED, 0, "'late' without 'repeat' goes with 'hang' alone");
	if (actions && fault->method && strcmp(fault->method, "GET") == 0)
		return error_set(err, ERROR_REFUSED, 0, "no GET starts actions that '%s' could change", actions);
	return 0;
}

/* Some troubles belong to certain routes; the first is meant where none is given. */
static int check_route(const json_t *document, struct fault *fault, struct error *err)
{
	static const struct {
		const char *member, *method, *route;
	} places[] = {
		{ "stale", "GET", "/servers" },
		{ "stale", "GET", "/servers/{id}" },
		{ "ssh", "POST", "/servers" },
		{ "ssh", "POST", "/servers/{id}/actions/rebuild" },
		{ "ssh", "POST", "/servers/{id}/actions/poweron" },
	};
	const char *member = NULL;

	for (size_t i = 0; i < ARRAY_LENGTH(places); i++) {
		if (!has(document, places[i].member))
			continue;
		member = places[i].member;
		if (!fault->method && !fault->route) {
			fault->method = places[i].method;
			fault->route = places[i].route;
		}
		if (fault->method && fault->route && strcmp(fault->method, places[i].method) == 0 &&
		    strcmp(fault->route, places[i].route) == 0)
			return 0;
	}
	return member ? error_set(err, ERROR_REFUSED, 0, "'%s' does nothing to this method and route", member) : 0;
}

static int read_all(json_t *document, struct fault *fault, struct error *err)
{
	const char *key;
	json_t *value;

	json_object_foreach(document, key, value) {
		const struct member *member = member_find(key);
		if (!member)
			return unknown(key, err);
		if (read_member(member, value, fault, err))
			return -1;
	}
	if (check_contradictions(document, err) || check_parts(document, fault, err))
		return -1;
	return check_route(document, fault, err);
}

int fault_read(json_t *document, struct fault *ret, struct error *err)
{
	struct fault fault = { .project = -1, .probability = 1 };

	if (!json_is_object(document))
		return error_set(err, ERROR_REFUSED, 0, "a fault is an object");
	if (read_all(document, &fault, err))
		return -1;
	/* Once, unless something else sets an end or chance decides. */
	if (fault.times == 0)
		fault.times = fault.lasting_ms || fault.probability < 1 ? INT64_MAX : 1;
	fault.document = json_incref(document);
	*ret = fault;
	return 0;
}
