#ifndef CLOUD_HETZNER_DECODE_H
#define CLOUD_HETZNER_DECODE_H
/* The API's objects as ours, and ours as the API's, for whoever brings them. */
#include <jansson.h>

#include "cloud/cloud.h"

/* -1 with an error that names the member at fault. */
int decode_server(const json_t *object, struct cloud_server *ret, struct error *err);
int decode_firewall(const json_t *object, struct cloud_firewall *ret, struct error *err);
int decode_ssh_key(const json_t *object, struct cloud_ssh_key *ret, struct error *err);
int decode_primary_ip(const json_t *object, struct cloud_primary_ip *ret, struct error *err);
int decode_snapshot(const json_t *object, struct cloud_snapshot *ret, struct error *err);
/* Appends the offers of one server type. `now` is the API's time. */
int decode_offers(const json_t *object, int64_t now, struct cloud_offer **offers, size_t *count, struct error *err);
/* Of "pricing": appends what ccc is billed for. *ret_currency is borrowed from the object. */
int decode_prices(const json_t *object, struct cloud_price_row **rows, size_t *count, const char **ret_currency,
		  struct error *err);
/* Appends the monthly prices of a server type, or of a kind of address. */
void decode_type_prices(const char *item, const json_t *thing, struct cloud_price_row **rows, size_t *count);
int decode_id(const json_t *object, const char *key, int64_t *ret, struct error *err);
/* Ids of "action", "next_actions" and "actions", at most `size`. */
size_t decode_actions(const json_t *document, int64_t *ret, size_t size);
/* What a failed action says of itself. */
void decode_failure(const json_t *action, struct error *ret);

/* {"error": {"code", "message"}}; anything else that is no success is named as what it is. `mend_token` is
 * what to do about a token that was refused. */
void decode_refusal(int status, const json_t *document, const char *mend_token, struct error *ret);
/* Whether it says "try again", whatever was asked. */
bool decode_is_passing(int status, const char *code);

json_t *labels_to_json(const struct cloud_labels *labels); /* empty ones left out; new reference */
#endif
