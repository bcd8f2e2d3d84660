"""The suites that take long: `make test-all`."""
import os
import platform
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from runner import ROOT, Count, programs


def suite_docs(runner):
    """The pages: built without warnings, their examples run, their links lead somewhere."""
    status = runner.make("docs")
    return Count(failed=1) if status else Count(passed=1)


def suite_clang(runner):
    """The C and C++ tests of the library that clang and its OpenMP runtime make (`make check` has built it)."""
    build = runner.build / "check-clang"
    if not (build / "libbytestride.so").exists():
        return runner.skipped("clang has built no library (apt install clang libomp-dev; make check)")
    count = Count()
    for level in runner.levels():
        for program in programs(build, "abi", "cpp", "fuzz"):
            print(f"- {program.relative_to(build)} (clang, {level})", flush=True)
            count += runner.program([program], BYTESTRIDE_ISA=level)
    return count


def suite_emulated(runner):
    """A cross-compiled aarch64 library and its C and C++ tests, under user-mode emulation."""
    compiler, emulator = "aarch64-linux-gnu-g++", "qemu-aarch64"
    if platform.machine() == "aarch64":
        return runner.skipped("this machine is aarch64 itself")
    for tool, package in ((compiler, "g++-aarch64-linux-gnu"), (emulator, "qemu-user")):
        if not shutil.which(tool):
            return runner.skipped(f"{tool} is not installed (apt install {package})")
    build = runner.build / "aarch64"
    if runner.make_another(build, f"CXX={compiler}", "lib", "test-programs"):
        return Count(failed=1)
    count = Count()
    for program in programs(build, "abi", "cpp", "fuzz"):
        print(f"- {program.relative_to(build)} (aarch64)", flush=True)
        # A child of a process with threads aborts in the emulator itself.
        count += runner.program([emulator, "-L", "/usr/aarch64-linux-gnu", program], TESTS_WITHOUT="fork")
    return count


# What takes minutes under an emulator; the replay of the fuzz targets calls the same kernels.
LONG_PROGRAMS = ("arithmetic", "convolve", "copy", "neighborhood")


def suite_old_processor(runner):
    """The library on an emulated processor of 2008, which has none of the newer instructions."""
    if platform.machine() != "x86_64":
        return runner.skipped("this machine is no x86-64")
    if not shutil.which("qemu-x86_64"):
        return runner.skipped("qemu-x86_64 is not installed (apt install qemu-user)")
    if runner.make("test-programs"):
        return Count(failed=1)
    count = Count()
    for program in programs(runner.build, "abi", "cpp", "fuzz"):
        if program.name not in LONG_PROGRAMS:
            print(f"- tests/{program.parent.name}/{program.name} (Nehalem)", flush=True)
            count += runner.program(["qemu-x86_64", "-cpu", "Nehalem", program], TESTS_WITHOUT="fork,large")
    return count


def suite_memcheck(runner):
    """The C tests and the replay under valgrind, at the levels that it knows."""
    if not shutil.which("valgrind"):
        return runner.skipped("valgrind is not installed (apt install valgrind)")
    if runner.make("test-programs"):
        return Count(failed=1)
    command = ["valgrind", "--quiet", "--error-exitcode=9", "--leak-check=full", "--show-leak-kinds=definite", "--errors-for-leak-kinds=definite",
               "--sigill-diagnostics=yes", "--suppressions=tests/fuzz/valgrind.supp"]
    count = Count()
    for level in [level for level in runner.levels() if level != "avx512"]:
        for program in programs(runner.build, "abi"):
            print(f"- tests/abi/{program.name} (valgrind, {level})", flush=True)
            # A program with an allocator of its own keeps it. The child of a fork has the memory of its parent's threads without the threads.
            count += runner.program([*command, "--soname-synonyms=somalloc=nouserintercepts", program], BYTESTRIDE_ISA=level,
                                    TESTS_WITHOUT="fork,float-mode,large")
        for family in sorted(folder.name for folder in (ROOT / "tests/fuzz/corpus").iterdir()):
            print(f"- replay of {family} (valgrind, {level})", flush=True)
            lines = []
            here = runner.program([*command, runner.build / "tests/fuzz/replay", family], lines, BYTESTRIDE_ISA=level)
            # A register move of this encoding is unknown to valgrind 3.19: compilers choose it at the AVX2 level.
            if any("unhandled instruction bytes" in line and " 0xD6 " in line for line in lines):
                here = runner.skipped(f"{family} at {level}: this valgrind does not know vmovq between registers")
            count += here
    return count


def sanitized(runner, *goals):
    """The build folder of these goals with the address and undefined-behaviour sanitizers; None when it cannot be built."""
    build = runner.build / "sanitized"
    flags = "-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -O1"
    # Undefined behaviour is looked for at the other levels: in the AVX-512 kernels it would take minutes more to compile.
    failed = runner.make_another(build, f"CXXFLAGS={flags}", "CXXFLAGS.avx512=-fno-sanitize=undefined", f"CFLAGS={flags}",
                                 f"LDFLAGS={flags}", *goals)
    return None if failed else build


def sanitized_level(runner):
    """The best level at which undefined behaviour is looked for."""
    return next(level for level in runner.levels() if level != "avx512")


def suite_sanitizers(runner):
    """The C and C++ tests with the address and undefined-behaviour sanitizers, and the replay at every level."""
    build = sanitized(runner, "lib", "test-programs")
    if not build:
        return Count(failed=1)
    count = Count()
    for level in runner.levels():
        for program in programs(build, *(("abi", "cpp") if level == sanitized_level(runner) else ()), "fuzz"):
            print(f"- {program.relative_to(build)} (sanitized, {level})", flush=True)
            count += runner.program([program], BYTESTRIDE_ISA=level, ASAN_OPTIONS="allocator_may_return_null=1")
    return count


