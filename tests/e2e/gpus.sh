#!/bin/sh
# modes: user
# --gpus and groups of devices, on hosts that have a GPU by all that sandbox looks at: nodes in /dev, a driver's libraries in
# ld.so.cache, files of /proc and /sys.  They are in a mount namespace of the script's own, and harmless.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

image=$IMAGES/docker.tar
sandbox run -q "$image" true
mkdir cdi dev sys proc lib empty

# host NODE... -- COMMAND...: where /dev has these nodes
cat >host <<'EOF'
#!/bin/sh
nodes=
while [ "$1" != -- ]; do
	nodes="$nodes $1"
	shift
done
shift
exec unshare -Urm sh -c '
	nodes=$1
	shift
	mount -t tmpfs dev dev
	for node in null zero full random urandom tty $nodes; do
		mkdir -p "$(dirname "dev/$node")"
		: >"dev/$node"
		case $node in
		null | zero | full | random | urandom | tty) mount --bind "/dev/$node" "dev/$node" ;;
		*) mount --bind /dev/zero "dev/$node" ;;
		esac
	done
	mount --rbind dev /dev
	[ ! -f cache ] || mount --bind cache /etc/ld.so.cache
	[ ! -d sys/drm ] || mount --bind sys /sys/class
	[ ! -d proc/nvidia ] || mount --bind proc /proc/driver
	exec "$@"' sh "$nodes" "$@"
EOF
chmod 755 host
PATH=$WORK:$PATH
# nodes OPTIONS...: runs on the host, and prints the nodes in /dev that are no usual ones
cat >nodes <<'EOF'
#!/bin/sh
exec sandbox run -q --cdi-dir "${CDI:-empty}" "$@" "$IMAGE" sh -c 'cd /dev; echo $(find . -type c | sed "s|./||" | grep -Ev "^(null|zero|full|random|urandom|tty|console|ptmx|pts/.*)$" | sort)'
EOF
chmod 755 nodes
export IMAGE="$image"

# ---- forms ----
for form in '' x 0,, device= device=, count=x driver=x -5 all,count=; do
	fails "--gpus '$form'" 125 '--gpus .*: (is neither|driver: is none)' sandbox run --gpus "$form" "$image" true
done
fails 'no GPU at all' 125 'no CDI specification describes a GPU, and there is none of NVIDIA, AMD or Intel' \
	host -- sandbox run --cdi-dir empty --gpus all "$image" true
gives '--gpus 0 asks for none' 0 '' host -- sandbox run --cdi-dir empty --gpus 0 "$image" true

# ---- by what is found ----
two='nvidia0 nvidia1 nvidiactl nvidia-uvm'
gives 'all of NVIDIA' 0 'nvidia-uvm nvidia0 nvidia1 nvidiactl' host $two -- nodes --gpus all
gives 'a number' 0 'nvidia-uvm nvidia0 nvidiactl' host $two -- nodes --gpus 1
gives 'one by index' 0 'nvidia-uvm nvidia1 nvidiactl' host $two -- nodes --gpus device=1
gives "docker's quotes" 0 'nvidia-uvm nvidia0 nvidia1 nvidiactl' host $two -- nodes --gpus '"device=0,1"'
gives 'a list' 0 'nvidia-uvm nvidia0 nvidia1 nvidiactl' host $two -- nodes --gpus 0,1
gives 'capabilities' 0 'nvidia-uvm nvidia0 nvidia1 nvidiactl' host $two -- nodes --gpus 'all,"capabilities=compute,utility"'
gives 'a count and a driver' 0 'nvidia-uvm nvidia0 nvidiactl' host $two -- nodes --gpus count=1,driver=nvidia,capabilities=gpu
fails 'more than there are' 125 '--gpus 3: there are 2' host $two -- sandbox run --cdi-dir empty --gpus 3 "$image" true
fails 'an index that there is not' 125 '--gpus device=2: there are 2' host $two -- sandbox run --cdi-dir empty --gpus device=2 "$image" true
fails 'another vendor' 125 'no CDI specification describes a GPU' host $two -- sandbox run --cdi-dir empty --gpus all,driver=amd "$image" true
mkdir -p sys/drm/renderD128/device sys/drm/renderD129/device sys/drm/renderD130/device
echo 0x1002 >sys/drm/renderD128/device/vendor
echo 0x8086 >sys/drm/renderD129/device/vendor
echo 0x1af4 >sys/drm/renderD130/device/vendor
three='kfd dri/renderD128 dri/renderD129 dri/renderD130'
gives 'AMD and Intel' 0 'dri/renderD128 dri/renderD129 kfd' host $three -- nodes --gpus all
gives 'AMD alone' 0 'dri/renderD128 kfd' host $three -- nodes --gpus all,driver=amd
gives 'Intel alone' 0 'dri/renderD129' host $three -- nodes --gpus driver=intel
mkdir -p proc/nvidia/gpus/0000:01:00.0
printf 'Model: \t\t Example\nGPU UUID: \t GPU-1234-5678\nDevice Minor: \t 1\n' >proc/nvidia/gpus/0000:01:00.0/information
run host $two -- nodes --gpus device=GPU-1234-5678
like "$OUT" '^nvidia-uvm nvidia1 nvidiactl$' 'one by UUID'
rm -r sys/drm proc/nvidia

