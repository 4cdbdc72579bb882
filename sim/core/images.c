#include "core/images.h"

#include "base/memory.h"
#include "core/actions.h"
#include "core/destroy.h"
#include "core/listing.h"
#include "core/money.h"
#include "core/routes.h"

#define HOURS_A_MONTH 730

static const char *type_of(const struct image *image)
{
	return image->row ? "system" : image->is_backup ? "backup" : "snapshot";
}

static void write_origin(struct call *call, const struct image *image)
{
	if (image->row || !image->available)
		write_json(call, "'image_size':null,");
	else
		write_json(call, "'image_size':%f,", (double)image->size_centi_gb / 100);
	write_json(call, "'disk_size':%d,'created':%t,", image->row ? 5 : image->disk_gb, image->base.created_ms);
	if (image->row)
		write_json(call, "'created_from':null,");
	else
		write_json(call, "'created_from':{'id':%i,'name':%s},", image->created_from, image->created_from_name);
	if (image->is_backup)
		write_json(call, "'bound_to':%i,", image->created_from);
	else
		write_json(call, "'bound_to':null,");
}

void image_render(struct call *call, const struct resource *resource)
{
	const struct image *image = (const struct image *)resource;
	const struct image_row *origin = image->origin;
	int64_t deprecated = image->row && origin->deprecated ? origin->deprecated * 1000 : -1;

	write_json(call, "{'id':%i,'type':%s,'status':%s,'name':%s,'description':%s,", image->base.id, type_of(image),
		   image->available ? "available" : "creating", image->base.name,
		   image->row ? origin->description : image->description);
	write_origin(call, image);
	write_json(call,
		   "'os_flavor':%s,'os_version':%s,'rapid_deploy':%b,'protection':{'delete':%b},'deprecated':%t,"
		   "'deleted':null,'labels':%r,'architecture':%s}",
		   origin->flavor, origin->version, image->row != NULL, image->delete_protected, deprecated,
		   image->base.shown_labels, origin->architecture);
}

static bool keeps(struct call *call, const struct resource *resource)
{
	const struct image *image = (const struct image *)resource;
	const struct query *query = &call->query;
	const char *deprecated = query_get(query, "include_deprecated");
	bool is_deprecated = image->row && image->row->deprecated && image->row->deprecated * 1000 <= call->sim->now_ms;
	char bound_to[24] = "";

	if (image->is_backup)
		snprintf(bound_to, sizeof(bound_to), "%lld", (long long)image->created_from);
	if (is_deprecated && (!deprecated || strcmp(deprecated, "true") != 0))
		return false;
	return query_allows(query, "type", type_of(image)) &&
	       query_allows(query, "status", image->available ? "available" : "creating") &&
	       query_allows(query, "architecture", image->origin->architecture) &&
	       query_allows(query, "bound_to", bound_to);
}

void images_list(struct call *call)
{
	static const struct list_rules rules = {
		.member = "images", .render = image_render, .keeps = keeps, .sorts = { "id", "name", "created" }
	};
	const struct resource_list *lists[] = { &call->sim->system_images, &call->project->images };

	list_answer(call, &rules, lists, 2);
}

struct image *image_find(const struct sim *sim, const struct project *project, int64_t id)
{
	struct resource *own = resource_find(&project->images, id);

	return (struct image *)(own ? own : resource_find(&sim->system_images, id));
}

struct image *image_refer(struct call *call, const json_t *reference)
{
	struct resource *own = resource_refer(&call->project->images, reference);

	return (struct image *)(own ? own : resource_refer(&call->sim->system_images, reference));
}

bool image_usable(struct call *call, const struct image *image, const struct type_row *type)
{
	if (!image) {
		answer_invalid(call, "image", "image not found");
		return false;
	}
	if (image->row && image->row->unavailable && image->row->unavailable * 1000 <= call->sim->now_ms) {
		answer_invalid(call, "image", "image %s is deprecated", image->row->name);
		return false;
	}
	if (!image->available) {
		answer_invalid(call, "image", "image is not available");
		return false;
	}
	if (strcmp(image->origin->architecture, type->architecture) != 0) {
		answer_invalid(call, "image", "image has incompatible architecture");
		return false;
	}
	return true;
}

