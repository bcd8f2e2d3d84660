"""Distances between points, and sums of squared differences."""
from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np

from . import _errors as errors
from . import _generated as c
from . import _short as short
from ._arrays import REAL, as_input, as_output, require_dtype
from ._call import call, word
from ._library import ENTRIES, pointer_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ._typing import Array, ArrayLike, Out

SECONDS_PER_DIFFERENCE, SECONDS_PER_DISTANCE, SECONDS_PER_ENTRY = 3e-11, 2e-10, 3e-10

_DISTANCES, _DISTANCES_FROM = ENTRIES["distances"], ENTRIES["distances_from"]
_UPDATE_DISTANCES, _SQUARED_ERROR = ENTRIES["update_distances"], ENTRIES["squared_error"]
_METRICS = {
    "euclidean": c.BYTESTRIDE_METRIC_EUCLIDEAN,
    "sqeuclidean": c.BYTESTRIDE_METRIC_SQEUCLIDEAN,
    "cityblock": c.BYTESTRIDE_METRIC_CITYBLOCK,
    "chebyshev": c.BYTESTRIDE_METRIC_CHEBYSHEV,
}

Metric = Literal["euclidean", "sqeuclidean", "cityblock", "chebyshev"]


@short.call(_DISTANCES, SECONDS_PER_DISTANCE, "out size", "x last", x=short.array(), y=short.array(), metric=short.word(_METRICS), out=short.out,
            result=short.Result("pairs", "x"))
def distances(x: ArrayLike, y: ArrayLike | None = None, /, *, metric: Metric = "euclidean", out: Out | None = None,
              threads: int = 0) -> Array:
    """The distances between all rows of two matrices.

    Parameters
    ----------
    x : array_like, shape (n, d)
        One point per row; bool, integers or floats.
    y : array_like, shape (m, d), optional
        The other points. None: those of `x`; then the result is symmetric bit for bit, and its diagonal exactly 0.
    metric : {"euclidean", "sqeuclidean", "cityblock", "chebyshev"}, optional
        The root of the sum of squared differences, that sum, the sum of absolute differences, the largest one.
    out : array, shape (n, m), optional
        float64, or float32 where the result is; written in place through any strides and returned. It may
        not overlap an input.
    threads : int, optional
        At most this many threads; 0 = the library's default.

    Returns
    -------
    numpy.ndarray, shape (n, m)
        float32 for float32 points (and float16 beside them), else float64. With u = 2**-24 or 2**-53 the relative error is at
        most (d / 2 + 4) u for ``euclidean``, (d + 3) u for ``sqeuclidean`` and ``cityblock``, u for ``chebyshev``: differences
        are formed first, so nothing is lost far from the origin. A NaN coordinate gives NaN in its row and column,
        the diagonal included.

    Raises
    ------
    ShapeError
        An input has not 2 dimensions, the points have different numbers of coordinates, `out` has another shape.
    OptionError
        An unknown `metric`, a negative `threads`.
    DTypeError, ReadOnlyError, OverlapError, MemoryError
        As their names say; the message names the argument.

    See Also
    --------
    distances_from : from one point. update_distances : after one point has moved.

    Notes
    -----
    O(n m d). Squares that pass the range of the dtype are infinite. The article on multidimensional scaling
    (compute_distance_matrix); `scipy.spatial.distance.cdist`.

    Examples
    --------
    >>> import numpy as np, bytestride as bs
    >>> bs.distances([[0, 0], [3, 4], [6, 8]])
    array([[ 0.,  5., 10.],
           [ 5.,  0.,  5.],
           [10.,  5.,  0.]])
    >>> bs.distances(np.array([[0, 0], [3, 4]], np.float32), np.array([[1, 1]], np.float32), metric="cityblock")
    array([[2.],
           [5.]], dtype=float32)
    """
    x = _points(x, "1 (x)")
    y = None if y is None else _points(y, "2 (y)")
    options = _options(metric)
    other = x if y is None else y
    _require_matrix(x, "1 (x)")
    _require_matrix(other, "2 (y)")
    result = np.empty((x.shape[0], other.shape[0]), _natural_dtype(x, other)) if out is None else as_output(out)
    call(_DISTANCES, (x, y, result), options, threads, _seconds(x.shape[0] * other.shape[0], x.shape[1]))
    return result if out is None else out  # type: ignore[return-value]  # the very object that was given


