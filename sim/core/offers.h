#ifndef SIM_CORE_OFFERS_H
#define SIM_CORE_OFFERS_H
/* The catalogue as the API shows it. */
#include "core/call.h"

json_t *location_render_row(const struct location_row *row);
json_t *server_type_render(struct call *call, const struct resource *resource);
#endif
