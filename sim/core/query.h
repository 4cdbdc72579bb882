#ifndef SIM_CORE_QUERY_H
#define SIM_CORE_QUERY_H
/* The query of a request: "name=a&id=1&id=2", percent-encoded. Names may repeat. */
#include <stdbool.h>
#include <stddef.h>

struct query {
	struct query_pair {
		char *name, *value;
	} *pairs;
	size_t count;
};

void query_parse(const char *string, struct query *ret); /* NULL: empty */
void query_release(struct query *query);

const char *query_get(const struct query *query, const char *name); /* the first; NULL when missing; borrowed */
const char *query_next(const struct query *query, const char *name, size_t *position); /* each; start at 0 */

/* True when the query doesn't ask for `name`, or asks for this value. */
bool query_allows(const struct query *query, const char *name, const char *value);
#endif
