/*
 * What one change of one record costs in processor time, by how many records the state has: a process that opens
 * the state, changes one and commits, and one that goes on to do so.
 * Usage: bench_store_commit [COMMITS of each, default 50]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/text.h"
#include "store/store.h"
#include "system/durable_file.h"

#define NOW INT64_C(1800000000)

/* As they look while the machine runs. */
static void fill(struct record *record, unsigned number)
{
	record_init(record);
	snprintf(record->id, sizeof(record->id), "%06x", number & 0xffffff);
	snprintf(record->email, sizeof(record->email), "user%u@example.com", number);
	snprintf(record->server_name, sizeof(record->server_name), "cc-%s", record->id);
	snprintf(record->server_ip, sizeof(record->server_ip), "10.0.%u.%u", number / 256 % 256, number % 256);
	text_copy(record->server_type, sizeof(record->server_type), "cpx21");
	text_copy(record->nonce, sizeof(record->nonce), "0123456789abcdef0123456789abcdef");
	record->created_at = record->create_sent_at = record->reachable_at = record->built_at = NOW - 1000;
	record->install_started_at = record->installed_at = record->verified_at = NOW;
	record->expires_at = record->box_expires_at = record->label_expires_at = NOW + 3600;
	record->server_id = 1000000 + number;
	record->primary_ipv4_id = 2000000 + number;
	text_copy(record->host_key, sizeof(record->host_key),
		  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIhostHostHostHostHostHostHostHostHostHostHost");
	text_copy(record->system_path, sizeof(record->system_path),
		  "/nix/store/0123456789abcdfghijklmnpqrsvwxyz-nixos-system-box");
	record->ssh_keys =
		json_pack("[s]", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIuserUserUserUserUserUserUserUserUser");
	record->locations = json_pack("[s, s, s]", "fsn1", "nbg1", "hel1");
	record_add_payment(record, "invoice 17", 1, NOW);
}

static void or_exit(int result, const struct error *error)
{
	if (result == 0)
		return;
	fprintf(stderr, "bench_store_commit: %s\n", error->message);
	exit(1);
}

static struct transaction *begin(struct store *store)
{
	struct transaction *transaction = NULL;
	struct error error = ERROR_INIT;
	or_exit(store_begin(store, &transaction, &error), &error);
	return transaction;
}

static void prepare(struct system *system, const char *directory, unsigned count)
{
	struct store *store;
	struct error error = ERROR_INIT;
	or_exit(store_create(system, directory, "0123abcd", 0, NOW, &error), &error);
	or_exit(store_open(system, directory, &store, &error), &error);
	struct transaction *transaction = begin(store);
	for (unsigned i = 0; i < count; i++) {
		struct record record;
		fill(&record, i);
		transaction_add(transaction, &record);
		record_release(&record);
	}
	or_exit(transaction_commit(transaction, NOW, &error), &error);
	store_close(store);
}

static void change_one(struct store *store)
{
	struct error error = ERROR_INIT;
	struct transaction *transaction = begin(store);
	struct record *record = &transaction_state(transaction)->records[0];
	record->expires_at += 3600;
	transaction_note(transaction, record, "extended", "");
	or_exit(transaction_commit(transaction, NOW, &error), &error);
}

static double milliseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void measure(struct system *system, const char *directory, unsigned records, int commits)
{
	struct store *store = NULL;
	struct error error = ERROR_INIT;
	prepare(system, directory, records);
	double begun = milliseconds();
	for (int i = 0; i < commits; i++) {
		or_exit(store_open(system, directory, &store, &error), &error);
		change_one(store);
		store_close(store);
	}
	double first = milliseconds();
	or_exit(store_open(system, directory, &store, &error), &error);
	change_one(store);
	double again = milliseconds();
	for (int i = 0; i < commits; i++)
		change_one(store);
	double ended = milliseconds();
	store_close(store);
	printf("%8u %20.2f %20.2f\n", records, (first - begun) / commits, (ended - again) / commits);
	or_exit(directory_remove_tree(system, directory, &error), &error);
}

int main(int argc, char **argv)
{
	static const unsigned counts[] = { 10, 1000, 2000 };
	char parent[] = "/tmp/ccc-bench-store.XXXXXX", directory[64];
	int commits = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 50;
	struct error error = ERROR_INIT;
	struct system *system = system_new();
	if (commits < 1 || !mkdtemp(parent))
		return 1;
	snprintf(directory, sizeof(directory), "%s/state", parent);
	printf("%8s %20s %20s\n", "records", "ms, first commit", "ms, a further one");
	for (size_t i = 0; i < ARRAY_LENGTH(counts); i++)
		measure(system, directory, counts[i], commits);
	or_exit(directory_remove_tree(system, parent, &error), &error);
	system_free(system);
	return 0;
}
