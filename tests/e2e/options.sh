#!/bin/sh
# modes: user
# What the image's config and the options of `run` ask for, as a program inside sees it.
# As others, behaviours.sh has a dozen rows, and files.sh says whose the files are.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

image=$IMAGES/docker.tar
config=$IMAGES/config.tar

# Entrypoint, command, arguments
gives 'entrypoint and command of the image' 0 'entry cmd more' sandbox run "$config"
gives 'arguments replace the command' 0 'entry a b' sandbox run "$config" a b
gives '--entrypoint clears the command' 0 '' sandbox run --entrypoint echo "$config"
gives '--entrypoint with arguments' 0 'x y' sandbox run --entrypoint echo "$config" x y
gives 'an empty --entrypoint' 0 alone sandbox run --entrypoint= "$config" echo alone
gives 'options after the image are the command'"'"'s' 0 '-e -w' sandbox run "$image" sh -c 'echo "$*"' sh -e -w
gives 'an empty argument stays' 0 '[]' sandbox run "$image" sh -c 'echo "[$1]"' sh ''

# Environment
gives 'Env of the image' 0 'yes image' sandbox run --entrypoint sh "$config" -c 'echo $FROM_IMAGE $OVER'
gives '-e goes over it' 0 'mine a=b' sandbox run -e OVER=mine --env 'NEW=a=b' --entrypoint sh "$config" -c 'echo $OVER $NEW'
export FROM_CALLER='of the caller'
gives '-e NAME is the caller'"'"'s' 0 'of the caller' sandbox run -e FROM_CALLER "$image" sh -c 'echo $FROM_CALLER'
gives 'nothing else of the caller gets in' 0 '' sandbox run "$image" sh -c 'echo $FROM_CALLER'
printf '# a comment\n\nFILE=from file\nOVER=file\nFROM_CALLER\n' >env.list
gives '--env-file' 0 'from file|file|of the caller' \
	sandbox run --env-file env.list --entrypoint sh "$config" -c 'echo "$FILE|$OVER|$FROM_CALLER"'
gives '-e goes over --env-file' 0 mine sandbox run -e OVER=mine --env-file env.list "$image" sh -c 'echo $OVER'
gives 'the rest is known' 0 'HOME=/root
HOSTNAME=box
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
container=sandbox' sandbox run --hostname box "$image" sh -c 'env | grep -v "^\(PWD\|SHLVL\|_\)=" | sort'

# Working directory
gives 'WorkingDir is made where it is missing' 0 /var/made/by/workdir sandbox run --entrypoint pwd "$config"
gives '-w' 0 /etc sandbox run -w /etc "$image" pwd
gives '--workdir above the root is in the root' 0 /bin sandbox run -w ../../bin "$image" pwd
gives '--workdir is made too' 0 /not/there sandbox run --workdir /not/there "$image" pwd
gives 'none is the root' 0 / sandbox run "$image" pwd

# User
gives 'root unless said' 0 'uid=0(root) gid=0(root)' sandbox run "$image" sh -c 'id | cut -d" " -f1,2'
gives 'User of the image' 0 'guest 1000 1000 /home/guest' sandbox run --entrypoint sh "$config" -c 'echo $(id -un) $(id -u) $(id -g) $HOME'
gives '-u NAME' 0 '33 33 /var/www' sandbox run -u www "$image" sh -c 'echo $(id -u) $(id -g) $HOME'
gives '-u UID' 0 '4321 0 /' sandbox run --user 4321 "$image" sh -c 'echo $(id -u) $(id -g) $HOME'
gives '-u UID:GID' 0 '7 8' sandbox run -u 7:8 "$image" sh -c 'echo $(id -u) $(id -g)'
gives '-u NAME:GROUP' 0 '1000 10' sandbox run -u guest:wheel "$image" sh -c 'echo $(id -u) $(id -g)'
fails 'a user that the image does not have' 125 nobodyhere sandbox run -u nobodyhere "$image" true

# Volumes
mkdir shared
echo outside >shared/file
gives '-v' 0 outside sandbox run -v "$WORK/shared:/data" "$image" cat /data/file
gives '-v is writable' 0 '' sandbox run -v "$WORK/shared:/data" "$image" sh -c 'echo inside >/data/made'
is "$(cat shared/made)" inside 'what is written is there outside'
is "$(stat -c %u shared/made)" "$(id -u)" 'and belongs to the caller'
run sandbox run -v "$WORK/shared:/data:ro" "$image" sh -c 'echo more >/data/made'
like "$RC:$ERR" '^1:.*Read-only file system' '-v with :ro'
gives 'a relative source' 0 outside sandbox run -v ./shared:/data "$image" cat /data/file
gives 'a file on a file' 0 outside sandbox run --volume "$WORK/shared/file:/etc/passwd:ro" -u 0 "$image" cat /etc/passwd
gives 'a target that is not there' 0 outside sandbox run -v "$WORK/shared:/a/b/c" "$image" cat /a/b/c/file
fails 'a source that is not there' 125 "$WORK/missing" sandbox run -v "$WORK/missing:/data" "$image" true
fails 'a volume without a target' 125 'shared' sandbox run -v "$WORK/shared:" "$image" true

