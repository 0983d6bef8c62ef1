# shellcheck shell=sh
# debian: the pinned sources as Debian's source packages.  Sourced by build.sh.
# Reads this machine's apt sources for the address of a mirror; lists and cache are of its own, in build/apt.

# Where this machine gets Debian packages from, as "URI" lines: from one-line lists and deb822 files alike.
apt_mirrors() {
	# shellcheck disable=SC1091 # not ours
	codename=$(. /etc/os-release 2>/dev/null && printf '%s' "${VERSION_CODENAME:-}")
	for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[ ! -f "$file" ] || sed -n 's/^[[:space:]]*deb[[:space:]]\{1,\}\(\[[^]]*\][[:space:]]*\)\{0,1\}//p' "$file"
	done | awk -v codename="$codename" '
		function suite(s) { return s == codename || s ~ /^(old)?stable$/ || s == "testing" || s == "unstable" || s == "sid" }
		suite($2) && / main( |$)/ { print $1 }'
	for file in /etc/apt/sources.list.d/*.sources; do
		[ ! -f "$file" ] || { cat "$file" && printf '\n'; }
	done | awk -v codename="$codename" '
		function suite(s) { return s == codename || s ~ /^(old)?stable$/ || s == "testing" || s == "unstable" || s == "sid" }
		function stanza(  n, i, s, u, ok) {
			n = split(value["suites"], s, " ")
			for (i = 1; i <= n; i++)
				if (suite(s[i]))
					ok = 1
			if (ok && (" " value["types"] " ") ~ / deb / && (" " value["components"] " ") ~ / main / && value["enabled"] != "no") {
				n = split(value["uris"], u, " ")
				for (i = 1; i <= n; i++)
					print u[i]
			}
			split("", value)
			key = ""
		}
		/^#/ { next }
		/^[ \t]*$/ { stanza(); next }
		/^[ \t]/ { value[key] = value[key] " " $0; next }
		{ i = index($0, ":"); key = tolower(substr($0, 1, i - 1)); value[key] = substr($0, i + 1); sub(/^[ \t]+/, "", value[key]) }
		END { stanza() }'
}

# apt-get or apt-cache with lists and cache of our own.  Unsigned is fine: the sums of the table decide.
apt_private() {
	tool=$1
	shift
	"$tool" -q -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
		-o Dir::State::lists="$apt/lists" -o Dir::Cache="$apt/cache" -o APT::Sandbox::User= \
		-o Acquire::Check-Valid-Until=false -o Acquire::Languages=none -o Acquire::Retries=1 \
		-o Acquire::http::Timeout=10 -o Acquire::https::Timeout=10 "$@"
}

# "version sum" of each original tarball that the lists know for a source package.
apt_versions() {
	apt_private apt-cache showsrc --only-source "$1" 2>/dev/null | awk '
		/^[^ ]/ { sums = 0 }
		/^Version:/ { version = $2 }
		/^Checksums-Sha256:/ { sums = 1 }
		sums && /^ / && $3 ~ /\.orig\.tar\.[a-z0-9]+$/ { print version, $1 }'
}

from_apt() {
	command -v apt-get >/dev/null || return 0
	[ -n "$(missing)" ] || return 0
	apt=$build/apt
	rm -rf "$apt"
	mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/files"
	apt_mirrors | sort -u | while read -r mirror; do
		for suite in trixie bookworm; do
			printf 'deb-src [trusted=yes] %s %s main\n' "$mirror" "$suite"
		done
	done >"$apt/sources.list"
	apt_private apt-get update >"$apt/log" 2>&1 || true
	for name in $(missing); do
		debian=$(field "$name" 5)
		apt_versions "$debian" | sort -u | while read -r version sum; do
			case ,$(field "$name" 3), in *,"$sum",*) ;; *) continue ;; esac
			rm -f "$apt"/files/*
			(cd "$apt/files" && apt_private apt-get source --only-source --download-only --tar-only "$debian=$version") \
				>>"$apt/log" 2>&1 </dev/null || true
			for file in "$apt"/files/*.orig.tar.*; do
				is_pinned "$name" "$file" || continue
				keep "$name" "$file"
				break 2
			done
		done
	done
}
