"""What the tests of scaling share: problems, exact Guttman steps, and what a result must say about its points."""
import numpy as np
from scipy.spatial.distance import cdist

METHODS = ("sgd", "smacof", "pattern")


def problem(random, n=40, dimensions=6):
    return cdist(*[random.standard_normal((n, dimensions))] * 2)


def some_weights(random, n, missing=0.2):
    weights = np.triu(random.random((n, n)) * (random.random((n, n)) >= missing), 1)
    return weights + weights.T


def pairs(matrix):
    return matrix[np.triu_indices(len(matrix), 1)]


def stress(goal, points, weights=None):
    apart = (goal - cdist(points, points))**2
    return np.nansum(pairs(apart if weights is None else np.where(weights > 0, weights * np.nan_to_num(apart), 0)))


def exact_steps(goal, x, count, weights=None, relaxation=1.0):
    """Guttman transforms with the dense pseudo-inverse of the weights' Laplacian."""
    n = len(x)
    w = np.ones((n, n)) if weights is None else np.array(weights, float)
    w[np.isnan(goal)] = 0
    np.fill_diagonal(w, 0)
    inverse = np.linalg.pinv(np.diag(w.sum(1)) - w, hermitian=True)
    for _ in range(count):
        d = cdist(x, x)
        ratio = np.where(d > 0, w * np.nan_to_num(goal) / np.where(d > 0, d, 1), 0)
        x = x + relaxation * (inverse @ ((np.diag(ratio.sum(1)) - ratio) @ x) - x)
    return x


def assert_consistent(result, goal, weights=None):
    """What the result says about its points is so."""
    expected = stress(goal, result.points, weights)
    squares = cdist(result.points, result.points)**2 * (1 if weights is None else weights)
    squares = np.where(np.isnan(goal), 0, squares)
    assert np.isclose(result.stress, expected, rtol=1e-9, atol=1e-18)
    assert np.isclose(result.normalized_stress, np.sqrt(expected / pairs(squares).sum()), rtol=1e-6)
    assert len(result.history) == result.n_iter >= 1 and np.isclose(result.history[-1], result.stress, rtol=1e-9, atol=1e-18)
    assert type(result.stress) is float and type(result.normalized_stress) is float
    assert type(result.n_iter) is int and type(result.converged) is bool
    assert result.points.dtype == result.history.dtype == np.float64
