"""tools: what sandbox is held against: where it comes from, and how each is asked for the same thing.

Used by rows.py and bench.py.  Each is run as its manual says for a user without root, with what would only slow it down left out
(a log, a network of its own).  Touches the machine's packages (install, as root) and bundles in the work directory.
"""
import json
import os
import platform
import shutil
import subprocess

PACKAGES = ['bubblewrap', 'crun', 'runc', 'podman', 'umoci', 'charliecloud', 'skopeo', 'proot', 'isal', 'zstd', 'openssl', 'uidmap',
            'golang-github-containers-common', 'util-linux', 'mmdebstrap']
PROGRAMS = {'bwrap': ['--version'], 'crun': ['--version'], 'runc': ['--version'], 'podman': ['--version'], 'umoci': ['--version'],
            'ch-run': ['--version'], 'skopeo': ['--version'], 'proot': ['--version'], 'igzip': ['--version'],
            'zstd': ['--version'], 'tar': ['--version'], 'gzip': ['--version']}
DOCKER_FILTER = '/usr/share/containers/seccomp.json'
CAPABILITIES = ['CAP_' + name for name in (
    'CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE'
).split()]
ARCHITECTURES = {'x86_64': 'amd64', 'aarch64': 'arm64'}


def install(say):
    """As root, what is missing of the peers.  A machine without apt, or without one of them, goes on: their rows say so."""
    if os.getuid() != 0 or not shutil.which('apt-get'):
        return
    missing = [package for package in PACKAGES if subprocess.run(
        ['dpkg-query', '-W', '-f', '${Status}', package], capture_output=True, text=True, check=False).stdout != 'install ok installed']
    if not missing:
        return
    say('installing ' + ' '.join(missing))
    environment = {**os.environ, 'DEBIAN_FRONTEND': 'noninteractive'}
    command = ['apt-get', 'install', '--yes', '--no-install-recommends', '-q']
    if subprocess.run(command + missing, env=environment, capture_output=True, check=False).returncode != 0:
        for package in missing:
            subprocess.run(command + [package], env=environment, capture_output=True, check=False)


def versions():
    """[(program, its version, or None where it is missing)]"""
    found = []
    for name, question in PROGRAMS.items():
        if not shutil.which(name):
            found.append((name, None))
            continue
        said = subprocess.run([name, *question], capture_output=True, text=True, check=False, env={**os.environ, 'USER': 'root'})
        words = (said.stdout + said.stderr).replace('v', ' ').replace(',', ' ').split()
        found.append((name, next((word for word in words if word[0].isdigit() and '.' in word), 'unknown version')))
    return found


# ---- OCI runtimes ----

def docker_filter():
    """Docker's profile as the runtime spec has it: for this architecture, and with Docker's capabilities."""
    with open(DOCKER_FILTER) as f:
        profile = json.load(f)
    arch = ARCHITECTURES.get(platform.machine(), platform.machine())

    def applies(rule):
        wanted, unwanted = rule.get('includes') or {}, rule.get('excludes') or {}
        return (set(wanted.get('caps', [])) <= set(CAPABILITIES) and arch in wanted.get('arches', [arch])
                and not set(unwanted.get('caps', [])) & set(CAPABILITIES) and arch not in unwanted.get('arches', []))

    archs = [[entry['architecture'], *(entry.get('subArchitectures') or [])] for entry in profile['archMap']
             if entry['architecture'] == 'SCMP_ARCH_' + {'amd64': 'X86_64', 'arm64': 'AARCH64'}.get(arch, arch.upper())]
    keep = ('names', 'action', 'args', 'errnoRet')
    rules = [{key: rule[key] for key in keep if rule.get(key)} for rule in profile['syscalls'] if applies(rule)]
    return {'defaultAction': profile['defaultAction'], 'defaultErrnoRet': profile.get('defaultErrnoRet', 1),
            'architectures': archs[0] if archs else [], 'syscalls': rules}


def oci_config(rootfs, argv, user, seccomp):
    """What `runc spec --rootless` writes, with Docker's capabilities and, if asked for, its filter."""
    def mount(kind, where, options, source=None):
        return {'destination': where, 'type': kind, 'source': source or kind, 'options': options}

    linux = {
        'uidMappings': [{'containerID': 0, 'hostID': user.pw_uid, 'size': 1}],
        'gidMappings': [{'containerID': 0, 'hostID': user.pw_gid, 'size': 1}],
        'namespaces': [{'type': name} for name in ('user', 'mount', 'pid', 'ipc', 'uts', 'cgroup')],
        'maskedPaths': ['/proc/acpi', '/proc/kcore', '/proc/keys', '/proc/latency_stats', '/proc/timer_list',
                        '/proc/timer_stats', '/proc/sched_debug', '/proc/scsi', '/sys/firmware'],
        'readonlyPaths': ['/proc/asound', '/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger']}
    if seccomp:
        linux['seccomp'] = docker_filter()
    capabilities = {kind: CAPABILITIES for kind in ('bounding', 'effective', 'permitted')}
    return {
        'ociVersion': '1.0.2', 'hostname': 'bench', 'root': {'path': rootfs, 'readonly': False}, 'linux': linux,
        'process': {'terminal': False, 'user': {'uid': 0, 'gid': 0}, 'args': argv, 'env': ['PATH=/bin'], 'cwd': '/',
                    'capabilities': capabilities, 'noNewPrivileges': True},
        'mounts': [
            mount('proc', '/proc', ['nosuid', 'noexec', 'nodev']),
            mount('tmpfs', '/dev', ['nosuid', 'strictatime', 'mode=755', 'size=65536k']),
            mount('devpts', '/dev/pts', ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620']),
            mount('tmpfs', '/dev/shm', ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'], 'shm'),
            mount('mqueue', '/dev/mqueue', ['nosuid', 'noexec', 'nodev']),
            mount('none', '/sys', ['rbind', 'nosuid', 'noexec', 'nodev', 'ro'], '/sys')]}


def bundle(runner, name, rootfs, argv, seccomp):
    """The path of a bundle that runs ARGV, or None where the filter is not on this machine."""
    if seccomp and not os.path.exists(DOCKER_FILTER):
        return None
    top = runner.directory(name)
    path = os.path.join(top, 'config.json')
    with open(path, 'w') as f:
        json.dump(oci_config(rootfs, argv, runner.user, seccomp), f)
    os.chmod(path, 0o644)
    return top


def crun(root, top, verb='run'):
    return ['crun', '--root', root, '--cgroup-manager=disabled', verb, '--bundle', top, '@ID']


def runc(root, top):
    return ['runc', '--root', root, 'run', '--bundle', top, '@ID']


# ---- podman ----

def podman(root, *arguments):
    """Its own overlay, which it mounts without fuse, and nothing that nobody asked for."""
    return ['podman', '--root', root + '/podman', '--runroot', root + '/runroot', '--storage-driver=overlay',
            '--cgroup-manager=cgroupfs', '--events-backend=none', *arguments]


def podman_run(root, *arguments):
    return podman(root, 'run', '--rm', '--network=host', '--log-driver=none', '--cgroups=disabled', *arguments)
