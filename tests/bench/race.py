"""Times candidates against each other in one process, so that the ratio can be believed.

Every candidate runs once and is compared with ours before anything is timed. Then the candidates take turns
for at least 7 rounds, each turn long enough for the clock, in an order that rotates. A turn begins with calls
that are not timed, so that none pays for the caches that the one before left: slower candidates, which a turn
calls less often, paid more (a view of arrays within the caches up to 1.4 times). What is reported is the
median with its quartiles, and the ratio peer / ours of the medians: above 1, ours is faster. When other
processes used more than 4 % of the machine meanwhile, the race is run again and the quietest one counts.
"""
import gc
import time
from dataclasses import dataclass, field
from itertools import repeat
from statistics import median, quantiles
from typing import Callable, Optional

import machine
import numpy as np

SHORTEST_TURN = 200e-6  # seconds; a turn repeats the call until it takes so long
ROUNDS = 7              # at least, unless a round takes longer than LONG_ROUND: then LONG_ROUNDS
LONG_ROUND, LONG_ROUNDS = 1.5, 3
BUDGET = 0.4            # seconds that a race may take beyond its least number of rounds
FOREIGN = 0.04          # share of the machine that others may use
ATTEMPTS, PATIENCE = 3, 1.5  # a race longer than PATIENCE seconds is run once
UNTIMED, LONG_CALL = 3, 20e-3  # calls before a turn; of calls that take longer, one
REST = 3e-3             # seconds before a turn with several threads, so that no turn pays for the one before


@dataclass
class Candidates:
    """Calls without arguments that return their results."""

    ours: Callable
    peers: dict
    bound: float = 0.0  # largest difference from a peer's result; 0 = equal, NaN to NaN
    work: Optional[machine.Work] = None  # the least that any program must do, where the machine's limits apply


@dataclass
class Row:
    """One line of the table."""

    name: str
    build: Callable  # number of threads -> Candidates; the data are made here, so a row that is not chosen costs nothing
    target: Optional[tuple] = None  # the ratios to the fastest peer that are wanted with one thread, and with more
    threaded: bool = True

    def wanted(self, threads):
        return None if self.target is None else self.target[threads > 1]


@dataclass
class Result:
    """What a race came to; times in seconds."""

    family: str
    name: str
    threads: int
    target: Optional[float] = None
    median: dict = field(default_factory=dict)
    quartiles: dict = field(default_factory=dict)
    peer: str = ""
    ratio: float = 0.0
    share: Optional[float] = None  # of the machine's limit
    difference: float = 0.0
    foreign: float = 0.0
    problem: str = ""  # why there are no times

    @property
    def over_target(self):
        return None if self.target is None else self.ratio / self.target


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


def verify(candidates):
    """Runs every candidate once and returns the largest difference from ours."""
    largest = 0.0
    ours = np.array(candidates.ours())
    for name, call in candidates.peers.items():
        apart = difference(ours, call())
        if not apart <= candidates.bound:
            raise Differs(f"ours and {name} differ by {apart:g}, allowed is {candidates.bound:g}")
        largest = max(largest, apart)
    return largest


def turn(call, count):
    start = time.perf_counter()
    for _ in repeat(None, count):
        call()
    return (time.perf_counter() - start) / count


def repetitions(call):
    """How often a turn repeats the call, and how long one takes."""
    count, seconds = 1, turn(call, 1)
    while seconds * count < SHORTEST_TURN:
        count = max(2 * count, int(1.2 * SHORTEST_TURN / max(seconds, 1e-9)))
        seconds = turn(call, count)
    return count, seconds


def race(calls, threads=1, budget=BUDGET):
    """Times by name, one per round, and the share of the machine that others used. `calls`: name -> call."""
    counts, untimed, round_takes = {}, {}, 0.0
    for name, call in calls.items():
        counts[name], seconds = repetitions(call)
        untimed[name] = UNTIMED if seconds < LONG_CALL else 1
        round_takes += (untimed[name] + counts[name]) * seconds
    least = ROUNDS if round_takes < LONG_ROUND else LONG_ROUNDS
    times = {name: [] for name in calls}
    names, rounds, start, before = list(calls), 0, time.perf_counter(), machine.processor_time()
    collecting = gc.isenabled()
    gc.disable()
    try:
        while rounds < least or (time.perf_counter() - start < budget and rounds < 5 * ROUNDS):
            for name in names[rounds % len(names):] + names[:rounds % len(names)]:
                if threads > 1:
                    time.sleep(REST)
                turn(calls[name], untimed[name])
                times[name].append(turn(calls[name], counts[name]))
            rounds += 1
    finally:
        if collecting:
            gc.enable()
    return times, machine.foreign_share(before, machine.processor_time())


def quietest(calls, threads=1, budget=BUDGET):
    """The race that others disturbed least."""
    best, foreign = None, 2.0
    for _ in range(ATTEMPTS):
        start = time.perf_counter()
        times, share = race(calls, threads, budget)
        if share < foreign:
            best, foreign = times, share
        if share <= FOREIGN or time.perf_counter() - start > PATIENCE:
            break
    return best, foreign


def spread(times):
    """name -> (median, (lower quartile, upper quartile))."""
    return {name: (median(values), tuple(quantiles(values, n=4)[::2])) for name, values in times.items()}


def run(family, row, threads, limits=None, budget=BUDGET):
    """Verifies and times one row. A row whose results differ, or that ours cannot compute, has a problem and no times."""
    import bytestride

    result = Result(family, row.name, threads, row.wanted(threads))
    with machine.peers_limited_to(threads):
        try:
            candidates = row.build(threads)
            result.difference = verify(candidates)
        except (Differs, bytestride.Error) as problem:
            result.problem = str(problem)
            return result
        times, result.foreign = quietest({"ours": candidates.ours, **candidates.peers}, threads, budget)
    for name, (middle, quarters) in spread(times).items():
        result.median[name], result.quartiles[name] = middle, quarters
    result.peer = min(candidates.peers, key=result.median.get)
    result.ratio = result.median[result.peer] / result.median["ours"]
    if candidates.work and limits:
        result.share = limits.seconds(candidates.work) / result.median["ours"]
    return result
