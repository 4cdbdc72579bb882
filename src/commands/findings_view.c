#include "commands/findings_view.h"

#include <string.h>

const char *severity_name(enum severity severity)
{
	static const char *const names[] = {
		[SEVERITY_NOTICE] = "notice", [SEVERITY_WARNING] = "warning", [SEVERITY_CRITICAL] = "critical"
	};
	return names[severity];
}

static void add_escaped(struct text *ret, const char *foreign)
{
	text_add_escaped(ret, foreign, strlen(foreign), false);
}

/* Cut in the middle of a character it would be no string for JSON. */
static json_t *escaped_json(const char *foreign)
{
	AUTO_TEXT struct text text = TEXT_INIT(4096);
	add_escaped(&text, foreign);
	return json_string(text_string(&text));
}

json_t *findings_view_json(const struct finding *finding, const char *currency)
{
	const struct finding_rule *rule = &finding_rules[finding->kind];
	char monthly[DECIMAL_SIZE] = "";
	if (finding->thing != THING_NONE && finding->monthly != MONEY_UNKNOWN)
		decimal_format(finding->monthly, MONEY_PLACES, monthly);
	json_t *object =
		json_pack("{s:s, s:s, s:s, s:o}", "kind", rule->name, "severity", severity_name(finding->severity),
			  "explanation", rule->explanation, "detail", escaped_json(finding->detail));
	if (*finding->instance)
		json_object_set_new(object, "instanceId", json_string(finding->instance));
	if (finding->thing != THING_NONE) {
		json_object_set_new(object, "thing", json_string(thing_name(finding->thing)));
		json_object_set_new(object, "id", json_integer(finding->id));
		json_object_set_new(object, "monthly", *monthly ? json_string(monthly) : json_null());
		json_object_set_new(object, "currency", json_string(currency));
	}
	if (finding->fix != FIX_NONE) {
		json_object_set_new(object, "fix", json_string(fix_rules[finding->fix].text));
		json_object_set_new(object, "safe", json_boolean(fix_rules[finding->fix].safe));
	}
	if (*finding->advice)
		json_object_set_new(object, "advice", escaped_json(finding->advice));
	return object;
}

/* Names and labels in it may be anybody's: they are escaped. */
void findings_view_paragraph(const struct finding *finding, const char *currency, struct text *ret)
{
	const struct finding_rule *rule = &finding_rules[finding->kind];
	char monthly[DECIMAL_SIZE];
	text_addf(ret, "%-8s %s", severity_name(finding->severity), rule->name);
	if (*finding->instance)
		text_addf(ret, ", instance %s", finding->instance);
	if (finding->thing != THING_NONE)
		text_addf(ret, ", %s %lld", thing_name(finding->thing), (long long)finding->id);
	if (finding->thing != THING_NONE && finding->monthly == MONEY_UNKNOWN)
		text_add_string(ret, ", price unknown");
	else if (finding->monthly > 0) {
		decimal_format(finding->monthly, MONEY_PLACES, monthly);
		text_addf(ret, ", %s %s a month", monthly, currency);
	}
	text_addf(ret, "\n         %s\n         ", rule->explanation);
	add_escaped(ret, finding->detail);
	if (finding->fix != FIX_NONE)
		text_addf(ret, "\n         fix: %s", fix_rules[finding->fix].text);
	if (*finding->advice) {
		text_add_string(ret, "\n         by hand: ");
		add_escaped(ret, finding->advice);
	}
	text_add_string(ret, "\n");
}

void findings_view_line(const struct finding *finding, struct text *ret)
{
	text_addf(ret, "%-8s %s%s%s: ", severity_name(finding->severity), finding_rules[finding->kind].name,
		  *finding->instance ? " " : "", finding->instance);
	add_escaped(ret, finding->detail);
	text_add_string(ret, "\n");
}
