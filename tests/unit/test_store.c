/* The state: many writers lose nothing, damaged files are refused and left alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "lifecycle/commit.h"
#include "store/store.h"
#include "system/durable_file.h"

#define WRITERS 100
#define NOW     INT64_C(1800000000)

struct fixture {
	struct system *system;
	char directory[64];
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct error error = ERROR_INIT;
	snprintf(fixture->directory, sizeof(fixture->directory), "/tmp/ccc-test-store.XXXXXX");
	if (!mkdtemp(fixture->directory))
		return -1;
	fixture->system = system_new();
	*state = fixture;
	return store_create(fixture->system, fixture->directory, "0123abcd", 0, NOW, &error);
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	struct error error = ERROR_INIT;
	int result = directory_remove_tree(fixture->system, fixture->directory, &error);
	system_free(fixture->system);
	free(fixture);
	return result;
}

static struct store *open_store(const struct fixture *fixture)
{
	struct store *store;
	struct error error = ERROR_INIT;
	assert_int_equal(store_open(fixture->system, fixture->directory, &store, &error), 0);
	return store;
}

static void fill_record(struct record *record, unsigned number)
{
	record_init(record);
	snprintf(record->id, sizeof(record->id), "%06x", number);
	snprintf(record->email, sizeof(record->email), "user%u@example.com", number);
	snprintf(record->server_name, sizeof(record->server_name), "cc-%06x", number);
	text_copy(record->server_type, sizeof(record->server_type), "cpx21");
	text_copy(record->nonce, sizeof(record->nonce), "0123456789abcdef0123456789abcdef");
	record->created_at = NOW;
	record_add_payment(record, "", 1, NOW);
}

static int add_one(struct transaction *transaction, void *data, struct error *err)
{
	struct record record;
	(void)err;
	fill_record(&record, *(const unsigned *)data);
	transaction_note(transaction, transaction_add(transaction, &record), "requested", "");
	record_release(&record);
	struct record *shared = transaction_find(transaction, "ffffff");
	if (shared) {
		record_add_payment(shared, "", 1, NOW);
		transaction_note(transaction, shared, "extended", "");
	}
	return 0;
}

static int extend_one(struct transaction *transaction, void *data, struct error *err)
{
	char id[INSTANCE_ID_SIZE];
	(void)err;
	snprintf(id, sizeof(id), "%06x", *(const unsigned *)data);
	struct record *record = transaction_find(transaction, id);
	record_add_payment(record, "", 1, NOW);
	transaction_note(transaction, record, "extended", "");
	return 0;
}

static int forget_one(struct transaction *transaction, void *data, struct error *err)
{
	char id[INSTANCE_ID_SIZE];
	(void)err;
	snprintf(id, sizeof(id), "%06x", *(const unsigned *)data);
	transaction_remove(transaction, transaction_find(transaction, id), "forgotten");
	return 0;
}

static int commit_once(const struct fixture *fixture, commit_change_fn *change, unsigned number)
{
	struct store *store;
	struct error error = ERROR_INIT;
	struct loop *loop = loop_new(fixture->system);
	if (store_open(fixture->system, fixture->directory, &store, &error) < 0)
		return 1;
	int result = commit_now(loop, store, change, &number, &error);
	store_close(store);
	loop_free(loop);
	return result < 0;
}

static int write_once(const struct fixture *fixture, unsigned number)
{
	return commit_once(fixture, add_one, number);
}

static void count_lines(void *data, const struct history_line *line)
{
	(void)line;
	++*(unsigned *)data;
}

static void test_many_writers_lose_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct snapshot snapshot;
	struct error error = ERROR_INIT;
	unsigned lines = 0;
	int status;
	assert_int_equal(write_once(fixture, 0xffffff), 0);
	for (unsigned i = 1; i <= WRITERS; i++) {
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			_exit(write_once(fixture, i));
	}
	for (unsigned i = 0; i < WRITERS; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	struct store *store = open_store(fixture);
	assert_int_equal(store_read(store, &snapshot, &error), 0);
	assert_int_equal(snapshot.count, WRITERS + 1);
	assert_int_equal(snapshot_find(&snapshot, "ffffff")->paid_seconds,
			 3600 * (WRITERS + 2)); /* its own two, one a writer */
	assert_int_equal(snapshot_find(&snapshot, "ffffff")->revision, WRITERS + 2);
	snapshot_release(&snapshot);
	assert_int_equal(store_history(store, NULL, count_lines, &lines, &error), 0);
	assert_int_equal(lines, 2 * WRITERS + 2);
	store_close(store);
}

