#include "audit/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

#define NOTICE   SEVERITY_NOTICE
#define WARNING  SEVERITY_WARNING
#define CRITICAL SEVERITY_CRITICAL

/* clang-format off */
const struct finding_rule finding_rules[FINDING_KIND_COUNT] = {
	[FINDING_LEAKED_SERVER] = { "leaked-server", CRITICAL,
		"a server of ours that was ended according to the history is there", FIX_END },
	[FINDING_UNRECORDED_SERVER] = { "unrecorded-server", CRITICAL,
		"a server has this fleet's labels, and neither state nor history knows it", FIX_ADOPT },
	[FINDING_UNEXPLAINED_SERVER] = { "unexplained-server", WARNING,
		"a server has this fleet's label, but what it says of itself does not fit together", FIX_NONE },
	[FINDING_DUPLICATE_SERVER] = { "duplicate-server", CRITICAL,
		"a second server has the labels of an instance that has its own", FIX_NONE },
	[FINDING_UNDELETED_SERVER] = { "undeleted-server", CRITICAL,
		"the delete was confirmed, and yet the server is there", FIX_NONE },
	[FINDING_VANISHED_SERVER] = { "vanished-server", CRITICAL,
		"the server of a record was deleted behind our back", FIX_NONE },
	[FINDING_RELABELLED_SERVER] = { "relabelled-server", CRITICAL,
		"the labels of a server do not match its record, so that it can't be ended", FIX_NONE },
	[FINDING_RENAMED_SERVER] = { "renamed-server", CRITICAL,
		"a server has another name than its record says, so that it can't be ended", FIX_NONE },
	[FINDING_PROTECTED_SERVER] = { "protected-server", CRITICAL,
		"a server is protected against deletion, so that it can't be ended", FIX_NONE },
	[FINDING_SERVER_OFF] = { "server-off", NOTICE,
		"a server is switched off; it costs the same", FIX_NONE },
	[FINDING_CHANGED_ADDRESS] = { "changed-address", WARNING,
		"a server has another address than its record says, so that 'ccc whois' would not find it", FIX_NONE },
	[FINDING_RESCALED_SERVER] = { "rescaled-server", WARNING,
		"a server is of another type than was ordered", FIX_NONE },
	[FINDING_STALE_LABEL] = { "stale-label", WARNING,
		"the expiry in a server's label is earlier than the record's: after a loss of the state it would count",
		FIX_NONE },
	[FINDING_OPEN_SERVER] = { "open-server", CRITICAL,
		"a server's firewalls are not as they should be: with the fleet's, or with the isolating one alone when it is suspended",
		FIX_NONE },
	[FINDING_CUT_OFF_SERVER] = { "cut-off-server", WARNING,
		"a server has the isolating firewall alone, as one that is suspended, and its record is not suspended",
		FIX_NONE },
	[FINDING_SUSPENSION_PENDING] = { "suspension-pending", CRITICAL,
		"a suspension, or the end of one, was ordered, and the server does not have its firewall yet", FIX_NONE },
	[FINDING_ADOPTED] = { "adopted", WARNING,
		"a machine was adopted from its labels, and nothing ends it without the operator's word", FIX_ACCEPT },
	[FINDING_ADOPTED_OVERDUE] = { "adopted-overdue", CRITICAL,
		"an adopted machine is past the latest expiry that it can have had", FIX_ACCEPT },

	[FINDING_ANCHOR_MISSING] = { "anchor-missing", CRITICAL,
		"the fleet's firewall is gone: nothing can be proven gone without it, and new servers can't be made",
		FIX_REGISTER },
	[FINDING_RELABELLED_ANCHOR] = { "relabelled-anchor", CRITICAL,
		"the fleet's firewall has not the labels that it should have: without them nothing can be proven gone",
		FIX_NONE },
	[FINDING_LEAKY_ISOLATION] = { "leaky-isolation", CRITICAL,
		"the rules of the isolating firewall are not those of ccc: who is suspended may not be cut off", FIX_ISOLATE },
	[FINDING_CHANGED_ANCHOR] = { "changed-anchor", WARNING,
		"the rules of the fleet's firewall are not those of ccc: all its servers have them", FIX_RULES },
	[FINDING_SPARE_FIREWALL] = { "spare-firewall", NOTICE,
		"a second firewall has this fleet's label", FIX_NONE },
	[FINDING_OPERATOR_KEY_MISSING] = { "operator-key-missing", CRITICAL,
		"the operator's SSH key is not registered any more: new servers can't be made", FIX_REGISTER },
	[FINDING_SPARE_SSH_KEY] = { "spare-ssh-key", NOTICE,
		"another SSH key has this fleet's label", FIX_NONE },
	[FINDING_IDLE_ADDRESS] = { "idle-address", WARNING,
		"an address of this fleet belongs to no server; IPv4 is billed all the same", FIX_NONE },
	[FINDING_KEPT_SNAPSHOT] = { "kept-snapshot", NOTICE,
		"a snapshot has this fleet's label; it is billed by its size", FIX_NONE },

	[FINDING_CONTRADICTION] = { "contradiction", WARNING,
		"a record contradicts itself", FIX_NONE },
	[FINDING_SHORT_TIME] = { "short-time", CRITICAL,
		"an instance is to end before its paid time is over", FIX_NONE },
	[FINDING_TWIN_RECORDS] = { "twin-records", CRITICAL,
		"two records claim the same", FIX_NONE },
	[FINDING_LOST_RECORD] = { "lost-record", CRITICAL,
		"the history knows an instance that did not end, and the state lacks it", FIX_RESTORE },
	[FINDING_STALE_STATE] = { "stale-state", CRITICAL,
		"the state is older than its history: it was put back from an old copy", FIX_NONE },
	[FINDING_EDITED_RECORD] = { "edited-record", WARNING,
		"a record is not what its history adds up to: the state was changed by hand", FIX_NONE },
	[FINDING_SHORT_HISTORY] = { "short-history", WARNING,
		"the history lacks lines of a record", FIX_NONE },
	[FINDING_OPERATOR_FILE_MISSING] = { "operator-file-missing", CRITICAL,
		"a file of the operator's SSH key is missing: new servers can't be made, and no box can be reached without it",
		FIX_NONE },
	[FINDING_OPERATOR_KEY_DIFFERS] = { "operator-key-differs", CRITICAL,
		"the operator's SSH key is not the registered one: new machines, and those made with that, can't be reached",
		FIX_NONE },
	[FINDING_KNOWN_HOSTS_MISSING] = { "known-hosts-missing", WARNING,
		"the file with the pinned host key is missing, so that the box can't be reached", FIX_PIN },
	[FINDING_STRAY_FOLDER] = { "stray-folder", NOTICE,
		"a folder of files belongs to no instance", FIX_REMOVE },
	[FINDING_STRAY_LOCK] = { "stray-lock", NOTICE,
		"a lease file belongs to no instance; it is harmless", FIX_REMOVE_LOCK },
	[FINDING_STRAY_TEMPORARY] = { "stray-temporary", NOTICE,
		"a crash left a temporary file", FIX_SWEEP },

	[FINDING_STALE_SWEEP] = { "stale-sweep", WARNING,
		"no sweep of 'ccc reap' came to its end lately: what expires is not ended", FIX_NONE },
	[FINDING_UNCOMPARED_STATE] = { "uncompared-state", CRITICAL,
		"the state was lost and begun anew, and machines that are not in it may run: nobody ends those", FIX_NONE },
	[FINDING_UNENDED_SWEEP] = { "unended-sweep", WARNING,
		"a sweep began and did not come to its end", FIX_NONE },
	[FINDING_STUCK] = { "stuck", WARNING,
		"an instance is unfinished for longer than its steps may take", FIX_NONE },
	[FINDING_FAILING] = { "failing", WARNING,
		"what is to be done for an instance failed, and is tried again", FIX_NONE },
	[FINDING_WAITING] = { "waiting", WARNING,
		"an order waits for something that this machine lacks", FIX_NONE },
	[FINDING_OVERDUE] = { "overdue", WARNING,
		"an instance has expired and is still there", FIX_NONE },
	[FINDING_CLOCK_BEHIND] = { "clock-behind", WARNING,
		"the state is from the future: this machine's clock was set back", FIX_NONE },
	[FINDING_DISK_FULL] = { "disk-full", WARNING,
		"the disk with the state is nearly full", FIX_NONE },
	[FINDING_RATE_LIMIT] = { "rate-limit", WARNING,
		"the requests that Hetzner allows an hour are nearly spent", FIX_NONE },
	[FINDING_SETTINGS] = { "settings", WARNING,
		"a mistake in ccc.ini or the environment: nothing is made until it is mended", FIX_NONE },
};

