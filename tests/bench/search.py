"""Searches against NumPy's searchsorted and a loop compiled by Numba."""
import bytestride as bs
import numba
import numpy as np
from race import Row

# Elements of the table and number of values: in the first-level cache, in the second, beyond all; few and many. The ratios that
# are wanted of the fastest peer with one thread and with two.
SIZES = {"8 kB table, 1 M": (1_000, 1_000_000, 10, 10), "1 MB table, 1 M": (125_000, 1_000_000, 17, 14),
         "100 MB table, 1 M": (12_500_000, 1_000_000, 8, 9), "100 MB table, 10 k": (12_500_000, 10_000, 7.5, 7.5),
         "800 kB table, 50 k": (100_000, 50_000, 17, 15), "800 kB table, 3000": (100_000, 3_000, 12, 9)}


@numba.njit(parallel=True)
def by_numba(table, values, out):
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


def rows(threads):
    numba.set_num_threads(threads)
    random = np.random.default_rng(3)
    for name, (size, count, *goals) in SIZES.items():
        table, values = np.sort(random.random(size)), random.random(count)
        ours, compiled = np.empty(count, np.int64), np.empty(count, np.int64)
        yield Row(f"searchsorted float64, {name}, out=", lambda: bs.searchsorted(table, values, out=ours, threads=threads),
                  {"numpy": lambda: np.searchsorted(table, values), "numba": lambda: by_numba(table, values, compiled)}, threads,
                  goal=goals[threads > 1])
        ascending = np.sort(values)
        yield Row(f"searchsorted float64, {name} ascending, out=", lambda: bs.searchsorted(table, ascending, out=ours, threads=threads),
                  {"numpy": lambda: np.searchsorted(table, ascending)}, threads, goal=(3.3, 5.0)[threads > 1] if name == "100 MB table, 1 M" else 1.0)
    table, values = np.sort(random.integers(0, 10**9, 125_000)), random.integers(0, 10**9, 1_000_000)
    for dtype in map(np.dtype, (np.int64, np.int32, np.float32, np.uint16, np.float16)):
        most = 60_000 if dtype.itemsize == 2 else 10**9
        a, v = np.sort((table % most).astype(dtype)), (values % most).astype(dtype)
        yield Row(f"searchsorted {dtype}, 125 k table, 1 M", lambda: bs.searchsorted(a, v, threads=threads),
                  {"numpy": lambda: np.searchsorted(a, v)}, threads, goal=1.0)
    order = random.permutation(table.size)
    shuffled = np.empty_like(table)
    shuffled[order] = table
    yield Row("searchsorted int64, 125 k table with a sorter, 1 M", lambda: bs.searchsorted(shuffled, values, sorter=order, threads=threads),
              {"numpy": lambda: np.searchsorted(shuffled, values, sorter=order)}, threads)
    yield Row("searchsorted int64, 125 k table, every second element, 1 M", lambda: bs.searchsorted(table[::2], values, threads=threads),
              {"numpy": lambda: np.searchsorted(table[::2], values)}, threads)
    few = np.arange(100_000)  # the talk's numbers: whether 3000 values are in a list of 100 000
    wanted = random.integers(-1, 10_001, 3_000)
    yield Row("binary_search int64, 100 k table, 3000", lambda: bs.binary_search(few, wanted, threads=threads),
              {"numpy": lambda: found_by_numpy(few, wanted)}, threads, goal=1.0)
    yield Row("searchsorted int64, 100 k table, one value", lambda: bs.searchsorted(few, 500, threads=threads),
              {"numpy": lambda: np.searchsorted(few, 500)}, threads)
    few, many = np.sort(random.random(1_000)), np.sort(random.random(12_500_000))
    values, ours = random.random(1_000_000), np.empty(1_000_000, np.int64)
    yield Row("growth: searchsorted, 8 kB to 100 MB", lambda: bs.searchsorted(many, values, out=ours, threads=threads) is ours,
              {"8 kB": lambda: bs.searchsorted(few, values, out=ours, threads=threads) is ours}, threads, goal=1 / 18)


def found_by_numpy(table, values):
    places = np.searchsorted(table, values)
    return np.where(table[np.minimum(places, table.size - 1)] == values, places, -1)
