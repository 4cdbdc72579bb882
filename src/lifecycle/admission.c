#include "lifecycle/admission.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "fleet/server_limit.h"
#include "instance/names.h"
#include "lifecycle/commit.h"
#include "lifecycle/payment.h"
#include "system/clock.h"
#include "system/random.h"

#define GIVE_UP_SECONDS (2 * 3600) /* an unfinished provision is undone after this */
#define ID_ATTEMPTS     100

struct work {
	struct admission *admission;
	struct store *store;
	struct system *system;
};

/* Said twice, and not one customer's payment under another's name. */
static bool is_same_request(const struct admission *admission, const struct record *record, int64_t hours)
{
	const struct record *request = &admission->request;
	return strcasecmp(request->email, record->email) == 0 && hours == admission->hours &&
	       strcmp(request->server_type, record->server_type) == 0;
}

/* The same payment counts once (P4), also when its instance is gone already; but one whose
 * machine was never handed over bought nothing yet. */
static int check_reference(struct work *work, const struct snapshot *state, struct error *err)
{
	struct admission *admission = work->admission;
	struct payment_use use;
	struct payment payment;
	if (payment_find(work->store, state, admission->reference, &use, err) < 0)
		return -1;
	if (!*use.instance)
		return 0;
	if (use.gone)
		return error_set(
			err, ERROR_REFUSED, 0,
			"payment '%s' was used for instance '%s', which is gone; a new server needs a new payment",
			admission->reference, use.instance);
	const struct record *record = snapshot_find(state, use.instance);
	if (!record_has_payment(record, admission->reference, &payment) ||
	    !is_same_request(admission, record, payment.hours))
		return error_set(err, ERROR_REFUSED, 0,
				 "payment '%s' was counted before, for another request (instance '%s'); a new request "
				 "needs a payment of its own",
				 admission->reference, record->id);
	text_copy(admission->existing, sizeof(admission->existing), record->id);
	text_copy(admission->counted_at, sizeof(admission->counted_at), payment.at);
	return 0;
}

static int refuse_second(const struct record *request, const struct record *first, struct error *err)
{
	if (first->goal == GOAL_GONE)
		return error_set(
			err, ERROR_REFUSED, 0,
			"instance '%s' of '%s' is still being ended; bring that to its end with: ccc resume %s",
			first->id, request->email, first->id);
	if (first->failed_at)
		return error_set(err, ERROR_REFUSED, 0,
				 "instance '%s' of '%s' failed and is kept for a look; end it with: ccc deprovision %s",
				 first->id, request->email, first->id);
	if (!first->verified_at)
		return error_set(
			err, ERROR_REFUSED, 0,
			"instance '%s' of '%s' is not handed over yet; go on with 'ccc resume %s', or end it with "
			"'ccc deprovision %s'",
			first->id, request->email, first->id, first->id);
	return error_set(err, ERROR_REFUSED, 0,
			 "'%s' has instance '%s' already, and one server a user is the rule; extend it with: ccc "
			 "extend %s --hours H",
			 request->email, first->id, first->id);
}

static int check_user(const struct record *request, const struct snapshot *state, struct error *err)
{
	for (size_t i = 0; i < state->count; i++)
		if (strcasecmp(state->records[i].email, request->email) == 0)
			return refuse_second(request, &state->records[i], err);
	return 0;
}

static int choose_id(struct work *work, const struct snapshot *state, struct error *err)
{
	struct record *record = &work->admission->request;
	for (int attempt = 0; attempt < ID_ATTEMPTS; attempt++) {
		random_hex(work->system, record->id, INSTANCE_ID_SIZE - 1);
		if (snapshot_find(state, record->id))
			continue;
		if (store_lease(work->store, record->id, &work->admission->lease, err) < 0)
			return -1;
		if (work->admission->lease)
			return 0;
	}
	return error_set(err, ERROR_FAILED, 0, "cannot find a free instance id");
}

/* Whether the state lets this request in; ->existing is set when its payment was counted before. */
static int check(struct work *work, const struct snapshot *state, struct error *err)
{
	if (check_reference(work, state, err) < 0)
		return -1;
	if (*work->admission->existing)
		return 0;
	if (!state->fleet.anchor)
		return error_set(err, ERROR_STATE, 0,
				 "the fleet is not registered at Hetzner yet; run 'ccc init' again");
	if (check_user(&work->admission->request, state, err) < 0)
		return -1;
	return server_limit_check(state, work->admission->max_servers, err);
}

static int admit(struct transaction *transaction, void *data, struct error *err)
{
	struct work *work = data;
	struct admission *admission = work->admission;
	struct record *record = &admission->request;
	const struct snapshot *state = transaction_state(transaction);
	if (check(work, state, err) < 0)
		return -1;
	if (*admission->existing)
		return 0;
	if (choose_id(work, state, err) < 0)
		return -1;
	int64_t now = clock_now(work->system);
	instance_server_name(record->id, record->server_name);
	random_hex(work->system, record->nonce, NONCE_SIZE - 1);
	record->created_at = now;
	record->give_up_at = now + GIVE_UP_SECONDS;
	record_add_payment(record, admission->reference, admission->hours, now);
	transaction_note(transaction, transaction_add(transaction, record), "requested", "");
	return 0;
}

int admission_check(struct loop *loop, struct store *store, struct admission *admission, struct error *err)
{
	struct work work = { admission, store, loop_system(loop) };
	struct snapshot state;
	if (store_read(store, &state, err) < 0)
		return -1;
	int result = check(&work, &state, err);
	snapshot_release(&state);
	return result;
}

int admission_commit(struct loop *loop, struct store *store, struct admission *admission, struct error *err)
{
	struct work work = { admission, store, loop_system(loop) };
	return commit_now(loop, store, admit, &work, err);
}