# Tests of the Python package whose calls work for many seconds with sanitizers, in loops that shorter ones run through too.
LONG_CALLS = ("additivity", "interrupted", "1000000000000", "larger_than_the_caches", "2000-10-3")


def suite_python_sanitized(runner):
    """Python tests of every family with the address and undefined-behaviour sanitizers in the library."""
    build = sanitized(runner, "lib")
    if not build:
        return Count(failed=1)
    runtime = [subprocess.run([runner.environment.get("CXX", "g++"), f"-print-file-name=lib{name}.so"], stdout=subprocess.PIPE,
                              text=True).stdout.strip() for name in ("asan", "ubsan")]
    if not all(Path(path).is_absolute() for path in runtime):
        return runner.skipped("the sanitizers' runtime is not there as shared libraries (apt install build-essential)")
    parts = ("accuracy", "arithmetic", "arrays", "call", "classical_mds", "convolve", "convolve_bytes", "convolve_fft", "copy", "depth",
             "distance", "mds", "mds_smacof", "neighborhood", "primes", "search", "short_calls")
    # Captured by pytest, the last words of a sanitizer were lost.
    return runner.pytest("--capture=sys", *(f"tests/python/test_{name}.py" for name in parts),
                         "-k", f"not ({' or '.join(LONG_CALLS)})",
                         BYTESTRIDE_LIBRARY=str(build / "libbytestride.so"), BYTESTRIDE_ISA=sanitized_level(runner), LD_PRELOAD=" ".join(runtime),
                         # The interpreter keeps memory to its end.
                         ASAN_OPTIONS="detect_leaks=0:allocator_may_return_null=1")


def suite_tidy(runner):
    """clang-tidy over the library, with the checks of .clang-tidy."""
    if not shutil.which("clang-tidy"):
        return runner.skipped("clang-tidy is not installed (apt install clang-tidy)")
    flags = ["-std=c++17", "-fno-exceptions", "-fno-rtti", "-Iinclude", "-Isrc", "-DBYTESTRIDE_LEVEL=at_baseline"]

    def look(source):
        done = subprocess.run(["clang-tidy", "--quiet", source, "--", *flags], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True, errors="replace")
        return done.returncode, done.stdout

    sources = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "src").glob("*/*.cpp"))
    count = Count()
    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for status, text in pool.map(look, sources):
            print(text, end="", flush=True)
            count += Count(failed=1) if status else Count(passed=1)
    return count


def suite_threads(runner):
    """The C and C++ tests and the replay with the thread sanitizer, and an OpenMP runtime that it can follow."""
    archer = sorted(Path("/usr/lib").glob("llvm-*/lib/libarcher.so"))
    if not shutil.which("clang++") or not archer:
        return runner.skipped("clang++ or its OpenMP runtime is not installed (apt install clang libomp-dev)")
    linked = subprocess.run(["clang++", "-fsanitize=thread", "-xc++", "-", "-o", os.devnull], input=b"int main() {}", stderr=subprocess.DEVNULL)
    if linked.returncode:
        return runner.skipped("clang's runtime for the thread sanitizer is not installed (apt install libclang-rt-dev)")
    build = runner.build / "thread-sanitized"
    flags = "-fsanitize=thread -O1 -fno-omit-frame-pointer"
    # Loops are shared out in the same way at every level.
    if runner.make_another(build, "LEVELS=baseline", "CXX=clang++", f"CXXFLAGS={flags}", f"CFLAGS={flags}", f"LDFLAGS={flags}",
                           "lib", "test-programs"):
        return Count(failed=1)
    count = Count()
    for program in programs(build, "abi", "cpp", "fuzz"):
        print(f"- {program.relative_to(build)} (thread sanitizer)", flush=True)
        # The threads of the OpenMP runtime live as long as the process; forks are what some tests are about.
        count += runner.program([program], OMP_TOOL_LIBRARIES=str(archer[-1]),
                                TSAN_OPTIONS="ignore_noninstrumented_modules=1 report_thread_leaks=0 die_after_fork=0")
    return count


def suite_hosts(runner):
    """Within joblib, Dask, Numba and scikit-learn, each with threads of its own."""
    if runner.make(f"{runner.build}/hosts-venv/installed"):
        return Count(failed=1)
    python, runner.python = runner.python, runner.build / "hosts-venv" / "bin" / "python"
    try:
        return runner.pytest("tests/hosts")
    finally:
        runner.python = python


def suite_reproducible(runner):
    """A copy of the sources in a folder of another name gives the same bytes."""
    copy = runner.build / "reproducible" / "another-name"
    shutil.rmtree(copy.parent, ignore_errors=True)
    for name in ("include", "src", "ffi"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("target", "__pycache__"))
    shutil.copy(ROOT / "Makefile", copy)
    # What is compared must be of this state, too: other suites may have built the programs alone.
    if runner.make("lib") or runner.run(["make", "--no-print-directory", "-C", copy, f"-j{os.cpu_count() or 2}", "BUILD=out", "lib"])[0]:
        return Count(failed=1)
    count = Count()
    for path in sorted((copy / "out").glob("libbytestride*")):
        if not path.is_symlink():
            same = path.read_bytes() == (runner.build / path.name).read_bytes()
            print(f"{path.name}: {'the same bytes' if same else 'differs'}", flush=True)
            count += Count(passed=1) if same else Count(failed=1)
    return count
