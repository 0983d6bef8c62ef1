#!/bin/sh
# modes: user root
# verify: every difference between an image and what was unpacked is named.
# Inside a user namespace everything can be read, as by root.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

# All kinds of entries, two of them links of one file, one sparse, some that their owner may not read.
mkdir -p tree/bin tree/dir tree/closed
cp "$IMAGES/rootfs/bin/busybox" tree/bin/sh
echo one >tree/dir/one
ln tree/dir/one tree/dir/two
ln -s one tree/dir/link
mkfifo tree/dir/fifo
truncate -s 3M tree/dir/sparse
echo middle | dd of=tree/dir/sparse bs=1 seek=1500000 conv=notrunc 2>/dev/null
head -c 300000 /dev/urandom >tree/dir/large
echo hidden >tree/closed/hidden
echo ' blank' >'tree/dir/ name with blanks '
printf 'x' >"tree/dir/$(printf 'new\nline')"
chmod 0 tree/closed/hidden tree/closed
tar --sparse -cf image.tar -C tree . 2>/dev/null || tar --sparse -cf image.tar -C tree --exclude=./closed/hidden .
chmod 700 tree/closed
gives 'an image with all kinds of files' 0 one sandbox run image.tar sh -c 'read x </dir/one && echo $x'
id=$(sandbox images | awk 'NR == 2 { print $2 }')
root=$(echo "$STORE/images/$id"*/rootfs)

# check NAME LINE...: verify says exactly these lines, and fails
check() {
	name=$1
	shift
	run sandbox verify "$id"
	is "$RC:$(printf '%s\n' "$OUT" | sed '$d')" "1:$(printf '%s\n' "$@")" "$name"
	[ "$#" = 1 ] && entries='1 entry differs' || entries="$# entries differ"
	is "$(printf '%s\n' "$OUT" | tail -n 1)" "$id $id: $entries" '... and how many'
}
all_is_well() {
	run sandbox verify "$id"
	like "$RC:$ERR:$OUT" "^0::$id $id: [0-9]+ entries, 5\.[0-9] MB, all as they were unpacked$" "$1"
}
all_is_well 'all is well'
all_is_well 'reading changes nothing'

chmod 600 "$root/dir/one"
check 'a mode, of a file of two names' 'changed  /dir/one: mode 0600, not 0644' 'changed  /dir/two: mode 0600, not 0644'
chmod 644 "$root/dir/one"
all_is_well 'and back'

# The same size and the same times, another byte
cp -p "$root/dir/large" saved
cp -p "$root/dir/large" times
printf '\000' | dd of="$root/dir/large" bs=1 seek=299999 conv=notrunc 2>/dev/null
cmp -s "$root/dir/large" saved && printf '\001' | dd of="$root/dir/large" bs=1 seek=299999 conv=notrunc 2>/dev/null
touch -r times "$root/dir/large"
check 'one byte of a large file' 'changed  /dir/large: contents'
cp -p saved "$root/dir/large"
# Two parts exchanged
python3 - "$root/dir/large" <<-'EOF'
	import sys
	with open(sys.argv[1], "r+b") as f:
	    data = f.read()
	    f.seek(0)
	    f.write(data[4096:8192] + data[:4096])
EOF
touch -r times "$root/dir/large"
check 'two blocks exchanged' 'changed  /dir/large: contents'
cp -p saved "$root/dir/large"
cp -p "$root/dir/sparse" saved
printf 'x' | dd of="$root/dir/sparse" bs=1 seek=2900000 conv=notrunc 2>/dev/null
touch -r saved "$root/dir/sparse"
check 'something where a hole was' 'changed  /dir/sparse: contents'
cp --sparse=never -p saved "$root/dir/sparse"
all_is_well 'a hole and zeros are the same'
touch -d 2001-01-01 "$root/dir/sparse"
check 'a time' 'changed  /dir/sparse: time of change'
touch -r saved "$root/dir/sparse"
echo more >>"$root/dir/sparse"
touch -r saved "$root/dir/sparse"
check 'a size' 'changed  /dir/sparse: 3145733 bytes, not 3145728'
truncate -s 3M "$root/dir/sparse"
touch -r saved "$root/dir/sparse"

