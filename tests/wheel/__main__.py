"""Builds the Python packages as `make wheel` and `make sdist` do, installs them as users do, and looks into them.

    python3 tests/wheel [--build DIR] [--python PYTHON] [--all] [TEST...]

Ends with a line `N passed, N failed, N skipped`. With --all also on every Python that can be had, from source, and on an
emulated aarch64.
"""
import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

import contents
import pythons
from common import Failure, ROOT, Skip, environment, install, numpy_for, run, smoke, version_of


class Context:
    """The packages that were built, and a folder to work in."""

    def __init__(self, build, python, work):
        self.build, self.python, self.work = build, python, work

    def make(self, *words):
        """make, with this build folder unless the words name another; the files that are then in its dist."""
        settings = [f"{name}={os.environ[name]}" for name in ("CXX", "CC") if name in os.environ] if "BUILD" not in "".join(words) else []
        run("make", "--no-print-directory", f"BUILD={self.build}", *settings, *words, folder=ROOT)

    def only(self, pattern, build=None):
        found = sorted(((build or self.build) / "dist").glob(pattern))
        if len(found) != 1:
            raise Failure(f"{pattern} in {(build or self.build) / 'dist'}: {found}")
        return found[0]

    @property
    def wheel(self):
        return self.only("*.whl")

    @property
    def sdist(self):
        return self.only("*.tar.gz")


def try_install(context):
    """the wheel in a fresh environment with NumPy alone"""
    python = environment(context.work / "fresh")
    install(python, numpy_for(version_of(python)), context.wheel)
    print(f"           {smoke(python)}")
    clock = "import time, numpy; t = time.process_time(); import bytestride; print(time.process_time() - t)"
    print(f"           import: {1e3 * min(float(run(python, '-c', clock)) for _ in range(5)):.1f} ms of processor time beyond NumPy")
    if "bytestride" not in run(python, "-m", "bytestride", "--json"):
        raise Failure("python -m bytestride says nothing of the library")
    run(python, "-m", "pip", "check")
    run(python, "-m", "pip", "uninstall", "--yes", "--quiet", "bytestride")
    left = [path for path in (context.work / "fresh").rglob("*") if "bytestride" in path.name]
    if left:
        raise Failure(f"pip uninstall left {left}")


def try_without_runtime(context):
    """the wheel where the system has no OpenMP runtime, and beside the one of scikit-learn"""
    site = context.work / "site"
    install(context.python, context.wheel, options=["--no-deps", "--target", site])
    for program in ("hidden.py", "beside.py"):
        run(context.python, ROOT / "tests/wheel" / program, PYTHONPATH=site)


def try_sdist_equals_tree(context):
    """a wheel from the unpacked source distribution has the files of one from the source tree"""
    folder = context.work / "unpacked"
    shutil.unpack_archive(context.sdist, folder, filter="data") if sys.version_info >= (3, 12) else shutil.unpack_archive(context.sdist, folder)
    source = next(folder.iterdir())
    contents.compare_sources(source)
    before = sorted(source.rglob("*"))
    python = context.build / "wheel-venv/bin/python"
    run(python, "-m", "build", "--no-isolation", "--wheel", source, "--outdir", context.work, "-C", f"built={context.build}")
    if sorted(source.rglob("*")) != before:
        raise Failure("building a wheel wrote into the source folder")
    contents.compare_packages(next(context.work.glob("*.whl")), context.wheel)


USUAL = [contents.try_contents, contents.try_binaries, contents.try_tag, contents.try_metadata, try_install, try_without_runtime, try_sdist_equals_tree]
LONG = [pythons.try_source, pythons.try_source_without_make, pythons.try_aarch64, pythons.try_pypy, pythons.try_exporters, *pythons.attempts()]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", default="build", help="the build folder")
    parser.add_argument("--python", default=sys.executable, help="a Python with what tests/requirements.txt names")
    parser.add_argument("--all", action="store_true", help="also what takes long")
    parser.add_argument("tests", nargs="*", metavar="TEST", help="names of tests, as try_install")
    options = parser.parse_args()
    chosen = [test for test in USUAL + LONG if test.__name__ in options.tests] if options.tests else USUAL + (LONG if options.all else [])
    passed = failed = skipped = 0
    with tempfile.TemporaryDirectory(prefix="bytestride-") as work:
        context = Context(Path(options.build).resolve(), Path(options.python).absolute(), Path(work))
        try:
            context.make("wheel", "sdist")
        except Failure as failure:
            print(f"  FAILED   make wheel sdist\n{failure}\n0 passed, 1 failed, 0 skipped")
            return 1
        for test in chosen:
            title = test.__doc__.strip()
            try:
                test(context)
            except Skip as reason:
                skipped += 1
                print(f"  skipped  {title}: {reason}", flush=True)
            except Failure as failure:
                failed += 1
                print(f"  FAILED   {title}\n{failure}", flush=True)
            else:
                passed += 1
                print(f"  ok       {title}", flush=True)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
