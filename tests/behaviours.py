#!/usr/bin/env python3
"""What a flag or a field of the image's config means to a program inside: a table, and a runner of it.

    behaviours.py IMAGES [--podman]

IMAGES is what make_images.sh made (rootfs.tar, layer2).  Each row was written from Docker's documentation (docker run, Dockerfile
reference, image-spec config).  Without --podman: TAP, each row through `sandbox run`; with $MODE root or nested, only those of EVERYBODY.
With it, each row through rootless
`podman run`, and the names of the rows that come out otherwise, one a line, with what podman gave.
Python's standard library, and rootfs-examples/pack.py for the images.
"""
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PACK = os.path.join(HERE, '..', 'rootfs-examples', 'pack.py')
PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

# Images: the options of pack.py beside the root file system.
IMAGES = {
    'plain': [],
    'cmd': ['--cmd', '["echo","from cmd"]'],
    'entry': ['--entrypoint', '["echo","entry"]'],
    'both': ['--entrypoint', '["echo","entry"]', '--cmd', '["c1","c2"]'],
    'env': ['--cmd', '["sh"]', '--env', 'A=image', '--env', 'B=b b', '--env', 'E='],
    'path': ['--cmd', '["sh"]', '--env', 'PATH=/bin'],
    'home': ['--cmd', '["sh"]', '--env', 'HOME=/elsewhere'],
    'term': ['--cmd', '["sh"]', '--env', 'TERM=vt100'],
    'workdir': ['--cmd', '["pwd"]', '--workdir', '/made/for/it'],
    'guest': ['--cmd', '["id"]', '--user', 'guest'],
    'number': ['--cmd', '["id"]', '--user', '1000'],
    'pair': ['--cmd', '["id"]', '--user', '1000:10'],
    'named-pair': ['--cmd', '["id"]', '--user', 'guest:wheel'],
    'unlisted': ['--cmd', '["id"]', '--user', '4711'],
    'volume': ['--cmd', '["sh"]', '--volume', '/etc', '--volume', '/data/deep'],
}


def sh(script, *args):
    return ['sh', '-c', script, *args]


def status(field):
    return ['sed', '-n', 's/^%s:[[:space:]]*//p' % field, '/proc/self/status']


