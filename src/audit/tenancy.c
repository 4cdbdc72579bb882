#include "audit/tenancy.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

#define NETWORK_BYTES 8 /* of a /64 */

struct address {
	int family;
	unsigned char bytes[16];
};

/* IPv4 also as it is written where only IPv6 is known: ::ffff:192.0.2.7. */
static bool parse(const char *text, struct address *ret)
{
	struct in6_addr six;
	struct address address = { 0 };
	if (inet_pton(AF_INET, text, address.bytes) == 1) {
		address.family = AF_INET;
	} else if (inet_pton(AF_INET6, text, &six) == 1) {
		bool mapped = IN6_IS_ADDR_V4MAPPED(&six);
		address.family = mapped ? AF_INET : AF_INET6;
		memcpy(address.bytes, mapped ? six.s6_addr + 12 : six.s6_addr, mapped ? 4 : 16);
	} else {
		return false;
	}
	*ret = address;
	return true;
}

/* `recorded` is an address or "2001:db8::/64". */
static bool has(const char *recorded, const struct address *wanted)
{
	struct address address;
	char bare[64];
	snprintf(bare, sizeof(bare), "%.*s", (int)strcspn(recorded, "/"), recorded);
	if (!parse(bare, &address) || address.family != wanted->family)
		return false;
	size_t length = address.family == AF_INET ? 4 : NETWORK_BYTES;
	return memcmp(address.bytes, wanted->bytes, length) == 0;
}

static struct tenancy tenancy_of(const struct life *life)
{
	struct tenancy tenancy = { .life = life, .from = life->sent_at ? life->sent_at : life->began_at };
	tenancy.until = life_time(life, "deleteConfirmedAt");
	if (!tenancy.until)
		tenancy.until = life_time(life, "deletedAt");
	if (!tenancy.until && life->ended)
		tenancy.until = life->changed_at;
	return tenancy;
}

static bool may_have_had(const struct tenancy *tenancy, int64_t at)
{
	return at < 0 || (at >= tenancy->from && (!tenancy->until || at <= tenancy->until));
}

int tenancy_list(const struct past *past, const char *address, int64_t at, struct tenancy **ret, size_t *ret_count,
		 struct error *err)
{
	struct address wanted;
	struct tenancy *tenancies = NULL;
	size_t count = 0;
	if (!parse(address, &wanted))
		return error_set(err, ERROR_REFUSED, 0, "'%.60s' is no IP address; expected for example 192.0.2.7",
				 address);
	for (size_t i = 0; i < past->count; i++) {
		const struct life *life = &past->lives[i];
		struct tenancy tenancy = tenancy_of(life);
		if ((!has(life_string(life, "serverIp"), &wanted) && !has(life_string(life, "serverIpv6"), &wanted)) ||
		    !may_have_had(&tenancy, at))
			continue;
		tenancies = memory_grow(tenancies, count + 1, sizeof(*tenancies));
		tenancies[count++] = tenancy;
	}
	*ret = tenancies;
	*ret_count = count;
	return 0;
}
