"""Distances with the names and arguments of `scipy.spatial` and `scipy.spatial.distance`.

::

    from bytestride.compat.scipy_spatial import cdist, pdist       # for: from scipy.spatial.distance import cdist, pdist
    from bytestride.compat.scipy_spatial import distance           # for: from scipy.spatial import distance

The metrics are ``euclidean``, ``sqeuclidean``, ``cityblock``, ``chebyshev``, ``seuclidean`` and ``minkowski`` with p of 1, 2 or
infinity, under all of SciPy's names for them, and callables; the others are an error that names SciPy's function. Results are
float64, as SciPy's. Different, and meant to be: a NaN coordinate makes a ``chebyshev`` distance NaN, where SciPy leaves it out.

Examples
--------
>>> from bytestride.compat.scipy_spatial import distance
>>> coords = [(35.0456, -85.2672), (35.1174, -89.9711), (35.9728, -83.9422), (36.1667, -86.7833)]
>>> distance.cdist(coords, coords, "euclidean")
array([[0.        , 4.70444794, 1.6171966 , 1.88558331],
       [4.70444794, 0.        , 6.0892811 , 3.35605413],
       [1.6171966 , 6.0892811 , 0.        , 2.84770898],
       [1.88558331, 3.35605413, 2.84770898, 0.        ]])
"""
from __future__ import annotations

import sys

import numpy as np

from .. import _errors as errors
from .._arrays import REAL
from ..distance import distances
from ._peers import as_array, unsupported

__all__ = ["cdist", "pdist", "squareform", "distance_matrix", "euclidean", "sqeuclidean", "cityblock", "chebyshev", "minkowski"]

# `scipy.spatial.distance` and `scipy.spatial` are one module here.
distance = sys.modules[__name__]

# SciPy's names of the metrics, short ones included.
NAMES = {name: metric for metric, names in {
    "euclidean": "euclidean euclid eu e",
    "sqeuclidean": "sqeuclidean sqe sqeuclid",
    "cityblock": "cityblock cblock cb c",
    "chebyshev": "chebyshev chebychev cheby cheb ch",
    "seuclidean": "seuclidean se s",
    "minkowski": "minkowski mi m pnorm",
}.items() for name in names.split()}
# So many distances of a block wait in a cache to be copied to their places.
BLOCK = 1 << 17


def cdist(XA, XB, metric="euclidean", *, out=None, **kwargs):
    """The distances between the rows of two matrices, as `scipy.spatial.distance.cdist`.

    Parameters
    ----------
    XA : array_like, shape (m, k)
        One point per row; real numbers.
    XB : array_like, shape (n, k)
        The other points.
    metric : str or callable, optional
        See the module for the names. A callable is called for every pair of points.
    out : numpy.ndarray, shape (m, n), optional
        float64 and in C order.
    **kwargs
        ``w``, weights of the coordinates, not negative; ``p`` of ``minkowski``; ``V``, the variances of ``seuclidean``.
        Coordinates are scaled by weights and variances before their differences are formed.

    Returns
    -------
    numpy.ndarray, shape (m, n)
        float64.

    Raises
    ------
    OptionError, ShapeError, DTypeError
        Where SciPy raises a ValueError they are one, too; a metric that is not one of the above.

    Examples
    --------
    >>> from bytestride.compat.scipy_spatial import cdist
    >>> a = [[0, 0, 0], [0, 0, 1], [0, 1, 0], [0, 1, 1], [1, 0, 0], [1, 0, 1], [1, 1, 0], [1, 1, 1]]
    >>> cdist(a, [[0.1, 0.2, 0.4]], "cityblock").ravel()
    array([0.7, 0.9, 1.3, 1.5, 1.5, 1.7, 2.1, 2.3])
    """
    metric = _metric_of(metric)
    x, y = _points(XA, "XA", metric, "scipy.spatial.distance.cdist"), _points(XB, "XB", metric, "scipy.spatial.distance.cdist")
    for array, name in ((x, "XA"), (y, "XB")):
        if array.ndim != 2:
            raise errors.shape_error(f"{name} must be a 2-dimensional array.")
    if x.shape[1] != y.shape[1]:
        raise errors.shape_error("XA and XB must have the same number of columns (i.e. feature dimension.)")
    result = _output(out, (x.shape[0], y.shape[0]))
    if callable(metric):
        for i, row in enumerate(x):
            for j, other in enumerate(y):
                result[i, j] = metric(row, other, **kwargs)
        return result
    metric, scale = _scaled(metric, "scipy.spatial.distance.cdist", kwargs, x, y)
    x, y = scale(x), scale(y)
    return distances(x, y, metric=metric, out=result)


