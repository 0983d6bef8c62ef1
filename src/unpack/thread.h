/*
 * thread: how the threads of an unpack are started.
 */
#pragma once

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>

/* A thread that blocks every signal: they are the main thread's, which takes note of them or cleans
 * up.  attr may be NULL.  False where there can be none. */
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
