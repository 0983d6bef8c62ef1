#!/bin/sh
# modes: user root
# A signal comes to the command once, whatever it was sent to: the runner, process 1, the process group, every process of the run, the
# terminal; with an init, without, with -t, by exec, detached.  Real-time signals come as often as they were sent, with their values.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

image=$IMAGES/docker.tar
command -v python3 >/dev/null || skip_all 'python3 is needed'
sandbox run -q "$image" true
cp "$HELPERS/signals" .
chmod 755 . signals
cat >signals.py <<'END'
import collections, concurrent.futures, ctypes, os, pty, select, subprocess, sys, termios, time

libc = ctypes.CDLL(None, use_errno=True)
WORK, IMAGE = sys.argv[1:]
RUN, REST = ['sandbox', 'run', '-v', WORK + ':/w'], [IMAGE, '/w/signals']
# in this order, and how often; the program ends some time after the last
SENT = [15, 34, 34, 34, 10, 64, 64, 2, 32, 33, 1, 18, 12, 3, 28, 35, 63]


def children():
    """{parent: [children]} of all processes"""
    found = collections.defaultdict(list)
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open('/proc/%s/stat' % pid) as f:
                found[int(f.read().rsplit(') ', 1)[1].split()[1])].append(int(pid))
        except OSError:
            pass
    return found


def tree(pid):
    """pid and all below it"""
    below, pids = children(), [pid]
    for p in pids:
        pids += below[p]
    return sorted(pids)


def send(how, pid, number):
    if how == 'runner':
        os.kill(pid, number)
    elif how == 'group':
        os.killpg(os.getpgid(pid), number)
    elif how == 'each':
        pids = tree(pid)
        for p in pids:
            try:
                os.kill(p, number)
            except ProcessLookupError:
                pass
    elif how == 'init':
        below = children()
        os.kill(next(p for p in below[pid] if below[p]), number)  # the guard of a terminal has no children
    elif how == 'queue':
        libc.sigqueue(pid, number, ctypes.c_void_p(number + 1000))


class Command:
    """Runs words, with a terminal if asked; out is what came from it."""

    def __init__(self, words, terminal=False):
        if terminal:
            self.pid, self.fd = pty.fork()
            if self.pid == 0:
                os.execvp(words[0], words)
            self.process = None
        else:
            self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, start_new_session=True)
            self.pid, self.fd = self.process.pid, self.process.stdout.fileno()
        self.out = ''

    def read(self, until=None):
        limit = time.monotonic() + 30
        while (until is None or until not in self.out) and time.monotonic() < limit:
            if select.select([self.fd], [], [], 0.1)[0]:
                try:
                    data = os.read(self.fd, 65536)
                except OSError:
                    break
                if not data:
                    break
                self.out += data.decode().replace('\r', '')
        return self.out

    def end(self):
        self.read()
        return self.process.wait() if self.process else os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def ok(good, name, why=''):
    return '\t'.join(['good' if good else 'bad', name, '' if good else '# ' + str(why)])


def check(name, words, how, terminal=False, sent=SENT):
    """Each signal of sent comes once."""
    c = Command(words, terminal)
    c.read('ready\n')
    for n in sent:
        before = c.out.count('\n')
        send(how, c.pid, n)
        # standard signals are not queued: the next goes out when this one has come
        limit = time.monotonic() + 3
        while n < 32 and c.out.count('\n') == before and time.monotonic() < limit:
            if select.select([c.fd], [], [], 0.05)[0]:
                c.out += os.read(c.fd, 4096).decode().replace('\r', '')
    status = c.end()
    got = collections.Counter(c.out.split('ready\n')[-1].split())
    want = collections.Counter('%d=%d' % (n, n + 1000) if how == 'queue' else str(n) for n in sent)
    return ok(got == want and status == 0, name + ': ' + how, 'status %s, too many %s, missing %s' % (status, dict(got - want), dict(want - got)))


