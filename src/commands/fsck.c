#include <stdio.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "commands/all.h"
#include "commands/findings_view.h"
#include "commands/outcome.h"
#include "commands/view.h"
#include "lifecycle/commit.h"
#include "lifecycle/inspection.h"
#include "lifecycle/repair.h"

/* What is mended may bring other findings to light: a record that came back may lack its files. */
#define ROUNDS 4

static bool is_interactive(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

/* What is proven safe is done unless somebody at a terminal says no. What is not needs a yes. */
static bool is_wanted(const struct session *session, const struct finding *finding)
{
	char question[512];
	if (finding->fix == FIX_NONE)
		return false;
	if (session_flag(session, "yes"))
		return true;
	if (!is_interactive())
		return fix_rules[finding->fix].safe;
	snprintf(question, sizeof(question), "%s %s (%.200s): %s?", finding_rules[finding->kind].name,
		 finding->instance, finding->detail, fix_rules[finding->fix].text);
	return session_confirm(session, question);
}

/* Gives how many were mended; one that can't be never stops the others. */
static size_t mend(struct session *session, struct repair *repair, json_t *mended)
{
	const struct findings *findings = &repair->inspection->findings;
	const char *currency = repair->inspection->observed.currency;
	size_t count = 0;
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->items[i];
		const char *name = finding_rules[finding->kind].name;
		struct error error = ERROR_INIT;
		if (!is_wanted(session, finding))
			continue;
		if (repair_make(repair, finding, &error) < 0) {
			fprintf(stderr, "ccc: %s %s is not mended: %s\n", name, finding->instance, error.message);
			continue;
		}
		count++;
		json_array_append_new(mended, findings_view_json(finding, currency));
		if (session->format == OUTPUT_TABLE)
			text_addf(&session->output, "mended   %s%s%s: %s\n", name, *finding->instance ? " " : "",
				  finding->instance, fix_rules[finding->fix].text);
	}
	return count;
}

static int change_compared(struct transaction *transaction, void *data, struct error *err)
{
	(void)data;
	(void)err;
	transaction_state(transaction)->fleet.adopted_at = 0;
	return 0;
}

/* From here on the records, and what findings say, are the whole truth about an adopted fleet. */
static int record_compared(struct session *session, struct error *err)
{
	struct snapshot state;
	if (store_read(session->store, &state, err) < 0)
		return -1;
	bool is_due = state.fleet.adopted_at != 0;
	snapshot_release(&state);
	return is_due ? commit_now(session->loop, session->store, change_compared, NULL, err) : 0;
}

/* Rounds of commits first, then the engine for what has to go; `ret_ending` says what of that failed. */
static int mend_all(struct session *session, json_t *mended, struct error *ret_ending, struct error *err)
{
	struct repair repair = {
		.loop = session->loop, .store = session->store, .cloud = session->cloud, .ids = ARGUMENTS_INIT
	};
	struct inspection inspection;
	size_t count = 1;
	int result = 0;
	for (int round = 0; result == 0 && count && round < ROUNDS; round++) {
		result = inspection_make(session->loop, session->store, session->cloud, &inspection, err);
		if (result < 0)
			break;
		repair.inspection = &inspection;
		count = mend(session, &repair, mended);
		inspection_release(&inspection);
	}
	if (result == 0)
		result = record_compared(session, err);
	if (result == 0 && repair.ids.count)
		result = session_engine(session, err);
	if (result == 0 && repair.ids.count)
		(void)outcome_run(session, repair.ids.items, repair.ids.count, ret_ending);
	repair_release(&repair);
	return result;
}

static json_t *foreign_json(const struct foreign *foreign)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I}", "servers", (json_int_t)foreign->servers, "primaryIps",
			 (json_int_t)foreign->primary_ips, "snapshots", (json_int_t)foreign->snapshots, "firewalls",
			 (json_int_t)foreign->firewalls, "sshKeys", (json_int_t)foreign->ssh_keys);
}

static void print_json(struct session *session, const struct inspection *inspection, json_t *mended)
{
	const struct findings *findings = &inspection->findings;
	char total[DECIMAL_SIZE];
	size_t unknown;
	AUTO_JSON json_t *list = json_array();
	decimal_format(findings_monthly(findings, &unknown), MONEY_PLACES, total);
	for (size_t i = 0; i < findings->count; i++)
		json_array_append_new(list, findings_view_json(&findings->items[i], inspection->observed.currency));
	AUTO_JSON json_t *object =
		json_pack("{s:s, s:O, s:O, s:s, s:s, s:I, s:o}", "fleet", inspection->state.fleet.id, "mended", mended,
			  "findings", list, "monthly", total, "currency", inspection->observed.currency,
			  "unknownPrices", (json_int_t)unknown, "foreign", foreign_json(&inspection->foreign));
	view_print_json(object, &session->output);
}

