#ifndef DRILL_WRITE_ONCE_H
#define DRILL_WRITE_ONCE_H
/*
 * A record that did not change since it was last written is not formatted again: each commit
 * writes all records of the state, and changes one. The linker sends record_write() here.
 */

/* The end of a life. */
void write_once_forget(void);
#endif
