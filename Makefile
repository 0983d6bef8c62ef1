# Makefile: from src/ to build/sandbox, once ./build.sh has made the libraries.  `make help` lists the targets.
#
#	SAN=1		with the host's C library, AddressSanitizer and UBSan, as build/san/sandbox
#	TARGET=NAME	for another machine, one of deps/targets.tsv, as build/NAME/sandbox
#	V=1		whole commands
#	PREFIX, DESTDIR	where `make install` puts things

VERSION := 0.1.0
PREFIX := /usr/local
DESTDIR :=

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

HOSTCC ?= gcc
# Of another machine's build: the prefix of its tools.
TOOLS := $(if $(TARGET),$(shell awk '$$1 == "$(TARGET)" { print $$2 }' deps/targets.tsv))
WHERE := build$(TARGET:%=/%)
ARCH := $(or $(TARGET),$(firstword $(subst -, ,$(shell $(HOSTCC) -dumpmachine))))
# README promises under 1 MB; libyaml's reader takes 50 KB of it.  Code of 64-bit ARM is a tenth longer.
SIZE_MAX := $(if $(filter x86_64,$(ARCH)),999000,1074000)

# Each command as a short line, or whole with V=1.
say = $(if $(V),,@printf '  %-8s %s\n' '$(1)' '$(2)' &&) 

ifneq ($(TARGET),)
ifeq ($(TOOLS),)
$(error no such target: $(TARGET); deps/targets.tsv has them)
endif
endif

# ---- two ways to build: for users (musl, static), and for the tests (sanitizers) ----

ifdef SAN
OUT := build/san
DEPS := build/deps/current-san
CC := $(HOSTCC)
MODE_CFLAGS := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
MODE_LDFLAGS := -fsanitize=address,undefined
MODE_LDLIBS := -pthread
else
OUT := $(WHERE)
DEPS := build/deps/current$(TARGET:%=-%)
CC := $(DEPS)/bin/musl-gcc
MODE_CFLAGS := -O2 -fPIE -fstack-protector-strong -fstack-clash-protection -ffunction-sections -fdata-sections
MODE_CFLAGS += -fno-asynchronous-unwind-tables -fno-unwind-tables
# The file relocates itself and names no loader; tests/lint/binary.sh looks.  What it needs for that is packed
# (DT_RELR, musl 1.2.4), 45 KB less; a linker that cannot do it says so and goes on.
MODE_LDFLAGS := -static-pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,pack-relative-relocs,--gc-sections,--build-id=none
# util/arena.c has what is called in place of these.
MODE_CFLAGS += -DARENA_WRAPS
MODE_LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,-u,arena_out_of_memory
MODE_LDLIBS :=
endif

WARNINGS := -Wall -Wextra -Werror -Wshadow -Wvla -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings \
	-Wswitch-enum -Wundef -Wimplicit-fallthrough
# No path of this machine and no date goes into a file that is built.
CPPFLAGS := -D_GNU_SOURCE -DSANDBOX_VERSION='"$(VERSION)"' -Isrc -I$(WHERE)/gen -isystem $(DEPS)/include
CFLAGS := -std=gnu17 -g $(WARNINGS) $(MODE_CFLAGS) -ffile-prefix-map=$(CURDIR)=.
ifndef SAN
# The rest of unpack and of util has work that takes time; in the others a smaller file counts for more.
$(patsubst %,$(OUT)/obj/%/%.o,cdi cli doctor emulate image kernel launch plan root runs runtime seccomp store) \
	$(patsubst %,$(OUT)/obj/util/%.o,capname copy_tree elf_file elf_machine home json json_text json_write ld_cache \
		log magic mountinfo names near node number path_remove proc signame size table tree word xattr yaml) \
	$(patsubst %,$(OUT)/obj/unpack/%.o,contents finish hardlinks landlock layer layer_job reserve unpack whiteout work): \
	CFLAGS += -Os
