"""Verifies and times the forms of a case."""
import time
from statistics import median

import bytestride as bs
import numpy as np

from case import Outcome

SHORTEST_TURN = 500e-6  # seconds; a turn repeats its call until it takes so long


def difference(a, b):
    """Largest difference of two results; NaN where one of them has a NaN and the other not."""
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        return float("nan")
    if np.array_equal(a, b):
        return 0.0
    return float(np.max(np.abs(np.subtract(a, b, dtype=np.float64))))


def turn(call, count):
    start = time.perf_counter()
    for _ in range(count):
        call()
    return (time.perf_counter() - start) / count


def race(calls, budget):
    """Median seconds by name; the calls take turns, at least 5 times."""
    counts = {name: max(1, round(SHORTEST_TURN / max(turn(call, 1), 1e-7))) for name, call in calls.items()}
    times = {name: [] for name in calls}
    start = time.perf_counter()
    while len(next(iter(times.values()))) < 5 or time.perf_counter() - start < budget:
        for name, call in calls.items():
            times[name].append(turn(call, counts[name]))
    return {name: median(values) for name, values in times.items()}


def run(case, budget):
    """The outcome of a case."""
    part = case.data if case.part is None else case.part
    before = []
    while len(before) < 3 and sum(before) < 1:  # three times, unless it is slow
        start = time.perf_counter()
        by_python = case.before(*part, case.make_out(*part))
        before.append(time.perf_counter() - start)
    apart = [difference(case.ours(*part, case.make_out(*part)), by_python)]
    del by_python

    out, theirs = case.make_out(*case.data), case.make_out(*case.data)
    result = case.ours(*case.data, out)
    apart += [difference(result, form(*case.data, theirs)) for form in case.peers.values()]
    pictures = case.pictures(case.data, result)

    times = race({name: lambda form=form: form(*case.data, theirs) for name, form in case.peers.items()}, budget)
    peer = min(times, key=times.get)
    # Only the fastest peer goes into the race with ours.
    fast = {"peer": lambda: case.peers[peer](*case.data, theirs), "ours": lambda: case.ours(*case.data, out)}
    times = race(fast, budget)
    with bs.threads(1):
        alone = race({"ours": fast["ours"]}, budget / 2)
    return Outcome(case.name, median(before) * case.scale, case.part_name, case.scale, peer, times["peer"], alone["ours"], times["ours"],
                   max(apart, key=lambda value: (value != value, value)), case.bound, pictures)
