# Bytestride. `make` alone prints what there is to do.
#
# Another compiler:   make lib CXX=clang++ BUILD=build/clang
# Another processor:  make lib CXX=aarch64-linux-gnu-g++ BUILD=build/aarch64
# Without make:       g++ -std=c++17 -O3 -fopenmp -shared -fPIC -ffp-contract=off -fno-exceptions -fno-rtti \
#                         -fno-threadsafe-statics -Wno-psabi -Iinclude -Isrc src/*/*.cpp -o libbytestride.so
#                     (one instruction-set level, the processor's baseline)

BUILD    ?= build
# By one name, relative or absolute: objects say by it which headers they were built from.
override BUILD := $(subst $(CURDIR)/,,$(BUILD))
PYTHON   ?= python3
INSTALL  ?= install
PREFIX   ?= /usr/local
prefix      ?= $(PREFIX)
exec_prefix ?= $(prefix)
libdir      ?= $(exec_prefix)/lib
includedir  ?= $(prefix)/include

# The C compiler links the library, so that no C++ library can slip in; it follows CXX unless given.
ifeq ($(origin CC),default)
CC := $(subst g++,gcc,$(subst clang++,clang,$(CXX)))
endif
# The binary tools of a cross compiler carry its prefix.
tools := $(patsubst %g++,%,$(filter %-g++,$(CXX)))
ifeq ($(origin AR),default)
AR := $(tools)ar
endif
OBJCOPY ?= $(tools)objcopy

# All processors are used unless -j says otherwise.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 2)
endif
Q := $(if $(V),,@)

# ---- What is built: version, target, levels ----------------------------------------------------------

number   = $(shell sed -n 's/^\#define BYTESTRIDE_VERSION_$(1) //p' include/bytestride.h)
MAJOR   := $(call number,MAJOR)
VERSION := $(MAJOR).$(call number,MINOR).$(call number,PATCH)

TARGET  := $(shell $(CXX) -dumpmachine 2>/dev/null)
ARCH    := $(firstword $(subst -, ,$(TARGET)))
LINUX   := $(if $(findstring musl,$(TARGET))$(findstring android,$(TARGET))$(findstring gnux32,$(TARGET)),,$(findstring linux,$(TARGET)))

# One word and one line of flags per level. The flags are exactly what the library tests for at run time.
LEVELS.x86_64  := baseline avx2 avx512
LEVELS.aarch64 := baseline
FLAGS.baseline :=
FLAGS.avx2     := -mavx2 -mfma -mf16c -mbmi -mbmi2
FLAGS.avx512   := $(FLAGS.avx2) -mavx512f -mavx512dq -mavx512bw -mavx512vl -mavx512vbmi -mavx512vnni -mprefer-vector-width=256
HAVE.avx2      := -DBYTESTRIDE_HAVE_AVX2
HAVE.avx512    := -DBYTESTRIDE_HAVE_AVX512
LEVELS         := $(LEVELS.$(ARCH))

# ---- Flags ---------------------------------------------------------------------------------------------

# CXXFLAGS, CFLAGS, CPPFLAGS and LDFLAGS are the user's and come last; CXXFLAGS.avx512 is for kernels of that level alone.
LANGUAGE := -std=c++17 -fno-exceptions -fno-rtti -fno-threadsafe-statics -fopenmp
NUMBERS  := -ffp-contract=off -fno-math-errno -fno-trapping-math
# psabi: vectors wider than the level's registers cross no function that is not inlined. format-security: clang
# means the formats that a template passes on. pass-failed: a loop of independent iterations is not for every
# dtype one of vectors.
WARNINGS := -Wall -Wextra -Wshadow -Wno-psabi -Wno-format-security -Wno-pass-failed
# A host may run the library on threads with stacks of 64 KiB, with its own frames and thread-local data on them.
STACK    := -Wframe-larger-than=16384
COMPILE  := -O3 -g1 -ffile-prefix-map=$(CURDIR)=. -fPIC -fvisibility=hidden $(LANGUAGE) $(NUMBERS) $(WARNINGS) $(STACK) -Iinclude -Isrc \
            $(foreach l,$(LEVELS),$(HAVE.$(l))) -MMD -MP
