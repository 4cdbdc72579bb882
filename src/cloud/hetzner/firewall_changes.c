/* What somebody changed of the rules that ccc gave a firewall. Neither their order nor that of their ranges counts. */
#include <string.h>

#include "base/text.h"
#include "cloud/hetzner/firewall_rules.h"

static const char *word(const json_t *rule, const char *key)
{
	const char *value = json_string_value(json_object_get(rule, key));
	return value ? value : "";
}

static const json_t *ranges_of(const json_t *rule)
{
	return json_object_get(rule, firewall_ranges_member(word(rule, "direction")));
}

/* --- one rule and another ----------------------------------------------------------- */

static bool is_range(const json_t *range, const char *wanted)
{
	const char *value = json_string_value(range);
	return value && strcmp(value, wanted) == 0;
}

static bool is_made(const struct firewall_rule *made, const json_t *range)
{
	for (size_t i = 0; i < made->range_count; i++)
		if (is_range(range, made->ranges[i]))
			return true;
	return false;
}

static bool has_range(const json_t *ranges, const char *wanted)
{
	size_t index;
	json_t *range;
	json_array_foreach(ranges, index, range)
		if (is_range(range, wanted))
			return true;
	return false;
}

static bool has_same_ranges(const json_t *ranges, const struct firewall_rule *made)
{
	size_t index = 0;
	json_t *range;
	while (index < made->range_count && is_range(json_array_get(ranges, index), made->ranges[index]))
		index++;
	if (index == made->range_count && json_array_size(ranges) == index) /* mostly they are in the same order */
		return true;
	json_array_foreach(ranges, index, range)
		if (!is_made(made, range))
			return false;
	for (index = 0; index < made->range_count; index++)
		if (!has_range(ranges, made->ranges[index]))
			return false;
	return true;
}

static bool is_same(const json_t *rule, const struct firewall_rule *made)
{
	return strcmp(word(rule, "direction"), made->direction) == 0 &&
	       strcmp(word(rule, "protocol"), made->protocol) == 0 &&
	       strcmp(word(rule, "port"), made->port ? made->port : "") == 0 && has_same_ranges(ranges_of(rule), made);
}

/* --- in words ----------------------------------------------------------------------- */

/* The rules that one side has alone. */
struct difference {
	size_t count;
	char first[CLOUD_RULES_SIZE];
};

/* "in tcp 22 from 0.0.0.0/0 and 1 more" */
static void add(struct difference *difference, const char *direction, const char *protocol, const char *port,
		const char *range, size_t range_count)
{
	AUTO_TEXT struct text words = TEXT_INIT(CLOUD_RULES_SIZE);
	if (difference->count++)
		return;
	if (!*direction || !*protocol || !range)
		text_add_string(&words, "a rule that is not understood");
	else
		text_addf(&words, "%s %s %s%s%s %s", direction, protocol, port, *port ? " " : "",
			  strcmp(direction, "out") == 0 ? "to" : "from", range);
	if (*direction && *protocol && range && range_count > 1)
		text_addf(&words, " and %zu more", range_count - 1);
	text_copy(difference->first, sizeof(difference->first), text_string(&words));
}

static struct difference added(const json_t *rules, const struct firewall_rule *made, size_t count)
{
	struct difference difference = { .count = 0 };
	size_t index;
	json_t *rule;
	json_array_foreach(rules, index, rule) {
		bool known = index < count && is_same(rule, &made[index]); /* mostly they are in the same order */
		for (size_t i = 0; i < count && !known; i++)
			known = is_same(rule, &made[i]);
		if (!known)
			add(&difference, word(rule, "direction"), word(rule, "protocol"), word(rule, "port"),
			    json_string_value(json_array_get(ranges_of(rule), 0)), json_array_size(ranges_of(rule)));
	}
	return difference;
}

static struct difference removed(const json_t *rules, const struct firewall_rule *made, size_t count)
{
	struct difference difference = { .count = 0 };
	for (size_t i = 0; i < count; i++) {
		const json_t *opposite = json_array_get(rules, i);
		bool there = opposite && is_same(opposite, &made[i]);
		for (size_t index = 0; index < json_array_size(rules) && !there; index++)
			there = is_same(json_array_get(rules, index), &made[i]);
		if (!there)
			add(&difference, made[i].direction, made[i].protocol, made[i].port ? made[i].port : "",
			    made[i].ranges[0], made[i].range_count);
	}
	return difference;
}

static void tell(const char *intro, const struct difference *difference, const char *end, struct text *ret)
{
	if (!difference->count)
		return;
	text_addf(ret, "%sit %s %s", ret->length ? "; " : "", intro, difference->first);
	if (difference->count > 1)
		text_addf(ret, ", and %zu other rule%s%s", difference->count - 1, text_plural(difference->count - 1),
			  *end ? "," : "");
	text_add_string(ret, end);
}

void firewall_changes(const json_t *rules, const char *role, char ret[CLOUD_RULES_SIZE])
{
	size_t count;
	const struct firewall_rule *made = firewall_rules(role, &count);
	AUTO_TEXT struct text changes = TEXT_INIT((size_t)4 * CLOUD_RULES_SIZE);
	const struct difference more = added(rules, made, count), fewer = removed(rules, made, count);
	tell("has", &more, " beside those of ccc", &changes);
	tell("lacks", &fewer, "", &changes);
	text_copy(ret, CLOUD_RULES_SIZE, text_string(&changes));
}
