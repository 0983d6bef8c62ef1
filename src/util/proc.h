/*
 * proc: /proc, and another process by its number and the time of its start, since numbers are used
 * again.
 */
#ifndef UTIL_PROC_H
#define UTIL_PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct proc {
	pid_t pid;
	int fd;		/* pidfd_open(2), Linux 5.3; -1 without it */
	uint64_t start; /* clock ticks since boot, proc(5); 0: unknown */
};

/* Wait for the end of child pid.  Returns its proc_exit_status, or -1 where there is no such child. */
int proc_reap(pid_t pid);

#define PROC_NONE ((struct proc){ .fd = -1 })

/* The procfs at /proc (O_PATH), to be closed by the caller; -1 where none is mounted there. */
int proc_open_fs(void);

/* Is fd open on a procfs? */
bool proc_is_fs(int fd);

/* When process pid started; 0 where there is none, or no /proc. */
uint64_t proc_start(pid_t pid);

#define PROC_SERVER "fuse-overlayfs"

/* The oldest living child of process pid, which is not the caller's own, PROC_SERVER left out; 0
 * where there is none, -1 with errno. */
pid_t proc_first_child(pid_t pid);

/* Take hold of the process that pid was when it started at start.  Returns 0, or -1 with errno
 * (ESRCH: it has ended); proc_done in both cases. */
int proc_open(struct proc *p, pid_t pid, uint64_t start);
void proc_done(struct proc *p);

/*
 * The words of the caller's command line can be read by whoever sees the process, proc(5): let it
 * be name alone, as far as the words leave room.  argv and what points into it holds nothing of use
 * from then on.
 */
void proc_hide_words(const char *name);

/* What a shell makes of a status of waitpid(2): 128 + n where signal n ended the process. */
int proc_exit_status(int status);

/* Milliseconds of CLOCK_MONOTONIC. */
int64_t proc_clock(void);

/* Sleep so long, or until a signal. */
void proc_pause(int milliseconds);

/* Send a signal; 0 only looks whether it is there.  Returns 0, or -1 with errno. */
int proc_signal(const struct proc *p, int number);

/* Wait for its end, for at most so many milliseconds (-1: for ever).  Returns whether it has ended.
 */
bool proc_wait(const struct proc *p, int milliseconds);

#endif
