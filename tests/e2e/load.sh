#!/bin/sh
# modes: user root
# load, tag and save: all images of a file, names, and an archive that other tools read.
# Inside a user namespace owners and modes are as for root.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

# listing DIR: all that a tree has, but times of directories that were not in the tar
listing() {
	(cd "$1" && find . ! -type d -printf '%P %y %m %n %s %T@ %l\n' -o -printf '%P %y %m\n' | LC_ALL=C sort)
}

# load
gives 'load says what it loaded' 0 'Loaded image: test:1' sandbox load "$IMAGES/docker.tar"
gives 'it is there' 0 x sandbox run test:1 echo x
gives 'again is no mistake' 0 'Loaded image: test:1' sandbox load "$IMAGES/docker.tar"
gives 'several files' 0 'Loaded image: busybox:latest
Loaded image: config:1' sandbox load -i "$IMAGES/busybox.tar" "$IMAGES/config.tar"
id=$(sandbox inspect "$IMAGES/rootfs.tar" | awk '$1 == "id" { print $2 }')
gives 'an image without a name' 0 "Loaded image ID: sha256:$id" sandbox load "$IMAGES/rootfs.tar"
run_with "$IMAGES/docker.tar.gz" sandbox load -
is "$RC:$OUT:$ERR" '0:Loaded image: test:1:' 'from standard input, compressed'
gives 'an OCI layout' 0 'Loaded image: test:1' sandbox load "$IMAGES/oci-dir"
for how in '' '-i -' '--input=-'; do
	# shellcheck disable=SC2086 # words
	run_with "$IMAGES/docker.tar" sandbox load $how
	is "$RC:$OUT:$ERR" '0:Loaded image: test:1:' "from standard input, as Docker does it: $how"
done
run timeout 60 python3 "$TESTS/terminal.py" end -- sandbox load "$IMAGES/docker.tar"
like "$OUT" "$(printf '\033\\[K')Loaded image: test:1" 'on a terminal the line of progress is cleared first'
for verb in load 'load -' 'run - true' 'inspect -' 'unpack - out' 'verify -' 'save -o out -'; do
	# shellcheck disable=SC2086 # words
	run timeout 60 python3 "$TESTS/terminal.py" end -- sandbox $verb
	like "$OUT" '^sandbox: standard input is a terminal, not an image .name a file' "a terminal is refused at once: $verb"
done
fails 'nothing on standard input' 125 'standard input: it is empty' sandbox load
fails 'a file that is not there' 125 'nosuch' sandbox load nosuch.tar
fails 'a file that is no image' 125 'not an image|tar' sandbox load "$TESTS/lib.sh"
run sandbox load "$IMAGES/docker.tar" nosuch.tar
is "$RC:$OUT" '125:Loaded image: test:1' 'what comes before a mistake is loaded'

# A file of several images: two that docker saved together, and an OCI index
python3 - "$IMAGES/docker.tar" "$IMAGES/config.tar" both.tar <<-'EOF'
	import io, json, sys, tarfile
	manifest, seen = [], set()
	with tarfile.open(sys.argv[3], "w") as out:
	    for name in sys.argv[1:3]:
	        with tarfile.open(name) as t:
	            for m in t:
	                if m.name == "manifest.json":
	                    manifest += json.load(t.extractfile(m))
	                elif m.isreg() and m.name not in seen and m.name not in ("index.json", "oci-layout", "repositories"):
	                    seen.add(m.name)
	                    out.addfile(m, t.extractfile(m))
	    manifest[0]["RepoTags"].append("second:name")
	    text = json.dumps(manifest).encode()
	    m = tarfile.TarInfo("manifest.json")
	    m.size = len(text)
	    out.addfile(m, io.BytesIO(text))
