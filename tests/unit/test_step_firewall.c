/*
 * The step that cuts a machine off and gives it back, against a cloud of two firewalls:
 * whatever goes wrong at whichever request (an answer is lost, Hetzner refuses, the
 * process dies, the operator changes their mind), in the end the machine is as it is
 * wanted to be, the record says so, and at no moment was it without a firewall.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "instance/status.h"
#include "lifecycle/commit.h"
#include "lifecycle/engine.h"
#include "lifecycle/suspension.h"
#include "system/durable_file.h"

#define NOW       INT64_C(1800000000)
#define ID        "abc123"
#define NONCE     "0123456789abcdef0123456789abcdef"
#define FLEET     "0123abcd"
#define SERVER    42
#define ANCHOR    2
#define ISOLATION 9
#define STRANGER  77

enum trouble {
	NO_TROUBLE,
	LOST_BEFORE, /* the request never arrived, and nobody can tell */
	LOST_AFTER,  /* it had its effect, and nobody can tell */
	REFUSED,
	DIES_BEFORE, /* the process, killed */
	DIES_AFTER,
	CHANGE_OF_MIND, /* the operator's, by another process */
	TROUBLES
};

/* Hetzner's side; shared, so that it survives a process that dies. */
struct remote {
	bool isolation_exists, has_anchor, has_isolation, has_stranger;
	bool bare;              /* was ever without a firewall */
	unsigned pending_looks; /* so often firewalls are shown as on their way */
	bool isolation_leaks;   /* its rules are not those of ccc */
	unsigned calls, trouble_at;
	bool changing; /* the request in trouble was one that changes something */
	enum trouble trouble;
};

struct fixture {
	struct cloud cloud; /* first */
	struct remote *remote;
	struct system *system;
	struct loop *loop;
	struct store *store;
	char directory[64];
	struct error error; /* of the newest run */
};

/* --- the cloud ---------------------------------------------------------------------- */

struct call;
typedef void effect_fn(struct remote *remote, struct cloud_reply *reply, int64_t firewall);

struct call {
	struct fixture *fixture;
	effect_fn *effect;
	int64_t firewall;
	cloud_done_fn *done;
	void *data;
};

static struct cloud_server server;
static struct cloud_firewall walls[2];

static void attach(int64_t firewall, bool pending)
{
	server.attachments[server.attachment_count++] = (struct cloud_attachment){ firewall, pending };
}

static void show_server(struct remote *remote, struct cloud_reply *reply, int64_t unused)
{
	bool pending = remote->pending_looks > 0;
	(void)unused;
	remote->pending_looks -= pending;
	server = (struct cloud_server){ .id = SERVER, .name = "cc-" ID, .labels = { "ccc", FLEET, ID, NONCE, "", "" } };
	if (remote->has_anchor)
		attach(ANCHOR, false);
	if (remote->has_isolation)
		attach(ISOLATION, pending);
	if (remote->has_stranger)
		attach(STRANGER, false);
	reply->presence = PRESENCE_PRESENT;
	reply->servers = &server;
	reply->server_count = 1;
}

static void show_firewalls(struct remote *remote, struct cloud_reply *reply, int64_t unused)
{
	(void)unused;
	walls[0] = (struct cloud_firewall){ .id = ANCHOR, .labels = { "ccc", FLEET, "", "", "", "" } };
	walls[1] =
		(struct cloud_firewall){ .id = ISOLATION, .labels = { "ccc", FLEET, "", "", "", CLOUD_ROLE_ISOLATED } };
	if (remote->isolation_leaks)
		text_copy(walls[1].changes, sizeof(walls[1].changes), "it leaks");
	reply->firewalls = walls;
	reply->firewall_count = remote->isolation_exists ? 2 : 1;
}

static void make_isolation(struct remote *remote, struct cloud_reply *reply, int64_t unused)
{
	(void)unused;
	remote->isolation_exists = true;
	reply->created_id = ISOLATION;
}

static void put_on(struct remote *remote, struct cloud_reply *reply, int64_t firewall)
{
	(void)reply;
	if (firewall == ANCHOR)
		remote->has_anchor = true;
	else if (firewall == ISOLATION && remote->isolation_exists)
		remote->has_isolation = true;
	else
		fail_msg("firewall %lld was put on", (long long)firewall);
}

