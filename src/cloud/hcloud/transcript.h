#ifndef CLOUD_HCLOUD_TRANSCRIPT_H
#define CLOUD_HCLOUD_TRANSCRIPT_H
/*
 * What the hcloud program wrote of its talk with the API (HCLOUD_DEBUG): each request before it is sent and each
 * answer when it came, as HTTP. From it we know what was sent, what came back as it came, by which clock, and what
 * was never answered. Between the parts stands what the program prints for people, which is passed over.
 *
 *   --- Request:
 *   GET /v1/servers/7 HTTP/1.1
 *   ...
 *   --- Response:
 *   HTTP/1.1 404 Not Found
 *   ...
 */
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct exchange {
	char method[8];
	char path[512]; /* with the query: "/v1/servers/7" */
	bool answered;  /* an answer came, whole */
	int status;
	json_t *document; /* NULL: the answer has none, or it can't be understood: */
	struct error trouble;
	int64_t date;                                                  /* of an answer in JSON, or -1 */
	int64_t rate_limit, rate_remaining, rate_reset, retry_after_s; /* or -1 */
};

struct transcript {
	struct exchange *exchanges; /* in the order in which they were sent */
	size_t count;
};

/* Reads any bytes; never fails. What is cut short, or longer than its place, counts as unanswered. */
void transcript_read(const char *bytes, size_t length, struct transcript *ret);
void transcript_release(struct transcript *transcript);
#endif
