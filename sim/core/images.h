#ifndef SIM_CORE_IMAGES_H
#define SIM_CORE_IMAGES_H
/* System images, the same for all projects, and the snapshots and backups of each. */
#include "core/call.h"

renderer image_render;

/* What a request means by its image, an id or a name; NULL: there is no such image. A
 * name stands for the x86 image, however many architectures have it. */
struct image *image_refer(struct call *call, const json_t *reference);
struct image *image_find(const struct sim *sim, const struct project *project, int64_t id);

/* The request may not build on it (any more): answers 422 and gives false. */
bool image_usable(struct call *call, const struct image *image, const struct type_row *type);

/* A new snapshot or backup of the server, not yet available. */
struct image *image_capture(struct call *call, const struct server *server, bool is_backup, const char *description,
			    json_t *labels);

/* It is complete, has a size now, and costs. */
void image_complete(struct sim *sim, struct project *project, struct image *image);
void image_remove(struct sim *sim, struct project *project, struct image *image);
void image_remove_backups(struct sim *sim, struct project *project, int64_t server);
#endif
