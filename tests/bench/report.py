"""report: what came of a run, as a line, as a table in Markdown, and held against what issue 5 asks for.

Used by bench.py.  Touches nothing but /proc and the results it is given.
"""
import os
import statistics
import subprocess
import time

import tools

MIB = 1024  # in KiB
TITLES = {
    'warm': ('Warm start of `/bin/true`', 'ms',
             'From spawn to exit, image in the store (sandbox, podman) or unpacked already (all others).'),
    'together': ('64 at once', 's', '64 are started one right after the other, until the last has ended.'),
    'in-a-row': ('1,000 in a row', 's', 'Where fewer were run, the time is scaled to 1,000.'),
    'waiting': ('Memory of what waits', 'MiB',
                'Proportional set sizes while `/bin/sleep` runs inside: the started processes alone; with all their helpers, '
                'but not the sleep; with everything.'),
    'cold-plain': ('Cold, `docker save` with one plain layer', 's', ''),
    'cold-gzip': ('Cold, gzip layers', 's', ''),
    'cold-zstd': ('Cold, zstd layers', 's', ''),
    'small': ('200,000 small files, one plain layer', 's', ''),
}
COLD = ('cold-plain', 'cold-gzip', 'cold-zstd', 'small')


def values(result):
    """Of each repetition: seconds to the first output where there is one, else to exit; for 1,000 where there were several."""
    scale = 1000 / result.row.times if result.row.times > 1 else 1
    return [(sample.first or sample.seconds) * scale for sample in result.samples]


def median(result):
    return statistics.median(values(result)) if result and not result.error and result.samples else None


def number(value, unit='s'):
    if value is None:
        return '–'
    value *= 1000 if unit == 'ms' else 1
    return f'{value:.2f}' if value < 10 else f'{value:.1f}' if value < 100 else f'{value:,.0f}'


def spread(result, unit):
    """Least and most, and the quartiles where there are enough for them."""
    found = sorted(values(result))
    text = f'{number(found[0], unit)} to {number(found[-1], unit)}'
    if len(found) < 4:
        return text
    low, _, high = statistics.quantiles(found, n=4)
    return f'{text} [{number(low, unit)}, {number(high, unit)}]'


def ratio(value, base):
    return f'{value / base:.2f}' if value and base else '–'


def line(result):
    """For whoever watches."""
    unit = TITLES[result.row.section][1]
    if result.error:
        return f'{result.row.name}: {result.error}'
    left = f'; LEFT BEHIND: {result.left}' if result.left else ''
    if result.memory:
        return f'{result.row.name}: {", ".join(number(kib / MIB) for kib in result.memory)} MiB'
    if not result.samples:
        return f'{result.row.name}: not measured in this run{left}'
    peak = f', peak {number(result.peak / MIB)} MiB' if result.row.section in COLD else ''
    return f'{result.row.name}: {number(median(result), unit)} {unit}, {spread(result, unit)}, n={len(result.samples)}{peak}{left}'


def find(results, section, name):
    return next((result for result in results.get(section, []) if result.row.name == name), None)


# ---- tables ----

def base_of(results):
    return next((result for result in results if result.row.name.startswith('floor') and 'namespaces' not in result.row.name), None)


def table(head, rows):
    return '\n'.join('| ' + ' | '.join(row) + ' |' for row in [head, ['---'] + ['---:'] * (len(head) - 1), *rows]) + '\n'


def start_table(section, results):
    unit = TITLES[section][1]
    floor = median(base_of(results))
    ours = median(next((r for r in results if r.row.name == 'sandbox'), None))
    rows = []
    for r in results:
        if r.error or not r.samples:
            rows.append([r.row.name, r.error or 'not measured', '', '', '', ''])
            continue
        count = f'{len(r.samples)}' if r.row.times == 1 else f'{len(r.samples)} × {r.row.times:,}'
        rows.append([r.row.name, number(median(r), unit), ratio(median(r), floor), ratio(median(r), ours), spread(r, unit), count])
    return table(['', unit, '× floor', '× sandbox', 'least to most [quartiles]', 'runs'], rows)


