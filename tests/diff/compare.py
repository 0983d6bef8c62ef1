"""What a tree on the disk is, what a model says it is, and how the two differ; the rules that explain a difference.

Used by run.py.  Reads trees; opens up directories and files that their owner may not read, after it has noted their modes.
Every rule is told in DIFFERENCES.md, under its name.
"""
import hashlib
import os
import stat

NS = 10 ** 9
SIZE_MAX = 1 << 28  # of a file whose content is looked at; what is larger, in test images, is all holes
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
        r['size'] = s.st_size
        if s.st_size > SIZE_MAX:
            return r
        with open(full, 'rb') as f:
            r['content'] = hashlib.file_digest(f, 'sha256').hexdigest()
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
                r['xattrs'] = {k: v for k, v in node.xattrs.items()
                               if k.startswith('user.') and not k.startswith('user.overlay.')}
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


# ---- rules: each says for one difference of one tool whether it explains it; DIFFERENCES.md tells them under these names

def sandbox_second_before_1970(d, node, model):
    return d[1] == 'mtime' and -NS < d[2] < 0 and d[3] == -d[2]


def sandbox_acl_mask(d, node, model):
    return d[1] == 'mode' and 'access control lists' in model.facts and (d[2] ^ d[3]) & ~0o070 == 0


def umoci_implicit_child(d, node, model):
    return d[1] == 'mtime' and 'implicit child' in node.notes


def umoci_implicit_setgid(d, node, model):
    return d[1] == 'mode' and d[3] == d[2] | 0o2000 and 'implicit' in node.notes


def umoci_xattrs(d, node, model):
    if d[1] != 'xattrs':
        return False
    # It sets the mode first: of a directory that cannot be written it can take nothing away either.
    if node.kind == 'dir' and not node.mode & 0o200:
        return True
    # What it cannot have set: an empty value, which is a deletion in pax, and anything on a file that cannot be written.
    may_miss = {k for k, v in d[2].items() if not v or not node.mode & 0o200 or 'xattrs in the way of libarchive' in model.facts}
    may_add = {k for k in d[3] if k.startswith('user.overlay.') or k == 'user.rootlesscontainers' and node.owned}
    return all(d[3].get(k) == d[2].get(k) for k in (d[2].keys() - may_miss) | (d[3].keys() - may_add))


def umoci_whiteout_order(d, node, model):
    """A directory that umoci kept: with its old attributes where the layer does not list it, with another time where it does."""
    return (node.kind == 'dir' and 'late' in node.notes and
            (d[1] == 'mtime' or d[1] in ('mode', 'xattrs') and 'implicit' in node.notes))


RULES = {
    'sandbox': [sandbox_second_before_1970, sandbox_acl_mask],
    'umoci': [umoci_implicit_child, umoci_implicit_setgid, umoci_xattrs, umoci_whiteout_order],
}

# What umoci refuses: (name, fact about the layers, text of its message)
UMOCI_REFUSES = [
    ('umoci_parent_is_a_file', 'parent is a file', 'not a directory'),
    ('umoci_link_order', 'link to a later entry', 'no such file or directory'),
    ('umoci_link_order', 'link to what it replaces', 'no such file or directory'),
    ('umoci_link_hidden', 'link to what the layer hides', 'no such file or directory'),
    ('umoci_link_hidden', 'link to what the layer hides', 'not a directory'),
    ('umoci_link_to_itself', 'link to itself', 'no such file or directory'),
    ('umoci_whiteout_order', 'whiteout after an entry', 'not a directory'),
    ('umoci_whiteout_order', 'whiteout after an entry', 'too many levels of symbolic links'),
    ('umoci_whiteout_order', 'whiteout after an entry', 'get xattr: unpriv.lgetxattr: permission denied'),
    ('umoci_unreadable_xattrs', 'xattrs of an unreadable directory', 'get xattr: unpriv.lgetxattr: permission denied'),
    ('umoci_symlink_loop', 'symlink loop', 'sanitise symlinks in root'),
]

# Where umoci makes another tree, which is not looked at: (name, fact)
UMOCI_ORDER = [
    ('umoci_whiteout_order', 'whiteout of a symlink after an entry below'),
    ('umoci_whiteout_order', 'whiteout that lands elsewhere in the order of the tar'),
]


def other_order(model):
    return next((name for name, fact in UMOCI_ORDER if fact in model.facts), None)


def explain(tool, d, want, model):
    """The name of the rule that explains a difference, or None."""
    if tool == 'umoci' and other_order(model):
        return other_order(model)
    for rule in RULES[tool] if d[0] in want else []:
        if rule(d, want[d[0]]['node'], model):
            return rule.__name__
    return None


def explain_refusal(message, model):
    for name, fact, text in UMOCI_REFUSES:
        if fact in model.facts and text in message:
            return name
    return other_order(model)
