"""Verifies and times the forms of a case."""
import time
from statistics import median

import bytestride as bs

from case import Outcome

SHORTEST_TURN = 500e-6  # seconds; a turn repeats its call until it takes so long
SLOW = 2.0  # seconds of a race, after which two turns are enough


def turn(call, count):
    start = time.perf_counter()
    for _ in range(count):
        call()
    return (time.perf_counter() - start) / count


def race(calls, budget):
    """Median seconds by name; the calls take turns, at least 5 times, but no more than twice what is slow."""
    counts = {name: max(1, round(SHORTEST_TURN / max(turn(call, 1), 1e-7))) for name, call in calls.items()}
    times = {name: [] for name in calls}
    start = time.perf_counter()
    while (spent := time.perf_counter() - start) < budget or len(next(iter(times.values()))) < (5 if spent < SLOW else 2):
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
    apart = [case.difference(case.ours(*part, case.make_out(*part)), by_python)]
    del by_python

    out, theirs = case.make_out(*case.data), case.make_out(*case.data)
    result = case.ours(*case.data, out)
    apart += [case.difference(result, form(*case.data, theirs)) for form in case.peers.values()]
    shows = [*case.shows(case.data, result), *case.measures()]

    peer = next(iter(case.peers))
    if len(case.peers) > 1:
        times = race({name: lambda form=form: form(*case.data, theirs) for name, form in case.peers.items()}, budget)
        peer = min(times, key=times.get)
    # Only the fastest peer goes into the race with ours.
    fast = {"peer": lambda: case.peers[peer](*case.data, theirs), "ours": lambda: case.ours(*case.data, out)}
    times = race(fast, budget)
    with bs.threads(1):
        alone = race({"ours": fast["ours"]}, budget / 2)
    outcome = Outcome(case.name, median(before) * case.scale, case.part_name, case.scale, peer, times["peer"], alone["ours"], times["ours"],
                      max(apart, key=lambda value: (value != value, value)), case.bound, case.compared, shows)
    outcome.remark = case.remark(outcome)
    return outcome
