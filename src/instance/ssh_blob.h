#ifndef INSTANCE_SSH_BLOB_H
#define INSTANCE_SSH_BLOB_H
/*
 * The binary half of an SSH public key: base64 around fields that carry their
 * length (RFC 4251 section 5). Everything is strict: one key has one spelling.
 */
#include <stdbool.h>
#include <stddef.h>

struct ssh_bytes { /* borrowed */
	const unsigned char *data;
	size_t length;
};

/* Decodes RFC 4648 base64 with its padding and nothing else: no blanks, no line ends,
 * unused bits zero. False when it is broken or `capacity` is too small. */
bool ssh_base64_decode(const char *text, size_t length, unsigned char *ret, size_t capacity, size_t *ret_length);

/* Takes the next field off the front of *rest; false when it is cut short. */
bool ssh_take_field(struct ssh_bytes *rest, struct ssh_bytes *ret);

/* The same for a number, which must be positive and in its shortest form; gives its
 * bytes, most significant first, without a leading zero. */
bool ssh_take_number(struct ssh_bytes *rest, struct ssh_bytes *ret);

/* Bits of a number from ssh_take_number(): the highest one set counts last. */
size_t ssh_number_bits(struct ssh_bytes number);

bool ssh_number_is_odd(struct ssh_bytes number);
#endif