EOF
rm -rf "$STORE"
gives 'a file with two images' 0 'Loaded image: test:1
Loaded image: second:name
Loaded image: config:1' sandbox load both.tar
is "$(find "$STORE/images" -mindepth 1 -maxdepth 1 | wc -l)" 2 'makes two'
rm -rf "$STORE"
gzip -c both.tar >both.tar.gz
run_with both.tar.gz sandbox load -
is "$RC:$(echo "$OUT" | wc -l)" 0:3 'the same from a pipe'
gives '--tag loads one of them' 0 'Loaded image: config:1' sandbox load --tag config:1 both.tar
rm -rf "$STORE"
mkdir -p two
skopeo copy -q "docker-archive:$IMAGES/docker.tar" oci:two:first >/dev/null 2>&1
skopeo copy -q "docker-archive:$IMAGES/config.tar" oci:two:other >/dev/null 2>&1
run sandbox load two
is "$RC:$(echo "$OUT" | grep -c '^Loaded image')" 0:2 'an OCI layout with two images'
store_is_clean
ok $? 'nothing is left in staging'

# Names that only the index has (ctr export of containerd 1.6), an image without layers, and one beside its signature
python3 -B - "$TESTS/hostile" <<-'EOF'
	import json, sys
	sys.path.insert(0, sys.argv[1])
	from layouts import OCI, archive, as_json, base_layer, blobs_of, config, descriptor, docker_members, oci_members, sha
	from rawtar import Tar
	images, entries, items = {}, [], []
	for name in 'first', 'second':
	    diffs = [base_layer(), Tar().file(name).bytes()]
	    members = oci_members(diffs)
	    entries.append({**json.loads(members['index.json'])['manifests'][0], 'annotations': {
	        'io.containerd.image.name': f'host.example/{name}:1', 'org.opencontainers.image.ref.name': '1'}})
	    items.append({'Config': 'blobs/sha256/' + sha(as_json(config(diffs))), 'RepoTags': None, 'Layers': ['blobs/sha256/' + sha(d) for d in diffs]})
	    images.update(members)
	def write(path, chosen, tags=None):
	    texts = {'index.json': as_json({'schemaVersion': 2, 'manifests': [entries[i] for i in chosen]}),
	             'manifest.json': as_json([{**items[i], 'RepoTags': tags} for i in chosen])}
	    open(path, 'wb').write(archive({**images, **texts}))
	write('ctr.tar', [0])
	write('ctr-two.tar', [1, 0])
	write('ctr-tags.tar', [0], ['given:1'])
	none = {'rootfs': {'type': 'layers', 'diff_ids': None}, 'os': 'linux'}
	open('scratch.tar', 'wb').write(archive(docker_members([], conf=none, entry={'Layers': None, 'RepoTags': ['scratch:1']})))
	signature = as_json({'schemaVersion': 2, 'config': descriptor(b'{}', OCI + 'config.v1+json'),
	                     'layers': [descriptor(b'sig', 'application/vnd.dev.cosign.simplesigning.v1+json')]})
	index = {'schemaVersion': 2, 'manifests': [descriptor(signature, OCI + 'manifest.v1+json'), entries[0]]}
	open('signed.tar', 'wb').write(archive({**images, **blobs_of(signature, b'{}', b'sig'), 'index.json': as_json(index)}))
EOF
rm -rf "$STORE"
gives 'names that only the index has' 0 'Loaded image: host.example/first:1' sandbox load ctr.tar
like "$(sandbox inspect ctr.tar)" '^name +host.example/first:1$' '... inspect shows them'
gives '... of two images' 0 'Loaded image: host.example/second:1
Loaded image: host.example/first:1' sandbox load ctr-two.tar
gives '... and one of them is found' 0 'Loaded image: host.example/second:1' sandbox load 'ctr-two.tar#host.example/second:1'
gives 'names in manifest.json come first' 0 'Loaded image: given:1' sandbox load ctr-tags.tar
gives 'an image without layers' 0 'Loaded image: scratch:1' sandbox load scratch.tar
gives '... is an empty folder' 0 '' sandbox unpack scratch.tar scratch
is "$(ls -A scratch)" '' '... indeed'
gives 'an image beside its signature' 0 'Loaded image: host.example/first:1' sandbox load signed.tar

