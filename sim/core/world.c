#include "core/world.h"

#include "base/memory.h"
#include "core/actions.h"
#include "core/destroy.h"

struct sim_options sim_default_options(void)
{
	return (struct sim_options){
		.seed = 1, .projects = 1, .server_limit = 100, .rate_limit = 3600, .boot_ms = 8000, .speed = 1
	};
}

/* splitmix64: every seed, 0 included, gives a good sequence. */
uint64_t sim_random(struct sim *sim)
{
	uint64_t z = sim->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

void sim_random_word(struct sim *sim, char *ret, size_t length)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

	for (size_t i = 0; i < length; i++)
		ret[i] = letters[sim_random(sim) % (sizeof(letters) - 1)];
	ret[length] = 0;
}

int64_t sim_new_id(struct sim *sim)
{
	return ++sim->last_id;
}

int64_t sim_duration(const struct sim *sim, int64_t ms)
{
	return (int64_t)((double)ms / sim->options.speed);
}

/* From 127.16.0.1 to 127.239.255.254, beginning somewhere by the seed, so that two
 * simulators on one machine rarely want the same address. */
void sim_new_address(struct sim *sim, char ret[ADDRESS_SIZE])
{
	uint32_t n = sim->next_address++ % (224 * 256 * 254);

	snprintf(ret, ADDRESS_SIZE, "127.%u.%u.%u", 16 + n / (256 * 254), n / 254 % 256, 1 + n % 254);
}

struct sim_host_event *sim_add_event(struct sim *sim, enum sim_host_event_kind kind, int64_t server_id)
{
	if (sim->event_count == sim->event_capacity) {
		sim->event_capacity = sim->event_capacity ? 2 * sim->event_capacity : 16;
		sim->events = memory_grow(sim->events, sim->event_capacity, sizeof(struct sim_host_event));
	}
	struct sim_host_event *event = &sim->events[sim->event_count++];
	*event = (struct sim_host_event){ .kind = kind, .server_id = server_id };
	return event;
}

bool sim_take_host_event(struct sim *sim, struct sim_host_event *ret)
{
	if (sim->event_taken == sim->event_count)
		return false;
	*ret = sim->events[sim->event_taken++];
	if (sim->event_taken == sim->event_count)
		sim->event_taken = sim->event_count = 0;
	return true;
}

void sim_host_event_release(struct sim_host_event *event)
{
	for (size_t i = 0; i < event->ssh_key_count; i++)
		free(event->ssh_keys[i]);
	free(event->ssh_keys);
	free(event->name);
	free(event->address);
	free(event->user_data);
	*event = (struct sim_host_event){ 0 };
}

struct stock_row sim_stock(const struct sim *sim, const struct type_row *type, const struct location_row *location)
{
	for (size_t i = 0; i < sim->stock_count; i++)
		if (sim->stock[i].type == type && sim->stock[i].location == location)
			return sim->stock[i];
	return (struct stock_row){ type, location, true, true };
}

/* The static catalogue as resources, so that it is listed like everything else. */
static void add_catalogue(struct sim *sim)
{
	for (size_t i = 0; i < catalogue_location_count; i++) {
		struct location *location = memory_new(sizeof(*location));
		location->row = &catalogue_locations[i];
		resource_init(&location->base, location->row->id, location->row->name, NULL, 0);
		resource_keep(&location->base);
		resource_list_add(&sim->locations, &location->base);
	}
	for (size_t i = 0; i < catalogue_type_count; i++) {
		struct server_type *type = memory_new(sizeof(*type));
		type->row = &catalogue_types[i];
		resource_init(&type->base, type->row->id, type->row->name, NULL, 0);
		resource_keep(&type->base);
		resource_list_add(&sim->server_types, &type->base);
	}
	for (size_t i = 0; i < catalogue_image_count; i++) {
		struct image *image = memory_new(sizeof(*image));
		image->row = image->origin = &catalogue_images[i];
		image->available = true;
		resource_init(&image->base, image->row->id, image->row->name, NULL, 1751328000000);
		resource_keep(&image->base);
		resource_list_add(&sim->system_images, &image->base);
	}
}

struct sim *sim_new(const struct sim_options *options, int64_t now_ms)
{
	struct sim *sim = memory_new(sizeof(*sim));

	sim->options = *options;
	sim->random = options->seed;
	sim->now_ms = now_ms;
	sim->last_id = 1000000;
	sim->next_address = (uint32_t)(sim_random(sim) % (224 * 256 * 254));
	request_log_init(&sim->log);
	rate_limit_init(&sim->anonymous, options->rate_limit, now_ms);
	add_catalogue(sim);
	sim->projects = memory_new(options->projects * sizeof(struct project));
	for (size_t i = 0; i < options->projects; i++) {
		sim->projects[i].number = i;
		sim_random_word(sim, sim->projects[i].token, TOKEN_LENGTH);
		rate_limit_init(&sim->projects[i].rate, options->rate_limit, now_ms);
	}
	return sim;
}

const char *sim_token(const struct sim *sim, size_t project)
{
	return project < sim->options.projects ? sim->projects[project].token : NULL;
}

/* When the next thing happens by itself: an action's end or a late request's arrival; -1: never. */
static int64_t next_due(const struct sim *sim, struct action **ret_action, struct project **ret_project)
{
	struct action *action = action_next(sim, ret_project);
	const struct late_request *late = late_next(&sim->late);
	bool late_first = late && (!action || late->due_ms < action->finish_ms);

	*ret_action = late_first ? NULL : action;
	if (late_first)
		return late->due_ms;
	return action ? action->finish_ms : -1;
}

void sim_advance(struct sim *sim, int64_t now_ms)
{
	int64_t now = now_ms + sim->offset_ms;
	struct project *project;
	struct action *action;
	int64_t due;

	while ((due = next_due(sim, &action, &project)) >= 0 && due <= now) {
		/* Each happens at its own time, however late we look. */
		if (due > sim->now_ms)
			sim->now_ms = due;
		if (action) {
			action_end(sim, project, action);
		} else {
			struct late_request late = late_take_next(&sim->late);
			late_answer(sim, &late);
			late_release(&late);
		}
	}
	sim->now_ms = now;
}

int64_t sim_next_event(const struct sim *sim)
{
	struct project *project;
	struct action *action;
	int64_t due = next_due(sim, &action, &project);

	return due < 0 ? -1 : due - sim->offset_ms;
}

void sim_free(struct sim *sim)
{
	struct sim_host_event event;

	if (!sim)
		return;
	for (size_t i = 0; i < sim->options.projects; i++)
		project_destroy(&sim->projects[i]);
	free(sim->projects);
	catalogue_destroy(sim);
	while (sim_take_host_event(sim, &event))
		sim_host_event_release(&event);
	free(sim->events);
	free(sim->stock);
	bill_release(&sim->bill);
	faults_clear(&sim->faults);
	late_clear(&sim->late);
	request_log_release(&sim->log);
	free(sim);
}
