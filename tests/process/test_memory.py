"""Memory: nothing grows, nothing stays behind, and one place allocates. (Refused allocations: tests/abi/memory.c.)"""
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import LIBRARY, ROOT, run_native

HERE = Path(__file__).resolve().parent
LINKED = [f"-I{ROOT / 'tests' / 'abi'}", f"-L{LIBRARY.parent}", "-lbytestride", f"-Wl,-rpath,{LIBRARY.parent}", "-lpthread", "-ldl"]


def test_nothing_grows_over_a_million_calls(compiled, tmp_path):
    host = compiled((HERE / "programs" / "growth.c").read_text(), *LINKED)
    other = tmp_path / "libother.so"  # another file than the one that the program is linked with, so that it is loaded anew
    shutil.copy(LIBRARY, other)
    # Blocks in malloc's cache per thread count as taken.
    result = run_native(host, other, GLIBC_TUNABLES="glibc.malloc.tcache_count=0")
    assert result.returncode == 0, result.stdout


def test_the_library_allocates_by_two_functions():
    """What tests/abi/memory.c refuses is all there is."""
    if not shutil.which("nm"):
        pytest.skip("nm is not installed (apt install binutils)")
    names = subprocess.run(["nm", "-D", "--undefined-only", LIBRARY], check=True, stdout=subprocess.PIPE, text=True).stdout
    wanted = re.findall(r"\b(\w*alloc\w*|\w*memalign\w*|mmap\w*|mremap|s?brk|strn?dup|v?asprintf|fopen|opendir|_Zn[wa]\w+)(?:@|$)", names, re.MULTILINE)
    assert sorted(wanted) == ["mmap", "posix_memalign"]
