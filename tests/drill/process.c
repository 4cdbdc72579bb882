#include "process.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "base/text.h"
#include "flight.h"
#include "job.h"
#include "owner.h"
#include "story.h"

#define STACK_BYTES   ((size_t)1 << 20)
#define OPERATOR_USER (geteuid()) /* whom the product asks the kernel for */
#define KILLED        137
#define OVERTAKEN_MS  20000

struct delivery {
	struct delivery *next;
	void (*fn)(void *data);
	void (*drop)(void *data);
	void *data;
};

/* Whom the calls of the disk come from: they carry no handle. */
static struct process *current;

struct process *process_current(void)
{
	return current;
}

struct disk_process *disk_current(void)
{
	return current->files;
}

int disk_effect(const char *call, const char *path)
{
	return process_effect(current, call, path, true);
}

static const struct {
	const char *word, *name;
} mishaps[MISHAP_KINDS] = {
	[MISHAP_NONE] = { "none", "nothing" },
	[MISHAP_KILL] = { "kill", "kill" },
	[MISHAP_POWER_CUT] = { "power-cut", "power cut" },
	[MISHAP_EIO] = { "EIO", "EIO" },
	[MISHAP_ENOSPC] = { "ENOSPC", "ENOSPC" },
	[MISHAP_FULL] = { "full-disk", "full disk" },
	[MISHAP_INTERRUPT] = { "Ctrl-C", "Ctrl-C" },
	[MISHAP_UNSAVED] = { "unsaved", "kill" },
	[MISHAP_OVERTAKEN] = { "overtaken", "being overtaken" },
};

const char *mishap_name(enum mishap_kind kind)
{
	return mishaps[kind].name;
}

const char *mishap_word(enum mishap_kind kind)
{
	return mishaps[kind].word;
}

/* --- stacks: used again, so that their pages are there --------------------------- */

struct idle_stack {
	struct idle_stack *next;
};

static struct idle_stack *idle_stacks;

static void *take_stack(void)
{
	struct idle_stack *stack = idle_stacks;
	if (!stack)
		return malloc(STACK_BYTES);
	idle_stacks = stack->next;
	return stack;
}

static void give_stack_back(void *memory)
{
	struct idle_stack *stack = memory;
	stack->next = idle_stacks;
	idle_stacks = stack;
}

/* --- running and stopping ----------------------------------------------------- */

static void leave(struct process *process)
{
	struct world *world = process->world;
	swapcontext(process->context, world->scheduler);
}

static void enter(void)
{
	struct process *process = current;
	process->exit_code = process->fn(process, process->data);
	process->ended = true;
	leave(process);
}

static bool is_of_disk(enum mishap_kind kind)
{
	return kind == MISHAP_EIO || kind == MISHAP_ENOSPC || kind == MISHAP_FULL;
}

static unsigned effects_that_count(const struct process *process)
{
	return is_of_disk(process->mishap.kind) ? process->disk_effects : process->effects;
}

static void bury(struct process *process)
{
	struct world *world = process->world;
	for (struct process **link = &world->processes; *link; link = &(*link)->next)
		if (*link == process) {
			*link = process->next;
			break;
		}
	event_cancel(process->wake);
	if (process == world->watched)
		world->watched_effects = effects_that_count(process);
	while (process->deliveries) {
		struct delivery *delivery = process->deliveries;
		process->deliveries = delivery->next;
		if (delivery->drop)
			delivery->drop(delivery->data);
		free(delivery);
	}
	flights_lose_sender(world, process);
	jobs_lose_parent(world, process);
	disk_process_kill(process->files);
	owner_free(process->memory);
	if (process->on_end)
		process->on_end(process, process->end_data);
	free(process->context);
	give_stack_back(process->stack);
	free(process);
}

static void resume(void *data)
{
	struct process *process = data;
	struct world *world = process->world;
	ucontext_t scheduler;
	process->wake = NULL;
	world->running = current = process;
	world->scheduler = &scheduler;
	struct owner *before = owner_switch(process->memory);
	swapcontext(&scheduler, process->context);
	owner_switch(before);
	world->running = current = NULL;
	if (process->ended) {
		story_tell(world, "%s ends with %d%s%s", process->name, process->exit_code,
			   *process->error.message ? ": " : "", process->error.message);
		bury(process);
	} else if (process->dying) {
		process->exit_code = KILLED;
		bury(process);
	}
	if (world->power_cut_due)
		world_power_cut(world);
}

