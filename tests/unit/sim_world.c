#include "sim_world.h"

#include "base/memory.h"
#include "base/text.h"

struct world world_new(struct sim_options options)
{
	return (struct world){ .sim = sim_new(&options, START_MS), .now_ms = START_MS };
}

void send_request(struct world *world, const char *method, const char *path_and_query, const char *body,
		  struct sim_reply *ret)
{
	AUTO_FREE char *path = memory_copy_string(path_and_query);
	char *query = strchr(path, '?');

	if (query)
		*query++ = 0;
	const struct sim_request request = { .method = method,
					     .path = path,
					     .query = query,
					     .bearer = sim_token(world->sim, world->project),
					     .body = body,
					     .body_length = body ? strlen(body) : 0 };
	sim_answer(world->sim, &request, world->now_ms, ret);
	world->status = ret->status;
}

json_t *ask(struct world *world, const char *method, const char *path_and_query, const char *body)
{
	struct error err = ERROR_INIT;
	struct sim_reply reply;

	send_request(world, method, path_and_query, body, &reply);
	json_t *answer = reply.body ? json_parse(reply.body, reply.body_length, &err) : json_object();
	assert_non_null(answer);
	sim_reply_release(&reply);
	return answer;
}

int ask_status(struct world *world, const char *method, const char *path_and_query, const char *body)
{
	struct sim_reply reply;

	send_request(world, method, path_and_query, body, &reply);
	sim_reply_release(&reply);
	return world->status;
}

json_t *order(struct world *world, const char *name)
{
	AUTO_TEXT struct text body = TEXT_INIT(1024);

	text_addf(
		&body,
		"{\"name\": \"%s\", \"server_type\": \"cx23\", \"image\": \"debian-12\", \"labels\": {\"n\": \"%s\"}}",
		name, name);
	return ask(world, "POST", "/v1/servers", text_string(&body));
}

int64_t order_id(struct world *world, const char *name)
{
	AUTO_JSON json_t *answer = order(world, name);

	assert_int_equal(world->status, 201);
	return number_at(answer, "server", "id");
}

const char *error_code(const json_t *answer)
{
	return json_string_value(json_object_get(json_object_get(answer, "error"), "code"));
}

int64_t number_at(const json_t *answer, const char *outer, const char *inner)
{
	return json_integer_value(json_object_get(json_object_get(answer, outer), inner));
}
