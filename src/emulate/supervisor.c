/*
 * supervisor: receives what the kernel asks, and answers.
 * Touches the listener, the memory of the threads that ask and their timer slack.
 */
#include "emulate/supervisor.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "emulate/ask.h"
#include "seccomp/install.h"
#include "util/arena.h"
#include "util/fd.h"
#include "util/proc.h"

#define ASK_OVERFLOW 65534u /* /proc/sys/kernel/overflowgid */
#define SUPERVISOR_MS \
	10 /* of answers before anything else is looked at: some look at all processes */

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS _IOW('!', 4, uint64_t) /* Linux 6.6 */
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP 1u
#endif

struct supervisor {
	int listener, proc;
	uint32_t uid, gid;
	struct tags tags;
	struct seccomp_notif *asked; /* as long as the kernel's own, which may be longer */
	struct seccomp_notif_resp *answer;
	size_t asked_size, answer_size;
};

int ask_fail(struct ask *a, int code)
{
	a->code = code;
	return code;
}

/*
 * Of ids one is mapped, and the kernel shows all others as the overflow id.  What it shows is counted in
 * this process's user namespace, which may not be that of the thread.
 */
static void ask_ids(struct ask *a, uint32_t own_group)
{
	for (size_t i = 0; i < CREDS_IDS; i++) {
		a->next.uid[i] = a->uid;
		a->next.gid[i] = a->gid;
	}
	for (uint32_t i = 0; i < a->next.n_groups; i++)
		a->next.groups[i] = a->next.groups[i] == own_group ? a->gid : ASK_OVERFLOW;
}

int ask_change(struct ask *a)
{
	struct target_status s = { 0 };
	size_t size;

	if (a->now) {
		size = a->now->n_groups * sizeof(*a->now->groups);
		a->next = *a->now;
		a->next.groups = size ? memcpy(xmalloc(size), a->now->groups, size) : NULL;
	} else {
		if (ask_fail(a, target_status(a->t.proc, a->t.tid, &s)))
			return a->code;
		a->next = s.creds;
		ask_ids(a, getgid());
	}
	a->changes = true;
	return 0;
}

struct supervisor *supervisor_start(int listener, int proc, uint32_t uid, uint32_t gid)
{
	struct supervisor *s = xmalloc(sizeof(*s));
	struct seccomp_notif_sizes sizes;

	*s = (struct supervisor){ .listener = listener, .proc = proc, .uid = uid, .gid = gid };
	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0) {
		supervisor_done(s);
		return NULL;
	}
	s->asked_size =
		sizes.seccomp_notif > sizeof(*s->asked) ? sizes.seccomp_notif : sizeof(*s->asked);
	s->answer_size = sizes.seccomp_notif_resp > sizeof(*s->answer) ? sizes.seccomp_notif_resp
								       : sizeof(*s->answer);
	s->asked = xmalloc(s->asked_size);
	s->answer = xmalloc(s->answer_size);
	/* one of the two sleeps while the other works: the kernel need not look for another processor */
	(void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
	return s;
}

int supervisor_become(struct supervisor *s, pid_t tid, uint32_t uid, uint32_t gid)
{
	struct ask a = { .uid = s->uid, .gid = s->gid, .t = { .proc = s->proc, .tid = tid } };
	auto_fd slack = tags_open(s->proc, tid);
	uint32_t group = gid;
	unsigned tag;

	if (ask_change(&a))
		return a.code;
	free(a.next.groups);
	a.next.groups = &group;
	a.next.n_groups = 1;
	for (size_t i = 0; i < CREDS_IDS; i++) {
		a.next.uid[i] = uid;
		a.next.gid[i] = gid;
	}
	a.next.permitted = a.next.effective = uid ? 0 : a.next.bounding;
	tag = tags_add(&s->tags, s->proc, &a.next);
	return tag && tags_set(slack, tag) == 0 ? 0 : EAGAIN;
}

int supervisor_fd(const struct supervisor *s)
{
	return s ? s->listener : -1;
}

static void supervisor_ask(const struct supervisor *s, struct ask *a, int slack)
{
	const struct seccomp_data *d = &s->asked->data;

	*a = (struct ask){ .uid = s->uid, .gid = s->gid, .tags = &s->tags };
	a->t = (struct target){ s->proc, s->listener, (pid_t)s->asked->pid, s->asked->id };
	for (size_t i = 0; i < 6; i++)
		a->args[i] = d->args[i];
	a->call = seccomp_asked(d->arch, (uint32_t)d->nr, a->args, &a->narrow);
	a->now = tags_creds(&s->tags, tags_get(slack));
	if (a->call == ASKS)
		a->goes_on = true;
	else if (ids_answers[a->call])
		ids_answers[a->call](a);
	else
		rights_answers[a->call](a);
}

/*
 * The thread waits, so that its credentials can change before it hears of it.  Where it does not wait
 * any more (a signal has ended the call, before Linux 5.19), nothing must have changed: it may call again.
 */
static void supervisor_answer(struct supervisor *s)
{
	auto_fd slack = tags_open(s->proc, (pid_t)s->asked->pid);
	unsigned old = tags_get(slack), tag = 0;
	struct ask a;

	supervisor_ask(s, &a, slack);
	if (a.changes && !a.code) {
		tag = tags_add(&s->tags, s->proc, &a.next);
		if (!tag || !target_waits(&a.t) || tags_set(slack, tag) < 0)
			(void)ask_fail(&a, EAGAIN);
	}
	if (a.changes)
		free(a.next.groups);
	memset(s->answer, 0, s->answer_size);
	s->answer->id = s->asked->id;
	s->answer->val = a.code ? 0 : a.value;
	s->answer->error = -a.code;
	if (a.goes_on && !a.code)
		s->answer->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	if (ioctl(s->listener, SECCOMP_IOCTL_NOTIF_SEND, s->answer) < 0 && tag && !a.code)
		(void)tags_set(slack, old);
}

void supervisor_step(struct supervisor *s)
{
	const int64_t until = proc_clock() + SUPERVISOR_MS;
	struct pollfd fd = { .fd = s->listener, .events = POLLIN };

	while (poll(&fd, 1, 0) == 1) {
		if (!(fd.revents & POLLIN)) {
			fd_closep(&s->listener); /* the last process has ended */
			return;
		}
		memset(s->asked, 0, s->asked_size); /* the kernel asks for zeros */
		if (ioctl(s->listener, SECCOMP_IOCTL_NOTIF_RECV, s->asked) == 0)
			supervisor_answer(s);
		if (proc_clock() >= until)
			return;
	}
}

void supervisor_run(struct supervisor *s, int proc)
{
	s->proc = proc;
	while (s->listener >= 0) {
		struct pollfd fd = { .fd = s->listener, .events = POLLIN };

		(void)poll(&fd, 1, -1);
		supervisor_step(s);
	}
}

void supervisor_done(struct supervisor *s)
{
	if (!s)
		return;
	fd_closep(&s->listener);
	tags_done(&s->tags);
	free(s->asked);
	free(s->answer);
	free(s);
}