static void take_off(struct remote *remote, struct cloud_reply *reply, int64_t firewall)
{
	(void)reply;
	if (firewall == ANCHOR)
		remote->has_anchor = false;
	else if (firewall == ISOLATION)
		remote->has_isolation = false;
	else
		fail_msg("firewall %lld was taken off", (long long)firewall);
	remote->bare = remote->bare || !(remote->has_anchor || remote->has_isolation);
}

static void do_nothing(struct remote *remote, struct cloud_reply *reply, int64_t unused)
{
	(void)remote;
	(void)reply;
	(void)unused;
}

static void change_mind(struct fixture *fixture)
{
	struct snapshot state;
	struct error error = ERROR_INIT;
	const struct suspension suspension = { ID, NULL };
	assert_int_equal(store_read(fixture->store, &state, &error), 0);
	bool suspended = state.records[0].suspended_at != 0;
	snapshot_release(&state);
	assert_int_equal(suspended ? suspension_end(fixture->loop, fixture->store, ID, &error)
				   : suspension_begin(fixture->loop, fixture->store, &suspension, &error),
			 0);
}

static void answer(void *data)
{
	struct call *call = data;
	struct remote *remote = call->fixture->remote;
	struct cloud_reply reply = { 0 };
	struct error error = ERROR_INIT;
	enum trouble trouble = ++remote->calls == remote->trouble_at ? remote->trouble : NO_TROUBLE;
	if (trouble != NO_TROUBLE)
		remote->changing = call->effect == put_on || call->effect == take_off || call->effect == make_isolation;
	if (trouble == DIES_BEFORE)
		_exit(0);
	if (trouble == CHANGE_OF_MIND)
		change_mind(call->fixture);
	if (trouble != LOST_BEFORE && trouble != REFUSED)
		call->effect(remote, &reply, call->firewall);
	if (trouble == DIES_AFTER)
		_exit(0);
	if (trouble == LOST_BEFORE || trouble == LOST_AFTER || trouble == REFUSED) {
		error_set(&error, ERROR_REMOTE, 0, "trouble");
		reply = (struct cloud_reply){ .error = &error, .maybe_done = trouble != REFUSED };
	}
	call->done(call->data, &reply);
	free(call);
}

static void start(struct cloud *cloud, effect_fn *effect, int64_t firewall, cloud_done_fn *done, void *data)
{
	struct fixture *fixture = (struct fixture *)cloud;
	struct call *call = memory_new(sizeof(*call));
	*call = (struct call){ fixture, effect, firewall, done, data };
	loop_after(fixture->loop, 0, answer, call);
}

static void get_server(struct cloud *cloud, int64_t id, cloud_done_fn *done, void *data)
{
	assert_int_equal(id, SERVER);
	start(cloud, show_server, 0, done, data);
}

static void list_firewalls(struct cloud *cloud, const char *fleet, cloud_done_fn *done, void *data)
{
	assert_string_equal(fleet, FLEET);
	start(cloud, show_firewalls, 0, done, data);
}

static void create_isolation(struct cloud *cloud, const char *name, const char *fleet, cloud_done_fn *done, void *data)
{
	assert_string_equal(name, "ccc-" FLEET "-isolated");
	assert_string_equal(fleet, FLEET);
	start(cloud, make_isolation, 0, done, data);
}

static void apply_firewall(struct cloud *cloud, int64_t firewall, int64_t to, cloud_done_fn *done, void *data)
{
	assert_int_equal(to, SERVER);
	start(cloud, put_on, firewall, done, data);
}

static void remove_firewall(struct cloud *cloud, int64_t firewall, int64_t from, cloud_done_fn *done, void *data)
{
	assert_int_equal(from, SERVER);
	start(cloud, take_off, firewall, done, data);
}

static void wait_actions(struct cloud *cloud, const int64_t *ids, size_t count, cloud_done_fn *done, void *data)
{
	(void)ids;
	(void)count;
	start(cloud, do_nothing, 0, done, data);
}

static const struct cloud_driver driver = {
	.get_server = get_server,
	.list_firewalls = list_firewalls,
	.create_isolation = create_isolation,
	.apply_firewall = apply_firewall,
	.remove_firewall = remove_firewall,
	.wait_actions = wait_actions,
};

/* --- the state ------------------------------------------------------------------------ */

