"""Distances against SciPy's cdist, scikit-learn and loops compiled by Numba; row updates and squared errors."""
from functools import partial

import bytestride as bs
import numba
import numpy as np
from loops import compiled
from machine import Work
from race import Candidates, Row
from scipy.spatial.distance import cdist
from sklearn.metrics.pairwise import euclidean_distances


@compiled
def all_pairs(x, out):
    """What a careful user compiles: coordinates in rows, one row of the result at a time. For many coordinates the transposed
    view of points in rows is the better argument."""
    for i in numba.prange(x.shape[1]):
        for j in range(x.shape[1]):
            square = x[0, i] * 0
            for k in range(x.shape[0]):
                difference = x[k, i] - x[k, j]
                square += difference * difference
            out[i, j] = np.sqrt(square)
    return out


@compiled
def error(goal, current):
    total = 0.0
    for i in numba.prange(goal.shape[0]):
        row = 0.0
        for j in range(goal.shape[1]):
            difference = goal[i, j] - current[i, j]
            row += difference * difference
        total += row
    return total


@numba.njit(fastmath=True)
def row_by_numba(x, point, out):
    for j in range(x.shape[0]):
        square = 0.0
        for k in range(x.shape[1]):
            difference = x[j, k] - point[k]
            square += difference * difference
        out[j] = np.sqrt(square)
    return out


def matrix(n, d, dtype, threads):
    x = np.random.default_rng(5).standard_normal((n, d)).astype(dtype)
    wide, columns = x.astype(np.float64), np.ascontiguousarray(x.T)
    ours, scipys, numbas = np.empty((n, n), dtype), np.empty((n, n)), np.empty((n, n), dtype)
    by_numba = all_pairs(threads)
    peers = {"cdist": lambda: cdist(wide, wide, out=scipys)}
    if d <= 16:  # beyond it the compiled loops take seconds
        peers["numba, columns"] = lambda: by_numba(columns, numbas)
    if d == 16:
        peers["numba, rows"] = lambda: by_numba(x.T, numbas)
    if d >= 16:
        peers["sklearn, dot products"] = lambda: euclidean_distances(x)
    bits, each = 8 * ours.itemsize, n * n / 2.0  # once per unordered pair: a difference, its square, and one root
    work = Work(written=ours.nbytes, **{f"multiply_adds{bits}": each * 2 * d, f"roots{bits}": each})
    # The dot products of float32 lose half of the digits where points are near.
    return Candidates(lambda: bs.distances(x, out=ours, threads=threads), peers, 1e-5 if dtype is np.float64 else 1e-2, work)


def new_matrix(n, d, threads):
    x = np.random.default_rng(5).standard_normal((n, d))
    return Candidates(lambda: bs.distances(x, threads=threads), {"cdist": lambda: cdist(x, x)}, 1e-5)


def other_metric(metric, threads):
    random = np.random.default_rng(5)
    x, y = random.standard_normal((2000, 4)), random.standard_normal((2000, 4))
    ours, theirs = np.empty((2000, 2000)), np.empty((2000, 2000))
    return Candidates(lambda: bs.distances(x, y, metric=metric, out=ours, threads=threads), {"cdist": lambda: cdist(x, y, metric, out=theirs)},
                      1e-12, Work(written=ours.nbytes))


def one_row(n, threads):
    x = np.random.default_rng(5).standard_normal((n, 3))
    point, ours, scipys, numbas = x[7].copy(), np.empty(n), np.empty((1, n)), np.empty(n)
    return Candidates(
        lambda: bs.distances_from(x, point, out=ours, threads=threads),
        {"cdist": lambda: cdist(point[None], x, out=scipys)[0], "numba": lambda: row_by_numba(x, point, numbas),
         "numpy": lambda: np.sqrt(((x - point)**2).sum(1))}, 1e-12)


def row_and_column(n, threads):
    x = np.random.default_rng(5).standard_normal((n, 3))
    ours, theirs, row = cdist(x, x), cdist(x, x), np.empty(n)

    def refreshed(values):
        theirs[7] = theirs[:, 7] = values
        return theirs[7]

    return Candidates(
        lambda: bs.update_distances(x, ours, 7, threads=threads)[7],
        {"cdist": lambda: refreshed(cdist(x[7:8], x)[0]), "numba": lambda: refreshed(row_by_numba(x, x[7], row)),
         "numpy": lambda: refreshed(np.sqrt(((x - x[7])**2).sum(1)))}, 1e-12)


def squared_error(n, peer, threads):
    random = np.random.default_rng(5)
    goal, current = random.random((n, n)), random.random((n, n))
    apart = np.empty((n, n))
    loop = error(threads)

    def by_numpy():
        np.subtract(goal, current, out=apart)
        return np.vdot(apart, apart)

    peers = {"numpy": {"numpy, subtract and vdot": by_numpy}, "numba": {"numba": lambda: loop(goal, current)}}
    return Candidates(lambda: bs.squared_error(goal, current, threads=threads), peers[peer], 1e-3, Work(read=2 * goal.nbytes))


f32, f64 = np.float32, np.float64
ROWS = [Row(f"distances {np.dtype(dtype)}, {n} x {d}, out=", partial(matrix, n, d, dtype), target) for n, d, dtype, target in (
    (4096, 2, f64, (3.7, 3.8)), (4096, 3, f64, (4.0, 4.5)), (4096, 8, f64, (4.2, 5.5)), (4096, 16, f64, (2.6, 4.5)),
    (4096, 128, f64, (2.6, 3.0)), (4096, 3, f32, (2.6, 2.9)), (4096, 128, f32, (2.8, 3.8)), (1000, 3, f64, None), (1000, 3, f32, None),
    (4090, 3, f64, None))]
ROWS += [Row("distances float64, 4096 x 3, new result", partial(new_matrix, 4096, 3))]
ROWS += [Row(f"distances {metric}, 2000 and 2000 x 4, out=", partial(other_metric, metric)) for metric in ("sqeuclidean", "cityblock", "chebyshev")]
for n in (1000, 4096):
    ROWS += [Row(f"distances_from, {n} x 3, out=", partial(one_row, n), (4.0, 4.0)),
             Row(f"update_distances, {n} x 3", partial(row_and_column, n), (1.1, 1.1)),
             Row(f"squared_error, {n} x {n}, against numpy", partial(squared_error, n, "numpy"), (1.9, 3.0)),
             Row(f"squared_error, {n} x {n}, against numba", partial(squared_error, n, "numba"), (0.95, 0.95))]