# ---- by CDI ----
cat >cdi/nvidia.yaml <<'EOF'
cdiVersion: 0.5.0
kind: nvidia.com/gpu
containerEdits:
  deviceNodes: [{path: /dev/ctl, hostPath: /dev/null}]
devices:
- {name: "0", containerEdits: {deviceNodes: [{path: /dev/gpu0, hostPath: /dev/null}]}}
- {name: "GPU-1", containerEdits: {deviceNodes: [{path: /dev/gpu0, hostPath: /dev/null}]}}
- {name: "1", containerEdits: {deviceNodes: [{path: /dev/gpu1, hostPath: /dev/null}]}}
- {name: "GPU-2", containerEdits: {deviceNodes: [{path: /dev/gpu1, hostPath: /dev/null}]}}
EOF
export CDI=cdi
gives 'CDI comes before what is found' 0 'ctl gpu0 gpu1' host $two -- nodes --gpus all
gives '... by number' 0 'ctl gpu0' nodes --gpus 1
gives '... where each GPU counts once' 0 'ctl gpu0 gpu1' nodes --gpus 2
fails '... and there are not more' 125 '--gpus 3: there are 2' nodes --gpus 3
gives '... by index' 0 'ctl gpu1' nodes --gpus device=1
gives '... by UUID' 0 'ctl gpu1' nodes --gpus device=GPU-2
fails '... which must be there' 125 'device nvidia.com/gpu=7: there is none of that name; there are 0, GPU-1, 1, GPU-2' nodes --gpus device=7
gives 'with --device' 0 'ctl gpu0 gpu1' nodes --gpus device=1 --device nvidia.com/gpu=0
mkdir -p "$HOME/.config/sandbox"
echo 'gpus = ?device=${CUDA_VISIBLE_DEVICES}' >"$HOME/.config/sandbox/sandbox.conf"
gives "the configuration gives a job's GPUs" 0 'ctl gpu1' env CUDA_VISIBLE_DEVICES=1 sandbox run --cdi-dir cdi "$image" sh -c 'cd /dev; echo ctl gpu*'
gives '... and none to others' 0 'no' sandbox run --cdi-dir cdi "$image" sh -c '[ -e /dev/ctl ] || echo no'
rm "$HOME/.config/sandbox/sandbox.conf"
unset CDI

# ---- groups ----
gives 'a group: what there is of it' 0 'infiniband/rdma_cm infiniband/uverbs0' \
	host infiniband/uverbs0 infiniband/rdma_cm xpmem -- nodes --device @infiniband
gives '... several' 0 'infiniband/rdma_cm infiniband/uverbs0 xpmem' \
	host infiniband/uverbs0 infiniband/rdma_cm xpmem kfd -- nodes --device @hpc --device @knem