static void put_state(const struct fixture *fixture, const char *content, size_t length)
{
	char path[128];
	struct error error = ERROR_INIT;
	snprintf(path, sizeof(path), "%s/instances.json", fixture->directory);
	assert_int_equal(file_replace(fixture->system, path, content, length, 0600, &error), 0);
}

#define STATE_OF(id, members)                                                                                          \
	"{\"version\": 1, \"fleet\": {\"id\": \"0123abcd\", \"createdAt\": \"2027-01-15T08:00:00Z\"}, "                \
	"\"instances\": {\"" id "\": {\"instanceId\": \"" id                                                           \
	"\", \"email\": \"a@example.com\", \"serverName\": \"cc-1\", "                                                 \
	"\"serverType\": \"cpx21\", \"createdAt\": \"2027-01-15T08:00:00Z\", \"nonce\": \"00\", " members "}}}"

static void test_damaged_state_is_refused_and_kept(void **state)
{
	static const struct {
		const char *content, *says;
	} cases[] = {
		{ "", "no valid JSON in line 1" },
		{ "not json\n", "no valid JSON in line 1" },
		{ "{\"version\": 1, \"fleet\": {", "no valid JSON in line 1" },
		{ "[]", "it holds no JSON object" },
		{ "{\"version\": 2, \"fleet\": {}, \"instances\": {}}", "it is of version 2" },
		{ "{\"version\": 1, \"fleet\": {\"id\": \"0123abc\", \"createdAt\": \"2027-01-15T08:00:00Z\"}, "
		  "\"instances\": {}}",
		  "member 'id' is not eight hex digits" },
		{ "{\"version\": 1, \"fleet\": {\"id\": \"0123abcdz\", \"createdAt\": \"2027-01-15T08:00:00Z\"}, "
		  "\"instances\": {}}",
		  "member 'id' is not eight hex digits" },
		{ "{\"version\": 1, \"fleet\": {\"id\": \"0123ABCD\", \"createdAt\": \"2027-01-15T08:00:00Z\"}, "
		  "\"instances\": {}}",
		  "member 'id' is not eight hex digits" },
		{ "{\"version\": 1, \"fleet\": {\"id\": \"0123abcd\", \"createdAt\": \"2027-01-15T08:00:00Z\"}, "
		  "\"instances\": {\"abc123\": {}}}",
		  "instance 'abc123': member 'instanceId' is missing" },
		{ STATE_OF("../../", "\"paidSeconds\": 1"), "member 'instanceId' is not six hex digits" },
		{ STATE_OF("ABC123", "\"paidSeconds\": 1"), "member 'instanceId' is not six hex digits" },
		{ STATE_OF("abc123", "\"paidSeconds\": -1"), "member 'paidSeconds' is not a whole number" },
		{ STATE_OF("abc123", "\"paidSeconds\": 9007199254740992"),
		  "member 'paidSeconds' is not a whole number" },
		{ STATE_OF("abc123", "\"paidSeconds\": 1, \"sshKeys\": [1]"),
		  "member 'sshKeys' is not an array of strings" },
		{ STATE_OF("abc123", "\"paidSeconds\": 1, \"locations\": [null]"),
		  "member 'locations' is not an array" },
		{ STATE_OF("abc123", "\"paidSeconds\": 1, \"payments\": [{\"reference\": \"\"}]"),
		  "member 'payments' is not an array of payments" },
	};
	struct fixture *fixture = *state;
	struct store *store = open_store(fixture);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct snapshot snapshot;
		struct error error = ERROR_INIT;
		struct text after;
		char path[128];
		put_state(fixture, cases[i].content, strlen(cases[i].content));
		assert_int_equal(store_read(store, &snapshot, &error), -1);
		assert_int_equal(error.kind, ERROR_STATE);
		assert_non_null(strstr(error.message, cases[i].says));
		struct transaction *transaction = NULL;
		assert_int_equal(store_begin(store, &transaction, &error), -1);
		snprintf(path, sizeof(path), "%s/instances.json", fixture->directory);
		text_init(&after, 4096);
		assert_int_equal(file_read(fixture->system, path, &after, &error), 0);
		assert_string_equal(text_string(&after), cases[i].content);
		text_release(&after);
	}
	store_close(store);
}

