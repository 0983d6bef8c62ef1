/*
 * keeper: process 1 of a sandbox that others join.
 * Hands out this process's namespaces; reaps orphans.
 */
#include "runtime/keeper.h"

#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/caps.h"
#include "kernel/idmap.h"
#include "kernel/rlimit.h"
#include "runtime/join.h"
#include "util/arena.h"
#include "util/fd.h"
#include "util/proc.h"

/* What is watched beside the connections. */
enum { KEEPER_RELAY, KEEPER_SIGNALS, KEEPER_DOOR, KEEPER_FIRST };

#define KEEPER_PAUSE_MS 1 /* while too many descriptors are on their way, unix(7) */
#define KEEPER_TRIES 1000

struct keeper_state {
	const struct keeper *k;
	int fds[JOIN_ALL];
	struct pollfd *polls;
	size_t n;
};

/* fds: JOIN_ALL of them, or NULL. */
static int keeper_send(int to, const struct join_answer *answer, const int *fds)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int) * JOIN_ALL)];
	} control = { .room = { 0 } };
	struct iovec data = { (void *)answer, sizeof(*answer) };
	struct msghdr m = { .msg_iov = &data, .msg_iovlen = 1 };
	ssize_t n;

	if (fds) {
		m.msg_control = &control;
		m.msg_controllen = sizeof(control);
		control.header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int) * JOIN_ALL),
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS };
		memcpy(CMSG_DATA(&control.header), fds, sizeof(int) * JOIN_ALL);
	}
	n = sendmsg(to, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
	for (int i = 0; n < 0 && errno == ETOOMANYREFS && i < KEEPER_TRIES; i++) {
		proc_pause(KEEPER_PAUSE_MS);
		n = sendmsg(to, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	return n == (ssize_t)sizeof(*answer) ? 0 : -1;
}

/* A process of the caller's, and of no process namespace below: the sandbox's own would hold it open. */
static bool keeper_knows(int fd)
{
	struct ucred who = { .pid = -1 };
	socklen_t size = sizeof(who);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 && who.pid == 0 &&
	       who.uid == getuid();
}

static void keeper_accept(struct keeper_state *s)
{
	const struct join_answer answer = { .mixed = s->k->mixed };
	int fd;

	while ((fd = accept4(s->k->door, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		if (!keeper_knows(fd) || keeper_send(fd, &answer, s->fds) < 0) {
			(void)close(fd);
			continue;
		}
		s->polls = xgrow(s->polls, s->n, sizeof(*s->polls));
		s->polls[s->n++] = (struct pollfd){ .fd = fd, .events = POLLIN };
	}
}

/* Those that join say nothing: whatever comes is the end. */
static void keeper_part(struct keeper_state *s)
{
	size_t kept = KEEPER_FIRST;

	for (size_t i = KEEPER_FIRST; i < s->n; i++) {
		if (s->polls[i].revents)
			(void)close(s->polls[i].fd);
		else
			s->polls[kept++] = s->polls[i];
	}
	s->n = kept;
}

static _Noreturn void keeper_serve(struct keeper_state *s)
{
	struct relay *r = s->k->relay;
	bool first = true; /* time round: those that came before the sandbox was there */

	for (;;) {
		(void)poll(s->polls, s->n, -1);
		if (relay_step(r, s->polls[KEEPER_RELAY].revents & POLLIN))
			while (waitpid(-1, NULL, WNOHANG) > 0)
				;
		keeper_part(s);
		/* Whoever comes when the last has left makes another sandbox. */
		if (s->polls[KEEPER_DOOR].revents && (s->n > KEEPER_FIRST || first))
			keeper_accept(s);
		if (s->n == KEEPER_FIRST)
			_exit(0);
		first = false;
	}
}

static int keeper_open(struct keeper_state *s, struct err *e)
{
	const struct keeper *k = s->k;

	for (int i = 0; i < JOIN_ALL; i++) {
		/* Last comes the user namespace, here as in payload.c the one of the command. */
		if (i == JOIN_USER && idmap_enter(k->proc, k->maps, e) < 0)
			return -1;
		s->fds[i] = join_open_own(k->proc, i);
		if (s->fds[i] < 0)
			return err_set(e, errno, "open the sandbox's namespaces");
	}
	return prctl(PR_SET_DUMPABLE, 0) < 0 ? err_set(e, errno, "protect process 1") : 0;
}

static void keeper_close(const struct keeper_state *s)
{
	int keep[JOIN_ALL + KEEPER_FIRST];

	memcpy(keep, s->fds, sizeof(s->fds));
	for (int i = 0; i < KEEPER_FIRST; i++)
		keep[JOIN_ALL + i] = s->polls[i].fd;
	fd_close_from(0, keep, JOIN_ALL + KEEPER_FIRST);
}

int keeper_main(const struct keeper *k, struct err *e)
{
	struct keeper_state s = { .k = k };
	const int watched[KEEPER_FIRST] = { k->relay->fd, k->relay->sig->fd, k->door };
	struct rlimit files;

	if (keeper_open(&s, e) < 0)
		return -1;
	(void)caps_drop(UINT64_C(1) << CAP_KILL, e);
	/* a descriptor for each connection */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	for (; s.n < KEEPER_FIRST; s.n++) {
		s.polls = xgrow(s.polls, s.n, sizeof(*s.polls));
		s.polls[s.n] = (struct pollfd){ .fd = watched[s.n], .events = POLLIN };
	}
	keeper_close(&s);
	keeper_serve(&s);
}

void keeper_refuse(int door, const struct err *e)
{
	const struct join_answer answer = { .e = *e };
	int fd;

	while ((fd = accept4(door, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		(void)keeper_send(fd, &answer, NULL);
		(void)close(fd);
	}
}
