#include "instance/ssh_key_text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "instance/ssh_public_key.h"

#define NEW_KEY    "make one with 'ssh-keygen -t ed25519' and give its .pub file"
#define IS_PRIVATE "this is the private half of a key; never hand it out; give the .pub file that lies beside it"

struct view { /* borrowed, not terminated */
	const char *data;
	size_t length;
};

static bool is_blank(char character)
{
	return character == ' ' || character == '\t';
}

static bool starts_with(struct view text, const char *prefix)
{
	size_t length = strlen(prefix);
	return text.length >= length && memcmp(text.data, prefix, length) == 0;
}

/* One line end at the close of the file, then blanks on both sides. */
static struct view strip(struct view text)
{
	if (text.length && text.data[text.length - 1] == '\n')
		text.length--;
	if (text.length && text.data[text.length - 1] == '\r')
		text.length--;
	while (text.length && is_blank(text.data[text.length - 1]))
		text.length--;
	while (text.length && is_blank(text.data[0])) {
		text.data++;
		text.length--;
	}
	return text;
}

/* Other things that are called a key, by how they begin. */
static const struct foreign {
	const char *start;
	const char *contains; /* or NULL */
	const char *message;
} foreign[] = {
	{ "", "PRIVATE KEY-----", IS_PRIVATE },
	{ "b3BlbnNzaC1rZXktdjE", NULL, IS_PRIVATE }, /* "openssh-key-v1": the same without its first line */
	{ "PuTTY-User-Key-File", NULL,
	  "this is PuTTY's private key file; never hand it out; give the line that PuTTYgen shows 'for pasting into "
	  "OpenSSH "
	  "authorized_keys file'" },
	{ "---- BEGIN SSH2 PUBLIC KEY", NULL,
	  "this is a public key in another form; turn it into one line with 'ssh-keygen -i -f FILE'" },
	{ "-----BEGIN PUBLIC KEY", NULL,
	  "this is a public key in another form; turn it into one line with 'ssh-keygen -i -m PKCS8 -f FILE'" },
	{ "-----BEGIN RSA PUBLIC KEY", NULL,
	  "this is a public key in another form; turn it into one line with 'ssh-keygen -i -m PEM -f FILE'" },
	{ "-----BEGIN", NULL, "this is no SSH public key; " NEW_KEY },
};

static int refuse_foreign(struct view text, struct error *err)
{
	for (size_t i = 0; i < ARRAY_LENGTH(foreign); i++) {
		const char *contains = foreign[i].contains;
		if (starts_with(text, foreign[i].start) &&
		    (!contains || memmem(text.data, text.length, contains, strlen(contains))))
			return error_set(err, ERROR_REFUSED, 0, "%s", foreign[i].message);
	}
	return 0;
}

static int refuse_characters(struct view text, struct error *err)
{
	size_t lines = 1;
	for (size_t i = 0; i < text.length; i++)
		lines += text.data[i] == '\n';
	if (lines > 1)
		return error_set(err, ERROR_REFUSED, 0, "this has %zu lines, a key is one; give one key at a time",
				 lines);
	for (size_t i = 0; i < text.length; i++) {
		unsigned char character = (unsigned char)text.data[i];
		if ((character < 0x20 && character != '\t') || character == 0x7f)
			return error_set(
				err, ERROR_REFUSED, 0,
				"the key has a control character (0x%02x) at position %zu; copy the .pub file again",
				character, i + 1);
	}
	return 0;
}

static char *copy(struct view text)
{
	char *string = memory_new(text.length + 1);
	memcpy(string, text.data, text.length);
	return string;
}

static char *take_word(struct view *rest)
{
	struct view word = { rest->data, 0 };
	while (word.length < rest->length && !is_blank(rest->data[word.length]))
		word.length++;
	size_t next = word.length;
	while (next < rest->length && is_blank(rest->data[next]))
		next++;
	*rest = (struct view){ rest->data + next, rest->length - next };
	return copy(word);
}

