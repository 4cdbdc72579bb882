#ifndef AUDIT_COMPARE_H
#define AUDIT_COMPARE_H
/* What the files of this folder share. */
#include "audit/audit.h"

void compare_servers(const struct audit_input *input, struct findings *ret, struct foreign *ret_foreign);
void compare_records(const struct audit_input *input, struct findings *ret);
void compare_project(const struct audit_input *input, struct findings *ret, struct foreign *ret_foreign);
void compare_files(const struct audit_input *input, struct findings *ret);

#endif
