/*
 * tty: the runner's side of the command's own terminal: bytes between it and the standard streams.
 */
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <sys/types.h>
#include <termios.h>

#include "util/err.h"

#define TTY_POLLS 3    /* entries for poll(2) */
#define TTY_CHUNK 4096 /* bytes copied at once, as many as the kernel buffers for a terminal */

struct tty {
	int master;	      /* -1: there is none */
	bool feed;	      /* standard input is copied; false after its end */
	bool is_terminal;     /* standard input is a terminal */
	bool raw;	      /* it is in raw mode now */
	bool ended;	      /* standard input has come to its end */
	bool hung;	      /* no process has the inner side open now */
	struct termios saved; /* the terminal's modes before */
	pid_t guard;	      /* restores the terminal if the runner is killed; 0: none */
	int guard_out;	      /* tells the guard whether there is something to restore */
	char in[TTY_CHUNK], out[TTY_CHUNK];
	size_t in_len, out_len; /* bytes that wait to be written */
};

#define TTY_NONE ((struct tty){ .master = -1, .guard_out = -1 })

/*
 * Before the namespaces: look at standard input, and start the guard if that is a terminal.  feed:
 * the command gets standard input.  Returns 0, or -1 with e; tty_end in both cases.
 */
int tty_prepare(struct tty *t, bool feed, struct err *e);

/* The master can be received from socket: from now on bytes are copied. */
void tty_begin(struct tty *t, int socket);

/* Fill in what poll(2) shall wait for. */
void tty_want(const struct tty *t, struct pollfd fds[TTY_POLLS]);

/* Copy what is ready. */
void tty_copy(struct tty *t, const struct pollfd fds[TTY_POLLS]);

/* Call tty_tick after tty_timeout milliseconds (-1: never) without an event. */
void tty_tick(struct tty *t);
int tty_timeout(const struct tty *t);

/* Copy the new size of the window. */
void tty_resize(const struct tty *t);

/* Restore the terminal while the runner is stopped; and go on. */
void tty_suspend(struct tty *t);
void tty_resume(struct tty *t);

/* The command has ended: write what it left, and restore the terminal. */
void tty_end(struct tty *t);
