/* drill: plays whole lives of fleets with everything that can go wrong. See docs/drill.md. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audit/finding.h"
#include "base/error.h"
#include "base/number.h"
#include "owner.h"
#include "run.h"
#include "scene.h"
#include "shrink.h"
#include "story.h"

struct options {
	int64_t seeds, first_seed, minutes;
	bool replay, enumerate, brief;
	/* NULL, or of one enumerated life: the scene, what is met there, and when, */
	const char *errand, *mishap;
	int64_t at;
	bool end; /* and that everybody's end is asked for after it */
	bool help;
};

struct sum {
	uint64_t runs, failures, effects, ends, instances, seconds, longs;
	uint64_t repairs[REPAIRS];
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
	for (size_t i = 0; i < REPAIRS; i++)
		sum->repairs[i] += verdict->repairs[i];
}

/* --- every effect of every command ------------------------------------------------------ */

static void try_each(size_t scene, enum mishap_kind mishap_kind, enum sequel sequel, bool brief, struct sum *sum)
{
	for (unsigned at = 1; at < 10000 && !(brief && sum->failures); at++) {
		struct mishap mishap = { mishap_kind, at };
		struct verdict verdict = { 0 };
		scene_play(scene, &mishap, sequel, NULL, &verdict);
		if (verdict.effects < at)
			return;
		count(sum, &verdict);
		sum->effects += mishap_kind == MISHAP_KILL && sequel == SEQUEL_AGAIN;
		sum->ends += sequel == SEQUEL_END;
		if (!*verdict.violation)
			continue;
		printf("VIOLATED %s\n  replay: drill --errand %s --mishap %s --at %u%s\n", verdict.violation,
		       scene_name(scene), mishap_word(mishap_kind), at, sequel == SEQUEL_END ? " --end" : "");
	}
}

