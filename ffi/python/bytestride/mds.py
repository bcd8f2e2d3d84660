"""Multidimensional scaling: points whose distances approximate given dissimilarities."""
from __future__ import annotations

import ctypes
import math
import operator
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from . import _errors as errors
from . import _generated as c
from ._arrays import REAL, as_input, require_dtype
from ._call import call, word
from ._library import ENTRIES, pointer_of

if TYPE_CHECKING:
    from ._typing import Array, ArrayLike, Progress

SECONDS_PER_PAIR = 3e-10  # and iteration, in the best case
MOST_HISTORY = 10**7      # entries; longer runs keep the first ones

_MDS, _CLASSICAL_MDS = ENTRIES["mds"], ENTRIES["classical_mds"]
_METHODS = {
    "auto": c.BYTESTRIDE_METHOD_AUTO,
    "sgd": c.BYTESTRIDE_METHOD_SGD,
    "smacof": c.BYTESTRIDE_METHOD_SMACOF,
    "pattern": c.BYTESTRIDE_METHOD_PATTERN,
}
_INITS = {"random": c.BYTESTRIDE_INIT_RANDOM, "classical": c.BYTESTRIDE_INIT_CLASSICAL}
_ITERATIONS = {"sgd": 30, "smacof": 300, "pattern": 1000}

Method = Literal["auto", "sgd", "smacof", "pattern"]
Init = Literal["random", "classical"]


class MDSResult(NamedTuple):
    """What `mds` returns.

    Attributes
    ----------
    points : numpy.ndarray, shape (n, n_components)
        One point per row, float64.
    stress : float
        The sum over i < j of w (goal - distance)**2, recomputed from `points`.
    normalized_stress : float
        Stress-1, ``sqrt(stress / sum of w distance**2)``: 0 is perfect, 0.2 is poor.
    n_iter : int
        Iterations of the start that was kept: epochs, Guttman transforms or sweeps.
    converged : bool
        Whether a stopping rule was met before `max_iter`.
    history : numpy.ndarray, shape (n_iter,)
        The stress after each iteration.
    """

    points: Array
    stress: float
    normalized_stress: float
    n_iter: int
    converged: bool
    history: Array


