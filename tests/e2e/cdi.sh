#!/bin/sh
# modes: user
# Devices of CDI specifications: which files count, what is refused and by which words, the edits of containers, and what NVIDIA's
# hooks do.  The devices are harmless ones, since this machine need not have a GPU.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

image=$IMAGES/docker.tar
sandbox run -q "$image" true
mkdir first second host
echo library >host/libVendor.so.0
printf '#!/bin/sh\necho vendor\n' >host/vendorBin
chmod 755 host/vendorBin
mkfifo host/fifo

# spec FILE VERSION KIND REST: writes a specification in JSON
spec() {
	printf '{"cdiVersion": "%s", "kind": "%s", %s}\n' "$2" "$3" "$4" >"$1"
}
# device NAME EDITS
device() {
	printf '{"name": "%s", "containerEdits": {%s}}' "$1" "$2"
}
# one EDITS: the folder first has one specification with one device, vendor.com/device=x
one() {
	rm -f first/* second/*
	spec first/one.json 1.1.0 vendor.com/device "\"devices\": [$(device x "$1")]"
}
# with OPTIONS...: runs with the device; list: lists all
cat >with <<'EOF'
#!/bin/sh
exec sandbox run --cdi-dir first --device vendor.com/device=x "$@"
EOF
cat >list <<'EOF'
#!/bin/sh
exec sandbox cdi list --cdi-dir first --cdi-dir second --cdi-dir missing "$@"
EOF
chmod 755 with list
PATH=$WORK:$PATH

# ---- which files count ----
null='"deviceNodes": [{"path": "/dev/x", "hostPath": "/dev/null"}]'
zero='"deviceNodes": [{"path": "/dev/x", "hostPath": "/dev/zero"}]'
spec first/a.json 0.5.0 vendor.com/device "\"devices\": [$(device 0 "$null"), $(device 1 "$null")]"
cat >first/b.yaml <<'EOF'
---
cdiVersion: 0.5.0
kind: vendor.com/other
devices:
    - name: "0"
      containerEdits:
        deviceNodes:
            - path: /dev/x
              hostPath: /dev/null
EOF
cp first/b.yaml first/c.yml
mkdir first/sub
cp first/b.yaml first/sub/
gives 'files of JSON and YAML, but no .yml and no folders' 0 \
	"NAME                                               SPECIFICATION
vendor.com/device=0                                first/a.json
vendor.com/device=1                                first/a.json
vendor.com/other=0                                 first/b.yaml" list
run list --json
is "$(printf %s "$OUT" | python3 -c 'import json,sys; print([d["name"] for d in json.load(sys.stdin)])')" \
	"['vendor.com/device=0', 'vendor.com/device=1', 'vendor.com/other=0']" '--json'
spec second/a.json 0.5.0 vendor.com/device "\"devices\": [$(device 1 "$zero")]"
run list
like "$OUT" '^vendor.com/device=1 +second/a.json$' 'a later folder takes precedence'
is "$(printf '%s\n' "$OUT" | grep -c device=1)" 1 '... and the other is gone'
run sandbox run --cdi-dir first --cdi-dir second --device vendor.com/device=1 "$image" head -c 2 /dev/x
is "$RC:$(od -An -tx1 .out | tr -d ' ')" 0:0000 'a run uses that one'
cp first/a.json first/a2.json
run list
like "$ERR" '^sandbox: first/a2.json: vendor.com/device=0 is in first/a.json, too: neither is used$' 'two in one folder'
unlike "$OUT" 'device=0' '... are none'
like "$OUT" 'device=1 +second/a.json' '... but one of a later folder is'
fails 'a run names both' 125 'device vendor.com/device=0: both first/a.json and first/a2.json have it' \
	sandbox run --cdi-dir first --device vendor.com/device=0 "$image" true
rm first/a2.json
echo '{' >first/broken.json
chmod 000 first/b.yaml
run list
like "$ERR" '^sandbox: first/broken.json: not valid JSON: line 2' 'a broken file is named'
like "$ERR" '^sandbox: first/b.yaml: Permission denied' 'and one that cannot be read'
like "$OUT" '^vendor.com/device=0' '... but the others are used'
gives '... and a run does not mind' 0 '' sandbox run --cdi-dir first --device vendor.com/device=0 "$image" true
fails 'unless it misses something' 125 'no CDI specification in first describes vendor.com/other .*b.yaml: Permission denied' \
	sandbox run --cdi-dir first --device vendor.com/other=0 "$image" true
rm -f first/broken.json first/b.yaml
fails 'another name of the kind' 125 'device vendor.com/device=7: there is none of that name; there are 0, 1' \
	sandbox run --cdi-dir first --device vendor.com/device=7 "$image" true
fails 'a word that is no verb' 125 'there is only `cdi list`' sandbox cdi show
run sandbox run --cdi-dir first --device vendor.com/device=all --dry-run "$image" true
is "$RC" 0 'all: every device of the kind, if none has that name'
mkdir -p "$HOME/.config/sandbox"
echo "cdi-dir = $WORK/first" >"$HOME/.config/sandbox/sandbox.conf"
run sandbox cdi list
like "$OUT" "device=0 +$WORK/first/a.json" 'the configuration names a folder'
gives '... for a run, too' 0 '' sandbox run --device vendor.com/device=0 "$image" true
rm "$HOME/.config/sandbox/sandbox.conf"

# ---- the example of the specification ----
cat >host/example.json <<EOF
{
  "cdiVersion": "1.1.0",
  "kind": "vendor.com/device",
  "devices": [
    {
      "name": "myDevice",
      "annotations": { "whatever": "false" },
      "containerEdits": {
        "deviceNodes": [
          {"hostPath": "/dev/null", "path": "/dev/card1", "type": "c", "major": 25, "minor": 25, "fileMode": 384, "permissions": "rw", "uid": 1000, "gid": 1000},
          {"path": "/dev/zero", "type": "u"}
        ]
      }
    }
  ],
  "containerEdits": {
    "env": [ "FOO=VALID_SPEC", "BAR=BARVALUE1" ],
    "deviceNodes": [ {"path": "/dev/vendorctl", "hostPath": "/dev/zero", "type": "c"} ],
    "mounts": [
      {"hostPath": "$WORK/host/vendorBin", "containerPath": "/bin/vendorBin"},
      {"hostPath": "$WORK/host/libVendor.so.0", "containerPath": "/usr/lib/libVendor.so.0", "options": ["ro"]},
      {"hostPath": "tmpfs", "containerPath": "/tmp/data", "type": "tmpfs", "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]}
    ]
  }
}
EOF
rm -rf first/*
cp host/example.json first/
run sandbox run --cdi-dir first --device vendor.com/device=myDevice "$image" sh -c '
	echo $FOO $BAR; cat /usr/lib/libVendor.so.0; /bin/vendorBin; head -c 1 /dev/vendorctl | wc -c; wc -c </dev/card1
	grep " /tmp/data " /proc/mounts | cut -d " " -f 3; echo x >/usr/lib/libVendor.so.0'
is "$OUT" 'VALID_SPEC BARVALUE1
library
vendor
1
0
tmpfs' 'variables, nodes, mounts of the example'
like "$ERR" 'Read-only file system' '... with their options'
run sandbox run --cdi-dir first --device vendor.com/device=myDevice --dry-run "$image" true
printf %s "$OUT" >plan
is "$(python3 -c '
import json
plan = json.load(open("plan"))
print("FOO=VALID_SPEC" in plan["process"]["env"], [m["source"] for m in plan["mounts"] if m["destination"] == "/dev/card1"])')" \
	"True ['/dev/null']" '--dry-run shows them'

# ---- edits ----
one "\"env\": [\"A=spec\"], $null"
gives 'a variable of the device replaces that of -e' 0 spec with -e A=option "$image" sh -c 'echo $A'
one "\"deviceNodes\": [{\"path\": \"$WORK/host/fifo\", \"type\": \"p\"}]"
run with "$image" ls -l "$WORK/host/fifo"
like "$OUT" '^p' 'a FIFO'
one '"deviceNodes": [{"path": "/dev/null", "type": "b"}]'
fails 'a node of another type' 125 'device vendor.com/device=x: first/one.json: the device /dev/null of the host is not of type b' with "$image" true
one '"deviceNodes": [{"path": "/dev/nosuchnode"}]'
fails 'a node that is missing' 125 'first/one.json: the device of the host: /dev/nosuchnode: No such file' with "$image" true
one '"mounts": [{"hostPath": "/nosuchfile", "containerPath": "/x"}]'
fails 'a file that is missing' 125 'first/one.json: the file of the host: /nosuchfile: No such file.*older than the driver' with "$image" true
one '"mounts": [{"hostPath": "/", "containerPath": "x"}]'
fails 'a path that does not begin with /' 125 'first/one.json: mount x: the path' with "$image" true
one '"mounts": [{"hostPath": "/", "containerPath": "/x", "options": ["wrong"]}]'
fails 'an option that nobody knows' 125 'first/one.json: mount on /x: unknown option "wrong"' with "$image" true
one "\"mounts\": [{\"hostPath\": \"$WORK/host\", \"containerPath\": \"/a/b\"}, {\"hostPath\": \"$WORK\", \"containerPath\": \"/a\", \"options\": [\"rbind\", \"rprivate\", \"ro\"]},
	{\"hostPath\": \"$WORK/host/vendorBin\", \"containerPath\": \"/f\"}, {\"hostPath\": \"$WORK/host/libVendor.so.0\", \"containerPath\": \"/f\"}]"
mkdir -p b
gives 'deeper mounts come later, and of two at a place the last' 0 'fifo libVendor.so.0 vendorBin
library' with "$image" sh -c 'echo $(ls /a/b | grep -v example); cat /f'
gives 'also of -v' 0 library with -v "$WORK/host/vendorBin:/f" "$image" cat /f
one "\"additionalGids\": [4242], \"intelRdt\": {\"closID\": \"x\"}, \"netDevices\": [{\"hostInterfaceName\": \"a\", \"name\": \"b\"}]"
run with "$image" true
is "$RC" 0 'what only root can do does not stop a run'
like "$ERR" 'the group 4242, which you are not in' '... but a group is named'
like "$ERR" 'first/one.json: intelRdt has no effect' '... and intelRdt'
like "$ERR" 'first/one.json: netDevices has no effect' '... and netDevices'
one "$null"
gives 'twice is once' 0 '' with --device vendor.com/device=x "$image" true

# ---- whole files, as nvidia-ctk and amd-ctk write them ----
rm -f first/*
cat >first/nvidia.yaml <<EOF
---
cdiVersion: 0.5.0
containerEdits:
    deviceNodes:
        - hostPath: /dev/zero
          path: /dev/nvidiactl
        - path: /dev/null
    env:
        - NVIDIA_VISIBLE_DEVICES=void
    hooks:
        - args:
            - nvidia-cdi-hook
            - create-symlinks
            - --link
            - libcuda.so.1::/usr/lib/x86_64-linux-gnu/libcuda.so
            - --link
            - ../libnvidia-allocator.so.1::/usr/lib/x86_64-linux-gnu/gbm/nvidia-drm_gbm.so
          env:
            - NVIDIA_CTK_DEBUG=false
          hookName: createContainer
          path: /usr/bin/nvidia-cdi-hook
        - args:
            - nvidia-cdi-hook
            - enable-cuda-compat
            - --host-driver-version=580.82.07
          env:
            - NVIDIA_CTK_DEBUG=false
          hookName: createContainer
          path: /usr/bin/nvidia-cdi-hook
        - args:
            - nvidia-cdi-hook
            - update-ldcache
            - --folder
            - /usr/lib/x86_64-linux-gnu
          env:
            - NVIDIA_CTK_DEBUG=false
          hookName: createContainer
          path: /usr/bin/nvidia-cdi-hook
        - args:
            - nvidia-cdi-hook
            - disable-device-node-modification
          env:
            - NVIDIA_CTK_DEBUG=false
          hookName: createContainer
          path: /usr/bin/nvidia-cdi-hook
    mounts:
        - containerPath: /usr/lib/x86_64-linux-gnu/libcuda.so.580.82.07
          hostPath: $WORK/host/libVendor.so.0
          options:
            - ro
            - nosuid
            - nodev
            - rbind
            - rprivate
        - containerPath: /run/nvidia-persistenced/socket
          hostPath: $WORK/host/fifo
          options:
            - nosuid
            - nodev
            - rbind
            - rprivate
            - noexec
devices:
    - containerEdits:
        deviceNodes:
            - hostPath: /dev/zero
              path: /dev/nvidia0
      name: "0"
    - containerEdits:
        deviceNodes:
            - hostPath: /dev/zero
              path: /dev/nvidia0
      name: GPU-8a4e2a36-1d7c-4c51-9c57-0c5a2b1d9e11
    - containerEdits:
        deviceNodes:
            - hostPath: /dev/zero
              path: /dev/nvidia0
      name: all
kind: nvidia.com/gpu
EOF
run sandbox run --cdi-dir first --gpus all "$image" sh -c 'echo $NVIDIA_VISIBLE_DEVICES; cd /usr/lib/x86_64-linux-gnu
	readlink libcuda.so; readlink gbm/nvidia-drm_gbm.so; cat libcuda.so.580.82.07; [ -p /run/nvidia-persistenced/socket ] && ls /dev/nvidia0 /dev/nvidiactl'
is "$RC:$OUT:$ERR" '0:void
libcuda.so.1
../libnvidia-allocator.so.1
library
/dev/nvidia0
/dev/nvidiactl:' "nvidia-ctk's form"
cat >first/amd.json <<'EOF'
{
  "cdiVersion": "0.6.0",
  "kind": "amd.com/gpu",
  "devices": [
    {"name": "0", "containerEdits": {"deviceNodes": [
      {"path": "/dev/kfd", "hostPath": "/dev/zero", "permissions": "rw"},
      {"path": "/dev/dri/card0", "hostPath": "/dev/zero", "permissions": "rw"},
      {"path": "/dev/dri/renderD128", "hostPath": "/dev/zero", "permissions": "rw"}]}},
    {"name": "all", "containerEdits": {"deviceNodes": [
      {"path": "/dev/kfd", "hostPath": "/dev/zero", "permissions": "rw"},
      {"path": "/dev/dri/renderD128", "hostPath": "/dev/zero", "permissions": "rw"}]}}
  ],
  "containerEdits": {}
}
EOF
gives "amd-ctk's form" 0 '/dev/dri/card0
/dev/dri/renderD128
/dev/kfd' sandbox run --cdi-dir first --device amd.com/gpu=0 "$image" sh -c 'ls /dev/dri/* /dev/kfd'

# ---- hooks ----
# hook WORDS...: one createContainer hook of nvidia-cdi-hook
hook() {
	printf '{"hookName": "createContainer", "path": "/usr/bin/nvidia-cdi-hook", "args": ["nvidia-cdi-hook"'
	printf ', "%s"' "$@"
	printf '], "env": ["NVIDIA_CTK_DEBUG=false"]}'
}
one "\"hooks\": [$(hook create-symlinks --link libcuda.so.1::/usr/lib/gpu/libcuda.so --link ../b::/etc/a --link new::/etc/marker)]"
gives 'links: their folders are made, and a file in their place is replaced' 0 'libcuda.so.1 ../b new' \
	with "$image" sh -c 'echo $(readlink /usr/lib/gpu/libcuda.so) $(readlink /etc/a) $(readlink /etc/marker)'
run with --read-only "$image" readlink /etc/a
is "$OUT" ../b '... with --read-only, too'
gives '... and nothing is left in the image' 0 '' sandbox run "$image" sh -c '! ls /etc/a 2>&1 | grep -v "No such file"'
sed 's/"path": "[^"]*", "args": \["nvidia-cdi-hook"/"path": "\/usr\/bin\/nvidia-ctk", "args": ["nvidia-ctk", "hook"/' first/one.json >first/two
mv first/two first/one.json
run with "$image" readlink /etc/a
is "$OUT" ../b 'nvidia-ctk hook is the same'
one "\"hooks\": [$(hook create-symlinks --link a)]"
fails 'a link without a target' 125 'hook /usr/bin/nvidia-cdi-hook: --link a: is not of the form TARGET::LINK' with "$image" true
one "\"hooks\": [$(hook create-symlinks --link 'a::/data/evil')]"
mkdir -p mine
fails 'no link is made in a folder of the host' 125 'link a::/data/evil: data: a directory of the host is mounted there' \
	with -v "$WORK/mine:/data" "$image" true
mkdir -p rootfs/data rootfs/usr
(cd rootfs && cp -R "$IMAGES"/rootfs/* . 2>/dev/null; ln -sfn /data usr/lib)
one "\"hooks\": [$(hook create-symlinks --link 'a::/usr/lib/evil')]"
fails '... nor by way of a link of the image' 125 'a directory of the host is mounted there' with -v "$WORK/mine:/data" ./rootfs true
is "$(ls mine)" '' '... which stays empty'
ln -sfn /../../../../../../../../../../../../..$WORK/mine rootfs/usr/lib
run with ./rootfs readlink "$WORK/mine/evil"
is "$(ls mine)" '' 'a link out of the root leads inside'
is "$OUT" a '... where the name is made'
one "\"hooks\": [$(hook chmod --mode 700 --path /etc --path /nosuch), $(hook chmod --path /usr --mode 711)]"
gives 'modes; a path that is missing is none' 0 '700 711' with "$image" sh -c 'echo $(stat -c %a /etc /usr)'
one "\"hooks\": [$(hook disable-device-node-modification)]"
gives 'what no user can do anyway is left out' 0 '' with "$image" true
one "\"hooks\": [$(hook frobnicate)]"
fails 'an unknown hook' 125 'first/one.json: the hook /usr/bin/nvidia-cdi-hook frobnicate is not supported' with "$image" true
one '"hooks": [{"hookName": "createContainer", "path": "/opt/vendor-hook", "args": ["vendor-hook"]}]'
fails 'a hook of somebody else' 125 'first/one.json: the hook /opt/vendor-hook is not supported' with "$image" true
one '"hooks": [{"hookName": "poststop", "path": "/opt/vendor-hook"}]'
fails 'a hook of another kind' 125 'the hook /opt/vendor-hook: poststop hooks are not supported' with "$image" true

# ---- the loader ----
if ! command -v cc >/dev/null || ! command -v ldconfig >/dev/null; then
	skip 'the loader of glibc' 'no compiler or no ldconfig'
	done_testing
fi
mkdir driver deb deb/bin deb/etc deb/lib64
echo 'int answer(void) { return 42; }' >answer.c
echo 'int answer(void) { return 41; }' >old.c
printf '#include <stdio.h>\nint answer(void);\nint main(void) { return printf("%%d\\n", answer()) < 0; }\n' >ask.c
cc -shared -fPIC -Wl,-soname,libanswer.so.1 -o driver/libanswer.so.1.10.0 answer.c
cc -shared -fPIC -Wl,-soname,libanswer.so.1 -o old.so old.c
cc -o deb/bin/ask ask.c driver/libanswer.so.1.10.0
loader=$(ldd deb/bin/ask | sed -n 's/^[[:space:]]*\(\/[^ ]*ld-[^ ]*\).*/\1/p')
mkdir -p "deb${loader%/*}" deb/usr/lib
cp -L "$loader" "deb$loader"
cp -L "$(ldd deb/bin/ask | sed -n 's/.*libc.so.6 => \([^ ]*\).*/\1/p')" deb/usr/lib/libc.so.6
ldconfig -r deb 2>/dev/null
cp "$IMAGES/rootfs/bin/busybox" deb/bin/ 2>/dev/null || cp "$(command -v busybox)" deb/bin/
one "\"mounts\": [{\"hostPath\": \"$WORK/driver/libanswer.so.1.10.0\", \"containerPath\": \"/opt/driver/libanswer.so.1.10.0\"}],
	\"hooks\": [$(hook create-symlinks --link libanswer.so.1::/opt/driver/libanswer.so), $(hook update-ldcache --folder /opt/driver --folder /missing)]"
gives 'a program finds a library of the driver' 0 42 with ./deb /bin/ask
gives '... whose links are as ldconfig makes them' 0 'libanswer.so.1
libanswer.so.1.10.0' with ./deb /bin/busybox sh -c 'cd /opt/driver; for i in libanswer.so libanswer.so.1; do /bin/busybox readlink $i; done'
with ./deb /bin/busybox cat /etc/ld.so.cache >cache
like "$(ldconfig -p -C cache)" 'libanswer.so.1 \(libc6.*\) => /opt/driver/libanswer.so.1$' "the host's ldconfig reads the cache"
like "$(ldconfig -p -C cache)" 'libc.so.6 \(libc6' '... which keeps what the image has'
gives 'a later ldconfig finds the folders' 0 /opt/driver with ./deb /bin/busybox sh -c '/bin/busybox head -n 1 /etc/ld.so.conf.d/00-nvcr-sandbox.conf'
cp old.so deb/usr/lib/libanswer.so.1
ldconfig -r deb 2>/dev/null
gives "the driver's comes before the image's" 0 42 with ./deb /bin/ask
run sandbox run -q ./deb /bin/ask
is "$OUT" 41 '... which is there without the device'
rm deb/etc/ld.so.cache deb/etc/ld.so.conf 2>/dev/null
gives 'an image without a cache' 0 42 with ./deb /bin/ask
gives '... nor a list of folders' 0 'include /etc/ld.so.conf.d/*.conf' with ./deb /bin/busybox cat /etc/ld.so.conf
head -c 4000 /dev/urandom >deb/etc/ld.so.cache
gives 'a cache that is none' 0 42 with ./deb /bin/ask
printf 'glibc-ld.so.cache1.1\377\377\377\377\377\377\377\377' >deb/etc/ld.so.cache
gives 'a cache that ends too early' 0 42 with ./deb /bin/ask
rm deb/etc/ld.so.cache
mkdir -p deb/usr/local/cuda/compat
cp old.so deb/usr/local/cuda/compat/libanswer.so.1
: >deb/usr/local/cuda/compat/libcuda.so.560.35.03
compat() {
	one "\"mounts\": [{\"hostPath\": \"$WORK/driver/libanswer.so.1.10.0\", \"containerPath\": \"/opt/driver/libanswer.so.1.10.0\"}],
	\"hooks\": [$(hook enable-cuda-compat --host-driver-version="$1"), $(hook update-ldcache --folder /opt/driver)]"
}
compat 550.54.15
gives "an image's own libraries for a newer driver come first" 0 41 with ./deb /bin/ask
compat 560.28.03
gives '... but not for the same one' 0 42 with ./deb /bin/ask
mkdir -p deb/lib
: >deb/lib/ld-musl-x86_64.so.1
run with ./deb /bin/busybox cat /etc/ld-musl-x86_64.path
is "$OUT" '/opt/driver
/lib:/usr/local/lib:/usr/lib' "an image of musl gets a list of folders"
done_testing
