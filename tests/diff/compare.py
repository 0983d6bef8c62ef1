"""What a tree on the disk is, what a model says it is, and how the two differ; the rules that explain a difference.

Used by run.py.  Reads trees; opens up directories and files that their owner may not read, after it has noted their modes.
Every rule is told in DIFFERENCES.md, under its name.
"""
import hashlib
import os
import stat

NS = 10 ** 9
KINDS = {stat.S_IFDIR: 'dir', stat.S_IFREG: 'file', stat.S_IFLNK: 'symlink', stat.S_IFIFO: 'fifo', stat.S_IFSOCK: 'socket',
         stat.S_IFCHR: 'char', stat.S_IFBLK: 'block'}


def user_xattrs(path):
    return {name: os.getxattr(path, name, follow_symlinks=False) for name in os.listxattr(path, follow_symlinks=False)
            if name.startswith('user.')}


def snapshot(tree):
    """{path: {field: value}} of all that is in a tree; the root is ''."""
    found, inodes = {}, {}

    def visit(path):
        full = os.path.join(tree, path) if path else tree
        s = os.lstat(full)
        # A file of several names is described when it is first met, and opened up after that.
        r = inodes.get(s.st_ino) if not stat.S_ISDIR(s.st_mode) else None
        if r is None:
            r = describe(full, s)
            inodes[s.st_ino] = r
        r['names'].append(path)
        found[path] = r
        if r['type'] == 'dir':
            for name in os.listdir(full):
                visit(f'{path}/{name}' if path else name)

    visit('')
    return finish(found)


def describe(full, s):
    kind = KINDS[stat.S_IFMT(s.st_mode)]
    r = {'type': kind, 'mtime': s.st_mtime_ns, 'names': [], 'xattrs': {}}
    if kind == 'symlink':
        r['target'] = os.readlink(full)
        return r
    r['mode'] = stat.S_IMODE(s.st_mode)
    if kind in ('dir', 'file'):
        needed = 0o700 if kind == 'dir' else 0o600
        if r['mode'] & needed != needed:
            os.chmod(full, r['mode'] | needed)
        r['xattrs'] = user_xattrs(full)
    if kind == 'file':
        with open(full, 'rb') as f:
            r['content'] = hashlib.file_digest(f, 'sha256').hexdigest()
        r['size'] = s.st_size
    return r


def finish(found):
    """Hard links: each record says which names it has, where it has several."""
    for r in found.values():
        r['names'] = sorted(r['names'])
        r['links'] = tuple(r['names']) if len(r['names']) > 1 and r['type'] != 'dir' else ()
    return found


def expected(model):
    """The same, of a model.  What nobody can know is None: the time of a directory that no layer lists."""
    found, records = {}, {}
    for path, node in model.tree().items():
        r = records.get(node.number)
        if r is None:
            kind = 'file' if node.kind in ('char', 'block') else node.kind
            r = {'type': kind, 'mtime': node.mtime, 'names': [], 'xattrs': {}, 'node': node}
            if kind == 'symlink':
                r['target'] = node.target
            else:
                r['mode'] = node.mode
            if kind in ('dir', 'file'):
                r['xattrs'] = {k: v for k, v in node.xattrs.items() if k.startswith('user.') and not k.startswith('user.overlay.')}
            if kind == 'file':
                data = b'' if node.kind != 'file' else node.data
                r['size'], r['content'] = len(data), hashlib.sha256(data).hexdigest()
            records[node.number] = r
        r['names'].append(path)
        found[path] = r
    return finish(found)


FIELDS = ('type', 'mode', 'size', 'content', 'target', 'links', 'mtime', 'xattrs')


def differences(want, have):
    """(path, field, wanted, got) for all that differs; a path that only one has is the field `path`."""
    for path in sorted(want.keys() | have.keys()):
        if path not in have or path not in want:
            yield path, 'path', path in want, path in have
            continue
        w, h = want[path], have[path]
        if w['type'] != h['type']:
            yield path, 'type', w['type'], h['type']
            continue
        for field in FIELDS[1:]:
            if field == 'mtime' and w['mtime'] is None:
                continue
            if w.get(field) != h.get(field):
                yield path, field, w.get(field), h.get(field)


# ---- rules: each says for one difference of one tool whether it explains it; see DIFFERENCES.md

def negative_fraction(tool, d, want, facts):
    """sandbox-second-before-1970"""
    return tool == 'sandbox' and d[1] == 'mtime' and -NS < d[2] < 0 and d[3] == -d[2]


def implicit_child(tool, d, want, facts):
    """umoci-implicit-child"""
    return tool == 'umoci' and d[1] == 'mtime' and want['type'] == 'dir' and 'implicit child' in want['node'].notes


def umoci_xattrs(tool, d, want, facts):
    """umoci-xattrs"""
    if tool != 'umoci' or d[1] != 'xattrs':
        return False
    # What it cannot have set: an empty value, which is a deletion in pax, and anything on a file that cannot be written.
    may_miss = {k for k, v in d[2].items() if not v or not want['mode'] & 0o200}
    may_add = {k for k in d[3] if k.startswith('user.overlay.') or k == 'user.rootlesscontainers' and want['node'].owned}
    return all(d[3].get(k) == d[2].get(k) for k in (d[2].keys() - may_miss) | (d[3].keys() - may_add))


def kept_directory(tool, d, want, facts):
    """umoci-kept-directory"""
    return (tool == 'umoci' and d[1] in ('mode', 'xattrs') and 'whiteout after an entry' in facts and
            want['type'] == 'dir' and 'implicit' in want['node'].notes)


def rootfs_mode(tool, d, want, facts):
    """umoci-root"""
    return tool == 'umoci' and d[0] == '' and d[1] == 'mode' and 'implicit' in want['node'].notes


RULES = [negative_fraction, implicit_child, umoci_xattrs, kept_directory, rootfs_mode]

# What umoci cannot do: (name, fact, text of its message)
UMOCI_REFUSES = [
    ('umoci-parent-is-a-file', 'parent is a file', 'not a directory'),
    ('umoci-link-order', 'link to a later entry', 'no such file or directory'),
    ('umoci-link-hidden', 'link to what the layer hides', 'no such file or directory'),
    ('umoci-link-to-itself', 'link to itself', 'no such file or directory'),
    ('umoci-link-order', 'link to what it replaces', 'no such file or directory'),
    ('umoci-whiteout-order', 'whiteout after an entry', 'not a directory'),
    ('umoci-unreadable-xattrs', 'xattrs of an unreadable directory', 'get xattr: unpriv.lgetxattr: permission denied'),
    ('umoci-symlink-loop', 'symlink loop', 'sanitise symlinks in root'),
]


# Where umoci makes another tree: (name, fact)
UMOCI_ORDER = [
    ('umoci-whiteout-order', 'whiteout of a symlink after an entry below'),
]


def explain(tool, d, want, facts):
    """The name of the rule that explains a difference, or None."""
    for name, fact in UMOCI_ORDER:
        if tool == 'umoci' and fact in facts:
            return name
    for rule in RULES:
        if (d[1] != 'path' or not want) and rule(tool, d, want.get(d[0]), facts):
            return rule.__doc__
    return None


def explain_refusal(message, facts):
    for name, fact, text in UMOCI_REFUSES:
        if fact in facts and text in message:
            return name
    return None