# name, image, flags, command and arguments, exit status, standard output ('~' before a regular expression of all of it)
ROWS = [
    # Entrypoint, Cmd and arguments
    ('Cmd runs', 'cmd', [], [], 0, 'from cmd'),
    ('arguments replace Cmd', 'cmd', [], ['echo', 'given'], 0, 'given'),
    ('Entrypoint runs', 'entry', [], [], 0, 'entry'),
    ('arguments follow Entrypoint', 'entry', [], ['a', 'b'], 0, 'entry a b'),
    ('Cmd follows Entrypoint', 'both', [], [], 0, 'entry c1 c2'),
    ('arguments replace Cmd behind Entrypoint', 'both', [], ['x'], 0, 'entry x'),
    ('--entrypoint replaces both', 'both', ['--entrypoint', 'pwd'], [], 0, '/'),
    ('--entrypoint takes arguments', 'both', ['--entrypoint', 'echo'], ['1', '2'], 0, '1 2'),
    ('--entrypoint with an absolute path', 'both', ['--entrypoint', '/bin/echo'], ['x'], 0, 'x'),
    ('an empty --entrypoint leaves the arguments', 'both', ['--entrypoint', ''], ['echo', 'bare'], 0, 'bare'),
    ('nothing to run', 'plain', [], [], 125, ''),
    ('options behind the image are arguments', 'entry', [], ['--rm', '-e', 'X=1'], 0, 'entry --rm -e X=1'),
    ('arguments keep their spaces', 'plain', [], ['printf', '%s|', 'a b', '', 'c'], 0, 'a b||c|'),
    ('no shell looks at arguments', 'plain', [], ['echo', '$HOME', '*', ';', '&'], 0, '$HOME * ; &'),
    # Exit status
    ('the exit status is the command\'s', 'plain', [], sh('exit 3'), 3, ''),
    ('125 of the command stays', 'plain', [], sh('exit 125'), 125, ''),
    ('126 of the command stays', 'plain', [], sh('exit 126'), 126, ''),
    ('255 stays', 'plain', [], sh('exit 255'), 255, ''),
    ('128 and the signal that ended it: KILL', 'plain', [], sh('kill -KILL $$'), 137, ''),
    ('TERM', 'plain', ['--init'], sh('kill -TERM $$'), 143, ''),
    ('SEGV', 'plain', ['--init'], sh('kill -SEGV $$'), 139, ''),
    ('a command that is not there', 'plain', [], ['no-such-command'], 127, ''),
    ('a path that is not there', 'plain', [], ['/no/such'], 127, ''),
    ('a directory as command', 'plain', [], ['/etc'], 126, ''),
    ('a file that is not executable', 'plain', [], ['/etc/passwd'], 126, ''),
    ('an unknown flag', 'plain', ['--no-such-flag'], ['true'], 125, ''),
    ('an unknown user', 'plain', ['-u', 'nobody-knows'], ['true'], 125, ''),
    # Look-up
    ('PATH of the image finds the command', 'path', [], ['echo', 'found'], 0, 'found'),
    ('-e PATH is what finds it', 'plain', ['-e', 'PATH=/etc'], ['echo', 'x'], 127, ''),
    ('a relative path counts from the working directory', 'plain', ['-w', '/bin'], ['./echo', 'here'], 0, 'here'),
    # Environment
    ('PATH where the image has none', 'plain', [], sh('echo $PATH'), 0, PATH),
    ('PATH of the image', 'path', [], sh('echo $PATH'), 0, '/bin'),
    ('Env of the image', 'env', [], sh('echo "$A|$B|$E|${E+set}"'), 0, 'image|b b||set'),
    ('-e over Env', 'env', ['-e', 'A=mine'], sh('echo $A'), 0, 'mine'),
    ('--env over Env', 'env', ['--env', 'A=mine'], sh('echo $A'), 0, 'mine'),
    ('-e with = in the value', 'plain', ['-e', 'X=a=b'], sh('echo $X'), 0, 'a=b'),
    ('-e with an empty value', 'plain', ['-e', 'X='], sh('echo ${X+set}'), 0, 'set'),
    ('-e NAME from the caller', 'plain', ['-e', 'CALLER'], sh('echo $CALLER'), 0, 'of the caller'),
    ('-e NAME that the caller lacks', 'plain', ['-e', 'NOBODY_SET_IT'], sh('echo ${NOBODY_SET_IT-unset}'), 0, 'unset'),
    ('the last -e of a name', 'plain', ['-e', 'X=1', '-e', 'X=2'], sh('echo $X'), 0, '2'),
    ('the caller\'s variables stay outside', 'plain', [], sh('echo ${CALLER-none}'), 0, 'none'),
    ('--env-file', 'plain', ['--env-file', 'env.list'], sh('echo "$F|$Q|$CALLER"'), 0, 'file|"quoted"|of the caller'),
    ('-e over --env-file', 'plain', ['-e', 'F=mine', '--env-file', 'env.list'], sh('echo $F'), 0, 'mine'),
    ('HOME of root', 'plain', [], sh('echo $HOME'), 0, '/root'),
    ('HOME of the image', 'home', [], sh('echo $HOME'), 0, '/elsewhere'),
    ('HOME of the image\'s user', 'guest', [], sh('echo $HOME'), 0, '/home/guest'),
    ('HOME of --user', 'plain', ['-u', 'guest'], sh('echo $HOME'), 0, '/home/guest'),
    ('HOME of a number nobody has', 'plain', ['-u', '4711'], sh('echo $HOME'), 0, '/'),
    ('HOSTNAME is the host name', 'plain', ['--hostname', 'box'], sh('echo $HOSTNAME; hostname'), 0, 'box\nbox'),
    ('TERM of the image', 'term', [], sh('echo $TERM'), 0, 'vt100'),
    ('-e TERM', 'plain', ['-e', 'TERM=dumb'], sh('echo $TERM'), 0, 'dumb'),
    ('TERM with a terminal', 'plain', ['-t'], sh('echo ${TERM:+set}'), 0, '~(.*\n)?set\r?'),
    # Working directory
    ('no WorkingDir', 'plain', [], ['pwd'], 0, '/'),
    ('WorkingDir is made', 'workdir', [], [], 0, '/made/for/it'),
    ('-w over WorkingDir', 'workdir', ['-w', '/etc'], [], 0, '/etc'),
    ('-w is made', 'plain', ['-w', '/new/dir'], ['pwd'], 0, '/new/dir'),
    ('--workdir with ..', 'plain', ['--workdir', '/etc/../bin'], ['pwd'], 0, '/bin'),
    # User
    ('root where no user is named', 'plain', [], sh('id -u; id -g; id -un'), 0, '0\n0\nroot'),
    ('User by name', 'guest', [], sh('id -u; id -g'), 0, '1000\n1000'),
    ('User by number', 'number', [], sh('id -u; id -g; id -un'), 0, '1000\n1000\nguest'),
    ('User with a group', 'pair', [], sh('id -u; id -g'), 0, '1000\n10'),
    ('User with a group by name', 'named-pair', [], sh('id -u; id -g'), 0, '1000\n10'),
    ('a number that no file lists', 'unlisted', [], sh('id -u; id -g'), 0, '4711\n0'),
    ('--user over User', 'guest', ['-u', '0'], sh('id -u'), 0, '0'),
    ('--user NAME', 'plain', ['--user', 'guest'], sh('id -u'), 0, '1000'),
    ('--user UID:GID', 'plain', ['-u', '5:6'], sh('id -u; id -g'), 0, '5\n6'),
    ('--user NAME:GROUP', 'plain', ['-u', 'guest:wheel'], sh('id -g'), 0, '10'),
    # Root file system
    ('the root can be written to', 'plain', [], sh('echo x >/new && cat /new'), 0, 'x'),
    ('files of the image can be changed', 'plain', [], sh('echo x >>/etc/passwd && tail -n 1 /etc/passwd'), 0, 'x'),
    ('files of the image can be removed', 'plain', [], sh('rm /etc/marker && ls /etc/marker 2>/dev/null'), 1, ''),
    ('the next run sees the image again', 'plain', [], ['cat', '/etc/marker'], 0, 'second layer'),
    ('--read-only', 'plain', ['--read-only'], sh('echo x >/new 2>/dev/null'), 1, ''),
    ('--read-only leaves /dev/shm', 'plain', ['--read-only'], sh('echo x >/dev/shm/x && cat /dev/shm/x'), 0, 'x'),
    ('--read-only with --tmpfs', 'plain', ['--read-only', '--tmpfs', '/work'], sh('echo x >/work/x && cat /work/x'), 0, 'x'),
    ('Volumes are writable with --read-only', 'volume', ['--read-only'], sh('echo x >/data/deep/x && cat /data/deep/x'), 0, 'x'),
    ('a Volume has what the image has there', 'volume', [], ['cat', '/etc/marker'], 0, 'second layer'),
    # Volumes and tmpfs
    ('-v shows a directory', 'plain', ['-v', '{host}:/h'], ['cat', '/h/file'], 0, 'of the host'),
    ('--volume shows a file', 'plain', ['--volume', '{host}/file:/f'], ['cat', '/f'], 0, 'of the host'),
    ('-v over a file of the image', 'plain', ['-v', '{host}/file:/etc/marker'], ['cat', '/etc/marker'], 0, 'of the host'),
    ('-v hides what the image has', 'plain', ['-v', '{host}:/etc'], ['ls', '/etc/marker'], 1, ''),
    ('-v can be written to', 'plain', ['-v', '{host}:/h'], sh('echo w >/h/w && cat /h/w; rm /h/w'), 0, 'w'),
    ('-v ...:ro', 'plain', ['-v', '{host}:/h:ro'], sh('echo w >/h/w 2>/dev/null'), 1, ''),
    ('-v ...:rw', 'plain', ['-v', '{host}:/h:rw'], sh('echo w >/h/w && rm /h/w'), 0, ''),
    ('-v makes the directories to it', 'plain', ['-v', '{host}:/a/b/c'], ['cat', '/a/b/c/file'], 0, 'of the host'),
    ('two -v', 'plain', ['-v', '{host}:/1', '-v', '{host}:/2:ro'], ['cat', '/1/file', '/2/file'], 0, 'of the host\nof the host'),
    ('--mount type=bind', 'plain', ['--mount', 'type=bind,source={host},target=/h'], ['cat', '/h/file'], 0, 'of the host'),
    ('--mount with src, dst and readonly', 'plain', ['--mount', 'type=bind,src={host},dst=/h,readonly'], sh('echo >/h/w 2>/dev/null'), 1, ''),
    ('--mount of what is not there', 'plain', ['--mount', 'type=bind,src=/not/there,dst=/h'], ['true'], 125, ''),
    ('--mount type=tmpfs', 'plain', ['--mount', 'type=tmpfs,dst=/t'], sh('echo x >/t/x && grep -c " /t tmpfs " /proc/mounts'), 0, '1'),
    ('--tmpfs', 'plain', ['--tmpfs', '/t'], sh('grep -c " /t tmpfs " /proc/mounts'), 0, '1'),
    ('--tmpfs is noexec, nosuid and nodev', 'plain', ['--tmpfs', '/t'], sh('grep " /t " /proc/mounts | grep nosuid | grep nodev | grep -c noexec'), 0, '1'),
    ('--tmpfs with size', 'plain', ['--tmpfs', '/t:size=1m'], sh('df -k /t | tail -n 1 | awk "{print \\$2}"'), 0, '1024'),
    ('--tmpfs with mode', 'plain', ['--tmpfs', '/t:mode=700'], ['stat', '-c', '%a', '/t'], 0, '700'),
    ('--tmpfs has mode 1777', 'plain', ['--tmpfs', '/t'], ['stat', '-c', '%a', '/t'], 0, '1777'),
    # /dev, /proc, /sys
    ('/dev/null', 'plain', [], sh('echo x >/dev/null && stat -c %t:%T /dev/null'), 0, '1:3'),
    ('/dev has no disk', 'plain', [], sh('ls /dev | grep -cE "^(sd|vd|nvme|mem|kmem|kmsg|port|loop)"'), 1, '0'),
    ('the devices there are', 'plain', [], sh('cd /dev; for d in full null random tty urandom zero; do [ -c $d ] || echo $d; done'), 0, ''),
    ('/dev/fd', 'plain', [], ['readlink', '/dev/fd'], 0, '/proc/self/fd'),
    ('/dev/stdout', 'plain', [], ['readlink', '/dev/stdout'], 0, '/proc/self/fd/1'),
    ('/dev/ptmx', 'plain', [], ['readlink', '/dev/ptmx'], 0, 'pts/ptmx'),
    ('/dev/shm has 64 MiB', 'plain', [], sh('df -k /dev/shm | tail -n 1 | awk "{print \\$2}"'), 0, '65536'),
    ('--shm-size', 'plain', ['--shm-size', '1m'], sh('df -k /dev/shm | tail -n 1 | awk "{print \\$2}"'), 0, '1024'),
    ('/dev/mqueue', 'plain', [], sh('grep -c " /dev/mqueue mqueue " /proc/mounts'), 0, '1'),
    ('pseudo terminals of its own', 'plain', [], sh('ls /dev/pts'), 0, 'ptmx'),
    ('the command is in a pid namespace of its own', 'plain', [], sh('[ $$ -lt 10 ] && echo yes'), 0, 'yes'),
    ('/proc shows these processes alone', 'plain', [], sh('ls -d /proc/[0-9]* | wc -l | awk "{print (\\$1 < 10)}"'), 0, '1'),
    ('/proc/kcore is masked', 'plain', [], sh('cat /proc/kcore | wc -c'), 0, '0'),
    ('/proc/keys is masked', 'plain', [], sh('cat /proc/keys | wc -c'), 0, '0'),
    ('/proc/timer_list is masked', 'plain', [], sh('cat /proc/timer_list | wc -c'), 0, '0'),
    ('/sys/firmware is masked', 'plain', [], sh('ls /sys/firmware | wc -l'), 0, '0'),
    ('/proc/sys is read-only', 'plain', [], sh('echo x 2>/dev/null >/proc/sys/kernel/hostname'), 1, ''),
    ('/proc/sysrq-trigger is read-only', 'plain', [], sh('echo h 2>/dev/null >/proc/sysrq-trigger'), 1, ''),
    ('/proc/irq is read-only', 'plain', [], sh('mkdir /proc/irq/x 2>/dev/null'), 1, ''),
    ('/sys is read-only', 'plain', [], sh('grep " /sys sysfs " /proc/mounts | grep -c "[ ,]ro,"'), 0, '1'),
    # Files of /etc
    ('/etc/hostname', 'plain', ['--hostname', 'box'], ['cat', '/etc/hostname'], 0, 'box'),
    ('/etc/hosts knows localhost', 'plain', [], sh('grep -q "^127.0.0.1.*localhost" /etc/hosts && echo yes'), 0, 'yes'),
    ('/etc/hosts knows the host name', 'plain', ['--hostname', 'box'], sh('grep -cw box /etc/hosts'), 0, '1'),
    ('--add-host', 'plain', ['--add-host', 'peer:10.1.2.3'], sh('grep -w peer /etc/hosts | awk "{print \\$1}"'), 0, '10.1.2.3'),
    ('--dns', 'plain', ['--dns', '192.0.2.1'], sh('grep -c "^nameserver 192.0.2.1" /etc/resolv.conf'), 0, '1'),
    # Network
    ('--network none has a loopback', 'plain', ['--network', 'none'], sh('ls /sys/class/net'), 0, 'lo'),
    ('--network none: it is up', 'plain', ['--network', 'none'], sh('grep -c : /proc/net/dev; ping -c 1 -W 1 127.0.0.1 >/dev/null && echo up'), 0, '1\nup'),
    # Confinement
    ('no new privileges', 'plain', ['--security-opt', 'no-new-privileges'], status('NoNewPrivs'), 0, '1'),
    ('a seccomp filter', 'plain', [], status('Seccomp'), 0, '2'),
    ('seccomp=unconfined', 'plain', ['--security-opt', 'seccomp=unconfined'], status('Seccomp'), 0, '0'),
    ('Docker\'s 14 capabilities', 'plain', [], status('CapBnd'), 0, '00000000a80425fb'),
    ('they are effective for root', 'plain', [], status('CapEff'), 0, '00000000a80425fb'),
    ('none for other users', 'guest', [], status('CapEff'), 0, '0000000000000000'),
    ('none is inheritable', 'plain', [], status('CapInh'), 0, '0000000000000000'),
    ('--cap-drop ALL', 'plain', ['--cap-drop', 'ALL'], status('CapEff'), 0, '0000000000000000'),
    ('--cap-drop one', 'plain', ['--cap-drop', 'CHOWN'], status('CapBnd'), 0, '00000000a80425fa'),
    ('--cap-drop with CAP_', 'plain', ['--cap-drop', 'CAP_CHOWN'], status('CapBnd'), 0, '00000000a80425fa'),
    ('--cap-add', 'plain', ['--cap-add', 'SYS_PTRACE'], status('CapBnd'), 0, '00000000a80c25fb'),
    ('--cap-drop ALL and --cap-add', 'plain', ['--cap-drop', 'ALL', '--cap-add', 'KILL'], status('CapEff'), 0, '0000000000000020'),
    ('mount(2) is refused', 'plain', [], sh('mount -t tmpfs x /tmp 2>/dev/null'), 1, ''),
    ('unshare(2) is refused', 'plain', [], sh('unshare -m true 2>/dev/null'), 1, ''),
    ('chroot(2) is allowed', 'plain', [], ['chroot', '/', 'echo', 'in'], 0, 'in'),
    ('the umask is 022', 'plain', [], sh('umask'), 0, '0022'),
    ('--ulimit nofile', 'plain', ['--ulimit', 'nofile=123:123'], sh('ulimit -n'), 0, '123'),
    ('--ulimit core', 'plain', ['--ulimit', 'core=0'], sh('ulimit -c'), 0, '0'),
    # Streams and processes
    ('standard input reaches the command', 'plain', ['-i'], ['cat'], 0, 'by standard input'),
    ('standard error is apart', 'plain', [], sh('echo out; echo err >&2'), 0, 'out'),
    ('a terminal with -t', 'plain', ['-t'], sh('[ -t 1 ] && echo yes'), 0, '~(.*\n)?yes\r?'),
    ('none without', 'plain', [], sh('[ -t 1 ] || echo none'), 0, 'none'),
    ('no descriptor but the standard ones', 'plain', [], sh('ls /proc/self/fd | grep -cE "^([4-9]|[0-9][0-9])"'), 1, '0'),
    ('--init reaps orphans', 'plain', ['--init'], sh('(sleep 0.1 &) ; i=0; while [ $i -lt 500 ] && '
     'grep -qs "^Name:.sleep" /proc/[0-9]*/status; do usleep 20000; i=$((i + 1)); done; grep -h "^State:.Z" /proc/[0-9]*/status'), 1, ''),
    ('what is left running ends with the command', 'plain', [], sh('sleep 1000 & echo done'), 0, 'done'),
    ('--rm is accepted', 'plain', ['--rm'], ['echo', 'ok'], 0, 'ok'),
    ('--name is accepted', 'plain', ['--rm', '--name', 'behaviour'], ['echo', 'ok'], 0, 'ok'),
]

