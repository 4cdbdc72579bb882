#ifndef COMMANDS_FINDINGS_VIEW_H
#define COMMANDS_FINDINGS_VIEW_H
/* How findings look: one member set for JSON, paragraphs for people. */
#include <jansson.h>

#include "audit/finding.h"
#include "base/text.h"

json_t *findings_view_json(const struct finding *finding, const char *currency); /* new reference */
void findings_view_paragraph(const struct finding *finding, const char *currency, struct text *ret);

void findings_view_line(const struct finding *finding, struct text *ret); /* one line, without money and fix */

const char *severity_name(enum severity severity); /* "notice", "warning", "critical" */
#endif
