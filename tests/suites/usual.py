"""The suites of `make test`, but those of other languages."""
import os
import re
import shutil
import sys
from pathlib import Path

from runner import ROOT, Count, native

WITHOUT_LOOPS = "compat_* bench call generate load package short_calls threadpool writers".split()


def suite_abi(runner):
    """Layouts, statuses and calling rules, from plain C."""
    return native(runner, "abi")


def suite_cpp(runner):
    """What is inside the library, from C++."""
    return native(runner, "cpp")


def suite_python(runner):
    """The Python package against independent oracles, at every level; the examples of its documentation."""
    count = Count()
    # By file: two processors need 0.55 of the time that one does. More than four wait for the longest file.
    side_by_side = ["-n", str(min(len(os.sched_getaffinity(0)), 4)), "--dist", "loadfile"]
    for number, level in enumerate(runner.levels()):
        print(f"- tests/python ({level})", flush=True)
        # What has no loops of its own (drop-in names, how calls are made and libraries found) is the same at every level.
        once = [f"--ignore-glob=*/test_{name}.py" for name in WITHOUT_LOOPS] if number else []
        count += runner.pytest("tests/python", *once, *side_by_side, BYTESTRIDE_ISA=level)
    print("- examples of the documentation", flush=True)
    count += runner.pytest("--doctest-modules", "ffi/python/bytestride")
    return count


def suite_fuzz(runner):
    """Some hundred random views of each family between guard pages, at every level; `make fuzz` and `make fuzz-native` run as many as you like."""
    count = native(runner, "fuzz")
    for level in runner.levels():
        print(f"- tests/fuzz/replay, results stored past the caches ({level})", flush=True)
        count += runner.program([runner.build / "tests/fuzz/replay"], BYTESTRIDE_ISA=level, BYTESTRIDE_STREAMING_BYTES="1")
    for level in runner.levels():
        print(f"- tests/fuzz ({level})", flush=True)
        count += runner.program([runner.python, "tests/fuzz"], BYTESTRIDE_ISA=level)
    return count


def suite_process(runner):
    """The library as a guest: fork, threads, dlclose, limits, signals."""
    return runner.pytest("tests/process")


def suite_examples(runner):
    """The examples of every language, against an installed copy that was moved."""
    return runner.program([sys.executable, "tests/examples", "--build", runner.build, "--python", runner.python])


def suite_wheel(runner):
    """The Python packages: what is in them, and that they work where they are installed."""
    return runner.program([sys.executable, "tests/wheel", "--build", runner.build, "--python", runner.python,
                           *(["--all"] if runner.everything else [])])


def suite_ffi(runner):
    """Independent readers of the header against the generated bindings."""
    count = runner.pytest("tests/ffi")
    if not runner.everything:
        print("bindgen against the Rust declarations: a part of `make test-all`", flush=True)
        return count
    if not shutil.which("cargo"):
        count += runner.skipped("bindgen needs cargo (https://rustup.rs)")
    elif "LIBCLANG_PATH" not in os.environ and not [*Path("/usr").glob("lib/llvm-*/lib/libclang*.so*"), *Path("/usr").glob("lib*/libclang*.so*")]:
        count += runner.skipped("bindgen needs libclang (apt install clang)")
    else:
        status, _ = runner.run(["cargo", "test", "--quiet", "--manifest-path", "tests/ffi/bindgen/Cargo.toml"])
        count += Count(failed=1) if status else Count(passed=1)
    return count


def suite_check(runner):
    """What `make check` looks at."""
    return runner.program([sys.executable, "tests/check", "--build", runner.build])


def suite_demo(runner):
    """The demo, in its quick mode."""
    status = runner.make("demo", "QUICK=1")
    return Count(failed=1) if status else Count(passed=1)


def suite_dask(runner):
    """Convolution and distances by blocks, on a cluster of two processes, against the whole arrays."""
    status = runner.make("dask", "QUICK=1")
    return Count(failed=1) if status else Count(passed=1)


def suite_bare(runner):
    """One compiler line, as the Makefile's head gives it, builds a library that works at the baseline level."""
    text = (ROOT / "Makefile").read_text()
    line = re.search(r"Without make: +(g\+\+ .*?-o libbytestride\.so)", text, re.DOTALL).group(1)
    line = re.sub(r"\\\n#\s*", "", line).replace("-o libbytestride.so", f"-o {runner.build}/bare/libbytestride.so")
    (runner.build / "bare").mkdir(parents=True, exist_ok=True)
    if runner.run(["sh", "-c", line])[0]:
        return Count(failed=1)
    return runner.program([runner.build / "tests/abi/calls"], LD_PRELOAD=str(runner.build / "bare/libbytestride.so"))