/* The image of the path; NULL after a 404. */
static struct image *find(struct call *call)
{
	struct image *image = image_find(call->sim, call->project, call->ids[0]);

	if (!image)
		answer_not_found(call, "image", call->ids[0]);
	return image;
}

/* Like find(), but system images belong to nobody. */
static struct image *find_own(struct call *call)
{
	struct image *image = find(call);

	if (image && image->row) {
		answer_error(call, 403, "forbidden", NULL, "system images can't be changed");
		return NULL;
	}
	return image;
}

static void answer_image(struct call *call, const struct image *image)
{
	answer(call, 200, "{'image':%v}", image_render, &image->base);
}

void images_get(struct call *call)
{
	const struct image *image = find(call);

	if (image)
		answer_image(call, image);
}

/* Snapshots cost by their size; backups come with a surcharge on the server, which is not counted here. */
static void start_bill(struct sim *sim, const struct project *project, const struct image *image)
{
	int64_t monthly = snapshot_gb_monthly() * image->size_centi_gb / 100;

	bill_start(&sim->bill, &(struct bill_item){ .kind = "snapshot",
						    .id = image->base.id,
						    .project = project->number,
						    .name = image->description,
						    .hourly = monthly / HOURS_A_MONTH,
						    .monthly = monthly,
						    .start_ms = sim->now_ms });
}

void images_update(struct call *call)
{
	struct image *image = find_own(call);
	const char *description = NULL, *type = NULL;
	json_t *labels = NULL;

	if (!image || !call_string(call, "description", &description) || !call_string(call, "type", &type) ||
	    !call_labels(call, &labels))
		return;
	if (type && strcmp(type, "snapshot") != 0) {
		answer_invalid(call, "type", "type can only become snapshot");
		return;
	}
	if (description) {
		free(image->description);
		image->description = memory_copy_string(description);
	}
	if (type && image->is_backup) {
		image->is_backup = false;
		if (image->available)
			start_bill(call->sim, call->project, image);
	}
	if (labels)
		resource_relabel(&image->base, labels);
	answer_image(call, image);
}

void images_delete(struct call *call)
{
	struct image *image = find_own(call);

	if (!image)
		return;
	if (image->delete_protected) {
		answer_error(call, 423, "protected", NULL, "image deletion is protected");
		return;
	}
	image_remove(call->sim, call->project, image);
	answer(call, 204, NULL);
}

void images_protect(struct call *call)
{
	static const struct action_rule protect = { .command = "change_protection", .duration_ms = 500 };
	struct image *image = find_own(call);

	if (!image || !call_flag(call, "delete", &image->delete_protected))
		return;
	answer_action(call, action_start(call, &protect, "image", image->base.id));
}

struct image *image_capture(struct call *call, const struct server *server, bool is_backup, const char *description,
			    json_t *labels)
{
	struct image *image = memory_new(sizeof(*image));

	resource_init(&image->base, sim_new_id(call->sim), NULL, labels, call->sim->now_ms);
	image->origin = server->image_origin;
	image->is_backup = is_backup;
	image->description = memory_copy_string(description ? description : server->base.name);
	image->disk_gb = server->disk_gb;
	image->created_from = server->base.id;
	image->created_from_name = memory_copy_string(server->base.name);
	resource_list_add(&call->project->images, &image->base);
	return image;
}

void image_complete(struct sim *sim, struct project *project, struct image *image)
{
	/* As much as a small system compresses to: 1 to 3 GB. */
	image->size_centi_gb = 100 + (int64_t)(sim_random(sim) % 200);
	image->available = true;
	if (!image->is_backup)
		start_bill(sim, project, image);
}

void image_remove(struct sim *sim, struct project *project, struct image *image)
{
	bill_end(&sim->bill, "snapshot", image->base.id, sim->now_ms);
	resource_list_remove(&project->images, &image->base);
	image_free(image);
}

void image_remove_backups(struct sim *sim, struct project *project, int64_t server)
{
	for (size_t i = project->images.count; i > 0; i--) {
		struct image *image = (struct image *)project->images.items[i - 1];
		if (image->is_backup && image->created_from == server)
			image_remove(sim, project, image);
	}
}
