"""Which lines and branches of the library the tests run, family by family.

    make coverage            what no test runs is listed in build/coverage/missed.txt; fails below 95 %
    make coverage QUICK=1    without the Python tests

The C and C++ tests and the replay of the fuzz targets run at every level, the Python tests of the library and of
processes at the best one. A line or branch of a template counts as run when any of its instances ran it, at any level;
instances in which the compiler left another number of branches (a condition that their types decide) count apart.
Needs Python 3.9 or newer, and gcov.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEVELS = ("baseline", "avx2", "avx512") if os.uname().machine == "x86_64" else ("baseline",)
# The bound that the project keeps, for lines and for branches.
BOUND = 95.0
# Names of files in src/api and src/kernels; what serves several families is "shared".
FAMILIES = {"arithmetic": "arithmetic|elementwise", "copy": "copy|convert|half|pack", "convolve": "convolve",
            "depth": "depth|points_to_depth", "distance": "distance", "mds": "mds|eigen", "neighborhood": "neighborhood",
            "primes": "prim", "search": "search"}
# Tests of other things than this build: of benchmarks, generators, packages, and of libraries that they compile themselves.
NOT_OF_THE_LIBRARY = {"test_bench.py", "test_compile.py", "test_generate.py", "test_package.py", "test_versions.py"}
# A line with something that no test can reach on one machine says so, and why; it is listed and not counted.
MARK = re.compile(r"// unreached: (.+)")
LONGEST_SECONDS = 10 * 60


def family_of(source):
    if source.startswith("src/core/"):
        return "core"
    name = Path(source).name
    return next((family for family, start in FAMILIES.items() if re.match(start, name)), "shared")


def commands(build, quick):
    """(what to print, command, variables) of every program that is run; what takes longest comes first."""
    if not quick:
        python = build.parent / "venv/bin/python"
        files = [path for folder in ("python", "process") for path in (ROOT / "tests" / folder).glob("test_*.py")
                 if path.name not in NOT_OF_THE_LIBRARY]
        for path in sorted(files, key=lambda path: -path.stat().st_size):
            # One links the static library into a program, which would need the runtime of gcov too.
            yield (f"{path.parent.name}/{path.name}",
                   [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not a_static_and_a_shared_copy", path], {})
    for level in LEVELS:
        for folder in ("abi", "cpp", "fuzz"):
            for program in sorted((build / "tests" / folder).iterdir()):
                if program.is_file() and os.access(program, os.X_OK):
                    yield f"{folder}/{program.name} ({level})", [program], {"BYTESTRIDE_ISA": level}
        # As `make test` does: what only results larger than the caches reach.
        yield f"fuzz/replay (streaming, {level})", [build / "tests/fuzz/replay"], {"BYTESTRIDE_ISA": level, "BYTESTRIDE_STREAMING_BYTES": "1"}


def run(build, quick):
    """Every test; their failures are theirs to report. The runtime of gcov adds up what programs at the same time write."""
    environment = {**os.environ, "BYTESTRIDE_LIBRARY": str(build / "libbytestride.so"), "PYTHONPATH": str(ROOT / "ffi/python"),
                   "PYTHONPYCACHEPREFIX": str(build / "pycache"), "HYPOTHESIS_STORAGE_DIRECTORY": str(build / "hypothesis"),
                   "BYTESTRIDE_CACHE": str(build / "kernels")}

    def run_one(what):
        name, command, variables = what
        start = time.monotonic()
        try:
            done = subprocess.run(command, cwd=ROOT, env={**environment, **variables}, text=True, errors="replace",
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LONGEST_SECONDS)
            last = (done.stdout.splitlines() or ["no output"])[-1]
        except subprocess.TimeoutExpired:
            last = f"stopped after {LONGEST_SECONDS} s"
        print(f"{name}: {last} ({time.monotonic() - start:.0f} s)", flush=True)

    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        list(pool.map(run_one, commands(build, quick)))


class Source:
    """What was run of a file."""

    def __init__(self, name):
        text = (ROOT / name).read_text().splitlines()
        self.unreached = {number: match.group(1) for number, line in enumerate(text, 1) for match in [MARK.search(line)] if match}
        self.lines = defaultdict(bool)
        self.branches = defaultdict(bool)  # (line, how many the instance has there, which)
        self.merged = set()                # lines whose instances cannot be told apart

    def add(self, line, instances):
        number = line["line_number"]
        if number in self.unreached:
            return
        self.lines[number] |= line["count"] > 0
        branches = [branch["count"] > 0 for branch in line["branches"] if not branch["throw"]]
        count = len(branches) // instances
        if len(branches) % instances:
            # Only some of the instances have branches there, and gcov does not say which: their conditions count as one.
            self.merged.add(number)
            count = 2 - len(branches) % 2
        for i, taken in enumerate(branches):
            self.branches[number, count, i % count] |= taken

    def missed(self):
        """What no test runs, as text: numbers of lines, and of lines with branches."""
        lines = sorted(number for number, run in self.lines.items() if not run)
        branches = defaultdict(list)
        for (number, count, i), taken in sorted(self.branches.items()):
            if not taken and self.lines[number]:
                branches[number].append(f"{i + 1}/{count}")
        return (", ".join(map(str, lines)), ", ".join(f"{number} ({' '.join(which)})" for number, which in branches.items()))


def instances_of(functions):
    """line number -> in how many instances of a template it is, by where the innermost function around it begins."""
    around = {}
    for place, count in sorted(Counter((f["start_line"], f["start_column"], f["end_line"]) for f in functions).items()):
        around.update(dict.fromkeys(range(place[0], place[2] + 1), count))
    return around


def lines_of(notes):
    """(source, line, how many instances gcov put into it) of one object."""
    output = subprocess.run(["gcov", "--json-format", "--stdout", "--branch-probabilities", notes], cwd=ROOT, check=True,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    found = []
    for unit in output.splitlines():
        for file in json.loads(unit)["files"]:
            name = os.path.relpath(ROOT / file["file"], ROOT)
            if name.startswith("src/"):
                around = instances_of(file["functions"])
                # The instances of a function are apart, each with its name; those of a lambda inside are one after the other.
                found += [(name, line, 1 if line.get("function_name") else around.get(line["line_number"], 1)) for line in file["lines"]]
    return found


def collect(build):
    sources = {}
    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for found in pool.map(lines_of, sorted((build / "obj").glob("*/*.gcno"))):
            for name, line, instances in found:
                sources.setdefault(name, Source(name)).add(line, instances)
    return dict(sorted(sources.items()))


def share(values):
    return 100 * sum(values) / len(values) if values else 100.0


def table(sources):
    """(rows of text, whether every family keeps the bound)."""
    lines, branches = defaultdict(list), defaultdict(list)
    for name, source in sources.items():
        for group in (family_of(name), "all"):
            lines[group] += source.lines.values()
            branches[group] += source.branches.values()
    rows = [f"{'family':<14}{'lines':>8}{'run':>9}{'branches':>11}{'run':>9}"]
    kept = True
    for family in [*FAMILIES, "shared", "core", "all"]:
        shares = share(lines[family]), share(branches[family])
        kept &= min(shares) >= BOUND
        rows.append(f"{family:<14}{len(lines[family]):>8}{shares[0]:>8.1f}%{len(branches[family]):>11}{shares[1]:>8.1f}%"
                    f"{'' if min(shares) >= BOUND else '  below the bound'}")
    return rows, kept


def main():
    parser = argparse.ArgumentParser(prog="tests/coverage", description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=Path, required=True, help="a build with --coverage")
    parser.add_argument("--quick", action="store_true", help="without the Python tests")
    parser.add_argument("--report", action="store_true", help="only the report of what was run before")
    options = parser.parse_args()
    build = options.build.resolve()
    if not options.report:
        for old in build.glob("obj/*/*.gcda"):
            old.unlink()
        run(build, options.quick)
    sources = collect(build)

    rows, kept = table(sources)
    missed = []
    for name, source in sources.items():
        for what, where in zip(("lines that no test runs", "branches that no test takes, beside those lines"), source.missed()):
            if where:
                missed.append(f"{name}: {what}: {where}")
    unreached = [f"{name}:{number}: {why}" for name, source in sources.items() for number, why in source.unreached.items()]
    (build / "report.txt").write_text("\n".join([*rows, *(["not counted:", *unreached] if unreached else [])]) + "\n")
    (build / "missed.txt").write_text("\n".join(missed) + "\n")
    print("\n".join(rows))
    if unreached:
        print("not counted:", *unreached, sep="\n  ")
    merged = sum(len(source.merged) for source in sources.values())
    print(f"conditions of {merged} lines of lambdas in templates are counted as one each: gcov does not tell their instances apart")
    print(f"what no test runs: {os.path.relpath(build / 'missed.txt', ROOT)}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
