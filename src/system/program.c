#include "system/program.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"

static bool is_program(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

char *program_find(const char *path, const char *name)
{
	if (strchr(name, '/'))
		return is_program(name) ? memory_copy_string(name) : NULL;
	for (const char *directory = path ? path : ""; *directory;) {
		size_t length = strcspn(directory, ":");
		struct text candidate;
		text_init(&candidate, PATH_MAX);
		text_add(&candidate, directory, length);
		text_addf(&candidate, "/%s", name);
		if (directory[0] == '/' && !candidate.overflowed && is_program(text_string(&candidate)))
			return text_take(&candidate);
		text_release(&candidate);
		directory += length + (directory[length] == ':');
	}
	return NULL;
}
