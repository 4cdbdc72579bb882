#include "cloud/hcloud/transcript.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "base/timestamp.h"

#define REQUEST_MARK      "--- Request:\n"
#define RESPONSE_MARK     "--- Response:\n"
#define EXCHANGES_MAXIMUM 4096
#define BODY_MAXIMUM      ((size_t)8 << 20)
#define HEAD_MAXIMUM      ((size_t)65536)

struct part { /* of the bytes */
	const char *bytes;
	size_t length;
};

/* What stands before the mark; *rest is what follows it. False, and all of it: there is none. */
static bool split(struct part whole, const char *mark, struct part *before, struct part *rest)
{
	const char *found = whole.length ? memmem(whole.bytes, whole.length, mark, strlen(mark)) : NULL;
	*before = whole;
	*rest = (struct part){ whole.bytes + whole.length, 0 };
	if (!found)
		return false;
	before->length = (size_t)(found - whole.bytes);
	rest->bytes = found + strlen(mark);
	rest->length = whole.length - before->length - strlen(mark);
	return true;
}

static void copy_part(struct part part, char *ret, size_t size)
{
	size_t length = part.length < size ? part.length : size - 1;
	memcpy(ret, part.bytes, length);
	ret[length] = '\0';
}

/* --- headers ---------------------------------------------------------------------- */

/* The value of the last header of that name; false: there is none, or it is too long. */
static bool header(struct part head, const char *name, char *ret, size_t size)
{
	bool found = false;
	struct part line, rest = head;
	while (rest.length) {
		split(rest, "\r\n", &line, &rest);
		size_t length = strlen(name);
		if (line.length <= length + 1 || strncasecmp(line.bytes, name, length) != 0 ||
		    line.bytes[length] != ':')
			continue;
		struct part value = { line.bytes + length + 1, line.length - length - 1 };
		while (value.length && *value.bytes == ' ') {
			value.bytes++;
			value.length--;
		}
		found = value.length < size && !memchr(value.bytes, '\0', value.length);
		copy_part(value, ret, size);
	}
	return found;
}

static int64_t header_number(struct part head, const char *name)
{
	struct error ignored = ERROR_INIT;
	char value[32];
	int64_t number;
	if (!header(head, name, value, sizeof(value)) || number_parse(value, 0, INT64_MAX, name, &number, &ignored) < 0)
		return -1;
	return number;
}

static void read_headers(struct part head, struct exchange *ret)
{
	char value[64];
	int64_t date;
	ret->rate_limit = header_number(head, "RateLimit-Limit");
	ret->rate_remaining = header_number(head, "RateLimit-Remaining");
	ret->rate_reset = header_number(head, "RateLimit-Reset");
	ret->retry_after_s = header_number(head, "Retry-After");
	/* a proxy's page carries the proxy's clock */
	if (header(head, "Content-Type", value, sizeof(value)) && strstr(value, "json") &&
	    header(head, "Date", value, sizeof(value)) && timestamp_parse_http(value, &date))
		ret->date = date;
}

/* --- bodies ----------------------------------------------------------------------- */

/* Chunks (RFC 9112 7.1) put together; false when the last one is missing. */
static bool join_chunks(struct part body, struct text *ret)
{
	struct part line, rest = body;
	while (split(rest, "\r\n", &line, &rest)) {
		char digits[20];
		copy_part(line, digits, sizeof(digits));
		size_t figures = strspn(digits, "0123456789abcdefABCDEF");
		unsigned long long size = strtoull(digits, NULL, 16);
		if (figures == 0 || figures > 8 || (digits[figures] && digits[figures] != ';'))
			return false;
		if (size == 0)
			return true;
		if (size + 2 > rest.length || !text_add(ret, rest.bytes, (size_t)size))
			return false;
		rest.bytes += size + 2;
		rest.length -= (size_t)size + 2;
	}
	return false;
}

/* An answer without a length ends where its JSON ends: what the program says next follows it. */
static void read_body(struct part head, struct part body, struct exchange *ret)
{
	AUTO_TEXT struct text joined = TEXT_INIT(BODY_MAXIMUM);
	char value[64];
	int64_t length = header_number(head, "Content-Length");
	bool whole = length >= 0;
	if (length >= 0 && (uint64_t)length > body.length)
		return; /* cut short */
	if (length >= 0) {
		body.length = (size_t)length;
	} else if (header(head, "Transfer-Encoding", value, sizeof(value)) && strcasecmp(value, "chunked") == 0) {
		whole = true;
		if (!join_chunks(body, &joined))
			return;
		body = (struct part){ text_string(&joined), joined.length };
	} else if (!memchr(body.bytes, '{', body.length)) {
		body.length = 0;
	}
	ret->answered = true;
	if (!body.length)
		return;
	ret->document = whole ? json_parse(body.bytes, body.length, &ret->trouble)
			      : json_parse_first(body.bytes, body.length, &ret->trouble);
	if (!ret->document)
		ret->trouble.kind = ERROR_REMOTE;
}

/* --- parts ------------------------------------------------------------------------ */

static void read_request(struct part part, struct exchange *ret)
{
	struct part line, method, path, rest;
	split(part, "\r\n", &line, &rest);
	split(line, " ", &method, &rest);
	split(rest, " ", &path, &rest);
	copy_part(method, ret->method, sizeof(ret->method));
	copy_part(path, ret->path, sizeof(ret->path));
}

/* "HTTP/1.1 200 OK" */
static void read_response(struct part part, struct exchange *ret)
{
	struct error ignored = ERROR_INIT;
	struct part head, body, line, rest, status;
	char digits[8];
	int64_t number;
	if (!split(part, "\r\n\r\n", &head, &body) || head.length > HEAD_MAXIMUM)
		return;
	split(head, "\r\n", &line, &rest);
	split(line, " ", &line, &status);
	split(status, " ", &status, &line);
	copy_part(status, digits, sizeof(digits));
	if (status.length != 3 || number_parse(digits, 100, 599, "status", &number, &ignored) < 0)
		return;
	ret->status = (int)number;
	read_headers(rest, ret);
	read_body(rest, body, ret);
}

void transcript_read(const char *bytes, size_t length, struct transcript *ret)
{
	struct part before, part, rest = { bytes, length };
	*ret = (struct transcript){ 0 };
	bool more = split(rest, REQUEST_MARK, &before, &rest);
	while (more && ret->count < EXCHANGES_MAXIMUM) {
		struct part request, response;
		struct exchange exchange = { .trouble = ERROR_INIT,
					     .date = -1,
					     .rate_limit = -1,
					     .rate_remaining = -1,
					     .rate_reset = -1,
					     .retry_after_s = -1 };
		more = split(rest, REQUEST_MARK, &part, &rest);
		bool came = split(part, RESPONSE_MARK, &request, &response);
		read_request(request, &exchange);
		if (came)
			read_response(response, &exchange);
		ret->exchanges = memory_grow(ret->exchanges, ret->count + 1, sizeof(*ret->exchanges));
		ret->exchanges[ret->count++] = exchange;
	}
}

void transcript_release(struct transcript *transcript)
{
	for (size_t i = 0; i < transcript->count; i++)
		json_decref(transcript->exchanges[i].document);
	free(transcript->exchanges);
	*transcript = (struct transcript){ 0 };
}
