"""`compile`: what the compiler says, what is kept, and several processes at once."""
import os
import shlex
import shutil
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import bytestride as bs
from bytestride import _build

CUBES = """
#include <bytestride/kernel.hpp>
using namespace bytestride::kernel;

static status cubes(call &call, input<double, 1> a, output<double, 1> out) {
    return call.parallel_for(a.extent(0), [=](std::int64_t i) { out(i) = a(i) * a(i) * a(i); });
}
BYTESTRIDE_EXPORT(cubes, "Third powers.", a(n), out(n));
"""
SAME = f"import numpy as np, bytestride as bs; print(bs.compile({CUBES!r}, flags=['-O0']).cubes(np.arange(4.0)).tolist())"


def real_compiler():
    """The compiler with its words, as `bs.compile` finds it, or None."""
    chosen = os.environ.get("CXX")
    if chosen:
        return chosen if shutil.which(shlex.split(chosen)[0]) else None
    return next(filter(None, map(shutil.which, ("c++", "g++", "clang++"))), None)


def build(source, flags=()):
    """Most of the time of a compiler goes into making fast what is not timed here."""
    return bs.compile(source, flags=["-O0", *flags])


def in_another_process(_=0):
    """What another process prints that compiles and calls the same source."""
    done = subprocess.run([sys.executable, "-c", SAME], text=True, capture_output=True, timeout=300)
    return done.stdout.strip() or done.stderr


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    if not real_compiler():
        pytest.skip("no C++ compiler is installed (apt install build-essential)")
    folder = tmp_path / "cache"
    monkeypatch.setenv("BYTESTRIDE_CACHE", str(folder))
    return folder


@pytest.fixture
def counted(tmp_path, monkeypatch):
    """Names a compiler that writes a line for every run; the value is the file of lines."""
    lines, program = tmp_path / "runs", tmp_path / "counted-c++"
    program.write_text(f'#!/bin/sh\necho run >> {lines}\nexec {real_compiler()} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("CXX", str(program))
    return lines


def runs(lines):
    return len(lines.read_text().split()) if lines.exists() else 0


def test_compiles_once(cache, counted):
    for _ in range(2):
        assert build(CUBES).cubes(np.arange(4.0)).tolist() == [0, 1, 8, 27]
    assert runs(counted) == 1
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700
    assert [path.suffix for path in cache.iterdir()] == [".so"]  # nothing else is left
    for changed in (CUBES.replace("Third", "3rd"), CUBES + "\n"):
        build(changed)
    build(CUBES, flags=["-DUNUSED"])
    assert runs(counted) == 4
    assert build(CUBES.replace("Third", "3rd")).cubes.__doc__.startswith("3rd powers.") and runs(counted) == 4


def test_a_file_is_its_text(tmp_path, counted):
    path = tmp_path / "cubes.cpp"
    path.write_text(CUBES)
    assert build(path).cubes(np.full(2, 3.0)).tolist() == [27, 27]
    build(CUBES)
    assert runs(counted) == 1
    with pytest.raises(FileNotFoundError):
        build(tmp_path / "missing.cpp")


def test_what_is_kept_needs_no_compiler(counted, monkeypatch):
    build(CUBES)
    program = os.environ["CXX"]
    os.remove(program)
    assert build(CUBES).cubes(np.arange(2.0)).tolist() == [0, 1]
    with pytest.raises(bs.CompileError) as caught:
        build(CUBES, flags=["-DOTHER"])
    assert "counted-c++ is not there" in str(caught.value) and "apt install build-essential" in str(caught.value)
    assert isinstance(caught.value, RuntimeError) and isinstance(caught.value, bs.Error)


def test_another_compiler_builds_again(counted):
    build(CUBES)
    program = Path(os.environ["CXX"])
    program.write_text(program.read_text() + "# newer\n")
    build(CUBES)
    assert runs(counted) == 2


def test_native_code_is_not_taken_from_another_processor(tmp_path, monkeypatch, counted):
    cpuinfo = tmp_path / "cpuinfo"
    monkeypatch.setattr(_build, "CPUINFO", cpuinfo)
    for frequency, feature in (1000, "one"), (2000, "one"), (1000, "two"):
        cpuinfo.write_text(f"processor : 0\nmodel name : M\ncpu MHz : {frequency}\nflags : {feature}\n")
        build(CUBES)
        build(CUBES, flags=["-mtune=native"])
    assert runs(counted) == 1 + 2


def test_a_damaged_file_is_built_again(cache, counted):
    build(CUBES)
    (path,) = cache.glob("*.so")
    # In another process: this one has the file in its memory.
    os.remove(path)
    path.write_bytes(b"no library")
    assert in_another_process() == "[0.0, 1.0, 8.0, 27.0]"
    assert runs(counted) == 2


def test_errors_of_the_compiler_are_shown(cache):
    with pytest.raises(bs.CompileError) as caught:
        build(CUBES.replace("a(i) * a(i) * a(i)", "unheard_of(i)"))
    assert "unheard_of" in str(caught.value) and "source.cpp:6" in str(caught.value)
    assert list(cache.iterdir()) == []
    with pytest.raises(bs.CompileError, match="undefined|unresolved"):  # the linker's too
        build(CUBES.replace("static status", "double missing(double);\nstatic status").replace("a(i) * a(i)", "missing(a(i))"))


@pytest.mark.parametrize("old, new, text", [
    ("a(n), out(n)", "a(n)", "name every argument"),
    ("a(n), out(n)", "a(n, m), out(n)", "one extent per dimension"),
    ("a(n), out(n)", "a = 2.0, out(n)", "one extent per dimension"),
    ("a(n), out(n)", "a(n, out(n", "unterminated|name every argument|one extent|end of"),
    ("input<double, 1> a", "input<char *, 1> a", "dtype_of|incomplete"),
    ("input<double, 1> a", "input<double, 9> a", "0 to 8 dimensions"),
    ("a(i) * a(i) * a(i)", "a(i, i)", "one index per dimension"),
    ("input<double, 1> a, output", "short factor, input<double, 1> a, output", "integer of 32 or 64 bits|name every argument"),
    ("return call", "a(0) = 1; return call", "lvalue|assignable|rvalue|assign"),
])
def test_mistakes_are_found_by_the_compiler(old, new, text):
    assert old in CUBES
    with pytest.raises(bs.CompileError, match=text):
        build(CUBES.replace(old, new))


def test_a_source_without_functions():
    with pytest.raises(bs.LoadError, match="no bytestride_manifest"):
        build("int nothing;")
    assert build("#include <bytestride/kernel.hpp>").functions == {}


def test_several_processes_at_once(cache, counted):
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(in_another_process, range(4))) == ["[0.0, 1.0, 8.0, 27.0]"] * 4
    assert len(list(cache.iterdir())) == 1


