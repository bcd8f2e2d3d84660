"""Distances against SciPy's cdist and scikit-learn, row updates and squared errors against NumPy."""
import bytestride as bs
import numpy as np
from race import Row
from scipy.spatial.distance import cdist
from sklearn.metrics.pairwise import euclidean_distances


def rows(threads):
    random = np.random.default_rng(5)
    for n, d, dtype in ((1000, 3, np.float64), (4096, 2, np.float64), (4096, 3, np.float64), (4096, 8, np.float64), (4096, 16, np.float64),
                        (4096, 128, np.float64), (4096, 3, np.float32), (4096, 128, np.float32)):
        x = random.standard_normal((n, d)).astype(dtype)
        wide = x.astype(np.float64)
        ours, theirs = np.empty((n, n), dtype), np.empty((n, n))
        peers = {"cdist": lambda: cdist(wide, wide, out=theirs)}
        if d >= 16:
            peers["sklearn, dot products"] = lambda: euclidean_distances(x)
        yield Row(f"distances {np.dtype(dtype)}, {n} x {d}, out=", lambda: bs.distances(x, out=ours, threads=threads), peers, threads,
                  bound=1e-5 if dtype is np.float64 else 1e-2, goal=1.0)
    del x, wide, ours, theirs
    for metric in ("sqeuclidean", "cityblock", "chebyshev"):
        x, y = random.standard_normal((2000, 4)), random.standard_normal((2000, 4))
        ours, theirs = np.empty((2000, 2000)), np.empty((2000, 2000))
        yield Row(f"distances {metric}, 2000 and 2000 x 4, out=", lambda: bs.distances(x, y, metric=metric, out=ours, threads=threads),
                  {"cdist": lambda: cdist(x, y, metric, out=theirs)}, threads, bound=1e-12, goal=1.0)
    for n in (1000, 4096):
        x = random.standard_normal((n, 3))
        point, ours, theirs = x[7].copy(), np.empty(n), np.empty((1, n))
        yield Row(f"distances_from, {n} x 3, out=", lambda: bs.distances_from(x, point, out=ours, threads=threads),
                  {"cdist": lambda: cdist(point[None], x, out=theirs)[0]}, threads, bound=1e-12, goal=1.0)
        mine, other = bs.distances(x), bs.distances(x)
        yield Row(f"update_distances, {n} x 3", lambda: bs.update_distances(x, mine, 7, threads=threads),
                  {"cdist, row and column": lambda: refreshed(x, other, 7)}, threads, bound=1e-12, goal=1.0)
    for n in (1000, 4096):
        goal, current = random.random((n, n)), random.random((n, n))
        apart = np.empty((n, n))
        yield Row(f"squared_error, {n} x {n}", lambda: bs.squared_error(goal, current, threads=threads),
                  {"numpy, subtract and vdot": lambda: dotted(np.subtract(goal, current, out=apart))}, threads, bound=1e-3, goal=1.0)


def refreshed(x, d, i):
    d[i] = d[:, i] = cdist(x[i:i + 1], x)[0]
    return d


def dotted(apart):
    return np.vdot(apart, apart)
