"""The layer rules of the image-spec, applied to dictionaries: what a sequence of layers has to become.

Used by generate.py and run.py.  Touches memory only.  Written from the spec, not from what sandbox does:
a layer's whiteouts are carried out first, on what lower layers left; then its entries follow in the order of the tar.
`layer.md` in comments is the image-spec's file of that name.

Where the spec is silent and tools rightly differ, Unspecified is raised: no answer is asked for.  Refused: it has to be refused.
`facts` collects what is odd about a sequence; compare.py explains differences of umoci by them.
"""
import itertools

LINKS_MAX = 40  # symlinks in one look-up, as the kernel


class Refused(Exception):
    pass


class Unspecified(Exception):
    pass


class Node:
    """A directory has children; anything else may stand under several names, as a file with hard links does."""
    numbers = itertools.count()

    def __init__(self, kind, mode=0o755, mtime=None, data=b'', target='', xattrs=None, owned=False, born=0):
        self.kind, self.mode, self.mtime, self.data, self.target = kind, mode, mtime, data, target
        self.xattrs = dict(xattrs or {})
        self.children = {} if kind == 'dir' else None
        self.owned = owned      # the entry has an owner other than root
        self.born = born        # the layer that made it
        self.notes = set()
        self.number = next(self.numbers)


def clean(name):
    """Lexically, as a name in a tar is taken: './a//b/../c' is a/c."""
    parts = []
    for part in name.split('/'):
        if part == '..':
            if not parts:
                raise Refused('leaves the root: ' + name)
            parts.pop()
        elif part not in ('', '.'):
            parts.append(part)
    return parts


