#include "core/faults.h"

#include "base/json.h"
#include "base/memory.h"

/* Members that aren't known are refused: a misspelt fault would silently test nothing. */
static int only(json_t *object, const char *const *names, struct error *err)
{
	for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
		const char *const *name = names;
		while (*name && strcmp(*name, json_object_iter_key(at)) != 0)
			name++;
		if (!*name)
			return error_set(err, ERROR_REFUSED, 0, "unknown member '%s'", json_object_iter_key(at));
	}
	return 0;
}

static int read_flag(const json_t *document, const char *key, bool *ret, struct error *err)
{
	return json_object_get(document, key) ? json_get_boolean(document, key, ret, err) : 0;
}

static int read_match(const json_t *document, struct fault *fault, struct error *err)
{
	static const char *const names[] = { "method", "route", NULL };
	json_t *match = json_object_get(document, "match");
	const char *method, *route;

	if (!match)
		return 0;
	if (only(match, names, err) || json_optional_string(match, "method", NULL, &method, err) ||
	    json_optional_string(match, "route", NULL, &route, err))
		return -1;
	fault->method = memory_copy_string(method);
	fault->route = memory_copy_string(route);
	return 0;
}

static int read_answer(const json_t *document, struct fault *fault, struct error *err)
{
	static const char *const names[] = { "status", "code", "message", NULL };
	json_t *answer = json_object_get(document, "answer");
	const char *code, *message;
	int64_t status;

	if (!answer)
		return 0;
	if (only(answer, names, err) || json_optional_integer(answer, "status", 503, &status, err) ||
	    json_optional_string(answer, "code", "unavailable", &code, err) ||
	    json_optional_string(answer, "message", "simulated fault", &message, err))
		return -1;
	if (status < 200 || status > 599)
		return error_set(err, ERROR_REFUSED, 0, "status must be from 200 to 599");
	fault->status = (int)status;
	fault->code = memory_copy_string(code);
	fault->message = memory_copy_string(message);
	return 0;
}

static int read_hang(const json_t *document, struct fault *fault, struct error *err)
{
	const json_t *hang = json_object_get(document, "hang");

	if (!hang)
		return 0;
	if (!json_is_number(hang) || json_number_value(hang) < 0 || json_number_value(hang) > 86400)
		return error_set(err, ERROR_REFUSED, 0, "hang must be a number of seconds");
	fault->hang_ms = (int64_t)(json_number_value(hang) * 1000);
	return 0;
}

static int read_fault(json_t *document, struct fault *fault, struct error *err)
{
	static const char *const names[] = { "match",       "times", "skip", "answer",      "html", "big",
					     "lose_answer", "cut",   "hang", "fail_action", NULL };

	if (only(document, names, err) || read_match(document, fault, err) || read_answer(document, fault, err) ||
	    read_hang(document, fault, err) || json_optional_integer(document, "times", 1, &fault->times, err) ||
	    json_optional_integer(document, "skip", 0, &fault->skip, err) ||
	    json_optional_integer(document, "big", 0, &fault->big, err) ||
	    read_flag(document, "html", &fault->html, err) || read_flag(document, "cut", &fault->cut, err) ||
	    read_flag(document, "lose_answer", &fault->lose_answer, err) ||
	    read_flag(document, "fail_action", &fault->fail_action, err))
		return -1;
	if (fault->times < 1 || fault->skip < 0 || fault->big < 0 || fault->big > (INT64_C(1) << 30))
		return error_set(err, ERROR_REFUSED, 0, "times, skip or big is out of range");
	if (!fault->status && !fault->html && !fault->big && !fault->lose_answer && !fault->cut &&
	    !fault->fail_action && !fault->hang_ms)
		return error_set(err, ERROR_REFUSED, 0, "the fault does nothing");
	return 0;
}

int faults_add(struct faults *faults, json_t *document, struct error *err)
{
	struct fault fault = { 0 };

	if (!json_is_object(document))
		return error_set(err, ERROR_REFUSED, 0, "a fault is an object");
	if (read_fault(document, &fault, err)) {
		fault_release(&fault);
		return -1;
	}
	faults->items = memory_grow(faults->items, faults->count + 1, sizeof(struct fault));
	faults->items[faults->count++] = fault;
	return 0;
}

json_t *faults_report(const struct faults *faults)
{
	json_t *list = json_array();

	for (size_t i = 0; i < faults->count; i++) {
		const struct fault *fault = &faults->items[i];
		json_array_append_new(
			list, json_pack("{s:{s:s?, s:s?}, s:I, s:I, s:i, s:s?, s:b, s:I, s:b, s:b, s:b, s:f}", "match",
					"method", fault->method, "route", fault->route, "skip", (json_int_t)fault->skip,
					"times", (json_int_t)fault->times, "status", fault->status, "code", fault->code,
					"html", fault->html, "big", (json_int_t)fault->big, "lose_answer",
					fault->lose_answer, "cut", fault->cut, "fail_action", fault->fail_action,
					"hang", (double)fault->hang_ms / 1000));
	}
	return json_pack("{s:o}", "faults", list);
}

void fault_release(struct fault *fault)
{
	free(fault->method);
	free(fault->route);
	free(fault->code);
	free(fault->message);
	*fault = (struct fault){ 0 };
}

void faults_clear(struct faults *faults)
{
	for (size_t i = 0; i < faults->count; i++)
		fault_release(&faults->items[i]);
	free(faults->items);
	*faults = (struct faults){ 0 };
}

static bool concerns(const char *wanted, const char *actual)
{
	return !wanted || strcmp(wanted, actual) == 0;
}

static void copy_fault(const struct fault *fault, struct fault *ret)
{
	*ret = *fault;
	ret->method = memory_copy_string(fault->method);
	ret->route = memory_copy_string(fault->route);
	ret->code = memory_copy_string(fault->code);
	ret->message = memory_copy_string(fault->message);
}

bool faults_take(struct faults *faults, const char *method, const char *route, struct fault *ret)
{
	for (size_t i = 0; i < faults->count; i++) {
		struct fault *fault = &faults->items[i];
		if (!concerns(fault->method, method) || !concerns(fault->route, route))
			continue;
		if (fault->skip > 0) {
			fault->skip--;
			continue;
		}
		copy_fault(fault, ret);
		if (--fault->times == 0) {
			fault_release(fault);
			faults->count--;
			memmove(fault, fault + 1, (faults->count - i) * sizeof(*fault));
		}
		return true;
	}
	return false;
}
