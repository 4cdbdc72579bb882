/* drill: plays whole lives of fleets with everything that can go wrong. See docs/drill.md. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/number.h"
#include "owner.h"
#include "run.h"
#include "shrink.h"
#include "story.h"

struct options {
	int64_t seeds, first_seed, minutes;
	bool replay, enumerate, brief;
};

struct sum {
	uint64_t runs, failures, effects, instances, seconds;
	struct timespec began;
};

static double seconds_since(const struct timespec *began)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - began->tv_sec) + (double)(now.tv_nsec - began->tv_nsec) / 1e9;
}

static void count(struct sum *sum, const struct verdict *verdict)
{
	sum->runs++;
	sum->instances += verdict->instances;
	sum->seconds += verdict->seconds;
	sum->failures += *verdict->violation != '\0';
}

/* --- every effect of every command ------------------------------------------------------ */

static void try_each(enum errand_kind kind, enum mishap_kind mishap_kind, bool brief, struct sum *sum)
{
	for (unsigned at = 1; at < 10000 && !(brief && sum->failures); at++) {
		struct mishap mishap = { mishap_kind, at };
		struct verdict verdict = { 0 };
		run_errand(kind, &mishap, at, NULL, &verdict);
		if (verdict.effects < at)
			return;
		count(sum, &verdict);
		sum->effects += mishap_kind == MISHAP_KILL;
		if (!*verdict.violation)
			continue;
		printf("VIOLATED %s\n  replay: drill --errand %s --mishap %d --at %u\n", verdict.violation,
		       errand_name(kind), (int)mishap_kind, at);
	}
}

static void enumerate(bool brief, struct sum *sum)
{
	for (int kind = 0; kind < ERRAND_KINDS; kind++)
		for (int mishap = MISHAP_KILL; mishap < MISHAP_KINDS; mishap++)
			try_each((enum errand_kind)kind, (enum mishap_kind)mishap, brief, sum);
	printf("enumerated: %llu effects, %llu runs, %llu violations, %llu machines\n",
	       (unsigned long long)sum->effects, (unsigned long long)sum->runs, (unsigned long long)sum->failures,
	       (unsigned long long)sum->instances);
}

/* --- lives drawn from seeds ------------------------------------------------------------------- */

/* Prints the story of one life, and frees it; gives what the program ends with. */
static int tell(struct story *story, const struct verdict *verdict)
{
	story_print(story);
	story_free(story);
	printf("%s\n", *verdict->violation ? verdict->violation : "no violation");
	return *verdict->violation != '\0';
}

static int replay(int64_t seed)
{
	struct verdict verdict = { 0 };
	struct story *story = story_new();
	struct plan *plan = plan_draw((uint64_t)seed);
	run_plan(plan, story, &verdict);
	int result = tell(story, &verdict);
	plan_free(plan);
	return result;
}

static void random_lives(const struct options *options, struct sum *sum)
{
	for (int64_t i = 0; options->minutes || i < options->seeds; i++) {
		struct verdict verdict = { 0 };
		struct plan *plan = plan_draw((uint64_t)(options->first_seed + i));
		run_plan(plan, NULL, &verdict);
		count(sum, &verdict);
		if (*verdict.violation) {
			printf("VIOLATED %s\n  replay: drill --replay --first-seed %lld\n", verdict.violation,
			       (long long)(options->first_seed + i));
			if (!options->brief && sum->failures <= 3)
				shrink_and_print(plan, verdict.violation);
		}
		plan_free(plan);
		if (options->brief && sum->failures)
			break;
		if (options->minutes && seconds_since(&sum->began) > (double)options->minutes * 60)
			break;
	}
	double seconds = seconds_since(&sum->began);
	printf("random: %llu lives, %llu violations, %llu machines, %.1f instance-years, %.1f s, %.0f lives a second\n",
	       (unsigned long long)sum->runs, (unsigned long long)sum->failures, (unsigned long long)sum->instances,
	       (double)sum->seconds / 31557600.0, seconds, (double)sum->runs / seconds);
}

/* --- the command line ---------------------------------------------------------------------------- */

static int replay_errand(const char *name, int64_t mishap_kind, int64_t at)
{
	struct mishap mishap = { (enum mishap_kind)mishap_kind, (unsigned)at };
	for (int kind = 0; kind < ERRAND_KINDS; kind++) {
		if (strcmp(errand_name((enum errand_kind)kind), name) != 0)
			continue;
		struct verdict verdict = { 0 };
		struct story *story = story_new();
		run_errand((enum errand_kind)kind, &mishap, (uint64_t)at, story, &verdict);
		return tell(story, &verdict);
	}
	return 2;
}

static int64_t number_or_exit(const char *word)
{
	struct error error = ERROR_INIT;
	int64_t number;
	if (number_parse(word, 0, INT64_MAX, "the number", &number, &error) == 0)
		return number;
	fprintf(stderr, "drill: %s\n", error.message);
	exit(2);
}

int main(int argc, char **argv)
{
	static const struct option words[] = {
		{ "seeds", required_argument, NULL, 's' },   { "first-seed", required_argument, NULL, 'f' },
		{ "minutes", required_argument, NULL, 'm' }, { "replay", no_argument, NULL, 'r' },
		{ "enumerate", no_argument, NULL, 'e' },     { "brief", no_argument, NULL, 'b' },
		{ "errand", required_argument, NULL, 'E' },  { "mishap", required_argument, NULL, 'M' },
		{ "at", required_argument, NULL, 'A' },      { NULL, 0, NULL, 0 },
	};
	struct options options = { .seeds = 1000, .first_seed = 1 };
	struct sum sum = { 0 };
	const char *errand = NULL;
	int64_t mishap = 0, at = 0;
	int letter;
	while ((letter = getopt_long(argc, argv, "", words, NULL)) >= 0)
		switch (letter) {
		case 's':
			options.seeds = number_or_exit(optarg);
			break;
		case 'f':
			options.first_seed = number_or_exit(optarg);
			break;
		case 'm':
			options.minutes = number_or_exit(optarg);
			break;
		case 'r':
			options.replay = true;
			break;
		case 'b':
			options.brief = true;
			break;
		case 'e':
			options.enumerate = true;
			break;
		case 'E':
			errand = optarg;
			break;
		case 'M':
			mishap = number_or_exit(optarg);
			break;
		case 'A':
			at = number_or_exit(optarg);
			break;
		default:
			fprintf(stderr, "usage: drill [--seeds N] [--first-seed S] [--minutes M] [--enumerate] "
					"[--replay] [--brief]\n");
			return 2;
		}
	owner_teach_jansson();
	setvbuf(stdout, NULL, _IOLBF, 0);
	clock_gettime(CLOCK_MONOTONIC, &sum.began);
	if (errand)
		return replay_errand(errand, mishap, at);
	if (options.replay)
		return replay(options.first_seed);
	if (options.enumerate)
		enumerate(options.brief, &sum);
	else
		random_lives(&options, &sum);
	return sum.failures != 0;
}
