"""Multidimensional scaling and distances with the names and arguments of scikit-learn.

::

    from bytestride.compat.sklearn import MDS, smacof          # for: from sklearn.manifold import MDS, smacof

The estimators and the checks of arguments are scikit-learn's own machinery, so this module needs it; `bytestride.mds` does not. From
the same ``init`` or ``random_state`` the same start is made, and the same Guttman transforms lead to the same points and the same
number of iterations as with scikit-learn 1.9, but for rounding. Different, and meant to be:

- distances are formed from differences, not from dot products: exact 0 for equal points, and nothing is lost far from the origin.
- ``n_jobs`` does not start processes: every start runs on the library's threads. It is looked at for one thing: with more than one
  job scikit-learn draws the starts of several ``n_init`` from other random numbers.
- negative dissimilarities are an error.
- the signs of the axes of `ClassicalMDS` make the largest coordinate of each positive, as scikit-learn's; eigenvalues below 0 give
  coordinates of 0, where scikit-learn gives NaN.

Examples
--------
>>> import numpy as np
>>> from bytestride.compat.sklearn import smacof
>>> dissimilarities = np.array([[0, 5, 3, 4], [5, 0, 2, 2], [3, 2, 0, 1], [4, 2, 1, 0]])
>>> points, stress = smacof(dissimilarities, n_components=2, init=np.eye(4, 2))
>>> points.shape, round(float(stress), 3)
((4, 2), 0.018)
"""
from __future__ import annotations

import warnings

import numpy as np

from .. import _errors as errors
from ..distance import distances as _distances
from ..distance import squared_error
from ..mds import classical_mds, mds
from ._peers import unsupported

try:
    from sklearn.base import BaseEstimator
except ImportError:  # the functions say so when they are called
    BaseEstimator = object

__all__ = ["MDS", "ClassicalMDS", "smacof", "euclidean_distances", "pairwise_distances"]

# scikit-learn's names of the metrics that the library has.
METRICS = {"euclidean": "euclidean", "l2": "euclidean", "sqeuclidean": "sqeuclidean", "cityblock": "cityblock", "manhattan": "cityblock",
           "l1": "cityblock", "chebyshev": "chebyshev"}


def _require_sklearn():
    if BaseEstimator is object:
        raise ImportError("bytestride.compat.sklearn needs scikit-learn (pip install scikit-learn); "
                          "bytestride.mds and bytestride.distances do without")


def euclidean_distances(X, Y=None, *, Y_norm_squared=None, squared=False, X_norm_squared=None):
    """The distances between the rows of two matrices, as `sklearn.metrics.pairwise.euclidean_distances`.

    Parameters
    ----------
    X : array_like, shape (n, d)
        One point per row; real numbers. Sparse matrices are an error.
    Y : array_like, shape (m, d), optional
        The other points. None: those of `X`.
    squared : bool, optional
        The squares of the distances.
    X_norm_squared, Y_norm_squared
        Not looked at: no norms are needed.

    Returns
    -------
    numpy.ndarray, shape (n, m)
        float32 for float32 points, else float64.

    Examples
    --------
    >>> from bytestride.compat.sklearn import euclidean_distances
    >>> euclidean_distances([[0, 1], [1, 1]], [[0, 0]])
    array([[1.        ],
           [1.41421356]])
    """
    return _between(X, Y, "sqeuclidean" if squared else "euclidean")


