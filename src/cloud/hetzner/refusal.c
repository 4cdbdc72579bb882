/* What the API says when it says no. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "cloud/hetzner/decode.h"

void decode_refusal(int status, const json_t *document, const char *mend_token, struct error *ret)
{
	const json_t *envelope = json_object_get(document, "error");
	const char *code = json_string_value(json_object_get(envelope, "code"));
	const char *message = json_string_value(json_object_get(envelope, "message"));
	if (!code)
		error_set(ret, ERROR_REMOTE, 0, "Hetzner answered with status %d and no reason", status);
	else if (status == 401)
		error_set(ret, ERROR_REMOTE, 0, "Hetzner refused the token (%s); %s", message ? message : code,
			  mend_token);
	else if (strcmp(code, "resource_limit_exceeded") == 0)
		error_set(ret, ERROR_REMOTE, 0,
			  "%s (%s); end instances that are not needed, or ask Hetzner for a higher limit",
			  message ? message : "the project's limit is reached", code);
	else
		error_set(ret, ERROR_REMOTE, 0, "Hetzner said: %s (%s)", message ? message : "no", code);
	ret->http_status = status;
	text_copy(ret->code, sizeof(ret->code), code ? code : "");
}

void decode_failure(const json_t *action, struct error *ret)
{
	const json_t *error = json_object_get(action, "error");
	const char *code = json_string_value(json_object_get(error, "code"));
	const char *message = json_string_value(json_object_get(error, "message"));
	const char *command = json_string_value(json_object_get(action, "command"));
	error_set(ret, ERROR_REMOTE, 0, "Hetzner's action '%s' failed: %s (%s)", command ? command : "?",
		  message ? message : "no reason", code ? code : "?");
	text_copy(ret->code, sizeof(ret->code), code ? code : "");
}

/* A create (POST) is never among the retried: whether it may be sent again is for the caller, who knows what is
 * durable. */
bool decode_is_passing(int status, const char *code)
{
	static const char *const codes[] = { "conflict",    "locked",      "timeout",
					     "unavailable", "bad_gateway", "server_error" };
	for (size_t i = 0; i < ARRAY_LENGTH(codes); i++)
		if (strcmp(code, codes[i]) == 0)
			return true;
	return status == 502 || status == 503 || status == 504;
}
