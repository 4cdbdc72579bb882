#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "instance/ssh_public_key.h"

#define KEYS TEST_FIXTURES "/keys/"

static void read_fixture(const char *name, struct text *ret)
{
	char path[4096];
	char bytes[4096];
	snprintf(path, sizeof(path), "%s%s.pub", KEYS, name);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	size_t length = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	text_init(ret, SSH_PUBLIC_KEY_TEXT_MAXIMUM * 2);
	text_add(ret, bytes, length);
}

static void expect_refused(const char *text, size_t length, const char *because)
{
	struct ssh_public_key key = SSH_PUBLIC_KEY_INIT;
	struct error error = ERROR_INIT;
	assert_int_equal(ssh_public_key_parse(text, length, &key, &error), -1);
	assert_int_equal(error.kind, ERROR_REFUSED);
	assert_null(key.line);
	if (!strstr(error.message, because))
		fail_msg("'%s' does not say '%s'", error.message, because);
}

/* A key made field by field. */
struct blob {
	unsigned char data[8192];
	size_t length;
};

static void add_field(struct blob *blob, const void *bytes, size_t length)
{
	assert_true(blob->length + 4 + length <= sizeof(blob->data));
	for (int shift = 24; shift >= 0; shift -= 8)
		blob->data[blob->length++] = (unsigned char)(length >> shift);
	if (length)
		memcpy(blob->data + blob->length, bytes, length);
	blob->length += length;
}

static void add_string(struct blob *blob, const char *string)
{
	add_field(blob, string, strlen(string));
}

/* A number of so many bits with these last byte and, where needed, the zero for the sign. */
static void add_number(struct blob *blob, size_t bits, unsigned char last)
{
	unsigned char number[4096] = { 0 };
	size_t length = bits / 8 + 1;
	assert_true(length <= sizeof(number));
	size_t top = length - 1 - (bits - 1) / 8;
	number[length - 1] = last;
	number[top] |= (unsigned char)(1U << ((bits - 1) % 8));
	add_field(blob, number + (bits % 8 == 0 ? 0 : top), length - (bits % 8 == 0 ? 0 : top));
}

static void encode(const char *type, const struct blob *blob, struct text *ret)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	text_init(ret, SSH_PUBLIC_KEY_TEXT_MAXIMUM * 2);
	text_addf(ret, "%s ", type);
	for (size_t i = 0; i < blob->length; i += 3) {
		uint32_t bits = (uint32_t)blob->data[i] << 16;
		bits |= i + 1 < blob->length ? (uint32_t)blob->data[i + 1] << 8 : 0;
		bits |= i + 2 < blob->length ? blob->data[i + 2] : 0;
		char group[4] = { digits[bits >> 18], digits[bits >> 12 & 63], digits[bits >> 6 & 63],
				  digits[bits & 63] };
		if (i + 1 >= blob->length)
			group[2] = '=';
		if (i + 2 >= blob->length)
			group[3] = '=';
		text_add(ret, group, 4);
	}
}

static void expect_blob_refused(const char *type, const struct blob *blob, const char *because)
{
	AUTO_TEXT struct text text;
	encode(type, blob, &text);
	expect_refused(text_string(&text), text.length, because);
}

static void accepts_the_kinds_that_are_taken(void **state)
{
	static const struct {
		const char *name, *type;
		size_t bits;
	} cases[] = {
		{ "ed25519", "ssh-ed25519", 256 },
		{ "sk-ed25519", "sk-ssh-ed25519@openssh.com", 256 },
		{ "rsa4096", "ssh-rsa", 4096 },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		AUTO_TEXT struct text text;
		AUTO_SSH_PUBLIC_KEY struct ssh_public_key key = SSH_PUBLIC_KEY_INIT;
		struct error error = ERROR_INIT;
		read_fixture(cases[i].name, &text);
		assert_int_equal(ssh_public_key_parse(text.data, text.length, &key, &error), 0);
		assert_string_equal(key.type, cases[i].type);
		assert_int_equal(key.bits, cases[i].bits);
		/* the comment is gone, the rest is as it was */
		assert_int_equal(strlen(key.line), text.length - strlen(" user@example.com\n"));
		assert_memory_equal(key.line, text.data, strlen(key.line));
		assert_int_equal(error.kind, ERROR_NONE);
	}
}

