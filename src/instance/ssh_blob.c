#include "instance/ssh_blob.h"

#include <stdint.h>

static int digit_value(char digit)
{
	if (digit >= 'A' && digit <= 'Z')
		return digit - 'A';
	if (digit >= 'a' && digit <= 'z')
		return digit - 'a' + 26;
	if (digit >= '0' && digit <= '9')
		return digit - '0' + 52;
	if (digit == '+')
		return 62;
	return digit == '/' ? 63 : -1;
}

/* Decodes a group of four with `digits` of them before the padding. */
static bool decode_group(const char *group, size_t digits, unsigned char ret[3])
{
	uint32_t bits = 0;
	for (size_t i = 0; i < 4; i++) {
		int value = i < digits ? digit_value(group[i]) : 0;
		if (value < 0)
			return false;
		bits = bits << 6 | (uint32_t)value;
	}
	ret[0] = (unsigned char)(bits >> 16);
	ret[1] = (unsigned char)(bits >> 8);
	ret[2] = (unsigned char)bits;
	/* What the padding stands for must be zero, or the same bytes had another spelling. */
	return (digits == 4 || ret[2] == 0) && (digits > 2 || ret[1] == 0);
}

bool ssh_base64_decode(const char *text, size_t length, unsigned char *ret, size_t capacity, size_t *ret_length)
{
	size_t written = 0;
	if (length == 0 || length % 4 != 0)
		return false;
	size_t padding = text[length - 1] != '=' ? 0 : text[length - 2] != '=' ? 1 : 2;
	for (size_t at = 0; at < length; at += 4) {
		unsigned char bytes[3];
		size_t digits = at + 4 == length ? 4 - padding : 4;
		if (!decode_group(text + at, digits, bytes) || digits - 1 > capacity - written)
			return false;
		for (size_t i = 0; i < digits - 1; i++)
			ret[written++] = bytes[i];
	}
	*ret_length = written;
	return true;
}

bool ssh_take_field(struct ssh_bytes *rest, struct ssh_bytes *ret)
{
	const unsigned char *data = rest->data;
	if (rest->length < 4)
		return false;
	size_t length = (size_t)data[0] << 24 | (size_t)data[1] << 16 | (size_t)data[2] << 8 | data[3];
	if (length > rest->length - 4)
		return false;
	*ret = (struct ssh_bytes){ data + 4, length };
	*rest = (struct ssh_bytes){ data + 4 + length, rest->length - 4 - length };
	return true;
}

bool ssh_take_number(struct ssh_bytes *rest, struct ssh_bytes *ret)
{
	struct ssh_bytes after = *rest, number;
	if (!ssh_take_field(&after, &number) || number.length == 0 || (number.data[0] & 0x80))
		return false;
	if (number.data[0] == 0) {
		/* The zero is there to keep the sign, and only for that. */
		if (number.length == 1 || !(number.data[1] & 0x80))
			return false;
		number = (struct ssh_bytes){ number.data + 1, number.length - 1 };
	}
	*rest = after;
	*ret = number;
	return true;
}

size_t ssh_number_bits(struct ssh_bytes number)
{
	size_t bits = number.length * 8;
	for (unsigned char mask = 0x80; number.length && mask && !(number.data[0] & mask); mask >>= 1)
		bits--;
	return bits;
}

bool ssh_number_is_odd(struct ssh_bytes number)
{
	return number.length && (number.data[number.length - 1] & 1);
}