@short.call(_DISTANCES_FROM, SECONDS_PER_DISTANCE, "x size", x=short.array(), point=short.array(), metric=short.word(_METRICS), out=short.out,
            result=short.Result("rows", "x"))
def distances_from(x: ArrayLike, point: ArrayLike, /, *, metric: Metric = "euclidean", out: Out | None = None,
                   threads: int = 0) -> Array:
    """The distances of the rows of a matrix from one point.

    Parameters
    ----------
    x : array_like, shape (n, d)
        One point per row; bool, integers or floats.
    point : array_like, shape (d,)
        The point; bool, integers or floats.
    metric, threads
        As in `distances`.
    out : array, shape (n,), optional
        As in `distances`.

    Returns
    -------
    numpy.ndarray, shape (n,)
        The same bits as `distances` gives for ``point[None]`` and `x`. O(n d).

    Raises
    ------
    ShapeError, OptionError, DTypeError, ReadOnlyError, OverlapError, MemoryError
        As in `distances`.

    Examples
    --------
    >>> import bytestride as bs
    >>> bs.distances_from([[0, 0], [3, 4], [6, 8]], [3, 4])
    array([5., 0., 5.])
    """
    x, point = _points(x, "1 (x)"), _points(point, "2 (point)")
    options = _options(metric)
    _require_matrix(x, "1 (x)")
    result = np.empty(x.shape[0], _natural_dtype(x, point)) if out is None else as_output(out)
    call(_DISTANCES_FROM, (x, point, result), options, threads, _seconds(x.shape[0], x.shape[1]))
    return result if out is None else out  # type: ignore[return-value]  # the very object that was given


@short.call(_UPDATE_DISTANCES, SECONDS_PER_DISTANCE, "x size", x=short.array(), d=short.array(), i=short.scalar_integer,
            metric=short.word(_METRICS), result=short.Result(to="d"))
def update_distances(x: ArrayLike, d: Out, i: int, /, *, metric: Metric = "euclidean", threads: int = 0) -> Array:
    """Refreshes a distance matrix in place after one point has moved.

    Parameters
    ----------
    x : array_like, shape (n, k)
        One point per row, row `i` at its new place; bool, integers or floats.
    d : array, shape (n, n)
        The distances of the rows of `x` from one another before the move; float64, or float32 where `distances` gives that.
        Row `i` and column `i` are written, through any strides.
    i : int
        The point that moved; negative numbers count from the end.
    metric, threads
        As in `distances`.

    Returns
    -------
    array
        `d`, with the bits that `distances` would have given. O(n k).

    Raises
    ------
    IndexOutOfRangeError
        `i` is outside [-n, n).
    ShapeError, OptionError, DTypeError, ReadOnlyError, OverlapError, MemoryError
        As in `distances`.

    Examples
    --------
    >>> import numpy as np, bytestride as bs
    >>> points = np.array([[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]])
    >>> d = bs.distances(points)
    >>> points[0] = [6, 0]
    >>> bs.update_distances(points, d, 0)
    array([[0., 5., 8.],
           [5., 0., 5.],
           [8., 5., 0.]])
    """
    x, matrix = _points(x, "1 (x)"), as_output(d, "2 (d)")
    options = _options(metric)
    _require_matrix(x, "1 (x)")
    try:
        at = operator.index(i)
    except TypeError:
        raise errors.option_error(f"argument 3 (i) must be an int, is {type(i).__name__}") from None
    if not -x.shape[0] <= at < x.shape[0]:
        raise errors.index_error(f"argument 3 (i) is {at}, out of range for {x.shape[0]} points")
    call(_UPDATE_DISTANCES, (x, matrix), options, threads, _seconds(x.shape[0], x.shape[1]), scalars=(at,))
    return d  # type: ignore[return-value]  # the very object that was given


@overload
def squared_error(goal: ArrayLike, current: ArrayLike, /, *, weights: ArrayLike | None = None, rows: Literal[False] = False,
                  threads: int = 0) -> np.float64: ...