def test_where_it_is_kept(tmp_path, monkeypatch, counted):
    monkeypatch.delenv("BYTESTRIDE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert str(tmp_path / "xdg/bytestride") in build(CUBES).path
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert str(tmp_path / "home/.cache/bytestride") in build(CUBES).path
    # A home that cannot be written (a file stands where the folder would be, which stops root too).
    (tmp_path / "nowhere").write_text("")
    monkeypatch.setenv("HOME", str(tmp_path / "nowhere"))
    before = runs(counted)
    path = build(CUBES).path
    assert str(tmp_path / "nowhere") not in path and Path(path).exists()
    assert build(CUBES).path == path and runs(counted) == before + 1


def test_an_installed_package_has_its_headers_beside_it(tmp_path, monkeypatch):
    package = tmp_path / "site" / "bytestride"
    shutil.copytree(Path(bs.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__", "include"))
    shutil.copy(bs.build_info()["library"], package / "libbytestride.so.1")
    headers = next(folder for folder in Path(__file__).resolve().parents if (folder / "include").exists()) / "include"
    monkeypatch.setenv("PYTHONPATH", str(package.parent))
    monkeypatch.setenv("BYTESTRIDE_LIBRARY", "")
    monkeypatch.setenv("PKG_CONFIG_LIBDIR", str(tmp_path))  # nothing is installed elsewhere
    monkeypatch.delenv("PKG_CONFIG_PATH", raising=False)
    assert "kernel.hpp is neither beside the package nor beside the library" in in_another_process()
    shutil.copytree(headers, package / "include")
    assert in_another_process() == "[0.0, 1.0, 8.0, 27.0]"


def test_flags_reach_the_compiler():
    source = CUBES.replace("a(i) * a(i) * a(i)", "a(i) * FACTOR")
    assert build(source, flags=["-DFACTOR=5"]).cubes(np.arange(3.0)).tolist() == [0, 5, 10]


def test_two_libraries_have_manifests_of_their_own():
    cubes = build(CUBES)
    others = build(CUBES.replace("cubes", "others"))
    assert list(cubes.functions) == ["cubes"] and list(others.functions) == ["others"]


@pytest.mark.parametrize("flags", [["-fno-exceptions"], ["-fvisibility=default"], ["-O3"], ["-fno-rtti", "-std=c++20"], ["-Wall", "-Wextra", "-Werror"]],
                         ids=" ".join)
def test_other_flags(flags):
    assert build(CUBES, flags=flags).cubes(np.arange(3.0)).tolist() == [0, 1, 8]
