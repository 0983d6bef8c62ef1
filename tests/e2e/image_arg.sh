#!/bin/sh
# modes: user
# The word that names an image means the same to every verb: a table of each kind of word and each verb.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

cp "$IMAGES/docker.tar" file.tar
cp -R "$IMAGES/oci-dir" layout
cp "$IMAGES/docker.tar" over # a file that has the name of an image in the store
mkdir rootfs
tar -C rootfs -xf "$IMAGES/rootfs.tar" 2>/dev/null
mkdir -p project/bin project/src project/etc tools/bin
echo 'print("hello")' >script
mkfifo pipe
cp file.tar closed.tar
chmod 000 closed.tar

run sandbox -q run "$IMAGES/docker.tar" true
name=$(sandbox images | sed -n '2s/ .*//p')
id=$(sandbox images | sed -n 2p | tr -s ' ' | cut -d' ' -f2)
sandbox tag "$name" over
for folder in rootfs project script; do
	sandbox tag "$name" $folder
done
# What no image can be read from: odd-X alone, and of the name of an image
for prefix in odd stored; do
	mkfifo $prefix-pipe
	mkdir $prefix-shut
	chmod 000 $prefix-shut
	cp closed.tar $prefix-file 2>/dev/null || : >$prefix-file
	chmod 000 $prefix-file
	ln -s /dev/null $prefix-device
	python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' $prefix-socket
done
for what in pipe shut file device socket; do
	sandbox tag "$name" stored-$what
done

# verb_on VERB WORD: what to run
verb_on() {
	rm -rf out
	case $1 in
	run) set -- run -- "$2" true ;;
	unpack) set -- unpack -- "$2" out ;;
	save) set -- save -o out -- "$2" ;;
	tag) set -- tag -- "$2" other ;;
	rm) set -- rm -- "$2" ;;
	*) set -- "$1" -- "$2" ;;
	esac
	run_with "$input" sandbox -q "$@"
}

# row WORD NAME VERB=WANT...: + is success, anything else a pattern of the error
row() {
	word=$1 what=$2 bad=
	shift 2
	for cell; do
		verb=${cell%%=*} want=${cell#*=} input=$IMAGES/docker.tar
		case $word in pipe*) cat "$IMAGES/docker.tar" >pipe & ;; esac
		verb_on "$verb" "$word"
		case $want in
		+) [ "$RC" = 0 ] || bad="$bad $verb: $ERR" ;;
		*) { [ "$RC" = 125 ] && printf '%s\n' "$ERR" | grep -Eq -- "$want"; } || bad="$bad $verb: $RC $ERR" ;;
		esac
		wait
	done
	is "$bad" '' "$what ($word)"
}

# every WANT: the same for each verb that reads an image
every() {
	for verb in run unpack inspect load verify save; do
		printf ' %s=%s' "$verb" "$1"
	done
}

# shellcheck disable=SC2046 # cells are words
{
	row - 'standard input' $(every +)
	row file.tar 'a file' $(every +)
	row ./file.tar 'a path' $(every +)
	row pipe 'a pipe' $(every +)
	row "file.tar#$name" 'an image of a file' $(every +)
	row "-#$name" 'an image of standard input' $(every +)
	row file.tar#no:1 'an image that the file does not hold' $(every 'no.image.no:1.in.it')
	row layout 'a folder with an image in it' $(every +)
	row over 'a file goes before a name' $(every +)
	row closed.tar 'a file that may not be read' $(every 'closed.tar:.Permission.denied')
	row ./missing 'a path that is not there' $(every '^sandbox:.\./missing:.No.such.file')
	row "$name" 'a name' run=+ unpack=+ inspect=+ load=No.such.file verify=+ save=+ tag=+
	row "$id" 'an id' run=+ unpack=+ inspect=+ load=No.such.file verify=+ save=+ tag=+
	row missing 'a name that is not known' run=neither.a.file unpack=No.such.file inspect=neither.a.file load=No.such.file \
		verify=neither.a.file save=neither.a.file tag=missing rm=missing
	row rootfs 'a root file system' run=+ unpack=only.*run inspect=only.*run load=only.*run verify=only.*run save=rootfs:latest
	row rootfs:latest 'which its tag tells from a folder' inspect=+ verify=+ save=+
	row project 'a folder that looks like no root file system gives way' $(every + | sed 's/load=+/load=only.*run/')
	row ./project 'a path does not' unpack=only.*run inspect=only.*run
	row tools 'and one that no image is called like' load=a.folder,.not.an.image:.only.*run inspect=a.folder,.not.an.image
	for what in pipe shut file device socket; do
		row stored-$what 'what no image can be read from gives way' $(every + | sed 's/load=+//')
	done
	row odd-shut 'a folder that is closed' $(every 'odd-shut:.Permission.denied')
	row odd-file 'a file that is closed' $(every 'odd-file:.Permission.denied')
	row odd-device 'an empty device' $(every 'odd-device:.it.is.empty')
	row odd-socket 'a socket' $(every 'odd-socket:.a.socket.or')
	row ./stored-socket 'and by its path' $(every 'stored-socket:.a.socket.or')
	row '' 'an empty word' $(every 'the.name.of.the.image.is.empty')
	row script 'a file that is no image' $(every 'not.a.tar' | sed 's/run=not.a.tar/run=script:latest.names.an.image.in.the.store/')
	# These take names of images in the store, whatever lies in the working directory.
	row over 'a file of that name is nothing to' tag=+ rm=+
	row rootfs 'and a folder is not' tag=+ rm=+
	row file.tar 'nor is another file' tag=file.tar rm=file.tar
}
run sandbox load tools
is "$ERR" 'sandbox: tools: a folder, not an image: only `sandbox run` takes it' 'no image is claimed that is not in the store'
run sandbox load .
is "$ERR" 'sandbox: .: a folder, not an image: only `sandbox run` takes it' '... nor for a path'
run sandbox load alpine
like "$ERR" 'alpine: No such file or directory .nothing is pulled: name a file' 'load says that it takes files'
run sandbox load "$name"
like "$ERR" 'No such file or directory .the store has an image of that name' '... and that the image is there'
run sandbox run project test -d /usr/bin
is "$RC:$ERR" 0: 'a folder that gives way does so in silence'
run sandbox run ./project true
like "$RC:$ERR" '^127:sandbox: run true: not found' '... and a path stays a path'
run sandbox run tools true
like "$ERR" '^sandbox: the folder tools is the root file system: the store has no image of that name$' 'a folder that is taken is named'
is "$(sandbox inspect over 2>&1 | sed -n '1s/ .*//p')" id 'the file itself stays'
done_testing
