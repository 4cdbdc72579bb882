/* The files of the state directory against the records. */
#include <string.h>

#include "audit/compare.h"
#include "instance/names.h"

static bool is_listed(const struct arguments *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->items[i], name) == 0)
			return true;
	return false;
}

static bool is_recorded(const struct audit_input *input, const char *id)
{
	return audit_find(input->records, input->record_count, id) ||
	       audit_find(input->earlier, input->earlier_count, id);
}

static bool has_server(const struct audit_input *input, const char *id)
{
	for (size_t i = 0; i < input->observed->server_count; i++)
		if (strcmp(input->observed->servers[i].labels.instance, id) == 0)
			return true;
	return false;
}

/* Its files are all that is left of an instance whose record was lost: what brings the record back is a finding
 * of its own, and the files are wanted then. */
static bool may_live(const struct audit_input *input, const char *id)
{
	const struct life *life = past_find_instance(input->past, id);
	return is_recorded(input, id) || (life && life_is_open(life)) || has_server(input, id);
}

static void compare_folder(const struct audit_input *input, const char *id, struct findings *ret)
{
	if (may_live(input, id))
		return;
	struct finding *finding =
		findings_add(ret, FINDING_STRAY_FOLDER, instance_id_is_valid(id) ? id : "", "instances/%.100s", id);
	snprintf(finding->name, sizeof(finding->name), "%.100s", id);
	if (!past_find_instance(input->past, id) || !instance_id_is_valid(id)) {
		finding->fix = FIX_NONE;
		finding_advise(finding, "see what is in it, and remove it by hand");
	}
}

static void compare_lock(const struct audit_input *input, const char *id, struct findings *ret)
{
	if (may_live(input, id))
		return;
	struct finding *finding =
		findings_add(ret, FINDING_STRAY_LOCK, instance_id_is_valid(id) ? id : "", "locks/%.100s", id);
	snprintf(finding->name, sizeof(finding->name), "%.100s", id);
	if (!instance_id_is_valid(id)) {
		finding->fix = FIX_NONE;
		finding_advise(finding, "it is none of ccc's; remove it by hand");
	}
}

const char *audit_operator_advice(bool private_half, bool public_half)
{
	if (private_half)
		return public_half ? NULL : "make it from the private half: ccc init";
	return public_half ? "put keys/operator back from a copy; if there is none, the way by 'ccc ssh' into the "
			     "machines there are is lost: remove keys/operator.pub, and make a new one: ccc init"
			   : "put keys/operator back from a copy; if there is none, the way by 'ccc ssh' into the "
			     "machines there are is lost: make a new one: ccc init";
}

bool audit_operator_differs(const char *print, const char *registered)
{
	return *print && *registered && strcmp(print, registered) != 0;
}

const char audit_operator_choice[] =
	"a machine is reached with the key that it was made with: put the registered one back below keys/ from a copy, "
	"or register the one that lies there, for new machines: ccc init";

static void compare_operator_key(const struct audit_input *input, struct findings *ret)
{
	const struct observed_files *files = &input->observed->files;
	const char *advice = audit_operator_advice(files->operator_key, files->operator_public_key);
	if (input->ssh_key && !advice && audit_operator_differs(files->operator_print, input->ssh_key_print))
		finding_advise(findings_add(ret, FINDING_OPERATOR_KEY_DIFFERS, "", AUDIT_OPERATOR_DIFFERS,
					    files->operator_print, input->ssh_key_print),
			       "%s", audit_operator_choice);
	if (!advice || !input->ssh_key)
		return;
	finding_advise(findings_add(ret, FINDING_OPERATOR_FILE_MISSING, "", "%s",
				    files->operator_key ? "keys/operator.pub" : "keys/operator"),
		       "%s", advice);
}

void compare_files(const struct audit_input *input, struct findings *ret)
{
	const struct observed_files *files = &input->observed->files;
	compare_operator_key(input, ret);
	for (size_t i = 0; i < files->folders.count; i++)
		compare_folder(input, files->folders.items[i], ret);
	for (size_t i = 0; i < files->locks.count; i++)
		compare_lock(input, files->locks.items[i], ret);
	for (size_t i = 0; i < files->temporaries.count; i++) {
		struct finding *finding =
			findings_add(ret, FINDING_STRAY_TEMPORARY, "", "%.120s", files->temporaries.items[i]);
		snprintf(finding->name, sizeof(finding->name), "%.120s", files->temporaries.items[i]);
	}
	for (size_t i = 0; i < input->record_count; i++) {
		const struct record *record = &input->records[i];
		if (record->verified_at && *record->host_key && record->goal == GOAL_RUNNING &&
		    !is_listed(&files->pinned, record->id))
			findings_add(ret, FINDING_KNOWN_HOSTS_MISSING, record->id, "instances/%s/known_hosts",
				     record->id);
	}
}
