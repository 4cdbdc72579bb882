#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "system/file_digest.h"

#define NOTHING "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define ABC     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
/* `yes 0123456789 | head -c 3000000 | sha256sum` */
#define LONG "e3366edc707b5443df00cdf7af90430405511bea4371b460e4e4318f9310112c"

static char folder[] = "/tmp/test_file_digest.XXXXXX";

static const char *path_of(const char *name)
{
	static char path[128];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void digest_of(size_t length, const char *pattern, const char *expected)
{
	char digest[FILE_DIGEST_SIZE];
	struct error error = ERROR_INIT;
	struct system *system = system_new();
	FILE *file = fopen(path_of("file"), "we");
	for (size_t i = 0; i < length; i++)
		fputc(pattern[i % strlen(pattern)], file);
	fclose(file);
	assert_int_equal(file_digest(system, path_of("file"), digest, &error), 0);
	assert_string_equal(digest, expected);
	system_free(system);
}

static void gives_the_digest_of_all_bytes(void **state)
{
	(void)state;
	digest_of(0, "x", NOTHING);
	digest_of(3, "abc", ABC);
	digest_of(3000000, "0123456789\n", LONG);
}

static void refuses_what_is_no_file(void **state)
{
	char digest[FILE_DIGEST_SIZE] = "untouched";
	struct error error = ERROR_INIT;
	struct system *system = system_new();
	(void)state;
	assert_int_equal(file_digest(system, path_of("missing"), digest, &error), -1);
	assert_int_equal(error.errnum, ENOENT);
	assert_int_equal(file_digest(system, folder, digest, &error), -1);
	assert_int_equal(mkfifo(path_of("fifo"), 0600), 0);
	assert_int_equal(file_digest(system, path_of("fifo"), digest, &error), -1); /* does not wait for a writer */
	unlink(path_of("fifo"));
	assert_string_equal(digest, "untouched");
	system_free(system);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink(path_of("file"));
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_the_digest_of_all_bytes),
		cmocka_unit_test(refuses_what_is_no_file),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
