#ifndef SIM_CORE_WRITE_H
#define SIM_CORE_WRITE_H
/*
 * JSON written straight into a text. A tree of values, made for every answer only to be
 * serialised and thrown away, costs ten times as much.
 *
 * A template is JSON with ' in place of ", and where values belong:
 *
 *   %s  const char *, becomes a string; NULL: null      %i  int64_t
 *   %t  int64_t, milliseconds since 1970; negative: null %d  int
 *   %b  bool                                             %f  double
 *   %r  const char *, JSON as it is                      %j  const json_t *
 *   %v  renderer *, const struct resource *              %l  renderer *, const struct resource_list *: an array
 */
#include "core/resource.h"

struct call;

/* Appends a thing, as the API shows it, to the call's answer. */
typedef void renderer(struct call *call, const struct resource *resource);

/* Appends to the call's answer. */
void write_json(struct call *call, const char *template, ...);

/* The same for any text; %v and %l need a call. */
void write_json_to(struct text *out, const char *template, ...);
void write_json_list(struct call *call, struct text *out, const char *template, va_list args); /* call may be NULL */
#endif
