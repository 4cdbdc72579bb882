#include "instance/ssh_public_key.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "instance/ssh_blob.h"
#include "instance/ssh_key_text.h"

#define BLOB_MAXIMUM         (SSH_PUBLIC_KEY_TEXT_MAXIMUM / 4 * 3)
#define RSA_BITS_MINIMUM     4096
#define RSA_BITS_MAXIMUM     16384 /* more than this no sshd takes */
#define RSA_EXPONENT_MINIMUM 65537
#define RSA_EXPONENT_BITS    64 /* OpenSSL takes no larger one beside a long modulus */
#define APPLICATION_MAXIMUM  255

#define NEW_KEY "make a new key with 'ssh-keygen -t ed25519' and give its .pub file"

typedef int read_key_fn(struct ssh_bytes rest, size_t *ret_bits, struct error *err);

static int refuse_structure(const char *what, struct error *err)
{
	return error_set(err, ERROR_REFUSED, 0, "the key is damaged: %s; copy the .pub file again, whole", what);
}

static int read_ed25519(struct ssh_bytes rest, size_t *ret_bits, struct error *err)
{
	struct ssh_bytes point;
	if (!ssh_take_field(&rest, &point) || point.length != 32)
		return refuse_structure("an ed25519 key holds 32 bytes, this one does not", err);
	if (rest.length)
		return refuse_structure("there is more behind its end", err);
	*ret_bits = 256;
	return 0;
}

static int read_hardware_ed25519(struct ssh_bytes rest, size_t *ret_bits, struct error *err)
{
	struct ssh_bytes point, application;
	if (!ssh_take_field(&rest, &point) || point.length != 32)
		return refuse_structure("an ed25519 key holds 32 bytes, this one does not", err);
	if (!ssh_take_field(&rest, &application) || application.length == 0 || application.length > APPLICATION_MAXIMUM)
		return refuse_structure("a hardware key names its application, this one does not", err);
	for (size_t i = 0; i < application.length; i++)
		if (application.data[i] < 0x21 || application.data[i] > 0x7e)
			return refuse_structure("the name of its application has strange characters", err);
	if (rest.length)
		return refuse_structure("there is more behind its end", err);
	*ret_bits = 256;
	return 0;
}

static int check_exponent(struct ssh_bytes exponent, struct error *err)
{
	unsigned long long value = 0;
	if (ssh_number_bits(exponent) > RSA_EXPONENT_BITS)
		return error_set(err, ERROR_REFUSED, 0, "this RSA key has an exponent of more than %d bits; " NEW_KEY,
				 RSA_EXPONENT_BITS);
	for (size_t i = 0; i < exponent.length; i++)
		value = value << 8 | exponent.data[i];
	if (value < RSA_EXPONENT_MINIMUM || value % 2 == 0)
		return error_set(err, ERROR_REFUSED, 0,
				 "this RSA key has the exponent %llu, odd ones from %d are taken; " NEW_KEY, value,
				 RSA_EXPONENT_MINIMUM);
	return 0;
}

static int read_rsa(struct ssh_bytes rest, size_t *ret_bits, struct error *err)
{
	struct ssh_bytes exponent, modulus;
	if (!ssh_take_number(&rest, &exponent) || !ssh_take_number(&rest, &modulus))
		return refuse_structure("its RSA numbers are cut short or oddly written", err);
	if (rest.length)
		return refuse_structure("there is more behind its end", err);
	size_t bits = ssh_number_bits(modulus);
	if (bits < RSA_BITS_MINIMUM)
		return error_set(err, ERROR_REFUSED, 0, "this RSA key has %zu bits, at least %d are needed; " NEW_KEY,
				 bits, RSA_BITS_MINIMUM);
	if (bits > RSA_BITS_MAXIMUM)
		return error_set(err, ERROR_REFUSED, 0,
				 "this RSA key has %zu bits, at most %d are understood; " NEW_KEY, bits,
				 RSA_BITS_MAXIMUM);
	if (!ssh_number_is_odd(modulus))
		return refuse_structure("its RSA modulus is even", err);
	*ret_bits = bits;
	return check_exponent(exponent, err);
}

static const struct accepted {
	const char *type;
	read_key_fn *read;
} accepted[] = {
	{ "ssh-ed25519", read_ed25519 },
	{ "sk-ssh-ed25519@openssh.com", read_hardware_ed25519 },
	{ "ssh-rsa", read_rsa },
};

static const struct accepted *find_accepted(const char *type)
{
	for (size_t i = 0; i < ARRAY_LENGTH(accepted); i++)
		if (strcmp(accepted[i].type, type) == 0)
			return &accepted[i];
	return NULL;
}

/* The blob says its type again; a key that is two kinds at once is somebody's trick. */
static int check_inner_type(struct ssh_bytes *rest, const char *type, struct error *err)
{
	struct ssh_bytes inner;
	if (!ssh_take_field(rest, &inner) || inner.length == 0 || inner.length > 64)
		return refuse_structure("its base64 does not hold a key", err);
	if (inner.length != strlen(type) || memcmp(inner.data, type, inner.length) != 0)
		return error_set(err, ERROR_REFUSED, 0,
				 "the key says '%s' outside and '%.*s' inside; copy the .pub file again, whole", type,
				 (int)inner.length, (const char *)inner.data);
	return 0;
}

static int decode(const struct accepted *kind, const char *base64, size_t *ret_bits, struct error *err)
{
	AUTO_FREE unsigned char *blob = memory_new(BLOB_MAXIMUM);
	struct ssh_bytes rest = { blob, 0 };
	if (!ssh_base64_decode(base64, strlen(base64), blob, BLOB_MAXIMUM, &rest.length))
		return refuse_structure("its base64 is broken", err);
	if (check_inner_type(&rest, kind->type, err) < 0)
		return -1;
	return kind->read(rest, ret_bits, err);
}

int ssh_public_key_parse(const char *text, size_t length, struct ssh_public_key *ret, struct error *err)
{
	struct ssh_key_words words;
	struct text line;
	size_t bits;
	if (ssh_key_text_split(text, length, &words, err) < 0)
		return -1;
	const struct accepted *kind = find_accepted(words.type);
	int result = -1;
	if (!kind) {
		ssh_key_text_refuse_type(&words, err);
	} else if (decode(kind, words.base64, &bits, err) == 0) {
		text_init(&line, SSH_PUBLIC_KEY_TEXT_MAXIMUM);
		text_addf(&line, "%s %s", kind->type, words.base64);
		*ret = (struct ssh_public_key){ text_take(&line), kind->type, bits };
		result = 0;
	}
	ssh_key_words_release(&words);
	return result;
}

void ssh_public_key_release(struct ssh_public_key *key)
{
	free(key->line);
	*key = (struct ssh_public_key)SSH_PUBLIC_KEY_INIT;
}