def pdist(X, metric="euclidean", *, out=None, **kwargs):
    """The distances between the rows of a matrix, each pair once, as `scipy.spatial.distance.pdist`.

    Parameters
    ----------
    X : array_like, shape (m, k)
        One point per row; real numbers.
    metric, **kwargs
        As in `cdist`.
    out : numpy.ndarray, shape (m (m - 1) / 2,), optional
        float64 and in C order.

    Returns
    -------
    numpy.ndarray, shape (m (m - 1) / 2,)
        float64: the distances of 0 from 1, 2, ..., of 1 from 2, 3, ... `squareform` makes a matrix of it.

    Raises
    ------
    OptionError, ShapeError, DTypeError
        As in `cdist`.

    Examples
    --------
    >>> import numpy as np
    >>> from bytestride.compat.scipy_spatial import pdist
    >>> pdist(np.array([[2, 0, 2], [2, 2, 3], [-2, 4, 5], [0, 1, 9], [2, 2, 4]]))
    array([2.23606798, 6.40312424, 7.34846923, 2.82842712, 4.89897949,
           6.40312424, 1.        , 5.38516481, 4.58257569, 5.47722558])
    """
    metric = _metric_of(metric)
    x = _points(X, "X", metric, "scipy.spatial.distance.pdist")
    if x.ndim != 2:
        raise errors.shape_error(f"A 2-dimensional array must be passed. (Shape was {x.shape}).")
    count = x.shape[0]
    result = _output(out, (count * (count - 1) // 2,))
    if callable(metric):
        result[:] = [metric(x[i], x[j], **kwargs) for i in range(count) for j in range(i + 1, count)]
        return result
    metric, scale = _scaled(metric, "scipy.spatial.distance.pdist", kwargs, x)
    x = scale(x)
    start, place = 0, 0
    buffer = np.empty(max(BLOCK, count))
    while start < count - 1:
        # A block of rows against all later points; a few pairs near the diagonal twice.
        columns = count - start
        rows = max(1, min(columns, BLOCK // columns))
        block = distances(x[start:start + rows], x[start:], metric=metric, out=buffer[:rows * columns].reshape(rows, columns))
        for row in range(min(rows, columns - 1)):
            length = columns - row - 1
            result[place:place + length] = block[row, row + 1:]
            place += length
        start += rows
    return result


def squareform(X, force="no", checks=True):
    """A vector of `pdist` to a symmetric matrix, or such a matrix to the vector, as `scipy.spatial.distance.squareform`.

    Parameters
    ----------
    X : array_like, shape (n (n - 1) / 2,) or (n, n)
        The vector, or the matrix.
    force : {"no", "tomatrix", "tovector"}, optional
        Demands one of the two directions.
    checks : bool, optional
        Whether a matrix is looked at: it must be symmetric with a diagonal of 0.

    Returns
    -------
    numpy.ndarray, shape (n, n) or (n (n - 1) / 2,)
        In the dtype of `X`.

    Examples
    --------
    >>> from bytestride.compat.scipy_spatial import squareform
    >>> squareform([1, 2, 3])
    array([[0, 1, 2],
           [1, 0, 3],
           [2, 3, 0]])
    >>> squareform([[0, 1, 2], [1, 0, 3], [2, 3, 0]])
    array([1, 2, 3])
    """
    given = np.asarray(X)
    wanted = {"tomatrix": 1, "tovector": 2}.get(force.lower())
    if wanted is not None and given.ndim != wanted:
        raise errors.shape_error(f"Forcing {force!r} but input X is not a distance {'vector' if wanted == 1 else 'matrix'}.")
    if given.ndim == 1:
        if not given.size:
            return np.zeros((1, 1), given.dtype)
        count = int(np.ceil(np.sqrt(given.size * 2)))
        if count * (count - 1) != given.size * 2:
            raise errors.shape_error("Incompatible vector size. It must be a binomial coefficient n choose 2 for some integer n >= 2.")
        result = np.zeros((count, count), given.dtype)
        for row, pairs in _rows(count):
            result[row, row + 1:] = result[row + 1:, row] = given[pairs]
        return result
    if given.ndim != 2:
        raise errors.shape_error(f"The first argument must be one or two dimensional array. A {given.ndim}-dimensional array is not permitted")
    count = given.shape[0]
    if given.shape[1] != count:
        raise errors.shape_error("The matrix argument must be square.")
    if checks and not (given == given.T).all():
        raise errors.option_error("Distance matrix 'X' must be symmetric.")
    if checks and np.diagonal(given).any():
        raise errors.option_error("Distance matrix 'X' diagonal must be zero.")
    result = np.empty(count * (count - 1) // 2, given.dtype)
    for row, pairs in _rows(count):
        result[pairs] = given[row, row + 1:]
    return result


def _rows(count):
    """Where the pairs of each row are in the vector."""
    start = 0
    for row in range(count - 1):
        stop = start + count - 1 - row
        yield row, slice(start, stop)
        start = stop


def distance_matrix(x, y, p=2.0, threshold=1000000):
    """The Minkowski distances between the rows of two matrices, as `scipy.spatial.distance_matrix`.

    Parameters
    ----------
    x, y : array_like, shapes (m, k) and (n, k)
        One point per row; real numbers.
    p : {1, 2, inf}, optional
        The norm.
    threshold : int, optional
        Has no meaning here: no temporary arrays are made.

    Returns
    -------
    numpy.ndarray, shape (m, n)
        float64.

    Examples
    --------
    >>> from bytestride.compat.scipy_spatial import distance_matrix
    >>> distance_matrix([[0, 0], [0, 1]], [[1, 0], [1, 1]])
    array([[1.        , 1.41421356],
           [1.41421356, 1.        ]])
    """
    x, y = (as_array(value, name, "scipy.spatial.distance_matrix", REAL) for value, name in ((x, "x"), (y, "y")))
    if x.shape[-1:] != y.shape[-1:]:
        raise errors.shape_error(f"x contains {x.shape[-1]}-dimensional vectors but y contains {y.shape[-1]}-dimensional vectors")
    return distances(_double(x), _double(y), metric=_norm(p, "scipy.spatial.distance_matrix"))


def euclidean(u, v, w=None):
    """The distance of two points, as `scipy.spatial.distance.euclidean`; as are `sqeuclidean`, `cityblock`, `chebyshev`, `minkowski`.

    Parameters
    ----------
    u, v : array_like, shape (k,)
        The points.
    w : array_like, shape (k,), optional
        Weights of the coordinates.

    Returns
    -------
    float

    Examples
    --------
    >>> from bytestride.compat.scipy_spatial import euclidean
    >>> euclidean([1, 0, 0], [0, 1, 0])
    1.4142135623730951
    """
    return minkowski(u, v, 2, w)


def sqeuclidean(u, v, w=None):
    """The squared distance of two points; see `euclidean`.

    Examples
    --------
    >>> from bytestride.compat.scipy_spatial import sqeuclidean
    >>> sqeuclidean([1, 0, 0], [0, 1, 0])
    2.0
    """
    difference, w = _difference(u, v, w)
    return float(np.dot(difference, difference if w is None else w * difference))


def cityblock(u, v, w=None):
    """The sum of absolute differences of two points; see `euclidean`.

    Examples
    --------
    >>> from bytestride.compat.scipy_spatial import cityblock
    >>> int(cityblock([1, 0, 0], [0, 1, 0]))
    2
    """
    difference, w = _difference(u, v, w)
    return (np.abs(difference) if w is None else w * np.abs(difference)).sum()


def chebyshev(u, v, w=None):
    """The largest absolute difference of two points; see `euclidean`.

    Examples
    --------
    >>> from bytestride.compat.scipy_spatial import chebyshev
    >>> int(chebyshev([1, 0, 0], [0, 1, 0]))
    1
    """
    difference, w = _difference(u, v, w)
    return (np.abs(difference) if w is None else (w > 0) * np.abs(difference)).max()


def minkowski(u, v, p=2, w=None):
    """The Minkowski distance of two points; see `euclidean`.

    Examples
    --------
    >>> from bytestride.compat.scipy_spatial import minkowski
    >>> minkowski([1, 0, 0], [0, 1, 0], 1)
    2.0
    """
    if p <= 0:
        raise errors.option_error("p must be greater than 0")
    difference, w = _difference(u, v, w)
    if w is not None:
        difference = difference * ((w > 0) if p == np.inf else np.sqrt(w) if p == 2 else w ** (1 / p))
    return float(np.linalg.norm(difference, ord=p))


def _difference(u, v, w):
    u, v = (as_array(value, name, "scipy.spatial.distance", REAL) for value, name in ((u, "u"), (v, "v")))
    if u.ndim != 1 or v.ndim != 1:
        raise errors.shape_error("Input vector should be 1-D.")
    # Differences of unsigned integers would wrap around.
    u, v = (x.astype(np.int64 if x.dtype.itemsize < 8 else np.float64) if x.dtype.kind in "bu" else x for x in (u, v))
    return u - v, None if w is None else _weights(w, u.size)


def _weights(w, count):
    w = np.asarray(w, np.float64)
    if w.shape != (count,):
        raise errors.shape_error(f"Weights must have same size as input vector. {w.size} vs. {count}.")
    if not (w >= 0).all():
        raise errors.option_error("Input weights should be all non-negative")
    return w


FUNCTIONS = {euclidean: "euclidean", sqeuclidean: "sqeuclidean", cityblock: "cityblock", chebyshev: "chebyshev", minkowski: "minkowski"}


def _metric_of(metric):
    """The name of a metric, or the callable."""
    if callable(metric):
        if getattr(metric, "__module__", None) == "scipy.spatial.distance":
            return NAMES.get(metric.__name__, metric)
        return FUNCTIONS.get(metric, metric)
    if not isinstance(metric, str):
        raise TypeError("2nd argument metric must be a string identifier or a function.")
    metric = metric.lower()
    # SciPy's names for its own loops in Python.
    return metric[len("test_"):] if metric.startswith("test_") else metric


def _points(value, name, metric, peer):
    """A callable may have its own idea of what a point is."""
    return np.asarray(value) if callable(metric) else as_array(value, name, peer)


def _output(out, shape):
    """`out` as SciPy takes it, or a new array."""
    if out is None:
        return np.empty(shape)
    if not isinstance(out, np.ndarray) or out.shape != shape:
        raise errors.shape_error("Output array has incorrect shape.")
    if not out.flags.c_contiguous:
        raise errors.option_error("Output array must be C-contiguous.")
    if out.dtype != np.float64:
        raise errors.option_error("Output array must be double type.")
    return out


def _double(x):
    if x.dtype.kind == "c":
        raise errors.option_error("complex numbers have no distances here")
    return x if x.dtype == np.float64 else x.astype(np.float64)


def _norm(p, peer):
    if p is not None and p <= 0:
        raise errors.option_error("p must be greater than 0")
    metric = {1: "cityblock", 2: "euclidean", np.inf: "chebyshev"}.get(p)
    if metric is None:
        raise unsupported(f"p={p}", peer)
    return metric


def _scaled(metric, peer, kwargs, *points):
    """The library's metric, and what is done to the points before."""
    known = NAMES.get(metric)
    allowed = {"seuclidean": {"V"}, "minkowski": {"p", "w"}, None: {"p", "w", "V", "VI"}}.get(known, {"w"})
    for name in kwargs:
        if name not in allowed:
            raise TypeError(f"metric {metric!r} has no argument {name!r}")
    if known is None:
        raise unsupported(f"metric {metric!r}", peer)
    if known == "seuclidean":
        points = [_double(x) for x in points]
        variances = kwargs.get("V")
        if variances is None:
            variances = np.var(np.vstack(points), axis=0, ddof=1)
        variances = np.asarray(variances, np.float64)
        if variances.shape != points[0].shape[1:]:
            raise errors.shape_error("Variance vector V must be of the same dimension as the vectors on which the distances are computed.")
        factor = np.sqrt(variances)
        return "euclidean", lambda x: _double(x) / factor
    if known == "minkowski":
        known = _norm(kwargs.get("p", 2), peer)
    if kwargs.get("w") is None:
        return known, _double
    weights = _weights(kwargs["w"], points[0].shape[1])
    if known == "chebyshev":  # a weight says whether the coordinate counts
        return known, lambda x: np.ascontiguousarray(_double(x)[:, weights > 0])
    factor = weights if known == "cityblock" else np.sqrt(weights)
    return known, lambda x: _double(x) * factor
