#!/bin/sh
# modes: user
# The configuration of the site and of the user: which of two values counts, what is replaced in them, locks, presets, mistakes.
# The site's files are in /etc, which a mount namespace of the script's own replaces.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

image=$IMAGES/docker.tar
mine=$HOME/.config/sandbox
mkdir -p "$mine" etc/sandbox/sandbox.conf.d data
cp /etc/passwd /etc/group etc/
sandbox run -q "$image" true

# site COMMAND...: where the site's files are those of ./etc
cat >site <<'EOF'
#!/bin/sh
exec unshare -Urm sh -c 'mount --bind etc /etc && exec "$@"' sh "$@"
EOF
chmod 755 site
PATH=$WORK:$PATH

gives 'nothing configured: nothing printed' 0 '' sandbox config

# ---- which counts ----
cat >etc/sandbox/sandbox.conf <<'EOF'
# the site's
hostname = from-site
env = A=site
env = B=site

EOF
printf 'hostname = from-second\nenv = SECOND=1\n' >etc/sandbox/sandbox.conf.d/20-second.conf
printf 'hostname = from-first\n' >etc/sandbox/sandbox.conf.d/10-first.conf
printf 'hostname = no-file-of-settings\n' >etc/sandbox/sandbox.conf.d/30-notes.txt
gives 'a file of the site' 0 'from-second site' site sandbox run "$image" sh -c 'echo "$(hostname) $A"'
printf 'hostname=from-user\nenv = A=user\n' >"$mine/sandbox.conf"
gives 'the user comes after the site, and lists add up' 0 'from-user user site 1' \
	site sandbox run "$image" sh -c 'echo "$(hostname) $A $B $SECOND"'
gives 'the environment comes after the files' 0 from-environment site env SANDBOX_HOSTNAME=from-environment sandbox run "$image" hostname
gives 'the command line comes last' 0 'from-option option' \
	site env SANDBOX_HOSTNAME=x sandbox run -h from-option -e A=option "$image" sh -c 'echo "$(hostname) $A"'
printf 'env =\n' >"$mine/sandbox.conf"
gives 'a key without a value forgets' 0 "[][]" site sandbox run "$image" sh -c 'echo "[$A][$SECOND]"'
mkdir -p other/sandbox
echo 'hostname = from-xdg' >other/sandbox/sandbox.conf
gives 'XDG_CONFIG_HOME' 0 from-xdg env XDG_CONFIG_HOME="$WORK/other" sandbox run "$image" hostname
printf 'read-only = true\n' >"$mine/sandbox.conf"
run sandbox run "$image" touch /new
like "$RC:$ERR" '^1:.*Read-only' 'a flag'
gives 'a flag that the command line takes back' 0 '' sandbox run --read-only=false "$image" touch /new
gives 'another verb does not mind the options of run' 0 '' sandbox run "$image" true
echo "store = $WORK/configured" >"$mine/sandbox.conf"
sandbox run -q "$image" true
run ls "$WORK/configured/images"
is "$RC" 0 'a store'
gives 'SANDBOX_STORE is nearer than a file' 0 "NAME                                     ID                 SIZE  CREATED               USED                " \
	env SANDBOX_STORE="$WORK/empty" sandbox images
run sandbox --store "$WORK/given" images
unlike "$OUT" docker '--store before the verb'
run sandbox images --store "$WORK/given"
unlike "$OUT" docker '... and after it'
printf 'shared-store = %s\n' "$WORK/configured" >"$mine/sandbox.conf"
name=$(sandbox --store "$WORK/configured" images | awk 'NR == 2 { print $1 }')
gives 'a store that is only read' 0 '' env SANDBOX_STORE="$WORK/empty" sandbox run "$name" true

