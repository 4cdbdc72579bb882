/* The way of a request: route, token, rate limit, fault, method, body, handler. */
#include "base/json.h"
#include "base/memory.h"
#include "core/routes.h"

#define ANSWER_MAXIMUM ((size_t)1 << 31)

/* The first route whose pattern fits, and whether one of them also has the method. */
static const struct route *find_route(const struct route *routes, struct call *call, const char *path,
				      bool *ret_path_known)
{
	const struct route *fallback = NULL;
	int64_t ids[2];

	for (const struct route *route = routes; route->method; route++) {
		ids[0] = ids[1] = 0;
		if ((fallback && strcmp(route->pattern, fallback->pattern) != 0) ||
		    !route_fits(route->pattern, path, ids))
			continue;
		memcpy(call->ids, ids, sizeof(ids));
		if (strcmp(route->method, call->request->method) == 0) {
			*ret_path_known = true;
			call->route = route;
			return route;
		}
		if (!fallback)
			fallback = route;
	}
	*ret_path_known = fallback != NULL;
	call->route = fallback;
	return NULL;
}

static struct project *project_of_token(struct sim *sim, const char *token)
{
	for (size_t i = 0; token && i < sim->options.projects; i++)
		if (!sim->projects[i].revoked && strcmp(sim->projects[i].token, token) == 0)
			return &sim->projects[i];
	return NULL;
}

static bool take_rate(struct call *call, struct rate_limit *bucket)
{
	struct sim_reply *reply = call->reply;
	bool taken = rate_limit_take(bucket, call->sim->now_ms);

	reply->rate_limited = true;
	reply->rate_limit = bucket->limit;
	reply->rate_remaining = rate_limit_remaining(bucket);
	reply->rate_reset = rate_limit_reset(bucket);
	if (!taken)
		answer_error(call, 429, "rate_limit_exceeded", NULL, "limit of %lld requests per hour reached",
			     (long long)bucket->limit);
	return taken;
}

static bool admit(struct call *call)
{
	const char *token = call->request->bearer;

	call->project = project_of_token(call->sim, token);
	if (!take_rate(call, call->project ? &call->project->rate : &call->sim->anonymous))
		return false;
	if (!call->project) {
		answer_error(call, 401, "unauthorized", NULL, "%s",
			     token && *token ? "the token you have provided is invalid" : "token is required");
		return false;
	}
	return true;
}

static bool read_body(struct call *call)
{
	struct error err = ERROR_INIT;

	if (call->request->body_length == 0) {
		call->body = json_object();
		return true;
	}
	call->body = json_parse(call->request->body, call->request->body_length, &err);
	if (json_is_object(call->body))
		return true;
	answer_error(call, 400, "json_error", NULL, "invalid JSON: %s", call->body ? "not an object" : err.message);
	return false;
}

static void handle(struct call *call, const struct route *route)
{
	if (!route)
		answer_error(call, 405, "method_not_allowed", NULL, "method not allowed");
	else if (read_body(call))
		route->handler(call);
	json_decref(call->body);
	call->body = NULL;
}

static void count(struct call *call, const struct route *route)
{
	struct request_log *log = &call->sim->log;

	if (route)
		request_log_count(log, route);
	else
		request_log_count_refused(log, call->request->method,
					  call->route ? call->route->pattern : "(no such route)");
}

static void answer_big(struct call *call, const struct fault *fault)
{
	AUTO_FREE char *padding = memory_new((size_t)fault->big + 1);

	memset(padding, 'x', (size_t)fault->big);
	answer(call, fault->answer.code ? fault->answer.status : 200, "{'padding':%s}", padding);
}

/* When all requests of the project are refused, the headers say so too. */
static void answer_refusal(struct call *call, const struct fault *fault)
{
	const struct known_error *error = &fault->answer;

	answer_error(call, error->status, error->code, error->details, "%s", error->message);
	if (error->status == 429) {
		int64_t end_ms = fault->until_ms ? fault->until_ms : call->sim->now_ms + 1000;
		call->reply->rate_remaining = 0;
		call->reply->rate_reset = (end_ms + 999) / 1000;
	}
}

/* The fault's answer in place of the true one; false when the request shall have its effect. */
static bool replace_effect(struct call *call, const struct fault *fault)
{
	static const char page[] =
		"<html><head><title>502 Bad Gateway</title></head><body>nothing here</body></html>\n";

	if (fault->html) {
		answer(call, fault->answer.code ? fault->answer.status : 502, "%r", page);
		call->reply->html = true;
	} else if (fault->big) {
		answer_big(call, fault);
	} else if (fault->answer.code) {
		answer_refusal(call, fault);
	} else if (fault->drop) {
		call->reply->dropped = true;
	} else {
		return false;
	}
	return true;
}

