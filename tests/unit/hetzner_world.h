#ifndef TESTS_HETZNER_WORLD_H
#define TESTS_HETZNER_WORLD_H
/*
 * The REST driver against a scripted server. system/random.h is implemented here,
 * so that back-off has no random part and its limits can be read.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "cloud/hetzner/hetzner.h"
#include "scripted_server.h"
#include "system/clock.h"

#define TOKEN "s3cretTOKEN0123456789"

/* What came to a caller of cloud.h. */
struct heard {
	unsigned times;
	struct error error; /* ERROR_NONE: it worked */
	bool maybe_done;
	enum presence presence;
	struct cloud_server servers[128];
	size_t server_count;
	struct cloud_firewall firewall;
	size_t firewall_count;
	struct cloud_ssh_key ssh_key;
	size_t ssh_key_count;
	struct cloud_offer offers[16];
	size_t offer_count;
	int64_t actions[32];
	size_t action_count;
	int64_t created_id;
};

struct world {
	struct system *system;
	struct loop *loop;
	struct scripted_server *server;
	struct cloud *cloud;
};

void world_open(struct world *world, const struct scripted_step *steps, size_t count);
void world_close(struct world *world);

void hear(void *data, const struct cloud_reply *reply);          /* a cloud_done_fn for a struct heard */
void wait_until_heard(struct world *world, struct heard *heard); /* once */
void turn_for(struct world *world, int64_t ms);

/* "GET /v1/servers/1" of each request, for assertions. */
void assert_request(struct world *world, size_t index, const char *line);
void assert_request_count(struct world *world, size_t count);

/* The body of a request, and whether a value is what this text says. The caller decrefs. */
json_t *sent_body(struct world *world, size_t index);
void assert_json(const json_t *actual, const char *expected);

/* Bounds that random_below() was asked for since world_open(). */
size_t random_asked(uint64_t *ret, size_t size);

/* JSON of a server with our labels, to be built into bodies; caller frees. */
char *server_json(long long id, const char *name);
#endif