# ---- what is replaced ----
me=$(id -un)
printf 'env = WHO=%%u %%U 100%%%% ${COLOUR}\nenv = AT=%%h\n' >"$mine/sandbox.conf"
gives 'the user, the home, a variable' 0 "$me $(id -u) 100% red $HOME" env COLOUR=red sandbox run "$image" sh -c 'echo "$WHO $AT"'
printf 'env = NODE=%%n\n' >"$mine/sandbox.conf"
gives 'the node' 0 "$(uname -n)" sandbox run "$image" sh -c 'echo "$NODE"'
echo 'env = X=${NOT_SET}' >"$mine/sandbox.conf"
fails 'a variable without a value' 125 'sandbox.conf:1: env: \$\{NOT_SET\} has no value' sandbox run "$image" true
echo 'env = X=%q' >"$mine/sandbox.conf"
fails 'no such variable' 125 'sandbox.conf:1: env: %q stands for nothing' sandbox run "$image" true
printf 'volume = ?%s/missing:/a\nvolume = ?%s/data:/b\nvolume = ?/x/${NOT_SET}:/c\n' "$WORK" "$WORK" >"$mine/sandbox.conf"
gives 'a bind that may be missing' 0 b sandbox run "$image" sh -c 'for i in a b c; do [ ! -e /$i ] || echo $i; done'
printf 'volume = %s/missing:/a\n' "$WORK" >"$mine/sandbox.conf"
fails 'one that may not' 125 'missing of the mount on /a: No such file' sandbox run "$image" true

# ---- locks ----
: >"$mine/sandbox.conf"
printf 'network = none\nlock = network umask\n' >etc/sandbox/sandbox.conf
gives 'a locked value counts' 0 lo site sandbox run "$image" sh -c 'ls /sys/class/net 2>/dev/null || sed -n "3,\$s/:.*//p" /proc/net/dev | tr -d " "'
for option in --network=host '--net host'; do
	# shellcheck disable=SC2086 # two words
	fails "$option is refused" 125 'the site has locked it \(/etc/sandbox/sandbox.conf:2\)' site sandbox run $option "$image" true
done
fails 'so is the environment' 125 'environment: network: the site has locked it' site env SANDBOX_NETWORK=host sandbox run "$image" true
echo 'umask = 077' >"$mine/sandbox.conf"
fails 'and a file of the user' 125 'sandbox.conf:1: umask: the site has locked it' site sandbox run "$image" true
# Names of one option: a lock on one holds for the other, whoever gives it.  The file of the site itself may.
sandbox help run | sed -nE 's/.* --([a-z0-9-]+) .*the same as --([a-z0-9-]+)( .*|$)/\1 \2/p' >names
[ "$(wc -l <names)" -ge 4 ]
ok $? 'the help has names of one option' || tell "$(cat names)"
sandbox help run | sed -nE 's/^  (-., |    )--([a-z0-9-]+) ([^ ]*) .*/\2 \3/p' >placeholders
echo 'hpc no-hpc' >>names
bad=
while read -r one other; do
	for pair in "$one $other" "$other $one"; do
		locked=${pair% *} given=${pair#* }
		value=$(sed -n "s/^$given //p" placeholders)
		case $value in '') value=true ;; MODE) value=none ;; SIZE) value=64m ;; OPTION) value=rotate ;; esac
		printf 'lock = %s\n' "$locked" >etc/sandbox/sandbox.conf
		run site sandbox run "--$given=$value" "$image" true
		[ "$RC:$ERR" = "125:sandbox: --$given: the site has locked it (/etc/sandbox/sandbox.conf:1)" ] || bad="$bad $locked: --$given=$value: $RC $ERR;"
		run site env "SANDBOX_$(echo "$given" | tr a-z- A-Z_)=$value" sandbox run "$image" true
		case $RC:$ERR in "125:sandbox: the environment: $given: the site has locked it "*) ;; *) bad="$bad $locked: environment: $given: $RC $ERR;" ;; esac
		printf '%s = %s\n' "$given" "$value" >"$mine/sandbox.conf"
		run site sandbox run "$image" true
		case $RC:$ERR in "125:sandbox: $mine/sandbox.conf:1: $given: the site has locked it "*) ;; *) bad="$bad $locked: file: $given: $RC $ERR;" ;; esac
		printf '%s =\n' "$given" >"$mine/sandbox.conf"
		run site sandbox run "$image" true
		[ "$RC" = 125 ] || bad="$bad $locked: forget $given: $RC;"
		: >"$mine/sandbox.conf"
		printf 'lock = %s\n%s = %s\n' "$locked" "$given" "$value" >etc/sandbox/sandbox.conf
		run site sandbox run "$image" true
		[ "$RC" = 0 ] || bad="$bad $locked: site: $given: $RC $ERR;"
	done
