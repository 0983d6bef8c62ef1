/*
 * relay: passes signals on to the command, once each.
 * Reads signals of this process; sends them to the command; starts a process that does that.
 */
#include "runtime/relay.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kernel/caps.h"
#include "util/fd.h"

#define RELAY_REALTIME 32      /* from here on each signal that was sent is queued */
#define RELAY_WAKE 0x77616b65u /* value of a SIGCONT that says nothing */

void relay_say(int fd, enum relay_kind kind, const struct sig_hit *h)
{
	struct relay_msg m = { .kind = kind };

	if (h)
		m.hit = *h;
	/* the other side may have ended */
	(void)send(fd, &m, sizeof(m), MSG_NOSIGNAL);
}

bool relay_hear(int fd, struct relay_msg *ret)
{
	return recv(fd, ret, sizeof(*ret), MSG_DONTWAIT) == (ssize_t)sizeof(*ret);
}

void relay_wake(pid_t witness)
{
	const struct sig_hit wake = { SIGCONT, SI_QUEUE, 0, RELAY_WAKE };

	sig_send(witness, &wake);
}

/* The index of a signal among our own, or r->n. */
static size_t relay_find(const struct relay *r, int number)
{
	size_t i = 0;

	while (i < r->n && r->own[i].number != number)
		i++;
	return i;
}

static void relay_strike(struct relay *r, size_t i)
{
	r->n--;
	r->asked -= i < r->asked;
	memmove(&r->own[i], &r->own[i + 1], (r->n - i) * sizeof(*r->own));
}

/* Take what came to this process.  What does not fit stays queued in the kernel. */
static bool relay_take(struct relay *r)
{
	bool child = false;
	struct sig_hit h;

	while (r->n < RELAY_OWN && sig_next(r->sig, &h)) {
		if (h.number == SIGCHLD)
			child = true;
		else if (h.number == SIGCONT && h.code == SI_QUEUE && h.value == RELAY_WAKE)
			continue;
		else if (r->fd < 0)
			sig_send(r->payload, &h);
		else if (h.number >= RELAY_REALTIME || relay_find(r, h.number) == r->n)
			r->own[r->n++] = h; /* the kernel may have made one of two for the runner */
	}
	return child;
}

static void relay_pass(const struct relay *r, const struct sig_hit *h)
{
	if (r->payload)
		sig_send(r->payload, h);
	else
		relay_say(r->fd, RELAY_HIT, h);
}

static void relay_answered(struct relay *r, const struct relay_msg *m)
{
	size_t i = relay_find(r, m->hit.number);

	if (m->kind == RELAY_START) {
		r->n = r->asked = 0;
		relay_say(r->fd, RELAY_START, NULL);
	} else if (m->kind == RELAY_SYNC) {
		relay_say(r->fd, RELAY_SYNC, NULL);
	} else if (m->kind == RELAY_ASK) {
		r->asks = false;
		for (; r->asked; relay_strike(r, 0))
			if (r->payload) /* a witness alone is not what anybody would signal */
				sig_send(r->payload, &r->own[0]);
	} else if (i < r->n) {
		relay_strike(r, i);
	} else {
		relay_pass(r, &m->hit);
	}
}

void relay_start(struct relay *r)
{
	struct sig_hit ignored;

	while (r->fd >= 0 && sig_next(r->sig, &ignored))
		;
}

bool relay_begin(int fd)
{
	struct relay_msg m = { .kind = RELAY_HIT };
	bool asks = false;

	relay_say(fd, RELAY_START, NULL);
	while (m.kind != RELAY_START && recv(fd, &m, sizeof(m), 0) == (ssize_t)sizeof(m))
		asks |= m.kind == RELAY_ASK;
	return asks;
}

bool relay_step(struct relay *r, bool said)
{
	struct relay_msg m;
	bool child = false;

	do {
		said = said && relay_hear(r->fd, &m);
		/* After the message: what the runner tells of has come here by now. */
		child |= relay_take(r);
		if (said)
			relay_answered(r, &m);
	} while (said);
	if (r->n && !r->asks) {
		sig_barrier(); /* and what came here has come to the runner */
		r->asks = true;
		r->asked = r->n;
		relay_say(r->fd, RELAY_ASK, NULL);
	}
	return child;
}

static _Noreturn void relay_main(struct relay *r, bool apart)
{
	struct pollfd fds[] = { { .fd = r->fd, .events = POLLIN },
		{ .fd = r->sig->fd, .events = POLLIN } };
	const int keep[] = { r->fd, r->sig->fd };
	struct err ignored;

	if (apart)
		(void)setsid();
	/* It must not hold the runner's locks and pipes. */
	fd_close_from(0, keep, 2);
	(void)caps_drop(0, &ignored);
	for (;;) {
		(void)poll(fds, 2, -1);
		(void)relay_step(r, fds[0].revents & POLLIN);
		if (fds[0].revents & POLLHUP)
			_exit(0);
	}
}

pid_t relay_fork(int fd, const struct sig *s, bool apart)
{
	struct relay r = { .fd = fd, .sig = s };
	pid_t pid = fork();

	if (pid == 0)
		relay_main(&r, apart);
	return pid;
}
