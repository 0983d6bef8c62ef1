"""rows: what is run, in which section, how often.

Used by bench.py.  A row is data: one command line, and how it is to be measured.  Rows of a section run interleaved.
"""
import os
import shlex
from dataclasses import dataclass, field

import images as image_module
import tools

FORMATS = ('plain', 'gzip', 'zstd')
TRUE, SLEEP = ['/bin/true'], ['/bin/sleep', '1000']


@dataclass
class Row:
    section: str
    name: str
    argv: list  # @DIR is the directory it runs in, @ID a new name for each run
    reps: int
    needs: tuple = ()  # programs; where one is missing the row says so
    place: str = ''  # the directory it runs in: of this name for all its runs, or a new one for each
    setup: list = field(default_factory=list)  # command lines before the first run
    times: int = 1  # one after the other in one measurement
    together: int = 0  # at once
    expect: str | None = None  # its output; the time is that of the first byte then
    sampled: bool = False  # one further run whose memory is watched
    held: bool = False  # memory while it waits, no time
    leaves: str = ''  # a store in which nothing new may lie afterwards
    missing: str = ''  # what other than a program is not there

    @property
    def key(self):
        return f'{self.section}/{self.name}'


def sh(script, *arguments):
    return ['sh', '-c', script, 'sh', *arguments]