gives '... which may be nothing' 0 '' nodes --device @xpmem --device @knem --device @gdrcopy
fails 'a group that there is not' 125 'device @nothing: there is no such group.*@infiniband' sandbox run --device @nothing "$image" true
echo 'device = @infiniband' >"$HOME/.config/sandbox/sandbox.conf"
gives 'the configuration names one' 0 'infiniband/uverbs0' host infiniband/uverbs0 -- nodes
run sandbox config --check "$HOME/.config/sandbox/sandbox.conf"
is "$RC" 0 '... and is well'
rm "$HOME/.config/sandbox/sandbox.conf"

# ---- doctor ----
host $two infiniband/uverbs0 -- sandbox doctor >text
like "$(cat text)" '^ok +gpus +2 of NVIDIA$' 'doctor tells of GPUs'
like "$(cat text)" '^ok +fast-network +/dev/infiniband/uverbs0: --device @hpc shows it$' '... and of a fast network'
host -- sandbox doctor >text
like "$(cat text)" '^missing +gpus +there is none' '... and that there is none'

# ---- the driver's libraries ----
if ! command -v cc >/dev/null || ! command -v ldconfig >/dev/null; then
	skip "a driver's libraries" 'no compiler or no ldconfig'
	done_testing
fi
echo 'int cuInit(void) { return 42; }' >cuda.c
cc -shared -fPIC -Wl,-soname,libcuda.so.1 -o lib/libcuda.so.555.42 cuda.c
cc -shared -fPIC -Wl,-soname,libother.so.1 -o lib/libother.so.1 cuda.c
echo "$WORK/lib" >conf
ldconfig -C cache -f conf 2>/dev/null
mkdir -p deb/bin deb/usr/lib
printf '#include <stdio.h>\nint cuInit(void);\nint main(void) { return printf("%%d\\n", cuInit()) < 0; }\n' >ask.c
cc -o deb/bin/ask ask.c lib/libcuda.so.555.42
loader=$(ldd deb/bin/ask | sed -n 's/^[[:space:]]*\(\/[^ ]*ld-[^ ]*\).*/\1/p')
mkdir -p "deb${loader%/*}"
cp -L "$loader" "deb$loader"
cp -L "$(ldd deb/bin/ask | sed -n 's/.*libc.so.6 => \([^ ]*\).*/\1/p')" deb/usr/lib/libc.so.6
cp "$(command -v busybox)" deb/bin/
run host $two -- sandbox run -q --cdi-dir empty --gpus all ./deb /bin/ask
is "$RC:$OUT" 0:42 "a program of the image uses the driver's library"
run host $two -- sandbox run -q --cdi-dir empty --gpus all ./deb /bin/busybox ls /usr/lib/sandbox-gpu
is "$OUT" libcuda.so.1 '... and gets no others'
echo 'void newer(void) {}' >newer.c
echo 'GLIBC_2.99 { newer; };' >newer.map
mkdir new
cc -shared -nostdlib -Wl,-soname,libc.so.6 -Wl,--version-script=newer.map -o new/libc.so.6 newer.c
echo 'void newer(void); int cuInit(void) { newer(); return 1; }' >use.c
cc -shared -fPIC -nostdlib -Wl,-soname,libcuda.so.1 -o lib/libcuda.so.555.42 use.c new/libc.so.6
run host $two -- sandbox run --cdi-dir empty --gpus all ./deb /bin/busybox true
like "$ERR" "will not load: $WORK/lib/libcuda.so.1: it needs glibc 2.99, and the image has 2\.[0-9]+$" 'a library that needs a newer glibc is named'
run host $two -- sandbox run --cdi-dir empty --gpus all "$image" true
like "$ERR" 'will not load: .*libcuda.so.1: the image has no glibc' 'an image without glibc'
cat >cdi/one.json <<EOF
{"cdiVersion": "0.5.0", "kind": "vendor.com/gpu", "devices": [{"name": "x", "containerEdits": {"mounts": [
	{"hostPath": "$WORK/lib/libcuda.so.555.42", "containerPath": "/opt/libcuda.so.555.42"}]}}]}
EOF
run sandbox run --cdi-dir cdi --device vendor.com/gpu=x ./deb /bin/busybox true
like "$ERR" 'will not load: .*lib/libcuda.so.555.42: it needs glibc 2.99' '... in a CDI specification, too'
done_testing
