# shellcheck shell=sh
sed -e 's/@json_inline@/inline/' -e 's/@json_have_[a-z_]*@/1/' src/jansson_config.h.in >src/jansson_config.h
defines HAVE_STDINT_H HAVE_SYS_TYPES_H HAVE_UNISTD_H HAVE_FCNTL_H HAVE_SYS_TIME_H HAVE_LOCALE_H HAVE_LOCALECONV \
	HAVE_STRTOLL HAVE_GETPID HAVE_GETTIMEOFDAY HAVE_OPEN HAVE_READ HAVE_CLOSE HAVE_SCHED_YIELD \
	HAVE_ATOMIC_BUILTINS HAVE_SYNC_BUILTINS USE_URANDOM >src/jansson_private_config.h
ARCHIVE_FLAGS='-Os -Isrc -DHAVE_CONFIG_H -DINITIAL_HASHTABLE_ORDER=3' \
	archive jansson src/dump.c src/error.c src/hashtable.c src/hashtable_seed.c src/load.c src/memory.c \
	src/pack_unpack.c src/strbuffer.c src/strconv.c src/utf.c src/value.c src/version.c
cp src/jansson.h src/jansson_config.h "$prefix/include/"