# What depends on who calls: ids, mounts, what process 1 of the caller's namespace lets through.
EVERYBODY = {
    'Entrypoint runs', 'the exit status is the command\'s', 'root where no user is named', 'User with a group by name', 'a number that no file lists',
    '--user UID:GID', 'files of the image can be changed', 'files of the image can be removed', '--read-only', 'a Volume has what the image has there',
    '-v can be written to', '-v ...:ro', '--tmpfs is noexec, nosuid and nodev', 'the devices there are', 'pseudo terminals of its own',
    '/proc shows these processes alone', '/proc/kcore is masked', '/proc/sys is read-only', '/sys is read-only', '--network none: it is up',
    'a seccomp filter', 'Docker\'s 14 capabilities', 'none for other users', '--cap-add', 'mount(2) is refused',
}


def make_images(made, wanted):
    for name, options in ((name, IMAGES[name]) for name in IMAGES if name in wanted):
        out = 'behave-%s.tar' % name
        if not os.path.exists(out):
            subprocess.run([PACK, '--rootfs', made + '/rootfs.tar', '--layer', made + '/layer2', '--tag', 'behave-%s:1' % name,
                            *options, out], check=True)


def run(argv, env):
    with open('stdin.txt') as stdin:
        p = subprocess.run(argv, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=100, env=env)
    return p.returncode, p.stdout.decode('utf-8', 'replace').rstrip('\n'), p.stderr.decode('utf-8', 'replace').strip()


