/*
 * selftest: one real machine from the order to the proof that it is gone, on the operator's
 * own account. It is the ordinary life; what is added is that the user is we, and that
 * everything in the project is looked at before and after it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/leftovers.h"
#include "base/decimal.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "commands/all.h"
#include "commands/outcome.h"
#include "commands/progress.h"
#include "commands/view.h"
#include "fleet/candidates.h"
#include "fleet/cost.h"
#include "fleet/run_program.h"
#include "fleet/throwaway_key.h"
#include "fleet/tools.h"
#include "instance/size.h"
#include "lifecycle/admission.h"
#include "lifecycle/ending.h"
#include "lifecycle/inspection.h"
#include "lifecycle/paths.h"
#include "system/clock.h"
#include "system/lock.h"

#define USER          "selftest@ccc.invalid"
#define HOURS         1
#define KEY_NAME      "selftest_key" /* among the files of the instance */
#define LEASE_TRIES   100            /* a program that was interrupted holds the lease for some seconds */
#define LEASE_WAIT_MS 200

struct selftest {
	struct session *session;
	struct admission admission;
	struct inspection before, after;
	struct record record; /* as it was last seen */
	struct throwaway_key key;
	json_t *lines;
	struct error first; /* what went wrong first */
};

/* --- what is said ----------------------------------------------------------------- */

static void say(struct selftest *test, const char *verdict, const char *what, const char *detail)
{
	progress_clear(test->session->progress);
	json_array_append_new(test->lines,
			      json_pack("{s:s, s:s, s:s}", "verdict", verdict, "check", what, "detail", detail));
	if (test->session->format == OUTPUT_TABLE)
		text_addf(&test->session->output, "%-8s %-16s %s\n", verdict, what, detail);
}

static int fail(struct selftest *test, const char *what, const struct error *error)
{
	if (test->first.kind == ERROR_NONE)
		test->first = *error;
	say(test, "failure", what, error->message);
	return -1;
}

/* --- what it costs ------------------------------------------------------------------- */

