/*
 * Any bytes as what a program or a box printed. Store paths become arguments, so each is of its
 * form to the last character; a box whose report is believed said every thing that a good one says.
 */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "lifecycle/box.h"
#include "programs/nix_build.h"
#include "programs/nix_error.h"
#include "programs/nixos_anywhere.h"
#include "programs/ssh.h"
#include "property.h"

#define KEY     "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIECFyMW8fWLhNWc4iu3aj14etevNLPNPPwFDOR5mPasr"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static void check_path(const char *path)
{
	static const char store[] = "/nix/store/";
	require(strncmp(path, store, strlen(store)) == 0);
	const char *name = path + strlen(store);
	require(strlen(name) > 33 && name[32] == '-' && name[33] != '.');
	require(!name[strspn(name, LETTERS "+-._?=")]);
}

static void read_paths(const char *output)
{
	char system[256] = "", disko[256] = "";
	struct error error = ERROR_INIT;
	if (nix_build_read_paths(output, system, sizeof(system), disko, sizeof(disko), &error) < 0) {
		require(error.message[0] && !*system && !*disko);
		return;
	}
	check_path(system);
	check_path(disko);
	size_t first = strlen(system), second = strlen(disko);
	require(strncmp(output, system, first) == 0 && output[first] == '\n');
	require(strncmp(output + first + 1, disko, second) == 0 && strcmp(output + first + 1 + second, "\n") == 0);
}

/* `line` is a whole line of the output. */
static bool has_line(const char *output, const char *line)
{
	size_t length = strlen(line);
	for (const char *found = output; (found = strstr(found, line)); found++)
		if ((found == output || found[-1] == '\n') && (found[length] == '\n' || !found[length]))
			return true;
	return false;
}

/* Of several lines that name an instance the first counts. */
static bool names_first(const char *output, const char *id)
{
	static const char key[] = "instance=";
	size_t length = strlen(id);
	for (const char *found = output; (found = strstr(found, key)); found++)
		if (found == output || found[-1] == '\n') {
			const char *value = found + strlen(key);
			return strncmp(value, id, length) == 0 && (value[length] == '\n' || !value[length]);
		}
	return false;
}

static void read_report(const char *output)
{
	struct record record = { .id = "abc123", .box_ssh_keys = json_pack("[s]", KEY) };
	struct error error = ERROR_INIT;
	bool final;
	if (box_check_report(output, &record, &final, &error) == 0) {
		require(has_line(output, "instance=abc123") && has_line(output, "key=" KEY));
		require(strstr(output, "claude=") && strstr(output, "end="));
		require(!final && !has_line(output, "failed=sshd.service"));
	} else {
		require(error.message[0] && error.kind == ERROR_FAILED);
		require(!final || !names_first(output, "abc123"));
	}
	error = (struct error)ERROR_INIT;
	if (box_read_expiry(output, 1800000000, &error) == 0)
		require(strstr(output, "expires=") && strstr(output, "1800000000"));
	else
		require(error.message[0]);
	record_release(&record);
}

/* One line that fits, with nothing of what follows a trace's first line. */
static void read_reason(char *output)
{
	struct nix_error error = { 0 };
	for (char *line = output; line;) {
		char *end = strchr(line, '\n');
		if (end)
			*end = '\0';
		nix_error_line(&error, line);
		if (end)
			*end = '\n';
		line = end ? end + 1 : NULL;
	}
	require(strlen(error.text) < sizeof(error.text) && !strchr(error.text, '\n'));
	require(!*error.text || strstr(output, "error:"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *output = memory_new(size + 1);
	if (size)
		memcpy(output, data, size);
	read_paths(output);
	read_reason(output);
	read_report(output);
	const struct nixos_anywhere_phase *phase = nixos_anywhere_phase(output);
	require(!phase || (*phase->name && phase->limit_s > 0));
	require(nixos_anywhere_fell_back(output) ==
		(strstr(output, "Failed to kexec into NixOS installer") || strstr(output, "Kexec failed")));
	require(ssh_failure_kind(0, output) == SSH_FAILURE_NONE);
	require(ssh_failure_kind(255, output) >= SSH_FAILURE_HOST_KEY);
	return 0;
}
