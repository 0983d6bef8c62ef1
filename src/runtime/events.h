/*
 * events: what a run reports to its caller.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct runtime_events {
	/* set by the caller */
	void (*started)(void *arg, pid_t pid); /* the command runs; process 1 (for exec: the
						  command) has the host's number pid */
	void (*lasted)(void *arg); /* it has run for lasted_ms, and still does; may be NULL */
	unsigned lasted_ms;
	void *arg;

	/* set when the run ends */
	bool timed_out;	    /* the plan's time limit was reached */
	bool out_of_memory; /* the kernel killed processes, for the plan's memory limit */
	int signal;	    /* which one ended the payload; 0: none did */
	bool refused; /* to join: the kernel does not let this process in, which has changed nothing */
};
