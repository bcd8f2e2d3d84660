"""The benchmarks: whole programs through hyperfine, and ours against its peers in one process.

    make bench                    all of it
    make bench ROWS="add views"   the rows and programs with one of these words in their name
    make bench THREADS=1          one thread only
    make bench README=1           the rows of the README, whose table is written anew

Every other module of this folder that has a function `rows(threads)` takes part: it yields `race.Row`s, and each
is timed before the next is asked for. The results are JSON and Markdown under the build folder's `bench`.
"""
import sys

sys.path.pop(0)  # this folder: its copy.py would stand for the standard library's

import argparse
import importlib.util
import json
import os
from dataclasses import asdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
README = HERE.parent.parent / "README.md"
MARKS = ("<!-- written by make bench README=1 -->\n", "<!-- end -->\n")
IN_README = (
    "call: add float64, 1 element, out=", "add float64, 10 k, out=", "add float64, 1 M, out=", "add float64, 16 M, out=",
    "add float64, 16 M, new result", "add uint8, 256^3 and a number, out=", "transpose float64 to float32, 150^2, out=",
    "transpose float64 to float32, 4096^2, out=", "cast float64 to float32, 16.8 M, out=", "convolve 3x3 float64 by float64, 128^2, out=",
    "convolve 3x3 float32 by float32, 1080p, out=", "convolve 5x5 float32 by float32, 1080p, out=",
    "convolve 15x15 float32 by float32, 1080p, out=", "convolve 3x3 uint8 by float32, 1080p, out=",
    "convolve separable 15x15 float32, 1080p, out=")


def load(name):
    """A module of this folder; `race` is known to the others by its name."""
    spec = importlib.util.spec_from_file_location(name if name == "race" else f"bench_{name}", HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


race = load("race")


def wanted(name, words):
    return not words or any(word in name for word in words)


def side_by_side(folder, chosen, threads, facts):
    """Runs the rows of every module whose names are chosen; returns the Markdown of the tables, the results, and whether all agreed."""
    sections, every, agreed = [], [], True
    for path in sorted(HERE.glob("*.py")):
        if path.stem in ("__main__", "race", "programs"):
            continue
        module = load(path.stem)
        results = []
        for count in threads:
            for row in module.rows(count):
                if not chosen(row.name):
                    continue
                try:
                    results.append(race.run(row))
                except race.Differs as problem:
                    agreed = False
                    print(f"DIFFERS  {problem}", flush=True)
                    continue
                result = results[-1]
                print(f"{result.name:<64} {result.threads} threads {race.duration(result.median['ours']):>9}  "
                      f"{result.ratio:6.2f} x {result.peer}", flush=True)
        every += results
        if results:
            (folder / f"{path.stem}.json").write_text(json.dumps({"facts": facts, "rows": [asdict(r) for r in results]}, indent=1))
            sections.append(f"## {module.__doc__.strip().splitlines()[0]}\n\n{race.table(results)}\n")
    return "\n".join(sections), every, agreed


def write_readme(results, facts):
    """Puts a short table into the README: one line per row, a column per number of threads."""
    def cell(result):
        return f"{race.duration(result.median['ours'])} | {result.ratio:.2g}"

    counts = sorted({result.threads for result in results})
    lines = ["| call | peer | " + " | ".join(f"{count} thread{'s' * (count > 1)} | peer / ours" for count in counts) + " |",
             "|---|---|" + "---:|---:|" * len(counts)]
    for name in IN_README:
        found = {result.threads: result for result in results if result.name == name}
        if found:
            cells = [cell(found[count]) if count in found else " | " for count in counts]
            lines.append(f"| {name} | {next(iter(found.values())).peer} | " + " | ".join(cells) + " |")
    foreign = sorted(result.foreign for result in results)[len(results) // 2]
    note = (f"{facts['processor']}; {facts['date']}; NumPy {facts['numpy']}, SciPy {facts['scipy']}, OpenCV {facts['opencv']}; medians; "
            f"other processes used {foreign:.0%} of the machine (median over the rows).")
    text = README.read_text()
    head, rest = text.split(MARKS[0])
    README.write_text(head + MARKS[0] + "\n".join(lines) + f"\n\n{note}\n" + MARKS[1] + rest.split(MARKS[1])[1])


def main():
    parser = argparse.ArgumentParser(prog="tests/bench", description=__doc__.split("\n")[0])
    parser.add_argument("--build", default="build", help="the build folder")
    parser.add_argument("--rows", default="", metavar="WORDS", help="only what has one of these words in its name")
    parser.add_argument("--threads", default="", metavar="N,...", help="thread counts; 1 and 2 when the machine has them")
    parser.add_argument("--no-programs", action="store_true", help="leave out the whole programs")
    parser.add_argument("--readme", action="store_true", help="run the rows of the README and write its table")
    options = parser.parse_args()
    folder = Path(options.build).resolve() / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    words = options.rows.replace(",", " ").split()
    chosen = IN_README.__contains__ if options.readme else lambda name: wanted(name, words)
    cores = len(os.sched_getaffinity(0))
    threads = [int(word) for word in options.threads.split(",") if word] or ([1, 2] if cores > 1 else [1])

    facts = race.facts()
    print("\n".join(f"{name:<11} {value}" for name, value in facts.items()), end="\n\n", flush=True)
    report = ["# Benchmarks\n\n" + "\n".join(f"- {name}: {value}" for name, value in facts.items()) + "\n"]
    if not options.no_programs:
        report.append(load("programs").section(folder, chosen, facts))
    tables, results, agreed = side_by_side(folder, chosen, threads, facts)
    report.append(tables)
    (folder / "report.md").write_text("\n".join(report))
    print("\n" + "\n".join(report[1:]))
    if options.readme and agreed:
        write_readme(results, facts)
    print(f"written: {folder / 'report.md'}")
    return 0 if agreed else 1


if __name__ == "__main__":
    sys.exit(main())
