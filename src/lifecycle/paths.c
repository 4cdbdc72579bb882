#include "lifecycle/paths.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "fleet/names.h"
#include "system/durable_file.h"

int paths_pin(struct activity *activity, unsigned pins, struct error *err)
{
	const struct record *record = activity_record(activity);
	AUTO_FREE char *path = activity_path(activity, PATH_KNOWN_HOSTS);
	AUTO_TEXT struct text lines = TEXT_INIT(4096);
	if (pins & PIN_BOOTSTRAP)
		ssh_known_hosts_line(record->server_name, record->bootstrap_host_key, &lines);
	if (pins & PIN_LASTING)
		ssh_known_hosts_line(record->server_name, record->host_key, &lines);
	return file_replace(loop_system(activity_parts(activity)->loop), path, text_string(&lines), lines.length, 0600,
			    err);
}

void paths_sweep(struct system *system, const struct store *store, const char *id)
{
	static const char *const folders[] = { "", PATH_WRAPPER };
	for (size_t i = 0; i < ARRAY_LENGTH(folders); i++) {
		AUTO_FREE char *path = store_instance_path(store, id, folders[i]);
		struct error ignored = ERROR_INIT;
		(void)directory_sweep_temporaries(system, path, &ignored);
	}
}

void connection_init(struct connection *connection, const struct store *store, const struct record *record,
		     const char *user)
{
	connection->identity = fleet_operator_key_path(store);
	connection->known_hosts = store_instance_path(store, record->id, PATH_KNOWN_HOSTS);
	connection->alias = memory_copy_string(record->server_name);
	connection->target = (struct ssh_target){
		.alias = connection->alias,
		.address = record->server_ip,
		.user = user,
		.identity = connection->identity,
		.known_hosts = connection->known_hosts,
		.connect_timeout_s = 10,
	};
}

void connection_release(struct connection *connection)
{
	free(connection->identity);
	free(connection->known_hosts);
	free(connection->alias);
}

void paths_ssh_reading(struct activity *activity, const char *const *remote, const char *input_path,
		       int64_t deadline_ms, activity_child_fn *done)
{
	struct connection connection;
	AUTO_ARGUMENTS struct arguments argv = ARGUMENTS_INIT;
	connection_init(&connection, activity_parts(activity)->store, activity_record(activity), "root");
	ssh_command(&connection.target, remote, &argv);
	connection_release(&connection);
	activity_child(activity, &(struct activity_program){
					 .argv = &argv,
					 .input_path = input_path,
					 .deadline_ms = deadline_ms,
					 .done = done,
				 });
}

void paths_ssh(struct activity *activity, const char *const *remote, int64_t deadline_ms, activity_child_fn *done)
{
	paths_ssh_reading(activity, remote, NULL, deadline_ms, done);
}
