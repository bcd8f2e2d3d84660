"""The benchmarks: whole programs through hyperfine, and ours against its peers in one process.

    make bench                    all of it
    make bench ROWS="add views"   the rows and programs with one of these words in their name
    make bench THREADS=1          one thread only

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


def side_by_side(folder, words, threads, facts):
    """Runs the rows of every module; returns the Markdown of the tables and whether all results agreed."""
    sections, agreed = [], True
    for path in sorted(HERE.glob("*.py")):
        if path.stem in ("__main__", "race", "programs"):
            continue
        module = load(path.stem)
        results = []
        for count in threads:
            for row in module.rows(count):
                if not wanted(row.name, words):
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
        if results:
            (folder / f"{path.stem}.json").write_text(json.dumps({"facts": facts, "rows": [asdict(r) for r in results]}, indent=1))
            sections.append(f"## {module.__doc__.strip().splitlines()[0]}\n\n{race.table(results)}\n")
    return "\n".join(sections), agreed


def main():
    parser = argparse.ArgumentParser(prog="tests/bench", description=__doc__.split("\n")[0])
    parser.add_argument("--build", default="build", help="the build folder")
    parser.add_argument("--rows", default="", metavar="WORDS", help="only what has one of these words in its name")
    parser.add_argument("--threads", default="", metavar="N,...", help="thread counts; 1 and 2 when the machine has them")
    parser.add_argument("--no-programs", action="store_true", help="leave out the whole programs")
    options = parser.parse_args()
    folder = Path(options.build).resolve() / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    words = options.rows.replace(",", " ").split()
    cores = len(os.sched_getaffinity(0))
    threads = [int(word) for word in options.threads.split(",") if word] or ([1, 2] if cores > 1 else [1])

    facts = race.facts()
    print("\n".join(f"{name:<11} {value}" for name, value in facts.items()), end="\n\n", flush=True)
    report = ["# Benchmarks\n\n" + "\n".join(f"- {name}: {value}" for name, value in facts.items()) + "\n"]
    if not options.no_programs:
        report.append(load("programs").section(folder, lambda name: wanted(name, words), facts))
    tables, agreed = side_by_side(folder, words, threads, facts)
    report.append(tables)
    (folder / "report.md").write_text("\n".join(report))
    print("\n" + "\n".join(report[1:]))
    print(f"written: {folder / 'report.md'}")
    return 0 if agreed else 1


if __name__ == "__main__":
    sys.exit(main())
