"""Distances against SciPy's cdist, scikit-learn and loops compiled by Numba; row updates and squared errors."""
import bytestride as bs
import numba
import numpy as np
from race import Row
from scipy.spatial.distance import cdist
from sklearn.metrics.pairwise import euclidean_distances

# Points, coordinates, dtype, and the ratios that are wanted of the fastest peer with one thread and with two.
CASES = ((1000, 3, np.float64, 1.0, 1.0), (1000, 3, np.float32, 1.0, 1.0), (4096, 2, np.float64, 3.7, 3.8), (4096, 3, np.float64, 4.0, 4.5),
         (4096, 8, np.float64, 4.2, 5.5), (4096, 16, np.float64, 2.6, 4.5), (4096, 128, np.float64, 2.6, 3.0),
         (4096, 3, np.float32, 2.6, 2.9), (4096, 128, np.float32, 2.8, 3.8), (4090, 3, np.float64, None, None))


@numba.njit(parallel=True, fastmath=True)
def by_numba(x, out):
    """What a careful user compiles: coordinates in rows, one row of the result at a time."""
    for i in numba.prange(x.shape[1]):
        for j in range(x.shape[1]):
            square = x[0, i] * 0
            for k in range(x.shape[0]):
                difference = x[k, i] - x[k, j]
                square += difference * difference
            out[i, j] = np.sqrt(square)
    return out


@numba.njit(parallel=True, fastmath=True)
def error_by_numba(goal, current):
    total = 0.0
    for i in numba.prange(goal.shape[0]):
        row = 0.0
        for j in range(goal.shape[1]):
            difference = goal[i, j] - current[i, j]
            row += difference * difference
        total += row
    return total


def rows(threads):
    numba.set_num_threads(threads)
    random = np.random.default_rng(5)
    for n, d, dtype, *goals in CASES:
        x = random.standard_normal((n, d)).astype(dtype)
        wide, columns = x.astype(np.float64), np.ascontiguousarray(x.T)
        ours, theirs, compiled = np.zeros((n, n), dtype), np.zeros((n, n)), np.zeros((n, n), dtype)
        peers = {"cdist": lambda: cdist(wide, wide, out=theirs)}
        if d <= 16:  # beyond it the compiled loop takes seconds
            peers["numba"] = lambda: by_numba(columns, compiled)
        if d >= 16:
            peers["sklearn, dot products"] = lambda: euclidean_distances(x)
        # The dot products of float32 lose half of the digits where points are near.
        yield Row(f"distances {np.dtype(dtype)}, {n} x {d}, out=", lambda: bs.distances(x, out=ours, threads=threads), peers, threads,
                  bound=1e-5 if dtype is np.float64 else 1e-2, goal=goals[threads > 1])
        if (n, d, dtype) == (4096, 3, np.float64):
            yield Row("distances float64, 4096 x 3, new result", lambda: bs.distances(x, threads=threads),
                      {"cdist": lambda: cdist(x, x)}, threads, bound=1e-5, goal=1.0)
    del x, wide, columns, ours, theirs, compiled
    for metric in ("sqeuclidean", "cityblock", "chebyshev"):
        x, y = random.standard_normal((2000, 4)), random.standard_normal((2000, 4))
        ours, theirs = np.zeros((2000, 2000)), np.zeros((2000, 2000))
        yield Row(f"distances {metric}, 2000 and 2000 x 4, out=", lambda: bs.distances(x, y, metric=metric, out=ours, threads=threads),
                  {"cdist": lambda: cdist(x, y, metric, out=theirs)}, threads, bound=1e-12, goal=1.0)
    for n in (1000, 4096):
        x = random.standard_normal((n, 3))
        point, ours, theirs = x[7].copy(), np.zeros(n), np.zeros((1, n))
        mine, other = bs.distances(x), bs.distances(x)
        yield Row(f"distances_from, {n} x 3, out=", lambda: bs.distances_from(x, point, out=ours, threads=threads),
                  {"cdist": lambda: cdist(point[None], x, out=theirs)[0]}, threads, bound=1e-12)
        yield Row(f"distances_from, {n} x 3, against a row and a column", lambda: bs.distances_from(x, x[7], out=ours, threads=threads),
                  {"cdist, row and column": lambda: refreshed(x, other, 7)[7]}, threads, bound=1e-12)
        yield Row(f"update_distances, {n} x 3", lambda: bs.update_distances(x, mine, 7, threads=threads)[7],
                  {"cdist, row and column": lambda: refreshed(x, other, 7)[7]}, threads, bound=1e-12, goal=1.0)
    for n in (1000, 4096):
        goal, current = random.random((n, n)), random.random((n, n))
        apart = np.zeros((n, n))
        yield Row(f"distances: squared_error, {n} x {n}", lambda: bs.squared_error(goal, current, threads=threads),
                  {"numpy, subtract and vdot": lambda: dotted(np.subtract(goal, current, out=apart))}, threads, bound=1e-3,
                  goal=1.9 if threads == 1 else 3.0)
        yield Row(f"distances: squared_error, {n} x {n}, compiled", lambda: bs.squared_error(goal, current, threads=threads),
                  {"numba": lambda: error_by_numba(goal, current)}, threads, bound=1e-3, goal=0.95)
    del goal, current, apart
    few, many = random.standard_normal((2048, 8)), random.standard_normal((4096, 8))
    small, large = np.zeros((2048, 2048)), np.zeros((4096, 4096))
    yield Row("growth: distances, 2048 to 4096 points", lambda: bs.distances(many, out=large, threads=threads) is large,
              {"half as many": lambda: bs.distances(few, out=small, threads=threads) is small}, threads, goal=4 / 4.4,
              work={"ours": 4.0, "half as many": 1.0})


def refreshed(x, d, i):
    d[i] = d[:, i] = cdist(x[i:i + 1], x)[0]
    return d


def dotted(apart):
    return np.vdot(apart, apart)