class Rows:
    """All rows, for a runner, the images and a number of repetitions."""

    def __init__(self, runner, images, sizes, wanted):
        self.runner, self.images, self.sizes, self.wanted = runner, images, sizes, wanted
        self.floor = os.path.join(runner.work, 'bin', 'floor')
        self.rootfs = os.path.join(runner.work, 'rootfs')
        self.store = os.path.join(runner.directory('warm'), 'store')

    def sections(self):
        """[(section, its rows that are wanted)]; an image is made only if one of them needs it."""
        found = []
        makers = [('warm', self.warm), ('together', self.together), ('in-a-row', self.in_a_row), ('waiting', self.waiting)]
        makers += [('cold-' + how, lambda how=how: self.cold(how)) for how in FORMATS] + [('small', self.small)]
        for section, make in makers:
            if self.wanted(section):
                rows = [row for row in make() if self.wanted(row.key)]
                found += [(section, rows)] if rows else []
        return found

    # ---- a start ----

    def start_commands(self, command):
        """{name: (argv, needs, setup, missing)} of everything that can start COMMAND in the tiny image."""
        tiny = self.runner.place(self.images.tiny())
        base, root = os.path.join(self.runner.work, 'warm'), self.rootfs
        found = {}

        def add(name, argv, needs=(), setup=(), missing=''):
            found[name] = (argv, needs, list(setup), missing)

        def sandbox(*options, image=tiny):
            return ['sandbox', 'run', '--store', self.store, *options, image, *command]

        # A run of some seconds is one in which the image gets to the disk; until then each run starts a process for that.
        # And a tarball that was new a moment ago is known by its times only when it is looked at once more.
        unpack = [['sandbox', 'run', '--store', self.store, tiny, *last] for last in (['/bin/sleep', '4'], TRUE)]
        other = os.path.join(base, 'fresh')
        fresh = ['sandbox', 'run', '--store', other, tiny]
        add('fork and exec alone', [root + command[0], *command[1:]])
        add('floor: namespaces and pivot', [self.floor, '-m', 'none', root, *command])
        add('floor', [self.floor, '-m', 'binds', root, *command])
        add('floor with the OCI mounts', [self.floor, '-m', 'oci', root, *command])
        add('floor with all that sandbox has', [self.floor, '-m', 'all', root, *command])
        add('sandbox', sandbox(), setup=unpack)
        add('sandbox, image by name', sandbox(image='bench:tiny'), setup=unpack)
        add('sandbox, image not yet on disk', fresh + command, setup=[fresh + TRUE])
        add('sandbox --network none', sandbox('--network', 'none'), setup=unpack)
        bwrap = ['--bind', root, '/', '--proc', '/proc', '--dev', '/dev', *command]
        add('bwrap --unshare-all --dev', ['bwrap', '--unshare-all', *bwrap], ('bwrap',))
        add('bwrap, network shared', ['bwrap', '--unshare-all', '--share-net', *bwrap], ('bwrap',))
        add('ch-run', ['ch-run', root, '--', *command], ('ch-run',))
        kind = command[0].rpartition('/')[2]
        for name, seccomp, program in (('crun', False, tools.crun), ("crun, Docker's filter", True, tools.crun),
                                       ("runc, Docker's filter", True, tools.runc)):
            top = tools.bundle(self.runner, f'bundle-{kind}-{seccomp}', root, command, seccomp)
            add(name, program(base + '/' + program.__name__, top or ''), (program.__name__,), (),
                '' if top else "Docker's filter of golang-github-containers-common")
        load = tools.podman(base, 'load', '--quiet', '--input', tiny)
        add('podman run', tools.podman_run(base, 'bench:tiny', *command), ('podman',), [load])
        add('proot', ['proot', '-r', root, '-b', '/dev', '-b', '/proc', '-b', '/sys', *command], ('proot',))
        return found

    def start_rows(self, section, command, names, **how):
        commands = self.start_commands(command)
        rows = []
        for name, own in names.items():
            argv, needs, setup, missing = commands[name]
            leaves = self.store if name.startswith('sandbox') else ''
            rows.append(Row(section, name, argv, needs=needs, setup=setup, missing=missing, place='warm', leaves=leaves,
                            **{**how, **own}))
        return rows

    def warm(self):
        n = self.sizes['warm']
        names = {name: {} for name in self.start_commands(TRUE)}
        names['podman run'] = {'reps': self.sizes['warm-slow']}
        names['proot'] = {'reps': self.sizes['warm-slow']}
        return self.start_rows('warm', TRUE, names, reps=n)

    def together(self):
        names = ('floor', 'floor with the OCI mounts', 'floor with all that sandbox has', 'sandbox', 'bwrap --unshare-all --dev',
                 'ch-run', "crun, Docker's filter", "runc, Docker's filter", 'podman run')
        own = {name: {} for name in names}
        own["runc, Docker's filter"] = {'reps': self.sizes['together-slow']}
        own['podman run'] = {'reps': self.sizes['together-slow']}
        return self.start_rows('together', TRUE, own, reps=self.sizes['together'], together=self.sizes['at-once'])

    def in_a_row(self):
        whole = self.sizes['in-a-row']
        names = {'floor': 1, 'floor with the OCI mounts': 1, 'floor with all that sandbox has': 1, 'sandbox': 1,
                 'bwrap --unshare-all --dev': 1, 'ch-run': 1, "crun, Docker's filter": 4, "runc, Docker's filter": 10, 'podman run': 40}
        own = {name: {'times': max(whole // part, 5), 'reps': 1 if part > 1 else self.sizes['in-a-row-reps']}
               for name, part in names.items()}
        return self.start_rows('in-a-row', TRUE, own)

    def waiting(self):
        names = {name: {} for name in ('floor', 'sandbox', 'bwrap --unshare-all --dev', 'ch-run', "crun, Docker's filter",
                                       "runc, Docker's filter", 'podman run')}
        rows = self.start_rows('waiting', SLEEP, names, reps=1, together=1, held=True)
        several = self.start_rows('waiting', SLEEP, names, reps=1, together=self.sizes['at-once'], held=True)
        for row in several:
            row.name += f', {row.together} of them'
        return rows + several

    # ---- from a tarball ----

    def peers(self, section, image, oci, command, expect):
        """podman and umoci with what each needs to get to a process."""
        oci, tag = self.runner.place(oci), section.removeprefix('cold-')
        slow = {'reps': self.sizes[section.partition('-')[0] + '-slow'], 'expect': expect}
        load, run = shlex.join(tools.podman('@DIR', 'load', '--quiet', '--input')), shlex.join(tools.podman_run('@DIR'))
        crun = 'crun --root @DIR/state --cgroup-manager=disabled run --bundle bundle bench-$$'
        umoci = 'umoci unpack --rootless --image "$1" bundle >&2 && sed -i \'s/"terminal": true/"terminal": false/\' ' \
            'bundle/config.json && '
        skopeo = 'skopeo --insecure-policy copy -q "docker-archive:$1" oci:layout:x >&2 && set -- layout:x && '
        yield Row(section, 'podman load + run', sh(f'loaded=$({load} "$1") && {run} "${{loaded##*: }}"', image),
                  needs=('podman',), **slow)
        if section != 'cold-zstd':
            yield Row(section, 'umoci unpack (of an OCI layout) + crun run', sh(umoci + crun, f'{oci}:{tag}'),
                      needs=('umoci', 'crun'), **slow)
        if section == 'cold-plain':
            yield Row(section, 'skopeo copy + umoci unpack + crun run', sh(skopeo + umoci + crun, image),
                      needs=('skopeo', 'umoci', 'crun'), **{**slow, 'reps': self.sizes['skopeo']})

    def cold(self, how):
        section, n, more, hello = 'cold-' + how, self.sizes['cold'], self.sizes['cold-more'], 'hello\n'
        sampled = self.sizes['sample']
        image = self.runner.place(self.images.debian(how))
        flat = self.runner.place(self.images.path('debian.flat.tar'))
        oci = self.images.path(f'debian-{how}.oci')
        layers = [self.runner.place(layer) for layer in image_module.layer_files(oci)]
        rows = [
            Row(section, 'floor: tar -x of the flat tree', ['tar', '-xf', flat], n, needs=('tar',), sampled=sampled),
            Row(section, 'sandbox run', ['sandbox', 'run', '--store', 'store', image], n, expect=hello, sampled=sampled),
            Row(section, 'sandbox unpack', ['sandbox', 'unpack', image, 'tree'], more, sampled=sampled)]
        decompressors = {'plain': (), 'gzip': ('igzip', 'gzip'), 'zstd': ('zstd',)}[how]
        for program in decompressors:
            loop = f'for layer; do {program} -dc <"$layer"'
            rows += [Row(section, f'{program} alone', sh(loop + ' >/dev/null; done', *layers), more, needs=(program,)),
                     Row(section, f'{program} piped to tar -x', sh(loop + ' | tar -x; done', *layers), more, needs=(program, 'tar'))]
        # What sandbox does, by the fastest programs for each part, all of a layer at once.
        unpack, read = ('cat', 'the flat tree') if how == 'plain' else (f'{decompressors[0]} -dc', decompressors[0])
        packed = '' if how == 'plain' else 'openssl dgst -sha256 "$layer" >&2 & '
        rows.append(Row(section, f'{read}, its digests by openssl, tar -x, beside each other', sh(
            f'mkfifo sum; for layer; do {packed}openssl dgst -sha256 <sum >&2 & {unpack} <"$layer" | tee sum | tar -x; wait; done',
            *([flat] if how == 'plain' else layers)), more, needs=('openssl', 'tar', *decompressors[:1])))
        if how == 'plain':
            rows.append(Row(section, 'ch-convert of the flat tree + ch-run', sh(
                'ch-convert -i tar -o dir "$1" @DIR/tree >&2 && ch-run ./tree -- /bin/echo hello', flat), more,
                needs=('ch-convert', 'ch-run'), expect=hello))
        return rows + list(self.peers(section, image, oci, image_module.HELLO, hello))

    def small(self):
        n, sampled = self.sizes['small'], self.sizes['sample']
        image = self.runner.place(self.images.small())
        flat = self.runner.place(self.images.path('small.flat.tar'))
        return [
            Row('small', 'floor: tar -x of the flat tree', ['tar', '-xf', flat], n, needs=('tar',), sampled=sampled),
            Row('small', 'sandbox run', ['sandbox', 'run', '--store', 'store', image], n, sampled=sampled),
            Row('small', 'sandbox unpack', ['sandbox', 'unpack', image, 'tree'], n, sampled=sampled),
            *self.peers('small', image, self.images.path('small.oci'), TRUE, None)]
