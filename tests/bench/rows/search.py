"""Searches against NumPy's searchsorted and loops compiled by Numba."""
from functools import partial

import bytestride as bs
import numba
import numpy as np
from loops import compiled
from machine import amd_or_intel
from race import Candidates, Row

BATCH = 1024  # keys that walk down the table side by side


@compiled
def one_by_one(table, values, out):
    for i in numba.prange(values.size):
        low, high = 0, table.size
        while low < high:
            middle = (low + high) // 2
            if table[middle] < values[i]:
                low = middle + 1
            else:
                high = middle
        out[i] = low
    return out


@compiled
def level_by_level(table, values, out):
    """Without branches, many keys at each level of the table: what a NumPy to come may do."""
    for batch in numba.prange((values.size + BATCH - 1) // BATCH):
        first = batch * BATCH
        count = min(BATCH, values.size - first)
        keys, low = values[first:first + count], out[first:first + count]
        low[:] = 0
        length = table.size
        while length > 1:
            half = length // 2
            for i in range(count):
                low[i] += half * (table[low[i] + half - 1] < keys[i])
            length -= half
        for i in range(count):
            low[i] += table[low[i]] < keys[i]
    return out


def search(size, count, kind, threads):
    random = np.random.default_rng(3)
    table, values = np.sort(random.random(size)), random.random(count)
    if kind == "ascending":
        values.sort()
    ours, theirs = np.empty(count, np.int64), np.empty(count, np.int64)
    branching, levels = one_by_one(threads), level_by_level(threads)
    peers = {"numpy": lambda: np.searchsorted(table, values), "numba": lambda: branching(table, values, theirs)}
    if kind == "by levels":
        peers = {"numba, level by level": lambda: levels(table, values, theirs)}
    return Candidates(lambda: bs.searchsorted(table, values, out=ours, threads=threads), peers)


def of_dtype(dtype, threads):
    random = np.random.default_rng(3)
    most = 60_000 if np.dtype(dtype).itemsize == 2 else 10**9
    a, v = np.sort(random.integers(0, most, 125_000).astype(dtype)), random.integers(0, most, 1_000_000).astype(dtype)
    return Candidates(lambda: bs.searchsorted(a, v, threads=threads), {"numpy": lambda: np.searchsorted(a, v)})


def with_sorter(threads):
    random = np.random.default_rng(3)
    table, values = random.integers(0, 10**9, 125_000), random.integers(0, 10**9, 1_000_000)
    order = np.argsort(table)
    return Candidates(lambda: bs.searchsorted(table, values, sorter=order, threads=threads),
                      {"numpy": lambda: np.searchsorted(table, values, sorter=order)})


def the_talks(threads):
    numbers, wanted = np.arange(100_000), np.random.default_rng(3).integers(-1, 10_001, 3_000)

    def by_numpy():
        places = np.searchsorted(numbers, wanted)
        return np.where(numbers[np.minimum(places, numbers.size - 1)] == wanted, places, -1)

    return Candidates(lambda: bs.binary_search(numbers, wanted, threads=threads), {"numpy": by_numpy})


# Elements of the table and number of values; the targets over what there is today, and over what a NumPy to come may do.
ROWS = []
for name, size, count, target, by_levels in (
        ("8 kB table, 1 M", 1_000, 1_000_000, (amd_or_intel(10, 22), amd_or_intel(10, 22)), (1.3, 1.3)),
        ("1 MB table, 1 M", 125_000, 1_000_000, (17, 14), (1.7, 1.4)),
        ("100 MB table, 1 M", 12_500_000, 1_000_000, (8, 9), (1.7, 1.7)),
        ("100 MB table, 10 k", 12_500_000, 10_000, (7.5, 7.5), (1.0, 1.0)),
        ("800 kB table, 50 k", 100_000, 50_000, (17, 15), (1.3, 1.1)),
        ("800 kB table, 3000", 100_000, 3_000, (12, 9), (1.0, 1.0))):
    ROWS += [Row(f"searchsorted float64, {name}, out=", partial(search, size, count, "random"), target),
             Row(f"searchsorted float64, {name}, against a search by levels, out=", partial(search, size, count, "by levels"), by_levels)]
ROWS += [Row("searchsorted float64, 100 MB table, 1 M ascending, out=", partial(search, 12_500_000, 1_000_000, "ascending"), (3.3, 5.0)),
         Row("searchsorted float64, 1 MB table, 1 M ascending, out=", partial(search, 125_000, 1_000_000, "ascending"))]
ROWS += [Row(f"searchsorted {np.dtype(dtype)}, 125 k table, 1 M", partial(of_dtype, dtype))
         for dtype in (np.int64, np.int32, np.float32, np.uint16, np.float16)]
ROWS += [Row("searchsorted int64, 125 k table with a sorter, 1 M", with_sorter), Row("binary_search int64, 100 k table, 3000", the_talks)]
