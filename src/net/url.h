#ifndef NET_URL_H
#define NET_URL_H
/* What must be known of a URL before anything, a token above all, is sent to it. */
#include <stdbool.h>

#include "base/error.h"

struct url_facts {
	char host[300]; /* "api.hetzner.cloud", with ":port" when the URL names one: for messages */
	bool plain;     /* http */
	bool loopback;  /* localhost, 127.0.0.0/8 or ::1: what is sent there stays on this machine */
};

/* Accepts http and https without a user name; anything else is ERROR_USAGE. */
int url_examine(const char *url, struct url_facts *ret, struct error *err);

/* As url_examine(), and refuses to have a token sent in clear text to another machine. */
int url_examine_for_token(const char *url, struct url_facts *ret, struct error *err);
#endif
