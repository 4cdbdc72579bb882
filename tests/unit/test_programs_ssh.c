#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "capture.h"
#include "programs/ssh.h"

static const struct ssh_target target = {
	.alias = "cc-abc123",
	.address = "127.1.2.3",
	.user = "root",
	.identity = "/state/keys/operator",
	.known_hosts = "/state/instances/abc123/known_hosts",
	.connect_timeout_s = 7,
};

/* What OpenSSH itself makes of these arguments: `ssh -G` prints the options in force. */
static void ask_openssh(const struct arguments *argv, struct text *ret)
{
	AUTO_ARGUMENTS struct arguments asked = ARGUMENTS_INIT;
	arguments_add(&asked, argv->items[0]);
	arguments_add(&asked, "-G");
	for (size_t i = 1; i < argv->count; i++)
		arguments_add(&asked, argv->items[i]);
	text_init(ret, 65536);
	assert_int_equal(capture(arguments_list(&asked), ret), 0);
}

static void expect_line(const struct text *text, const char *line)
{
	char whole[512];
	snprintf(whole, sizeof(whole), "\n%s\n", line);
	if (!strstr(text_string(text), whole))
		fail_msg("no line '%s' in:\n%s", line, text_string(text));
}

static void openssh_reads_the_pins_as_meant(void **state)
{
	static const char *const expected[] = {
		"hostname 127.1.2.3",
		"user root",
		"batchmode yes",
		"stricthostkeychecking true",
		"hostkeyalias cc-abc123",
		"hostkeyalgorithms ssh-ed25519",
		"userknownhostsfile /state/instances/abc123/known_hosts",
		"globalknownhostsfile /dev/null",
		"updatehostkeys false",
		"identitiesonly yes",
		"identityagent none",
		"identityfile /state/keys/operator",
		"passwordauthentication no",
		"kbdinteractiveauthentication no",
		"connecttimeout 7",
		"serveraliveinterval 15",
		"serveralivecountmax 4",
		"clearallforwardings yes",
		"loglevel ERROR",
		"requesttty false",
	};
	static const char *const remote[] = { "true", NULL };
	AUTO_ARGUMENTS struct arguments argv = ARGUMENTS_INIT;
	AUTO_TEXT struct text printed;
	(void)state;
	ssh_command(&target, remote, &argv);
	ask_openssh(&argv, &printed);
	for (size_t i = 0; i < ARRAY_LENGTH(expected); i++)
		expect_line(&printed, expected[i]);
}

/* Paths as people make them: blanks, quotes, and ssh's own '%' and '\'. */
static void openssh_reads_odd_paths_as_meant(void **state)
{
	static const char *const directories[] = { "/a b",         "/100%h", "/it's",  "/say \"x\"",
						   "/back\\slash", "/#hash", "/ #hash" };
	static const char *const remote[] = { "true", NULL };
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(directories); i++) {
		char identity[64], known_hosts[64], line[128];
		AUTO_ARGUMENTS struct arguments argv = ARGUMENTS_INIT;
		AUTO_TEXT struct text printed;
		struct ssh_target odd = target;
		snprintf(identity, sizeof(identity), "%s/key", directories[i]);
		snprintf(known_hosts, sizeof(known_hosts), "%s/known", directories[i]);
		odd.identity = identity;
		odd.known_hosts = known_hosts;
		ssh_command(&odd, remote, &argv);
		ask_openssh(&argv, &printed);
		snprintf(line, sizeof(line), "userknownhostsfile %s", known_hosts);
		expect_line(&printed, line);
	}
}

static void remote_words_arrive_whole(void **state)
{
	static const char *const remote[] = { "printf", "%s|",  "plain", "",   "a b", "it's", "$HOME",
					      "`id`",   "a\nb", "*",     "-n", "\\",  NULL };
	AUTO_ARGUMENTS struct arguments argv = ARGUMENTS_INIT;
	AUTO_TEXT struct text joined = TEXT_INIT(4096), printed = TEXT_INIT(4096);
	(void)state;
	ssh_command(&target, remote, &argv);
	size_t first = argv.count;
	while (strcmp(argv.items[first - 1], "--") != 0)
		first--;
	assert_string_equal(argv.items[first], "127.1.2.3");
	/* ssh joins the words by blanks and the remote shell takes them apart */
	for (size_t i = first + 1; i < argv.count; i++)
		text_addf(&joined, "%s%s", i > first + 1 ? " " : "", argv.items[i]);
	const char *const shell[] = { "sh", "-c", text_string(&joined), NULL };
	assert_int_equal(capture(shell, &printed), 0);
	assert_string_equal(text_string(&printed), "plain||a b|it's|$HOME|`id`|a\nb|*|-n|\\|");
}

