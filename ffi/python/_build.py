"""The build backend of the Python package: setuptools, over a copy of the project.

A build begins with a copy of what belongs into a source distribution, in the project's own layout with pyproject.toml
at the top; an unpacked source distribution is such a copy already. So a wheel from the source tree equals one from
the source distribution, and neither writes to the folder that it is built from.

Settings, as in `pip wheel -C NAME=VALUE`:

    built=FOLDER    take the libraries from this folder; otherwise they are compiled, by make where it is there
    platform=NAME   the platform in the wheel's name, as linux_aarch64; otherwise this machine's
    bundled=1       the OpenMP runtime will be bundled: add its licence
"""
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from setuptools import build_meta

HERE = Path(__file__).resolve().parent
# At the top of a source distribution, or in ffi/python.
ROOT = HERE if (HERE / "Makefile").exists() else HERE.parents[1]
PACKAGE = "ffi/python/bytestride"
LIBRARIES = ("libbytestride.so", "libbytestride_python.so")
DISTRIBUTED = ("Makefile", "LICENSE", "README.md", "include", "src", "ffi/c", "ffi/generate.py", PACKAGE, "ffi/python/fastcall.c",
               "ffi/python/fastcall_arguments.h", "ffi/python/fastcall_python.h")
OPENMP_LICENSE = "GPL-3.0-or-later WITH GCC-exception-3.1"
AT_THE_TOP = ("pyproject.toml", "setup.py", "_build.py")


def copy(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    elif source.exists():
        shutil.copy2(source, target)


@contextlib.contextmanager
def project():
    """A copy of the project as the working directory."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory(prefix="bytestride-") as folder:
        for name in DISTRIBUTED:
            copy(ROOT / name, Path(folder) / name)
        for name in AT_THE_TOP:
            copy(HERE / name, Path(folder) / name)
        os.chdir(folder)
        try:
            yield Path(folder)
        finally:
            os.chdir(before)


def run(command, **options):
    print(" ".join(map(str, command)), flush=True)
    if subprocess.run(command, stdin=subprocess.DEVNULL, **options).returncode:
        raise SystemExit("the library could not be compiled; building needs a C++ compiler: apt install build-essential")


def compile_library(folder):
    """Builds the libraries, without debug information, and returns where they are."""
    built = folder / "build"
    # A make that started this one has handed down its own targets and job server.
    environment = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    if shutil.which("make"):
        run(["make", "lib", f"BUILD={built}", f"CXXFLAGS={environment.pop('CXXFLAGS', '')} -g0"], cwd=folder, env=environment)
        return built
    print("make is not installed: the library is compiled for the processor's baseline alone, which is slower", file=sys.stderr)
    line = re.search(r"Without make: +g\+\+ (.*?)-o libbytestride\.so", (folder / "Makefile").read_text(), re.DOTALL).group(1)
    compiler = environment.get("CXX") or next(filter(shutil.which, ("g++", "c++", "clang++")), "g++")
    built.mkdir()
    flags = environment.get("CXXFLAGS", "")
    run(["sh", "-c", " ".join([compiler, re.sub(r"\\\n#\s*", "", line), flags, "-o build/libbytestride.so"])], cwd=folder, env=environment)
    return built


def add_libraries(folder, built):
    """Puts the libraries and the public headers into the package."""
    for name in LIBRARIES:
        copy(Path(built) / name, folder / PACKAGE / name)
    copy(folder / "include", folder / PACKAGE / "include")


def apply_settings(folder, settings):
    """Writes into the copy what the settings say about the wheel's name and licences."""
    if settings.get("bundled"):
        for path in (HERE / "licenses").iterdir():  # setuptools takes COPYING* and NOTICE* as licences
            copy(path, folder / path.name)
        own, project_file = 'license = "BSD-3-Clause', folder / "pyproject.toml"
        project_file.write_text(project_file.read_text().replace(own, f"{own} AND {OPENMP_LICENSE}"))
    if settings.get("platform"):
        (folder / "setup.cfg").write_text(f"[bdist_wheel]\nplat_name = {settings['platform']}\n")


# ---- The hooks that pip and build call (PEP 517) -----------------------------------------------------

def get_requires_for_build_sdist(config_settings=None):
    return []


def get_requires_for_build_wheel(config_settings=None):
    return []


def build_sdist(sdist_directory, config_settings=None):
    target = os.path.abspath(sdist_directory)
    with project():
        # setuptools asks version control for the files; there is none in a copy.
        names = [*DISTRIBUTED, *AT_THE_TOP]
        lines = [f"graft {name}" if Path(name).is_dir() else f"include {name}" for name in names if Path(name).exists()]
        Path("MANIFEST.in").write_text("\n".join(lines) + "\n")
        return build_meta.build_sdist(target)


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    """Without it pip would compile the library once more, for the metadata alone."""
    target = os.path.abspath(metadata_directory)
    with project() as folder:
        apply_settings(folder, config_settings or {})
        return build_meta.prepare_metadata_for_build_wheel(target)


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    settings = config_settings or {}
    target = os.path.abspath(wheel_directory)
    with project() as folder:
        apply_settings(folder, settings)
        add_libraries(folder, settings.get("built") or compile_library(folder))
        return build_meta.build_wheel(target)
