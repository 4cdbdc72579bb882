#include "base/table.h"

#include <stdlib.h>

#include "base/memory.h"

struct table {
	size_t columns, rows;
	char **cells; /* row by row, the headings first */
	size_t *widths;
};

/* Cells on the screen: bytes less UTF-8's continuation bytes. */
static size_t width(const char *cell)
{
	size_t count = 0;
	for (; *cell; cell++)
		count += ((unsigned char)*cell & 0xc0) != 0x80;
	return count;
}

void table_add_row(struct table *table, const char *const *cells)
{
	table->cells = memory_grow(table->cells, (table->rows + 1) * table->columns, sizeof(*table->cells));
	for (size_t i = 0; i < table->columns; i++) {
		struct text cell;
		text_init(&cell, 4096);
		text_add_escaped(&cell, cells[i], strlen(cells[i]), false);
		char *copy = text_take(&cell);
		table->cells[table->rows * table->columns + i] = copy;
		if (width(copy) > table->widths[i])
			table->widths[i] = width(copy);
	}
	table->rows++;
}

struct table *table_new(size_t columns, const char *const *headings)
{
	struct table *table = memory_new(sizeof(*table));
	table->columns = columns;
	table->widths = memory_new(columns * sizeof(*table->widths));
	table_add_row(table, headings);
	return table;
}

void table_print(const struct table *table, struct text *ret)
{
	for (size_t row = 0; row < table->rows; row++) {
		size_t blanks = 0; /* written when something follows them: none at a line's end */
		for (size_t i = 0; i < table->columns; i++) {
			const char *cell = table->cells[row * table->columns + i];
			if (*cell) {
				text_addf(ret, "%*s%s", (int)blanks, "", cell);
				blanks = 0;
			}
			blanks += table->widths[i] - width(cell) + 2;
		}
		text_add_string(ret, "\n");
	}
}

void table_free(struct table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->rows * table->columns; i++)
		free(table->cells[i]);
	free(table->cells);
	free(table->widths);
	free(table);
}