static size_t count_word(const struct arguments *argv, const char *word)
{
	size_t count = 0;
	for (size_t i = 0; i < argv->count; i++)
		count += strcmp(argv->items[i], word) == 0;
	return count;
}

static void the_interactive_form_has_the_same_pins(void **state)
{
	static const char *const remote[] = { "ls *.c", NULL };
	AUTO_ARGUMENTS struct arguments pins = ARGUMENTS_INIT, shell = ARGUMENTS_INIT, command = ARGUMENTS_INIT;
	(void)state;
	ssh_pins(&target, &pins);
	ssh_interactive_command(&target, NULL, false, &shell);
	ssh_interactive_command(&target, remote, true, &command);
	for (size_t i = 0; i < pins.count; i++) {
		assert_string_equal(shell.items[1 + i], pins.items[i]);
		assert_string_equal(command.items[2 + i], pins.items[i]);
	}
	assert_int_equal(count_word(&shell, "-T"), 0);
	assert_int_equal(count_word(&shell, "-t"), 0);
	assert_string_equal(command.items[1], "-t");
	assert_string_equal(shell.items[shell.count - 1], "127.1.2.3");
	assert_string_equal(command.items[command.count - 1], "ls *.c"); /* the remote shell's business */
}

static void an_address_is_never_an_option(void **state)
{
	static const char *const remote[] = { "true", NULL };
	AUTO_ARGUMENTS struct arguments argv = ARGUMENTS_INIT;
	struct ssh_target odd = target;
	(void)state;
	odd.address = "-oProxyCommand=false";
	ssh_command(&odd, remote, &argv);
	assert_string_equal(argv.items[argv.count - 3], "--");
	assert_string_equal(argv.items[argv.count - 2], odd.address);
}

static void known_hosts_has_the_alias(void **state)
{
	AUTO_TEXT struct text lines = TEXT_INIT(4096);
	(void)state;
	ssh_known_hosts_line("cc-abc123", "ssh-ed25519 AAAA", &lines);
	ssh_known_hosts_line("cc-abc123", "ssh-ed25519 BBBB", &lines);
	assert_string_equal(text_string(&lines), "cc-abc123 ssh-ed25519 AAAA\ncc-abc123 ssh-ed25519 BBBB\n");
}

static void failures_are_told_apart(void **state)
{
	static const struct {
		int status;
		const char *tail;
		enum ssh_failure failure;
	} cases[] = {
		{ 0, "", SSH_FAILURE_NONE },
		{ 1, "Permission denied", SSH_FAILURE_REMOTE },
		{ 127, "ccc-report: not found", SSH_FAILURE_REMOTE },
		{ 255, "No ED25519 host key is known for cc-abc123 and you have requested strict checking.",
		  SSH_FAILURE_HOST_KEY },
		{ 255, "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.",
		  SSH_FAILURE_HOST_KEY },
		{ 255, "Unable to negotiate with 127.0.0.1 port 22: no matching host key type found.",
		  SSH_FAILURE_HOST_KEY },
		{ 255, "root@127.0.0.1: Permission denied (publickey).", SSH_FAILURE_AUTH },
		{ 255, "ssh: connect to host 127.0.0.1 port 22: Connection refused", SSH_FAILURE_UNREACHABLE },
		{ 255, "", SSH_FAILURE_UNREACHABLE },
		{ -1, "", SSH_FAILURE_UNREACHABLE },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		assert_int_equal(ssh_failure_kind(cases[i].status, cases[i].tail), cases[i].failure);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(openssh_reads_the_pins_as_meant),
		cmocka_unit_test(openssh_reads_odd_paths_as_meant),
		cmocka_unit_test(remote_words_arrive_whole),
		cmocka_unit_test(the_interactive_form_has_the_same_pins),
		cmocka_unit_test(an_address_is_never_an_option),
		cmocka_unit_test(known_hosts_has_the_alias),
		cmocka_unit_test(failures_are_told_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