static void test_open_to_others_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	struct error error = ERROR_INIT;
	char path[128];
	snprintf(path, sizeof(path), "%s/instances.json", fixture->directory);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(store_open(fixture->system, fixture->directory, &store, &error), -1);
	assert_non_null(strstr(error.message, "chmod 0600"));
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(chmod(fixture->directory, 0755), 0);
	assert_int_equal(store_open(fixture->system, fixture->directory, &store, &error), -1);
	assert_non_null(strstr(error.message, "chmod 0700"));
}

static void test_unknown_members_are_kept(void **state)
{
	struct fixture *fixture = *state;
	static const char content[] = "{\"version\": 1, \"later\": [1], \"fleet\": {\"id\": \"0123abcd\", "
				      "\"createdAt\": \"2027-01-15T08:00:00Z\", \"sooner\": 2}, \"instances\": {}}";
	struct text after;
	struct error error = ERROR_INIT;
	char path[128];
	put_state(fixture, content, sizeof(content) - 1);
	assert_int_equal(write_once(fixture, 7), 0);
	snprintf(path, sizeof(path), "%s/instances.json", fixture->directory);
	text_init(&after, 65536);
	assert_int_equal(file_read(fixture->system, path, &after, &error), 0);
	assert_non_null(strstr(text_string(&after), "\"later\""));
	assert_non_null(strstr(text_string(&after), "\"sooner\": 2"));
	assert_non_null(strstr(text_string(&after), "000007"));
	text_release(&after);
}

static int fail_at_length(struct transaction *transaction, void *data, struct error *err)
{
	(void)err;
	char id[INSTANCE_ID_SIZE], message[2 * 600 + 1];
	for (size_t i = 0; i < sizeof(message) - 1; i += 2)
		memcpy(message + i, "\xc3\xa9", 3);
	snprintf(id, sizeof(id), "%06x", *(const unsigned *)data);
	struct record *record = transaction_find(transaction, id);
	text_copy(record->last_error, sizeof(record->last_error), message);
	transaction_note(transaction, record, "attempt-failed", message);
	return 0;
}

/* What a provider says at length, in whatever alphabet, must not make a state that can't be read. */
static void test_long_errors_are_cut_between_characters(void **state)
{
	struct fixture *fixture = *state;
	struct snapshot snapshot;
	struct error error = ERROR_INIT;
	unsigned lines = 0;
	assert_int_equal(write_once(fixture, 7), 0);
	assert_int_equal(commit_once(fixture, fail_at_length, 7), 0);
	struct store *store = open_store(fixture);
	assert_int_equal(store_read(store, &snapshot, &error), 0);
	assert_int_equal(strlen(snapshot.records[0].last_error), sizeof(snapshot.records[0].last_error) - 2);
	snapshot_release(&snapshot);
	assert_int_equal(store_history(store, "000007", count_lines, &lines, &error), 0);
	assert_int_equal(lines, 2);
	store_close(store);
}

/* A required member is written even when it is nothing: without it nobody could read the state. */
static void test_nothing_is_written_where_it_is_required(void **state)
{
	struct fixture *fixture = *state;
	static const char content[] = STATE_OF("abc123", "\"paidSeconds\": 0");
	struct snapshot snapshot;
	struct error error = ERROR_INIT;
	put_state(fixture, content, sizeof(content) - 1);
	assert_int_equal(write_once(fixture, 7), 0);
	struct store *store = open_store(fixture);
	assert_int_equal(store_read(store, &snapshot, &error), 0);
	assert_int_equal(snapshot.count, 2);
	snapshot_release(&snapshot);
	store_close(store);
}

/* A commit that died between history and state comes again with the same revision. */
static void test_repeated_history_is_read_once(void **state)
{
	struct fixture *fixture = *state;
	struct text before;
	struct error error = ERROR_INIT;
	char path[128], torn[] = "{\"at\": \"20";
	static const char hole[] = "\0\0\0 of a line that was never durable\n";
	unsigned lines = 0;
	snprintf(path, sizeof(path), "%s/instances.json", fixture->directory);
	text_init(&before, 65536);
	assert_int_equal(file_read(fixture->system, path, &before, &error), 0);
	assert_int_equal(write_once(fixture, 9), 0);
	put_state(fixture, text_string(&before), before.length);
	snprintf(path, sizeof(path), "%s/history.jsonl", fixture->directory);
	int fd = open(path, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, hole, sizeof(hole) - 1), (ssize_t)sizeof(hole) - 1);
	assert_int_equal(write(fd, torn, strlen(torn)), (ssize_t)strlen(torn));
	close(fd);
	assert_int_equal(write_once(fixture, 9), 0);
	struct store *store = open_store(fixture);
	assert_int_equal(store_history(store, "000009", count_lines, &lines, &error), 0);
	assert_int_equal(lines, 1);
	store_close(store);
	text_release(&before);
}