class Model:
    def __init__(self):
        self.root = Node('dir')
        self.layer = 0
        self.facts = set()

    # ---- looking up

    def walk(self, root, parts, make):
        """The directory at parts, through symlinks, never out of the root; None where there is none and make is not set."""
        stack, todo, links, via_link = [root], list(parts), 0, False
        while todo:
            part = todo.pop(0)
            if part == '..':
                stack = stack[:-1] or [root]
                continue
            here = stack[-1]
            node = here.children.get(part)
            if node is None or node.kind not in ('dir', 'symlink'):
                if not make:
                    return None
                if node is not None and via_link:
                    raise Unspecified('a parent that is a symlink to what is no directory')
                if node is not None:
                    self.facts.add('parent is a file')
                here.notes.add('implicit child')
                made = Node('dir', born=self.layer)
                made.notes.add('implicit')
                self.put(here, part, made, tuple(self.text[:max(len(self.text) - len(todo) - 1, 0)]))
                node = made
            elif node.kind == 'symlink':
                links += 1
                if links > LINKS_MAX:
                    self.facts.add('symlink loop')
                    if make:
                        raise Unspecified('a parent that is a loop of symlinks')
                    return None
                if make:
                    text = tuple(self.text[:max(len(self.text) - len(todo) - 1, 0)])
                    self.follow(here, part, node, None if via_link else text)
                via_link = True
                if node.target.startswith('/'):
                    stack = [root]
                todo[:0] = [p for p in node.target.split('/') if p not in ('', '.')]
                continue
            stack.append(node)
        return stack[-1]

    def follow(self, here, name, link, text):
        if link.born < self.layer and (here.number, name) in self.written:
            raise Unspecified('an entry below a hard link to a symlink of a lower layer')
        if link.born < self.layer:
            self.followed.add((here.number, name))
        elif text and self.written.get((here.number, name), text) != text:
            raise Unspecified('an entry below a symlink of its own layer that was put there by another name')
        else:
            self.facts.add('parent is a symlink of the same layer')
            if '..' in link.target.split('/'):
                raise Unspecified('an entry below a symlink of its own layer whose target has ..')

    # ---- changing

    def put(self, here, name, node, text):
        """layer.md: remove the file path, recreate it."""
        if (here.number, name) in self.followed:
            raise Unspecified('a layer that replaces a symlink through which it has put something')
        if name in here.children:
            self.check_names(here, name, here.children[name], text)
        here.children[name] = node
        self.written[here.number, name] = text

    def check_names(self, here, name, node, text):
        """layer.md: a layer MUST NOT have two entries for one path.  Under one name the last wins; under two it is open."""
        if self.written.get((here.number, name), text)[:len(text)] != text:
            raise Unspecified('two entries of a layer that meet through a symlink')
        if node.children:
            for child in node.children:
                if (node.number, child) in self.followed:
                    raise Unspecified('a layer that replaces a symlink through which it has put something')
                self.check_names(node, child, node.children[child], text)

    def copy_dirs(self, node):
        if node.kind != 'dir':
            return node
        twin = Node('dir')
        twin.children = {name: self.copy_dirs(child) for name, child in node.children.items()}
        return twin

    def apply(self, entries):
        self.layer += 1
        self.written, self.listed, self.followed, self.waiting = {}, {}, set(), []
        self.lower = self.copy_dirs(self.root)
        parsed = [(clean(e.name), e) for e in entries]
        own = {tuple(p) for p, _ in parsed if not p or not p[-1].startswith('.wh.')}
        landed = {i: self.whiteout(p, own) for i, (p, _) in enumerate(parsed) if p and p[-1].startswith('.wh.')}
        for i, (parts, e) in enumerate(parsed):
            if i in landed:
                self.compare_landing(parts, *landed[i])
            else:
                self.text = parts
                try:
                    self.entry(parts, e)
                except Refused:
                    if e.kind == 'link' and any(p[:len(parts)] == parts for p, _ in parsed[i + 1:]):
                        raise Unspecified('a hard link that cannot be, whose name a later entry takes') from None
                    raise
        self.link_to_later()
        # What AUFS kept for itself in the root of a layer.
        for name in [name for name in self.root.children if name.startswith('.wh..wh.')]:
            del self.root.children[name]

    def whiteout(self, parts, own):
        """layer.md: Whiteout files MUST only apply to resources in lower/parent layers, regardless of the ordering.

        Returns (the directory that the marker is for, or None; what it hid there).
        """
        *folder, name = parts
        hidden = name[len('.wh.'):]
        if hidden in ('', '.', '..'):
            raise Refused('whiteout with an invalid target')
        for n in range(1, len(folder) + 1):
            if tuple(folder[:n]) in own and self.is_link(folder[:n]):
                # The layer has another thing under this name: what the symlink led to is not hidden by it.
                return None, {}
        here = self.walk(self.root, folder, False)
        if here is None:
            return None, {}
        names = list(here.children) if hidden == '.wh..opq' else [hidden] if hidden in here.children else []
        return here, {child: here.children.pop(child) for child in names}

    def compare_landing(self, parts, here, gone):
        """Would a tool that carries out markers in the order of the tar hide something else by this one?"""
        for child, node in gone.items():
            if child in here.children:
                self.facts.add('whiteout after an entry')
                self.note_late(here.children[child])
                if self.has_symlink(node):
                    self.facts.add('whiteout of a symlink after an entry below')
        now = self.walk(self.root, parts[:-1], False)
        if now is here:
            return
        hidden = parts[-1][len('.wh.'):]
        there = [] if now is None else [c for n, c in now.children.items() if hidden in ('.wh..opq', n)]
        if gone or any(map(self.has_lower, there)):
            self.facts.add('whiteout that lands elsewhere in the order of the tar')

    def note_late(self, node):
        node.notes.add('late')
        for child in (node.children or {}).values():
            self.note_late(child)

    def has_lower(self, node):
        return node.born < self.layer or any(map(self.has_lower, (node.children or {}).values()))

    def has_symlink(self, node):
        return node.kind == 'symlink' or any(map(self.has_symlink, (node.children or {}).values()))

    def is_link(self, parts):
        here = self.walk(self.root, parts[:-1], False)
        node = here and here.children.get(parts[-1])
        return node is not None and node.kind == 'symlink'

    def entry(self, parts, e):
        if not parts:
            if e.kind != 'dir':
                raise Refused('the root can only be a directory')
            self.attributes(self.root, e)
            return
        here = self.walk(self.root, parts[:-1], True)
        name, old = parts[-1], here.children.get(parts[-1])
        if e.kind == 'link':
            self.link(here, parts, e)
        elif e.kind == 'dir':
            # layer.md: if both are directories, the existing path's attributes MUST be replaced.
            if old is None or old.kind != 'dir':
                self.put(here, name, Node('dir', born=self.layer), tuple(parts))
            node = here.children[name]
            if self.listed.setdefault(node.number, parts) != parts:
                raise Unspecified('two entries of a layer for a directory, by two names')
            self.attributes(node, e)
            self.written[here.number, name] = tuple(parts)
        else:
            self.put(here, name, Node(e.kind, e.mode, e.mtime, e.data, e.target, e.xattrs, bool(e.uid or e.gid), self.layer),
                     tuple(parts))

    def attributes(self, node, e):
        had = node.xattrs or node.owned
        node.mode, node.mtime, node.xattrs = e.mode, e.mtime, dict(e.xattrs)
        node.owned = bool(e.uid or e.gid)
        node.notes.clear()
        if (had or e.xattrs or node.owned) and not e.mode & 0o400:
            self.facts.add('xattrs of an unreadable directory')

    # ---- hard links

    def find(self, root, parts):
        if not parts:
            raise Refused('hard link to the root')
        here = self.walk(root, parts[:-1], False)
        node = here and here.children.get(parts[-1])
        if node is not None and node.kind == 'dir' and node.born == self.layer and 'implicit' in node.notes:
            raise Unspecified('a hard link to a directory that its layer does not list')
        if node is not None and node.kind == 'dir':
            raise Refused('hard link to a directory')
        if node is not None and self.written.get((here.number, parts[-1]), tuple(parts)) != tuple(parts):
            raise Unspecified('a hard link to an entry of its own layer by another name')
        return node

    def link(self, here, parts, e):
        target = clean(e.target)
        if target[:len(parts)] == parts and target != parts:
            self.facts.add('link to what it replaces')
        node = self.find(self.root, target)
        if target == parts:
            self.facts.add('link to itself')
            if node is not None:
                return
        if node is not None and here.children.get(parts[-1]) is node:
            self.facts.add('link to itself')
        # A link to a link that waits leads where that one does.
        follow = next((t for _, p, t in reversed(self.waiting) if p == target), None) if node is None else None
        if follow and target == parts:
            return
        if node is None and not follow:
            node = self.find(self.lower, target)
            if node is not None:
                self.facts.add('link to what the layer hides')
        if node is None:
            self.facts.add('link to a later entry')
            target = follow or target
            self.waiting.append((here, parts, target))
            if parts[-1] in here.children:
                self.check_names(here, parts[-1], here.children[parts[-1]], tuple(parts))
                del here.children[parts[-1]]
            return
        self.put(here, parts[-1], node, tuple(parts))

    def link_to_later(self):
        before = -1
        while self.waiting and len(self.waiting) != before:
            before, waiting, self.waiting = len(self.waiting), self.waiting, []
            for here, parts, target in waiting:
                if parts[-1] in here.children or self.walk(self.root, parts[:-1], False) is not here:
                    continue  # a later entry has the name
                node = self.find(self.root, target)
                if node is None:
                    self.waiting.append((here, parts, target))
                else:
                    self.put(here, parts[-1], node, tuple(parts))
        if self.waiting:
            raise Refused('hard link to a missing file')

    # ---- the result

    def tree(self):
        """Every path with its node; the root is ''."""
        found = {}

        def visit(path, node):
            found[path] = node
            for name, child in (node.children or {}).items():
                visit(f'{path}/{name}' if path else name, child)

        visit('', self.root)
        return found
