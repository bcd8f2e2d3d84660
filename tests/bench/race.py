"""Times candidates against each other in one process, so that the ratio can be believed.

Every candidate runs once and is compared with ours before anything is timed. Then the candidates take turns
for at least 7 rounds, each turn long enough for the clock, in an order that rotates; what is reported is the
median with its quartiles, and the ratio peer / ours of the medians: above 1, ours is faster. When other
processes used more than 4 % of the machine meanwhile, the race is run again and the quietest one counts.
"""
import gc
import os
import platform
import time
from dataclasses import dataclass, field
from itertools import repeat
from statistics import median, quantiles
from typing import Callable

import numpy as np
from tabulate import tabulate

SHORTEST_TURN = 200e-6  # seconds; a turn repeats the call until it takes so long
ROUNDS = 7              # at least
BUDGET = 0.5            # seconds that a race may take beyond its least number of rounds
FOREIGN = 0.04          # share of the machine that others may use
ATTEMPTS = 3
REST = 3e-3             # seconds before a turn with several threads, so that no turn pays for the one before


@dataclass
class Row:
    """One line of the table: ours against its peers, every candidate a call without arguments that returns its result."""

    name: str
    ours: Callable
    peers: dict
    threads: int = 1
    bound: float = 0.0  # largest difference from a peer's result; 0 = equal, NaN to NaN
    goal: float = None  # the ratio that is wanted of the fastest peer
    work: dict = field(default_factory=dict)  # bytes of traffic by candidate ("ours" or a peer), where they are not equal


@dataclass
class Result:
    """What a race came to; times in seconds."""

    name: str
    threads: int
    median: dict
    quartiles: dict
    ratio: float
    peer: str
    goal: float
    difference: float
    foreign: float


class Differs(Exception):
    """A candidate computed something else: nothing was timed."""


def difference(ours, theirs):
    """Largest difference of two results."""
    a, b = np.asarray(ours), np.asarray(theirs)
    if a.shape != b.shape:
        raise Differs(f"shape {a.shape} against {b.shape}")
    if np.array_equal(a, b, equal_nan=a.dtype.kind in "fc" and b.dtype.kind in "fc"):
        return 0.0
    return float(np.max(np.abs(a.astype(np.float64) - b.astype(np.float64)), initial=0.0))


def verify(row):
    largest = 0.0
    ours = np.array(row.ours())
    for name, call in row.peers.items():
        apart = difference(ours, call())
        if not apart <= row.bound:
            raise Differs(f"{row.name}: ours and {name} differ by {apart:g}, allowed is {row.bound:g}")
        largest = max(largest, apart)
    return largest


def turn(call, count):
    start = time.perf_counter()
    for _ in repeat(None, count):
        call()
    return (time.perf_counter() - start) / count


def busy():
    """(busy, all) processor time of the machine and this process's own, in seconds."""
    tick = os.sysconf("SC_CLK_TCK")
    with open("/proc/stat") as stat:
        times = [int(word) / tick for word in stat.readline().split()[1:9]]
    own = os.times()
    return sum(times) - times[3] - times[4], sum(times), own.user + own.system


def race(candidates, threads):
    """Times by candidate, one per round, and the share of the machine that others used."""
    counts = {}
    for name, call in candidates.items():
        count, seconds = 1, turn(call, 1)
        while seconds * count < SHORTEST_TURN:
            count = max(2 * count, int(1.2 * SHORTEST_TURN / max(seconds, 1e-9)))
            seconds = turn(call, count)
        counts[name] = count
    times = {name: [] for name in candidates}
    names, rounds, start, before = list(candidates), 0, time.perf_counter(), busy()
    collecting = gc.isenabled()
    gc.disable()
    try:
        while rounds < ROUNDS or (time.perf_counter() - start < BUDGET and rounds < 5 * ROUNDS):
            for name in names[rounds % len(names):] + names[:rounds % len(names)]:
                if threads > 1:
                    time.sleep(REST)
                    candidates[name]()
                times[name].append(turn(candidates[name], counts[name]))
            rounds += 1
    finally:
        if collecting:
            gc.enable()
    after = busy()
    foreign = max(0.0, (after[0] - before[0]) - (after[2] - before[2])) / max(after[1] - before[1], 1e-9)
    return times, foreign


def run(row):
    """Verifies and times one row."""
    apart = verify(row)
    candidates = {"ours": row.ours, **row.peers}
    best, foreign = None, 2.0
    for _ in range(ATTEMPTS):
        times, share = race(candidates, row.threads)
        if share < foreign:
            best, foreign = times, share
        if share <= FOREIGN:
            break
    middle = {name: median(values) for name, values in best.items()}
    cost = {name: middle[name] / row.work.get(name, 1.0) for name in candidates}
    peer = min(row.peers, key=cost.get)
    return Result(row.name, row.threads, middle, {name: quantiles(values, n=4)[::2] for name, values in best.items()},
                  cost[peer] / cost["ours"], peer, row.goal, apart, foreign)


# ---- Tables -------------------------------------------------------------------------------------------

def duration(seconds):
    for unit, scale in (("s", 1), ("ms", 1e3), ("µs", 1e6)):
        if seconds * scale >= 1:
            return f"{seconds * scale:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def spread(result, name):
    low, high = result.quartiles[name]
    return f"{duration(result.median[name])} ({duration(low)}, {duration(high)})"


def table(results):
    """A Markdown table; a ratio below its goal is marked."""
    rows = []
    for result in results:
        short = result.goal is not None and result.ratio < result.goal
        rows.append([result.name, result.threads, spread(result, "ours"), f"{result.peer}: {spread(result, result.peer)}",
                     f"{result.ratio:.2f}{' (short)' if short else ''}", "" if result.goal is None else f"{result.goal:.2g}",
                     f"{result.difference:.1g}", f"{result.foreign:.0%}"])
    return tabulate(rows, tablefmt="github", disable_numparse=True,
                    headers=["row", "threads", "ours: median (quartiles)", "fastest peer", "peer / ours", "goal", "difference", "others"])


def processor():
    try:
        with open("/proc/cpuinfo") as lines:
            return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


def facts():
    """The machine and the versions, as pairs of text."""
    import bytestride
    import scipy
    info = bytestride.build_info()
    pairs = {"date": time.strftime("%Y-%m-%d"), "processor": f"{processor()}, {os.cpu_count()} cores", "system": platform.platform(),
             "bytestride": f"{info['version']} ({info['compiler']}, {info['isa']}, calls by {info['calls']})",
             "python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__}
    try:
        import cv2
        pairs["opencv"] = cv2.__version__
    except ImportError:
        pairs["opencv"] = "not installed"
    return pairs
