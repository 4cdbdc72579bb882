#include "system/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/memory.h"
#include "system/clock.h"
#include "system/timer_list.h"

#define EVENTS_A_TURN   32
#define SIGNALS_MAXIMUM 8

struct watch {
	struct loop *loop;
	struct watch *next;
	int fd;
	loop_watch_fn *fn;
	void *data;
	bool dropped; /* freed at the end of the turn: its event may be waiting in this one */
};

struct loop {
	struct system *system;
	int epoll;
	struct watch *watches;
	struct timer *timers;
	struct {
		int number;
		loop_signal_fn *fn;
		void *data;
	} signals[SIGNALS_MAXIMUM];
	size_t signal_count;
	sigset_t signal_set;
	int signal_fd;
	struct watch *signal_watch;
};

struct loop *loop_new(struct system *system)
{
	struct loop *loop = memory_new(sizeof(*loop));
	loop->system = system;
	loop->signal_fd = -1;
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll < 0)
		abort(); /* no descriptors left at start */
	sigemptyset(&loop->signal_set);
	return loop;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	timer_list_clear(&loop->timers);
	while (loop->watches) {
		struct watch *watch = loop->watches;
		loop->watches = watch->next;
		free(watch);
	}
	if (loop->signal_fd >= 0)
		close(loop->signal_fd);
	close(loop->epoll);
	free(loop);
}

struct system *loop_system(struct loop *loop)
{
	return loop->system;
}

struct watch *loop_watch(struct loop *loop, int fd, uint32_t events, loop_watch_fn *fn, void *data)
{
	struct watch *watch = memory_new(sizeof(*watch));
	*watch = (struct watch){ loop, loop->watches, fd, fn, data, false };
	loop->watches = watch;
	struct epoll_event event = { .events = events, .data.ptr = watch };
	if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		abort(); /* a descriptor that can't be watched is a bug */
	return watch;
}

void loop_watch_change(struct watch *watch, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };
	epoll_ctl(watch->loop->epoll, EPOLL_CTL_MOD, watch->fd, &event);
}

void loop_unwatch(struct watch *watch)
{
	if (!watch)
		return;
	epoll_ctl(watch->loop->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
	watch->dropped = true;
}

static void free_dropped(struct loop *loop)
{
	for (struct watch **link = &loop->watches; *link;) {
		struct watch *watch = *link;
		if (watch->dropped) {
			*link = watch->next;
			free(watch);
		} else {
			link = &watch->next;
		}
	}
}

struct timer *loop_after(struct loop *loop, int64_t delay_ms, loop_timer_fn *fn, void *data)
{
	int64_t due_ms = clock_monotonic_ms(loop->system) + (delay_ms > 0 ? delay_ms : 0);
	return timer_list_add(&loop->timers, due_ms, fn, data);
}

static void on_signal_fd(void *data, uint32_t events)
{
	struct loop *loop = data;
	struct signalfd_siginfo info;
	(void)events;
	while (read(loop->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		for (size_t i = 0; i < loop->signal_count; i++)
			if (loop->signals[i].number == (int)info.ssi_signo)
				loop->signals[i].fn(loop->signals[i].data, loop->signals[i].number);
}

int loop_on_signal(struct loop *loop, int number, loop_signal_fn *fn, void *data, struct error *err)
{
	if (loop->signal_count == SIGNALS_MAXIMUM)
		return error_set(err, ERROR_FAILED, 0, "too many signals are watched");
	sigaddset(&loop->signal_set, number);
	if (sigprocmask(SIG_BLOCK, &loop->signal_set, NULL) < 0)
		return error_set(err, ERROR_FAILED, errno, "cannot block signal %d", number);
	int fd = signalfd(loop->signal_fd, &loop->signal_set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return error_set(err, ERROR_FAILED, errno, "cannot watch signal %d", number);
	loop->signals[loop->signal_count].number = number;
	loop->signals[loop->signal_count].fn = fn;
	loop->signals[loop->signal_count++].data = data;
	loop->signal_fd = fd;
	if (!loop->signal_watch)
		loop->signal_watch = loop_watch(loop, fd, EPOLLIN, on_signal_fd, loop);
	return 0;
}

static int timeout_of(const struct loop *loop)
{
	if (!loop->timers)
		return -1;
	int64_t left = loop->timers->due_ms - clock_monotonic_ms(loop->system);
	if (left <= 0)
		return 0;
	return left > 3600000 ? 3600000 : (int)left;
}

/* Only timers that were due when the turn began: one that starts itself anew with
 * no delay must not keep descriptors waiting. */
static void run_timers(struct loop *loop)
{
	int64_t now = clock_monotonic_ms(loop->system);
	size_t due = 0;
	for (struct timer *timer = loop->timers; timer && timer->due_ms <= now; timer = timer->next)
		due++;
	while (due-- > 0 && loop->timers && loop->timers->due_ms <= now)
		timer_list_fire(&loop->timers);
}

int loop_turn(struct loop *loop, struct error *err)
{
	struct epoll_event events[EVENTS_A_TURN];
	free_dropped(loop);
	if (!loop->watches && !loop->timers)
		return error_set(err, ERROR_FAILED, 0, "nothing to wait for");
	int count = epoll_wait(loop->epoll, events, EVENTS_A_TURN, timeout_of(loop));
	if (count < 0 && errno != EINTR)
		return error_set(err, ERROR_FAILED, errno, "cannot wait for events");
	for (int i = 0; i < count; i++) {
		struct watch *watch = events[i].data.ptr;
		if (!watch->dropped)
			watch->fn(watch->data, events[i].events);
	}
	run_timers(loop);
	free_dropped(loop);
	return 0;
}
