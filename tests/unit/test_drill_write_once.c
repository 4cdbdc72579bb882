#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "drill/owner.h"
#include "drill/write_once.h"
#include "instance/record_fields.h"

typedef void write_fn(const struct record *record, struct json_writer *writer);
write_fn __real_record_write;

static void write_with(write_fn *fn, const struct record *record, bool pretty, struct text *ret)
{
	struct json_writer writer;
	text_init(ret, 1 << 20);
	json_write_init(&writer, ret, pretty);
	json_write_open(&writer, '{');
	json_write_key(&writer, "id");
	fn(record, &writer);
	json_write_close(&writer, '}');
}

static void assert_written_alike(const struct record *record, bool pretty)
{
	struct text text, expected;
	write_with(record_write, record, pretty, &text);
	write_with(__real_record_write, record, pretty, &expected);
	assert_string_equal(text_string(&text), text_string(&expected));
	text_release(&text);
	text_release(&expected);
}

/* Values as read_once() gives them. */
static json_t *lasting(const char *text)
{
	json_t *value = json_loads(text, 0, NULL);
	assert_non_null(value);
	value->refcount = (size_t)-1;
	return value;
}

static void change(struct record *record, const struct field *field)
{
	void *place = (char *)record + field->offset;
	switch (field->type) {
	case FIELD_STRING:
		*(char *)place = *(char *)place == 'b' ? 'c' : 'b';
		break;
	case FIELD_INTEGER:
	case FIELD_TIME:
		(*(int64_t *)place)++;
		break;
	case FIELD_BOOLEAN:
		*(bool *)place = !*(bool *)place;
		break;
	case FIELD_GOAL:
		*(enum goal *)place = GOAL_GONE;
		break;
	case FIELD_STRINGS:
	case FIELD_PAYMENTS:
		*(json_t **)place = lasting("[\"another\"]");
		break;
	}
}

static void writes_what_the_record_says_now(void **state)
{
	struct record record;
	(void)state;
	struct owner *process = owner_new(), *before = owner_switch(process);
	record_init(&record);
	text_copy(record.id, sizeof(record.id), "abc123");
	record.payments = lasting("[]");
	record.ssh_keys = lasting("[\"ssh-ed25519 AAAA\"]");
	for (size_t i = 0; i < RECORD_FIELDS; i++) {
		assert_written_alike(&record, true);
		change(&record, &record_fields[i]);
		assert_written_alike(&record, true);
		assert_written_alike(&record, true);
		assert_written_alike(&record, false);
	}
	record.unknown = lasting("{\"new\": 1}");
	assert_written_alike(&record, true);
	owner_switch(before);
	owner_free(process);
	write_once_forget();
}

/* What is not lasting may be freed, and another value lie there. */
static void looks_into_what_may_change(void **state)
{
	struct record record;
	(void)state;
	record_init(&record);
	text_copy(record.id, sizeof(record.id), "abc123");
	record.locations = json_pack("[s]", "fsn1");
	assert_written_alike(&record, true);
	json_array_append_new(record.locations, json_string("nbg1"));
	assert_written_alike(&record, true);
	record_release(&record);
	write_once_forget();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_what_the_record_says_now),
		cmocka_unit_test(looks_into_what_may_change),
	};
	owner_teach_jansson();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
