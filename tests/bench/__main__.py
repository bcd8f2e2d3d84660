"""The benchmarks: ours against its peers in one process, and what is beside that.

    make bench                      all of it
    make bench ROWS="conv views"    what has one of these words in its family, section or name
    make bench THREADS=1            one thread only
    make bench README=1             the rows of the README, whose table is written anew
    make bench-compare REF=v1.0     the same rows, this tree against another state of it

Sections: the rows of rows/ (family by family), programs (through hyperfine), growth, views, calls, busy. The report is Markdown with
plots under the build folder's `bench`, the numbers are beside it as JSON.
"""
import argparse
import importlib
import json
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
README = HERE.parent.parent / "README.md"
IN_README = (  # a few of each family; under 3 minutes
    "add float64, 10 k, out=", "add float64, 1 M, out=", "add float64, 16 M, out=", "add float64 and a number, 16 M, out=",
    "transpose float64 to float32, 150^2, out=", "transpose float64 to float32, 4096^2, out=", "transpose float64, 4096^2, out=",
    "cast float64 to float32, 16.8 M, out=",
    "convolve 3x3 float64 by float64, 128^2, out=", "convolve 3x3 float32 by float32, 1080p, out=",
    "convolve 5x5 float32 by float32, 1080p, out=", "convolve 9x9 float32 by float32, 1080p, out=",
    "convolve 15x15 float32 by float32, 1080p, out=", "convolve 3x3 uint8 by int16, 1080p, out=", "convolve separable 15x15 float32, 1080p, out=",
    "neighborhood product 3x3 uint8 RGBA, 1080x1920, against numba, out=",
    "depth uint16 480x640, out=", "depth float32 2160x3840, out=",
    "distances float64, 4096 x 3, out=", "distances float32, 4096 x 128, out=", "squared_error, 4096 x 4096, against numba",
    "mds smacof, 1000 points, 10 iterations", "mds, default, digits, 1000 points",
    "searchsorted float64, 8 kB table, 1 M, out=", "searchsorted float64, 100 MB table, 1 M, out=",
    "sum_primes, the talk's 49 limits", "sum_primes, limit 1e+09")


def say(text):
    print(text, flush=True)


def side_by_side(chosen, threads, limits, budget):
    """The results of the chosen rows, every number of threads beside the other."""
    import race
    import report
    import rows
    results = []
    for family in rows.FAMILIES:
        picked = [row for row in importlib.import_module(f"rows.{family}").ROWS if chosen(f"{family} {row.name}")]
        for row in picked:
            for count in threads if row.threaded else threads[:1]:
                results.append(race.run(family, row, count, limits.get(count), budget))
                say(report.line(results[-1]))
    return results


def family_sections(folder, results):
    import plots
    import report
    import rows
    sections = []
    for family in rows.FAMILIES:
        here = [r for r in results if r.family == family]
        if here:
            title = importlib.import_module(f"rows.{family}").__doc__.strip().splitlines()[0]
            drawn = plots.ratios(folder / f"{family}.svg", family, here)
            sections.append(f"## {title}\n\n{report.table(here)}\n" + (f"\n![{family}]({family}.svg)\n" if drawn else ""))
    return sections


def main():
    parser = argparse.ArgumentParser(prog="tests/bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build", help="the build folder")
    parser.add_argument("--rows", default="", metavar="WORDS", help="only what has one of these words in its family, section or name")
    parser.add_argument("--threads", default="", metavar="N,...", help="thread counts; 1 and 2 when the machine has them")
    parser.add_argument("--readme", action="store_true", help="run the rows of the README and write its table")
    parser.add_argument("--compare", metavar="REF", help="time the rows against this state of the repository instead of the peers")
    options = parser.parse_args()
    build = Path(options.build).resolve()
    folder = build / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    words = options.rows.replace(",", " ").split()
    cores = len(os.sched_getaffinity(0))
    threads = [int(word) for word in options.threads.replace(",", " ").split()] or ([1, 2] if cores > 1 else [1])

    def chosen(name):
        return name.split(" ", 1)[1] in IN_README if options.readme else not words or any(word in name for word in words)

    if options.compare:
        import compare
        return compare.main(options.compare, build, chosen, threads, say)

    import busy
    import calls
    import growth
    import machine
    import plots
    import programs
    import race
    import report
    import views
    started, facts = time.monotonic(), machine.facts()
    say("\n".join(f"{name:<13} {value}" for name, value in facts.items()) + "\n")
    limits = machine.measure(folder, threads)
    for count, measured in limits.items():
        say("\n".join(f"limit, {count} thread{'s' * (count > 1)}: {line}" for line in measured.lines()))
    say("")

    results = side_by_side(chosen, threads, limits, 0.15 if options.readme else race.BUDGET)
    failed = any(r.problem for r in results)
    everything = {"facts": facts, "limits": {count: measured.rates for count, measured in limits.items()}, "rows": [asdict(r) for r in results]}
    head = ["# Benchmarks", "", *(f"- {name}: {value}" for name, value in facts.items()),
            *(f"- limit, {count} thread{'s' * (count > 1)}: {line}" for count, measured in limits.items() for line in measured.lines()), ""]
    sections = ["\n".join(head)]
    if results:
        sections += [report.summary(results), *family_sections(folder, results)]
    if not options.readme:
        one = threads[0]
        text = programs.section(folder, chosen, say)
        if text:
            sections.append(text)
        for module, measured in ((growth, growth.measure(chosen, one, say)), (views, views.measure(chosen, one, say)),
                                 (calls, calls.measure(chosen, say)), (busy, busy.measure(chosen, say))):
            if measured:
                everything[module.__name__] = [asdict(r) for r in measured]
                sections.append(module.section(measured))
                failed |= module is views and any(r.differs for r in measured)
        plots.growth(folder / "growth.svg", [growth.Result(**r) for r in everything.get("growth", [])])
        plots.views(folder / "views.svg", [views.Result(**r) for r in everything.get("views", [])], list(views.LAYOUTS), views.MOST)
    (folder / "report.md").write_text("\n".join(sections))
    (folder / "report.json").write_text(json.dumps(everything, indent=1))
    if results:
        say("\n" + report.summary(results))
    if options.readme and not failed:
        report.put_into_readme(README, report.readme_table(results, facts))
    say(f"{time.monotonic() - started:.0f} s; written: {folder / 'report.md'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