/* Something on the way has sent the request once more. */
static void repeat(struct call *call, const struct route *route)
{
	struct text first = call->written;
	int first_status = call->reply->status;

	text_init(&call->written, ANSWER_MAXIMUM);
	count(call, route);
	if (take_rate(call, &call->project->rate))
		handle(call, route);
	if (call->fault->repeat == REPEAT_SHOWS_FIRST) {
		text_release(&call->written);
		call->written = first;
		call->reply->status = first_status;
	} else {
		text_release(&first);
	}
}

static void have_effect(struct call *call, const struct route *route)
{
	const struct fault *fault = call->fault;
	int64_t due_ms = call->sim->now_ms + fault->late_ms;

	if (fault->late_ms && !fault->repeat) {
		late_add(&call->sim->late, call->request, due_ms, false);
		call->reply->dropped = true;
		return;
	}
	handle(call, route);
	if (fault->repeat && fault->late_ms)
		late_add(&call->sim->late, call->request, due_ms, true);
	else if (fault->repeat)
		repeat(call, route);
}

static void spoil(struct call *call)
{
	struct sim_reply *reply = call->reply;

	reply->delay_ms = call->fault->hang_ms;
	reply->dropped |= call->fault->lose_answer;
	reply->endless = call->fault->endless;
	if (call->fault->cut)
		call->written.length /= 2;
}

static void answer_api(struct call *call, const char *path)
{
	struct fault fault = no_fault;
	bool path_known;
	const struct route *route = find_route(api_routes, call, path, &path_known);

	count(call, route);
	if (!path_known) {
		answer_error(call, 404, "not_found", NULL, "api route not found");
		return;
	}
	if (!admit(call))
		return;
	if (faults_take(call->sim, call->request->method, call->route->pattern, call->project->number, &fault))
		call->fault = &fault;
	if (!replace_effect(call, &fault))
		have_effect(call, route);
	spoil(call);
	call->fault = &no_fault;
	fault_release(&fault);
}

static void answer_control(struct call *call, const char *path)
{
	bool path_known;
	const struct route *route = find_route(control_routes, call, path, &path_known);

	if (path_known)
		handle(call, route);
	else
		answer_error(call, 404, "not_found", NULL, "no such control route");
}

static const char *below(const char *path, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(path, prefix, length) == 0 && path[length] == '/' ? path + length : NULL;
}

void late_answer(struct sim *sim, const struct late_request *late)
{
	const struct sim_request request = { .method = late->method,
					     .path = late->path,
					     .query = late->query,
					     .bearer = late->bearer,
					     .body = late->body,
					     .body_length = late->body_length };
	struct sim_reply nobody_sees_it = { 0 };
	struct call call = { .sim = sim, .request = &request, .reply = &nobody_sees_it, .fault = &no_fault };
	bool path_known;

	text_init(&call.written, ANSWER_MAXIMUM);
	query_parse(request.query, &call.query);
	const struct route *route = find_route(api_routes, &call, below(request.path, "/v1"), &path_known);
	if (late->counts)
		count(&call, route);
	if (admit(&call))
		handle(&call, route);
	query_release(&call.query);
	text_release(&call.written);
}

void sim_answer(struct sim *sim, const struct sim_request *request, int64_t now_ms, struct sim_reply *reply)
{
	struct call call = { .sim = sim, .request = request, .reply = reply, .fault = &no_fault };
	const char *api = below(request->path, "/v1");
	const char *control = below(request->path, "/_sim");

	*reply = (struct sim_reply){ 0 };
	sim_advance(sim, now_ms);
	text_init(&call.written, ANSWER_MAXIMUM);
	query_parse(request->query, &call.query);
	if (control)
		answer_control(&call, control);
	else
		answer_api(&call, api ? api : "");
	query_release(&call.query);
	reply->body_length = call.written.length;
	reply->body = call.written.length > 0 ? text_take(&call.written) : NULL;
	text_release(&call.written);
	/* What takes no time at this speed has already happened for the next request; so has the clock's step. */
	sim_advance(sim, now_ms);
	reply->date = sim->now_ms / 1000;
}

void sim_reply_release(struct sim_reply *reply)
{
	free(reply->body);
	*reply = (struct sim_reply){ 0 };
}