def pairwise_distances(X, Y=None, metric="euclidean", *, n_jobs=None, ensure_all_finite=True, **kwds):
    """The distances between the rows of two matrices, as `sklearn.metrics.pairwise_distances`.

    Parameters
    ----------
    X, Y
        As in `euclidean_distances`; a square matrix of distances for ``precomputed``.
    metric : {"euclidean", "l2", "sqeuclidean", "manhattan", "cityblock", "l1", "chebyshev", "precomputed"}, optional
        The others are an error that names scikit-learn's function.
    n_jobs
        Not looked at: the library has its own threads.
    ensure_all_finite : bool or "allow-nan", optional
        Whether NaN and infinities are an error.

    Returns
    -------
    numpy.ndarray, shape (n, m)
        float64; ``euclidean`` distances of float32 points are float32, as in scikit-learn.

    Examples
    --------
    >>> from bytestride.compat.sklearn import pairwise_distances
    >>> pairwise_distances([[0, 0, 0], [1, 1, 1]], [[1, 0, 0], [1, 1, 0]], metric="manhattan")
    array([[1., 2.],
           [2., 1.]])
    """
    if metric == "precomputed":
        _require_sklearn()
        from sklearn.metrics.pairwise import check_pairwise_arrays
        return check_pairwise_arrays(X, Y, precomputed=True, ensure_all_finite=ensure_all_finite)[0]
    if not isinstance(metric, str) or metric not in METRICS or kwds:
        what = f"metric {metric!r}" if not kwds else f"metric {metric!r} with arguments {sorted(kwds)}"
        raise unsupported(what, "sklearn.metrics.pairwise_distances")
    return _between(X, Y, METRICS[metric], ensure_all_finite, as_scipy=metric not in ("euclidean", "l2"))


def _between(X, Y, metric, finite=True, as_scipy=False):
    _require_sklearn()
    from sklearn.metrics.pairwise import check_pairwise_arrays
    same = Y is None or Y is X
    X, Y = check_pairwise_arrays(X, Y, ensure_all_finite=finite, dtype=np.float64 if as_scipy else None)
    return _distances(X, None if same else Y, metric=metric)


def smacof(dissimilarities, *, metric=True, n_components=2, init=None, n_init=1, n_jobs=None, max_iter=300, verbose=0, eps=1e-6,
           random_state=None, return_n_iter=False, normalized_stress="auto"):
    """Points whose distances approximate dissimilarities, by majorization, as `sklearn.manifold.smacof`.

    Parameters
    ----------
    dissimilarities : array_like, shape (n, n)
        Symmetric.
    metric : bool, optional
        False: the points follow the order of the dissimilarities alone, and those of 0 are missing.
    n_components : int, optional
        The number of coordinates; that of `init` goes before.
    init : array_like, shape (n, n_components), optional
        The start. None: random numbers.
    n_init : int, optional
        Random starts, of which the best is kept.
    n_jobs : int, optional
        See the module.
    max_iter, eps : optional
        A start ends after so many iterations, or when the stress falls by less than `eps` times the sum of squared distances.
    verbose : int, optional
        From 1 on, the number of iterations of every start is printed.
    random_state : int, RandomState or None, optional
        Where the random numbers come from.
    return_n_iter : bool, optional
        Whether the number of iterations is returned as well.
    normalized_stress : bool or "auto", optional
        Stress-1 instead of the raw stress; ``auto``: where `metric` is False.

    Returns
    -------
    points : numpy.ndarray, shape (n, n_components)
    stress : float
        The sum of squared differences over all pairs, or Stress-1.
    n_iter : int
        With `return_n_iter`.

    Examples
    --------
    >>> import numpy as np
    >>> from bytestride.compat.sklearn import euclidean_distances, smacof
    >>> X = np.array([[0, 1, 2], [1, 0, 3], [2, 3, 0]])
    >>> points, stress = smacof(euclidean_distances(X), n_components=2, n_init=1, eps=1e-6, random_state=42)
    >>> points.shape, round(float(stress), 6)
    ((3, 2), 3.2e-05)
    """
    _require_sklearn()
    from joblib import effective_n_jobs
    from sklearn.utils import check_array, check_random_state, check_symmetric
    goal = check_symmetric(check_array(dissimilarities), raise_exception=True)
    random = check_random_state(random_state)
    for name, value in (("n_components", n_components), ("n_init", n_init), ("max_iter", max_iter)):
        if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < 1:
            raise errors.option_error(f"The {name!r} parameter of smacof must be an int from 1 on. Got {value!r} instead.")
    if not eps >= 0:
        raise errors.option_error(f"The 'eps' parameter of smacof must be a float from 0 on. Got {eps!r} instead.")
    if not metric and len(goal) < 2:
        raise errors.option_error("nonmetric scaling needs 2 points at least; there is 1 sample")
    if normalized_stress == "auto":
        normalized_stress = not metric
    if init is not None:
        init = np.array(init, np.float64)
        if init.shape[0] != len(goal):
            raise errors.shape_error(f"init matrix should be of shape ({len(goal)}, {init.shape[1]})")
        if n_init != 1:
            warnings.warn(f"Explicit initial positions passed: performing only one init of the MDS instead of {n_init}", stacklevel=2)
            n_init = 1
    if effective_n_jobs(n_jobs) == 1:
        sources = [random] * n_init
    else:
        sources = [check_random_state(seed) for seed in random.randint(np.iinfo(np.int32).max, size=n_init)]
    best = None
    for source in sources:
        start = source.uniform(size=len(goal) * n_components).reshape(len(goal), n_components) if init is None else init
        run = _metric if metric else _nonmetric
        found = run(goal, start, int(max_iter), eps, normalized_stress)
        if verbose:
            print(f"smacof: {found[2]} iterations, stress {found[1]:.4f}")
        if best is None or found[1] < best[1]:
            best = found
    return best if return_n_iter else best[:2]