def cold_table(results, about):
    floor = median(base_of(results))
    ours = median(next((r for r in results if r.row.name == 'sandbox run'), None))
    rows = []
    for r in results:
        if r.error or not r.samples:
            rows.append([r.row.name, r.error or 'not measured in this run', *[''] * 8])
            continue
        seconds = median(r)
        to_exit = statistics.median(s.seconds for s in r.samples)
        files = number(about['entries'] / seconds) if 'alone' not in r.row.name else '–'
        rows.append([r.row.name, number(seconds), number(to_exit), ratio(seconds, floor), ratio(seconds, ours), spread(r, 's'),
                     number(about['bytes'] / 1e6 / seconds), files, number(r.peak / MIB), str(len(r.samples))])
    return table(['', 's', 's to exit', '× tar', '× sandbox', 'least to most [quartiles]', 'MB/s', 'files/s', 'peak MiB', 'runs'], rows)


def waiting_table(results):
    rows = []
    for r in results:
        if r.error or not r.memory:
            rows.append([r.row.name, r.error or 'not measured', '', ''])
        else:
            rows.append([r.row.name, *(number(kib / MIB) for kib in r.memory)])
    return table(['', 'started', 'with helpers', 'everything'], rows)


def section_text(section, results, images):
    title, _, note = TITLES[section]
    if section in COLD:
        about = images.about('small' if section == 'small' else 'debian')
        note = f'{about["entries"]:,} entries, {about["bytes"] / 1e6:,.0f} MB of files. '
        note += '' if section == 'small' else 'To the first output of `echo` inside, where something is run; else to exit. '
        body = cold_table(results, about)
    elif section == 'waiting':
        body = waiting_table(results)
    else:
        body = start_table(section, results)
    left = [f'{r.row.name} left behind: {r.left}' for r in results if r.left]
    ours = [r for r in results if r.row.leaves and r.samples]
    after = f'\nLeft behind by sandbox (processes, mounts, files in the store): {"; ".join(left) or "nothing"}.\n' if ours else ''
    return f'## {title}\n\n{note}\n\n{body}{after}'


# ---- what is asked for ----

class Target:
    """One demand, and whether this run meets it (None: it was not measured)."""

    def __init__(self, text, value, limit, at_most=True, unit='×'):
        self.text, self.value, self.limit, self.unit = text, value, limit, unit
        self.met = None if value is None else value <= limit if at_most else value >= limit

    def verdict(self):
        return {None: 'not measured', True: 'met', False: 'MISSED'}[self.met]

    def measured(self):
        return '–' if self.value is None else f'{self.value:.2f} {self.unit}'


def over(a, b):
    return a / b if a and b else None


def targets(results):
    """Issue 5, "Must reach", in its order."""
    def time_of(section, name):
        return median(find(results, section, name))

    ours = time_of('warm', 'sandbox')
    found = [
        Target('warm start: at most 2.0 × the floor', over(ours, time_of('warm', 'floor')), 2.0),
        Target('the same beside the floor with the OCI mounts', over(ours, time_of('warm', 'floor with the OCI mounts')), 2.0),
        Target('warm start: faster than bwrap --unshare-all --dev', over(time_of('warm', 'bwrap --unshare-all --dev'), ours), 1.0, False),
        Target("warm start: 3 × faster than crun with Docker's filter", over(time_of('warm', "crun, Docker's filter"), ours), 3.0, False)]
    for how, limit in (('plain', 1.0), ('zstd', 1.4), ('gzip', 1.7)):
        section = 'cold-' + how
        cold = time_of(section, 'sandbox run')
        found.append(Target(f'cold, {how}: at most {limit} × tar -x', over(cold, time_of(section, 'floor: tar -x of the flat tree')), limit))
        found.append(Target(f'cold, {how}: 3.5 × faster than podman', over(time_of(section, 'podman load + run'), cold), 3.5, False))
        if how != 'zstd':
            umoci = time_of(section, 'umoci unpack (of an OCI layout) + crun run')
            found.append(Target(f'cold, {how}: 5 × faster than umoci', over(umoci, cold), 5.0, False))
    found.append(Target('200,000 small files: at most 1.0 × tar -x',
                        over(time_of('small', 'sandbox run'), time_of('small', 'floor: tar -x of the flat tree')), 1.0))
    peaks = [r.peak for section in COLD for r in results.get(section, []) if r.row.name.startswith('sandbox') and r.samples]
    found.append(Target('peak memory: at most 64 MiB in every case', max(peaks) / MIB if peaks else None, 64, unit='MiB'))
    waits = find(results, 'waiting', 'sandbox')
    memory = waits.memory[0] / MIB if waits and waits.memory else None
    found.append(Target('the waiting runner: under 2 MiB', memory, 2, unit='MiB'))
    for section, what in (('in-a-row', '1,000 in a row'), ('together', '64 at once')):
        found.append(Target(f'{what}: at most 2 × the floor', over(time_of(section, 'sandbox'), time_of(section, 'floor')), 2.0))
    checked = [r for some in results.values() for r in some if r.row.leaves and r.samples]
    left = sum(bool(r.left) for r in checked)
    found.append(Target('nothing left after a run (rows that left something)', left if checked else None, 0, unit=''))
    return found


