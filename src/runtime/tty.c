/*
 * tty: the runner's side of the command's own terminal.
 * Touches the standard streams, the modes of the terminal behind them, and a child that guards
 * these.
 */
#include "runtime/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/sig.h"
#include "util/fd.h"
#include "util/fd_pass.h"

#define TTY_HUNG_MS 100	  /* how often to look at a terminal that no process has open */
#define TTY_DRAINS 1000	  /* chunks written at most in the end; the kernel keeps much less */
#define TTY_ENDED_MS 300  /* how often the end of input is repeated */
#define TTY_END_OF_FILE 4 /* ^D, VEOF of a new terminal */

/*
 * SIGKILL cannot be caught, and a terminal left in raw mode is of no use to its owner.  This
 * process waits for the end of the pipe, which comes however the runner ends, and restores the
 * modes.  It has a process group of its own: signals to the job do not reach it.  With SIGTTOU
 * blocked the kernel lets a background process set the modes, tcsetattr(3).
 */
static _Noreturn void tty_guard(const struct termios *saved, int in)
{
	bool raw = false;
	char byte;

	sig_block();
	fd_close_from(STDIN_FILENO + 1, &in, 1); /* it must not hold the runner's locks and pipes */
	while (fd_read_full(in, &byte, 1) == 1)
		raw = byte != 0;
	if (raw)
		(void)tcsetattr(STDIN_FILENO, TCSANOW, saved);
	_exit(0);
}

/*
 * Fork it before the pid namespace is made, whose processes are killed before they could do
 * anything.
 */
static int tty_start_guard(struct tty *t, struct err *e)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_set(e, errno, "make a pipe");
	t->guard = fork();
	if (t->guard == 0) {
		(void)close(fds[1]);
		tty_guard(&t->saved, fds[0]);
	}
	/* Here and not in the guard, which may run only after a signal to the job has come. */
	if (t->guard > 0)
		(void)setpgid(t->guard, t->guard);
	(void)close(fds[0]);
	t->guard_out = fds[1];
	return t->guard < 0 ? err_set(e, errno, "start the guard of the terminal") : 0;
}

int tty_prepare(struct tty *t, bool feed, struct err *e)
{
	t->feed = feed;
	t->is_terminal = feed && tcgetattr(STDIN_FILENO, &t->saved) == 0;
	return t->is_terminal ? tty_start_guard(t, e) : 0;
}

/*
 * In the background the terminal belongs to another job: its modes and its input are not ours.  If
 * it is not the terminal of our session, there is no job control.
 */
static bool tty_is_ours(void)
{
	pid_t group = tcgetpgrp(STDIN_FILENO);

	return group < 0 || group == getpgrp();
}

/*
 * Stop, as any job that reads in the background, until it comes to the foreground.  The kernel does
 * not stop a job that no shell could continue.
 */
static void tty_wait_for_turn(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTTIN);
	(void)kill(getpid(), SIGTTIN);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
}

static void tty_set(struct tty *t, bool raw)
{
	struct termios mode = t->saved;
	char byte = raw;

	if (!t->is_terminal || t->raw == raw || (raw && !tty_is_ours()))
		return;
	if (raw)
		cfmakeraw(&mode);
	/* Tell the guard before there is something to restore. */
	(void)fd_write_full(t->guard_out, &byte, 1);
	if (tcsetattr(STDIN_FILENO, raw ? TCSANOW : TCSADRAIN, &mode) == 0)
		t->raw = raw;
}

void tty_want(const struct tty *t, struct pollfd fds[TTY_POLLS])
{
	bool read_in = t->master >= 0 && t->feed && !t->in_len && (!t->is_terminal || t->raw);
	short master = (short)((t->out_len ? 0 : POLLIN) | (t->in_len ? POLLOUT : 0));

	/* poll(2) passes over negative descriptors */
	fds[0] = (struct pollfd){ .fd = read_in ? STDIN_FILENO : -1, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = t->hung ? -1 : t->master, .events = master };
	fds[2] = (struct pollfd){ .fd = t->out_len ? STDOUT_FILENO : -1, .events = POLLOUT };
}

