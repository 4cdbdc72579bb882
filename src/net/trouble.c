#include "net/trouble.h"

#include <errno.h>

#include "base/memory.h"

static const struct {
	CURLcode result;
	int errnum;
	const char *what;
	const char *remedy;
} troubles[] = {
	{ CURLE_COULDNT_RESOLVE_HOST, EHOSTUNREACH, "the host name is not known",
	  "check its spelling and this machine's name servers" },
	{ CURLE_COULDNT_RESOLVE_PROXY, EHOSTUNREACH, "the name of the proxy on the way is not known",
	  "check https_proxy in the environment" },
	{ CURLE_COULDNT_CONNECT, ECONNREFUSED, "no connection could be made",
	  "check that it is up and that no firewall is in the way" },
	{ CURLE_PEER_FAILED_VERIFICATION, EKEYREJECTED, "its certificate is not trusted",
	  "check this machine's clock and its CA certificates (package ca-certificates)" },
	{ CURLE_SSL_CACERT_BADFILE, EKEYREJECTED, "this machine's CA certificates can't be read",
	  "install the package ca-certificates" },
	{ CURLE_SSL_CONNECT_ERROR, EPROTO, "no encrypted connection could be agreed on",
	  "check that nothing on the way intercepts TLS" },
	{ CURLE_GOT_NOTHING, ECONNRESET, "the connection was closed without an answer", "try again" },
	{ CURLE_RECV_ERROR, ECONNRESET, "the connection broke while waiting for the answer", "try again" },
	{ CURLE_SEND_ERROR, ECONNRESET, "the connection broke while sending", "try again" },
	{ CURLE_PARTIAL_FILE, ECONNRESET, "the answer was cut short", "try again" },
	{ CURLE_HTTP2, EPROTO, "the connection broke inside HTTP/2", "try again" },
	{ CURLE_HTTP2_STREAM, EPROTO, "the request was broken off inside HTTP/2", "try again" },
	{ CURLE_UNSUPPORTED_PROTOCOL, EPROTO, "it does not answer in HTTP", "check the endpoint" },
	{ CURLE_WEIRD_SERVER_REPLY, EPROTO, "it does not answer in HTTP", "check the endpoint" },
};

void trouble_describe(CURLcode result, const char *host, bool was_sent, struct error *err)
{
	if (result == CURLE_OPERATION_TIMEDOUT) {
		error_set(err, ERROR_REMOTE, 0,
			  was_sent ? "'%s' did not answer in time; try again"
				   : "'%s' could not be reached in time; check the network, and that no firewall is in "
				     "the way",
			  host);
		err->errnum = ETIMEDOUT;
		return;
	}
	for (size_t i = 0; i < ARRAY_LENGTH(troubles); i++)
		if (troubles[i].result == result) {
			error_set(err, ERROR_REMOTE, 0, "'%s': %s; %s", host, troubles[i].what, troubles[i].remedy);
			err->errnum = troubles[i].errnum;
			return;
		}
	error_set(err, ERROR_REMOTE, 0, "'%s': the request failed (%s)", host, curl_easy_strerror(result));
	err->errnum = EIO;
}