static void print_foreign(const struct foreign *foreign, struct text *ret)
{
	const struct {
		size_t count;
		const char *one, *several;
	} rows[] = {
		{ foreign->servers, "server", "servers" },       { foreign->primary_ips, "primary IP", "primary IPs" },
		{ foreign->snapshots, "snapshot", "snapshots" }, { foreign->firewalls, "firewall", "firewalls" },
		{ foreign->ssh_keys, "SSH key", "SSH keys" },
	};
	const char *separator = "Not this fleet's, and left alone: ";
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		if (rows[i].count == 0)
			continue;
		text_addf(ret, "%s%zu %s", separator, rows[i].count,
			  rows[i].count == 1 ? rows[i].one : rows[i].several);
		separator = ", ";
	}
	if (separator[0] == ',')
		text_add_string(ret, ".\n");
}

static void print_table(struct session *session, const struct inspection *inspection)
{
	const struct findings *findings = &inspection->findings;
	struct text *output = &session->output;
	char total[DECIMAL_SIZE];
	size_t unknown;
	int64_t monthly = findings_monthly(findings, &unknown);
	decimal_format(monthly, MONEY_PLACES, total);
	for (size_t i = 0; i < findings->count; i++)
		findings_view_paragraph(&findings->items[i], inspection->observed.currency, output);
	if (findings->count == 0)
		text_addf(output, "Nothing differs: %zu instance%s, fleet %s.\n", inspection->state.count,
			  text_plural(inspection->state.count), inspection->state.fleet.id);
	else if (monthly || unknown)
		text_addf(output, "%zu finding%s; what they are about costs %s%s %s a month, net.\n", findings->count,
			  text_plural(findings->count), unknown ? "more than " : "", total,
			  inspection->observed.currency);
	else
		text_addf(output, "%zu finding%s.\n", findings->count, text_plural(findings->count));
	print_foreign(&inspection->foreign, output);
}

static int run(struct session *session, struct error *err)
{
	struct inspection inspection;
	AUTO_JSON json_t *mended = json_array();
	struct error ending = ERROR_INIT;
	bool fix = session_flag(session, "fix") && !session->dry_run;
	if (session_flag(session, "yes") && !session_flag(session, "fix"))
		return error_set(err, ERROR_USAGE, 0, "--yes says yes to what --fix would do; give both");
	if (fix && mend_all(session, mended, &ending, err) < 0)
		return -1;
	if (ending.kind == ERROR_INTERRUPTED) {
		*err = ending;
		return -1;
	}
	if (inspection_make(session->loop, session->store, session->cloud, &inspection, err) < 0)
		return -1;
	size_t count = inspection.findings.count;
	findings_sort(&inspection.findings);
	if (session->format == OUTPUT_JSON)
		print_json(session, &inspection, mended);
	else
		print_table(session, &inspection);
	inspection_release(&inspection);
	if (ending.kind != ERROR_NONE) {
		*err = ending;
		return -1;
	}
	return count ? error_set(err, ERROR_FAILED, 0, "%zu finding%s%s", count, text_plural(count), fix ? " left" : "")
		     : 0;
}

const struct command command_fsck = {
	.name = "fsck",
	.summary = "compare the state with Hetzner, and mend what can be mended safely",
	.usage = "[--fix [--yes]] [--dry-run]",
	.details =
		"Compares servers, addresses, SSH keys, firewall and snapshots of the project with the records, and the records\n"
		"with themselves, with the history and with the files of the state directory. Each finding has a kind, what it\n"
		"costs a month by live prices, and what would mend it. What lacks this fleet's label is only counted.\n"
		"--fix does what is proven safe: it puts lost records back, ends servers that should be gone (each is looked at\n"
		"and proven gone like any other), adopts servers that nobody knows, registers anew what is missing, and gives the\n"
		"isolating firewall its rules back where only suspended machines have it. Only with --yes or a yes at the terminal\n"
		"machines that were adopted are ended, at their label's expiry, and other changed rules of a firewall are set back.\n"
		"Exits with 0 when nothing is left to be said, with 1 when findings remain.",
	.options = {
		{ "fix", 0, NULL, "mend what is proven safe" },
		{ "yes", 'y', NULL, "don't ask, let adopted machines end at their label's expiry, and set back any rules" },
		{ "dry-run", 0, NULL, "change nothing, whatever else is given" },
	},
	.needs = NEEDS_STATE | NEEDS_CLOUD,
	.run = run,
};