static void refuses_other_kinds(void **state)
{
	static const struct {
		const char *name, *because;
	} cases[] = {
		{ "rsa2048", "2048 bits, at least 4096" },
		{ "rsa3072", "3072 bits, at least 4096" },
		{ "dsa", "DSA" },
		{ "ecdsa", "ECDSA" },
		{ "sk-ecdsa", "ed25519-sk" },
		{ "ed25519-cert", "certificate" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		AUTO_TEXT struct text text;
		read_fixture(cases[i].name, &text);
		expect_refused(text.data, text.length, cases[i].because);
	}
}

static void tolerates_blanks_around(void **state)
{
	static const char *const forms[] = { "%s", "%s\n", "%s\r\n", "  \t%s \t\n",
					     "%s  a comment with \"quotes\", ${} and $(id)" };
	AUTO_TEXT struct text text;
	(void)state;
	read_fixture("ed25519", &text);
	size_t length = text.length - strlen(" user@example.com\n");
	text.data[length] = '\0';
	for (size_t i = 0; i < ARRAY_LENGTH(forms); i++) {
		char form[1024];
		AUTO_SSH_PUBLIC_KEY struct ssh_public_key key = SSH_PUBLIC_KEY_INIT;
		struct error error = ERROR_INIT;
		const char *mark = strstr(forms[i], "%s");
		snprintf(form, sizeof(form), "%.*s%s%s", (int)(mark - forms[i]), forms[i], text.data, mark + 2);
		assert_int_equal(ssh_public_key_parse(form, strlen(form), &key, &error), 0);
		assert_string_equal(key.line, text.data);
	}
}

static void refuses_what_is_no_key_line(void **state)
{
	static const char ed25519[] =
		"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
	static const struct {
		const char *before, *after, *because;
	} cases[] = {
		{ "command=\"id\" ", "", "options" },
		{ "no-pty,from=\"10.0.0.0/8\" ", "", "options" },
		{ "restrict ", "", "options" },
		{ "1. ", "", "options" },
		{ "", "\nssh-rsa AAAA", "2 lines" },
		{ "# my key\n", "", "2 lines" },
		{ "", " a comment\nand more\n", "2 lines" },
		{ "", "\n\n", "2 lines" },
		{ "", " bell\a", "control character (0x07)" },
		{ "", " delete\177", "control character (0x7f)" },
		{ "", " escape\033[31m", "control character (0x1b)" },
		{ "", " carriage\rreturn", "control character (0x0d)" },
		{ "", "=", "base64 is broken" },
		{ "", "*", "base64 is broken" },
		{ "", "AAAA", "more behind its end" },
		{ "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n", "", "private half" },
		{ "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n", "", "private half" },
		{ "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIFHDBOBgkq\n", "", "private half" },
		{ "Bag Attributes\n-----BEGIN PRIVATE KEY-----\nMIIFHDBOBgkq\n", "", "private half" },
		{ "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ", "", "private half" },
		{ "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n", "", "PuTTY" },
		{ "---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n", "", "ssh-keygen -i" },
		{ "-----BEGIN PUBLIC KEY-----\nMIIB\n", "", "PKCS8" },
		{ "-----BEGIN CERTIFICATE-----\nMIIB\n", "", "no SSH public key" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		char text[1024];
		snprintf(text, sizeof(text), "%s%s%s", cases[i].before, ed25519, cases[i].after);
		expect_refused(text, strlen(text), cases[i].because);
	}
	struct ssh_public_key key = SSH_PUBLIC_KEY_INIT;
	struct error error = ERROR_INIT;
	assert_int_equal(ssh_public_key_parse(ed25519, strlen(ed25519), &key, &error), 0); /* by itself it is one */
	ssh_public_key_release(&key);
}

static void refuses_odd_texts(void **state)
{
	static char large[SSH_PUBLIC_KEY_TEXT_MAXIMUM + 1];
	(void)state;
	memset(large, 'A', sizeof(large));
	expect_refused("", 0, "empty");
	expect_refused("\n", 1, "empty");
	expect_refused("  \t \n", 5, "empty");
	expect_refused(large, sizeof(large), "too large");
	expect_refused(large, 4096, "lacks its type");
	expect_refused("ssh-ed25519 AA\0AA", 17, "NUL");
	expect_refused("ssh-ed25519", 11, "base64 is broken");
	expect_refused("SSH-ED25519 AAAA", 16, "'SSH-ED25519' is no kind");
	expect_refused("ssh-ed25519 AAAAC3Nz aC1lZDI1NTE5", 33, "does not hold a key");
}

static void refuses_a_private_key_without_repeating_it(void **state)
{
	static const char text[] =
		"-----BEGIN OPENSSH PRIVATE KEY-----\nSECRETSECRET\n-----END OPENSSH PRIVATE KEY-----\n";
	struct ssh_public_key key = SSH_PUBLIC_KEY_INIT;
	struct error error = ERROR_INIT;
	(void)state;
	assert_int_equal(ssh_public_key_parse(text, strlen(text), &key, &error), -1);
	assert_null(strstr(error.message, "SECRET"));
}

static void refuses_an_inner_type_unlike_the_outer(void **state)
{
	AUTO_TEXT struct text text;
	(void)state;
	read_fixture("rsa4096", &text);
	AUTO_FREE char *changed = memory_new(text.length + 16);
	snprintf(changed, text.length + 16, "ssh-ed25519 %s", text.data + strlen("ssh-rsa "));
	expect_refused(changed, strlen(changed), "says 'ssh-ed25519' outside and 'ssh-rsa' inside");
	struct blob certificate = { .length = 0 };
	add_string(&certificate, "ssh-ed25519-cert-v01@openssh.com");
	expect_blob_refused("ssh-ed25519", &certificate, "inside");
	unsigned char point[32] = { 1 };
	struct blob shorter = { .length = 0 };
	add_string(&shorter, "ssh-ed");
	add_field(&shorter, point, sizeof(point));
	expect_blob_refused("ssh-ed25519", &shorter, "'ssh-ed' inside");
}

static void refuses_damaged_ed25519(void **state)
{
	static const size_t lengths[] = { 0, 31, 33 };
	unsigned char point[33] = { 1 };
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(lengths); i++) {
		struct blob blob = { .length = 0 };
		add_string(&blob, "ssh-ed25519");
		add_field(&blob, point, lengths[i]);
		expect_blob_refused("ssh-ed25519", &blob, "32 bytes");
	}
	struct blob hardware = { .length = 0 };
	add_string(&hardware, "sk-ssh-ed25519@openssh.com");
	add_field(&hardware, point, 32);
	expect_blob_refused("sk-ssh-ed25519@openssh.com", &hardware, "application");
	add_string(&hardware, "ssh:\n");
	expect_blob_refused("sk-ssh-ed25519@openssh.com", &hardware, "strange characters");
}

/* Every cut of a good key is refused: nothing is read past its end. */
static void refuses_every_cut(void **state)
{
	struct blob blob = { .length = 0 };
	(void)state;
	add_string(&blob, "ssh-rsa");
	add_number(&blob, 17, 1);
	add_number(&blob, 4096, 1);
	size_t whole = blob.length;
	for (blob.length = 1; blob.length < whole; blob.length++) {
		AUTO_TEXT struct text text;
		struct ssh_public_key key = SSH_PUBLIC_KEY_INIT;
		struct error error = ERROR_INIT;
		encode("ssh-rsa", &blob, &text);
		assert_int_equal(ssh_public_key_parse(text.data, text.length, &key, &error), -1);
	}
	AUTO_TEXT struct text text;
	AUTO_SSH_PUBLIC_KEY struct ssh_public_key key = SSH_PUBLIC_KEY_INIT;
	struct error error = ERROR_INIT;
	encode("ssh-rsa", &blob, &text);
	assert_int_equal(ssh_public_key_parse(text.data, text.length, &key, &error), 0);
	assert_int_equal(key.bits, 4096);
}

static void counts_the_bits_of_rsa(void **state)
{
	static const struct {
		size_t exponent_bits;
		unsigned char exponent_last;
		size_t modulus_bits;
		unsigned char modulus_last;
		const char *because; /* NULL: taken */
	} cases[] = {
		{ 17, 1, 4096, 1, NULL },
		{ 17, 1, 4097, 1, NULL },
		{ 17, 1, 16384, 1, NULL },
		{ 64, 1, 4096, 1, NULL },
		{ 17, 1, 4095, 1, "4095 bits" },
		{ 17, 1, 1, 0, "1 bits" },
		{ 17, 1, 16385, 1, "16385 bits" },
		{ 17, 1, 4096, 0, "even" },
		{ 17, 0, 4096, 1, "exponent 65536" },
		{ 2, 1, 4096, 1, "exponent 3," },
		{ 16, 0xff, 4096, 1, "exponent 33023" },
		{ 65, 1, 4096, 1, "exponent of more than 64 bits" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		AUTO_TEXT struct text text;
		AUTO_SSH_PUBLIC_KEY struct ssh_public_key key = SSH_PUBLIC_KEY_INIT;
		struct error error = ERROR_INIT;
		struct blob blob = { .length = 0 };
		add_string(&blob, "ssh-rsa");
		add_number(&blob, cases[i].exponent_bits, cases[i].exponent_last);
		add_number(&blob, cases[i].modulus_bits, cases[i].modulus_last);
		encode("ssh-rsa", &blob, &text);
		if (cases[i].because) {
			expect_refused(text.data, text.length, cases[i].because);
			continue;
		}
		assert_int_equal(ssh_public_key_parse(text.data, text.length, &key, &error), 0);
		assert_int_equal(key.bits, cases[i].modulus_bits);
	}
}

static void refuses_odd_spellings_of_numbers(void **state)
{
	static const unsigned char exponent[] = { 1, 0, 1 }, padded[] = { 0, 1, 0, 1 }, negative[] = { 0x80, 0, 1 },
				   zero[] = { 0 };
	static const struct {
		const unsigned char *bytes;
		size_t length;
	} cases[] = { { padded, 4 }, { negative, 3 }, { zero, 1 }, { zero, 0 } };
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct blob blob = { .length = 0 };
		add_string(&blob, "ssh-rsa");
		add_field(&blob, cases[i].bytes, cases[i].length);
		add_number(&blob, 4096, 1);
		expect_blob_refused("ssh-rsa", &blob, "oddly written");
	}
	unsigned char modulus[514] = { 0 }; /* one zero too many before 4096 bits */
	struct blob blob = { .length = 0 };
	modulus[2] = 0x80;
	modulus[513] = 1;
	add_string(&blob, "ssh-rsa");
	add_field(&blob, exponent, sizeof(exponent));
	add_field(&blob, modulus, sizeof(modulus));
	expect_blob_refused("ssh-rsa", &blob, "oddly written");
}

/* The same bytes have one spelling: unused bits are zero, padding is complete. */
static void refuses_odd_spellings_of_base64(void **state)
{
	(void)state;
	struct blob blob = { .length = 0 };
	unsigned char point[32] = { 1 };
	AUTO_TEXT struct text text;
	add_string(&blob, "sk-ssh-ed25519@openssh.com");
	add_field(&blob, point, 32);
	add_string(&blob, "ssh:");
	while (blob.length % 3 != 1)
		add_string(&blob, ""); /* only the spelling matters here */
	encode("sk-ssh-ed25519@openssh.com", &blob, &text);
	assert_memory_equal(text.data + text.length - 4, "AA==", 4);
	expect_refused(text.data, text.length, "more behind its end");
	text.data[text.length - 3] = 'B';
	expect_refused(text.data, text.length, "base64 is broken");
	text.data[text.length - 3] = 'A';
	expect_refused(text.data, text.length - 1, "base64 is broken");
	expect_refused(text.data, text.length - 2, "base64 is broken");
	text.data[text.length - 3] = '=';
	expect_refused(text.data, text.length, "base64 is broken");
	text.data[text.length - 3] = 'A';
	text.data[text.length - 8] = '=';
	expect_refused(text.data, text.length, "base64 is broken");
	/* and where one '=' ends it: "AAA=" and "AAB=" are the same two bytes */
	AUTO_TEXT struct text single;
	add_string(&blob, "");
	while (blob.length % 3 != 2)
		add_string(&blob, "");
	encode("sk-ssh-ed25519@openssh.com", &blob, &single);
	assert_memory_equal(single.data + single.length - 4, "AAA=", 4);
	expect_refused(single.data, single.length, "more behind its end");
	single.data[single.length - 2] = 'B';
	expect_refused(single.data, single.length, "base64 is broken");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts_the_kinds_that_are_taken),
		cmocka_unit_test(refuses_other_kinds),
		cmocka_unit_test(tolerates_blanks_around),
		cmocka_unit_test(refuses_what_is_no_key_line),
		cmocka_unit_test(refuses_odd_texts),
		cmocka_unit_test(refuses_a_private_key_without_repeating_it),
		cmocka_unit_test(refuses_an_inner_type_unlike_the_outer),
		cmocka_unit_test(refuses_damaged_ed25519),
		cmocka_unit_test(refuses_every_cut),
		cmocka_unit_test(counts_the_bits_of_rsa),
		cmocka_unit_test(refuses_odd_spellings_of_numbers),
		cmocka_unit_test(refuses_odd_spellings_of_base64),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
