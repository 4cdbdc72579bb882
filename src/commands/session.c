#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/timestamp.h"
#include "cloud/hetzner/hetzner.h"
#include "commands/command.h"
#include "commands/progress.h"
#include "fleet/driver.h"
#include "instance/names.h"
#include "system/process.h"
#include "system/terminal.h"

#define OUTPUT_MAXIMUM ((size_t)256 << 20)

const char *session_option_at(const struct session *session, const char *name, size_t index)
{
	for (size_t i = 0; i < session->given_count; i++)
		if (strcmp(session->given[i].option->name, name) == 0 && session->given[i].value && index-- == 0)
			return session->given[i].value;
	return NULL;
}

const char *session_option(const struct session *session, const char *name)
{
	return session_option_at(session, name, 0);
}

bool session_flag(const struct session *session, const char *name)
{
	for (size_t i = 0; i < session->given_count; i++)
		if (strcmp(session->given[i].option->name, name) == 0)
			return true;
	return false;
}

void session_init(struct session *session)
{
	*session = (struct session){ 0 };
	text_init(&session->output, OUTPUT_MAXIMUM);
}

/* Commands without needs say nothing of it, or more. */
static int judge_settings(const struct session *session, struct error *err)
{
	if (session->command->needs & NEEDS_SETTINGS)
		return settings_check(&session->settings, err);
	if (session->command->needs && session->settings.trouble.kind != ERROR_NONE)
		fprintf(stderr, "ccc: warning: %s\n", session->settings.trouble.message);
	return 0;
}

int session_open(struct session *session, const char *directory, struct error *err)
{
	/* P5: the token is in this process's memory, so it leaves no core behind. */
	process_hide();
	session->system = system_new();
	session->loop = loop_new(session->system);
	session->progress = progress_new(session->verbose);
	if (settings_read(session->system, directory, &session->settings, err) < 0)
		return -1;
	if (judge_settings(session, err) < 0)
		return -1;
	if ((session->command->needs & NEEDS_STATE) &&
	    store_open(session->system, session->settings.state_directory, &session->store, err) < 0)
		return -1;
	return session->command->needs & NEEDS_CLOUD ? session_cloud(session, err) : 0;
}

static void on_wait(void *data, int64_t delay_ms)
{
	const struct session *session = data;
	progress_clear(session->progress);
	fprintf(stderr, "ccc: Hetzner's rate limit is reached; asking again in %lld s\n",
		(long long)((delay_ms + 999) / 1000));
}

int session_cloud(struct session *session, struct error *err)
{
	if (driver_open(session->loop, &session->settings, &session->cloud, err) < 0)
		return -1;
	if (!driver_is_hcloud(&session->settings))
		hetzner_on_wait(session->cloud, on_wait, session);
	return 0;
}

void session_close(struct session *session)
{
	cloud_free(session->cloud); /* first: its replies name the engine */
	engine_free(session->engine);
	store_close(session->store);
	settings_release(&session->settings);
	progress_free(session->progress);
	loop_free(session->loop);
	system_free(session->system);
	text_release(&session->output);
}

static void on_interrupt(void *data, int number)
{
	struct session *session = data;
	(void)number;
	if (progress_interrupted(session->progress))
		_exit(error_exit_code(ERROR_INTERRUPTED)); /* the second time: everything that counts is durable */
	engine_interrupt(session->engine);
}

int session_engine(struct session *session, struct error *err)
{
	struct engine_parts parts = {
		.loop = session->loop,
		.store = session->store,
		.cloud = session->cloud,
		.settings = &session->settings,
		.report = progress_report,
		.report_data = session->progress,
	};
	session->engine = engine_new(&parts, err);
	if (!session->engine || loop_on_signal(session->loop, SIGINT, on_interrupt, session, err) < 0 ||
	    loop_on_signal(session->loop, SIGTERM, on_interrupt, session, err) < 0)
		return -1;
	return 0;
}

int session_flush(struct session *session, struct error *err)
{
	const char *bytes = text_string(&session->output);
	size_t left = session->output.length;
	while (left > 0) {
		ssize_t written = write(STDOUT_FILENO, bytes, left);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return error_set(err, ERROR_FAILED, errno, "cannot write to standard output");
		bytes += written;
		left -= (size_t)written;
	}
	text_clear(&session->output);
	return 0;
}

/* When it ended, while that is its newest line. */
static void hear(void *data, const struct history_line *line)
{
	int64_t *ended_at = data;
	*ended_at = strcmp(line->event, "forgotten") == 0 ? line->at : 0;
}

/* One that the history knows has ended. */
static int say_unknown(struct session *session, const char *id, struct error *err)
{
	int64_t ended_at = 0;
	struct error ignored = ERROR_INIT;
	char when[TIMESTAMP_SIZE];
	if (!instance_id_is_valid(id) || store_history(session->store, id, hear, &ended_at, &ignored) < 0 || !ended_at)
		return instance_is_unknown(id, err);
	timestamp_format(ended_at, when);
	return error_set(err, ERROR_NOT_FOUND, 0,
			 "there is no instance '%s' any more: it ended at %s; history.jsonl in the state directory has "
			 "its lines",
			 id, when);
}

int session_record(struct session *session, const char *id, struct record *ret, struct error *err)
{
	struct snapshot snapshot;
	if (store_read(session->store, &snapshot, err) < 0)
		return -1;
	const struct record *record = snapshot_find(&snapshot, id);
	if (record)
		record_copy(ret, record);
	snapshot_release(&snapshot);
	if (!record)
		return say_unknown(session, id, err);
	return 0;
}

void session_warn_of_age(const struct session *session)
{
	struct error error = ERROR_INIT;
	if (session->store && store_check_age(session->store, &error) < 0)
		fprintf(stderr, "ccc: warning: %s\n", error.message);
}

/* Asks where it is seen: on standard error, or on the terminal itself when that goes elsewhere. */
static bool ask(const char *question)
{
	if (isatty(STDERR_FILENO)) {
		fprintf(stderr, "%s? [y/N] ", question);
		return fflush(stderr) == 0;
	}
	FILE *terminal = fopen("/dev/tty", "we");
	if (!terminal)
		return false;
	fprintf(terminal, "%s? [y/N] ", question);
	return fclose(terminal) == 0;
}

bool session_is_silent(const struct session *session)
{
	return !session_flag(session, "yes") && !isatty(STDIN_FILENO);
}

bool session_confirm(const struct session *session, const char *question)
{
	char answer[16];
	if (session_flag(session, "yes") || session_is_silent(session))
		return true;
	if (!ask(question))
		return false; /* somebody may sit there who can't be asked: that is no yes */
	if (!fgets(answer, sizeof(answer), stdin))
		return false;
	answer[strcspn(answer, "\n")] = '\0';
	return strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0;
}
