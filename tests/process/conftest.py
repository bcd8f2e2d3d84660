"""Every test here runs programs of its own: what a library does to a process shows in a fresh one only."""
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LIBRARY = Path(os.environ.get("BYTESTRIDE_LIBRARY", ROOT / "build" / "libbytestride.so")).resolve()
# What would change how many threads there are.
COUNTS = ("BYTESTRIDE_NUM_THREADS", "OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OMP_DYNAMIC", "OMP_PROC_BIND", "OMP_WAIT_POLICY", "LD_PRELOAD")


def pytest_report_header(config):
    return f"library {LIBRARY}"


def environment(**more):
    clean = {name: value for name, value in os.environ.items() if name not in COUNTS}
    # NumPy's own threads would be counted, and cannot be created where a test forbids it.
    clean.update(BYTESTRIDE_LIBRARY=str(LIBRARY), OPENBLAS_NUM_THREADS="1", PYTHONPATH=str(HERE), PYTHONDONTWRITEBYTECODE="1")
    clean.update(more)
    return clean


@pytest.fixture
def library_path():
    return LIBRARY


@pytest.fixture
def program(tmp_path):
    """Runs a Python program in a fresh interpreter and returns what it printed; it must end well, and in time."""
    def run(source, *, timeout=300, preexec_fn=None, arguments=(), **variables):
        path = tmp_path / "program.py"
        path.write_text(textwrap.dedent(source))
        result = subprocess.run([sys.executable, str(path), *map(str, arguments)], env=environment(**variables), text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout, preexec_fn=preexec_fn)
        assert result.returncode == 0, f"exit status {result.returncode}\n{result.stdout}\n{result.stderr}"
        return result.stdout
    return run


@pytest.fixture
def compiled(tmp_path):
    """Compiles a C source and returns the path of the result."""
    def compile_it(source, *flags, name="program"):
        compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
        if not compiler:
            pytest.skip("no C compiler is installed")
        path, result = tmp_path / f"{name}.c", tmp_path / name
        path.write_text(textwrap.dedent(source))
        subprocess.run([*compiler.split(), "-std=gnu11", "-O1", "-Wall", "-Wextra", f"-I{ROOT / 'include'}", str(path), "-o", str(result), *flags], check=True)
        return result
    return compile_it


def run_native(path, *arguments, timeout=300, **variables):
    return subprocess.run([str(path), *map(str, arguments)], env=environment(**variables), text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=timeout)
