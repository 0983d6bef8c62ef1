"""initramfs: the archive that a kernel unpacks into its first root (the newc format of cpio(5)).

Called by run.py.  Reads files of this machine; everything in the archive belongs to root.
"""
import os
import re
import stat
import subprocess


class Archive:
    """Members are added one by one, the directories above each by themselves."""

    def __init__(self):
        self.parts = []
        self.names = set()

    def _member(self, name, mode, data=b'', rdev=(0, 0)):
        name = name.strip('/')
        if name in self.names:
            return
        if os.path.dirname(name):
            self._member(os.path.dirname(name), stat.S_IFDIR | 0o755)
        self.names.add(name)
        self.parts.append(self._pack(name, mode, data, rdev, len(self.names)))

    @staticmethod
    def _pack(name, mode, data, rdev, inode):
        text = name.encode() + b'\0'
        numbers = (inode, mode, 0, 0, 1, 0, len(data), 0, 0, *rdev, len(text), 0)
        head = b'070701' + b''.join(b'%08x' % n for n in numbers) + text
        return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)

    def directory(self, name, mode=0o755):
        """An empty directory, or the mode of one."""
        self._member(name, stat.S_IFDIR | mode)

    def device(self, name, mode, major, minor):
        """A character device."""
        self._member(name, stat.S_IFCHR | mode, rdev=(major, minor))

    def link(self, name, target):
        """A symbolic link."""
        self._member(name, stat.S_IFLNK | 0o777, target.encode())

    def data(self, name, data, mode=0o644):
        """A file of these bytes."""
        self._member(name, stat.S_IFREG | mode, data)

    def file(self, name, path):
        """A file of this machine."""
        with open(path, 'rb') as f:
            self.data(name, f.read(), 0o755 if os.access(path, os.X_OK) else 0o644)

    def tree(self, name, path):
        """A directory of this machine with all below it."""
        for top, dirs, files in os.walk(path):
            dirs[:] = sorted(d for d in dirs if d != '__pycache__')
            for entry in sorted(files):
                full = os.path.join(top, entry)
                self.file(os.path.join(name, os.path.relpath(full, path)), full)

    def program(self, path):
        """A program of this machine with the libraries that it is linked to."""
        listed = subprocess.run(['ldd', path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
        for library in re.findall(r'(/\S+) \(0x', listed.stdout):
            self.file(library, library)
        self.file(path, path)

    def write(self, path):
        """The whole archive."""
        with open(path, 'wb') as f:
            f.write(b''.join(self.parts) + self._pack('TRAILER!!!', 0, b'', (0, 0), 0))