def fits(got, row):
    want = row[5]
    return got[0] == row[4] and (re.fullmatch(want[1:], got[1], re.S) if want.startswith('~') else got[1] == want)


def main():
    made, podman = sys.argv[1], '--podman' in sys.argv
    host = os.path.abspath('host')
    os.makedirs(host, exist_ok=True)
    for name, text in (('host/file', 'of the host\n'), ('env.list', '# comment\n\nF=file\nQ="quoted"\nCALLER\n'), ('stdin.txt', 'by standard input\n')):
        with open(name, 'w') as f:
            f.write(text)
    env = {**os.environ, 'CALLER': 'of the caller'}
    env.pop('NOBODY_SET_IT', None)
    tool = json.loads(os.environ.get('PODMAN', '["podman"]')) if podman else ['sandbox']
    bad = 0
    names = {row[0] for row in ROWS}
    assert EVERYBODY <= names and len(names) == len(ROWS), 'each row has a name of its own, which EVERYBODY may mention'
    rows = ROWS if podman or os.environ.get('MODE', 'user') == 'user' else [row for row in ROWS if row[0] in EVERYBODY]
    make_images(made, {row[1] for row in rows})
    if podman:
        for name in IMAGES:
            subprocess.run([*tool, 'load', '-q', '-i', 'behave-%s.tar' % name], check=True, stdout=subprocess.DEVNULL)
    for i, row in enumerate(rows, 1):
        name, image, flags, args = row[:4]
        flags = [f.replace('{host}', host) for f in flags]
        if podman:
            got = run([*tool, 'run', *([] if '--rm' in flags else ['--rm']), *flags, 'localhost/behave-%s:1' % image, *args], env)
            if not fits(got, row):
                print('%s\tpodman: %d %r %s' % (name, got[0], got[1][:80], got[2][:160].replace('\n', ' ')))
            continue
        got = run([*tool, 'run', *flags, 'behave-%s.tar' % image, *args], env)
        good = fits(got, row)
        bad += not good
        print('%sok %d - %s' % ('' if good else 'not ', i, name))
        if not good:
            print('# got:  %d %r\n# want: %d %r\n# on standard error: %s' % (got[0], got[1], row[4], row[5], got[2].replace('\n', ' ')))
    if not podman:
        print('1..%d' % len(rows))
    return bad > 0


if __name__ == '__main__':
    sys.exit(main())