def mds(dissimilarities: ArrayLike, /, n_components: int = 2, *, method: Method = "auto", init: Init | ArrayLike = "random",
        weights: ArrayLike | None = None,
        nonmetric: bool = False, n_init: int = 1, max_iter: int | None = None, eps: float | None = None, random_state: int = 0,
        radius: float = 1.0, min_radius: float = 1e-3, shrink_tol: float = 1e-4, explore: float = 1.0, sample: float = 1.0,
        greedy: bool = False, relaxation: float = 1.0, progress: Progress | None = None,
        threads: int = 0) -> MDSResult:
    """Points whose distances approximate given dissimilarities.

    Parameters
    ----------
    dissimilarities : array_like, shape (n, n)
        bool, integers or floats; symmetric within 1e-10 of the largest entry, not negative, finite. NaN: a missing pair. The
        diagonal is ignored.
    n_components : int, optional
        The number of coordinates of each point, at least 1.
    method : {"auto", "sgd", "smacof", "pattern"}, optional
        ``sgd``, stochastic gradient descent over the pairs, is fast and finds good minima. ``smacof`` is majorization by Guttman
        transforms. ``pattern`` is the pattern search of the article: every point in turn makes the best step along an axis.
        ``auto`` is ``sgd``, or ``smacof`` when `nonmetric`.
    init : {"random", "classical"} or array_like of shape (n, n_components), optional
        Where the points begin: uniform in [0, 1) (and, but for ``pattern``, brought to the size of the dissimilarities),
        at the result of `classical_mds`, or at given places, which are not modified.
    weights : array_like, shape (n, n), optional
        Symmetric, not negative; a pair of weight 0 is missing.
    nonmetric : bool, optional
        The points follow the order of the dissimilarities alone: the stress is against the least-squares monotone disparities, for
        which pairs of equal dissimilarity have equal disparities. For ``smacof`` only.
    n_init : int, optional
        Random starts, of which the best is kept. Other starts are made once.
    max_iter : int, optional
        None: 30 for ``sgd``, 300 for ``smacof``, 1000 for ``pattern`` (which makes at most one more).
    eps : float, optional
        ``sgd`` and ``smacof`` stop when (old stress - new stress) / sum of w distance**2 falls below it. None: 1e-6; 0: never.
    random_state : int, optional
        The seed of whatever is random; the result depends on nothing else.
    radius, min_radius, shrink_tol : float, optional
        ``pattern``: the first step; the step at which it stops (0: never); the gain of a sweep, relative to the stress, below
        which the step is halved.
    explore, sample : float, optional
        ``pattern``: the share of the directions that are tried, and of the points that are moved in a sweep; in (0, 1].
    greedy : bool, optional
        ``pattern``: moves only where that lowers the stress. Plain pattern search makes the best step even if it raises it.
    relaxation : float, optional
        ``smacof``: the step as a multiple of the Guttman transform's, in (0, 2); 1 is plain, 1.9 needs about half as
        many iterations.
    progress : callable, optional
        Called about 20 times a second as ``progress(done, total)``, in iterations, and once more at the end. What it raises
        stops the call.
    threads : int, optional
        At most this many threads; 0 = the library's default. The result does not depend on it.

    Returns
    -------
    MDSResult
        ``points``, ``stress``, ``normalized_stress``, ``n_iter``, ``converged``, ``history``.

    Raises
    ------
    OptionError
        Asymmetric, negative or infinite dissimilarities or weights, a start with NaN, an unknown word, a number out
        of range, `nonmetric` with ``sgd`` or ``pattern``, a missing pair with ``init="classical"``.
    ShapeError
        A matrix that is not square, `weights` or `init` of another shape.
    DTypeError, MemoryError
        As their names say; the message names the argument.

    Notes
    -----
    O(n**2 n_components) per iteration; O(n**2) memory. Weighted ``smacof`` factors a matrix of n rows first, O(n**3). Ctrl-C stops
    long calls. Pattern search: the article on multidimensional scaling; Paraskevopoulos et al. 2018. ``smacof``: de Leeuw 1977.
    ``sgd``: Zheng, Pawar, Goodman, IEEE TVCG 25 (2019).

    Examples
    --------
    >>> import numpy as np, bytestride as bs
    >>> corners = np.array([[0, 0], [0, 3], [4, 0], [4, 3]])
    >>> result = bs.mds(bs.distances(corners), method="smacof", init="classical")
    >>> np.round(bs.distances(result.points), 3)
    array([[0., 3., 4., 5.],
           [3., 0., 5., 4.],
           [4., 5., 0., 3.],
           [5., 4., 3., 0.]])
    >>> result.converged, result.n_iter == len(result.history)
    (True, True)
    """
    goal = _matrix(dissimilarities, "1 (dissimilarities)")
    components = _count(n_components, "n_components")
    options = c.bytestride_mds_options(
        method=word(method, "method", _METHODS),
        nonmetric=bool(nonmetric),
        n_init=_count(n_init, "n_init"),
        max_iter=0 if max_iter is None else _count(max_iter, "max_iter"),
        eps=0.0 if eps is None else _rule(eps, "eps"),
        random_state=_seed(random_state),
        radius=_number(radius, "radius"),
        min_radius=_rule(min_radius, "min_radius"),
        shrink_tol=_rule(shrink_tol, "shrink_tol"),
        explore=_number(explore, "explore"),
        sample=_number(sample, "sample"),
        greedy=bool(greedy),
        relaxation=_number(relaxation, "relaxation"))
    points = np.zeros((goal.shape[0], components))
    _set_init(options, init, points)
    if weights is not None:
        weights = _matrix(weights, "weights")
        capsule = weights.__array_struct__  # owns what the options point to, until the return
        options.weights = pointer_of(capsule, None)
    if progress is not None and not callable(progress):
        raise errors.option_error(f"argument progress must be callable or None, is {type(progress).__name__}")
    if method == "auto":
        method = "smacof" if nonmetric else "sgd"
    iterations = options.max_iter or _ITERATIONS[method]
    history = np.empty(min(iterations + 1, MOST_HISTORY))
    told = c.bytestride_mds_result(size=ctypes.sizeof(c.bytestride_mds_result))
    seconds = goal.size * SECONDS_PER_PAIR * iterations * options.n_init
    call(_MDS, (goal, points, history), options, threads, seconds, progress, scalars=(ctypes.addressof(told),))
    return MDSResult(points, told.stress, told.normalized_stress, told.n_iter, bool(told.converged), history[:told.n_iter].copy())


