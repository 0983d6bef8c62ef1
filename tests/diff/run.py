#!/usr/bin/env python3
"""Unpack images with sandbox, with umoci and with a model, and compare.  Run it as an ordinary user.

    run.py [--count N] [--seed N] [--keep DIR]     N random sequences of layers, from that seed on
    run.py --show SEED                             the layers that a seed makes, and the tree that they become
    run.py --images FILE...                        these images instead, with umoci and with the model

`sandbox` and `umoci` are found in PATH; without umoci only the model is asked.  Touches a fresh folder of its own.
Says each unexplained difference with the seed that makes it, then which rules of DIFFERENCES.md were used how often.
The last line is `N compared, N unexplained`; the status is 0 where none is.
"""
import argparse
import concurrent.futures
import os
import shutil
import sys
import tempfile

import entry
import images
from compare import expected, explain_refusal, other_order
from generate import Generator
from tools import REFUSED, Outcome, remove, sandbox_unpack, umoci_unpack


def sandbox_case(o, work, image, want, verdict, model):
    have, err = sandbox_unpack(work, image)
    o.events[f'{verdict}: sandbox {"refused" if err else "made a tree"}'] += 1
    if err and (verdict == 'tree' or not err.startswith(REFUSED)):
        o.lines.append('sandbox: ' + err)
    elif verdict == 'refused' and not err:
        o.lines.append('sandbox: took what has to be refused')
    elif verdict == 'tree':
        o.judge('sandbox', want, have, model)


def umoci_case(o, work, want, model):
    have, err = umoci_unpack(work)
    rule = explain_refusal(err, model) if err else None
    if have is not None:
        o.events['sequences in which whiteouts depend on the order for umoci'] += other_order(model) is not None
        o.judge('umoci', want, have, model)
    elif rule:
        o.rules[rule] += 1
    else:
        o.lines.append(f'umoci: {err}; {sorted(model.facts)}')


def random_case(seed, top, keep, with_umoci):
    layers, model, verdict = Generator(seed).sequence()
    o = Outcome()
    work = os.path.join(top, str(seed))
    os.mkdir(work)
    tars = [entry.tar(layer) for layer in layers]
    entry.write_oci(os.path.join(work, 'oci'), tars, compress=seed % 2 == 0)
    image = 'oci'
    if seed % 3 == 0:
        image = 'docker.tar'
        entry.write_docker(os.path.join(work, image), tars)
    want = expected(model) if verdict == 'tree' else None
    sandbox_case(o, work, image, want, verdict, model)
    if with_umoci and verdict == 'tree':
        umoci_case(o, work, want, model)
    if o.lines and keep:
        shutil.copytree(os.path.join(work, 'oci'), os.path.join(keep, str(seed)), dirs_exist_ok=True)
    remove(work)
    o.lines = [f'seed {seed}: {line}' for line in o.lines]
    return o


def show(seed):
    layers, model, verdict = Generator(seed).sequence()
    for n, layer in enumerate(layers, 1):
        print(f'layer {n}')
        for e in layer:
            more = f' -> {e.target}' if e.target else f' {len(e.data)} bytes' if e.kind == 'file' else ''
            print(f'  {e.kind:8} {e.mode:04o} {e.mtime / entry.NS:.9f} {e.name!r}{more} {e.xattrs or ""}')
    print(verdict, sorted(model.facts))
    for path, node in sorted(model.tree().items()):
        print(f'  {node.kind:8} {node.mode:04o} {node.mtime} {path!r} {node.target} #{node.number}')


def main():
    ap = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    ap.add_argument('--count', type=int, default=200)
    ap.add_argument('--seed', type=int, default=1)
    ap.add_argument('--keep', help='a folder for the OCI layouts of what failed')
    ap.add_argument('--show', type=int, metavar='SEED')
    ap.add_argument('--jobs', type=int, default=len(os.sched_getaffinity(0)))
    ap.add_argument('--images', nargs='+', metavar='FILE')
    a = ap.parse_args()
    if a.show is not None:
        show(a.show)
        return 0
    os.umask(0o022)
    with_umoci = shutil.which('umoci') is not None
    total = Outcome()
    top = tempfile.mkdtemp(prefix='diff.')
    count = 0
    try:
        with concurrent.futures.ProcessPoolExecutor(a.jobs) as pool:
            if a.images:
                jobs = [pool.submit(images.case, i, path, top, with_umoci) for i, path in enumerate(a.images)]
            else:
                jobs = [pool.submit(random_case, s, top, a.keep, with_umoci) for s in range(a.seed, a.seed + a.count)]
            for job in jobs:
                o = job.result()
                count += 1
                total.rules += o.rules
                total.events += o.events
                total.lines += o.lines
                for line in o.lines + ['# ' + line for line in o.remarks]:
                    print(line, flush=True)
    finally:
        remove(top)
    for name, n in sorted(total.events.items()):
        print(f'# {n} {name}')
    for name, n in sorted(total.rules.items()):
        print(f'# {n} explained by {name}')
    if not with_umoci:
        print('# umoci is not installed: compared with the model only')
    print(f'{count} compared, {len(total.lines)} unexplained')
    return 1 if total.lines else 0


if __name__ == '__main__':
    sys.exit(main())
