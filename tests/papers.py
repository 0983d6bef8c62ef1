#!/usr/bin/env python3
"""Runs the command blocks of a paper (README.md, docs/*.md) in the working directory; says TAP without a plan.

    papers.py PAPER FIRST KIND...

FIRST is the number of the first result.  A block is fenced; what stands behind the fence is its kind:

    sh          commands for the user; each must succeed, and sandbox must not report an error or a note
    console     the same with the output: `$ COMMAND`, `> ` for more of it, then what it prints, standard error included;
                `...` stands for anything in a line, and alone in a line for any number of lines; ids, dates and the width of
                blanks may differ
    sh root     as sh, where the reader is root
    sh checkout as sh, in the source tree
    sh ci       what .ci/run does, in the source tree; only compared with that file
    sh vm       as sh, with qemu: tests/vm/userland.py runs it
    console slurm  as console, on a cluster: tests/hpc/mpi.sh runs it

Only the kinds that are named are run.  A kind that nobody knows is a failure, so that no block is left out by mistake.
Python's standard library.
"""
import re
import subprocess
import sys

RUN = {'sh', 'console', 'sh root', 'sh checkout', 'sh ci', 'sh vm', 'console slurm'}
SHOWN = {'', 'text', 'json', 'c'}
MARK = '\x1epapers\x1e'


def blocks(paper):
    """(line, kind, text) of each fenced block."""
    with open(paper, encoding='utf-8') as f:
        lines = f.read().splitlines()
    start = None
    for number, line in enumerate(lines, 1):
        if not line.lstrip().startswith('```'):
            continue
        if start is None:
            start, kind = number, line.strip()[3:]
        else:
            yield start, kind, '\n'.join(lines[start:number - 1]) + '\n'
            start = None


def run(script):
    """Standard output and error as one, and the exit status."""
    done = subprocess.run(['sh', '-c', script], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                          timeout=900)
    return done.stdout.decode(errors='replace').replace('\r', ''), done.returncode


def commands(text):
    """What is wrong with a block of plain commands."""
    said, status = run('set -eu\n' + text)
    if status or re.search(r'^sandbox: ', said, re.M):
        return [f'status {status}', *said.splitlines()]
    return []


def same(text):
    """What differs from run to run, made the same."""
    text = re.sub(r'^srun: job \d+ (queued|has been) .*\n', '', text, flags=re.M)
    text = re.sub(r'\b[0-9a-f]{12}\b', 'ID', text)
    text = re.sub(r'\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ', 'DATE', text)
    return re.sub(r' *\n', '\n', re.sub(r' +', ' ', text))


def in_ci(text):
    """Commands without their comments that .ci/run lacks."""
    with open('.ci/run', encoding='utf-8') as f:
        does = f.read()
    return [command for command in (line.split('#')[0].strip() for line in text.splitlines()) if command not in does]


def pattern(expected):
    """A regular expression of the whole output."""
    parts = []
    for line in expected:
        if line.strip() == '...':
            parts.append(r'(?:.*\n)*?')
        else:
            parts.append(r'.*'.join(re.escape(part) for part in same(line + '\n')[:-1].split('...')) + r'\n')
    return re.compile(''.join(parts) + r'\Z')


def session(text):
    """What is wrong with a session; all of its commands go to one shell."""
    parts = []
    for line in text.splitlines():
        if line.startswith('$ '):
            parts.append([line[2:], []])
        elif f'{line} '.startswith('> ') and parts and not parts[-1][1]:
            parts[-1][0] += '\n' + line[2:]
        else:
            parts[-1][1].append(line)
    script = ''.join(f'{command}\n(s=$?; printf "%s\\n" "{MARK}"; exit $s)\n' for command, _ in parts)
    said, _ = run(script)
    outputs = said.split(MARK + '\n')
    wrong = []
    for (command, expected), output in zip(parts, outputs):
        if output and not output.endswith('\n'):
            output += '\n'
        if not pattern(expected).match(same(output)):
            wrong += [f'$ {command}', *output.splitlines(), 'where the paper has', *expected]
    if len(outputs) != len(parts) + 1:
        wrong.append('the session ended early')
    return wrong


def main():
    """Each block as a result."""
    paper, number, kinds = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    name = re.sub(r'.*?((docs/)?[^/]*)$', r'\1', paper)
    for line, kind, text in blocks(paper):
        if kind in RUN and kind not in kinds or kind in SHOWN:
            continue
        if kind not in RUN:
            wrong = [f'no such kind of block: {kind}']
        else:
            wrong = {'console': session, 'console slurm': session, 'sh ci': in_ci}.get(kind, commands)(text)
        first = next((word for word in text.splitlines() if 'sandbox' in word), text.splitlines()[0])
        print(f'{"not ok" if wrong else "ok"} {number} - {name}:{line}: {first.replace("#", "")}')
        for detail in wrong:
            print(f'# {detail}')
        sys.stdout.flush()
        number += 1


if __name__ == '__main__':
    main()
