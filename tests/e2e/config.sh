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
fails_at 'an option that is refused' 'sysctl = a=b' '1: sysctl: .*no run can set kernel parameters'
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
done_testing
