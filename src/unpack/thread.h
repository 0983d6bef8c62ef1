/* thread: starts the threads of an unpack. */
#pragma once

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>

/*
 * Start a thread that blocks all signals: the main thread handles them.  attr may be NULL.  False
 * if it cannot be started.
 */
static inline bool thread_start(
	pthread_t *t, const pthread_attr_t *attr, void *(*fn)(void *arg), void *arg)
{
	sigset_t all, old;
	int r;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, &old);
	r = pthread_create(t, attr, fn, arg);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	return r == 0;
}
