"""Growth: time against size, and the exponent of the power of the size that fits best.

A family whose cost per element may not grow has 1, or the power that its method promises; what may grow a little (caches are left
behind) says so by a larger exponent."""
from dataclasses import dataclass
from functools import partial
from math import log2, log10
from statistics import median
from typing import Callable

import bytestride as bs
import machine
import numpy as np
import race
import report


@dataclass
class Growth:
    name: str
    unit: str
    sizes: tuple
    build: Callable  # (size, threads) -> a call
    most: float  # the exponent that is allowed


@dataclass
class Result:
    name: str
    unit: str
    threads: int
    sizes: tuple
    seconds: list
    exponent: float
    most: float


def random(*shape):
    return np.random.default_rng(0).random(shape)


def add(n, threads):
    a, b, out = random(n), random(n), np.empty(n)
    return lambda: bs.add(a, b, out=out, threads=threads)


def transpose(n, threads):
    a, out = random(n, n), np.empty((n, n), np.float32)
    return lambda: bs.transpose(a, dtype=np.float32, out=out, threads=threads)


def convolve(taps, height, threads):
    image, kernel, out = random(height, 1920), random(taps, taps), np.empty((height, 1920))
    return lambda: bs.convolve(image, kernel, out=out, threads=threads)


def wider_kernel(taps, threads):
    return convolve(taps, 540, threads)


def separable(taps, threads):
    image, factor, out = random(540, 1920), np.hanning(taps + 2)[1:-1], np.empty((540, 1920))
    kernel = np.outer(factor, factor)
    return lambda: bs.convolve(image, kernel, out=out, threads=threads)


def neighbors(height, threads):
    image = np.random.default_rng(0).integers(1, 256, (height, 1000, 4)).astype(np.uint8)
    out = np.zeros_like(image)
    return lambda: bs.neighbor_product(image, out=out, threads=threads)


def depth(height, threads):
    image = np.random.default_rng(0).integers(300, 6000, (height, 640)).astype(np.uint16)
    out = np.empty((height, 640, 3), np.float32)
    return lambda: bs.depth_to_points(image, 525.0, 525.0, 320.0, 240.0, out=out, threads=threads)


def distances(n, threads):
    x, out = random(n, 3), np.empty((n, n))
    return lambda: bs.distances(x, out=out, threads=threads)


def coordinates(d, threads):
    x, out = random(1024, d), np.empty((1024, 1024))
    return lambda: bs.distances(x, out=out, threads=threads)


def squared_error(n, threads):
    a, b = random(n), random(n)
    return lambda: bs.squared_error(a, b, threads=threads)


def mds(method, n, threads):
    goal = bs.distances(np.random.default_rng(0).standard_normal((n, 10)))
    return lambda: bs.mds(goal, method=method, max_iter=5, eps=0, min_radius=0, threads=threads)


def classical(n, threads):
    goal = bs.distances(np.random.default_rng(0).standard_normal((n, 10)))
    return lambda: bs.classical_mds(goal, threads=threads)


def search(n, threads):
    table, values, out = np.sort(random(n)), np.random.default_rng(1).random(1_000_000), np.empty(1_000_000, np.int64)
    return lambda: bs.searchsorted(table, values, out=out, threads=threads)


def keys(n, threads):
    table, values, out = np.sort(random(100_000)), np.random.default_rng(1).random(n), np.empty(n, np.int64)
    return lambda: bs.searchsorted(table, values, out=out, threads=threads)


def primes(n, threads):
    return lambda: bs.sum_primes(n, threads=threads)


def numbers(n, threads):
    values = np.random.default_rng(1).integers(2**62, 2**63, n) | 1
    return lambda: bs.is_prime(values, threads=threads)


FAMILIES = [
    Growth("add float64, in main memory", "elements", (4_000_000, 8_000_000, 16_000_000, 32_000_000), add, 1.1),
    Growth("add float64, from cache to memory", "elements", (10_000, 100_000, 1_000_000, 10_000_000), add, 1.35),
    Growth("transpose float64 to float32", "rows", (1008, 2016, 4032, 8064), transpose, 2.2),
    Growth("convolve 3x3", "rows of 1920", (270, 540, 1080, 2160), partial(convolve, 3), log2(2.2)),
    Growth("convolve, wider kernels", "taps on a side", (3, 5, 7, 9, 11), wider_kernel, 2.0),
    Growth("convolve, separable kernels", "taps on a side", (7, 15, 31, 63), separable, 1.1),
    Growth("neighbor_product", "rows of 1000", (250, 500, 1000, 2000), neighbors, log2(2.2)),
    Growth("depth_to_points", "rows of 640", (240, 480, 960, 1920), depth, 1 + log2(1.5) / 3),
    Growth("distances", "points", (2048, 2896, 4096), distances, log2(4.4)),
    Growth("distances, more coordinates", "coordinates", (3, 8, 16, 64, 128), coordinates, 1.0),
    Growth("squared_error", "elements", (1_000_000, 4_000_000, 16_000_000), squared_error, 1.2),
    *(Growth(f"mds {method}", "points", (1000, 1414, 2000), partial(mds, method), log2(4.3)) for method in ("sgd", "smacof", "pattern")),
    Growth("classical_mds", "points", (500, 1000, 2000), classical, log2(4.4)),
    # 7 (AMD) or 18 (Intel) times the time for a table of 100 MB instead of 8 kB.
    Growth("searchsorted, larger tables", "elements", (1_000, 10_000, 100_000, 1_000_000, 12_500_000), search,
           log10(machine.amd_or_intel(7, 18)) / log10(12_500)),
    Growth("searchsorted, more keys", "keys", (10_000, 100_000, 1_000_000), keys, 1.1),
    Growth("sum_primes", "limit", (10**7, 10**8, 10**9, 10**10), primes, log10(40) / 2),
    Growth("is_prime", "numbers", (10_000, 50_000, 250_000), numbers, 1.1),
]


def fit(sizes, seconds):
    """The exponent of the power law through the points, by least squares of the logarithms."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def measure(chosen, threads, say):
    results = []
    for family in FAMILIES:
        if not chosen(f"growth {family.name}"):
            continue
        calls = {size: family.build(size, threads) for size in family.sizes}
        times, _ = race.race(calls, threads, budget=0.2)
        seconds = [median(times[size]) for size in family.sizes]
        results.append(Result(family.name, family.unit, threads, family.sizes, seconds, fit(family.sizes, seconds), family.most))
        say(f"growth {family.name:<40} exponent {results[-1].exponent:.2f}, at most {family.most:.2f}")
    return results


def section(results):
    rows = [[r.name, r.unit, ", ".join(f"{size:,}: {report.duration(value)}" for size, value in zip(r.sizes, r.seconds)),
             f"{r.exponent:.2f}" if r.exponent <= r.most else f"**{r.exponent:.2f}**", f"{r.most:.2f}"] for r in results]
    return ("## Growth\n\nMedians of one thread. The exponent is that of the power of the size that fits the times; bold: more than is allowed.\n\n"
            + report.markdown(rows, ["call", "size", "times", "exponent", "at most"]) + "\n\n![growth](growth.svg)\n")
