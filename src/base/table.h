#ifndef BASE_TABLE_H
#define BASE_TABLE_H
/*
 * Aligned columns for people: header, rows, two blanks between columns, no
 * blanks at line ends, width counted in terminal cells. Cells are copied and
 * foreign control characters escaped.
 */
#include <stddef.h>

#include "base/text.h"

struct table;
struct table *table_new(size_t columns, const char *const *headings);
void table_add_row(struct table *table, const char *const *cells);
void table_print(const struct table *table, struct text *ret);
void table_free(struct table *table);
#endif
