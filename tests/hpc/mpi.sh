#!/bin/sh
# Sections of checks.sh, which reads this file: the host's MPI in place of the image's, and the papers for clusters.
# The host is a Debian 12.  The image is a Debian 13 with Open MPI 5 and no MPICH; then the other way round: an image of Debian 12, and the
# MPI of Debian 13 as if it were the host's, which needs a newer glibc.
# shellcheck disable=SC2086,SC2154 # $sandbox and the launchers are command lines of checks.sh

section mpi && {
	newer=/images/deb13-mpi.tar libs=/usr/lib/x86_64-linux-gnu
	mkdir -p "$HOME/.config/sandbox"
	cat >"$HOME/.config/sandbox/sandbox.conf" <<-END
		[preset mpi:mpich]
		host-library = $libs/libmpich.so.12:libmpi.so.12
		host-library = $libs/ucx

		[preset mpi:openmpi]
		host-library = $libs/libmpi.so.40
		host-library = $libs/openmpi
		host-library = $libs/pmix2
		host-library = $libs/ucx
		volume = /etc/openmpi:/etc/openmpi:ro
		volume = /usr/share/openmpi:/usr/share/openmpi:ro

		[preset mpi:newer]
		host-library = $HOME/newer$libs/libmpi.so.40
	END
	for mpi in mpich openmpi; do
		[ $mpi = mpich ] && over=$mpich_over on_node=$mpich_node tries=3 || { over=$openmpi_over on_node=$openmpi_node tries=1; }
		run="sandbox run -q --mpi host:$mpi $newer"
		prints "$mpi of the host, four ranks on two nodes" "$hello_of_4" $over $run mpitest.$mpi
		prints "$mpi of the host, on a node" 'ring of 2: ok' $on_node $run mpitest.$mpi ring
		tries=1
		[ $mpi = mpich ] && lib=libmpich.so.12 || lib=libmpi.so.40
		prints "its library is the host's" "$(cat "$libs/$lib" | sha256sum)" srun -n1 -w node1 $run sh -c \
			"cat \"\$(LD_TRACE_LOADED_OBJECTS=1 /usr/local/bin/mpitest.$mpi | sed -n 's/.*$lib => \\([^ ]*\\).*/\\1/p')\" | sha256sum"
	done
	sandbox unpack -q "$newer" "$HOME/newer"
	step env LD_LIBRARY_PATH="$HOME/newer$libs" sandbox run --mpi host:newer "$IMAGE" mpitest.openmpi
	like "$RC $ERR" '^125 sandbox: .*needs glibc 2.3[789], and the image has 2.36' 'the MPI of a newer host is refused, with the reason'
	step sandbox run --mpi host:mpich /images/busybox.tar true
	like "$RC $ERR" '^125 sandbox: .*is for glibc, which the image does not have' 'so is an image without glibc'
	rm "$HOME/.config/sandbox/sandbox.conf"
}

# The commands of docs/hpc.md and docs/sites.md, as they stand there.  A laptop is imitated: docker has the image, and what is
# copied to the cluster is there already.
section papers && {
	mkdir -p "$WORK/stubs" "$HOME/paper"
	cat >"$WORK/stubs/docker" <<-END
		#!/bin/sh
		[ "\$1 \$2 \$4" = 'save -o app' ] && exec cp "$IMAGE" "\$3"
	END
	cat >"$WORK/stubs/scp" <<-'END'
		#!/bin/sh
		for file in "$@"; do [ "$file" = cluster: ] || [ -e "$file" ] || exit; done
	END
	printf '#!/bin/sh\n[ "$*" = cluster ]\n' >"$WORK/stubs/ssh"
	chmod 755 "$WORK/stubs"/*
	cp "$(command -v sandbox)" "$HOME/paper/"
	for paper in sites hpc; do # the first configures the second's MPI
		[ $paper = hpc ] || { cp "$IMAGE" "$HOME/paper/app.tar" && HOME=$HOME/paper sandbox load -q "$HOME/paper/app.tar"; } >/dev/null
		(cd "$HOME/paper" && HOME=$HOME/paper PATH=$WORK/stubs:$PATH \
			python3 -B /src/tests/papers.py /src/docs/$paper.md $((tests + 1)) 'console slurm') >"$WORK/results" 2>&1 || echo "not ok $((tests + 1)) - $paper" >>"$WORK/results"
		rm -f "$HOME/paper/app.tar"
		cat "$WORK/results"
		tests=$((tests + $(grep -Ec '^(not )?ok' "$WORK/results")))
		failures=$((failures + $(grep -c '^not ok' "$WORK/results")))
		grep -q '^ok' "$WORK/results"
		ok $? "there are commands in $paper.md"
	done
}