def _metric(goal, start, max_iter, eps, normalized):
    """Points, stress, iterations."""
    result = mds(goal, start.shape[1], method="smacof", init=start, max_iter=max_iter, eps=eps)
    return result.points, result.normalized_stress if normalized else result.stress, result.n_iter


def _nonmetric(goal, start, max_iter, eps, normalized):
    """As `_metric`, towards monotone disparities that are fitted before every Guttman transform."""
    from sklearn.isotonic import IsotonicRegression
    pairs = np.triu_indices(len(goal), 1)
    given = goal[pairs] != 0
    order = goal[pairs][given]
    # Out of bounds can only be what rounding has put there.
    fit = IsotonicRegression(out_of_bounds="clip")
    disparities, values = np.zeros(goal.shape), np.zeros(len(given))
    points, old = start, None
    distances = _distances(points)
    for iteration in range(max_iter):
        # The first ones are the dissimilarities themselves, as in scikit-learn.
        values[given] = fit.fit_transform(order, distances[pairs][given]) if iteration else order
        values *= np.sqrt(len(values) / np.sum(values**2))
        disparities[pairs] = values
        disparities.T[pairs] = values
        points = mds(disparities, points.shape[1], method="smacof", init=points, max_iter=1, eps=0).points
        distances = _distances(points)
        stress = float(squared_error(distances, disparities) / 2)
        squares = float(np.sum(distances**2) / 2)
        if old is not None and (old - stress) / squares < eps:
            break
        old = stress
    return points, float(np.sqrt(stress / squares)) if normalized else stress, iteration + 1


class _Scaling(BaseEstimator):
    """What both estimators do with their input."""

    def __init__(self):
        _require_sklearn()

    def fit(self, X, y=None):
        """Computes the points.

        Parameters
        ----------
        X : array_like, shape (n, d), or (n, n) for ``metric="precomputed"``
            One point per row, or the dissimilarities.
        y
            Not looked at.

        Returns
        -------
        self
        """
        self.fit_transform(X)
        return self

    def _validated(self, X):
        """The parameters and the input, checked as scikit-learn checks its own."""
        _require_sklearn()
        import sklearn.manifold
        from sklearn.utils.validation import validate_data
        peer = getattr(sklearn.manifold, type(self).__name__, None)
        constraints = getattr(peer, "_parameter_constraints", {})
        if set(constraints) >= set(self.get_params()):  # else scikit-learn is older than these parameters
            from sklearn.utils._param_validation import validate_parameter_constraints
            validate_parameter_constraints(constraints, self.get_params(deep=False), caller_name=type(self).__name__)
        return validate_data(self, X)

    def _dissimilarities(self, X, metric):
        if metric == "precomputed":
            from sklearn.utils import check_symmetric
            from sklearn.utils.validation import check_non_negative
            if isinstance(self, MDS):
                check_non_negative(X, "MDS")
            return check_symmetric(X, raise_exception=True)
        parameters = self.metric_params or {}
        if not parameters and isinstance(metric, str) and metric in METRICS:
            return pairwise_distances(X, metric=metric)
        from sklearn import metrics  # a metric that the library does not have: the scaling is most of the work
        return metrics.pairwise_distances(X, metric=metric, **parameters)