int ssh_key_text_split(const char *text, size_t length, struct ssh_key_words *ret, struct error *err)
{
	if (length > SSH_PUBLIC_KEY_TEXT_MAXIMUM)
		return error_set(err, ERROR_REFUSED, 0,
				 "this is too large for a public key (more than %zu bytes); give the .pub file",
				 SSH_PUBLIC_KEY_TEXT_MAXIMUM);
	struct view line = strip((struct view){ text, length });
	if (line.length == 0)
		return error_set(err, ERROR_REFUSED, 0, "the key is empty; give the content of a .pub file");
	if (memchr(line.data, '\0', line.length))
		return error_set(err, ERROR_REFUSED, 0,
				 "the key has a NUL byte in it; give a .pub file, which is plain text");
	if (refuse_foreign(line, err) < 0 || refuse_characters(line, err) < 0)
		return -1;
	ret->type = take_word(&line);
	ret->base64 = take_word(&line);
	ret->rest = copy(line);
	return 0;
}

void ssh_key_words_release(struct ssh_key_words *words)
{
	free(words->type);
	free(words->base64);
	free(words->rest);
	*words = (struct ssh_key_words){ NULL, NULL, NULL };
}

/* Kinds of keys that are known and not taken. */
static const struct refused {
	const char *type;
	const char *message;
} refused[] = {
	{ "ssh-dss", "DSA keys are broken; " NEW_KEY },
	{ "ecdsa-sha2-nistp256", "ECDSA keys are not taken; " NEW_KEY },
	{ "ecdsa-sha2-nistp384", "ECDSA keys are not taken; " NEW_KEY },
	{ "ecdsa-sha2-nistp521", "ECDSA keys are not taken; " NEW_KEY },
	{ "sk-ecdsa-sha2-nistp256@openssh.com", "ECDSA keys are not taken; make one with 'ssh-keygen -t ed25519-sk' on "
						"the same device and give its .pub file" },
	{ "ssh-ed448", "ed448 keys are not taken; " NEW_KEY },
	{ "ssh-rsa1", "keys of SSH version 1 are broken; " NEW_KEY },
};

static const char *const type_prefixes[] = { "ssh-", "sk-ssh-", "ecdsa-sha2-", "sk-ecdsa-sha2-" };

static bool looks_like_type(const char *word)
{
	for (size_t i = 0; i < ARRAY_LENGTH(type_prefixes); i++)
		if (strncmp(word, type_prefixes[i], strlen(type_prefixes[i])) == 0)
			return true;
	return false;
}

/* Options come first on a line of authorized_keys, so a type further on gives them away. */
static bool names_type_later(const char *words)
{
	while (*words) {
		if (looks_like_type(words))
			return true;
		words += strcspn(words, " \t");
		words += strspn(words, " \t");
	}
	return false;
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), end_length = strlen(end);
	return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

int ssh_key_text_refuse_type(const struct ssh_key_words *words, struct error *err)
{
	for (size_t i = 0; i < ARRAY_LENGTH(refused); i++)
		if (strcmp(refused[i].type, words->type) == 0)
			return error_set(err, ERROR_REFUSED, 0, "%s", refused[i].message);
	if (ends_with(words->type, "-cert-v01@openssh.com"))
		return error_set(err, ERROR_REFUSED, 0,
				 "this is a certificate, not a key; give the .pub file without '-cert' in its name");
	if (names_type_later(words->base64) || names_type_later(words->rest))
		return error_set(err, ERROR_REFUSED, 0,
				 "the key has options or a number before it; give it alone, beginning with its type "
				 "('ssh-ed25519 ...')");
	if (strncmp(words->type, "AAAA", 4) == 0)
		return error_set(
			err, ERROR_REFUSED, 0,
			"the key lacks its type; copy the whole line, beginning with 'ssh-ed25519' or the like");
	return error_set(err, ERROR_REFUSED, 0,
			 "'%.40s' is no kind of SSH public key that is taken (ssh-ed25519, sk-ssh-ed25519@openssh.com, "
			 "ssh-rsa); " NEW_KEY,
			 words->type);
}