endif
LDLIBS := -L$(DEPS)/lib -larchive -lisal -llzma -lzstd -lbz2 -ljansson -lyaml -lnettle $(MODE_LDLIBS)

ifdef SAN
# musl's headers are the compiler wrapper's; here the host's come first, and only the libraries' from the prefix.
CPPFLAGS := $(subst -isystem ,-idirafter ,$(CPPFLAGS))
endif

# ---- what there is ----

GENERATOR := src/seccomp/gen.c src/seccomp/pack.c
SRCS := src/main.c $(sort $(filter-out $(GENERATOR),$(wildcard src/*/*.c)))
HDRS := $(sort $(wildcard src/*.h src/*/*.h))
OBJS := $(SRCS:src/%.c=$(OUT)/obj/%.o)
PARTS := $(filter-out $(OUT)/obj/main.o,$(OBJS))
UNITS := $(patsubst tests/unit/%.c,$(OUT)/unit/%,$(sort $(wildcard tests/unit/*.c)))
HELPERS := $(patsubst tests/%.c,$(WHERE)/tests/%,$(sort $(wildcard tests/*.c tests/bench/*.c)))
FILTERS := $(WHERE)/gen/seccomp_default.h

ifeq ($(wildcard $(DEPS)/.complete),)
ifneq ($(filter-out clean help,$(or $(MAKECMDGOALS),all)),)
$(error the libraries are not there yet: run ./build.sh$(if $(SAN), test)$(TARGET:%= --target %))
endif
endif

.PHONY: all units helpers quick check unit e2e lint tidy cppcheck format format-check layers size docs scripts reproducible install clean help
all: $(OUT)/sandbox

# ---- compile and link ----

# A change of the flags, of the libraries or of the set of files is a change of what is built.
STAMP := $(OUT)/obj/.flags
STAMP_TEXT := $(shell readlink $(DEPS)) $(CC) $(CPPFLAGS) $(CFLAGS) $(MODE_LDFLAGS) $(LDLIBS) $(SRCS)
ifneq ($(file <$(STAMP)),$(STAMP_TEXT))
$(shell mkdir -p $(OUT)/obj)
$(file >$(STAMP),$(STAMP_TEXT))
endif

$(OUT)/obj/%.o: src/%.c $(STAMP)
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(OUT)/obj/seccomp/install.o: $(FILTERS)

$(OUT)/sandbox.debug: $(OBJS)
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(MODE_LDFLAGS) -Wl,-Map=$(OUT)/sandbox.map -o $@ $(OBJS) $(LDLIBS)

ifdef SAN
$(OUT)/sandbox: $(OUT)/sandbox.debug
	@cp $< $@
else
$(OUT)/sandbox: $(OUT)/sandbox.debug tests/lint/binary.sh
	$(call say,STRIP,$@)$(TOOLS)strip -o $@.new $<
	@NM=$(TOOLS)nm sh tests/lint/binary.sh $@.new $< $(SIZE_MAX)
	@mv $@.new $@
endif

FILTER_SRCS := $(GENERATOR) $(addprefix src/,$(addprefix seccomp/,bpf.c compile.c names.c ranges.c table.c) util/arena.c util/err.c util/log.c)

# The default filter is compiled now, by a small program of the same tables, so that a run has only to load it.
ifdef SAN
$(FILTERS):
	$(MAKE) SAN= $@
else ifdef TOOLS
# It runs on this machine, whatever the filter is for.
$(FILTERS): $(FILTER_SRCS)
	$(MAKE) TARGET= build/seccomp_gen
	@mkdir -p $(@D)
	$(call say,GEN,$@)build/seccomp_gen $(ARCH) >$@
else
build/seccomp_gen: $(FILTER_SRCS:src/%.c=build/obj/%.o)
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(MODE_LDFLAGS) -o $@ $^ -L$(DEPS)/lib -lseccomp

$(FILTERS): build/seccomp_gen
	@mkdir -p $(@D)
	$(call say,GEN,$@)build/seccomp_gen $(ARCH) >$@
endif

# ---- tests ----

# From an archive, so that a test gets the objects it asks for and none that asks for main.o.
$(OUT)/obj/parts.a: $(PARTS) $(OUT)/obj/seccomp/pack.o
	@rm -f $@
	@$(TOOLS)ar rcsD $@ $^

$(OUT)/unit/%: tests/unit/%.c $(OUT)/obj/parts.a
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(CPPFLAGS) -Itests $(CFLAGS) -MMD -MP -MF $(OUT)/obj/unit-$*.d $(MODE_LDFLAGS) -o $@ $< $(OUT)/obj/parts.a $(LDLIBS) -lseccomp

# It has these files in it.
$(OUT)/unit/oci: docs/oci-fields.md $(wildcard tests/oci/*)

# Programs that tests run inside a sandbox: static, one file each.
$(WHERE)/tests/%: tests/%.c
	@mkdir -p $(@D)
	$(call say,CC,$@)$(DEPS:-san=)/bin/musl-gcc $(CPPFLAGS) -std=gnu17 -O2 $(WARNINGS) -MMD -MP -MF $@.d -static -s -o $@ $<

# One that uses parts of src/, on the host.
ifndef SAN
$(WHERE)/tests/phases: tests/phases.c $(OUT)/obj/parts.a
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -MF $@.d $(MODE_LDFLAGS) -o $@ $< $(OUT)/obj/parts.a $(LDLIBS)
endif

# The benchmark's floor loads the same filter.
$(WHERE)/tests/bench/floor: | $(FILTERS)

units: $(UNITS)
helpers: $(HELPERS)

# What a change needs before each commit: the static unit tests, and six end-to-end scripts as an unprivileged user.
# Needs nothing that build.sh does not ask for, but python3 and prove: these scripts skip what takes a package of tests/packages.txt.
QUICK := runs formats errors options exec store
quick: all units helpers
	UNITS=unit MODES=user sh tests/run.sh unit $(QUICK)

check: lint unit-programs
	sh tests/run.sh

# Both builds, then only the tests of one kind.
.PHONY: unit-programs
unit-programs:
	$(MAKE) SAN= all units helpers
	$(MAKE) SAN=1 all units

unit: unit-programs
	sh tests/run.sh unit

e2e: unit-programs
	sh tests/run.sh e2e

# ---- lint ----

C_FILES := $(SRCS) $(wildcard $(GENERATOR)) $(sort $(wildcard tests/*.c tests/*/*.c))
H_FILES := $(HDRS) $(sort $(wildcard tests/*.h tests/*/*.h))
# There is no mpi.h but on the test's cluster.
TIDIED := $(patsubst %.c,build/lint/%.tidy,$(filter-out tests/hpc/%,$(C_FILES)))
CLANG_FORMAT := $(firstword $(shell command -v clang-format-14 clang-format) clang-format)
CLANG_TIDY := $(firstword $(shell command -v clang-tidy-14 clang-tidy) clang-tidy)
# Another version formats differently and knows other checks: better left out, with a word, than red on a newer machine.
other_version = $(if $(findstring version 14.,$(shell $(1) --version)),,@echo 'lint: left out: $(1) is not version 14')
LINT_CPPFLAGS := -D_GNU_SOURCE -DSANDBOX_VERSION='"$(VERSION)"' -Isrc -Itests -Ibuild/gen
# cppcheck reads neither the compiler's own macros nor __typeof__.
CPPCHECK_CPPFLAGS := $(LINT_CPPFLAGS) -D__$(ARCH)__=1 '-D__typeof__(x)=int'

lint: format-check layers size docs scripts cppcheck tidy

format:
	$(CLANG_FORMAT) -i $(C_FILES) $(H_FILES)

format-check:
	$(or $(call other_version,$(CLANG_FORMAT)),$(CLANG_FORMAT) --dry-run -Werror $(C_FILES) $(H_FILES))

layers:
	sh tests/lint/layers.sh
	python3 -B tests/lint/circles.py

size:
	sh tests/lint/size.sh

docs:
	sh tests/lint/docs.sh

scripts:
	sh tests/lint/scripts.sh

# The reference in docs/manual.md.
.PHONY: manual
manual: build/sandbox
	sh docs/manual.sh

# One check at a time, remembered until the file or a header changes.
tidy: $(if $(filter lint check tidy,$(MAKECMDGOALS)),$(if $(call other_version,$(CLANG_TIDY)),,$(TIDIED)))
	$(call other_version,$(CLANG_TIDY))

# The analyzer follows fewer paths in tests, where it would take three times as long.
build/lint/tests/%.tidy: TIDY_DEPTH := -Xclang -analyzer-config -Xclang max-nodes=40000
build/lint/%.tidy: %.c $(H_FILES) .clang-tidy $(FILTERS)
	@mkdir -p $(@D)
	$(call say,TIDY,$<)$(CLANG_TIDY) --quiet $< -- -std=gnu17 $(LINT_CPPFLAGS) -nostdlibinc -isystem build/deps/current/include $(TIDY_DEPTH) 2>$@.log || \
		{ cat $@.log; exit 1; }
	@touch $@

cppcheck: $(FILTERS)
	@cppcheck --quiet --std=c11 --language=c --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
		--suppress=missingIncludeSystem -j 2 $(CPPCHECK_CPPFLAGS) $(C_FILES)

# Two copies of the tree, in folders of different names, built from nothing: the same bytes?
reproducible:
	sh tests/lint/reproducible.sh

# What each room and each library costs, in bytes of the stripped file.
.PHONY: price
price: $(OUT)/sandbox
	@sh tests/lint/price.sh $(OUT)/sandbox.map $<

# What a change costs against the commit BASE: lines of code of each room, bytes of each room and library.  Information only.
.PHONY: size-diff
BASE := main
size-diff:
	@sh tests/lint/size_diff.sh $(BASE)

# ---- benchmark: BENCH holds options of tests/bench/bench.py ----

.PHONY: bench bench-hpc
bench: all helpers
	python3 -B tests/bench/bench.py $(BENCH)

# Ranks of MPI on the cluster of tests/hpc; as root.
bench-hpc: all
	tests/hpc/images.sh peers
	tests/hpc/bed.sh run env NOTE="$(NOTE)" sh /src/tests/hpc/bench.sh $(ROUNDS) >build/bench-hpc.md
	cp build/bench-hpc.md tests/hpc/RESULTS.md

# ---- the rest ----

install: build/sandbox
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 build/sandbox $(DESTDIR)$(PREFIX)/bin/sandbox
	install -d $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/bash-completion/completions \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions
	build/sandbox help --man >$(DESTDIR)$(PREFIX)/share/man/man1/sandbox.1
	build/sandbox help --completion bash >$(DESTDIR)$(PREFIX)/share/bash-completion/completions/sandbox
	build/sandbox help --completion zsh >$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_sandbox

# The libraries stay: they take minutes.  `rm -rf build` removes them too.
clean:
	rm -rf build/obj build/gen build/unit build/tests build/lint build/san build/sandbox build/sandbox.debug build/sandbox.map build/seccomp_gen build/fuzz \
		$(addprefix build/,$(shell awk '!/^\#/ { print $$1 }' deps/targets.tsv))

help:
	@echo 'all (default)  build/sandbox'
	@echo 'quick          static unit tests and six end-to-end scripts: under a minute, without the packages of the other tests'
	@echo 'check          lint, unit tests, end-to-end tests;  unit, e2e: these alone'
	@echo 'lint           format-check, layers, size, docs, scripts, cppcheck, tidy: each a target too'
	@echo 'manual         write the reference in docs/manual.md, from the option tables'
	@echo 'format         let clang-format write'
	@echo 'reproducible   build twice in different folders and compare'
	@echo 'fuzz           the fuzz targets, as build/fuzz/NAME; tests/fuzz/run.sh runs them'
	@echo 'price          bytes of build/sandbox by room and library'
	@echo 'size-diff      lines of code by room, and those bytes, here and in the commit BASE (main)'
	@echo 'bench-hpc      time ranks of MPI on a Slurm cluster of its own, as root: tests/hpc/RESULTS.md;  ROUNDS=7'
	@echo 'bench          time it beside its peers: tests/bench/README.md;  BENCH=--quick: few repetitions'
	@echo 'install        to $$DESTDIR$$PREFIX/bin'
	@echo 'clean          everything but the libraries'
	@echo 'SAN=1          with AddressSanitizer and UBSan, as build/san/sandbox'
	@echo 'TARGET=NAME    for another machine, one of deps/targets.tsv, as build/NAME/sandbox'

-include $(OBJS:.o=.d) $(wildcard $(OUT)/obj/unit-*.d build/obj/seccomp/gen.d build/obj/seccomp/pack.d $(WHERE)/tests/*.d $(WHERE)/tests/*/*.d)

# ---- fuzz targets: clang with libFuzzer, AddressSanitizer and UBSan; tests/fuzz/run.sh runs them ----

CLANG ?= clang
FUZZ_DEPS := build/deps/current-fuzz
FUZZ_SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ_CFLAGS := -std=gnu17 -O1 -g -fno-omit-frame-pointer $(WARNINGS) $(FUZZ_SANITIZE) -fsanitize=fuzzer-no-link \
	-D_GNU_SOURCE -Isrc -Itests -Itests/fuzz -idirafter $(FUZZ_DEPS)/include
FUZZ_SHARED := fuzz tree tar_mutate tar_write
FUZZ_SRCS := $(filter src/util/% src/image/% src/unpack/% src/store/% src/plan/% src/cdi/%,$(SRCS)) \
	$(addprefix src/seccomp/,bpf.c compile.c names.c pack.c profile.c ranges.c table.c words.c) $(filter src/runs/%,$(SRCS))
FUZZ_OBJS := $(FUZZ_SRCS:src/%.c=build/fuzz/obj/%.o) $(addprefix build/fuzz/obj/fuzz/,fuzz.o tree.o tar_write.o)
FUZZERS := $(filter-out $(FUZZ_SHARED:%=build/fuzz/%),$(patsubst tests/fuzz/%.c,build/fuzz/%,$(wildcard tests/fuzz/*.c)))

.PHONY: fuzz
.SECONDARY:
fuzz: $(FUZZERS)

# In CI they are part of the tests; elsewhere tests/e2e/fuzz.sh runs them where they were built.
ifeq ($(CI),true)
unit-programs: fuzz
endif

# The libraries are built by clang too, so that it is seen which of their lines an input reaches.
$(FUZZ_DEPS)/.complete: deps/versions.tsv $(wildcard deps/*.sh deps/recipes/*.sh) tests/fuzz/libraries.sh
	CLANG=$(CLANG) sh tests/fuzz/libraries.sh

build/fuzz/obj/%.o: src/%.c $(FUZZ_DEPS)/.complete
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CLANG) $(FUZZ_CFLAGS) -MMD -MP -c -o $@ $<

build/fuzz/obj/fuzz/%.o: tests/fuzz/%.c $(FUZZ_DEPS)/.complete
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CLANG) $(FUZZ_CFLAGS) -MMD -MP -c -o $@ $<

# A tar is changed by somebody who knows tar.
build/fuzz/unpack build/fuzz/import build/fuzz/container: build/fuzz/obj/fuzz/tar_mutate.o

build/fuzz/%: build/fuzz/obj/fuzz/%.o $(FUZZ_OBJS)
	$(call say,LINK,$@)$(CLANG) $(FUZZ_SANITIZE) -fsanitize=fuzzer -o $@ $^ \
		-L$(FUZZ_DEPS)/lib -larchive -lisal -llzma -lzstd -lbz2 -ljansson -lyaml -lnettle -lseccomp

-include $(FUZZ_OBJS:.o=.d) $(FUZZERS:build/fuzz/%=build/fuzz/obj/fuzz/%.d)