def detached(options, how):
    """The same where the output is in a file."""
    name = 'apart-' + how + str(len(options)) + ''.join(options)
    log, pidfile = WORK + '/' + name + '.log', WORK + '/' + name + '.pid'
    open(log, 'w').close()
    subprocess.run(RUN + ['-d', '--name', name, '--log', log, '--pidfile', pidfile, *options, *REST], check=True, stdout=subprocess.DEVNULL)
    first = int(open(pidfile).read())
    with open('/proc/%d/stat' % first) as f:
        runner = int(f.read().rsplit(') ', 1)[1].split()[1])
    while 'ready' not in open(log).read():
        time.sleep(0.01)
    for n in (34, 34, 15, 64, 63):
        if how == 'kill':
            subprocess.run(['sandbox', 'kill', '-s', str(n), name], check=True, stdout=subprocess.DEVNULL)
        elif how == 'pid':
            os.kill(first, n)
        else:
            send(how, runner, n)
    subprocess.run(['sandbox', 'wait', name], check=True, stdout=subprocess.DEVNULL)
    got = open(log).read().split()[1:]
    return ok(sorted(got) == ['15', '34', '34', '63', '64'], ' '.join(['detached', *options]) + ': ' + how, got)


def keys(name, words, typed, want):
    """What is typed, and a new size of the window"""
    c = Command(words, True)
    c.read('ready\n')
    if typed:
        os.write(c.fd, typed)
        c.read('3\n')  # such a key throws away what was not read yet
    termios.tcsetwinsize(c.fd, (40, 100))
    os.kill(c.pid, 63)
    c.read()
    got = sorted(c.out.split('ready\n')[-1].replace('^C', '').replace('^\\', '').split())
    os.waitpid(c.pid, 0)
    return ok(got == want, name + ': keys and the size of the window', got)


def shell():
    """A process group of a shell with job control, that is not the session's"""
    c = Command(['sh', '-mc', ' '.join(RUN + REST) + ' & read x; kill -TERM %1; kill -s 40 %1; kill -s 63 %1; wait'], True)
    c.read('ready\n')
    os.write(c.fd, b'\n')
    c.read()
    os.waitpid(c.pid, 0)
    return ok(sorted(c.out.split('ready\n')[-1].split()) == ['15', '40', '63'], 'kill %1 of a shell', c.out)


def inside(options):
    """The command's own process group, and process 1, from inside"""
    script = 'trap "echo got" USR1; kill -USR1 %s; sleep 1; echo end'
    out = [subprocess.run(RUN + options + [IMAGE, 'sh', '-c', script % to], stdout=subprocess.PIPE, text=True, start_new_session=True).stdout
           for to in (('0', '1') if not options else ('0',))]
    return ok(all(o == 'got\nend\n' for o in out), ' '.join(['from inside', *options]), out)


def main():
    jobs = []
    for name, options, terminal in (('run', [], False), ('--no-init', ['--no-init'], False), ('-t', ['-t'], False), ('-t --no-init', ['-t', '--no-init'], False),
                                    ('on a terminal', [], True), ('--no-init on a terminal', ['--no-init'], True), ('-t on a terminal', ['-t'], True)):
        for how in ('runner', 'group', 'each', 'queue') + (('init',) if 'no-init' not in name else ()):
            jobs.append((check, name, RUN + options + REST, how, terminal))
    for options in ([], ['--no-init']):
        host = 'host' + ''.join(options)
        subprocess.run(RUN + ['-d', '--name', host, *options, IMAGE, 'sleep', '1000'], check=True, stdout=subprocess.DEVNULL)
        for t in ([], ['-t']):
            for terminal in (False, True):
                for how in ('runner', 'group', 'each', 'queue'):
                    jobs.append((check, ' '.join(['exec', *t, *options, 'on a terminal' if terminal else 'alone']), ['sandbox', 'exec', *t, host, '/w/signals'], how, terminal))
        # many, and more than are looked at in one go
        for how in ('runner', 'group', 'each'):
            jobs.append((check, ' '.join(['300 at once', *options]), RUN + options + REST, how, False, [40] * 150 + [50] * 150 + [63]))
        jobs.append((inside, options))
    for options in ([], ['--no-init'], ['-t']):
        jobs += [(detached, options, how) for how in ('runner', 'group', 'each', 'pid', 'kill')]
    jobs += [(keys, 'run', RUN + REST, b'\x03\x1c', ['2', '28', '3', '63']), (keys, '--no-init', RUN + ['--no-init'] + REST, b'\x03\x1c', ['2', '28', '3', '63']),
             (keys, '-t', RUN + ['-t'] + REST, b'', ['28', '63']), (shell,)]
    with concurrent.futures.ProcessPoolExecutor(6) as pool:
        for future in [pool.submit(*job) for job in jobs]:
            print(future.result(), flush=True)
    for host in ('host', 'host--no-init'):
        subprocess.run(['sandbox', 'kill', host], check=True, stdout=subprocess.DEVNULL)


