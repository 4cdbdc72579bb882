#include "errand_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arguments.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "cloud/hetzner/hetzner.h"
#include "instance/ssh_fingerprint.h"
#include "instance/status.h"
#include "lifecycle/admission.h"
#include "lifecycle/ending.h"
#include "lifecycle/engine.h"
#include "lifecycle/extension.h"
#include "lifecycle/key_change.h"
#include "lifecycle/suspension.h"
#include "lifecycle/sweep.h"
#include "loop.h"
#include "oracle.h"
#include "oracle_loss.h"
#include "owner.h"
#include "read_once.h"
#include "story.h"

#define USER_KEY  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG9uZSB1c2VyJ3Mga2V5LCB0aGlydHktdHdvIGJ5dGVz"
#define OTHER_KEY "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGFub3RoZXIga2V5IG9mIGhlciwgMzIgYnl0ZXMuLi4u"

static void on_report(void *data, const struct report *report)
{
	struct desk *desk = data;
	if (report->kind == REPORT_FAILED || report->kind == REPORT_WARNING)
		story_tell(desk->process->world, "    %s %s: %s", report->instance, report->step, report->text);
}

static void on_interrupt(void *data)
{
	struct desk *desk = data;
	engine_interrupt(desk->engine);
}

static int open_engine(struct desk *desk, struct error *err)
{
	struct engine_parts parts = { desk->loop, desk->store, desk->cloud, &desk->settings, on_report, desk };
	desk->engine = engine_new(&parts, err);
	desk->process->interrupt = on_interrupt;
	desk->process->interrupt_data = desk;
	return desk->engine ? 0 : -1;
}

/* --- the errands ------------------------------------------------------------------------ */

static int outcome_of(struct desk *desk, const char *id, struct error *err)
{
	const struct error *why;
	const struct record *record;
	enum outcome outcome = engine_outcome(desk->engine, id, &why, &record);
	if (outcome == OUTCOME_REACHED)
		return 0;
	if (why)
		*err = *why;
	else
		error_set(err, ERROR_FAILED, 0, "unfinished");
	return -1;
}

