"""Random calls on random views, between pages that nobody may touch, against NumPy and SciPy.

    make fuzz                                    every family, a minute each
    make fuzz SECONDS=600 FAMILY="convolve depth"
    make fuzz FAMILY=convolve SEED=37888         one call again

Half of the processes store every result past the caches, which else only large ones are. A crash is a finding like any
other: each family runs in a process of its own, which leaves the seed of its call behind.
"""
import argparse
import multiprocessing
import os
import signal
import sys
import time

from families import FAMILIES
from worker import work

CASES = 500  # per family, where no time is given


def run(name, first, cases, seconds, streaming):
    """Whether a family had no finding, and what to say."""
    os.environ["BYTESTRIDE_STREAMING_BYTES"] = "1" if streaming else ""
    context = multiprocessing.get_context("spawn")
    current, done = context.Value("q", -1, lock=False), context.Value("q", 0, lock=False)
    process = context.Process(target=work, args=(name, first, cases, seconds, current, done))
    process.start()
    process.join()
    mode = ", streamed" if streaming else ""
    if process.exitcode == 0:
        return True, f"{name}{mode}: {done.value} calls"
    why = f" by {signal.Signals(-process.exitcode).name}" if process.exitcode < 0 else ""
    again = f"make fuzz FAMILY={name} SEED={current.value}{' STREAMED=1' if streaming else ''}"
    return False, f"{name}{mode}: ended{why} after {done.value} calls; again with: {again}"


def main():
    parser = argparse.ArgumentParser(prog="tests/fuzz", description=__doc__.split("\n")[0])
    parser.add_argument("--families", default="", help="names of families; all when none is given")
    parser.add_argument("--seconds", type=float, default=0, help=f"how long each family runs; else it makes {CASES} calls")
    parser.add_argument("--seed", default="", help="run the one call of this seed")
    parser.add_argument("--streamed", action="store_true", help="with --seed: results past the caches")
    options = parser.parse_args()
    chosen = options.families.split() or list(FAMILIES)
    if set(chosen) - set(FAMILIES):
        parser.error(f"families are {' '.join(FAMILIES)}")
    if options.seed:
        plan = [(name, int(options.seed), 1, 0, options.streamed) for name in chosen]
    else:
        first = int(time.time()) << 20 if options.seconds else 0
        plan = [(name, first, CASES // 2, options.seconds / 2, streaming) for name in chosen for streaming in (False, True)]
    passed = failed = 0
    for arguments in plan:
        good, text = run(*arguments)
        print(f"  {'ok    ' if good else 'FAILED'} {text}", flush=True)
        passed, failed = passed + good, failed + (not good)
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
