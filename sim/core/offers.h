#ifndef SIM_CORE_OFFERS_H
#define SIM_CORE_OFFERS_H
/* The catalogue as the API shows it. */
#include "core/call.h"

renderer location_render, server_type_render;
#endif
