#ifndef SYSTEM_LOOP_H
#define SYSTEM_LOOP_H
/*
 * The one wait point of the process: epoll. Callbacks run from loop_turn() only,
 * never from inside another call of this interface, and may add and remove
 * watches and timers freely, their own too.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "system/system.h"

struct loop;
struct watch;
struct timer;

typedef void loop_watch_fn(void *data, uint32_t events); /* EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR */
typedef void loop_timer_fn(void *data);
typedef void loop_signal_fn(void *data, int number);

struct loop *loop_new(struct system *system);
void loop_free(struct loop *loop); /* drops what is still watched */
struct system *loop_system(struct loop *loop);

/* Watches a descriptor, which stays the caller's. */
struct watch *loop_watch(struct loop *loop, int fd, uint32_t events, loop_watch_fn *fn, void *data);
void loop_watch_change(struct watch *watch, uint32_t events);
void loop_unwatch(struct watch *watch); /* NULL is fine */

/* Fires once, `delay_ms` from now, and is gone then; cancel it before if it must not fire. */
struct timer *loop_after(struct loop *loop, int64_t delay_ms, loop_timer_fn *fn, void *data);
void loop_cancel(struct timer *timer); /* NULL is fine */

/* Delivers a signal (signalfd) as a callback; blocks it for the process. At
 * most one loop of a process does this. */
int loop_on_signal(struct loop *loop, int number, loop_signal_fn *fn, void *data, struct error *err);

/* Waits until something happens, at most until the next timer, and runs the
 * callbacks due. With nothing watched and no timer it gives an error rather than
 * sleeping for ever. */
int loop_turn(struct loop *loop, struct error *err);

/* Turns until a callback has set the flag; not at all when it is set already. */
int loop_until(struct loop *loop, const bool *flag, struct error *err);
#endif
