#!/bin/sh
# modes: user
# Libraries of the host that come before the image's: --host-library, and --mpi host by a preset.  tests/hpc has real MPIs.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"
unset LD_LIBRARY_PATH
mine=$HOME/.config/sandbox
mkdir -p "$mine" host/sub lib

# lib FILE SONAME TEXT [OPTION...]: a library whose `word` is TEXT
lib() {
	file=$1 soname=$2 text=$3
	shift 3
	printf 'const char *word(void) { return "%s"; }\nconst char *%s(void) { return "%s"; }\n' "$text" "$text" "$text" |
		gcc -shared -fPIC -x c - -o "$file" "-Wl,-soname,$soname" "$@"
}
# The image: a program that needs libword.so.1, glibc and a shell of the host's.
image=$WORK/image
libc=$(ldd /bin/sh | awk '$1 == "libc.so.6" { print $3 }')
loader=$(ldd /bin/sh | awk '$1 ~ /ld-linux/ { print $1 }')
mkdir -p "$image/bin" "$image/etc" "$image$(dirname "$libc")" "$image$(dirname "$loader")" "$image/opt/own"
cp /bin/sh "$image/bin/sh"
cp -L "$libc" "$image$libc"
cp -L "$loader" "$image$loader"
lib "$image/opt/own/libword.so.1" libword.so.1 image
lib lib/libword.so libword.so.1 image
printf '#include <stdio.h>\nconst char *word(void);\nint main(void) { puts(word()); return 0; }\n' |
	gcc -x c - -x none lib/libword.so -o "$image/bin/word" -Wl,--enable-new-dtags,-rpath,/opt/own
lib host/libword.so.1 libword.so.1 host

gives "the image's own" 0 image sandbox run "$image" word
gives "the host's comes first, before a folder that the program names" 0 host sandbox run --host-library "$WORK/host/libword.so.1" "$image" word
gives 'and before LD_LIBRARY_PATH of -e, which is kept behind it' 0 'host /run/sandbox/lib:/opt/own' \
	sandbox run -e LD_LIBRARY_PATH=/opt/own --host-library "$WORK/host/libword.so.1" "$image" sh -c 'echo "$(word) $LD_LIBRARY_PATH"'
cp host/libword.so.1 host/libphrase.so.9
gives 'under a further name' 0 host sandbox run --host-library "$WORK/host/libphrase.so.9:libother.so.1:libword.so.1" "$image" word
run sandbox run --host-library "$WORK/host/libword.so.1" "$image" sh -c 'echo >/run/sandbox/lib/libword.so.1'
like "$RC:$ERR" '^2:.*(Read-only|Permission|Text file)' "the host's file cannot be written"

# ---- what it needs ----
lib host/sub/libneed.so.3 libneed.so.3 need
lib host/libword.so.1 libword.so.1 host -Wl,--no-as-needed -x none host/sub/libneed.so.3 '-Wl,-rpath,$ORIGIN/sub'
gives 'what it needs comes along, found by its own $ORIGIN' 0 'libneed.so.3 libword.so.1 host' \
	sandbox run --host-library "$WORK/host/libword.so.1" "$image" sh -c 'cd /run/sandbox/lib && echo * $(word)'
lib host/libword.so.1 libword.so.1 host -Wl,--no-as-needed -x none host/sub/libneed.so.3
gives 'found by LD_LIBRARY_PATH of the caller' 0 host \
	env LD_LIBRARY_PATH="/nowhere:$WORK/host/sub" sandbox run --host-library "$WORK/host/libword.so.1" "$image" word
fails 'one that is not there' 125 '--host-library: .*libword.so.1 needs libneed.so.3, which this host does not have' \
	sandbox run --host-library "$WORK/host/libword.so.1" "$image" word
mkdir plugins
cp host/libword.so.1 plugins/
echo text >plugins/readme
run sandbox run --host-library "$WORK/plugins" "$image" sh -c "cd '$WORK/plugins' && echo *"
is "$RC:$OUT:$ERR" '0:libword.so.1 readme:' 'a folder keeps its place, and a file in it may lack something' # as the host's own loader finds out

# ---- what cannot work is told before ----
# A library that needs a newer glibc: made with one that claims to be it.
echo 'GLIBC_2.99 { global: newest; };' >versions
echo 'int newest(void) { return 1; }' | gcc -shared -fPIC -nostdlib -x c - -o lib/libc.so.6 -Wl,-soname,libc.so.6 -Wl,--version-script,versions
echo 'int newest(void); const char *word(void) { return newest() ? "new" : ""; }' |
	gcc -shared -fPIC -nostdlib -x c - -x none lib/libc.so.6 -o host/libnew.so.1 -Wl,-soname,libnew.so.1
fails 'a newer glibc' 125 '--host-library: .*libnew.so.1 needs glibc 2.99, and the image has 2\.[0-9]+' \
	sandbox run --host-library "$WORK/host/libnew.so.1" "$image" word
lib host/libword.so.1 libword.so.1 host
fails 'an image without glibc' 125 'libword.so.1 is for glibc, which the image does not have' \
	sandbox run --host-library "$WORK/host/libword.so.1" "$IMAGES/busybox.tar" true
python3 -B - host/libword.so.1 other.so <<'END'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[18:20] = (0x16).to_bytes(2, "little")  # s390
open(sys.argv[2], "wb").write(data)
END
fails 'another processor' 125 'other.so is for glibc, which the image does not have for this processor' \
	sandbox run --host-library "$WORK/other.so" "$image" word
fails 'no library' 125 'readme: is no shared library' sandbox run --host-library "$WORK/plugins/readme" "$image" word
fails 'nothing' 125 'missing.so: No such file' sandbox run --host-library /missing.so "$image" word
fails 'a relative path' 125 'host/libword.so.1: is not an absolute path' sandbox run --host-library host/libword.so.1 "$image" word
# An image's own files may be anything.
for bytes in 0 16 64 200 4000; do
	head -c $bytes "$libc" >"$image$libc"
	head -c $bytes /etc/ld.so.cache >"$image/etc/ld.so.cache"
	run sandbox run --host-library "$WORK/host/libword.so.1" "$image" word
	is "$RC" 125 "$bytes bytes of libc and of the loader's cache"
done
cp -L "$libc" "$image$libc"

# ---- a description ----
cat >"$mine/sandbox.conf" <<END
[preset mpi]
host-library = $WORK/host/libphrase.so.9:libword.so.1
env = MPI_OF=host

[preset mpi:second]
host-library = $WORK/host/libword.so.1
env = MPI_OF=second
END
gives '--mpi host' 0 'host host' sandbox run --mpi host "$image" sh -c 'echo $(word) $MPI_OF'
gives '--mpi host:NAME' 0 'host second' sandbox run --mpi host:second "$image" sh -c 'echo $(word) $MPI_OF'
gives 'the description is checked' 0 '' sandbox config --check "$mine/sandbox.conf"
fails 'none of that name' 125 '--mpi host:third: .*no file of settings has it' sandbox run --mpi host:third "$image" word
fails 'no such kind' 125 '--mpi image: neither host nor host:NAME' sandbox run --mpi image "$image" word
printf '\n[all]\nmpi = host:second\n' >>"$mine/sandbox.conf"
gives 'the configuration asks for it' 0 'host second' sandbox run "$image" sh -c 'echo $(word) $MPI_OF'
done_testing
