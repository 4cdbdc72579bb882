#ifndef SIM_CORE_FAULT_DOCUMENT_H
#define SIM_CORE_FAULT_DOCUMENT_H
#include "core/faults.h"

/* Reads one document. *ret holds a reference to it; release it with fault_release(). */
int fault_read(json_t *document, struct fault *ret, struct error *err);
#endif