class MDS(_Scaling):
    """Multidimensional scaling as an estimator, as `sklearn.manifold.MDS` of scikit-learn 1.9.

    Parameters
    ----------
    n_components : int, optional
        The number of coordinates.
    metric_mds : bool, optional
        As `metric` of `smacof`.
    n_init, max_iter, verbose, eps, n_jobs, random_state, normalized_stress : optional
        As in `smacof`.
    init : {"random", "classical_mds"}, optional
        Where the points begin. Without it a warning says that scikit-learn's default is going to change.
    dissimilarity : {"euclidean", "precomputed"}, optional
        The former name of `metric`, with a warning.
    metric : str or callable, optional
        How dissimilarities are made of points: ``precomputed``, or what `sklearn.metrics.pairwise_distances` takes.
    metric_params : dict, optional
        Further arguments of the metric.

    Attributes
    ----------
    embedding_ : numpy.ndarray, shape (n, n_components)
        The points.
    stress_ : float
        As of `smacof`.
    dissimilarity_matrix_ : numpy.ndarray, shape (n, n)
        What the distances of the points approximate.
    n_iter_ : int
        Iterations of the best start.
    n_features_in_ : int
        Columns of the input; `feature_names_in_` are their names, where it has some.

    Examples
    --------
    >>> import numpy as np
    >>> from bytestride.compat.sklearn import MDS
    >>> corners = np.array([[0.0, 0.0], [0.0, 3.0], [4.0, 0.0], [4.0, 3.0]])
    >>> scaling = MDS(n_components=2, init="classical_mds").fit(corners)
    >>> scaling.embedding_.shape, abs(round(scaling.stress_, 6))
    ((4, 2), 0.0)
    """

    def __init__(self, n_components=2, *, metric_mds=True, n_init=1, init="warn", max_iter=300, verbose=0, eps=1e-6, n_jobs=None,
                 random_state=None, dissimilarity="deprecated", metric="euclidean", metric_params=None, normalized_stress="auto"):
        super().__init__()
        self.n_components = n_components
        self.metric_mds = metric_mds
        self.n_init = n_init
        self.init = init
        self.max_iter = max_iter
        self.verbose = verbose
        self.eps = eps
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.dissimilarity = dissimilarity
        self.metric = metric
        self.metric_params = metric_params
        self.normalized_stress = normalized_stress

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.pairwise = "precomputed" in (self.dissimilarity, self.metric)
        tags.input_tags.positive_only = tags.input_tags.pairwise
        return tags

    def fit(self, X, y=None, init=None):
        """Computes the points.

        Parameters
        ----------
        X : array_like, shape (n, d), or (n, n) for ``metric="precomputed"``
            One point per row, or the dissimilarities.
        y
            Not looked at.
        init : array_like, shape (n, n_components), optional
            The start; goes before the parameter of that name.

        Returns
        -------
        self
        """
        self.fit_transform(X, init=init)
        return self

    def fit_transform(self, X, y=None, init=None):
        """Computes the points and returns them; the parameters are those of `fit`.

        Returns
        -------
        numpy.ndarray, shape (n, n_components)
        """
        metric, metric_mds = self._metrics()
        X = self._validated(X)
        if X.shape[0] == X.shape[1] and metric != "precomputed":
            warnings.warn("The provided input is a square matrix. Note that ``fit`` constructs a dissimilarity matrix from data and "
                          "will treat rows as samples and columns as features. To use a pre-computed dissimilarity matrix, set "
                          "``metric='precomputed'``.", stacklevel=2)
        self.dissimilarity_matrix_ = self._dissimilarities(X, metric)
        if self.init == "warn":
            warnings.warn("The default value of `init` will change from 'random' to 'classical_mds' in scikit-learn 1.10. "
                          "To suppress this warning, provide some value of `init`.", FutureWarning, stacklevel=2)
        if init is None and self.init == "classical_mds":
            init = ClassicalMDS(n_components=self.n_components, metric="precomputed").fit_transform(self.dissimilarity_matrix_)
        self.embedding_, self.stress_, self.n_iter_ = smacof(
            self.dissimilarity_matrix_, metric=metric_mds, n_components=self.n_components, init=init, n_init=self.n_init,
            n_jobs=self.n_jobs, max_iter=self.max_iter, verbose=self.verbose, eps=self.eps, random_state=self.random_state,
            return_n_iter=True, normalized_stress=self.normalized_stress)
        return self.embedding_

    def _metrics(self):
        """`metric` and `metric_mds`, of which scikit-learn 1.7 had other names."""
        metric, metric_mds = self.metric, self.metric_mds
        if isinstance(metric, bool):
            warnings.warn(f"Use metric_mds={metric} instead of metric={metric}. The support for metric={{True/False}} will be dropped "
                          "in scikit-learn 1.10.", FutureWarning, stacklevel=3)
            metric, metric_mds = "euclidean", metric
        if self.dissimilarity != "deprecated":
            if metric != "euclidean":
                raise errors.option_error("You provided both `dissimilarity` and `metric`. Please use only `metric`.")
            warnings.warn("The `dissimilarity` parameter is deprecated and will be removed in scikit-learn 1.10. Use `metric` instead.",
                          FutureWarning, stacklevel=3)
            metric = self.dissimilarity
        return metric, metric_mds


