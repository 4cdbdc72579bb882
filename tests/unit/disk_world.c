#include "disk_world.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/text.h"
#include "system/random.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
#else
#define __lsan_disable()
#define __lsan_enable()
#endif

static struct world {
	struct disk *disk;
	struct disk_process *process, *current;
	unsigned effects, strike;
	int number;
	jmp_buf death;
	const char *meanwhile; /* the call before which... */
	struct disk_process *other;
	void (*what)(void);
} world;

static uint64_t always_zero(void *data, uint64_t bound)
{
	(void)data;
	(void)bound;
	return 0;
}

static uint64_t always_last(void *data, uint64_t bound)
{
	(void)data;
	return bound - 1;
}

const struct disk_random nothing_survives = { always_zero, NULL };
const struct disk_random everything_survives = { always_last, NULL };

/* splitmix64 */
static uint64_t next_random(uint64_t *state)
{
	uint64_t value = *state += 0x9e3779b97f4a7c15;
	value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
	value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
	return value ^ (value >> 31);
}

static uint64_t seeded_below(void *data, uint64_t bound)
{
	return next_random(data) % bound;
}

struct disk_random seeded_random(uint64_t *state)
{
	return (struct disk_random){ seeded_below, state };
}

/* The product's names of temporary files come from here. */
void random_hex(struct system *system, char *ret, size_t digits)
{
	static uint64_t state;
	uint64_t value = next_random(&state);
	(void)system;
	for (size_t i = 0; i < digits; i++)
		ret[i] = "0123456789abcdef"[(value >> (4 * i % 64)) & 15];
	ret[digits] = '\0';
}

struct disk_process *disk_current(void)
{
	return world.current;
}

static void let_other_act(void)
{
	struct disk_process *self = world.current;
	world.meanwhile = NULL;
	world.current = world.other;
	world.what();
	world.current = self;
}

int disk_effect(const char *call, const char *path)
{
	assert_true(path[0] == '/');
	if (world.meanwhile && strcmp(world.meanwhile, call) == 0)
		let_other_act();
	if (++world.effects != world.strike)
		return 0;
	if (world.number == KILLED)
		longjmp(world.death, 1);
	return world.number;
}

struct disk *world_begin(uint64_t *random_state)
{
	const struct disk_random random = seeded_random(random_state);
	world = (struct world){ .disk = disk_new(&random), .strike = NEVER };
	assert_int_equal(disk_make_directory(world.disk, "/state", 0700, 1000), 0);
	disk_settle(world.disk);
	world.current = world.process = disk_process_new(world.disk, 1000);
	return world.disk;
}

void world_end(void)
{
	disk_process_kill(world.process);
	disk_free(world.disk);
}

void world_switch(struct disk_process *process)
{
	world.current = process ? process : world.process;
}

void world_new_process(void)
{
	disk_process_kill(world.process);
	world.current = world.process = disk_process_new(world.disk, 1000);
}

void world_power_cut(const struct disk_random *random)
{
	disk_power_cut(world.disk, random);
	world_new_process();
}

void world_fail_next(int number)
{
	world.strike = world.effects + 1;
	world.number = number;
}

void world_meanwhile(const char *call, struct disk_process *process, void (*what)(void))
{
	world.meanwhile = call;
	world.other = process;
	world.what = what;
}

bool world_run(void (*run)(void *data), void *data, unsigned strike, int number)
{
	world.effects = 0;
	world.strike = strike;
	world.number = number;
	__lsan_disable(); /* what a killed process leaves on its heap dies with it elsewhere */
	bool killed = setjmp(world.death) != 0;
	if (!killed)
		run(data);
	__lsan_enable();
	world.strike = NEVER;
	return !killed;
}

unsigned world_effects(void)
{
	return world.effects;
}

bool file_is(const struct disk *disk, const char *path, const char *expected)
{
	const char *bytes;
	size_t length;
	return disk_peek(disk, path, &bytes, &length) == 0 && length == strlen(expected) &&
	       memcmp(bytes, expected, length) == 0;
}

void assert_file(const struct disk *disk, const char *path, const char *expected)
{
	const char *bytes;
	size_t length;
	assert_int_equal(disk_peek(disk, path, &bytes, &length), 0);
	assert_int_equal(length, strlen(expected));
	assert_memory_equal(bytes, expected, length);
}

static void add_name(void *data, const char *name)
{
	text_addf(data, "%s ", name);
}

void assert_names(const struct disk *disk, const char *directory, const char *expected)
{
	AUTO_TEXT struct text names = TEXT_INIT(4096);
	assert_int_equal(disk_list(disk, directory, add_name, &names), 0);
	assert_string_equal(text_string(&names), expected);
}
