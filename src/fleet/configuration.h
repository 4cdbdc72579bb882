#ifndef FLEET_CONFIGURATION_H
#define FLEET_CONFIGURATION_H
/*
 * What ccc.ini and the environment say, as text: each value with where it is from, and everything that is wrong. What
 * is wrong is left out, so that the rest can be used by who may: see settings.h.
 */
#include "base/error.h"
#include "fleet/setting_table.h"
#include "system/system.h"

#define CONFIGURATION_MAXIMUM 65536 /* bytes of a ccc.ini */

enum setting_source { SOURCE_DEFAULT = 0, SOURCE_FILE, SOURCE_ENVIRONMENT };

struct setting_value {
	char *text; /* NULL: nothing was said */
	enum setting_source source;
	int line; /* of the file */
};

struct configuration_problem {
	int line; /* of the file; 0: of the whole of it; -1: of the environment */
	char *message;
};

struct configuration {
	char *file; /* the ccc.ini that counts, or NULL */
	struct setting_value values[SETTINGS_COUNT];
	struct configuration_problem *problems; /* by line */
	size_t problem_count;
};

void configuration_init(struct configuration *configuration); /* nothing said */
void configuration_release(struct configuration *configuration);

/* Takes what a file of that path says. */
void configuration_take_text(struct configuration *configuration, const char *path, const char *bytes, size_t length);

/* Takes what a variable of the environment says; it beats the file. */
void configuration_take_variable(struct configuration *configuration, enum setting setting, const char *value);

/* Once all was taken: what contradicts itself. */
void configuration_compare(struct configuration *configuration);

/* Says what is wrong with the file itself. */
void configuration_complain(struct configuration *configuration, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* What holds: what was said, or the standard; NULL: nothing. */
const char *configuration_value(const struct configuration *configuration, enum setting setting);

/* ERROR_USAGE with the first problem, and how many more there are; 0: there is none. */
int configuration_check(const struct configuration *configuration, struct error *err);
#endif
