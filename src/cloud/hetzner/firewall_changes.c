/* What somebody changed of the rules that ccc gave a firewall. Neither their order nor that of their ranges counts. */
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "cloud/hetzner/decode.h"

struct difference {
	const json_t *first; /* of the rules that the others lack, borrowed; NULL: none */
	size_t count;
};

static const char *word(const json_t *rule, const char *key)
{
	const char *value = json_string_value(json_object_get(rule, key));
	return value ? value : "";
}

static const char *ranges_key(const json_t *rule)
{
	return strcmp(word(rule, "direction"), "out") == 0 ? "destination_ips" : "source_ips";
}

static bool has_range(const json_t *ranges, const json_t *range)
{
	size_t index;
	json_t *item;
	json_array_foreach(ranges, index, item)
		if (json_equal(item, range))
			return true;
	return false;
}

static bool has_ranges(const json_t *ranges, const json_t *others)
{
	size_t index;
	json_t *other;
	json_array_foreach(others, index, other)
		if (!has_range(ranges, other))
			return false;
	return true;
}

static bool is_same(const json_t *rule, const json_t *other)
{
	static const char *const keys[] = { "direction", "protocol", "port" };
	const json_t *ranges = json_object_get(rule, ranges_key(rule)),
		     *others = json_object_get(other, ranges_key(other));
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(word(rule, keys[i]), word(other, keys[i])) != 0)
			return false;
	return json_equal(ranges, others) || (has_ranges(ranges, others) && has_ranges(others, ranges));
}

static bool has_rule(const json_t *rules, const json_t *wanted)
{
	size_t index;
	json_t *rule;
	json_array_foreach(rules, index, rule)
		if (is_same(rule, wanted))
			return true;
	return false;
}

static struct difference compare(const json_t *rules, const json_t *others)
{
	struct difference difference = { NULL, 0 };
	size_t index;
	json_t *rule;
	json_array_foreach(rules, index, rule) {
		const json_t *opposite = json_array_get(others, index); /* mostly in the same order */
		if ((opposite && is_same(rule, opposite)) || has_rule(others, rule))
			continue;
		if (difference.count++ == 0)
			difference.first = rule;
	}
	return difference;
}

/* "in tcp 22 from 0.0.0.0/0 and 1 more" */
static void add_rule(const json_t *rule, struct text *ret)
{
	const char *direction = word(rule, "direction"), *protocol = word(rule, "protocol");
	const json_t *ranges = json_object_get(rule, ranges_key(rule));
	const char *range = json_string_value(json_array_get(ranges, 0));
	if (!*direction || !*protocol || !range) {
		text_add_string(ret, "a rule that is not understood");
		return;
	}
	text_addf(ret, "%s %s %s%s%s %s", direction, protocol, word(rule, "port"), *word(rule, "port") ? " " : "",
		  strcmp(direction, "out") == 0 ? "to" : "from", range);
	if (json_array_size(ranges) > 1)
		text_addf(ret, " and %zu more", json_array_size(ranges) - 1);
}

static void add_difference(const char *intro, const struct difference *difference, const char *end, struct text *ret)
{
	if (!difference->count)
		return;
	text_addf(ret, "%sit %s ", ret->length ? "; " : "", intro);
	add_rule(difference->first, ret);
	if (difference->count > 1)
		text_addf(ret, ", and %zu other rule%s%s", difference->count - 1, text_plural(difference->count - 1),
			  *end ? "," : "");
	text_add_string(ret, end);
}

void firewall_changes(const json_t *rules, const char *role, char ret[CLOUD_RULES_SIZE])
{
	AUTO_JSON json_t *made = rules_of_role(role);
	AUTO_TEXT struct text changes = TEXT_INIT((size_t)4 * CLOUD_RULES_SIZE);
	const struct difference added = compare(rules, made), removed = compare(made, rules);
	add_difference("has", &added, " beside those of ccc", &changes);
	add_difference("lacks", &removed, "", &changes);
	text_copy(ret, CLOUD_RULES_SIZE, text_string(&changes));
}
