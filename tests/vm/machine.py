"""machine: one boot of a kernel in qemu.

Called by run.py.  Starts qemu and ends it; touches the directory that it is given.
"""
import ctypes
import os
import select
import signal
import socket
import subprocess
import time

# By Debian's name of the architecture: qemu's program and what it needs said, the first serial line and the second.
MACHINES = {
    # A plain one with a source of random numbers: what newer ones have besides (five levels of page tables, larger registers, SMAP) takes
    # a third more to emulate, and those the tests outside of machines run on.
    'amd64': {'qemu': 'qemu-system-x86_64', 'options': ['-cpu', 'qemu64,+rdrand'], 'lines': ('ttyS0', 'ttyS1'),
              'second': ['-serial', 'chardev:tap']},
    # A processor that is quickly emulated; a board with one serial line, and the other in a slot.
    'arm64': {'qemu': 'qemu-system-aarch64', 'options': ['-machine', 'virt', '-cpu', 'cortex-a72'], 'lines': ('ttyAMA0', 'ttyS0'),
              'second': ['-device', 'pci-serial,chardev=tap']},
}
# What guards against the faults of real processors, and memory that is cleared twice, cost most where they are emulated.
WORDS = 'quiet loglevel=4 panic=-1 nowatchdog no_timer_check mitigations=off init_on_alloc=0'
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


def die_with_parent():
    """In the child, before qemu: no machine outlives a harness that is killed."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Machine:
    """A machine with two serial lines: the kernel's messages on the first, what is tested on the second."""

    def __init__(self, work, kernel, initramfs, words='', disks=(), memory=512, arch='amd64'):
        self.console, self.monitor = os.path.join(work, 'console'), os.path.join(work, 'monitor')
        self.received = b''
        self.took = 0.0    # seconds of a processor, once it has ended
        for path in (self.console, self.monitor):
            if os.path.exists(path):
                os.unlink(path)
        plan = MACHINES[arch]
        # Emulated, even where there is a /dev/kvm: in a virtual machine that may lack what a kernel needs to boot (CMPXCHG16B, MSRs).
        # One processor: on a busy host two emulated ones wait for each other.
        command = [plan['qemu'], *plan['options'], '-accel', 'tcg', '-smp', '1', '-m', str(memory), '-nodefaults', '-no-user-config', '-display',
                   'none', '-no-reboot', '-kernel', kernel, '-initrd', initramfs,
                   '-append', f'console={plan["lines"][0]} tap={plan["lines"][1]} {WORDS} {words}',
                   '-serial', f'file:{self.console}', '-chardev', 'stdio,id=tap,signal=off',
                   *plan['second'], '-monitor', f'unix:{self.monitor},server=on,wait=off']
        for disk in disks:
            command += ['-drive', f'file={disk},format=raw,if=virtio,cache=writeback']
        with open(os.path.join(work, 'qemu'), 'ab') as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, preexec_fn=die_with_parent)
        self.out = self.process.stdout.fileno()

    def lines(self, seconds):
        """Each line as it comes, until the machine is off or the time is over."""
        end = time.monotonic() + seconds
        while True:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.out], [], [], left)[0]:
                return
            data = os.read(self.out, 65536)
            if not data:
                return
            self.received += data
            while b'\n' in self.received:
                line, self.received = self.received.split(b'\n', 1)
                yield line.rstrip(b'\r').decode(errors='replace')

    def power_cut(self):
        """Off at once: what the guest had not written is lost."""
        if not self.wait(0):
            self.process.send_signal(signal.SIGKILL)
            self.wait(60)
        self.process.stdout.close()

    def wait(self, seconds):
        """True where the machine turns itself off in that time."""
        end = time.monotonic() + seconds
        while self.process.returncode is None:
            pid, status, usage = os.wait4(self.process.pid, os.WNOHANG)
            if pid:
                self.process.returncode = os.waitstatus_to_exitcode(status)
                self.took = usage.ru_utime + usage.ru_stime
            elif time.monotonic() >= end:
                return False
            else:
                time.sleep(0.05)
        return True

    def tell_monitor(self, command):
        """A command to qemu itself."""
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(20)
            s.connect(self.monitor)
            for words in (b'', command.encode() + b'\n'):
                s.sendall(words)
                seen = b''
                while not seen.endswith(b'(qemu) '):
                    seen += s.recv(4096)

    def console_text(self):
        """All of the kernel's messages, and what process 1 said."""
        try:
            with open(self.console, 'rb') as f:
                return f.read().decode(errors='replace')
        except OSError:
            return ''

    def console_end(self):
        """The last of them."""
        return self.console_text().splitlines()[-15:]