int errand_work(struct desk *desk, char *const *ids, size_t count, struct error *err)
{
	AUTO_ARGUMENTS struct arguments taken_ids = ARGUMENTS_INIT;
	int result = 0;
	if (!desk->engine && open_engine(desk, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct error error = ERROR_INIT;
		bool taken = false;
		if (engine_take(desk->engine, ids[i], &taken, &error) < 0) {
			if (error.kind == ERROR_NOT_FOUND)
				continue; /* another process was quicker */
			*err = error;
			result = -1;
		} else if (taken) {
			arguments_add(&taken_ids, ids[i]);
		}
	}
	if (engine_run(desk->engine, err) < 0)
		return -1;
	for (size_t i = 0; i < taken_ids.count; i++)
		if (outcome_of(desk, taken_ids.items[i], err) < 0)
			result = -1;
	return result;
}

static int provision(struct desk *desk, struct error *err)
{
	struct admission admission = { .hours = desk->errand->hours, .reference = desk->errand->reference };
	snprintf(admission.request.email, sizeof(admission.request.email), "user%u@example.com", desk->errand->user);
	text_copy(admission.request.server_type, sizeof(admission.request.server_type), "cpx21");
	admission.request.keep_on_failure = desk->errand->keep;
	admission.request.ssh_keys = json_pack("[s]", USER_KEY);
	admission.request.locations = json_pack("[s, s, s]", "fsn1", "nbg1", "hel1");
	int result = admission_commit(desk->loop, desk->store, &admission, err);
	if (result == 0 && *admission.existing) {
		char *ids[] = { admission.existing };
		result = errand_work(desk, ids, 1, err);
	} else if (result == 0) {
		result = open_engine(desk, err);
		if (result == 0)
			result = engine_take_leased(desk->engine, admission.request.id, admission.lease, err);
		admission.lease = NULL;
		if (result == 0)
			result = engine_run(desk->engine, err);
		if (result == 0)
			result = outcome_of(desk, admission.request.id, err);
		if (result == 0)
			oracle_hears_success(desk->process->world->oracle, admission.request.id);
	}
	record_release(&admission.request);
	return result;
}

/* The instance of the user whose errand it is. */
static int find_own(struct desk *desk, char ret[8], struct error *err)
{
	if (errand_find_user(desk->process->world, desk->errand->user, ret))
		return 0;
	return error_set(err, ERROR_NOT_FOUND, 0, "the user has no instance");
}

static int extend(struct desk *desk, struct error *err)
{
	char id[8], *ids[] = { id };
	struct error ignored = ERROR_INIT;
	if (find_own(desk, id, err) < 0)
		return -1;
	struct extension extension = { .id = id, .hours = desk->errand->hours, .reference = desk->errand->reference };
	if (extension_commit(desk->loop, desk->store, &extension, err) < 0)
		return -1;
	oracle_expects_payment(desk->process->world->oracle, id, desk->errand->reference);
	oracle_hears_success(desk->process->world->oracle, id);
	if (extension.handed_over)
		(void)errand_work(desk, ids, 1, &ignored);
	return 0;
}

static int end(struct desk *desk, struct error *err)
{
	char id[8], *ids[] = { id };
	if (find_own(desk, id, err) < 0)
		return -1;
	if (ending_commit(desk->loop, desk->store, ids, 1, err) < 0)
		return -1;
	return errand_work(desk, ids, 1, err);
}

static int resume(struct desk *desk, struct error *err)
{
	struct snapshot snapshot;
	AUTO_ARGUMENTS struct arguments ids = ARGUMENTS_INIT;
	if (store_read(desk->store, &snapshot, err) < 0)
		return -1;
	for (size_t i = 0; i < snapshot.count; i++)
		if (!status_is_settled(&snapshot.records[i]))
			arguments_add(&ids, snapshot.records[i].id);
	snapshot_release(&snapshot);
	return ids.count ? errand_work(desk, ids.items, ids.count, err) : 0;
}

static int reap(struct desk *desk, struct error *err)
{
	struct sweep sweep = SWEEP_INIT;
	int result = 0;
	if (sweep_begin(desk->loop, desk->store, desk->cloud, &sweep, err) < 0) {
		sweep_release(&sweep);
		return -1;
	}
	if (sweep.ids.count)
		result = errand_work(desk, sweep.ids.items, sweep.ids.count, err);
	if (sweep.held_back) {
		*err = sweep.why;
		result = -1;
	} else if (result == 0 || err->kind != ERROR_INTERRUPTED) {
		struct error ignored = ERROR_INIT;
		(void)sweep_end(desk->loop, desk->store, &sweep, &ignored);
	}
	sweep_release(&sweep);
	return result;
}

static int change_keys(struct desk *desk, bool remove, struct error *err)
{
	char id[8], *ids[] = { id }, print[SSH_FINGERPRINT_SIZE];
	const char *const none[] = { NULL }, *const removed[] = { print, NULL };
	if (find_own(desk, id, err) < 0)
		return -1;
	if (ssh_fingerprint(OTHER_KEY, print, err) < 0)
		return -1;
	AUTO_JSON json_t *added = remove ? json_array() : json_pack("[s]", OTHER_KEY);
	struct key_change change = { .id = id, .added = added, .removed = remove ? removed : none };
	if (key_change_commit(desk->loop, desk->store, &change, err) < 0)
		return -1;
	return change.tell ? errand_work(desk, ids, 1, err) : 0;
}

static int add_key(struct desk *desk, struct error *err)
{
	return change_keys(desk, false, err);
}

static int remove_key(struct desk *desk, struct error *err)
{
	return change_keys(desk, true, err);
}

static int suspend(struct desk *desk, struct error *err)
{
	char id[8], *ids[] = { id };
	if (find_own(desk, id, err) < 0)
		return -1;
	struct suspension suspension = { id, "abuse" };
	if (suspension_begin(desk->loop, desk->store, &suspension, err) < 0)
		return -1;
	return errand_work(desk, ids, 1, err);
}

static int unsuspend(struct desk *desk, struct error *err)
{
	char id[8], *ids[] = { id };
	if (find_own(desk, id, err) < 0)
		return -1;
	if (suspension_end(desk->loop, desk->store, id, err) < 0)
		return -1;
	return errand_work(desk, ids, 1, err);
}

/* --- the process ------------------------------------------------------------------------- */

/* clang-format off */
static const struct {
	const char *name;
	int (*act)(struct desk *desk, struct error *err);
	bool of_user, makes_state;
} errands[ERRAND_KINDS] = {
	[ERRAND_INIT] = { "init", errand_init, false, true },
	[ERRAND_PROVISION] = { "provision", provision, true, false },
	[ERRAND_EXTEND] = { "extend", extend, true, false },
	[ERRAND_END] = { "deprovision", end, true, false },
	[ERRAND_RESUME] = { "resume", resume, false, false },
	[ERRAND_REAP] = { "reap", reap, false, false },
	[ERRAND_ADD_KEY] = { "keys --add", add_key, true, false },
	[ERRAND_REMOVE_KEY] = { "keys --remove", remove_key, true, false },
	[ERRAND_SUSPEND] = { "suspend", suspend, true, false },
	[ERRAND_UNSUSPEND] = { "unsuspend", unsuspend, true, false },
	[ERRAND_FSCK] = { "fsck --fix", errand_fsck, false, false },
	[ERRAND_FSCK_YES] = { "fsck --fix --yes", errand_fsck_yes, false, false },
	[ERRAND_ADOPT] = { "init --adopt", errand_adopt, false, true },
	[ERRAND_HEALTH] = { "health", errand_health, false, false },
};
/* clang-format on */

const char *errand_name(enum errand_kind kind)
{
	return errands[kind].name;
}

bool errand_is_of_user(enum errand_kind kind)
{
	return errands[kind].of_user;
}

static void open_settings(const struct world *world, struct settings *settings)
{
	settings->self = memory_copy_string("/bin/ccc");
	settings->path = memory_copy_string("/bin");
	settings->box = memory_copy_string(world->box_is_shared ? SHARED_BOX_FOLDER : BOX_FOLDER);
	settings->image = memory_copy_string("debian-12");
	settings->state_directory = memory_copy_string(STATE_DIRECTORY);
	arguments_add(&settings->children, "PATH=/bin");
}

static int run(struct process *process, void *data)
{
	struct desk desk = { .process = process, .errand = data };
	struct error error = ERROR_INIT;
	const char *token = sim_token(process->world->sim, desk.errand->project);
	desk.loop = loop_new(&process->system);
	open_settings(process->world, &desk.settings);
	int result = hetzner_new(desk.loop, TOKEN_ENDPOINT, token, &desk.cloud, &error);
	if (result == 0 && !errands[desk.errand->kind].makes_state)
		result = store_open(&process->system, STATE_DIRECTORY, &desk.store, &error);
	if (result == 0)
		result = errands[desk.errand->kind].act(&desk, &error);
	cloud_free(desk.cloud);
	engine_free(desk.engine);
	store_close(desk.store);
	loop_free(desk.loop);
	if (result == 0)
		return 0;
	process->error = error;
	return error_exit_code(error.kind); /* the rest goes with the process */
}

static void on_end(struct process *process, void *data)
{
	oracle_sees_end(process->world->oracle, process->name);
	free(data);
}

struct process *errand_start(struct world *world, const struct errand *errand, const struct mishap *mishap)
{
	char name[48];
	struct errand *copy = owner_world_malloc(sizeof(*copy));
	*copy = *errand;
	if (errand_is_of_user(errand->kind))
		snprintf(name, sizeof(name), "%s user%u", errand_name(errand->kind), errand->user);
	else
		snprintf(name, sizeof(name), "%s", errand_name(errand->kind));
	struct process *process = process_start(world, name, run, copy, mishap);
	process->on_end = on_end;
	process->end_data = copy;
	story_tell(world, "%s begins%s", name, errand->project ? " with the token of another project" : "");
	return process;
}

struct owner_search {
	const char *email;
	const json_t *instances;
	char *ret;
	bool found;
};

/* An adopted machine has no name of a user on it: the shop remembers whose it was. */
static void was_his(void *data, const char *id, const char *email)
{
	struct owner_search *search = data;
	const json_t *object = json_object_get(search->instances, id);
	if (object && strcmp(email, search->email) == 0 && json_object_get(object, "adoptedAt"))
		search->found = text_copy(search->ret, 8, id);
}

bool errand_find_user(const struct world *world, unsigned user, char ret[8])
{
	char email[64];
	const char *id;
	json_t *object;
	const json_t *document = read_state(world);
	if (!document)
		return false;
	snprintf(email, sizeof(email), "user%u@example.com", user);
	struct owner_search search = { email, json_object_get(document, "instances"), ret, false };
	json_object_foreach((json_t *)(uintptr_t)search.instances, id, object) {
		const char *owner = json_string_value(json_object_get(object, "email"));
		if (owner && strcmp(owner, email) == 0)
			search.found = text_copy(ret, 8, id);
	}
	if (!search.found)
		oracle_tells_users(world->oracle, was_his, &search);
	return search.found;
}
