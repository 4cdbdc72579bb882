#include "net/url.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <strings.h>

static bool is_loopback(const char *host)
{
	struct in_addr address;

	/* libcurl itself maps "localhost" to the loopback addresses and asks no name server */
	if (strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0)
		return true;
	return inet_pton(AF_INET, host, &address) == 1 && ntohl(address.s_addr) >> 24 == 127;
}

static int examine(CURLU *parts, const char *url, struct url_facts *ret, struct error *err)
{
	char *scheme = NULL, *host = NULL, *port = NULL;
	CURLUcode code = curl_url_set(parts, CURLUPART_URL, url, CURLU_DISALLOW_USER | CURLU_NON_SUPPORT_SCHEME);

	if (code == CURLUE_OK)
		code = curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0);
	if (code == CURLUE_OK)
		code = curl_url_get(parts, CURLUPART_HOST, &host, 0);
	if (code == CURLUE_OK)
		(void)curl_url_get(parts, CURLUPART_PORT, &port, 0); /* most URLs have none */
	if (code != CURLUE_OK)
		error_set(err, ERROR_USAGE, 0, "not a usable URL: %s; it should look like 'https://host/path'",
			  curl_url_strerror(code));
	else if (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0)
		error_set(err, ERROR_USAGE, 0, "scheme '%s' is not spoken; use https", scheme);
	else if (strlen(host) + (port ? strlen(port) + 1 : 0) >= sizeof(ret->host))
		error_set(err, ERROR_USAGE, 0, "the URL's host name is too long");
	else
		snprintf(ret->host, sizeof(ret->host), "%s%s%s", host, port ? ":" : "", port ? port : "");
	bool usable = ret->host[0] != '\0';
	if (usable) {
		ret->plain = strcmp(scheme, "http") == 0;
		ret->loopback = is_loopback(host);
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	return usable ? 0 : -1;
}

int url_examine(const char *url, struct url_facts *ret, struct error *err)
{
	struct url_facts facts = { .host = "" };
	CURLU *parts = curl_url();

	if (!parts)
		abort(); /* out of memory */
	int result = examine(parts, url, &facts, err);
	curl_url_cleanup(parts);
	if (result == 0)
		*ret = facts;
	return result;
}

int url_examine_for_token(const char *url, struct url_facts *ret, struct error *err)
{
	struct url_facts facts;

	if (url_examine(url, &facts, err) < 0)
		return -1;
	if (facts.plain && !facts.loopback)
		return error_set(err, ERROR_USAGE, 0,
				 "the token would cross the network to '%s' unencrypted; use https "
				 "(http is for this machine's own addresses)",
				 facts.host);
	*ret = facts;
	return 0;
}
