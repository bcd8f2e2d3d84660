"""Two threads beside a busy process: the median and the 90th percentile, against the same call with one thread and no such process.

A call that waits for its second thread while somebody else has the processor would take many times as long."""
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import quantiles
from time import perf_counter, sleep

import bytestride as bs
import numpy as np
import report

MOST, SHORTEST = 1.5, 250e-6  # of the 90th percentile over the median of one thread, for calls that take at least so long
SECONDS, WAIT = 1.5, 0.002    # of measuring per call; between calls

# Counts until its input is closed: also when this process is killed, since the system then closes the pipe.
COMPETITOR = """
import select, sys
while not select.select([sys.stdin], [], [], 0)[0]:
    for _ in range(100_000):
        pass
"""


@contextmanager
def busy_process():
    process = subprocess.Popen([sys.executable, "-c", COMPETITOR], stdin=subprocess.PIPE)
    try:
        sleep(0.2)
        yield process
    finally:
        process.stdin.close()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@dataclass
class Result:
    name: str
    alone: float  # one thread without the busy process: median
    one: tuple    # beside it: (median, 90th percentile), with one thread and with two
    two: tuple


def cases():
    """Every call takes at least 250 microseconds with one thread."""
    random = np.random.default_rng(0)
    a, out = random.random(2_000_000), np.empty(2_000_000)
    yield "add float64, 2 M", lambda threads: bs.add(a, 1.5, out=out, threads=threads)
    square, turned = random.random((1500, 1500)), np.empty((1500, 1500), np.float32)
    yield "transpose float64 to float32, 1500^2", lambda threads: bs.transpose(square, dtype=np.float32, out=turned, threads=threads)
    image, kernel, filtered = random.random((1080, 1920)).astype(np.float32), random.random((5, 5)).astype(np.float32), np.empty((1080, 1920), np.float32)
    yield "convolve 5x5 float32, 1080p", lambda threads: bs.convolve(image, kernel, out=filtered, threads=threads)
    small = image[:480, :640].copy()
    yield "convolve 5x5 float32, 480x640", lambda threads: bs.convolve(small, kernel, threads=threads)
    pixels = random.integers(1, 256, (535, 950, 4)).astype(np.uint8)
    yield "neighbor_product, 535x950", lambda threads: bs.neighbor_product(pixels, threads=threads)
    depth, cloud = random.integers(300, 6000, (1440, 1920)).astype(np.uint16), np.empty((1440, 1920, 3), np.float32)
    yield "depth_to_points, 1440x1920", lambda threads: bs.depth_to_points(depth, 525.0, 525.0, 960.0, 720.0, out=cloud, threads=threads)
    x, d = random.random((2000, 3)), np.empty((2000, 2000))
    yield "distances, 2000 x 3", lambda threads: bs.distances(x, out=d, threads=threads)
    goal, start = bs.distances(random.random((1000, 10))), random.random((1000, 2))
    yield "squared_error, 1000^2", lambda threads: bs.squared_error(goal, d[:1000, :1000], threads=threads)
    for method in ("sgd", "smacof", "pattern"):
        yield f"mds {method}, 1000 points, 2 iterations", lambda threads, method=method: bs.mds(
            goal, method=method, init=start, max_iter=2, eps=0, min_radius=0, threads=threads)
    table, values = np.sort(random.random(100_000)), random.random(200_000)
    yield "searchsorted, 100 k table, 200 k", lambda threads: bs.searchsorted(table, values, threads=threads)
    limits = np.arange(100_000, 5_000_000, 100_000)
    yield "sum_primes, 49 limits", lambda threads: bs.sum_primes(limits, threads=threads)


def times_of(call, threads, seconds):
    """Times of single calls; at least 20."""
    times, stop = [], perf_counter() + seconds
    call(threads)
    while perf_counter() < stop or len(times) < 20:
        sleep(WAIT)
        start = perf_counter()
        call(threads)
        times.append(perf_counter() - start)
    return times


def percentiles(times):
    """(median, 90th percentile)"""
    tenths = quantiles(times, n=10)
    return tenths[4], tenths[8]


def measure(chosen, say):
    picked = [(name, call) for name, call in cases() if chosen(f"busy {name}")]
    if not picked:
        return []
    alone = {name: percentiles(times_of(call, 1, SECONDS / 3))[0] for name, call in picked}
    results = []
    with busy_process():
        for name, call in picked:
            results.append(Result(name, alone[name], percentiles(times_of(call, 1, SECONDS)), percentiles(times_of(call, 2, SECONDS))))
            r = results[-1]
            say(f"busy {name:<42} alone {report.duration(r.alone):>8}, with two threads beside a busy process "
                f"{r.two[0] / r.alone:.2f} (90th percentile {r.two[1] / r.alone:.2f})")
    return results


def section(results):
    def cell(result, value, bound=False):
        text = f"{value / result.alone:.2f}"
        return f"**{text}**" if bound and value > MOST * result.alone and result.alone >= SHORTEST else text

    rows = [[r.name, report.duration(r.alone), cell(r, r.one[0]), cell(r, r.one[1]), cell(r, r.two[0]), cell(r, r.two[1], True)] for r in results]
    return (f"## Beside a busy process\n\nMultiples of one thread's median alone, beside a process that never rests; bold: above {MOST}.\n\n"
            + report.markdown(rows, ["call", "one thread, alone", "one thread: median", "90 %", "two threads: median", "90 %"]) + "\n")
