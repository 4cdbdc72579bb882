#include "commands/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "system/terminal.h"

#define AT_WORK_MAXIMUM 16

struct at_work {
	char instance[16], step[16], text[160];
};

struct progress {
	bool live, colour, verbose, interrupted;
	bool line_shown;
	struct at_work at_work[AT_WORK_MAXIMUM];
	size_t count;
};

struct progress *progress_new(bool verbose)
{
	struct progress *progress = memory_new(sizeof(*progress));
	const char *no_colour = getenv("NO_COLOR");
	progress->verbose = verbose;
	progress->live = terminal_is(STDERR_FILENO);
	progress->colour = progress->live && !(no_colour && *no_colour);
	return progress;
}

void progress_free(struct progress *progress)
{
	if (progress)
		progress_clear(progress);
	free(progress);
}

void progress_clear(struct progress *progress)
{
	if (progress->line_shown)
		fputs("\r\033[K", stderr);
	progress->line_shown = false;
}

/* The changing line: every step at work, cut to the terminal's width. */
static void show_line(struct progress *progress)
{
	if (!progress->live || !progress->count)
		return;
	int width = terminal_width(STDERR_FILENO);
	AUTO_TEXT struct text line = TEXT_INIT(width > 1 ? (size_t)width - 1 : 1);
	text_add_string(&line, "  ");
	for (size_t i = 0; i < progress->count; i++)
		text_addf(&line, "%s%s: %s", i ? "  |  " : "", progress->at_work[i].step, progress->at_work[i].text);
	fprintf(stderr, "\r\033[K%s", text_string(&line));
	fflush(stderr);
	progress->line_shown = true;
}

static struct at_work *find(struct progress *progress, const struct report *report)
{
	for (size_t i = 0; i < progress->count; i++)
		if (strcmp(progress->at_work[i].instance, report->instance) == 0 &&
		    strcmp(progress->at_work[i].step, report->step) == 0)
			return &progress->at_work[i];
	return NULL;
}

static void remember(struct progress *progress, const struct report *report)
{
	struct at_work *entry = find(progress, report);
	if (!entry && progress->count < AT_WORK_MAXIMUM)
		entry = &progress->at_work[progress->count++];
	if (!entry)
		return;
	text_copy(entry->instance, sizeof(entry->instance), report->instance);
	text_copy(entry->step, sizeof(entry->step), report->step);
	text_copy(entry->text, sizeof(entry->text), report->text);
}

static void forget(struct progress *progress, const struct report *report)
{
	struct at_work *entry = find(progress, report);
	if (entry)
		*entry = progress->at_work[--progress->count];
}

static void print_step(struct progress *progress, const char *mark, const char *colour, const struct report *report)
{
	fprintf(stderr, "%s%s%s cc-%s %-8s %6.1f s  %s\n", progress->colour ? colour : "", mark,
		progress->colour ? "\033[0m" : "", report->instance, report->step, (double)report->elapsed_ms / 1000,
		report->text);
}

void progress_report(void *data, const struct report *report)
{
	struct progress *progress = data;
	progress_clear(progress);
	switch (report->kind) {
	case REPORT_BEGAN:
		remember(progress, report);
		break;
	case REPORT_PROGRESS:
		remember(progress, report);
		if (!progress->live)
			fprintf(stderr, "  cc-%s %s: %s\n", report->instance, report->step, report->text);
		break;
	case REPORT_ENDED:
		forget(progress, report);
		print_step(progress, progress->live ? "✓" : "done", "\033[32m", report);
		break;
	case REPORT_FAILED:
		forget(progress, report);
		print_step(progress, progress->live ? "✗" : "FAILED", "\033[31m", report);
		break;
	case REPORT_WARNING:
		fprintf(stderr, "ccc: warning: cc-%s %s: %s\n", report->instance, report->step, report->text);
		break;
	}
	show_line(progress);
}

bool progress_interrupted(struct progress *progress)
{
	bool before = progress->interrupted;
	progress_clear(progress);
	fputs(before ? "ccc: left at once; nothing is lost: 'ccc reap' goes on by itself, 'ccc resume' now\n"
		     : "ccc: stopping cleanly; press Ctrl-C again to leave at once\n",
	      stderr);
	progress->interrupted = true;
	return before;
}