class ClassicalMDS(_Scaling):
    """Classical scaling as an estimator, as `sklearn.manifold.ClassicalMDS`.

    Parameters
    ----------
    n_components : int, optional
        The number of coordinates.
    metric, metric_params : optional
        As in `MDS`.

    Attributes
    ----------
    embedding_ : numpy.ndarray, shape (n, n_components)
        The points.
    eigenvalues_ : numpy.ndarray, shape (n_components,)
        The largest eigenvalues of the centred matrix, falling.
    dissimilarity_matrix_, n_features_in_
        As in `MDS`.

    Examples
    --------
    >>> import numpy as np
    >>> from bytestride.compat.sklearn import ClassicalMDS
    >>> corners = np.array([[0.0, 0.0], [0.0, 3.0], [4.0, 0.0], [4.0, 3.0]])
    >>> np.round(ClassicalMDS().fit(corners).eigenvalues_, 6)
    array([16.,  9.])
    """

    def __init__(self, n_components=2, *, metric="euclidean", metric_params=None):
        super().__init__()
        self.n_components = n_components
        self.metric = metric
        self.metric_params = metric_params

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.pairwise = self.metric == "precomputed"
        return tags

    def fit_transform(self, X, y=None):
        """Computes the points and returns them; the parameters are those of `fit`.

        Returns
        -------
        numpy.ndarray, shape (n, n_components)
        """
        X = self._validated(X)
        self.dissimilarity_matrix_ = self._dissimilarities(X, self.metric)
        count = min(self.n_components, len(self.dissimilarity_matrix_))
        self.embedding_, self.eigenvalues_ = classical_mds(self.dissimilarity_matrix_, count)
        return self.embedding_