const struct fix_rule fix_rules[FIX_COUNT] = {
	[FIX_NONE] = { "none", false },
	[FIX_END] = { "give it its record back with the goal gone: it is deleted and proven gone like any other", true },
	[FIX_RESTORE] = { "put the record back that the history has", true },
	[FIX_ADOPT] = { "adopt it: make a record from its labels; nothing ends it without your word", true },
	[FIX_ACCEPT] = { "let it end at its label's expiry; only with --yes, as nobody knows whose it is", false },
	[FIX_ISOLATE] = { "give it its rules back: only machines that are suspended have it", true },
	[FIX_RULES] = { "give it its rules back; only with --yes, as somebody may have changed them on purpose", false },
	[FIX_REGISTER] = { "register it anew", true },
	[FIX_PIN] = { "write it from the record", true },
	[FIX_REMOVE] = { "remove it: the history says that its instance ended, or never asked for anything", true },
	[FIX_REMOVE_LOCK] = { "remove it while holding it", true },
	[FIX_SWEEP] = { "remove it while holding what it was written under", true },
};
/* clang-format on */

const char *thing_name(enum thing thing)
{
	static const char *const names[] = {
		[THING_NONE] = "",           [THING_SERVER] = "server",     [THING_PRIMARY_IP] = "primary IP",
		[THING_SSH_KEY] = "SSH key", [THING_FIREWALL] = "firewall", [THING_SNAPSHOT] = "snapshot",
	};
	return names[thing];
}

