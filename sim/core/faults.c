#include "core/faults.h"

#include "base/memory.h"
#include "core/fault_document.h"
#include "core/world.h"

const struct fault no_fault = { .project = -1 };

static int read_list(json_t *list, struct fault *items, size_t *count, struct error *err)
{
	size_t i;
	json_t *document;

	json_array_foreach(list, i, document) {
		if (fault_read(document, &items[*count], err))
			return error_wrap(err, "fault %zu", i + 1);
		(*count)++;
	}
	return 0;
}

int faults_add(struct faults *faults, json_t *document, struct error *err)
{
	json_t *list = json_is_array(document) ? json_incref(document) : json_pack("[O]", document);
	size_t count = faults->count;

	faults->items = memory_grow(faults->items, count + json_array_size(list) + 1, sizeof(struct fault));
	int result = read_list(list, faults->items, &count, err);
	if (result == 0)
		faults->count = count;
	else
		while (count > faults->count)
			fault_release(&faults->items[--count]);
	json_decref(list);
	return result;
}

static void forget(struct faults *faults, size_t index)
{
	fault_release(&faults->items[index]);
	faults->count--;
	memmove(&faults->items[index], &faults->items[index + 1], (faults->count - index) * sizeof(struct fault));
}

static void forget_ended(struct faults *faults, int64_t now_ms)
{
	for (size_t i = faults->count; i > 0; i--)
		if (faults->items[i - 1].until_ms && faults->items[i - 1].until_ms <= now_ms)
			forget(faults, i - 1);
}

json_t *faults_report(struct sim *sim)
{
	json_t *list = json_array();

	forget_ended(&sim->faults, sim->now_ms);
	for (size_t i = 0; i < sim->faults.count; i++) {
		const struct fault *fault = &sim->faults.items[i];
		json_t *shown = json_copy(fault->document);
		json_object_set_new(shown, "skip", json_integer(fault->skip));
		if (fault->times < INT64_MAX)
			json_object_set_new(shown, "times", json_integer(fault->times));
		json_array_append_new(list, shown);
	}
	return json_pack("{s:o}", "faults", list);
}

void fault_release(struct fault *fault)
{
	json_decref(fault->document);
	*fault = no_fault;
}

void faults_clear(struct faults *faults)
{
	while (faults->count > 0)
		forget(faults, faults->count - 1);
	free(faults->items);
	*faults = (struct faults){ 0 };
}

static bool same(const char *wanted, const char *actual)
{
	return !wanted || strcmp(wanted, actual) == 0;
}

static bool concerns(const struct fault *fault, const char *method, const char *route, size_t project)
{
	bool needs_actions =
		fault->fail_action || fault->stall_action || fault->action_factor > 0 || fault->action_ms > 0;

	return same(fault->method, method) && same(fault->route, route) &&
	       (fault->project < 0 || (size_t)fault->project == project) &&
	       !(needs_actions && strcmp(method, "GET") == 0);
}

/* Draws from the seed only where chance decides. */
static bool strikes(struct sim *sim, struct fault *fault)
{
	if (fault->skip > 0) {
		fault->skip--;
		return false;
	}
	return fault->probability >= 1 || (double)(sim_random(sim) >> 11) * 0x1p-53 < fault->probability;
}

bool faults_take(struct sim *sim, const char *method, const char *route, size_t project, struct fault *ret)
{
	struct faults *faults = &sim->faults;

	forget_ended(faults, sim->now_ms);
	for (size_t i = 0; i < faults->count; i++) {
		struct fault *fault = &faults->items[i];
		if (!concerns(fault, method, route, project) || !strikes(sim, fault))
			continue;
		if (fault->lasting_ms && !fault->until_ms)
			fault->until_ms = sim->now_ms + fault->lasting_ms;
		*ret = *fault;
		json_incref(ret->document);
		if (--fault->times == 0)
			forget(faults, i);
		return true;
	}
	return false;
}
