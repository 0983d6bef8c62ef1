/*
 * proc: /proc, clocks, and other processes.  A process is known by its number and start time, since
 * the kernel reuses numbers.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct proc {
	pid_t pid;
	int fd;		/* pidfd_open(2), Linux 5.3; -1 without it */
	uint64_t start; /* clock ticks since boot, proc(5); 0: unknown */
};

/* Wait for the end of child pid.  Returns its proc_exit_status, or -1 if there is no such child. */
int proc_reap(pid_t pid);

#define PROC_NONE ((struct proc){ .fd = -1 })

/* Open the procfs at /proc (O_PATH); -1 if none is mounted there. */
int proc_open_fs(void);

/* Is fd open on a procfs? */
bool proc_is_fs(int fd);

/* Read what fits of a file of /proc, whose path has at most size bytes.  Returns its length, or -1
 * with errno. */
ssize_t proc_read(char *text, size_t size, const char *path, ...)
	__attribute__((format(printf, 3, 4)));

/* The start time of process pid; 0 if there is no such process, or no /proc. */
uint64_t proc_start(pid_t pid);

/* The clock ticks of processor time that process pid has used, if it runs or waits for a processor
 * now; else, or where that cannot be seen, -1. */
int64_t proc_runs(pid_t pid);

#define PROC_SERVER "fuse-overlayfs"

/* The oldest child of process pid, but not PROC_SERVER; 0 if it has none, -1 with errno. */
pid_t proc_first_child(pid_t pid);

/* Open process pid, which started at start.  Returns 0, or -1 with errno (ESRCH: it has ended);
 * proc_done in both cases. */
int proc_open(struct proc *p, pid_t pid, uint64_t start);
void proc_done(struct proc *p);

/*
 * A process that holds a flock(2) lock of the file that fd is open on; 0 if it is not known.  *ret_alone:
 * it is an exclusive lock.
 */
pid_t proc_lock_holder(int fd, bool *ret_alone);

/*
 * Other users can read the caller's command line, proc(5): replace it by name, cut to its length.
 * main's own argv and pointers into it are of no use after that; all others have copies.
 */
void proc_hide_words(const char *name);

/* Is it in the caller's process namespace, not in one below? */
bool proc_is_beside(pid_t pid);

/* The exit status that a shell gives for a status of waitpid(2): 128 + n if signal n ended it. */
int proc_exit_status(int status);

/* Milliseconds of CLOCK_MONOTONIC. */
int64_t proc_clock(void);

/* Sleep, but not longer than until a signal. */
void proc_pause(int milliseconds);

/* Send a signal; 0 only checks that the process exists.  Returns 0, or -1 with errno. */
int proc_signal(const struct proc *p, int number);

/*
 * Send one to the command of a sandbox whose process 1 is init: that is the command itself (alone),
 * or its parent.  Not through process 1, which may have to ask a runner that is stopped.  Returns 0, or
 * -1 with errno.
 */
int proc_signal_command(const struct proc *init, bool alone, int number);

/* Wait for its end, at most this long (-1: for ever).  Returns whether it has ended. */
bool proc_wait(const struct proc *p, int milliseconds);
