#ifndef INSTANCE_RECORD_FIELDS_H
#define INSTANCE_RECORD_FIELDS_H
/* The members of a record in the order of the file: what record.c reads and record_write.c writes. */
#include <stddef.h>

#include "instance/record.h"

enum field_type { FIELD_STRING, FIELD_INTEGER, FIELD_TIME, FIELD_BOOLEAN, FIELD_GOAL, FIELD_STRINGS, FIELD_PAYMENTS };

/* Always written, so that the seed's readers find their members, empty or not. */
#define FIELD_ALWAYS 1u
/* No record is read without it, so it is always written too. */
#define FIELD_REQUIRED 2u

struct field {
	const char *name;
	enum field_type type;
	size_t offset, size;
	unsigned flags;
};

#define RECORD_FIELDS 61
extern const struct field record_fields[RECORD_FIELDS];
extern const char *const goal_names[2];
#endif
