#include "fleet/names.h"

#include "base/memory.h"
#include "base/text.h"

char *fleet_path(const struct store *store, const char *name)
{
	struct text path;
	text_init(&path, 4096);
	text_addf(&path, "%s/%s", store_directory(store), name);
	return text_take(&path);
}

char *fleet_operator_key_path(const struct store *store)
{
	return fleet_path(store, "keys/operator");
}

char *fleet_operator_public_key_path(const struct store *store)
{
	return fleet_path(store, "keys/operator.pub");
}