/* The first that can be had is taken, so the dearest is what it may come to. */
static int price(struct selftest *test, char *ret, size_t size, struct error *err)
{
	struct session *session = test->session;
	int64_t now = clock_now(session->system);
	struct candidate candidates[CANDIDATES_MAXIMUM];
	size_t count;
	char likely[DECIMAL_SIZE], cost[DECIMAL_SIZE], most[DECIMAL_SIZE] = "0";
	if (candidates_ask(session->loop, session->cloud, &test->admission.request,
			   settings_terms(&session->settings, test->admission.request.server_type), candidates, &count,
			   err) < 0)
		return -1;
	if (cost_of_hours(&candidates[0].price, now, HOURS, likely, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (cost_of_hours(&candidates[i].price, now, HOURS, cost, err) < 0)
			return -1;
		if (strtod(cost, NULL) > strtod(most, NULL))
			text_copy(most, sizeof(most), cost);
	}
	snprintf(ret, size,
		 "one started hour of a %s in %s, %s %s net and its IPv4 address (%s when only the dearest choice is "
		 "in stock)",
		 candidates[0].type, candidates[0].location, test->before.observed.currency, likely, most);
	return 0;
}

/* --- the user that we are ---------------------------------------------------------------- */

static int make_key(struct selftest *test, struct error *err)
{
	struct session *session = test->session;
	if (throwaway_key_make(session->loop, &session->settings, session->store, &test->key, err) < 0)
		return -1;
	test->admission.request.ssh_keys = json_pack("[s]", test->key.line);
	return 0;
}

static int log_in(struct selftest *test, struct error *err)
{
	static const char *const remote[] = { "whoami", NULL };
	struct session *session = test->session;
	struct connection connection;
	struct lock *lease;
	AUTO_ARGUMENTS struct arguments argv = ARGUMENTS_INIT;
	AUTO_TEXT struct text output = TEXT_INIT(4096);
	connection_init(&connection, session->store, &test->record, "claude");
	connection.target.identity = test->key.path;
	ssh_command(&connection.target, remote, &argv);
	connection_release(&connection);
	if (store_lease(session->store, test->record.id, &lease, err) < 0)
		return -1;
	if (!lease)
		return error_set(err, ERROR_STATE, 0, "another ccc works on the instance");
	int result = run_program_leased(session->loop, &session->settings, arguments_list(&argv), lease, &output, err);
	lock_release(lease);
	if (result < 0)
		return -1;
	if (strcmp(text_string(&output), "claude\n") == 0)
		return 0;
	return error_set(err, ERROR_FAILED, 0, "'whoami' over SSH did not say 'claude'");
}

/* --- its life -------------------------------------------------------------------------------- */

static void on_waited(void *data)
{
	*(bool *)data = true;
}

/* What an interrupted run had started ends within seconds, and only then lets go. */
static int take(struct selftest *test, struct error *err)
{
	struct session *session = test->session;
	for (int i = 0; i < LEASE_TRIES; i++) {
		bool taken, waited = false;
		if (engine_take(session->engine, test->record.id, &taken, err) < 0)
			return -1;
		if (taken)
			return 0;
		loop_after(session->loop, LEASE_WAIT_MS, on_waited, &waited);
		if (loop_until(session->loop, &waited, err) < 0)
			return -1;
	}
	return error_set(err, ERROR_STATE, 0,
			 "instance '%s' is in the hands of another ccc, which was told to end it; see 'ccc status %s'",
			 test->record.id, test->record.id);
}

/* Runs the engine on our instance; the record is then as it is now. */
static int work(struct selftest *test, struct error *err)
{
	const struct error *why;
	const struct record *record = NULL;
	if (engine_run(test->session->engine, err) < 0)
		return -1;
	enum outcome outcome = engine_outcome(test->session->engine, test->record.id, &why, &record);
	if (record) {
		struct record newest;
		record_copy(&newest, record);
		record_release(&test->record);
		test->record = newest;
	}
	if (outcome == OUTCOME_REACHED)
		return 0;
	return outcome_error(test->record.id, outcome, why, &test->record, err);
}

static int provision(struct selftest *test, struct error *err)
{
	struct session *session = test->session;
	struct admission *admission = &test->admission;
	if (admission_commit(session->loop, session->store, admission, err) < 0)
		return -1;
	record_copy(&test->record, &admission->request);
	struct lock *lease = admission->lease;
	admission->lease = NULL;
	if (throwaway_key_move(session->system, session->store, test->record.id, KEY_NAME, &test->key, err) < 0) {
		lock_release(lease);
		return -1;
	}
	if (engine_take_leased(session->engine, test->record.id, lease, err) < 0)
		return -1;
	if (work(test, err) == 0)
		return 0;
	return err->kind == ERROR_INTERRUPTED ? error_set(err, err->kind, 0, "interrupted; the machine is ended now")
					      : -1;
}

static int end(struct selftest *test, struct error *err)
{
	struct session *session = test->session;
	char *const ids[] = { test->record.id };
	if (test->record.deleted_at) /* it was undone */
		return 0;
	if (ending_commit(session->loop, session->store, ids, 1, err) < 0)
		return err->kind == ERROR_NOT_FOUND ? 0 : -1;
	if (take(test, err) < 0)
		return err->kind == ERROR_NOT_FOUND ? 0 : -1;
	return work(test, err);
}

/* Says how a part of it went, and how long that took. */
static int part(struct selftest *test, const char *name, const char *good,
		int (*run)(struct selftest *test, struct error *err))
{
	struct session *session = test->session;
	struct error error = ERROR_INIT;
	char detail[200];
	int64_t began = clock_monotonic_ms(session->system);
	if (run(test, &error) < 0)
		return fail(test, name, &error);
	snprintf(detail, sizeof(detail), "%s, %lld s", good,
		 (long long)(clock_monotonic_ms(session->system) - began + 500) / 1000);
	say(test, "ok", name, detail);
	return 0;
}

/* Whatever happened, the machine is ended: Ctrl-C too only leads there; twice leaves at once. */
static void live(struct selftest *test)
{
	bool runs = part(test, "provision", "it was made, installed and verified", provision) == 0;
	if (runs)
		(void)part(test, "login", "ssh claude@ with the user's key and the pinned host key", log_in);
	if (engine_go_on(test->session->engine) && test->first.kind == ERROR_NONE)
		error_set(&test->first, ERROR_INTERRUPTED, 0, "interrupted");
	if (*test->record.id)
		(void)part(test, "deprovision", "it was deleted, and seen to be gone", end);
}

/* --- the proof ----------------------------------------------------------------------------------- */

struct search {
	struct selftest *test;
	const char *name;
	size_t found;
};

static void on_leftover(void *data, const char *what)
{
	struct search *search = data;
	struct error error = ERROR_INIT;
	search->found++;
	error_set(&error, ERROR_FAILED, 0, "%s is there and was not before; unless it is somebody else's, delete it",
		  what);
	(void)fail(search->test, search->name, &error);
}

static void prove(struct selftest *test)
{
	struct session *session = test->session;
	struct error error = ERROR_INIT;
	if (inspection_make(session->loop, session->store, session->cloud, &test->after, &error) < 0) {
		error_wrap(&error, "nothing is proven; look with 'ccc fsck'");
		(void)fail(test, "proof", &error);
		return;
	}
	for (unsigned kind = 0; kind < LEFTOVER_KINDS; kind++) {
		struct search search = { test, leftover_names[kind], 0 };
		char detail[64];
		size_t count = leftovers_find(kind, &test->record, test->after.state.fleet.isolation,
					      &test->before.observed, &test->after.observed, on_leftover, &search);
		snprintf(detail, sizeof(detail), "%zu in the project, none of them left over", count);
		if (!search.found)
			say(test, "ok", search.name, detail);
	}
	inspection_release(&test->after);
}

/* --- the command ---------------------------------------------------------------------------------- */

static int read_request(struct selftest *test, struct error *err)
{
	struct record *record = &test->admission.request;
	const char *type = session_option(test->session, "type");
	const struct size *size;
	record_init(record);
	if (size_parse(type ? type : "cpx11", &size, err) < 0)
		return -1;
	test->admission.hours = HOURS;
	text_copy(record->email, sizeof(record->email), USER);
	text_copy(record->server_type, sizeof(record->server_type), size->name);
	record->locations = json_array();
	for (size_t i = 0; i < test->session->settings.locations.count; i++)
		json_array_append_new(record->locations, json_string(test->session->settings.locations.items[i]));
	test->admission.max_servers = test->session->settings.max_servers;
	return tools_check(test->session->system, &test->session->settings, err);
}

static int finish(struct selftest *test, struct error *err)
{
	if (test->session->format == OUTPUT_JSON)
		view_print_json(test->lines, &test->session->output);
	if (test->first.kind == ERROR_NONE)
		return 0;
	return error_set(err, test->first.kind, 0, "the self-test failed: %s", test->first.message);
}

static int run_test(struct selftest *test, struct error *err)
{
	struct session *session = test->session;
	char cost[300];
	if (price(test, cost, sizeof(cost), err) < 0)
		return -1;
	if (session->dry_run || !session_flag(session, "yes")) {
		text_addf(&session->output, "It would cost %s.\n", cost);
		return session->dry_run ? 0 : error_set(err, ERROR_USAGE, 0, "--yes is missing: nothing was ordered");
	}
	fprintf(stderr, "This costs %s.\n", cost);
	say(test, "ok", "cost", cost);
	if (make_key(test, err) < 0 || session_engine(session, err) < 0) {
		(void)fail(test, "prepare", err);
		return finish(test, err);
	}
	live(test);
	prove(test);
	return finish(test, err);
}

static int run(struct session *session, struct error *err)
{
	struct selftest test = { .session = session, .lines = json_array(), .first = ERROR_INIT };
	record_init(&test.record);
	int result = read_request(&test, err);
	if (result == 0)
		result = inspection_make(session->loop, session->store, session->cloud, &test.before, err);
	if (result == 0) {
		result = run_test(&test, err);
		inspection_release(&test.before);
	}
	lock_release(test.admission.lease);
	record_release(&test.admission.request);
	record_release(&test.record);
	throwaway_key_release(session->system, &test.key);
	json_decref(test.lines);
	return result;
}

const struct command command_selftest = {
	.name = "selftest",
	.summary = "one real machine from the order to the proof that it is gone",
	.usage = "--yes [--type cpx11]",
	.details = "Orders a server on this account for a user that is a key pair made for it, logs in as that user, ends it, and\n"
		   "compares what is in the project with what was there before. Says first what that costs; --dry-run says that\n"
		   "alone. Ctrl-C ends the machine.",
	.options = {
		{ "yes", 'y', NULL, "order it" },
		{ "type", 't', "SIZE", "cpx11 (default), cpx21 or cpx31: what is ordered" },
		{ "dry-run", 0, NULL, "say what it would cost" },
	},
	.needs = NEEDS_STATE | NEEDS_CLOUD | NEEDS_SETTINGS,
	.run = run,
};
