"""userland: sandbox as process 1 of a machine, alone in the initramfs with an image.

Called by run.py.  Touches the directory that it is given.
"""
import os
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from papers import blocks  # noqa: E402
from initramfs import Archive  # noqa: E402
from kernel import Modules  # noqa: E402
from machine import MACHINES, Machine  # noqa: E402

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
INITRAMFS_MAX = int(1.2 * (1 << 20))
IMAGE = '/images/docker.tar'
FILE = f'''# what the machine is for
run
--memory
64m

{IMAGE}
sh
-c
echo "by file: $(cat /etc/marker) $(cat /proc/self/cgroup)"; exit 129
'''
ORPHANS = 'for i in 1 2 3; do (sleep 1 &) ; done'

BUTTON = f'''#!/bin/busybox sh
# A first process that is no product: loads what the button takes, and becomes sandbox.
/bin/busybox mkdir /dev/input
for module in /modules/*.ko; do
	/bin/busybox insmod $module
done
/bin/busybox mount -t devtmpfs dev /dev
exec /sandbox run {IMAGE} sh -c "trap 'echo told; exit 5' TERM; echo ready; while :; do sleep 1; done"
'''

# name: what is on the kernel's command line, lines that the console must have, how it ends.  file: /etc/sandbox.init; key: what is
# pressed once the console says ready; script: what runs before sandbox does, with the modules.  kernels: those on which it runs without
# --long, where what happens is sandbox's doing alone and no kernel's.
ONE = ('5.10',)
CASES = {
    'words': {'words': f'stray -- run -u guest {IMAGE} sh -c "{ORPHANS}; echo $(id -u) $(cat /etc/marker /proc/1/comm); : </dev/tty && echo tty"',
              'lines': ['1000 second layer sandbox', 'tty', 'sandbox: ended with status 0: the machine powers off'], 'end': 'Power down'},
    'a status': {'kernels': ONE, 'words': f'-- run {IMAGE} sh -c "ip link show lo | grep -o LOOPBACK,UP; exit 7"',
                 'lines': ['LOOPBACK,UP', 'sandbox: ended with status 7: the machine powers off'], 'end': 'Power down'},
    'a file': {'kernels': ONE, 'file': FILE, 'lines': ['by file: second layer 0::/', 'sandbox: ended with status 129: the machine restarts'],
               'end': 'Restarting system'},
    'reboot inside': {'kernels': ONE, 'words': f'-- run --cap-add SYS_BOOT {IMAGE} reboot -f',
                      'lines': ['sandbox: ended with status 129: the machine restarts'], 'end': 'Restarting system'},
    'no image': {'kernels': ONE, 'words': '-- run /images/none.tar',
                 'lines': ['sandbox: /images/none.tar: No such file or directory', 'sandbox: ended with status 125: the machine powers off'],
                 'most': 2, 'end': 'Power down'},
    'nothing to run': {'kernels': ONE, 'words': 'stray', 'lines': ['sandbox: nothing to run: .*/etc/sandbox.init'], 'most': 2, 'end': 'Power down'},
    'Ctrl-Alt-Del': {'words': f'-- run {IMAGE} sh -c "trap \'echo told; exit 5\' TERM; echo ready; while :; do sleep 1; done"',
                     'key': 'sendkey ctrl-alt-delete', 'lines': ['told', 'sandbox: ended with status 5: the machine restarts'],
                     'end': 'Restarting system'},
    'Ctrl-Alt-Del and a command that does not heed it': {
        'kernels': ONE, 'words': f'-- run {IMAGE} sh -c "trap : TERM; echo ready; while :; do sleep 1; done"',
        'key': 'sendkey ctrl-alt-delete', 'lines': ['sandbox: ended with status 137: the machine restarts'], 'end': 'Restarting system'},
    'the power button, and a script that becomes process 1': {
        'script': BUTTON, 'modules': ('evdev', 'button'), 'key': 'system_powerdown',
        'lines': ['told', 'sandbox: ended with status 5: the machine powers off'], 'end': 'Power down'},
}


