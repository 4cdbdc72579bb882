#ifndef SIM_CORE_DESTROY_H
#define SIM_CORE_DESTROY_H
/* Frees things; what else their end means is their handlers' affair. */
#include "core/world.h"

void server_free(struct server *server);
void image_free(struct image *image);
void firewall_free(struct firewall *firewall);
void ssh_key_free(struct ssh_key *key);
void primary_ip_free(struct primary_ip *address);
void project_destroy(struct project *project);
void catalogue_destroy(struct sim *sim);
#endif
