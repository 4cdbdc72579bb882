#ifndef BASE_TEXT_H
#define BASE_TEXT_H
/*
 * A growing, always NUL-terminated byte buffer that has a maximum from birth:
 * everything that is fed from outside passes through one. Passing the maximum
 * keeps what fits and sets `overflowed`; running out of memory aborts.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct text {
	char *data;    /* NULL while empty; use text_string() to read */
	size_t length; /* without the NUL */
	size_t capacity;
	size_t maximum; /* bytes that may be held */
	bool overflowed;
};

/* One that is released by itself is begun where it is declared, so that no way out comes before. */
#define TEXT_INIT(maximum_) { .maximum = (maximum_) }
void text_init(struct text *text, size_t maximum);
void text_release(struct text *text); /* frees, and leaves it empty with the same maximum */
void text_clear(struct text *text);   /* empties, keeps the memory */

/* Each gives false when something did not fit. */
bool text_add(struct text *text, const char *bytes, size_t length);
bool text_add_string(struct text *text, const char *string);
bool text_addf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool text_vaddf(struct text *text, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

/* Appends foreign bytes fit for a terminal or a log: control characters,
 * DEL, marks that turn the direction of text and bytes that are no UTF-8 become \xHH; "\n" too unless keep_newlines. */
bool text_add_escaped(struct text *text, const char *bytes, size_t length, bool keep_newlines);

/* Memory for so many bytes more at once, as far as the maximum goes: what is then added need not be copied as it grows.
 */
void text_reserve(struct text *text, size_t length);

/* Makes the text longer by so many bytes, which the caller writes at once where it points to. NULL: they don't fit,
 * and nothing was added. */
char *text_extend(struct text *text, size_t length);

const char *text_string(const struct text *text); /* never NULL */
char *text_take(struct text *text);               /* the caller owns it; the text is empty then */

/* Copies `source` into a fixed buffer; false (and a copy cut between two characters) when too long. */
bool text_copy(char *target, size_t size, const char *source);

/* What makes an English word one of several: "" for one, else "s". */
const char *text_plural(size_t count);

#define AUTO_TEXT __attribute__((cleanup(text_release)))
#endif
