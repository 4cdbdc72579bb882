#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "commands/all.h"
#include "instance/status.h"
#include "lifecycle/paths.h"
#include "system/clock.h"
#include "system/durable_file.h"
#include "system/program.h"

/* As the machine was built; one whose file is lost says it by itself. */
static int check_shell(struct session *session, const struct record *record, struct error *err)
{
	struct error unread = ERROR_INIT;
	const char *access;
	AUTO_FREE char *path = store_instance_path(session->store, record->id, PATH_INSTANCE_FILE);
	AUTO_TEXT struct text content = TEXT_INIT(65536);
	if (file_read(session->system, path, &content, &unread) < 0)
		return 0;
	AUTO_JSON json_t *object = json_parse(text_string(&content), content.length, &unread);
	if (!object || json_get_string(object, "operatorAccess", &access, &unread) < 0 ||
	    strcmp(access, "commands") != 0)
		return 0;
	return error_set(err, ERROR_FAILED, 0,
			 "instance '%s' was built with CCC_OPERATOR_ACCESS=commands: its machine gives the operator no "
			 "shell; 'ccc ssh %s -- ccc-report' says how it is",
			 record->id, record->id);
}

/* It is tried all the same: the record may be behind. */
static void warn(const struct record *record, int64_t now)
{
	const char *id = record->id, *status = status_of(record, now);
	if (status_is_cut_off(record))
		fprintf(stderr,
			"ccc: warning: instance '%s' is %s: nobody gets through before 'ccc unsuspend %s'; Hetzner's "
			"console does\n",
			id, status, id);
	else if (!record->verified_at && !record->failed_at && record->goal == GOAL_RUNNING)
		fprintf(stderr,
			"ccc: warning: instance '%s' is %s: it may not answer yet; 'ccc status %s' shows how far it "
			"is\n",
			id, status, id);
}

static int run(struct session *session, struct error *err)
{
	struct record record;
	struct connection connection;
	AUTO_ARGUMENTS struct arguments argv = ARGUMENTS_INIT;
	AUTO_ARGUMENTS struct arguments environment = ARGUMENTS_INIT;
	session_warn_of_age(session);
	if (session_record(session, session->arguments[0], &record, err) < 0)
		return -1;
	if (!*record.server_ip) {
		record_release(&record);
		return error_set(err, ERROR_FAILED, 0,
				 "instance '%s' has no server yet; 'ccc status %s' shows how far it is",
				 session->arguments[0], session->arguments[0]);
	}
	if (!*record.host_key) {
		record_release(&record);
		return error_set(err, ERROR_FAILED, 0,
				 "the host key of instance '%s' is not known, and none is trusted unseen",
				 session->arguments[0]);
	}
	warn(&record, clock_now(session->system));
	if (session->argument_count == 1 && check_shell(session, &record, err) < 0) {
		record_release(&record);
		return -1;
	}
	connection_init(&connection, session->store, &record, "root");
	ssh_interactive_command(&connection.target, (const char *const *)session->arguments + 1,
				isatty(STDIN_FILENO) && session->argument_count == 1, &argv);
	connection_release(&connection);
	record_release(&record);
	AUTO_FREE char *program = program_find(session->settings.path, "ssh");
	if (!program)
		return error_set(err, ERROR_FAILED, 0, "there is no 'ssh' in PATH; install the OpenSSH client");
	for (size_t i = 0; i < session->settings.children.count; i++)
		arguments_add(&environment, session->settings.children.items[i]);
	if (getenv("TERM"))
		arguments_addf(&environment, "TERM=%s", getenv("TERM"));
	execve(program, argv.items, environment.items);
	return error_set(err, ERROR_FAILED, errno, "cannot run '%s'", program);
}

const struct command command_ssh = {
	.name = "ssh",
	.summary = "log in as the operator, with the host key pinned",
	.usage = "ID [-- COMMAND...]",
	.details =
		"Opens a shell as root on the machine, or runs a command there, with the operator's key and the "
		"recorded\nhost key. A machine that was built with CCC_OPERATOR_ACCESS=commands has no shell for the "
		"operator,\nbut the commands ccc-report, ccc-set-expiry and ccc-set-keys.",
	.min_arguments = 1,
	.max_arguments = -1,
	.ids = 1,
	.needs = NEEDS_STATE,
	.run = run,
};
