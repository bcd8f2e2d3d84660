"""Which lines and branches of the library the tests run, family by family.

    make coverage            lines that no test runs are listed in build/coverage/missed.txt
    make coverage QUICK=1    without the Python tests

The C and C++ tests and the replay of the fuzz targets run at every level, the Python tests at the best one. A line of a
template counts as run when any of its instances ran it, at any level. Needs Python 3.9 or newer, and gcov.
"""
import argparse
import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEVELS = ("baseline", "avx2", "avx512")
# Names of files in src/api and src/kernels; what serves several families is "shared".
FAMILIES = {"arithmetic": "arithmetic|elementwise", "copy": "copy|convert|half", "convolve": "convolve", "depth": "depth|points_to_depth",
            "distance": "distance", "mds": "mds|eigen", "neighborhood": "neighborhood", "primes": "prim", "search": "search"}


def family_of(source):
    if source.startswith("src/core/"):
        return "core"
    name = Path(source).name
    return next((family for family, start in FAMILIES.items() if re.match(start, name)), "shared")


def run(build, quick):
    """Every test; their failures are theirs to report."""
    environment = {**os.environ, "BYTESTRIDE_LIBRARY": str(build / "libbytestride.so"), "PYTHONPATH": str(ROOT / "ffi/python"),
                   "PYTHONPYCACHEPREFIX": str(build / "pycache")}
    programs = [path for folder in ("abi", "cpp", "fuzz") for path in sorted((build / "tests" / folder).iterdir())
                if path.is_file() and os.access(path, os.X_OK)]
    levels = LEVELS if os.uname().machine == "x86_64" else LEVELS[:1]
    for level in levels:
        for program in programs:
            done = subprocess.run([program], cwd=ROOT, env={**environment, "BYTESTRIDE_ISA": level}, text=True, errors="replace",
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            print(f"{program.parent.name}/{program.name} ({level}): {(done.stdout.splitlines() or ['no output'])[-1]}", flush=True)
    if not quick:
        subprocess.run([build.parent / "venv/bin/python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/python"], cwd=ROOT,
                       env=environment)


class Source:
    """What was run of a file: a line or branch counts when any instance of it was."""

    def __init__(self):
        self.lines = defaultdict(bool)
        self.branches = defaultdict(bool)

    def add(self, line):
        self.lines[line["line_number"]] |= line["count"] > 0
        for i, branch in enumerate(line["branches"]):
            if not branch["throw"]:
                self.branches[line["line_number"], i] |= branch["count"] > 0


def collect(build):
    sources = defaultdict(Source)
    for notes in sorted((build / "obj").glob("*/*.gcda")):
        output = subprocess.run(["gcov", "--json-format", "--stdout", "--branch-probabilities", notes], cwd=ROOT, check=True,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        for unit in output.splitlines():
            for file in json.loads(unit)["files"]:
                name = os.path.relpath(ROOT / file["file"], ROOT)
                if name.startswith("src/"):
                    for line in file["lines"]:
                        sources[name].add(line)
    return sources


def share(values):
    return 100 * sum(values) / len(values) if values else 100.0


def main():
    parser = argparse.ArgumentParser(prog="tests/coverage", description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=Path, required=True, help="a build with --coverage")
    parser.add_argument("--quick", action="store_true", help="without the Python tests")
    options = parser.parse_args()
    build = options.build.resolve()
    for old in build.glob("obj/*/*.gcda"):
        old.unlink()
    run(build, options.quick)
    sources = collect(build)

    lines, branches = defaultdict(list), defaultdict(list)
    for name, source in sources.items():
        for group in (family_of(name), "all"):
            lines[group] += source.lines.values()
            branches[group] += source.branches.values()
    rows = [f"{'family':<14}{'lines':>8}{'run':>9}{'branches':>11}{'run':>9}"]
    for family in [*FAMILIES, "shared", "core", "all"]:
        rows.append(f"{family:<14}{len(lines[family]):>8}{share(lines[family]):>8.1f}%{len(branches[family]):>11}{share(branches[family]):>8.1f}%")
    missed = [f"{name}: {', '.join(str(number) for number in sorted(source.lines) if not source.lines[number])}"
              for name, source in sorted(sources.items()) if not all(source.lines.values())]
    (build / "report.txt").write_text("\n".join(rows) + "\n")
    (build / "missed.txt").write_text("\n".join(missed) + "\n")
    print("\n".join(rows))
    print(f"lines that no test runs: {os.path.relpath(build / 'missed.txt', ROOT)}")
    # The bound that the project keeps.
    return 0 if share(lines["all"]) >= 95 else 1


if __name__ == "__main__":
    sys.exit(main())