def classical_mds(dissimilarities: ArrayLike, /, n_components: int = 2, *, threads: int = 0) -> tuple[Array, Array]:
    """Classical (Torgerson) scaling.

    Parameters
    ----------
    dissimilarities : array_like, shape (n, n)
        As in `mds`, without missing pairs.
    n_components : int, optional
        The number of coordinates of each point, from 1 to n.
    threads : int, optional
        At most this many threads; 0 = the library's default.

    Returns
    -------
    points : numpy.ndarray, shape (n, n_components)
        The eigenvectors of the double-centred squared dissimilarities for its largest eigenvalues, times the root of the
        eigenvalue (0 for a negative one). The largest entry by magnitude of each column is positive.
    eigenvalues : numpy.ndarray, shape (n_components,)
        The largest eigenvalues, falling.

    Raises
    ------
    OptionError
        Asymmetric, negative, infinite or missing dissimilarities.
    ShapeError
        A matrix that is not square or is empty, more components than points.
    DTypeError, MemoryError
        As their names say; the message names the argument.

    Notes
    -----
    O(n**2 n_components) per step of a subspace iteration; O(n**2) memory. Exact distances of points give the points back, but for
    rotation, reflection and translation. Torgerson, Psychometrika 17 (1952).

    Examples
    --------
    >>> import numpy as np, bytestride as bs
    >>> points, eigenvalues = bs.classical_mds([[0, 3, 4, 5], [3, 0, 5, 4], [4, 5, 0, 3], [5, 4, 3, 0]])
    >>> np.round(eigenvalues, 6)
    array([16.,  9.])
    >>> np.round(bs.distances(points[:2], points[2:]), 6)
    array([[4., 5.],
           [5., 4.]])
    """
    goal = _matrix(dissimilarities, "1 (dissimilarities)")
    components = _count(n_components, "n_components")
    if components > goal.shape[0]:
        raise errors.shape_error(f"argument 2 (n_components) is {components}, at most one per point, {goal.shape[0]}, is possible")
    points, eigenvalues = np.zeros((goal.shape[0], components)), np.zeros(components)
    call(_CLASSICAL_MDS, (goal, points, eigenvalues), None, threads, goal.size * components * 3e-9)
    return points, eigenvalues


def _matrix(value: Any, name: str) -> Array:
    array = as_input(value, name)
    require_dtype(array.dtype, name, REAL)
    if array.ndim != 2:
        raise errors.shape_error(f"argument {name} has {array.ndim} dimensions, must have 2")
    return array


def _count(value, name):
    """An int from 1 on."""
    try:
        count = operator.index(value)
    except TypeError:
        raise errors.option_error(f"argument {name} must be an int, is {type(value).__name__}") from None
    if not 1 <= count < 2**62:
        raise errors.option_error(f"argument {name} must be at least 1, is {count}")
    return count


def _number(value, name):
    """A positive number; the library knows its upper bound."""
    try:
        number = math.nan if isinstance(value, (str, bytes)) else float(value)
    except (TypeError, ValueError, OverflowError):
        raise errors.option_error(f"argument {name} must be a number, is {value!r}") from None
    if not number > 0:
        raise errors.option_error(f"argument {name} must be above 0, is {value!r}")
    return number


def _rule(value, name):
    """The number of a stopping rule as the library takes it: 0 switches it off, which there a negative number does."""
    if isinstance(value, (int, float)) and value == 0:
        return -1.0
    return _number(value, name)


def _seed(value):
    try:
        seed = operator.index(value)
    except TypeError:
        raise errors.option_error(f"argument random_state must be an int, is {type(value).__name__}") from None
    if not -2**63 <= seed < 2**63:
        raise errors.option_error(f"argument random_state must fit 64 bits, is {seed}")
    return seed


def _set_init(options, init, points):
    if isinstance(init, str):
        options.init = word(init, "init", _INITS)
        return
    start = _matrix(init, "init")
    if start.shape != points.shape:
        raise errors.shape_error(f"argument init has shape {start.shape}, must have {points.shape}")
    if not np.isfinite(start).all():
        raise errors.option_error("argument init holds NaN or infinities")
    points[...] = start
    options.init = c.BYTESTRIDE_INIT_GIVEN
