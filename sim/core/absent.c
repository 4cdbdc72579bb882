/* Routes behind which there is nothing: what is not simulated, and what Hetzner took away. */
#include "core/listing.h"
#include "core/routes.h"

static void render_nothing(struct call *call, const struct resource *resource)
{
	(void)resource;
	write_json(call, "null");
}

void nothing_list(struct call *call)
{
	const struct list_rules rules = { .member = call->route->pattern + 1,
					  .render = render_nothing,
					  .sorts = { "id", "name", "created" } };

	list_answer(call, &rules, NULL, 0);
}

void nothing_get(struct call *call)
{
	answer_not_found(call, "resource", call->ids[0]);
}

void gone_get(struct call *call)
{
	answer_error(call, 410, "deprecated_api_endpoint",
		     "{\"announcement\":\"https://docs.hetzner.cloud/changelog#2026-10-01-datacenters-removed\"}",
		     "API functionality was removed");
}