static void enumerate(bool brief, struct sum *sum)
{
	for (size_t scene = 0; scene < scene_count(); scene++)
		for (int mishap = MISHAP_KILL; mishap < MISHAP_KINDS; mishap++)
			for (int sequel = 0; sequel < SEQUELS; sequel++)
				if (scene_has(scene, (enum mishap_kind)mishap, (enum sequel)sequel))
					try_each(scene, (enum mishap_kind)mishap, (enum sequel)sequel, brief, sum);
	printf("enumerated: %zu scenes, %llu effects, %llu runs, of which %llu ask for the end, %llu violations, "
	       "%llu machines\n",
	       scene_count(), (unsigned long long)sum->effects, (unsigned long long)sum->runs,
	       (unsigned long long)sum->ends, (unsigned long long)sum->failures, (unsigned long long)sum->instances);
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

static void print_repairs(const struct sum *sum)
{
	static const char *const names[FIX_COUNT] = {
		[FIX_END] = "ended",         [FIX_RESTORE] = "restored",      [FIX_ADOPT] = "adopted",
		[FIX_ACCEPT] = "accepted",   [FIX_REGISTER] = "registered",   [FIX_PIN] = "pinned",
		[FIX_ISOLATE] = "isolating", [FIX_RULES] = "rules",           [FIX_REMOVE] = "folders",
		[FIX_REMOVE_LOCK] = "locks", [FIX_SWEEP] = "temporary files",
	};
	_Static_assert(FIX_COUNT <= REPAIRS, "each kind of repair is counted");
	printf("repaired:");
	for (size_t i = 1; i < FIX_COUNT; i++)
		printf("%s %llu %s", i > 1 ? "," : "", (unsigned long long)sum->repairs[i], names[i]);
	printf("\n");
}

static void random_lives(const struct options *options, struct sum *sum)
{
	for (int64_t i = 0; options->minutes || i < options->seeds; i++) {
		struct verdict verdict = { 0 };
		struct plan *plan = plan_draw((uint64_t)(options->first_seed + i));
		run_plan(plan, NULL, &verdict);
		count(sum, &verdict);
		sum->longs += plan->pace > 1;
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
	print_repairs(sum);
	double seconds = seconds_since(&sum->began);
	printf("random: %llu lives, %llu of them of weeks and months, %llu violations, %llu machines, %.1f "
	       "instance-years, %.1f s, %.0f lives a second\n",
	       (unsigned long long)sum->runs, (unsigned long long)sum->longs, (unsigned long long)sum->failures,
	       (unsigned long long)sum->instances, (double)sum->seconds / 31557600.0, seconds,
	       (double)sum->runs / seconds);
}

/* --- the command line ---------------------------------------------------------------------------- */

static void add_mishaps(FILE *file)
{
	for (int kind = MISHAP_KILL; kind < MISHAP_KINDS; kind++)
		fprintf(file, " %s", mishap_word((enum mishap_kind)kind));
	fprintf(file, "\n");
}

static void add_errands(FILE *file)
{
	for (size_t i = 0; i < scene_count(); i++)
		fprintf(file, " %s", scene_name(i));
	fprintf(file, "\n");
}

static bool find_mishap(const char *word, enum mishap_kind *ret)
{
	for (int kind = MISHAP_KILL; kind < MISHAP_KINDS; kind++)
		if (strcmp(mishap_word((enum mishap_kind)kind), word) == 0) {
			*ret = (enum mishap_kind)kind;
			return true;
		}
	return false;
}

static int replay_errand(const struct options *options)
{
	size_t scene = scene_find(options->errand);
	struct mishap mishap = { MISHAP_NONE, options->at > 0 ? (unsigned)options->at : 0 };
	struct verdict verdict = { 0 };
	if (scene == SIZE_MAX) {
		fprintf(stderr, "drill: there is no errand '%s'; there are:", options->errand);
		add_errands(stderr);
		return 2;
	}
	if (options->mishap && !find_mishap(options->mishap, &mishap.kind)) {
		fprintf(stderr, "drill: there is no mishap '%s'; there are:", options->mishap);
		add_mishaps(stderr);
		return 2;
	}
	struct story *story = story_new();
	scene_play(scene, &mishap, options->end ? SEQUEL_END : SEQUEL_AGAIN, story, &verdict);
	if (verdict.effects >= mishap.at)
		return tell(story, &verdict);
	story_free(story);
	fprintf(stderr, "drill: nothing was struck: %s has no effect %u that %s could meet\n", options->errand,
		mishap.at, options->mishap);
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

static bool refuse(const char *why, const char *word)
{
	fprintf(stderr, "drill: %s '%s'; see --help\n", why, word);
	return false;
}

static bool check_options(const struct options *options)
{
	if (!options->errand && (options->mishap || options->at >= 0 || options->end))
		return refuse("--mishap, --at and --end are for", "--errand");
	if ((options->mishap != NULL) != (options->at >= 0))
		return refuse("--mishap and --at go together, with", "--errand");
	if (options->at == 0)
		return refuse("--at counts effects from 1, not", "0");
	return true;
}

/* False, and it was said: a word is not understood. */
static bool read_options(int argc, char **argv, struct options *ret)
{
	static const struct option words[] = {
		{ "seeds", required_argument, NULL, 's' },   { "first-seed", required_argument, NULL, 'f' },
		{ "minutes", required_argument, NULL, 'm' }, { "replay", no_argument, NULL, 'r' },
		{ "enumerate", no_argument, NULL, 'e' },     { "brief", no_argument, NULL, 'b' },
		{ "errand", required_argument, NULL, 'E' },  { "mishap", required_argument, NULL, 'M' },
		{ "at", required_argument, NULL, 'A' },      { "end", no_argument, NULL, 'N' },
		{ "help", no_argument, NULL, 'h' },          { NULL, 0, NULL, 0 },
	};
	const struct {
		int letter;
		bool *flag;
		int64_t *number;
	} places[] = {
		{ 's', NULL, &ret->seeds },     { 'f', NULL, &ret->first_seed }, { 'm', NULL, &ret->minutes },
		{ 'h', &ret->help, NULL },      { 'A', NULL, &ret->at },         { 'r', &ret->replay, NULL },
		{ 'e', &ret->enumerate, NULL }, { 'b', &ret->brief, NULL },      { 'N', &ret->end, NULL },
	};
	int letter;
	opterr = 0;
	while ((letter = getopt_long(argc, argv, "+:", words, NULL)) >= 0) {
		if (letter == '?' || letter == ':')
			return refuse(letter == '?' ? "unknown option" : "an option needs a value:", argv[optind - 1]);
		if (letter == 'E')
			ret->errand = optarg;
		if (letter == 'M')
			ret->mishap = optarg;
		for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
			if (places[i].letter == letter && places[i].flag)
				*places[i].flag = true;
			else if (places[i].letter == letter)
				*places[i].number = number_or_exit(optarg);
	}
	return optind < argc ? refuse("unexpected", argv[optind]) : check_options(ret);
}

static void print_help(void)
{
	printf("usage: drill [--seeds N] [--first-seed S] [--minutes M] [--brief]   lives drawn from seeds\n"
	       "       drill --enumerate [--brief]                                  each mishap at each effect of each "
	       "errand\n"
	       "       drill --replay --first-seed S                                tells the life of one seed\n"
	       "       drill --errand NAME [--mishap KIND --at EFFECT] [--end]      tells one of the enumerated "
	       "lives;\n"
	       "                                                    --end: everybody's end is asked for after the "
	       "mishap\n\n"
	       "Of EIO, ENOSPC and full-disk --at counts the effects on the disk; unsaved is a kill when a new state "
	       "is in\n"
	       "its place and not saved there, the first time from --at on; overtaken puts the process aside "
	       "meanwhile.\n\n"
	       "Mishaps:");
	add_mishaps(stdout);
	printf("Errands:");
	add_errands(stdout);
}

static void announce(const struct options *options)
{
	if (options->enumerate)
		fprintf(stderr, "drill: each mishap at each effect of %zu errands\n", scene_count());
	else if (options->minutes)
		fprintf(stderr, "drill: lives drawn from the seeds from %lld on, for %lld min\n",
			(long long)options->first_seed, (long long)options->minutes);
	else
		fprintf(stderr, "drill: lives drawn from the seeds %lld to %lld\n", (long long)options->first_seed,
			(long long)(options->first_seed + options->seeds - 1));
}

int main(int argc, char **argv)
{
	struct options options = { .seeds = 1000, .first_seed = 1, .at = -1 };
	struct sum sum = { 0 };
	if (!read_options(argc, argv, &options))
		return 2;
	if (options.help) {
		print_help();
		return 0;
	}
	owner_teach_jansson();
	setvbuf(stdout, NULL, _IOLBF, 0);
	clock_gettime(CLOCK_MONOTONIC, &sum.began);
	if (options.errand)
		return replay_errand(&options);
	if (options.replay)
		return replay(options.first_seed);
	announce(&options);
	if (options.enumerate)
		enumerate(options.brief, &sum);
	else
		random_lives(&options, &sum);
	return sum.failures != 0;
}