def archive(host, plan, modules):
    """The initramfs of one case: the program, the image, and nothing else."""
    made = Archive()
    if 'script' in plan:
        made.data('script', plan['script'].encode(), 0o755)
        made.file('bin/busybox', os.path.join(host.images, 'rootfs', 'bin', 'busybox'))
        order = dict.fromkeys(name for wanted in plan['modules'] for name in modules.needs(wanted))
        for number, name in enumerate(order):
            made.data(f'modules/{number:02}-{name}.ko', modules.data(name))
    made.file('sandbox', host.sandbox)
    made.file(IMAGE, os.path.join(host.images, 'docker.tar'))
    if 'file' in plan:
        made.data('etc/sandbox.init', plan['file'].encode())
    path = os.path.join(host.work, 'userland')
    made.write(path)
    return path


def press(machine, key, seconds):
    """Once the console says ready."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if re.search(r'^ready\r?$', machine.console_text(), re.M):
            machine.tell_monitor(key)
            return
        time.sleep(0.2)


def case(host, place, name, seconds):
    """One boot.  Returns what was wrong with it, the console, and the seconds of a processor that it took."""
    plan = CASES[name]
    first = '/script' if 'script' in plan else '/sandbox'
    machine = Machine(host.work, os.path.join(place, 'vmlinuz'), archive(host, plan, Modules(place)), f'rdinit={first} {plan.get("words", "")}')
    if 'key' in plan:
        press(machine, plan['key'], seconds)
    ended = machine.wait(seconds)
    machine.power_cut()
    text = machine.console_text().replace('\r', '')
    wrong = [] if ended else ['it did not end']
    wrong += [f'no line: {line}' for line in plan['lines'] if not re.search('^' + line, text, re.M)]
    if plan['end'] not in text:
        wrong.append(f'no line: {plan["end"]}')
    if 'panic' in text:
        wrong.append('the kernel panicked')
    said = re.findall(r'^sandbox: .*', text, re.M)
    if len(said) > plan.get('most', 9):
        wrong.append(f'{len(said)} lines of sandbox')
    return wrong, text.splitlines()[-15:], machine.took


def paper_blocks():
    """What docs/initramfs.md tells to do with qemu."""
    return [text for _, kind, text in blocks(os.path.join(TOP, 'docs', 'initramfs.md')) if kind == 'sh vm']


def paper(host, place, seconds, commands):
    """Those commands, word by word, with the hello image.  Returns what was wrong, what was said, and the size of the initramfs."""
    work, qemu = os.path.join(host.work, 'paper'), MACHINES[host.arch]['qemu']
    os.makedirs(os.path.join(work, 'bin'))
    os.mkdir(os.path.join(work, 'build'))
    shutil.copy(host.sandbox, os.path.join(work, 'build', 'sandbox'))
    os.symlink(os.path.join(place, 'vmlinuz'), os.path.join(work, 'vmlinuz'))
    env = dict(os.environ, PATH=os.path.join(work, 'bin') + ':' + os.environ['PATH'])
    env.setdefault('CC_MUSL', os.path.join(os.path.normpath(os.path.join(host.cache, '..')), 'deps', 'current', 'bin', 'musl-gcc'))
    subprocess.run([os.path.join(TOP, 'rootfs-examples', 'hello', 'make.sh'), os.path.join(work, 'hello.tar')], env=env, check=True,
                   stdout=subprocess.DEVNULL)
    # A machine may lack cpio; and what does not end has to be ended.
    for name, command in (('cpio', os.path.join(host.images, 'rootfs', 'bin', 'busybox') + ' cpio'),
                          (qemu, f'timeout {seconds} {shutil.which(qemu)}')):
        path = os.path.join(work, 'bin', name)
        with open(path, 'w', encoding='utf-8') as f:
            f.write(f'#!/bin/sh\nexec {command} "$@"\n')
        os.chmod(path, 0o755)
    said = subprocess.run(['sh', '-eu', '-c', commands], cwd=work, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False).stdout.decode(errors='replace').replace('\r', '')
    wrong = [f'no line: {line}' for line in ('Hello from inside! I am uid 0,', 'sandbox: ended with status 0: the machine powers off')
             if not re.search('^' + line, said, re.M)]
    size = os.path.getsize(os.path.join(work, 'initramfs'))
    if size > INITRAMFS_MAX:
        wrong.append(f'the initramfs has {size} bytes: over {INITRAMFS_MAX}')
    shutil.rmtree(work)
    return wrong, said.splitlines()[-15:], size
