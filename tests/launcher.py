#!/usr/bin/env python3
"""launcher: starts ranks as a process manager of MPI does: PMI_RANK, PMI_SIZE, and a socket as descriptor PMI_FD.

Usage: launcher.py RANKS COMMAND...; prints what each rank writes to its socket until all of its ends are closed, and how each
ended.  Touches standard output.
"""

import os
import socket
import subprocess
import sys

FIRST = 11  # as slurmstepd's numbers: 11, 13, ...


def start(rank, size, command):
    """The process of a rank, and the launcher's end of its socket."""
    ours, theirs = socket.socketpair()
    number = FIRST + 2 * rank
    os.dup2(theirs.fileno(), number)
    env = dict(os.environ, PMI_RANK=str(rank), PMI_SIZE=str(size), PMI_FD=str(number))
    process = subprocess.Popen(command, env=env, pass_fds=[number])
    theirs.close()
    os.close(number)
    return process, ours


def main():
    ranks = [start(rank, int(sys.argv[1]), sys.argv[2:]) for rank in range(int(sys.argv[1]))]
    for rank, (process, ours) in enumerate(ranks):
        said = b"".join(iter(lambda: ours.recv(4096), b"")).decode().strip()
        print(f"{rank}: {said}: {process.wait()}")


main()