done <names
is "$bad" '' 'a lock on an option is one on its other names'
printf 'network = none\n' >etc/sandbox/sandbox.conf
printf 'net =\n' >"$mine/sandbox.conf"
gives 'so is to forget it' 0 "$(ls /sys/class/net | wc -l)" site sandbox run "$image" sh -c 'ls /sys/class/net | wc -l'
gives 'config does not print what is forgotten' 0 0 site sh -c 'sandbox config | grep -c net || true'
echo 'lock = env' >"$mine/sandbox.conf"
fails 'a user locks nothing' 125 "lock: only the site's files can lock" sandbox run "$image" true

# ---- presets ----
printf '[preset quiet]\nhostname = still\nenv = P=1\n[preset loud]\nhostname = loud\n[all]\nenv = ALL=1\n' >"$mine/sandbox.conf"
script='echo "$(hostname) [$P] [$ALL]"'
gives 'a preset' 0 'still [1] [1]' sandbox run --preset quiet "$image" sh -c "$script"
gives 'no preset' 0 "$(uname -n) [] [1]" sandbox run "$image" sh -c "$script"
gives 'of two presets the later counts' 0 'loud [1] [1]' sandbox run --preset quiet --preset loud "$image" sh -c "$script"
gives 'one by the environment' 0 'still [1] [1]' env SANDBOX_PRESET=quiet sandbox run "$image" sh -c "$script"
fails 'no such preset' 125 'preset nosuch: no file of settings has it' sandbox run --preset nosuch "$image" true
printf '[preset one]\npreset = one\n' >"$mine/sandbox.conf"
fails 'a preset in a preset' 125 'sandbox.conf:2: preset: a preset cannot name another' sandbox run --preset one "$image" true

# ---- mistakes ----
fails_at() {
	printf '%s\n' "$2" >"$mine/sandbox.conf"
	fails "$1" 125 "$mine/sandbox.conf:$3" sandbox run "$image" true
}
fails_at 'no such key' 'netwrok = none' '1: netwrok: no such key'
fails_at 'no line of settings' 'network none' '1: network none: neither KEY = VALUE'
fails_at 'a flag with another value' 'read-only = maybe' '1: read-only: .*true and =false'
fails_at 'a number that is none' '
timeout = soon' '2: timeout: .*not a number'
fails_at 'an option that is refused' 'link = a' '1: link: .*runs reach each other'
fails_at 'a store in the working directory' 'store = images' '1: store: images: the path must begin with /'
fails_at 'a store with a tilde' 'store = ~/images' '1: store: ~/images: the path must begin with /'
fails_at 'help is no key' 'help = true' '1: help: no such key'
for option in 'network = foo' 'memory = lots' 'umask = 9'; do
	printf '%s\n' "$option" >"$mine/sandbox.conf"
	run sandbox run "$image" true
	like "$RC:$ERR" "^125:.*sandbox.conf:1" "$option: an error of the run names the line"
done
for verb in images ps; do
	printf 'what is this\n' >"$mine/sandbox.conf"
	fails "$verb says it, too" 125 'sandbox.conf:1: ' sandbox $verb
done
run sandbox help config
is "$RC:$ERR" 0: 'help works all the same'
gives 'SANDBOX_ variables of other programs' 0 '' env XDG_CONFIG_HOME=/nowhere SANDBOX_ON=1 SANDBOX_DEBUG_LOG=/x SANDBOX_LEFT='100%q ${NOT_SET}' sandbox run "$image" true