/* A power cut can leave NUL bytes where a line was: what follows must not vanish in silence. */
static void test_history_is_read_past_a_hole(void **state)
{
	struct fixture *fixture = *state;
	struct error error = ERROR_INIT;
	char path[128];
	unsigned lines = 0;
	assert_int_equal(write_once(fixture, 9), 0);
	snprintf(path, sizeof(path), "%s/history.jsonl", fixture->directory);
	int fd = open(path, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, "\0\0\0\n", 4), 4);
	close(fd);
	assert_int_equal(write_once(fixture, 10), 0);
	struct store *store = open_store(fixture);
	assert_int_equal(store_history(store, NULL, count_lines, &lines, &error), 0);
	assert_int_equal(lines, 2);
	store_close(store);
}

/* One that is not repeated did not happen either: neither to a record nor for a new one. */
static void test_unfinished_history_is_not_read(void **state)
{
	struct fixture *fixture = *state;
	struct text before;
	struct error error = ERROR_INIT;
	char path[128];
	unsigned lines = 0;
	text_init(&before, 65536);
	assert_int_equal(write_once(fixture, 9), 0);
	snprintf(path, sizeof(path), "%s/instances.json", fixture->directory);
	assert_int_equal(file_read(fixture->system, path, &before, &error), 0);
	assert_int_equal(commit_once(fixture, extend_one, 9), 0);
	assert_int_equal(write_once(fixture, 10), 0);
	struct store *store = open_store(fixture);
	assert_int_equal(store_history(store, NULL, count_lines, &lines, &error), 0);
	assert_int_equal(lines, 3);
	put_state(fixture, text_string(&before), before.length);
	lines = 0;
	assert_int_equal(store_history(store, NULL, count_lines, &lines, &error), 0);
	assert_int_equal(lines, 1);
	store_close(store);
	text_release(&before);
}

/* Who had a machine that is gone is known for ever. */
static void test_history_of_the_forgotten_is_kept(void **state)
{
	struct fixture *fixture = *state;
	struct error error = ERROR_INIT;
	unsigned lines = 0;
	assert_int_equal(write_once(fixture, 9), 0);
	assert_int_equal(commit_once(fixture, forget_one, 9), 0);
	struct store *store = open_store(fixture);
	assert_int_equal(store_history(store, "000009", count_lines, &lines, &error), 0);
	assert_int_equal(lines, 2);
	store_close(store);
}

static int sweep_leases(struct transaction *transaction, void *data, struct error *err)
{
	(void)data;
	(void)err;
	transaction_sweep_leases(transaction);
	return 0;
}

static bool has_lease_file(const struct fixture *fixture, const char *id)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/locks/%s", fixture->directory, id);
	return access(path, F_OK) == 0;
}

static void test_leases_of_nobody_are_removed(void **state)
{
	struct fixture *fixture = *state;
	struct error error = ERROR_INIT;
	struct lock *lease;
	const char *const ids[] = { "000009", "00000a", "00000b" };
	assert_int_equal(write_once(fixture, 9), 0);
	struct store *store = open_store(fixture);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(store_lease(store, ids[i], &lease, &error), 0);
		if (i < 2)
			lock_release(lease);
	}
	assert_int_equal(commit_once(fixture, sweep_leases, 0), 0);
	assert_true(has_lease_file(fixture, "000009"));
	assert_false(has_lease_file(fixture, "00000a"));
	assert_true(has_lease_file(fixture, "00000b")); /* it is held */
	lock_release(lease);
	store_close(store);
}

static void collect_events(void *data, const struct history_line *line)
{
	text_addf(data, "%lld:%s ", (long long)line->revision, line->event);
}

