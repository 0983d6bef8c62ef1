"""Random sequences of layers over a small alphabet of names, the same for the same seed.

Used by run.py.  Touches memory only.  Most steps build on what the layers so far have, as the model tells, so that links,
whiteouts and changes of type meet something; the rest aim anywhere.  A layer that asks for what no rule decides, or for a
refusal, is made again, but for a small share of the sequences, which also have to end well.
"""
import copy
import os
import random

from entry import NS, Entry
from model import Model, Refused, Unspecified, clean

NAMES = ['a', 'b', 'c', 'd', 'e e', 'f\udcff']
DIR_MODES = [0o755] * 6 + [0o700, 0o555, 0o000, 0o1777, 0o2755, 0o7777, 0o311, 0o070]
FILE_MODES = [0o644] * 4 + [0o755, 0o600, 0o000, 0o444, 0o4755, 0o2755, 0o6711, 0o1644, 0o007]
TRIES = 60


def plain(name):
    """A name as it is in the tree; nothing where it is in none."""
    try:
        return '/'.join(clean(name))
    except Refused:
        return ''


class Generator:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.model = Model()
        self.odd = self.rng.random() < 0.15     # what umoci cannot do
        self.wild = self.rng.random() < 0.06    # what nobody has to do

    def sequence(self):
        """(layers, model, verdict): verdict is 'tree', or 'refused' or 'unspecified' with no tree to expect."""
        layers = []
        for _ in range(self.rng.choice([1, 2, 2, 3, 3, 4, 5])):
            layer, verdict = self.layer()
            layers.append(layer)
            if verdict != 'tree':
                return layers, self.model, verdict
            if self.rng.random() < 0.04:
                layers.append(layer)  # the same layer twice
                try:
                    self.model.apply(layer)
                except Refused:
                    return layers, self.model, 'refused'
                except Unspecified:
                    return layers, self.model, 'unspecified'
        return layers, self.model, 'tree'

    def layer(self):
        for _ in range(TRIES):
            model = copy.deepcopy(self.model)
            self.entries, self.tree = [], model.tree()
            for _ in range(self.rng.choice([0, 1, 2, 3, 4, 6, 8, 12])):
                self.step()
            if self.rng.random() < 0.15:
                self.rng.shuffle(self.entries)
            verdict = 'tree'
            try:
                model.apply(self.entries)
            except Refused:
                verdict = 'refused'
            except Unspecified:
                verdict = 'unspecified'
            if verdict == 'tree' or self.wild:
                if self.odd or self.wild or not model.facts & {'parent is a file', 'link to a later entry', 'link to itself',
                                                               'link to what the layer hides'}:
                    self.model = model
                    return self.entries, verdict
        return [], 'tree'

    # ---- names

    def parts(self):
        return [self.rng.choice(NAMES) for _ in range(self.rng.choice([1, 1, 2, 2, 3]))]

    def known(self, *kinds):
        """A path that is there, as far as is known: in the tree so far, or among the entries of this layer."""
        found = [p for p, node in self.tree.items() if p and (not kinds or node.kind in kinds)]
        found += [plain(e.name) for e in self.entries if (not kinds or e.kind in kinds) and '.wh.' not in e.name]
        found = [p for p in found if p]
        return self.rng.choice(sorted(found)) if found else None

    def path(self):
        """Where an entry may go: at what is there, in a directory that is there, through a symlink, or anywhere."""
        at = self.rng.random()
        base = self.known() if at < 0.3 else self.known('dir') if at < 0.65 else self.known('symlink') if at < 0.75 else None
        if base and at >= 0.3:
            base += '/' + self.rng.choice(NAMES)
        return base or '/'.join(self.parts())

    def spelled(self, path, is_dir=False):
        r = self.rng.random()
        if r < 0.3:
            path = './' + path
        elif r < 0.36:
            path = '/' + path
        elif r < 0.4:
            path = path.replace('/', '//')
        elif r < 0.43:
            path = 'x/../' + path
        elif r < 0.435 and self.wild:
            path = '../' + path
        return path + '/' if is_dir and self.rng.random() < 0.8 else path

    # ---- entries

    def mtime(self):
        r = self.rng.random()
        seconds = self.rng.choice([0, 1, 1700000000, 10 ** 9]) if r < 0.5 else self.rng.randrange(2 ** 31)
        if r > 0.93:
            seconds = -self.rng.randrange(1, 2 ** 31)
        elif r > 0.9:
            seconds = self.rng.randrange(2 ** 31, 2 ** 33)
        return seconds * NS + self.rng.choice([0, 0, 0, 1, 500000000, 123456789, 999999999])

    def xattrs(self):
        names = ['user.k', 'user.l', 'user.overlay.opaque', 'user.m m']
        count = self.rng.choice([0] * 12 + [1, 1, 2])
        return {name: self.rng.randbytes(self.rng.choice([0, 1, 20])) for name in self.rng.sample(names, count)}

    def owner(self):
        return self.rng.choice([(0, 0)] * 12 + [(1000, 1000), (0, 42), (3000000, 3000000)])

    def add(self, path, kind, **more):
        modes = DIR_MODES if kind == 'dir' else FILE_MODES
        uid, gid = self.owner()
        if kind in ('file', 'dir'):
            more['xattrs'] = self.xattrs()
        self.entries.append(Entry(self.spelled(path, kind == 'dir'), kind, self.rng.choice(modes), self.mtime(), uid=uid,
                                  gid=gid, **more))

    def step(self):
        kind = self.rng.choices(['file', 'dir', 'symlink', 'link', 'whiteout', 'opaque', 'fifo', 'device', 'root', 'again'],
                                [30, 24, 11, 12, 10, 4, 2, 2, 2, 3])[0]
        getattr(self, 'add_' + kind)()

    def add_file(self):
        size = self.rng.choice([0, 1, 5, 100, 511, 512, 513, 3000, 70000] if self.rng.random() < 0.2 else [0, 5, 9])
        self.add(self.path(), 'file', data=self.rng.randbytes(size))

    def add_dir(self):
        self.add(self.path(), 'dir')

    def add_symlink(self):
        known = self.known('dir') or 'a'
        target = self.rng.choice([known, '/' + known, self.rng.choice(NAMES), '../' + known, '/nowhere', '..', '.', '/',
                                  '../../../' + known, self.known('file') or 'b', '/'.join(self.parts()), 'a' * 150])
        self.add(self.path(), 'symlink', target=target)

    def add_link(self):
        target = self.known('file', 'file', 'link', 'symlink', 'fifo', 'char')
        if not target or self.rng.random() < (0.1 if self.odd else 0.02):
            target = self.path()
        self.add(self.path(), 'link', target=self.spelled(target))

    def add_whiteout(self):
        base, name = os.path.split(self.known() or self.path())
        self.add(os.path.join(base, '.wh.' + name), 'file')

    def add_opaque(self):
        self.add(os.path.join(self.known('dir', 'symlink') or 'a', '.wh..wh..opq'), 'file')

    def add_fifo(self):
        self.add(self.path(), 'fifo')

    def add_device(self):
        self.add(self.path(), self.rng.choice(['char', 'block']), dev=(self.rng.randrange(300), self.rng.randrange(300)))

    def add_root(self):
        mode = self.rng.choice([0o755, 0o555, 0o700, 0o1777])
        self.entries.append(Entry('./', 'dir', mode, self.mtime(), xattrs=self.xattrs()))

    def add_again(self):
        """A duplicate of a name, most often as another type."""
        if self.entries:
            path = plain(self.rng.choice(self.entries).name)
            if path and '.wh.' not in path:
                self.add(path, self.rng.choice(['file', 'dir', 'fifo']))