struct finding *findings_add(struct findings *findings, enum finding_kind kind, const char *instance,
			     const char *format, ...)
{
	va_list args;
	findings->items = memory_grow(findings->items, findings->count + 1, sizeof(*findings->items));
	struct finding *finding = &findings->items[findings->count++];
	*finding = (struct finding){ .kind = kind,
				     .severity = finding_rules[kind].severity,
				     .fix = finding_rules[kind].fix };
	text_copy(finding->instance, sizeof(finding->instance), instance);
	va_start(args, format);
	vsnprintf(finding->detail, sizeof(finding->detail), format, args);
	va_end(args);
	return finding;
}

void finding_about(struct finding *finding, enum thing thing, int64_t id, int64_t monthly)
{
	finding->thing = thing;
	finding->id = id;
	finding->monthly = monthly;
}

void finding_advise(struct finding *finding, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(finding->advice, sizeof(finding->advice), format, args);
	va_end(args);
}

void finding_advise_label(struct finding *finding, const char *key, const char *is, const char *should)
{
	size_t end = strlen(finding->advice), size = sizeof(finding->advice) - end;
	const char *thing = thing_name(finding->thing), *separator = end ? "; " : "";
	if (strcmp(is, should) == 0)
		return;
	if (*should)
		snprintf(finding->advice + end, size, "%shcloud %s add-label --overwrite %lld %s=%s", separator, thing,
			 (long long)finding->id, key, should);
	else
		snprintf(finding->advice + end, size, "%shcloud %s remove-label %lld %s", separator, thing,
			 (long long)finding->id, key);
}

void findings_release(struct findings *findings)
{
	free(findings->items);
	*findings = (struct findings)FINDINGS_INIT;
}

static bool was_counted(const struct findings *findings, size_t index)
{
	const struct finding *finding = &findings->items[index];
	for (size_t i = 0; i < index; i++)
		if (findings->items[i].thing == finding->thing && findings->items[i].id == finding->id)
			return true;
	return false;
}

void findings_sort(struct findings *findings)
{
	for (size_t i = 1; i < findings->count; i++) {
		struct finding finding = findings->items[i];
		size_t at = i;
		for (; at > 0 && findings->items[at - 1].severity < finding.severity; at--)
			findings->items[at] = findings->items[at - 1];
		findings->items[at] = finding;
	}
}

int64_t findings_monthly(const struct findings *findings, size_t *ret_unknown)
{
	int64_t sum = 0;
	*ret_unknown = 0;
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->items[i];
		if (finding->thing == THING_NONE || was_counted(findings, i))
			continue;
		if (finding->monthly == MONEY_UNKNOWN)
			++*ret_unknown;
		else
			sum += finding->monthly;
	}
	return sum;
}