# ---- config ----
printf 'network = host\n[preset small]\nmemory = 1g\n' >"$mine/sandbox.conf"
printf 'message = Ask help@site\nenv = A=1\nlock = umask tz\n' >etc/sandbox/sandbox.conf
rm -r etc/sandbox/sandbox.conf.d
gives 'config prints where each value stands' 0 "# /etc/sandbox/sandbox.conf:2
env = A=1
# $mine/sandbox.conf:1
network = host
[preset small]
# $mine/sandbox.conf:3
memory = 1g
[all]
# the environment
workdir = /tmp
message = Ask help@site
# /etc/sandbox/sandbox.conf:3
lock = umask tz" site env SANDBOX_WORKDIR=/tmp sandbox config
gives 'config --check of a good file' 0 '' sandbox config --check etc/sandbox/sandbox.conf
for line in 'timeout = lots' 'nosuch = 1' 'lock = nosuch' '[preset x' 'env = =x'; do
	printf '# first\n[preset a]\nhostname = a\n[all]\n%s\n' "$line" >wrong.conf
	fails "config --check: $line" 125 'wrong.conf:5: ' sandbox config --check wrong.conf
done
printf '[preset a]\nno-such-key = a\n' >wrong.conf
fails 'config --check looks into presets' 125 'wrong.conf:2: no-such-key: no such key' sandbox config --check wrong.conf
fails 'config --check of no file' 125 'No such file' sandbox config --check nosuch.conf
run site sandbox run "$image" /nosuch
is "$RC:$(printf '%s\n' "$ERR" | tail -n 1)" '127:sandbox: Ask help@site' "the site's message follows an error"
# ---- bad values: the file, the line and the key are named by `config --check` and by a run ----
: >etc/sandbox/sandbox.conf
long=$(printf '%05000d' 0 | tr 0 a)
cat >bad <<'EOF'
env = =x
env-file = /nowhere/env
workdir = LONG
user = 4294967295
user = 0:99999999999
preserve-fds = 20000
preserve-fd = x
preserve-fd = 999
umask = 9
timeout = soon
stop-signal = LOUD
stop-timeout = -1
name = a b
log = /nowhere/log
status-fd = x
pidfile = /nowhere/pid
cidfile = /nowhere/cid
preset = nosuch
userns = host
group-add = wheel
emulate = all
volume = a
volume = /a:b
volume = /a:/b:c
volume = /a:/b:ro,rw
mount = type=bind
mount = type=nfs,dst=/a
mount = x
tmpfs = a
tmpfs = /a:b
tmpfs = /a:size=x
device = x
device = /dev/null:/dev/null:q
shm-size = x
scratch = /nowhere/scratch
scratch-size = x
writable = a/b
tz = No/Where
cache = x
cache-max-size = x
cache-older-than = x
network = foo
net = foo
publish = x
publish = 1-2:3
hostname = a b
domainname = LONG
add-host = x
add-host = a:b
dns = here
cap-add = zz
cap-drop = zz
security-opt = x
security-opt = seccomp=/nowhere/profile
security-opt = mask=a
ulimit = x
ulimit = nofile=2:1
memory = x
memory = 1k
memory-swap = x
cpus = x
cpu-quota = x
cpu-period = x
pids-limit = x
cpuset-cpus = 1-0
cpuset-cpus = 8192
oom-score-adj = 1001
oom-score-adj = --1
pull = always
restart = always
log-driver = syslog
pid = host
ipc = host
uts = other
cgroupns = host
isolation = hyperv
runtime = crun
volume-driver = nfs
platform = a/b/c/d
platform = windows/amd64
max-entries = x
max-bytes = x
reserve = x
cache = in-the-working-directory
cache-max-size = x
cache-older-than = soon
decoder-memory = x
xz-memory = x
read-only = x
sysctl = a=b
mpi = image
host-library = lib.so
gpus = some
EOF
# These depend on the host or the image: what is wrong shows when a run begins.
later=' log pidfile cidfile scratch tz '
bad=
while IFS= read -r line; do
	key=${line%% *}
	printf '# first\n%s\n' "$line" | sed "s/LONG/$long/" >"$mine/sandbox.conf"
	options=
	[ "$key" != log ] || options=-d
	# shellcheck disable=SC2086 # no word, or one
	run sandbox run $options "$image" true
	case $RC:$OUT:$ERR in "125::sandbox: $mine/sandbox.conf:2: $key: "*) ;; *) bad="$bad run: $line: $RC $OUT $ERR;" ;; esac
	[ "$(printf '%s\n' "$ERR" | wc -l)" = 1 ] || bad="$bad run: $line: $ERR;"
	case $later in *" $key "*) continue ;; esac
	run sandbox config --check "$mine/sandbox.conf"
	case $RC:$OUT:$ERR in "125::sandbox: $mine/sandbox.conf:2: $key: "*) ;; *) bad="$bad check: $line: $RC $OUT $ERR;" ;; esac