static int reset(struct transaction *transaction, void *data, struct error *err)
{
	struct snapshot *state = transaction_state(transaction);
	const bool *isolated = data;
	struct record record;
	(void)err;
	if (state->count)
		transaction_remove(transaction, &state->records[0], "reset");
	state->fleet.anchor = ANCHOR;
	state->fleet.isolation = *isolated ? ISOLATION : 0;
	record_init(&record);
	text_copy(record.id, sizeof(record.id), ID);
	text_copy(record.email, sizeof(record.email), "user@example.com");
	text_copy(record.server_name, sizeof(record.server_name), "cc-" ID);
	text_copy(record.server_type, sizeof(record.server_type), "cpx21");
	text_copy(record.nonce, sizeof(record.nonce), NONCE);
	text_copy(record.host_key, sizeof(record.host_key), "ssh-ed25519 AAAA");
	text_copy(record.bootstrap_host_key, sizeof(record.bootstrap_host_key), "ssh-ed25519 BBBB");
	record.created_at = record.create_sent_at = record.built_at = NOW;
	record.reachable_at = record.installed_at = record.verified_at = NOW;
	record.server_id = SERVER;
	record.paid_seconds = 3600;
	record.expires_at = record.box_expires_at = record.label_expires_at = NOW + 3600;
	if (*isolated)
		record.suspended_at = record.isolation_began_at = record.isolated_at = NOW;
	transaction_note(transaction, transaction_add(transaction, &record), "requested", "");
	return 0;
}

/* Anew: a machine as usual, or one that is suspended and isolated. */
static void begin_with(struct fixture *fixture, bool isolated)
{
	struct error error = ERROR_INIT;
	*fixture->remote = (struct remote){ .has_anchor = !isolated, .has_isolation = isolated };
	fixture->remote->isolation_exists = isolated;
	assert_int_equal(commit_now(fixture->loop, fixture->store, reset, &isolated, &error), 0);
}

static void ignore(void *data, const struct report *report)
{
	(void)data;
	(void)report;
}

static enum outcome run_engine(struct fixture *fixture)
{
	static const struct settings settings;
	const struct engine_parts parts = { fixture->loop, fixture->store, &fixture->cloud, &settings, ignore, NULL };
	struct error error = ERROR_INIT;
	const struct error *why;
	const struct record *record;
	bool taken;
	struct engine *engine = engine_new(&parts, &error);
	assert_non_null(engine);
	assert_int_equal(engine_take(engine, ID, &taken, &error), 0);
	assert_true(taken);
	assert_int_equal(engine_run(engine, &error), 0);
	enum outcome outcome = engine_outcome(engine, ID, &why, &record);
	fixture->error = why ? *why : (struct error)ERROR_INIT;
	engine_free(engine);
	return outcome;
}

