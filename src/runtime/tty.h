/*
 * tty: the runner's side of the command's own terminal: bytes between it and the standard streams.
 */
#ifndef RUNTIME_TTY_H
#define RUNTIME_TTY_H

#include <poll.h>
#include <stdbool.h>
#include <sys/types.h>
#include <termios.h>

#include "util/err.h"

#define TTY_POLLS 3    /* entries that it wants in a call of poll(2) */
#define TTY_CHUNK 4096 /* bytes copied at once; the kernel's own buffer for a terminal */

struct tty {
	int master;	      /* -1: there is none */
	bool feed;	      /* standard input is copied; false after its end */
	bool is_terminal;     /* standard input is a terminal */
	bool raw;	      /* and is in raw mode at present */
	bool ended;	      /* standard input has come to its end */
	bool hung;	      /* nobody has the inner side open at present */
	struct termios saved; /* as the terminal was */
	pid_t guard;	      /* restores the terminal should the runner be killed; 0: none */
	int guard_out;	      /* tells the guard whether there is something to restore */
	char in[TTY_CHUNK], out[TTY_CHUNK];
	size_t in_len, out_len; /* what waits to be written */
};

#define TTY_NONE ((struct tty){ .master = -1, .guard_out = -1 })

/*
 * Before the namespaces: look at standard input, and start the guard where that is a terminal.
 * feed: whether the command gets standard input.  Returns 0, or -1 with e; tty_end in both cases.
 */
int tty_prepare(struct tty *t, bool feed, struct err *e);

/* The master has come through socket: from now on bytes are copied. */
void tty_begin(struct tty *t, int socket);

/* What to wait for. */
void tty_want(const struct tty *t, struct pollfd fds[TTY_POLLS]);

/* Copy what is ready. */
void tty_copy(struct tty *t, const struct pollfd fds[TTY_POLLS]);

/* Nothing has happened for as long as tty_timeout said (milliseconds; -1: for ever). */
void tty_tick(struct tty *t);
int tty_timeout(const struct tty *t);

/* The window has another size. */
void tty_resize(const struct tty *t);

/* The terminal as it was, while the runner is stopped; and back again. */
void tty_suspend(struct tty *t);
void tty_resume(struct tty *t);

/* The command is gone: write what it left, put the terminal in its old state. */
void tty_end(struct tty *t);

#endif
