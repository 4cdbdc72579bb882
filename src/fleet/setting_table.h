#ifndef FLEET_SETTING_TABLE_H
#define FLEET_SETTING_TABLE_H
/*
 * Every setting there is, described once: how it is called in ccc.ini and in the environment, what it may be, what it
 * is unless told, and where in struct settings it lands. Reading, checking, the sample, `ccc config show` and the
 * manual are made from it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arguments.h"
#include "base/text.h"
#include "instance/size.h"

#define SETTINGS_OF_A_SIZE 3

enum setting {
	SETTING_LOCATIONS,
	SETTING_MAX_SERVERS,
	SETTING_MINIMUM_HOURS,
	SETTING_MAXIMUM_HOURS,
	SETTING_SIZES, /* so many of each size, in the order of size_at() */
	SETTING_BOX = SETTING_SIZES + SIZES_COUNT * SETTINGS_OF_A_SIZE,
	SETTING_KEXEC,
	SETTING_KEXEC_SHA256,
	SETTING_IMAGE,
	SETTING_OPERATOR_ACCESS,
	SETTING_CLOUD,
	SETTING_HTTP_TIMEOUT,
	SETTING_ENDPOINT,
	SETTINGS_COUNT,
};

enum setting_kind {
	KIND_TEXT,   /* char *: no control characters */
	KIND_PATH,   /* char *: absolute, but in the environment */
	KIND_NAME,   /* char *: letters, digits, '-', '.' */
	KIND_DIGEST, /* char *: 64 hex digits */
	KIND_NUMBER, /* int64_t: whole, minimum to maximum */
	KIND_PRICE,  /* int64_t: in PRICE_PLACES decimal places */
	KIND_NAMES,  /* struct arguments: in small letters, each once */
	KIND_CHOICE, /* int: which of the choices */
};

#define PRICE_PLACES  9
#define NAMES_MAXIMUM 16

struct setting_spec {
	const char *section, *name; /* in ccc.ini; NULL: it can't stand there */
	const char *variable;       /* of the environment, or NULL */
	const char *option;         /* of a command, which beats both; or NULL */
	const char *standard;       /* what it is unless told; NULL: nothing */
	const char *example;        /* where there is no standard */
	const char *help;           /* one line */
	size_t offset;              /* in struct settings */
	int64_t minimum, maximum;
	const char *const *choices; /* NULL at the end */
	enum setting_kind kind;
};

extern const struct setting_spec settings_table[SETTINGS_COUNT];

/* Of what stands in ccc.ini; SETTINGS_COUNT: there is none. */
enum setting setting_find(const char *section, const char *name);
bool setting_has_section(const char *section);

/* Whether the text is a value of it. */
bool setting_is_valid(const struct setting_spec *spec, const char *value);

/* Adds what a value is expected to be: "a whole number from 1 to 600". */
void setting_add_expectation(const struct setting_spec *spec, struct text *ret);

/* Adds the names to `ret`, in small letters. False: it is no list of 1 to NAMES_MAXIMUM names, or one comes twice. */
bool setting_read_names(const char *value, struct arguments *ret);

/* Which of the choices it is; -1: none of them. */
int setting_choice(const struct setting_spec *spec, const char *value);

/* It holds what is like an API token, and is not repeated; the name of a setting is one of a secret. */
bool setting_looks_secret(const char *value);
bool setting_is_named_secret(const char *name);
#endif
