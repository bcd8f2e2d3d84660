"""This tree against another state of the repository: the same rows, both libraries in one process, turn by turn.

The other state is unpacked and built below the build folder; only its library and Python package stay there, for the next time."""
import gc
import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import race
import report
import rows

ROOT = Path(__file__).resolve().parents[2]
NOISE = 0.05  # a change by less is none


class Unknown(Exception):
    """There is no such state, or it cannot be built."""


def git(*words):
    done = subprocess.run(["git", "-C", str(ROOT), *words], text=True, capture_output=True)
    if done.returncode:
        raise Unknown(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"git {words[0]} failed")
    return done.stdout.strip()


def built(reference, build, say):
    """The folder that holds `libbytestride.so` and `python` of that state."""
    try:
        commit = git("rev-parse", "--verify", "--quiet", f"{reference}^{{commit}}")
    except Unknown:
        raise Unknown(f"the repository has no state {reference!r} (a commit, branch or tag is expected: git log --oneline)") from None
    kept = build / "compare" / commit[:12]
    if (kept / "libbytestride.so").exists():
        return kept, commit
    sources = build / "compare" / f"{commit[:12]}.sources"
    shutil.rmtree(sources, ignore_errors=True)
    sources.mkdir(parents=True)
    say(f"building {reference} ({commit[:12]}); only its library is kept")
    try:
        archive = subprocess.Popen(["git", "-C", str(ROOT), "archive", commit], stdout=subprocess.PIPE)
        if subprocess.run(["tar", "-x", "-C", str(sources)], stdin=archive.stdout).returncode or archive.wait():
            raise Unknown(f"{reference} could not be unpacked")
        # The make that runs this one has its own settings and folders.
        environment = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "BUILD", "MAKEOVERRIDES")}
        done = subprocess.run(["make", "lib"], cwd=sources, text=True, capture_output=True, env=environment)
        if done.returncode:
            raise Unknown(f"{reference} could not be built:\n{(done.stdout + done.stderr)[-2000:]}")
        kept.mkdir(exist_ok=True)
        shutil.copytree(sources / "ffi" / "python", kept / "python", dirs_exist_ok=True)
        for library in (sources / "build").glob("libbytestride*.so*"):
            shutil.copy2(library, kept / library.name)
    finally:
        shutil.rmtree(sources, ignore_errors=True)
    return kept, commit


def package(folder):
    """The Python package of that state with its own library, beside the one that is loaded already."""
    path = folder / "python" / "bytestride" / "__init__.py"
    specification = importlib.util.spec_from_file_location("bytestride_other", path, submodule_search_locations=[str(path.parent)])
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    ours, os.environ["BYTESTRIDE_LIBRARY"] = os.environ.get("BYTESTRIDE_LIBRARY"), str(folder / "libbytestride.so")
    try:
        specification.loader.exec_module(module)
    finally:
        os.environ.pop("BYTESTRIDE_LIBRARY")
        if ours is not None:
            os.environ["BYTESTRIDE_LIBRARY"] = ours
    return module


def rows_with(family, module):
    """The rows of a family whose `bytestride` is that module."""
    ours = sys.modules["bytestride"]
    name = f"rows.{family}"
    sys.modules["bytestride"] = module
    try:
        sys.modules.pop(name, None)
        return {row.name: row for row in importlib.import_module(name).ROWS}
    finally:
        sys.modules["bytestride"] = ours
        sys.modules.pop(name, None)


def compared(row, other, threads, errors):
    """(now: median and quartiles, then, then / now, the largest difference, others) or a text why not."""
    calls, results = {}, []
    for name, one in (("now", row), ("then", other)):
        try:
            calls[name] = one.build(threads).ours
            results.append(calls[name]())
        except errors as problem:
            return f"{name} not possible: {problem}"
    try:
        apart = race.difference(*results)
    except race.Differs as problem:
        return f"differs: {problem}"
    del results
    times, foreign = race.quietest(calls, threads)
    spread = race.spread(times)
    return spread["now"], spread["then"], spread["then"][0] / spread["now"][0], apart, foreign


def main(reference, build, chosen, threads, say):
    try:
        folder, commit = built(reference, build, say)
    except Unknown as problem:
        print(f"bench-compare: {problem}", file=sys.stderr)
        return 2
    import bytestride
    then = package(folder)
    errors = (bytestride.Error, then.Error, TypeError, AttributeError, ValueError)  # an older state may lack a function or keyword
    title = f"now ({git('describe', '--always', '--dirty')}) against {reference} ({commit[:12]})"
    say(f"{title}; above 1, now is faster\n")
    lines, ratios = [], []
    for family in rows.FAMILIES:
        here, there = rows_with(family, bytestride), rows_with(family, then)
        for name in here:
            if not chosen(f"{family} {name}"):
                continue
            for count in threads if here[name].threaded else threads[:1]:
                outcome = compared(here[name], there[name], count, errors)
                gc.collect()
                if isinstance(outcome, str):
                    lines.append((0.0, [name, count, outcome, "", "", "", ""]))
                    say(f"{name:<72} {count}  {outcome}")
                    continue
                now, before, ratio, apart, foreign = outcome
                ratios.append(ratio)
                text = f"**{ratio:.2f}**" if ratio < 1 - NOISE else f"{ratio:.2f}"
                lines.append((ratio, [name, count, *(f"{report.duration(middle)} ({report.duration(low)}, {report.duration(high)})"
                                                     for middle, (low, high) in (now, before)), text, f"{apart:.1g}", f"{foreign:.0%}"]))
                say(f"{name:<72} {count}  {report.duration(now[0]):>8}  {ratio:.2f}")
    if not lines:
        say("no row has one of these words in its name")
        return 2
    lines.sort(key=lambda line: line[0])
    table = report.markdown([cells for _, cells in lines], ["row", "threads", "now: median (quartiles)", "then", "then / now", "difference", "others"])
    mean = f"\n\nGeometric mean of then / now: {report.geometric_mean(ratios):.3f} over {len(ratios)} rows; {sum(r < 1 - NOISE for r in ratios)} lost more than {NOISE:.0%}." if ratios else ""
    path = build / "bench" / f"compare-{commit[:12]}.md"
    path.write_text(f"# {title}\n\nMedians of both libraries in one process; above 1, now is faster. Losses first, bold.\n\n{table}{mean}\n")
    say(f"\n{table}{mean}\n\nwritten: {path}")
    return 0
