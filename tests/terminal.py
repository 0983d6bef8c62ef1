#!/usr/bin/env python3
"""A terminal for tests: runs a command on one, types at it, and says what was on it.

Usage: terminal.py [--size ROWSxCOLS] STEP... -- COMMAND [ARG...]

Steps, in order:
  want:TEXT     wait until TEXT (a regular expression) appears behind what the last such step found
  type:TEXT     type it (\\r, \\x03 and the like are understood)
  size:RxC      another window size
  signal:NAME   send it to the command
  group:NAME    send it to the foreground process group
  touch:FILE    make the file, which what is inside waits for
  modes:raw|cooked   wait until the terminal is in that state
  end           wait for the command's end, and print `status N` or `signal N`

What the terminal showed comes first.  Ends with 1 where a wait took over a minute.
"""
import fcntl
import os
import re
import select
import signal
import struct
import sys
import termios
import time

LIMIT = 60


class Failure(Exception):
    """A wait that took too long."""


class Terminal:
    """The outer side, and the command on the inner one."""

    def __init__(self, size, command):
        self.seen = b""
        self.at = 0
        self.status = None
        self.fd, inner = os.openpty()
        self.size(size)
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.fd)
            os.login_tty(inner)
            os.execvp(command[0], command)
        os.close(inner)

    def size(self, text):
        """Set the window size."""
        rows, columns = (int(n) for n in text.split("x"))
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self):
        """Take in what there is, for a moment; False at the end."""
        if not select.select([self.fd], [], [], 0.05)[0]:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.seen += data
        return bool(data)

    def until(self, what, condition):
        """Read until the condition holds."""
        limit = time.monotonic() + LIMIT
        while not condition():
            if time.monotonic() > limit:
                raise Failure(what)
            if not self.read():
                time.sleep(0.05)

    def found(self, pattern):
        """Is the pattern there, behind what was found before?"""
        match = re.search(pattern, self.seen[self.at :])
        if match:
            self.at += match.end()
        return bool(match)

    def is_raw(self):
        """Are bytes passed on at once and unchanged?"""
        return not termios.tcgetattr(self.fd)[3] & (termios.ICANON | termios.ECHO | termios.ISIG)

    def ended(self):
        """Has the command ended?"""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = status
        return self.status is not None

    def step(self, text):
        """Do one of the steps."""
        kind, _, value = text.partition(":")
        if kind == "want":
            self.until(text, lambda: self.found(value.encode()))
        elif kind == "type":
            os.write(self.fd, value.encode().decode("unicode_escape").encode("latin-1"))
        elif kind == "size":
            self.size(value)
        elif kind == "signal":
            os.kill(self.pid, getattr(signal, "SIG" + value))
        elif kind == "group":
            os.killpg(os.tcgetpgrp(self.fd), getattr(signal, "SIG" + value))
        elif kind == "touch":
            with open(value, "w", encoding="ascii"):
                pass
        elif kind == "modes":
            self.until(text, lambda: self.is_raw() == (value == "raw"))
        elif kind == "end":
            self.until(text, self.ended)
        else:
            raise Failure("no such step: " + text)


def main():
    """Run the steps."""
    words = sys.argv[1:]
    size = "24x80"
    if words[0] == "--size":
        size, words = words[1], words[2:]
    cut = words.index("--")
    terminal = Terminal(size, words[cut + 1 :])
    failed = None
    try:
        for text in words[:cut]:
            terminal.step(text)
    except Failure as why:
        failed = why
    # What has ended wrote all it had to; it may still be on its way through the kernel.
    limit = time.monotonic() + (2 if terminal.status is not None else 0.2)
    while terminal.read() and time.monotonic() < limit:
        pass
    print(terminal.seen.decode("utf-8", "replace").replace("\r", ""))
    if failed:
        print(f"waited in vain: {failed}")
        os.kill(terminal.pid, signal.SIGKILL)
        sys.exit(1)
    if terminal.status is not None:
        signaled = os.WIFSIGNALED(terminal.status)
        print("signal" if signaled else "status",
              os.WTERMSIG(terminal.status) if signaled else os.WEXITSTATUS(terminal.status))


main()
