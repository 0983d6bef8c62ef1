"""The tools, and what came of one image.

Used by run.py and images.py.  Runs sandbox and umoci in a folder that the caller made.
"""
import collections
import os
import shutil
import subprocess

from compare import differences, explain, snapshot

TIMEOUT = 100  # seconds, of one command
REFUSED = 'refused: '


def run(argv, cwd):
    p = subprocess.run(argv, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT, check=False)
    return p.returncode, p.stderr.decode('utf-8', 'backslashreplace').strip()


def remove(tree):
    subprocess.run(['chmod', '-R', 'u+rwX', tree], stderr=subprocess.DEVNULL, check=False)
    shutil.rmtree(tree, ignore_errors=True)


class Outcome:
    """What came of one image: lines that nobody explains, rules that explained something, what happened."""

    def __init__(self):
        self.lines, self.remarks, self.rules, self.events = [], [], collections.Counter(), collections.Counter()

    def judge(self, tool, want, have, model):
        self.events['trees of ' + tool] += 1
        for d in differences(want, have):
            rule = explain(tool, d, want, model)
            if rule:
                self.rules[rule] += 1
            else:
                self.lines.append(f'{tool}: {d[0] or "."}: {d[1]}: wanted {shown(d[1], d[2])}, got {shown(d[1], d[3])}')


def shown(field, value):
    return oct(value) if field == 'mode' else repr(value)


def sandbox_unpack(work, image, *options):
    """(what is in the tree, '') or (None, message)."""
    rc, err = run(['sandbox', '--store', 'store', 'unpack', *options, image, 'tree'], work)
    lines = err.splitlines()
    if rc == 0:
        return snapshot(os.path.join(work, 'tree')), ''
    if rc != 125 or not lines or not lines[0].startswith('sandbox: ') or len(lines) > 2:
        return None, f'ended with {rc}: {err}'
    if os.path.lexists(os.path.join(work, 'tree')):
        return None, 'left a tree behind: ' + err
    return None, REFUSED + err


def umoci_unpack(work):
    rc, err = run(['umoci', '--log=error', 'unpack', '--rootless', '--image', 'oci:latest', 'bundle'], work)
    return (snapshot(os.path.join(work, 'bundle', 'rootfs')), '') if rc == 0 else (None, err or f'ended with {rc}')