struct process *process_start(struct world *world, const char *name, process_fn *fn, void *data,
			      const struct mishap *mishap)
{
	struct process *process = calloc(1, sizeof(*process));
	ucontext_t *context = malloc(sizeof(*context));
	process->world = world;
	process->next = world->processes;
	world->processes = process;
	text_copy(process->name, sizeof(process->name), name);
	process->fn = fn;
	process->data = data;
	process->memory = owner_new();
	process->files = disk_process_new(world->disk, OPERATOR_USER);
	process->system.process = process;
	process->last_delivery = &process->deliveries;
	if (mishap)
		process->mishap = *mishap;
	process->context = context;
	process->stack = take_stack();
	getcontext(context);
	context->uc_stack.ss_sp = process->stack;
	context->uc_stack.ss_size = STACK_BYTES;
	context->uc_link = NULL;
	makecontext(context, enter, 0);
	process->wake = world_after(world, 0, resume, process);
	return process;
}

void process_kill(struct process *process)
{
	story_tell(process->world, "%s is killed", process->name);
	process->exit_code = KILLED;
	bury(process);
}

/* --- waiting ------------------------------------------------------------------- */

void process_wait(struct process *process, int64_t until_ms)
{
	struct world *world = process->world;
	if (process->deliveries)
		return;
	if (until_ms >= 0)
		process->wake = world_after(world, until_ms - world->now_ms, resume, process);
	leave(process);
}

void process_deliver(struct process *process, void (*fn)(void *data), void (*drop)(void *data), void *data)
{
	struct delivery *delivery = owner_world_calloc(1, sizeof(*delivery));
	*delivery = (struct delivery){ NULL, fn, drop, data };
	*process->last_delivery = delivery;
	process->last_delivery = &delivery->next;
	if (process == current || process->aside)
		return; /* it is at work, or will be, and looks before it waits */
	event_cancel(process->wake);
	process->wake = world_after(process->world, 0, resume, process);
}

bool process_take_delivery(struct process *process, void (**fn)(void *data), void **data)
{
	struct delivery *delivery = process->deliveries;
	if (!delivery)
		return false;
	process->deliveries = delivery->next;
	if (!process->deliveries)
		process->last_delivery = &process->deliveries;
	*fn = delivery->fn;
	*data = delivery->data;
	free(delivery);
	return true;
}

/* --- what goes wrong ----------------------------------------------------------- */

static void die(struct process *process)
{
	process->dying = true;
	leave(process);
	abort(); /* nobody comes back from there */
}

static void put_aside(struct process *process, int64_t ms)
{
	process->wake = world_after(process->world, ms, resume, process);
	process->aside = true;
	leave(process);
	process->aside = false;
}

static int suffer(struct process *process, const char *what, const char *detail)
{
	struct world *world = process->world;
	story_tell(world, "%s meets %s at %s %s", process->name, mishap_name(process->mishap.kind), what, detail);
	switch (process->mishap.kind) {
	case MISHAP_KILL:
	case MISHAP_UNSAVED:
		die(process);
		break;
	case MISHAP_POWER_CUT:
		world->power_cut_due = true;
		die(process);
		break;
	case MISHAP_EIO:
		return EIO;
	case MISHAP_ENOSPC:
		return ENOSPC;
	case MISHAP_FULL:
		disk_set_free(world->disk, 0);
		break;
	case MISHAP_INTERRUPT:
		if (!process->interrupt)
			die(process);
		process_deliver(process, process->interrupt, NULL, process->interrupt_data);
		break;
	case MISHAP_OVERTAKEN:
		world_after(world, 0, world->overtake, world);
		put_aside(process, OVERTAKEN_MS);
		break;
	case MISHAP_NONE:
	case MISHAP_KINDS:
		break;
	}
	return 0;
}

static bool is_due(const struct process *process, const char *what, const char *detail, bool of_disk)
{
	const struct mishap *mishap = &process->mishap;
	if (mishap->kind == MISHAP_UNSAVED)
		return process->effects >= mishap->at && strcmp(what, "fsync") == 0 &&
		       strcmp(detail, STATE_DIRECTORY) == 0;
	return mishap->kind && mishap->at == effects_that_count(process) && (of_disk || !is_of_disk(mishap->kind));
}

int process_effect(struct process *process, const char *what, const char *detail, bool of_disk)
{
	struct world *world = process->world;
	process->effects++;
	process->disk_effects += of_disk;
	if (is_due(process, what, detail, of_disk)) {
		int number = suffer(process, what, detail);
		if (number)
			return number;
	}
	if (world->switching && draw_chance(&world->timing, world->switching)) {
		process->wake = world_after(world, (int64_t)draw_below(&world->timing, 4), resume, process);
		leave(process);
	}
	return 0;
}
