#ifndef SIM_CORE_SIM_H
#define SIM_CORE_SIM_H
/*
 * A simulated Hetzner Cloud: its projects, their servers, keys, firewalls, images
 * and bill. Pure: a request and the time go in, an answer comes out. It does no
 * I/O, reads no clock and holds no globals; what is random comes from the seed. So
 * the same requests at the same times give the same answers, in hetzner-sim's
 * HTTP server as well as in a test that owns the clock.
 *
 * Times are milliseconds since 1970. The simulation runs at now_ms plus whatever
 * POST /_sim/clock has added; that sum is what "the simulator's clock" means below.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/error.h"

struct sim;

struct sim_options {
	uint64_t seed;
	size_t projects;      /* at least 1; each has a token of its own */
	int64_t server_limit; /* servers a project may have */
	int64_t rate_limit;   /* requests an hour and project; the bucket's size too */
	int64_t boot_ms;      /* from the create request to a running server, at speed 1 */
	double speed;         /* divides every duration of an action, the boot included; > 0 */
};

/* What the real service has: one project, 100 servers, 3600 requests; 8 s to boot. */
struct sim_options sim_default_options(void);

struct sim *sim_new(const struct sim_options *options, int64_t now_ms);
void sim_free(struct sim *sim); /* NULL is fine */

/* Borrowed; NULL past the last project. */
const char *sim_token(const struct sim *sim, size_t project);

struct sim_request {
	const char *method;
	const char *path;   /* with the leading "/v1" or "/_sim", without the query */
	const char *query;  /* still encoded, without '?'; NULL when there is none */
	const char *bearer; /* NULL when the request carries no token */
	const char *body;   /* may be NULL when body_length is 0 */
	size_t body_length;
};

struct sim_reply {
	int status;
	char *body; /* owned by the reply; NULL when there is none (204) */
	size_t body_length;
	bool html;         /* the body is a web page rather than JSON */
	bool dropped;      /* close the connection without answering */
	bool endless;      /* after the body come blanks that never end */
	int64_t delay_ms;  /* of real time, to be waited before answering */
	int64_t date;      /* seconds since 1970 by the simulator's clock */
	bool rate_limited; /* the three below are known (API routes only) */
	int64_t rate_limit, rate_remaining, rate_reset;
};

/* Fills *reply, whatever the request is; release it with sim_reply_release(). */
void sim_answer(struct sim *sim, const struct sim_request *request, int64_t now_ms, struct sim_reply *reply);
void sim_reply_release(struct sim_reply *reply);

/* Adds faults, as POST /_sim/faults does: one JSON document or an array of them, all or none. */
int sim_add_faults(struct sim *sim, const char *json, size_t length, struct error *err);

/* What there is, for whoever judges what a program under test has done. All is borrowed,
 * and good for as long as the function runs. */
struct sim_server {
	int64_t id, created_ms;
	size_t project;
	const char *name, *status, *type, *location;
	const char *address;  /* IPv4; NULL: it has none */
	const json_t *labels; /* object of strings; NULL: none */
	bool delete_protected;
};
typedef void sim_server_fn(void *data, const struct sim_server *server);
void sim_each_server(const struct sim *sim, sim_server_fn *fn, void *data);

struct sim_cost {
	const char *kind; /* "server", "ipv4", "snapshot" */
	const char *name;
	int64_t id;
	size_t project;
	int64_t start_ms, end_ms; /* end -1: it still costs */
	int64_t amount;           /* so far, in 1e-8 EUR */
};
typedef void sim_cost_fn(void *data, const struct sim_cost *cost);
void sim_each_cost(const struct sim *sim, sim_cost_fn *fn, void *data); /* in the order of their starts */

/* Lets what is due happen: actions end, servers start. sim_answer() does it too. */
void sim_advance(struct sim *sim, int64_t now_ms);

/* When sim_advance() will next have something to do, on the scale of now_ms; -1: never. */
int64_t sim_next_event(const struct sim *sim);

/* What should happen to a machine that stands for a server. */
enum sim_host_event_kind {
	SIM_HOST_BOOT,   /* a fresh machine from the base image */
	SIM_HOST_ON,     /* the existing machine, from its disk */
	SIM_HOST_OFF,    /* stops; the disk stays */
	SIM_HOST_REMOVE, /* stops; the disk goes */
};

/* How a booted machine behaves when it is asked by SSH. */
enum sim_host_ssh {
	SIM_SSH_ANSWERS,
	SIM_SSH_NEVER,          /* the machine never comes up: connections are refused */
	SIM_SSH_OTHER_HOST_KEY, /* it has a host key of its own instead of the ordered one */
	SIM_SSH_HANGS,          /* connections are taken, and then nothing is said */
};

struct sim_host_event {
	enum sim_host_event_kind kind;
	int64_t server_id;
	/* Of SIM_HOST_BOOT only, owned by the event: */
	char *name, *address, *user_data;
	char **ssh_keys;
	size_t ssh_key_count;
	int64_t boot_ms; /* from now, speed applied */
	enum sim_host_ssh ssh;
};

/* Takes the oldest event that nobody took yet; false when there is none. */
bool sim_take_host_event(struct sim *sim, struct sim_host_event *ret);
void sim_host_event_release(struct sim_host_event *event);
#endif
