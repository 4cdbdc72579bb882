/* FNV-1a, eight bytes at a time. */
#include "digest.h"

#include <string.h>

uint64_t digest_of(const char *bytes, size_t length)
{
	uint64_t sum = UINT64_C(14695981039346656037);
	for (; length >= 8; bytes += 8, length -= 8) {
		uint64_t word;
		memcpy(&word, bytes, 8);
		sum = (sum ^ word) * UINT64_C(1099511628211);
		sum ^= sum >> 29;
	}
	for (; length; bytes++, length--)
		sum = (sum ^ (unsigned char)*bytes) * UINT64_C(1099511628211);
	return sum ^ sum >> 32;
}