# tag
sandbox load "$IMAGES/docker.tar" >/dev/null
gives 'tag' 0 '' sandbox tag test:1 mine
gives 'the tag is latest' 0 x sandbox run mine:latest echo x
id=$(sandbox images --json | python3 -c 'import json, sys; print([i["id"] for i in json.load(sys.stdin) if "mine:latest" in i["names"]][0])')
gives 'tag by id' 0 '' sandbox tag "$(echo "$id" | cut -c1-12)" registry.example:5000/deep/name:v1
like "$(sandbox images)" "^registry.example:5000/deep/name:v1 +$(echo "$id" | cut -c1-12)" 'a long name'
gives 'rm takes a name off' 0 '' sandbox rm mine
gives 'and leaves the image' 0 x sandbox run test:1 echo x
sandbox load "$IMAGES/config.tar" >/dev/null
gives 'a name can be taken from another image' 0 '' sandbox tag config:1 test:1
gives 'then it means that' 0 'entry x' sandbox run test:1 x
gives 'and back' 0 '' sandbox tag "$id" test:1
fails 'an image that is not there' 125 'nosuch' sandbox tag nosuch x
fails 'a name that is none' 125 'Bad Name' sandbox tag test:1 'Bad Name'
fails 'too few words' 125 'needs an image and a name' sandbox tag test:1

# A name without its registry, as podman gives them
sandbox tag test:1 localhost/deep/two:1
for short in two:1 deep/two:1; do
	gives "the end of a name: run $short" 0 x sandbox run "$short" echo x
done
like "$(sandbox inspect two:1)" '^name +localhost/deep/two:1$' '... inspect'
like "$(sandbox verify two:1)" 'all as they were unpacked' '... verify'
gives '... tag' 0 '' sandbox tag two:1 registry.example/other/two:1
run sandbox run two:1 true
like "$RC:$ERR" '^125:sandbox: image two:1: several names end like this: (localhost/deep/two:1, registry.example/other/two:1|registry.example/other/two:1, localhost/deep/two:1)$' \
	'... several are listed'
fails '... and none is removed' 125 'several names end like this' sandbox rm two:1
gives '... unless more of the name is given' 0 '' sandbox rm other/two:1
gives '... rm takes this name off' 0 '' sandbox rm two:1
gives '... and the image stays' 0 x sandbox run test:1 echo x
fails '... and the name is gone' 125 'two:1' sandbox rm two:1
fails '... part of a word is no end' 125 'st:1' sandbox run st:1 true
sandbox tag test:1 localhost/saved:1
sandbox save -o short.tar saved:1
like "$(tar -xOf short.tar manifest.json)" '"RepoTags":\["localhost/saved:1"\]' '... save gives the whole name'
sandbox rm saved:1

# save: everything that a tree can have
mkdir -p src/bin src/etc src/home/user src/opt/long
cp "$IMAGES/rootfs/bin/busybox" src/bin/sh
chmod 4755 src/bin/sh
echo shadow >src/etc/shadow
chmod 000 src/etc/shadow
echo 'of a user' >src/home/user/file
touch -d '1960-02-03 04:05:06.5 UTC' src/home/user/file
touch -d '2020-01-01 00:00:00.123456789 UTC' src/etc
ln src/home/user/file src/home/user/link
ln -s "$(printf 'a%.0s' $(seq 150))" src/opt/symlink
long=src/opt/long/$(printf 'd%.0s' $(seq 120))/$(printf 'e%.0s' $(seq 90))
mkdir -p "$long"
echo deep >"$long/file with a name"
mkfifo src/opt/fifo
printf 'x' >"src/opt/$(printf 'caf\303\251 \351')"
setfattr -n user.note -v "some value" src/opt/fifo 2>/dev/null || setfattr -n user.note -v "some value" src/bin/sh 2>/dev/null
chmod 1777 src/opt
chmod 750 src/home/user
tar --xattrs --format=pax -cf owned.tar -C src --owner=0 --group=0 --numeric-owner --exclude=./home --exclude=./etc/shadow .
tar --xattrs --format=pax -rf owned.tar -C src --owner=:70000 --group=:3000000 ./home
python3 - owned.tar <<-'EOF'
	import io, sys, tarfile
	with tarfile.open(sys.argv[1], "a", format=tarfile.PAX_FORMAT) as t:
	    m = tarfile.TarInfo("etc/shadow")
	    m.mode, m.gid, m.size = 0, 42, 7
	    t.addfile(m, io.BytesIO(b"shadow\n"))
	    m = tarfile.TarInfo("opt/null")
	    m.type, m.devmajor, m.devminor, m.mode = tarfile.CHRTYPE, 1, 3, 0o666
	    t.addfile(m)