done <bad
is "$(printf %s "$bad" | sed 's/aaaa*/LONG/g')" '' 'a bad value is named with file, line and key'
# Every option that takes a value has a bad one above, takes any text, or is refused whatever its value.
any=' cdi-dir entrypoint join dns-search dns-option dns-opt tag store shared-store '
bad=
for key in $(sandbox help run | grep -Ev 'no effect: |refused: ' | sed -nE 's/^  (-., |    )--([a-z0-9-]+) [^ ].*/\2/p'); do
	case $any in *" $key "*) continue ;; esac
	grep -q "^$key = " bad || bad="$bad $key"
done
is "$bad" '' '... of every key'
printf 'volume = /nowhere/at:/all\n' >"$mine/sandbox.conf"
fails 'a folder of the host that is missing' 125 "sandbox.conf:1: volume: .*No such file" sandbox run "$image" true
printf 'user = nosuchuser\n' >"$mine/sandbox.conf"
fails 'a user that the image does not have' 125 'sandbox.conf:1: user: --user nosuchuser: no such user' sandbox run "$image" true
printf 'publish = 80:80\n' >"$mine/sandbox.conf"
fails 'one that others contradict' 125 'sandbox.conf:1: publish: .*needs a private network' sandbox run "$image" true
gives '... which is no fault of the file' 0 '' sandbox config --check "$mine/sandbox.conf"
printf 'volume = /etc:/a:z\n' >"$mine/sandbox.conf"
run sandbox run "$image" true
is "$RC:$ERR" '0:sandbox: --volume /etc:/a:z: option "z" has no effect' 'a note about a value is said once'
fails 'a bad option fails before the image is looked for' 125 '--network foo: must be' sandbox run --network foo nosuch.tar true

# ---- forms of files ----
printf '\357\273\277hostname = bom\r\nenv = A=1' >"$mine/sandbox.conf"
gives 'a byte order mark, CRLF, no newline at the end' 0 'bom 1.' sandbox run "$image" sh -c 'echo "$(hostname) $A."'
printf 'hostname = a\0b\n' >"$mine/sandbox.conf"
fails 'a NUL byte' 125 'sandbox.conf: contains a NUL byte' sandbox run "$image" true
printf 'env = LONG=%s\n' "$(printf '%0100000d' 0)" >"$mine/sandbox.conf"
gives 'a long line' 0 100000 sandbox run "$image" sh -c 'echo ${#LONG}'
head -c 2000000 /dev/zero | tr '\0' 'x' >"$mine/sandbox.conf"
fails 'a file that is too long' 125 'sandbox.conf: File too large' sandbox run "$image" true
rm "$mine/sandbox.conf"
mkdir "$mine/sandbox.conf"
fails 'a folder in its place' 125 'sandbox.conf: Is a directory' sandbox run "$image" true
rmdir "$mine/sandbox.conf"
mkfifo "$mine/sandbox.conf"
fails 'a pipe in its place' 125 'sandbox.conf: is a pipe, not a file' sandbox run "$image" true
gives '... which config --check reads' 0 '' sh -c 'echo "hostname = a" | sandbox config --check /dev/stdin'
rm "$mine/sandbox.conf"
ln -s /dev/null "$mine/sandbox.conf"
gives '/dev/null in its place' 0 '' sandbox run "$image" true
rm "$mine/sandbox.conf"
ln -s nowhere "$mine/sandbox.conf"
gives 'a dangling link is no file' 0 '' sandbox run "$image" true
rm "$mine/sandbox.conf"
done_testing
