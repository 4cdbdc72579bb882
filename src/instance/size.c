#include "instance/size.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"

static const struct size sizes[SIZES_COUNT] = {
	{ .name = "cpx11", .cores = 2, .memory_gb = 2, .disk_gb = 40 },
	{ .name = "cpx21", .cores = 3, .memory_gb = 4, .disk_gb = 80 },
	{ .name = "cpx31", .cores = 4, .memory_gb = 8, .disk_gb = 160 },
};

const struct size *size_at(size_t index)
{
	return index < ARRAY_LENGTH(sizes) ? &sizes[index] : NULL;
}

const struct size *size_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++)
		if (strcmp(sizes[i].name, name) == 0)
			return &sizes[i];
	return NULL;
}

int size_parse(const char *name, const struct size **ret, struct error *err)
{
	const struct size *size = size_find(name);
	if (size) {
		*ret = size;
		return 0;
	}
	AUTO_TEXT struct text choices = TEXT_INIT(512);
	for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++)
		text_addf(&choices, "%s%s (%d cores, %d GB memory, %d GB disk)", i ? ", " : "", sizes[i].name,
			  sizes[i].cores, sizes[i].memory_gb, sizes[i].disk_gb);
	return error_set(err, ERROR_REFUSED, 0, "there is no size '%.40s'; choose one of %s", name,
			 text_string(&choices));
}
