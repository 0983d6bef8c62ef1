"""disk: a new file system for each cold row, where the caller is root.

ext4 does not use an inode again for minutes after its file was removed, and searches past all such (recently_deleted in
fs/ext4/ialloc.c): on one file system a row pays for what rows before it removed, up to six times its own time.
Touches a file in the work directory, a loop device, and the mounts of the caller's mount namespace.
"""
import os
import shutil
import subprocess

NAME = 'd'  # in the work directory
SIZE = 10 << 30  # bytes; the file has holes
SHARED = 'a directory of the disk for each cold row'
OWN = 'an ext4 of its own for each cold row, new, on a loop device'


class Disk:
    """place: the directory that it is mounted on."""

    def __init__(self, work):
        self.place, self.file = os.path.join(work, NAME), os.path.join(work, 'disk.img')
        self.kind, self.mounted = SHARED, False
        os.mkdir(self.place, 0o755)
        if os.getuid() == 0 and shutil.which('mkfs.ext4') and shutil.disk_usage(work).free > SIZE:
            self.fresh()

    def fresh(self):
        """An empty one, if there can be one: mounted says so."""
        self.remove()
        with open(self.file, 'wb') as f:
            f.truncate(SIZE)
        # Nothing of its making is left to a kernel thread that would work while a row is timed.
        make = ['mkfs.ext4', '-q', '-E', 'lazy_itable_init=0,lazy_journal_init=0', self.file]
        self.mounted = all(subprocess.run(command, capture_output=True, check=False).returncode == 0
                           for command in (make, ['mount', '-o', 'loop', self.file, self.place]))
        self.kind = OWN if self.mounted else SHARED

    def remove(self):
        """Lazily: a process that podman leaves has it open, and a new file is another file system."""
        if self.mounted:
            subprocess.run(['umount', '--lazy', self.place], capture_output=True, check=False)
            self.mounted = False
        if os.path.exists(self.file):
            os.unlink(self.file)