main()
END
chmod 755 signals.py
timeout 250 python3 -B signals.py "$WORK" "$image" >rows 2>err
rc=$?
while IFS="$(printf '\t')" read -r verdict name why; do
	[ "$verdict" = good ]
	ok $? "$name" || tell "$why"
done <rows
is "$rc:$(cat err)" 0: 'all of them were tried'

# A runner that was stopped is not needed to signal its command.
mkdir m
sandbox run --name held -v "$WORK/m:/m" "$image" sh -c 'trap "touch /m/usr1" USR1; trap "exit 7" TERM; touch /m/on; while :; do sleep 0.1; done' &
pid=$!
wait_for 20 test -e m/on
kill -STOP $pid
sandbox kill -s USR1 held >/dev/null
wait_for 10 test -e m/usr1
ok $? '`kill` past a runner that was stopped'
before=$(date +%s)
sandbox stop held >/dev/null
wait $pid
is "$?:$(($(date +%s) - before < 8))" 7:1 '`stop` past a runner that was stopped'
# Stopped with its whole process group, and continued alone
sandbox run -v "$WORK/m:/m" "$image" sh -c 'touch /m/again; while [ ! -e /m/end ]; do sleep 0.1; done; exit 8' >/dev/null 2>&1 &
pid=$!
wait_for 20 test -e m/again
for p in $pid $(pgrep -P $pid) $(pgrep -P "$(pgrep -P $pid | tr '\n' , | sed 's/,$//')"); do
	kill -STOP "$p"
done
kill -CONT $pid
touch m/end
wait $pid
is $? 8 'SIGCONT of the runner alone continues what was stopped with it'
sandbox run -d --no-init --name frozen --pidfile frozen.pid -v "$WORK/m:/m" "$image" sh -c 'sleep 1000 & touch /m/child; wait' >/dev/null
wait_for 20 test -e m/child
sandbox kill -s STOP frozen >/dev/null
wait_for 10 grep -q '^State:.T' "/proc/$(cat frozen.pid)/status"
ok $? '--no-init: STOP comes to the command'
sandbox kill frozen >/dev/null
# With --no-init a process beside the runner watches: it ends with it, whatever ends that.
sandbox run --no-init --name alone "$image" sleep 1000 &
pid=$!
wait_for 20 sandbox exec alone true
watches=$(pgrep -P $pid -x sandbox | tr '\n' ' ')
kill -KILL $pid
wait $pid 2>/dev/null
for p in $watches; do
	wait_for 10 sh -c "! kill -0 $p 2>/dev/null"
	ok $? 'what watches ends with its runner'
done

# Names and numbers of the image's C library, which most images have: glibc's SIGRTMIN is 34
for pair in SIGRTMIN=34 RTMIN+3=37 SIGRTMAX=64 37=37; do
	run sandbox run --dry-run --stop-signal "${pair%=*}" "$image" true
	like "$OUT" "\"sandbox.stop-signal\": *\"${pair#*=}\"" "--stop-signal ${pair%=*}"
done
done_testing