# nodelete: the threads of the OpenMP runtime outlive a dlclose. A sanitizer resolves its symbols at run time.
LINK     := -shared -fopenmp -static-libgcc -Wl,-soname,libbytestride.so.$(MAJOR) \
            -Wl,--version-script=src/bytestride.map -Wl,-z,now,-z,nodelete -Wl,--as-needed \
            $(if $(findstring -fsanitize,$(CXXFLAGS)$(LDFLAGS)),,-Wl,-z,defs)

# ---- Files ---------------------------------------------------------------------------------------------

# Sorted: the library's bytes do not depend on the order that a folder has.
once     := $(sort $(wildcard src/api/*.cpp src/core/*.cpp))
kernels  := $(sort $(wildcard src/kernels/*.cpp))
OBJECTS  := $(foreach s,$(once),$(BUILD)/obj/$(patsubst src/%.cpp,%,$(s)).$(notdir $(patsubst %/,%,$(dir $(s)))).o) \
            $(foreach l,$(LEVELS),$(patsubst src/%.cpp,$(BUILD)/obj/%.$(l).o,$(kernels)))
LIBRARY  := $(BUILD)/libbytestride.so.$(VERSION)
SHARED   := $(BUILD)/libbytestride.so
STATIC   := $(BUILD)/libbytestride.a
FASTCALL := $(if $(wildcard ffi/python/fastcall.c),$(BUILD)/libbytestride_python.so)
STAMP    := $(BUILD)/obj/flags

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help lib test test-all test-sanitize test-programs check lock fuzz fuzz-native coverage format demo dask docs bench bench-compare profile \
        wheel sdist install uninstall clean

help: ## this list
	@echo "Bytestride $(VERSION)"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-22s %s\n", $$1, $$2 }'

lib: $(SHARED) $(STATIC) $(FASTCALL) ## the library: build/libbytestride.so and libbytestride.a

$(SHARED): $(LIBRARY)
	@ln -sf $(<F) $(BUILD)/libbytestride.so.$(MAJOR)
	@ln -sf libbytestride.so.$(MAJOR) $@

# Moved into place: programs that run with the old file keep it.
$(LIBRARY): $(OBJECTS) $(BUILD)/obj/list src/bytestride.map
	@echo "  link     $@"
	$(Q)$(CC) $(LINK) $(OBJECTS) -o $@.new -lm -lpthread -ldl $(LDFLAGS)
	$(Q)mv -f $@.new $@

# One relocatable object whose hidden symbols are local: a static library with the same surface.
$(STATIC): $(OBJECTS) $(BUILD)/obj/list
	@echo "  archive  $@"
	$(Q)$(CC) -r -nostdlib $(OBJECTS) -o $(BUILD)/obj/bytestride.o
	$(Q)$(OBJCOPY) --localize-hidden $(BUILD)/obj/bytestride.o
	$(Q)rm -f $@ && $(AR) rcsD $@ $(BUILD)/obj/bytestride.o

# CPython glue of the Python package: plain C, finds the interpreter's functions at run time.
$(BUILD)/libbytestride_python.so: ffi/python/fastcall.c $(wildcard ffi/python/fastcall_*.h) include/bytestride.h $(STAMP)
	@echo "  C        $<"
	$(Q)$(CC) $(CPPFLAGS) -O2 -fPIC -shared -fvisibility=hidden -Wall -Wextra -Iinclude $(CFLAGS) $< -o $@ $(LDFLAGS)

define compile
	@mkdir -p $(@D)
	@echo "  C++      $< $(1)"
	$(Q)$(CXX) $(CPPFLAGS) $(COMPILE) $(if $(1),-DBYTESTRIDE_LEVEL=at_$(1) $(FLAGS.$(1))) $(CXXFLAGS) $(CXXFLAGS.$(1)) -c $< -o $@
endef
$(BUILD)/obj/api/%.api.o: src/api/%.cpp $(STAMP)
	$(call compile)
$(BUILD)/obj/core/%.core.o: src/core/%.cpp $(STAMP)
	$(call compile)
define level
$(BUILD)/obj/kernels/%.$(1).o: src/kernels/%.cpp $(STAMP)
	$$(call compile,$(1))
endef
$(foreach l,$(LEVELS),$(eval $(call level,$(l))))
-include $(OBJECTS:.o=.d)

# Everything is built again when the compiler, its version or a flag changes.
FINGERPRINT = $(CXX) $(CC) $(shell $(CXX) --version 2>/dev/null | head -n 1) $(CPPFLAGS) $(filter-out -ffile-prefix-map=%,$(COMPILE)) $(CXXFLAGS) $(CFLAGS) $(LINK) $(LDFLAGS) $(FLAGS.avx512) $(foreach l,$(LEVELS),$(CXXFLAGS.$(l)))
$(STAMP): FORCE
	@$(if $(TARGET),,echo "Bytestride needs a C++ compiler ($(CXX) is not there): on Debian and Ubuntu, apt install build-essential" >&2; exit 1)
	@$(if $(and $(LINUX),$(LEVELS)),,echo "Bytestride runs on Linux with glibc, on x86-64 and aarch64; $(CXX) compiles for $(TARGET)" >&2; exit 1)
	@mkdir -p $(@D); echo '$(FINGERPRINT)' | cmp -s - $@ || echo '$(FINGERPRINT)' > $@
# A source that went away takes its objects with it, and the library is linked again.
$(BUILD)/obj/list: FORCE
	@mkdir -p $(@D); rm -f $(filter-out $(OBJECTS),$(wildcard $(BUILD)/obj/*/*.o))
	@echo '$(OBJECTS)' | cmp -s - $@ || echo '$(OBJECTS)' > $@
