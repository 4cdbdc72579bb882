#ifndef SIM_CORE_SERVERS_H
#define SIM_CORE_SERVERS_H
#include "core/actions.h"

const char *server_status_name(enum server_status status);
renderer server_render;

/* For the control interface: short, and with what the API doesn't tell. */
json_t *server_summary(const struct project *project, const struct server *server);

struct server *server_of_path(struct call *call); /* NULL after a 404 */
const struct primary_ip *server_ipv4(const struct project *project, const struct server *server);

/* Tells the hosts to boot a fresh machine when this action ends. There is none without an
 * IPv4, or when the action fails or never ends. */
void server_boot_host(struct call *call, struct server *server, const struct action *start);

/* Begins paying for it by its present type. */
void server_start_bill(struct sim *sim, const struct project *project, const struct server *server);

/* The password of an answer: a new one, or NULL where none is wanted. */
#define PASSWORD_SIZE 21
const char *server_password(struct sim *sim, bool wanted, char ret[PASSWORD_SIZE]);
#endif