@overload
def squared_error(goal: ArrayLike, current: ArrayLike, /, *, weights: ArrayLike | None = None, rows: Literal[True],
                  threads: int = 0) -> NDArray[np.float64]: ...
@overload
def squared_error(goal: ArrayLike, current: ArrayLike, /, *, weights: ArrayLike | None = None, rows: bool,
                  threads: int = 0) -> np.float64 | NDArray[np.float64]: ...
@short.call(_SQUARED_ERROR, SECONDS_PER_ENTRY, "goal size", goal=short.array(), current=short.array(), weights=short.array_option,
            rows=short.by_rows, result=short.Result("scalar", dtype=np.float64))
def squared_error(goal: ArrayLike, current: ArrayLike, /, *, weights: ArrayLike | None = None, rows: bool = False,
                  threads: int = 0) -> np.float64 | NDArray[np.float64]:
    """The sum of squared differences of two arrays.

    Parameters
    ----------
    goal, current : array_like, shape (n,) or (n, m)
        bool, integers or floats, of the same shape. Integers do not wrap around: differences are formed in float64.
    weights : array_like, optional
        What each squared difference is multiplied by, of the same shape; bool, integers or floats. An entry of
        weight 0 is left out, even where it is NaN.
    rows : bool, optional
        One sum for each row of a matrix, instead of one for all.
    threads : int, optional
        At most this many threads; 0 = the library's default.

    Returns
    -------
    numpy.float64 or numpy.ndarray, shape (n,)
        ``sum(weights * (goal - current)**2)``, summed in blocks of up to 8192 entries in C order (rows of 256 and more
        begin anew), so that neither threads nor strides change a bit; the relative error is about
        (log2(entries / 8192) + 12) 2**-53. NaN and infinities propagate.

    Raises
    ------
    ShapeError
        Not 1 or 2 dimensions (2 with `rows`), or different shapes.
    DTypeError, OptionError, MemoryError
        As their names say; the message names the argument.

    Notes
    -----
    O(entries), bound by memory. The article on multidimensional scaling (compute_mds_error, mse); for a symmetric matrix
    the sum counts every pair twice.

    Examples
    --------
    >>> import bytestride as bs
    >>> goal, current = [[0, 2, 3], [2, 0, 1], [3, 1, 0]], [[0, 1, 3], [1, 0, 2], [3, 2, 0]]
    >>> float(bs.squared_error(goal, current))
    4.0
    >>> bs.squared_error(goal, current, rows=True)
    array([1., 2., 1.])
    """
    goal, current = _points(goal, "1 (goal)"), _points(current, "2 (current)")
    options = None
    if weights is not None:
        weights = _points(weights, "weights")
        capsule = weights.__array_struct__  # owns what the options point to, until the return
        options = c.bytestride_squared_error_options(weights=pointer_of(capsule, None))
    if rows and goal.ndim != 2:
        raise errors.shape_error(f"argument 1 (goal) has {goal.ndim} dimensions; one sum per row needs 2")
    result = np.empty(goal.shape[:1] if rows else ())
    call(_SQUARED_ERROR, (goal, current, result), options, threads, goal.size * SECONDS_PER_ENTRY)
    return result if rows else result[()]


def _points(value: Any, name: str) -> Array:
    array = value if type(value) is np.ndarray else as_input(value, name)
    if array.dtype not in REAL:
        require_dtype(array.dtype, name, REAL)
    return array


def _require_matrix(array, name):
    if array.ndim != 2:
        raise errors.shape_error(f"argument {name} has {array.ndim} dimensions, must have 2")


def _options(metric):
    if metric == "euclidean":
        return None  # all defaults: a short call is cheaper without
    return c.bytestride_distances_options(metric=word(metric, "metric", _METRICS))


def _natural_dtype(x, y):
    return np.dtype(np.float32 if x.dtype.char + y.dtype.char in ("ff", "fe", "ef") else np.float64)


def _seconds(count, coordinates):
    return count * (SECONDS_PER_DISTANCE + coordinates * SECONDS_PER_DIFFERENCE)
