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

/* As libcurl read them; NULL or freed with curl_free(). */
struct url_parts {
	char *scheme, *host, *port;
};

static int take_apart(CURLU *handle, const char *url, struct url_parts *ret, struct error *err)
{
	CURLUcode code = curl_url_set(handle, CURLUPART_URL, url, CURLU_DISALLOW_USER | CURLU_NON_SUPPORT_SCHEME);
	if (code == CURLUE_OK)
		code = curl_url_get(handle, CURLUPART_SCHEME, &ret->scheme, 0);
	if (code == CURLUE_OK)
		code = curl_url_get(handle, CURLUPART_HOST, &ret->host, 0);
	if (code != CURLUE_OK)
		return error_set(err, ERROR_USAGE, 0, "not a usable URL: %s; it should look like 'https://host/path'",
				 curl_url_strerror(code));
	(void)curl_url_get(handle, CURLUPART_PORT, &ret->port, 0); /* most URLs have none */
	return 0;
}

static int judge(const struct url_parts *parts, struct url_facts *ret, struct error *err)
{
	bool plain = strcmp(parts->scheme, "http") == 0;
	if (!plain && strcmp(parts->scheme, "https") != 0)
		return error_set(err, ERROR_USAGE, 0, "scheme '%s' is not spoken; use https", parts->scheme);
	if (strlen(parts->host) + (parts->port ? strlen(parts->port) + 1 : 0) >= sizeof(ret->host))
		return error_set(err, ERROR_USAGE, 0, "the URL's host name is too long");
	snprintf(ret->host, sizeof(ret->host), "%s%s%s", parts->host, parts->port ? ":" : "",
		 parts->port ? parts->port : "");
	ret->plain = plain;
	ret->loopback = is_loopback(parts->host);
	return 0;
}

int url_examine(const char *url, struct url_facts *ret, struct error *err)
{
	struct url_parts parts = { NULL, NULL, NULL };
	CURLU *handle = curl_url();
	if (!handle)
		abort(); /* out of memory */
	int result = take_apart(handle, url, &parts, err) == 0 ? judge(&parts, ret, err) : -1;
	curl_free(parts.scheme);
	curl_free(parts.host);
	curl_free(parts.port);
	curl_url_cleanup(handle);
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