def verdicts(results):
    return '\n'.join(f'{t.verdict():<12} {t.text}: {t.measured()}' for t in targets(results))


# ---- in short ----

SHORT = [
    ('warm start, ms', 'warm', 'ms'), ('64 at once, s', 'together', 's'), ('1,000 in a row, s', 'in-a-row', 's'),
    ('cold, plain, s', 'cold-plain', 's'), ('cold, gzip, s', 'cold-gzip', 's'), ('cold, zstd, s', 'cold-zstd', 's'),
    ('200,000 small files, s', 'small', 's')]
COLUMNS = [
    ('floor', ('floor', 'floor: tar -x of the flat tree')), ('sandbox', ('sandbox', 'sandbox run')),
    ('bubblewrap', ('bwrap --unshare-all --dev',)), ('Charliecloud', ('ch-run', 'ch-convert of the flat tree + ch-run')),
    ("crun, Docker's filter", ("crun, Docker's filter",)), ("runc, Docker's filter", ("runc, Docker's filter",)),
    ('podman', ('podman run', 'podman load + run')), ('umoci + crun', ('umoci unpack (of an OCI layout) + crun run',))]


def short_table(results):
    """What the README quotes."""
    rows = []
    for title, section, unit in SHORT:
        if section in results:
            found = [[find(results, section, name) for name in names] for _, names in COLUMNS]
            rows.append([title] + [number(next((median(r) for r in some if r), None), unit) for some in found])
    return table([''] + [title for title, _ in COLUMNS], rows) if rows else ''


# ---- the whole ----

def machine(work):
    """What the numbers depend on; no name of the machine, no path."""
    with open('/proc/cpuinfo') as f:
        model = next((text.partition(':')[2].strip() for text in f if text.startswith('model name')), os.uname().machine)
    kind = subprocess.run(['findmnt', '-no', 'FSTYPE', '-T', work], capture_output=True, text=True, check=False).stdout.split()
    with open('/proc/meminfo') as f:
        gib = int(f.readline().split()[1]) / MIB / MIB
    return f'{os.cpu_count()} × {model}, {gib:.0f} GiB, Linux {os.uname().release}, {kind[0] if kind else "unknown file system"}'


def markdown(results, images, where, options, seconds):
    versions = ', '.join(f'{name} {version or "missing"}' for name, version in tools.versions())
    rows = [[t.text, t.measured(), t.verdict()] for t in targets(results)]
    parts = [
        '# Results\n',
        f'`make bench{options and f" BENCH={options!r}"}` on {time.strftime("%Y-%m-%d")}: {where}. An unprivileged user, '
        f'warm page cache, rows of a section interleaved, medians. Measured in {seconds / 60:.1f} minutes.\n',
        f'Beside: {versions}.\n',
        'What each row does is in README.md.\n',
        short_table(results),
        '## What must be reached\n', table(['', 'measured', ''], rows)]
    parts += [section_text(section, its, images) for section, its in results.items()]
    return '\n'.join(parts)