/* In a process that may die of it. */
static void run_in_a_child(struct fixture *fixture)
{
	pid_t pid = fork();
	int status;
	assert_true(pid >= 0);
	if (pid == 0) {
		struct error error = ERROR_INIT;
		fixture->loop = loop_new(fixture->system);
		if (store_open(fixture->system, fixture->directory, &fixture->store, &error) < 0)
			_exit(1);
		run_engine(fixture);
		_exit(2); /* it did not die */
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void assert_settled(struct fixture *fixture, bool cut)
{
	struct snapshot state;
	struct error error = ERROR_INIT;
	assert_int_equal(store_read(fixture->store, &state, &error), 0);
	const struct record *record = &state.records[0];
	assert_true(status_is_settled(record));
	assert_int_equal(record->suspended_at != 0, cut);
	assert_int_equal(record->isolated_at != 0, cut);
	assert_int_equal(record->isolation_began_at != 0, cut);
	assert_int_equal(fixture->remote->has_isolation, cut);
	assert_int_equal(fixture->remote->has_anchor, !cut);
	assert_false(fixture->remote->bare);
	snapshot_release(&state);
}

static int set_up(void **state)
{
	struct fixture *fixture = memory_new(sizeof(*fixture));
	struct error error = ERROR_INIT;
	snprintf(fixture->directory, sizeof(fixture->directory), "/dev/shm/ccc-test-firewall.XXXXXX");
	if (!mkdtemp(fixture->directory))
		return -1;
	fixture->cloud.driver = &driver;
	fixture->system = system_new();
	fixture->loop = loop_new(fixture->system);
	fixture->remote =
		mmap(NULL, sizeof(*fixture->remote), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (fixture->remote == MAP_FAILED)
		return -1;
	*state = fixture;
	if (store_create(fixture->system, fixture->directory, FLEET, 0, NOW, &error) < 0)
		return -1;
	return store_open(fixture->system, fixture->directory, &fixture->store, &error);
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	struct error error = ERROR_INIT;
	store_close(fixture->store);
	loop_free(fixture->loop);
	int result = directory_remove_tree(fixture->system, fixture->directory, &error);
	system_free(fixture->system);
	munmap(fixture->remote, sizeof(*fixture->remote));
	free(fixture);
	return result;
}

/* --- tests -------------------------------------------------------------------------- */

/* The machine is not as it is wanted; gives how many requests bring it there undisturbed. */
static unsigned requests_of(struct fixture *fixture, bool from_isolated)
{
	begin_with(fixture, from_isolated);
	change_mind(fixture);
	if (run_engine(fixture) != OUTCOME_REACHED)
		fail_msg("undisturbed: %s", fixture->error.message);
	assert_settled(fixture, !from_isolated);
	return fixture->remote->calls;
}

static void trouble_at(struct fixture *fixture, bool from_isolated, enum trouble trouble, unsigned call)
{
	unsigned runs = 0;
	begin_with(fixture, from_isolated);
	change_mind(fixture);
	fixture->remote->trouble = trouble;
	fixture->remote->trouble_at = call;
	if (trouble == DIES_BEFORE || trouble == DIES_AFTER)
		run_in_a_child(fixture);
	while (run_engine(fixture) != OUTCOME_REACHED)
		if (++runs > 1)
			fail_msg("trouble %d at request %u: %s", trouble, call, fixture->error.message);
	if (runs > 0 && fixture->remote->changing && trouble != REFUSED)
		fail_msg("trouble %d at request %u needed another run", trouble, call);
	assert_true(fixture->remote->calls > call);
	assert_settled(fixture, trouble == CHANGE_OF_MIND ? from_isolated : !from_isolated);
}

static void all_troubles(struct fixture *fixture, bool from_isolated)
{
	unsigned requests = requests_of(fixture, from_isolated);
	assert_in_range(requests, 7, 12);
	for (enum trouble trouble = LOST_BEFORE; trouble < TROUBLES; trouble++)
		for (unsigned call = 1; call <= requests; call++)
			trouble_at(fixture, from_isolated, trouble, call);
}

static void test_cutting_off(void **state)
{
	all_troubles(*state, false);
}

static void test_giving_back(void **state)
{
	all_troubles(*state, true);
}

/* What is on its way is waited for, in both directions. */
static void test_pending(void **state)
{
	struct fixture *fixture = *state;
	begin_with(fixture, false);
	change_mind(fixture);
	fixture->remote->isolation_exists = fixture->remote->has_isolation = true; /* another run's request */
	fixture->remote->pending_looks = 2;
	assert_int_equal(run_engine(fixture), OUTCOME_REACHED);
	assert_int_equal(fixture->remote->pending_looks, 0);
	assert_int_equal(fixture->remote->calls, 7); /* list, three looks, taking off, its action, a look */
	assert_settled(fixture, true);
}

/* A firewall that somebody else put on lets through what it lets through. */
static void test_a_third_firewall(void **state)
{
	struct fixture *fixture = *state;
	begin_with(fixture, false);
	change_mind(fixture);
	fixture->remote->has_stranger = true;
	assert_int_equal(run_engine(fixture), OUTCOME_FAILED);
	assert_non_null(strstr(fixture->error.message, "also has firewall 77"));
	fixture->remote->has_stranger = false;
	assert_int_equal(run_engine(fixture), OUTCOME_REACHED);
	assert_settled(fixture, true);
	fixture->remote->has_stranger = true;
	change_mind(fixture);
	assert_int_equal(run_engine(fixture), OUTCOME_REACHED); /* and is nobody's business then */
	assert_settled(fixture, false);
}

/* An isolating firewall that lets somebody in is none: the machine keeps the anchor and the record says "not cut". */
static void test_a_firewall_that_does_not_isolate(void **state)
{
	struct fixture *fixture = *state;
	begin_with(fixture, false);
	change_mind(fixture);
	fixture->remote->isolation_exists = true;
	fixture->remote->isolation_leaks = true;
	assert_int_equal(run_engine(fixture), OUTCOME_FAILED);
	assert_non_null(strstr(fixture->error.message, "does not cut off: it leaks; 'ccc fsck' says how"));
	assert_true(fixture->remote->has_anchor && !fixture->remote->has_isolation);
	fixture->remote->isolation_leaks = false;
	assert_int_equal(run_engine(fixture), OUTCOME_REACHED);
	assert_settled(fixture, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_cutting_off, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_giving_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_pending, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_third_firewall, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_firewall_that_does_not_isolate, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
