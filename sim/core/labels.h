#ifndef SIM_CORE_LABELS_H
#define SIM_CORE_LABELS_H
/*
 * Labels and label selectors. A key is "[prefix/]name", a value may be empty; a
 * selector is a list of terms joined by commas, all of which must hold:
 *
 *   key   !key   key=value   key==value   key!=value   key in (a,b)   key notin (a,b)
 *
 * As in Kubernetes, "!=" and "notin" also hold when the key is missing.
 */
#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"

/* An object of strings whose keys and values are allowed. */
int labels_check(json_t *labels, struct error *err);

struct selector;

int selector_parse(const char *string, struct selector **ret, struct error *err);
bool selector_matches(const struct selector *selector, const json_t *labels); /* NULL labels: none */
void selector_free(struct selector *selector);                                /* NULL is fine */
#endif
