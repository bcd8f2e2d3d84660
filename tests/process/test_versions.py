"""Programs of version 1.0 and later libraries. What a library refuses of a later caller is in tests/abi/sizes.c."""
import os
import re
import shutil
import subprocess

import pytest

from conftest import LIBRARY, ROOT, run_native

CLIENT = LIBRARY.parent / "tests" / "abi" / "client_1_0"
OBJECTS = LIBRARY.parent / "obj"


def grown_header():
    """The header of a version 1.1 in which every struct that may grow has one more field."""
    text = (ROOT / "include" / "bytestride.h").read_text()
    text, structs = re.subn(r"^\} (bytestride_\w+_(options|result));", r"    uint64_t added; /* new in 1.1 */\n} \1;", text, flags=re.MULTILINE)
    assert structs >= 11
    return re.sub(r"(define BYTESTRIDE_VERSION_MINOR) \d+", r"\1 1", text)


@pytest.fixture
def grown_library(tmp_path):
    """The library with that header: what reads the structs is compiled again, the rest is as it was built."""
    if not any(OBJECTS.glob("core/*.o")):
        pytest.skip(f"no objects beside {LIBRARY} (make lib)")
    shutil.copytree(ROOT / "include", tmp_path, dirs_exist_ok=True)
    (tmp_path / "bytestride.h").write_text(grown_header())
    levels = [f"-DBYTESTRIDE_HAVE_{level.upper()}" for level in ("avx2", "avx512") if any(OBJECTS.glob(f"kernels/*.{level}.o"))]
    compiler = os.environ.get("CXX", "g++").split()
    library = tmp_path / "libbytestride.so.1"
    subprocess.run([*compiler, "-std=c++17", "-O0", "-fPIC", "-fvisibility=hidden", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics",
                    "-fopenmp", "-Wno-psabi", "-shared", "-Wl,-soname,libbytestride.so.1", "-Wl,--version-script=src/bytestride.map",
                    *levels, f"-I{tmp_path}", "-Isrc", *map(str, sorted((ROOT / "src" / "api").glob("*.cpp"))),
                    *map(str, sorted(OBJECTS.glob("core/*.o"))), *map(str, sorted(OBJECTS.glob("kernels/*.o"))), "-o", str(library)],
                   cwd=ROOT, check=True)
    return library


def results(**variables):
    done = run_native(CLIENT, LD_BIND_NOW="1", **variables)
    assert done.returncode == 0, done.stdout
    return re.search(r"^results (\w+)$", done.stdout, re.MULTILINE).group(1)


def test_a_client_of_version_1_0_with_a_grown_library(grown_library):
    if not CLIENT.exists():
        pytest.skip(f"{CLIENT} is not built (make test-programs)")
    assert results(LD_LIBRARY_PATH=str(grown_library.parent), LD_PRELOAD=str(grown_library)) == results()