cp -p "$root/dir/ name with blanks " saved
rm "$root/dir/ name with blanks "
check 'a file that is missing' 'missing  /dir/ name with blanks '
cp -p saved "$root/dir/ name with blanks "
touch "$root/extra"
mkdir -p "$root/dir/more/and"
check 'what was not there' 'extra    /extra' 'extra    /dir/more' 'extra    /dir/more/and'
rm -r "$root/extra" "$root/dir/more"
rm "$root/dir/fifo"
touch "$root/dir/fifo"
check 'another type' 'changed  /dir/fifo: another type of file'
rm "$root/dir/fifo"
mkfifo -m 644 "$root/dir/fifo"
ln -sfn two "$root/dir/link"
run sandbox verify "$id"
like "$RC:$OUT" '^changed  /dir/link: target' 'a target of a link'
like "$OUT" '^changed  /dir/fifo: time of change' 'a fifo that is another one'
rm -r "$root/dir"
run sandbox verify "$id"
is "$(printf '%s\n' "$OUT" | grep -c '^missing  /dir')" 9 'a whole directory'
like "$OUT" 'missing  /dir/new.x0aline' 'a name cannot drive a terminal'

# No record, a damaged record
rm "$root/../contents"
fails 'an image of an older sandbox' 125 'no record of its contents' sandbox verify "$id"
echo nonsense >"$root/../contents"
fails 'a damaged record' 125 'record of its contents is damaged' sandbox verify "$id"
fails 'an image that is not there' 125 'nosuch' sandbox verify nosuch
fails 'no image' 125 'needs one image' sandbox verify

# Images of several layers, with whiteouts, replaced files and links into lower layers
for image in config classic oci-zstd docker.tar.gz docker; do
	file=$IMAGES/$image
	[ -e "$file" ] || file=$file.tar
	sandbox rm test:1 2>/dev/null
	sandbox run --entrypoint true "$file"
	name=$([ $image = config ] && echo config:1 || echo test:1)
	run sandbox verify $name
	like "$RC:$ERR:$OUT" "^0::$name [0-9a-f]+: [0-9]+ entries" "nothing differs after unpacking $image"
done
gives 'the record is of the image, not of what runs write' 0 '' sandbox run test:1 sh -c 'echo x >/etc/passwd; rm -r /bin'
run sandbox verify test:1
is "$RC" 0 'it still verifies'

# A copy of the store on another machine, or a restart: nobody knows whether the data was on the disk by then.
elsewhere() {
	chmod -R u+rwX copy 2>/dev/null
	rm -rf copy
	sandbox --store copy load "$IMAGES/docker.tar" >/dev/null
	sed -i 's/"boot": *"[^"]*"/"boot": "01234567-89ab-cdef-0123-456789abcdef"/' copy/images/*/record.json
	export SANDBOX_STORE=$WORK/copy
}
elsewhere
fails 'a copied store: an image must be checked' 125 'must be checked, since the machine was restarted, or the store was copied.*sandbox verify [0-9a-f]{12}' \
	sandbox run test:1 true
is "$(sandbox images | grep -c '^test:1 ')" 1 '... it is listed'
gives '... gc keeps it' 0 'freed 0 B' sandbox gc
gives '... it can get a name' 0 '' sandbox tag test:1 copied
run sandbox verify test:1
like "$RC:$OUT" '^0:test:1 [0-9a-f]+: [0-9]+ entries, .*, all as they were unpacked$' '... verify finds no difference'
gives '... after which it runs' 0 x sandbox run test:1 echo x
elsewhere
chmod u+w copy/images/*/rootfs/etc/marker
: >"$(echo copy/images/*/rootfs/etc/marker)"
run sandbox verify test:1
like "$RC:$OUT" '^1:changed +/etc/marker' 'a file that the crash left empty is found'
fails '... and the image is not used' 125 'must be checked' sandbox run test:1 true
gives '... until its file is at hand' 0 'second layer' sandbox run "$IMAGES/docker.tar" cat /etc/marker
elsewhere
: >"$(echo copy/images/*/config.json)"
fails 'a config that the crash left empty' 125 'config.json is damaged' sandbox verify test:1
unset SANDBOX_STORE
done_testing
