#ifndef TESTS_AUDIT_CHANGES_H
#define TESTS_AUDIT_CHANGES_H
/* What may happen to the fleet of audit_world.h, where more than one test needs it. */
#include "audit_world.h"

void audit_add_label(char label[CLOUD_LABEL_SIZE], const char *value);

/* Server 43, with our labels and a nonce, that no record and no history knows; or those of another fleet. */
void audit_unrecorded(struct audit_world *world);
void audit_other_fleet(struct audit_world *world);

/* To server 42. */
void audit_vanished(struct audit_world *world);   /* neither listed nor found by its id */
void audit_relabelled(struct audit_world *world); /* its nonce is gone */
void audit_renamed(struct audit_world *world);
void audit_protected(struct audit_world *world);
void audit_off(struct audit_world *world);
void audit_rescaled(struct audit_world *world);

void audit_idle_address(struct audit_world *world); /* its address outlived instance and server */

/* Its record is one that 'init --adopt' made. */
void audit_adopt(struct record *record);
void audit_adopted(struct audit_world *world);
#endif
