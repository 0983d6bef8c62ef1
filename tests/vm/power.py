"""power: cuts the power of a machine after the first run of an image, and looks at what the next boot finds.

Called by run.py.  Touches the directory that it is given.
"""
import hashlib
import os
import random
import subprocess
import time

from machine import Machine

FILES = 200
# Seconds from the return of the first run, or from the start of one that goes on, to the cut.
AT_ONCE, LATEST = 0, 9


def make_image(host, work):
    """A tarball of some MB in many files, with a shell in it."""
    layer = os.path.join(work, 'layer', 'data')
    os.makedirs(layer)
    for i in range(FILES):
        with open(os.path.join(layer, f'file{i}'), 'wb') as f:
            f.write(hashlib.shake_128(b'%d' % i).digest(1 + i * 911 % 20000))
    place = os.path.join(work, 'disk-content')
    os.mkdir(place)
    pack = os.path.join(os.path.dirname(__file__), '..', '..', 'rootfs-examples', 'pack.py')
    subprocess.run([pack, '--format', 'docker', '--tag', 'big:1', '--cmd', '["true"]', '--rootfs', os.path.join(host.images, 'rootfs.tar'),
                    '--layer', os.path.dirname(layer), os.path.join(place, 'big.tar')], check=True, stdout=subprocess.DEVNULL)
    return place


class PowerCut:
    """Cut after cut, each on a disk of its own."""

    def __init__(self, host, place, initramfs, make_disk):
        self.host, self.place, self.initramfs, self.make_disk = host, place, initramfs, make_disk
        self.content = make_image(host, host.work)
        self.found = {'kept': 0, 'unpacked again': 0}
        self.took = 0.0

    def machine(self, words, disk):
        """A boot on that disk."""
        return Machine(self.host.work, os.path.join(self.place, 'vmlinuz'), self.initramfs, f'modules=overlay disk=yes {words}', [disk])

    def cut(self, number, seconds):
        """The first boot and its end.  Returns the disk, and whether the run had begun."""
        disk = self.make_disk(self.host.work, self.content)
        # Every other time the run goes on, and the cut hits the writing to the disk beside it.
        live = number % 2
        machine = self.machine(f'checks=power-first:user live={live}', disk)
        wanted = 'first run: lives' if live else 'first run: returned'
        begun = False
        for line in machine.lines(seconds):
            if line == wanted:
                begun = True
                break
        if begun and live:
            time.sleep(random.Random(number).uniform(AT_ONCE, LATEST))
        machine.power_cut()
        self.took += machine.took
        return disk, begun

    def check(self, number, seconds, relay):
        """One cut, and the boot after it.  Returns what was wrong, or nothing."""
        disk, begun = self.cut(number, seconds)
        if not begun:
            return 'the first run did not come about'
        machine = self.machine('checks=power-again:user', disk)
        lines = []

        def watched():
            for line in machine.lines(seconds):
                lines.append(line)
                yield line

        wrong = relay(watched())
        machine.power_cut()
        self.took += machine.took
        for key in self.found:
            self.found[key] += f'image: {key}' in lines
        return wrong
