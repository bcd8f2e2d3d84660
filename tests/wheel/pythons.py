"""The wheel on every Python that can be had, on another processor, and the package compiled from source."""
import os
import platform
import shutil
import subprocess
from pathlib import Path

import contents
from common import HERE, ROOT, SMOKE, Failure, Skip, environment, install, need, numpy_for, run, smoke, version_of
from debian import Unpacked

# Where a Python comes from when this machine does not have it.
SUITES = {"3.9": "bullseye", "3.11": "bookworm", "3.13": "trixie", "3.14": "sid"}
FIRST, LAST = 9, 14


def python_of(version):
    """The interpreter of a version on this machine, or None."""
    installed = [shutil.which(f"python{version}"), *Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}")]
    for python in filter(None, installed):
        # A name may be a shim that starts nothing; Debian's Python may lack venv.
        if subprocess.run([python, "-c", "import ensurepip, venv"], capture_output=True, cwd="/").returncode == 0:
            return python
    return None


def on_python(version):
    """The test of one version of CPython."""
    def test(context):
        python = python_of(version)
        if python is None:
            if version not in SUITES:
                raise Skip(f"Python {version} is not installed, and in no Debian suite")
            unpacked = Unpacked(context.build / "debian", SUITES[version], version)
            for newest in (False, True):
                site = unpacked.site(context.python, context.wheel, numpy_for(version, newest), "x86_64")
                print(f"           {smoke(*unpacked.command, PYTHONPATH=site)}")
            return
        folder = context.work / f"python{version}"
        installed = environment(folder, python)
        for newest in (False, True):
            install(installed, numpy_for(version, newest), context.wheel, options=["--only-binary=:all:"])
            print(f"           {smoke(installed)}")
        shutil.rmtree(folder)

    test.__name__, test.__doc__ = f"try_python{version.replace('.', '')}", f"the wheel on Python {version}, with its oldest and a new NumPy"
    return test


def attempts():
    return [on_python(f"3.{minor}") for minor in range(FIRST, LAST + 1)]


def try_pypy(context):
    """the wheel on PyPy, by ctypes"""
    python = need("pypy3", "pypy3 pypy3-venv")
    installed = environment(context.work / "pypy", python)
    install(installed, numpy_for(version_of(installed)), context.wheel, options=["--only-binary=numpy"])
    print(f"           {run(installed, SMOKE, 'ctypes').strip()}")


def try_exporters(context):
    """arrays of JAX, by DLPack, in an environment of their own"""
    python = next(filter(None, (python_of(version) for version in ("3.11", "3.12", "3.13"))), None)
    if python is None:
        raise Skip("the JAX that is chosen needs Python 3.11, 3.12 or 3.13")
    installed = environment(context.work / "exporters", python)
    install(installed, "jax[cpu]==0.10.2", numpy_for(version_of(installed)), context.wheel, options=["--only-binary=:all:"])
    print(f"           {run(installed, HERE / 'exporters.py').strip()}")


def compiled(context, name, **changes):
    """An environment with the source distribution, compiled while it was installed; quickly, other tests look at the code."""
    installed = environment(context.work / name)
    changes["CXXFLAGS"] = "-O0"
    run(installed, "-m", "pip", "install", "--quiet", "--no-binary=bytestride", numpy_for(version_of(installed)), context.sdist, **changes)
    print(f"           {smoke(installed)}")
    return installed


def try_source(context):
    """the source distribution in a fresh environment, compiled by make"""
    need("make", "make")
    compiled(context, "source")


def try_source_without_make(context):
    """the source distribution where there is a C++ compiler alone"""
    # Compilers and the programs that they start, without make and without git.
    tools = context.work / "tools"
    tools.mkdir()
    for tool in ("sh", "g++", "as", "ld"):
        (tools / tool).symlink_to(need(tool, "g++"))
    python = compiled(context, "alone", PATH=tools)
    levels = run(python, "-c", "import bytestride; print(*bytestride.build_info()['levels'])").split()
    if levels != ["baseline"]:
        raise Failure(f"levels without make: {levels}")


def try_aarch64(context):
    """the wheel of a cross-built aarch64 library, in an emulated Python"""
    compiler = need("aarch64-linux-gnu-g++", "g++-aarch64-linux-gnu")
    emulator = need("qemu-aarch64", "qemu-user")
    if platform.machine() == "aarch64":
        raise Skip("this machine is aarch64 itself")
    build = context.build / "aarch64"
    others = {name: "" for name in ("CC", "CXX", "CFLAGS", "CXXFLAGS", "LDFLAGS") if name in os.environ}
    run("env", *(f"-u{name}" for name in others), "make", "--no-print-directory", "wheel", f"CXX={compiler}", f"BUILD={build}", folder=ROOT)
    wheel = context.only("*.whl", build)
    if not wheel.name.endswith("_aarch64.whl"):
        raise Failure(wheel.name)
    contents.check_binaries(context, wheel)
    contents.check_tag(context, wheel)
    contents.compare_packages(wheel, context.wheel)
    version = "3.11"
    unpacked = Unpacked(context.build / "debian", SUITES[version], version, "arm64", [emulator])
    site = unpacked.site(context.python, wheel, numpy_for(version), "aarch64")
    for calls in ("builtin", "ctypes"):
        print(f"           {run(*unpacked.command, SMOKE, calls, PYTHONPATH=site, BYTESTRIDE_FASTCALL=int(calls == 'builtin')).strip()}")