/* Ids are random and come again after years: who had an address before is still to be answered. */
static void test_an_id_used_again_keeps_its_past(void **state)
{
	static const char *const told[] = { "1:requested ", "1:requested 2:forgotten ",
					    "1:requested 2:forgotten 1:requested ",
					    "1:requested 2:forgotten 1:requested 2:extended ",
					    "1:requested 2:forgotten 1:requested 2:extended 3:forgotten " };
	static commit_change_fn *const changes[] = { add_one, forget_one, add_one, extend_one, forget_one };
	struct fixture *fixture = *state;
	struct error error = ERROR_INIT;
	struct store *store = open_store(fixture);
	struct text events;
	text_init(&events, 4096);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		assert_int_equal(commit_once(fixture, changes[i], 9), 0);
		text_clear(&events);
		assert_int_equal(store_history(store, "000009", collect_events, &events, &error), 0);
		assert_string_equal(text_string(&events), told[i]);
	}
	text_release(&events);
	store_close(store);
}

/* The same id again, by a commit that crashed: the earlier instance is as gone as it was. */
static void test_an_unfinished_second_life_is_not_read(void **state)
{
	struct fixture *fixture = *state;
	struct error error = ERROR_INIT;
	struct store *store = open_store(fixture);
	struct text before, events;
	char path[128];
	text_init(&before, 65536);
	text_init(&events, 4096);
	snprintf(path, sizeof(path), "%s/instances.json", fixture->directory);
	assert_int_equal(commit_once(fixture, add_one, 9), 0);
	assert_int_equal(commit_once(fixture, forget_one, 9), 0);
	assert_int_equal(file_read(fixture->system, path, &before, &error), 0);
	assert_int_equal(commit_once(fixture, add_one, 9), 0);
	put_state(fixture, text_string(&before), before.length);
	assert_int_equal(store_history(store, "000009", collect_events, &events, &error), 0);
	assert_string_equal(text_string(&events), "1:requested 2:forgotten ");
	text_clear(&events);
	assert_int_equal(store_whole_history(store, collect_events, &events, &error), 0);
	assert_string_equal(text_string(&events), "1:requested 2:forgotten 1:requested ");
	text_release(&events);
	text_release(&before);
	store_close(store);
}

/* As an adopted machine begins: its lines go on with the revisions of the earlier ones. */
static int add_anew(struct transaction *transaction, void *data, struct error *err)
{
	struct record record;
	(void)err;
	fill_record(&record, *(const unsigned *)data);
	record.revision = 4;
	transaction_note(transaction, transaction_add(transaction, &record), "adopted", "");
	record_release(&record);
	return 0;
}

/* A beginning that did not take effect ends no earlier life: what lies past the record lies past it still. */
static void test_a_beginning_past_the_record_is_not_read(void **state)
{
	struct fixture *fixture = *state;
	struct error error = ERROR_INIT;
	struct store *store = open_store(fixture);
	struct text before, events;
	char path[128];
	text_init(&before, 65536);
	text_init(&events, 4096);
	snprintf(path, sizeof(path), "%s/instances.json", fixture->directory);
	assert_int_equal(commit_once(fixture, add_one, 9), 0);
	assert_int_equal(file_read(fixture->system, path, &before, &error), 0);
	assert_int_equal(commit_once(fixture, extend_one, 9), 0);
	assert_int_equal(commit_once(fixture, forget_one, 9), 0);
	assert_int_equal(commit_once(fixture, add_anew, 9), 0);
	assert_int_equal(store_whole_history(store, collect_events, &events, &error), 0);
	assert_string_equal(text_string(&events), "1:requested 2:extended 3:forgotten 5:adopted ");
	put_state(fixture, text_string(&before), before.length);
	text_clear(&events);
	assert_int_equal(store_history(store, "000009", collect_events, &events, &error), 0);
	assert_string_equal(text_string(&events), "1:requested ");
	text_release(&events);
	text_release(&before);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_many_writers_lose_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_damaged_state_is_refused_and_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_open_to_others_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_unknown_members_are_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_long_errors_are_cut_between_characters, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_nothing_is_written_where_it_is_required, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_repeated_history_is_read_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_history_is_read_past_a_hole, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_unfinished_history_is_not_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_beginning_past_the_record_is_not_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_history_of_the_forgotten_is_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_leases_of_nobody_are_removed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_an_id_used_again_keeps_its_past, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_an_unfinished_second_life_is_not_read, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