/* Remove n written bytes from a buffer. */
static void tty_written(char *buf, size_t *len, ssize_t n)
{
	if (n <= 0)
		return;
	*len -= (size_t)n;
	memmove(buf, buf + n, *len);
}

/*
 * A terminal has no end of file, only a key for it.  The key counts for one read(2), and is lost if
 * the command changes the modes at that moment: pressed again and again it acts like the end of a
 * file.
 */
void tty_tick(struct tty *t)
{
	if (!t->ended || t->in_len || t->master < 0)
		return;
	t->in[0] = TTY_END_OF_FILE;
	t->in_len = 1;
}

int tty_timeout(const struct tty *t)
{
	if (t->master < 0)
		return -1;
	return t->hung ? TTY_HUNG_MS : t->ended ? TTY_ENDED_MS : -1;
}

static void tty_read_input(struct tty *t)
{
	ssize_t n = read(STDIN_FILENO, t->in, sizeof(t->in));

	if (n > 0) {
		t->in_len = (size_t)n;
	} else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
		t->feed = false;
		t->ended = true;
		tty_tick(t);
	}
}

static void tty_read_master(struct tty *t)
{
	ssize_t n = read(t->master, t->out, sizeof(t->out));

	if (n > 0)
		t->out_len = (size_t)n;
	/* EIO: no process has the inner side open, for now or for good */
	t->hung = n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN);
}

static void tty_write_output(struct tty *t)
{
	ssize_t n = write(STDOUT_FILENO, t->out, t->out_len);

	if (n < 0 && errno != EINTR && errno != EAGAIN) {
		/* No process reads any more: hang up, and SIGHUP tells the command. */
		t->out_len = 0;
		fd_closep(&t->master);
		t->master = -1;
	}
	tty_written(t->out, &t->out_len, n);
}

void tty_copy(struct tty *t, const struct pollfd fds[TTY_POLLS])
{
	if (t->master < 0)
		return;
	if (fds[0].revents)
		tty_read_input(t);
	if (t->in_len && (fds[1].revents & POLLOUT))
		tty_written(t->in, &t->in_len, write(t->master, t->in, t->in_len));
	if ((fds[1].revents & (POLLIN | POLLHUP | POLLERR) && !t->out_len) || t->hung)
		tty_read_master(t);
	if (t->out_len && fds[2].revents)
		tty_write_output(t);
}

void tty_resize(const struct tty *t)
{
	struct winsize size;

	if (t->master >= 0 && ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0)
		(void)ioctl(t->master, TIOCSWINSZ, &size);
}

/* Write what is left, but do not wait for processes that write on and on. */
static void tty_drain(struct tty *t)
{
	for (int i = 0; t->master >= 0 && i < TTY_DRAINS; i++) {
		if (t->out_len) {
			tty_write_output(t);
			continue;
		}
		errno = 0;
		tty_read_master(t);
		if (!t->out_len && (t->hung || errno == EAGAIN))
			break;
	}
}

void tty_suspend(struct tty *t)
{
	tty_drain(t);
	tty_set(t, false);
}

void tty_resume(struct tty *t)
{
	if (t->master < 0)
		return;
	/* The shell that stopped this process has set its own modes. */
	t->raw = false;
	tty_set(t, true);
	tty_resize(t);
}

void tty_begin(struct tty *t, int socket)
{
	t->master = fd_receive(socket);
	if (t->master < 0)
		return;
	if (t->is_terminal && !tty_is_ours())
		tty_wait_for_turn();
	tty_resume(t);
}

void tty_end(struct tty *t)
{
	/* The kernel's buffer outlives the processes that wrote to it. */
	tty_drain(t);
	fd_closep(&t->master);
	t->master = -1;
	tty_set(t, false);
	fd_closep(&t->guard_out);
	if (t->guard > 0)
		(void)waitpid(t->guard, NULL, 0);
	t->guard = 0;
}