FORCE:

# ---- Python environments -------------------------------------------------------------------------------

# Tests, demo, benchmarks and host libraries have a virtual environment each, so that their versions stay apart. Each
# requirements.txt is written by hand; the requirements.lock beside it has every package that these need, with the
# hashes of its files, for Python 3.10 and newer: pip takes no other file, and where the first line says so builds none.
define environment
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "a Python module is missing: on Debian and Ubuntu, apt install python3-venv" >&2; exit 1; }
	@echo "  venv     $(@D)"
	$(Q)$(PYTHON) -m venv $(@D)
	@echo "  pip      $<"
	$(Q)$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $< || { echo "pip could not install $<" >&2; exit 1; }
	@touch $@
endef
$(BUILD)/venv/installed: tests/requirements.lock
	$(environment)
$(BUILD)/demo-venv/installed: examples/demo/requirements.lock
	$(environment)
$(BUILD)/bench-venv/installed: tests/bench/requirements.lock
	$(environment)
# The one peer without packages for every machine: its package compiles against the C++ library of that name. Where that
# is missing, `make bench` says so and leaves its rows out.
$(BUILD)/bench-venv/primesieve: tests/bench/optional/requirements.lock $(BUILD)/bench-venv/installed
	$(Q)if echo '#include <primesieve.h>' | $(CXX) -E -xc++ - >/dev/null 2>&1; then \
	  echo "  pip      $<"; \
	  $(@D)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $< && touch $@; \
	else \
	  echo "  without  primesieve, whose rows are left out: its library is missing (on Debian and Ubuntu, apt install libprimesieve-dev)"; \
	fi
$(BUILD)/dask-venv/installed: examples/dask/requirements.lock
	$(environment)
# The pages run the demo's programs.
$(BUILD)/docs-venv/installed: ffi/docs/requirements.lock examples/demo/requirements.lock
	$(environment)
$(BUILD)/wheel-venv/installed: ffi/python/requirements.lock
	$(environment)