# tmpfs
gives '--tmpfs' 0 'tmpfs 1777' sandbox run --tmpfs /scratch "$image" \
	sh -c 'echo $(grep " /scratch " /proc/mounts | cut -d" " -f3) $(stat -c %a /scratch)'
gives '--tmpfs with options' 0 'size=1024k 700' sandbox run --tmpfs /scratch:size=1m,mode=700 "$image" \
	sh -c 'echo $(grep " /scratch " /proc/mounts | grep -o size=1024k) $(stat -c %a /scratch)'

# The root filesystem
gives 'it can be written to' 0 new sandbox run "$image" sh -c 'echo new >/etc/new; cat /etc/new'
gives 'and is as before the next time' 1 '' sandbox run "$image" test -e /etc/new
run sandbox run --read-only "$image" sh -c 'echo new >/etc/new'
like "$RC:$ERR" '^1:.*Read-only file system' '--read-only'
gives '--read-only with a --tmpfs' 0 new sandbox run --read-only --tmpfs /tmp "$image" sh -c 'echo new >/tmp/new; cat /tmp/new'

# Names and network
gives '--hostname' 0 'box box box' sandbox run --hostname box "$image" sh -c 'echo $(hostname) $(cat /etc/hostname) $HOSTNAME'
like "$(sandbox run --hostname box "$image" cat /etc/hosts)" '[[:space:]]box$' 'the host name is in /etc/hosts'
gives 'the network is the host'"'"'s' 0 "$(tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' ' | sort)" \
	sandbox run "$image" sh -c 'tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d " " | sort'
gives '--network none has a loopback and nothing else' 0 lo sandbox run --network none "$image" \
	sh -c 'tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d " "'
gives 'the loopback is up' 0 up sandbox run --network none "$image" sh -c 'ping -c 1 -w 5 127.0.0.1 >/dev/null && echo up'
fails 'a network that does not exist' 125 bridge-of-mine sandbox run --network bridge-of-mine "$image" true
gives '--name' 0 x sandbox run --name first "$image" echo x
is "$(sandbox run "$image" cat /etc/resolv.conf 2>&1)" "$(cat /etc/resolv.conf)" 'resolv.conf is the host'"'"'s'

# Sizes: one grammar and one error in all options, where S stands for one
for option in '--memory S' '--shm-size S' '--scratch-size S' '--tmpfs /t:size=S' '--mount type=tmpfs,dst=/t,tmpfs-size=S' \
	'--max-bytes S' '--max-entries S' '--reserve S' '--xz-memory S' gc; do
	# shellcheck disable=SC2086 # options are words
	case $option in
	gc) set -- sandbox gc --dry-run --max-size S ;;
	*) set -- sandbox run --dry-run $option "$image" true ;;
	esac
	# try SIZE: sets $RC and $ERR of the command with SIZE for S
	try() {
		size=$1
		shift
		for word; do
			shift
			set -- "$@" "$(printf %s "$word" | sed "s/^S\$/$size/; s/=S\$/=$size/")"
		done
		run "$@"
	}
	got=
	for size in 9000000 9000000b 9000k 9000KB 64m 1.5G 2GiB 0.1t; do
		try $size "$@"
		[ "$RC:$ERR" = 0: ] || got="$got $size: $ERR"
	done
	for size in 5x 1.g 1mm 0x10 much; do
		try $size "$@"
		printf '%s\n' "$RC:$ERR" | grep -q "^125:.* $size: not a size such as 500m or 1.5g\$" ||
			got="$got $size: $ERR"
	done
	is "$got" '' "$option takes every spelling of a size, and says what is none"
done

# Talking
gives '-q says nothing' 0 out sandbox run -q "$IMAGES/oci.tar" echo out
run sandbox run --verbose "$image" echo out
is "$RC:$OUT" 0:out '--verbose leaves the output alone'
like "$ERR" '^sandbox: ' 'and tells on standard error what is done'
unlike "$ERR" '^([^s]|s[^a])' 'with the name of the program before each line'

# --dry-run
run sandbox run --dry-run -e A=b -w /work -u guest --hostname box --read-only --tmpfs /scratch -v "$WORK/shared:/data:ro" "$image" ls -l
printf '%s' "$OUT" >plan.json
is "$RC:$ERR" 0: '--dry-run'
plan() {
	python3 -c "import json; p = json.load(open('plan.json')); print($1)" 2>&1
}
is "$(plan 'p["process"]["args"], p["process"]["cwd"], p["process"]["user"]["uid"]')" "['ls', '-l'] /work 1000" 'is JSON with the process'
is "$(plan '"A=b" in p["process"]["env"], p["process"]["noNewPrivileges"]')" 'True True' 'its environment'
is "$(plan 'p["hostname"], p["root"]["readonly"]')" 'box True' 'host name and root'
is "$(plan 'sorted(m["destination"] for m in p["mounts"] if m["destination"] in ("/proc", "/dev", "/scratch", "/data"))')" \
	"['/data', '/dev', '/proc', '/scratch']" 'mounts'
is "$(plan 'sorted(n["type"] for n in p["linux"]["namespaces"] if n["type"] != "cgroup")')" "['ipc', 'mount', 'pid', 'user', 'uts']" 'namespaces'
is "$(plan 'len(p["process"]["capabilities"]["bounding"]), p["linux"]["uidMappings"][0]["containerID"]')" '14 1000' 'capabilities and ids'
done_testing