EOF
gives 'an image with everything' 0 x sandbox run owned.tar sh -c 'echo x'
id=$(sandbox inspect owned.tar | awk '$1 == "id" { print $2 }')
sandbox tag "$id" whole:v1
gives 'save' 0 '' sandbox save -o whole.tar whole:v1
like "$(ls -l whole.tar)" '^-rw-r--r--' 'is a plain file'
sandbox unpack owned.tar one
sandbox unpack whole.tar two-tree
listing one >one.list
listing two-tree >two.list
is "$(diff one.list two.list)" '' 'the archive gives the same tree'
is "$(getfattr -hd one/bin/sh one/opt/fifo 2>/dev/null | grep note)" "$(getfattr -hd two-tree/bin/sh two-tree/opt/fifo 2>/dev/null | grep note)" 'with extended attributes'
sandbox save whole:v1 >again.tar
cmp whole.tar again.tar
ok $? 'to standard output; always the same bytes'
sandbox --store other load whole.tar >out
is "$(cat out)" 'Loaded image: whole:v1' 'it has its name'
sandbox --store other save -o third.tar whole:v1
cmp whole.tar third.tar
ok $? 'saved, loaded and saved again: the same bytes'
layer=$(tar -xOf whole.tar manifest.json | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["Layers"][0])')
tar -xOf whole.tar "$layer" | tar --numeric-owner -tvf - >layer.list
like "$(cat layer.list)" '^-rw-r--r-- 70000/3000000 +10 1960-02-03.* home/user/file$' 'owners and times in the layer'
like "$(cat layer.list)" '^hrw-r--r-- 70000/3000000 .* home/user/link link to home/user/file$' 'hard links'
like "$(cat layer.list)" '^crw-rw-rw- 0/0 +1,3 .* opt/null$' 'devices'
like "$(cat layer.list)" '^---------- 0/42 +7 .* etc/shadow$' 'a file that nobody may read'
gives 'save by id has no name' 0 '' sandbox save -o nameless.tar "$id"
unlike "$(tar -xOf nameless.tar index.json)" annotations 'in the archive'

# Other tools
run skopeo inspect oci-archive:whole.tar
is "$RC:$ERR" 0: 'skopeo reads it'
run skopeo inspect --config docker-archive:whole.tar
is "$RC:$ERR" 0: 'as an archive of docker, too'
run skopeo copy oci-archive:whole.tar oci:layout:v1
is "$RC:$ERR" 0: 'and copies it, which checks all digests'
sandbox unpack layout three
listing three >three.list
is "$(diff one.list three.list)" '' 'the copy gives the same tree'
if command -v umoci >/dev/null; then
	run umoci unpack --rootless --image layout:v1 bundle
	is "$RC" 0 'umoci unpacks it' || tell "$ERR"
	is "$(cd bundle/rootfs && find . | LC_ALL=C sort)" "$(cd one && find . | LC_ALL=C sort)" 'to the same names'
	chmod -R u+rwX bundle
fi

# Images of several layers are one layer then, with the same config
sandbox load "$IMAGES/config.tar" >/dev/null
gives 'save of an image with a config' 0 '' sandbox save -o config.tar config:1
rm -rf "$STORE"
gives 'it does the same' 0 'entry cmd more' sandbox run config.tar
gives 'with the same variables' 0 yes sandbox run --entrypoint sh config.tar -c 'echo $FROM_IMAGE'
run sandbox inspect config.tar
like "$OUT" 'layers +sha256:[0-9a-f]+  2\.[0-9] MB, none' 'one plain layer'

# Mistakes
fails 'save of an image that is not there' 125 'nosuch' sandbox save -o x.tar nosuch
fails 'a folder that is not there' 125 'nosuch/x.tar' sandbox save -o nosuch/x.tar config:1
[ "$(id -u)" = 0 ] || { mkdir -m 500 closed && fails 'a folder that is closed' 125 'closed/x.tar' sandbox save -o closed/x.tar config:1; }
run sandbox save -o /dev/full config:1
like "$RC:$ERR" '125:.*No space left' 'a full disk'
[ ! -e x.tar ]
ok $? 'nothing is left of what failed'
echo old >kept.tar
run sandbox save -o kept.tar nosuch
is "$(cat kept.tar)" old 'and what was there stays'
done_testing