$(BUILD)/hosts-venv/installed: tests/hosts/requirements.lock
	$(environment)
$(BUILD)/lock-venv/installed: tests/lock/requirements.lock
	$(environment)

LOCK := $(BUILD)/lock-venv/bin/uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --emit-build-options \
        --custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade)
lock: $(BUILD)/lock-venv/installed ## requirements.txt -> requirements.lock, after a change; UPGRADE=1 takes newer indirect ones too
	$(Q)$(foreach f,$(sort $(wildcard tests/requirements.txt tests/*/requirements.txt tests/*/*/requirements.txt examples/*/requirements.txt ffi/*/requirements.txt)),echo "  lock     $(f)" && $(LOCK) $(f) -o $(f:.txt=.lock) &&) true

# ---- Tests ---------------------------------------------------------------------------------------------

# tests/abi knows the public header and the library; tests/cpp also what is inside, so it links the objects.
abi_tests := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/abi/*.c))
cpp_tests := $(patsubst tests/%.cpp,$(BUILD)/tests/%,$(wildcard tests/cpp/*.cpp))
$(BUILD)/tests/abi/%: tests/abi/%.c $(SHARED)
	@mkdir -p $(@D)
	@echo "  C        $<"
	$(Q)$(CC) -std=c99 -O1 -Wall -Wextra -pedantic -Werror -Iinclude $(CFLAGS) -MMD -MP $< -o $@ -L$(BUILD) -lbytestride -lm -lpthread -Wl,-rpath,'$$ORIGIN/../..' $(LDFLAGS)
$(BUILD)/tests/cpp/%: tests/cpp/%.cpp $(OBJECTS)
	@mkdir -p $(@D)
	@echo "  C++      $<"
	$(Q)$(CXX) $(CPPFLAGS) -std=c++17 -O1 -g1 -fopenmp -ffp-contract=off $(WARNINGS) -Iinclude -Isrc -Itests/cpp $(foreach l,$(LEVELS),$(HAVE.$(l))) -MMD -MP $(CXXFLAGS) $< $(OBJECTS) -o $@ -lm -lpthread -ldl $(LDFLAGS)
-include $(addsuffix .d,$(abi_tests) $(cpp_tests))

# The fuzz targets are one program: with a main that replays inputs, or (compiled by clang for it) with libFuzzer's.
fuzz_objects := $(patsubst tests/%.cpp,$(BUILD)/tests/%.o,$(filter-out %/fuzzer.cpp %/replay.cpp,$(wildcard tests/fuzz/targets/*.cpp)))
$(BUILD)/tests/fuzz/targets/%.o: tests/fuzz/targets/%.cpp $(STAMP)
	@mkdir -p $(@D)
	@echo "  C++      $<"
	$(Q)$(CXX) $(CPPFLAGS) -std=c++17 -O1 -g1 -fopenmp -ffp-contract=off $(WARNINGS) -Iinclude -Isrc -Itests/cpp -DTEST_WITHOUT_MAIN -MMD -MP $(CXXFLAGS) -c $< -o $@
$(BUILD)/tests/fuzz/replay $(BUILD)/tests/fuzz/fuzzer: $(BUILD)/tests/fuzz/%: $(BUILD)/tests/fuzz/targets/%.o $(fuzz_objects) $(OBJECTS)
	@echo "  link     $@"
	$(Q)$(CXX) -fopenmp $(CXXFLAGS) $^ -o $@ -lm -lpthread -ldl $(LDFLAGS)
-include $(patsubst %.o,%.d,$(fuzz_objects)) $(BUILD)/tests/fuzz/targets/replay.d $(BUILD)/tests/fuzz/targets/fuzzer.d

test-programs: $(abi_tests) $(cpp_tests) $(BUILD)/tests/fuzz/replay
	@true

# The suites read the compilers and the build folder from here. SUITES="abi python" runs a part.
run_tests = +$(PYTHON) tests/run --build '$(BUILD)' --set CXX='$(CXX)' --set CC='$(CC)' $(if $(CXXFLAGS),--set CXXFLAGS='$(CXXFLAGS)') $(if $(LDFLAGS),--set LDFLAGS='$(LDFLAGS)')
test: lib $(BUILD)/venv/installed ## every test; SUITES="abi python" runs a part
	$(run_tests) $(SUITES)
test-all: lib $(BUILD)/venv/installed ## also what takes long: sanitizers, valgrind, clang-tidy, an emulated aarch64 and old processor, the same bytes twice
	$(run_tests) --all $(SUITES)
test-sanitize: lib $(BUILD)/venv/installed ## the tests under sanitizers for memory, undefined behaviour and threads, and under valgrind
	$(run_tests) sanitizers python-sanitized threads memcheck
check: lib $(BUILD)/venv/installed ## format, stale bindings, undocumented or untested functions, symbols, warnings
	+$(PYTHON) tests/check --build '$(BUILD)'

fuzz: lib $(BUILD)/venv/installed ## random views between guard pages, against NumPy and SciPy; SECONDS=60 FAMILY="convolve depth" SEED=
	@$(from_tree) $(BUILD)/venv/bin/python tests/fuzz --families '$(FAMILY)' --seed '$(SEED)' $(if $(SEED),$(if $(STREAMED),--streamed),--seconds $(if $(filter command line environment,$(origin SECONDS)),$(SECONDS),60))

# Every level is fuzzed for its share of the time. What was found, and inputs that reached something new, stay in build/fuzz.
# Checks of undefined behaviour in the AVX-512 kernels, which are the same sources, would take an hour to compile.
FUZZED := -O1 -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
fuzz-native: ## libFuzzer over the C functions, with sanitizers (clang); SECONDS=60 FAMILY="convolve depth"
	+$(Q)$(MAKE) --no-print-directory BUILD=$(BUILD)/fuzz CXX=clang++ CXXFLAGS='$(FUZZED)' CXXFLAGS.avx512=-fno-sanitize=undefined LDFLAGS=-fsanitize=fuzzer,address,undefined $(BUILD)/fuzz/tests/fuzz/fuzzer
	@$(PYTHON) tests/fuzz/native.py --build '$(BUILD)/fuzz' --families '$(FAMILY)' --seconds $(if $(filter command line environment,$(origin SECONDS)),$(SECONDS),60)

# Unoptimised, so that lines and branches are those of the source; frames are larger then. Without forced inlining, which
# would count the branches of a function once more at every place that calls it. Atomic: threads count together.
COUNTED := -O0 --coverage -fprofile-update=atomic -Dalways_inline=noinline -Wno-attributes -Wno-frame-larger-than
coverage: $(BUILD)/venv/installed ## the lines and branches that the tests run, family by family; QUICK=1 without the Python tests
	+$(Q)$(MAKE) --no-print-directory BUILD=$(BUILD)/coverage CXXFLAGS='$(COUNTED)' LDFLAGS=--coverage lib test-programs
	@$(PYTHON) tests/coverage --build '$(BUILD)/coverage' $(if $(QUICK),--quick)

format: $(BUILD)/venv/installed ## lay out the C and C++ sources as .clang-format says
	$(BUILD)/venv/bin/clang-format -i $$(find src ffi tests examples include/bytestride/*.hpp -name build -prune -o -name target -prune -o -name '*.[ch]pp' -print -o -name '*.[ch]' -print)

# ---- Demo and benchmarks -------------------------------------------------------------------------------

from_tree = PYTHONPATH=ffi/python PYTHONPYCACHEPREFIX=$(abspath $(BUILD)/pycache) BYTESTRIDE_LIBRARY=$(abspath $(SHARED))

demo: lib $(BUILD)/demo-venv/installed ## the five programs of the articles before and after, on real data; QUICK=1 is short
	@$(from_tree) $(BUILD)/demo-venv/bin/python examples/demo/run.py --build $(BUILD) $(if $(QUICK),--quick) $(if $(PICTURE),--picture)

dask: lib $(BUILD)/dask-venv/installed ## a mosaic larger than memory, on two processes; QUICK=1 is short
	@$(from_tree) $(BUILD)/dask-venv/bin/python examples/dask/mosaic.py $(if $(QUICK),--quick)

docs: lib $(BUILD)/docs-venv/installed ## the pages: build/docs/index.html
	@$(from_tree) $(BUILD)/docs-venv/bin/python ffi/docs/build.py --build $(BUILD)

# Numba keeps what it has compiled in the build folder too.
run_bench = $(from_tree) NUMBA_CACHE_DIR=$(abspath $(BUILD)/bench/numba) CC='$(CC)' $(BUILD)/bench-venv/bin/python tests/bench \
            --build '$(BUILD)' --rows '$(ROWS)' --threads '$(THREADS)'
bench: lib $(BUILD)/bench-venv/installed $(BUILD)/bench-venv/primesieve ## every row against its best peer, growth, views, calls, programs; ROWS="conv views" THREADS=1 is a part
	@$(run_bench) $(if $(README),--readme)
bench-compare: lib $(BUILD)/bench-venv/installed ## this tree against another state of it; REF=<git ref>, and ROWS THREADS as above
	@test -n '$(REF)' || { echo 'bench-compare needs REF=<git ref>: a commit, branch or tag' >&2; exit 2; }
	@$(run_bench) --compare '$(REF)'

PROGRAM ?= examples/articles/convolution.py
SECONDS ?= 3
profile: lib $(BUILD)/venv/installed ## flame graphs of an article's form and ours; PROGRAM=examples/articles/convolution.py SECONDS=3
	@$(from_tree) $(BUILD)/venv/bin/python examples/articles/_profile.py --folder $(BUILD)/profile --seconds $(SECONDS) $(PROGRAM)

# ---- Python packages -----------------------------------------------------------------------------------

# Built in the tools' environment, so that nothing is fetched but once.
package = $(BUILD)/wheel-venv/bin/python -m build --no-isolation

wheel: lib $(BUILD)/wheel-venv/installed ## build/dist/bytestride-*.whl: the package, the library and the OpenMP runtime in one file for every Python
	@$(if $(findstring clang,$(CXX)),echo "a wheel carries the OpenMP runtime of g++ and its licence: $(CXX) has another" >&2; exit 1)
	@rm -rf $(BUILD)/wheel $(BUILD)/dist/*.whl && mkdir -p $(BUILD)/wheel
	@$(foreach l,$(SHARED) $(FASTCALL),$(OBJCOPY) --strip-unneeded $l $(BUILD)/wheel/$(notdir $l) &&) true
	@echo "  wheel    $(BUILD)/dist"
	$(Q)$(package) --wheel ffi/python --outdir $(BUILD)/wheel -C built=$(abspath $(BUILD)/wheel) -C bundled=1 -C platform=linux_$(ARCH) > $(BUILD)/wheel/log 2>&1 \
		|| { cat $(BUILD)/wheel/log >&2; exit 1; }
# auditwheel copies the runtime beside the package under a name of its own, and names the oldest glibc that has all symbols.
	$(Q)PATH="$(abspath $(BUILD)/wheel-venv/bin):$$PATH" LD_LIBRARY_PATH=$(dir $(shell $(CC) -print-file-name=libgomp.so.1)) \
		$(BUILD)/wheel-venv/bin/python -m auditwheel repair --only-plat --wheel-dir $(BUILD)/dist $(BUILD)/wheel/*.whl > $(BUILD)/wheel/log 2>&1 \
		|| { cat $(BUILD)/wheel/log >&2; exit 1; }
	@ls $(BUILD)/dist/*.whl
sdist: $(BUILD)/wheel-venv/installed ## build/dist/bytestride-*.tar.gz: the package and its source; pip compiles it
	@rm -rf $(BUILD)/dist/*.tar.gz && mkdir -p $(BUILD)/sdist
	@echo "  sdist    $(BUILD)/dist"
	$(Q)$(package) --sdist ffi/python --outdir $(BUILD)/dist > $(BUILD)/sdist/log 2>&1 || { cat $(BUILD)/sdist/log >&2; exit 1; }
	@ls $(BUILD)/dist/*.tar.gz

# ---- Installation --------------------------------------------------------------------------------------

# The pkg-config and CMake files find everything relative to themselves.
pkgconfig := $(libdir)/pkgconfig
cmakedir  := $(libdir)/cmake/bytestride
relative   = $(shell realpath -m -s --relative-to='$(1)' '$(2)')
configure  = sed -e 's|@VERSION@|$(VERSION)|g' -e 's|@MAJOR@|$(MAJOR)|g' \
                 -e 's|@LIBDIR@|$(call relative,$(prefix),$(libdir))|g' -e 's|@INCLUDEDIR@|$(call relative,$(prefix),$(includedir))|g' \
                 -e 's|@PC_PREFIX@|$(call relative,$(pkgconfig),$(prefix))|g' -e 's|@CMAKE_PREFIX@|$(call relative,$(cmakedir),$(prefix))|g'
HEADERS   := $(wildcard include/bytestride/*)
INSTALLED := $(includedir)/bytestride.h $(HEADERS:include/%=$(includedir)/%) $(pkgconfig)/bytestride.pc \
             $(cmakedir)/bytestrideConfig.cmake $(cmakedir)/bytestrideConfigVersion.cmake \
             $(addprefix $(libdir)/libbytestride.,so so.$(MAJOR) so.$(VERSION) a)

install: lib ## install to PREFIX (default /usr/local), honouring DESTDIR, libdir, includedir
	$(INSTALL) -d '$(DESTDIR)$(includedir)/bytestride' '$(DESTDIR)$(libdir)' '$(DESTDIR)$(pkgconfig)' '$(DESTDIR)$(cmakedir)'
	$(INSTALL) -m 0644 include/bytestride.h '$(DESTDIR)$(includedir)/bytestride.h'
	$(INSTALL) -m 0644 $(HEADERS) '$(DESTDIR)$(includedir)/bytestride'
	$(INSTALL) -m 0755 $(LIBRARY) '$(DESTDIR)$(libdir)/libbytestride.so.$(VERSION)'
	ln -sf libbytestride.so.$(VERSION) '$(DESTDIR)$(libdir)/libbytestride.so.$(MAJOR)'
	ln -sf libbytestride.so.$(MAJOR) '$(DESTDIR)$(libdir)/libbytestride.so'
	$(INSTALL) -m 0644 $(STATIC) '$(DESTDIR)$(libdir)/libbytestride.a'
	$(configure) ffi/c/bytestride.pc.in > '$(DESTDIR)$(pkgconfig)/bytestride.pc'
	$(configure) ffi/c/bytestrideConfig.cmake.in > '$(DESTDIR)$(cmakedir)/bytestrideConfig.cmake'
	$(configure) ffi/c/bytestrideConfigVersion.cmake.in > '$(DESTDIR)$(cmakedir)/bytestrideConfigVersion.cmake'
	@chmod 0644 '$(DESTDIR)$(pkgconfig)/bytestride.pc' '$(DESTDIR)$(cmakedir)'/bytestrideConfig*.cmake
	@$(if $(DESTDIR),,$(if $(filter /usr/local/lib /usr/lib,$(libdir)),echo "the loader finds the library after ldconfig has run as root"))

uninstall: ## remove what install put there
	rm -f $(foreach f,$(INSTALLED),'$(DESTDIR)$(f)')
	@rmdir '$(DESTDIR)$(cmakedir)' '$(DESTDIR)$(includedir)/bytestride' 2>/dev/null || true

clean: ## remove everything built
	rm -rf $(BUILD)
