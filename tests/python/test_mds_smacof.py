"""SMACOF against exact Guttman steps, scikit-learn's own and an isotonic regression."""
import numpy as np
import pytest
import scipy.optimize
from scipy.spatial.distance import cdist

import bytestride as bs
from layouts import assert_same
from scaling import METHODS, assert_consistent, exact_steps, pairs, problem, some_weights


# ---- SMACOF ------------------------------------------------------------------------------------------

@pytest.mark.parametrize("n, components", [(2, 1), (3, 2), (5, 2), (8, 3), (33, 2), (64, 4), (65, 1), (100, 7), (130, 3)])
@pytest.mark.parametrize("relaxation", [1.0, 1.9, 0.5])
def test_guttman_steps(n, components, relaxation, random):
    goal, start = problem(random, n), random.standard_normal((n, components))
    before = start.copy()
    for count in (1, 2, 30):
        result = bs.mds(goal, components, method="smacof", init=start, eps=0, max_iter=count, relaxation=relaxation)
        assert np.allclose(result.points, exact_steps(goal, start, count, relaxation=relaxation), rtol=0, atol=1e-9)
        assert result.n_iter == count and not result.converged
        if relaxation == 1:
            # Where the points fit, what is left is rounding of the goal.
            assert (np.diff(result.history) <= 1e-12 * result.history[0] + 1e-28 * np.square(goal).sum()).all()
    assert_same(start, before)


@pytest.mark.parametrize("n, components", [(10, 2), (65, 3), (130, 2)])
def test_steps_of_scikit_learn(n, components, random):
    from sklearn.manifold import smacof
    goal, start = problem(random, n), random.standard_normal((n, components))
    for count in (1, 25):
        theirs, their_stress = smacof(goal, n_components=components, init=start, n_init=1, max_iter=count, eps=0, normalized_stress=False)
        ours = bs.mds(goal, components, method="smacof", init=start, max_iter=count, eps=0)
        assert np.allclose(ours.points, theirs, rtol=0, atol=1e-9)
        assert np.isclose(ours.stress, their_stress, rtol=1e-9)


@pytest.mark.parametrize("n, components", [(4, 2), (33, 2), (70, 3), (100, 5)])
def test_weighted_guttman_steps(n, components, random):
    goal, start, weights = problem(random, n), random.standard_normal((n, components)), some_weights(random, n)
    expected = exact_steps(goal, start, 20, weights)
    result = bs.mds(goal, components, method="smacof", init=start, eps=0, max_iter=20, weights=weights)
    assert np.allclose(result.points, expected, rtol=0, atol=1e-9)
    assert_consistent(result, goal, weights)
    # A pair of weight 0 is a missing pair, whatever its goal.
    holes = np.where(weights > 0, goal, np.nan)
    ones = np.where(weights > 0, weights, 1)
    assert_same(bs.mds(holes, components, method="smacof", init=start, eps=0, max_iter=20, weights=ones).points, result.points)
    # Equal weights are no weights.
    plain = bs.mds(goal, components, method="smacof", init=start, eps=0, max_iter=20)
    result = bs.mds(goal, components, method="smacof", init=start, eps=0, max_iter=20, weights=np.full((n, n), 3, np.uint8))
    assert np.allclose(result.points, plain.points, rtol=0, atol=1e-9) and np.isclose(result.stress, 3 * plain.stress)
    # Weights of very different sizes.
    weights = weights * 10.0**(-6 * pairs_symmetric(random, n))
    result = bs.mds(goal, components, method="smacof", init=start, eps=0, max_iter=5, weights=weights)
    assert np.allclose(result.points, exact_steps(goal, start, 5, weights), rtol=0, atol=1e-7)


def pairs_symmetric(random, n):
    upper = np.triu(random.random((n, n)), 1)
    return upper + upper.T


def test_parts_without_a_pair_between_them(random):
    goal, start = problem(random, 30), random.standard_normal((30, 2))
    part = np.arange(30) % 3
    holes = np.where(part[:, None] == part[None], goal, np.nan)
    holes[5], holes[:, 5] = np.nan, np.nan  # a point alone
    result = bs.mds(holes, method="smacof", init=start, eps=0, max_iter=10)
    assert np.allclose(result.points, exact_steps(holes, start, 10), rtol=0, atol=1e-9)
    for method in METHODS:
        assert np.isfinite(bs.mds(holes, method=method).points).all()
        alone = bs.mds(np.full((4, 4), np.nan), method=method)
        assert alone.stress == alone.normalized_stress == 0 and np.isfinite(alone.points).all()


def test_large_weighted_problem(random):
    """Several blocks of the factorization, on several threads."""
    goal, weights = problem(random, 300), some_weights(random, 300)
    start = random.standard_normal((300, 2))
    results = [bs.mds(goal, method="smacof", init=start, eps=0, max_iter=3, weights=weights, threads=t) for t in (1, 2, 5)]
    assert np.allclose(results[0].points, exact_steps(goal, start, 3, weights), rtol=0, atol=1e-9)
    for result in results[1:]:
        assert_same(result.points, results[0].points)


def test_stopping(random):
    goal, start = problem(random), random.random((40, 2))
    for eps in (1e-3, 1e-6):
        result = bs.mds(goal, method="smacof", init=start, eps=eps, max_iter=5000)
        full = bs.mds(goal, method="smacof", init=start, eps=0, max_iter=result.n_iter)
        assert result.converged and not full.converged
        assert_same(result.points, full.points)
        history = full.history
        squares = [pairs(cdist(x, x)**2).sum() for x in (exact_steps(goal, start, k) for k in (result.n_iter - 1, result.n_iter))]
        assert (history[-2] - history[-1]) / squares[1] < eps
        assert (history[-3] - history[-2]) / squares[0] >= eps
    assert_same(bs.mds(goal, method="smacof", init=start).points, bs.mds(goal, method="smacof", init=start, eps=1e-6, max_iter=300).points)
    result = bs.mds(goal, method="smacof", init=start, max_iter=7)
    assert result.n_iter == 7 and not result.converged


# ---- Non-metric --------------------------------------------------------------------------------------

def isotonic(goal, d, weights):
    """The disparities: one value for equal dissimilarities, then the isotonic regression of the means."""
    _, group = np.unique(goal, return_inverse=True)
    total = np.bincount(group, weights)
    means = np.bincount(group, weights * d) / total
    return scipy.optimize.isotonic_regression(means, weights=total).x[group]


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_nonmetric(ties, weighted, random):
    goal = problem(random, 30)**3
    if ties:
        goal = np.round(goal / goal.max() * 8)
    weights = some_weights(random, 30) if weighted else None
    w = pairs(np.ones((30, 30)) if weights is None else weights)
    kept = w > 0
    for method in ("auto", "smacof"):
        result = bs.mds(goal, nonmetric=True, method=method, weights=weights, max_iter=50)
        d = pairs(cdist(result.points, result.points))[kept]
        fitted = isotonic(pairs(goal)[kept], d, w[kept])
        expected = (w[kept] * (d - fitted)**2).sum()
        assert np.isclose(result.stress, expected, rtol=1e-8)
        assert np.isclose(result.normalized_stress, np.sqrt(expected / (w[kept] * d**2).sum()), rtol=1e-8)
        assert np.isclose(result.history[-1], result.stress) and len(result.history) == result.n_iter
    # The order alone counts.
    metric = bs.mds(goal, method="smacof", weights=weights, max_iter=300)
    assert result.normalized_stress < metric.normalized_stress
    other = bs.mds(np.sqrt(goal), nonmetric=True, weights=weights, max_iter=50)
    assert np.isclose(other.normalized_stress, result.normalized_stress, rtol=1e-3)


def test_nothing_apart():
    # All points belong in one place: a Guttman step leads there at once.
    points = bs.mds(np.zeros((9, 9)), 2, method="smacof", max_iter=1).points
    assert_same(points, np.zeros((9, 2)))
    # Without a metric all distances should be the same, whatever it is: the disparity is their mean.
    result = bs.mds(np.zeros((9, 9)), 2, nonmetric=True)
    d = pairs(cdist(result.points, result.points))
    assert d.min() > 0
    assert np.isclose(result.stress, ((d - d.mean())**2).sum(), rtol=1e-8)
    assert np.isclose(result.normalized_stress, np.sqrt(((d - d.mean())**2).sum() / (d**2).sum()), rtol=1e-8)


def test_nonmetric_of_a_monotone_image(random):
    x = random.standard_normal((25, 2))
    result = bs.mds(np.exp(cdist(x, x)), nonmetric=True, init="classical", max_iter=3000, eps=1e-12)
    assert result.normalized_stress < 0.01
    assert np.isfinite(bs.mds(np.zeros((5, 5)), nonmetric=True).points).all()
    assert np.isfinite(bs.mds(np.ones((5, 5)), nonmetric=True, init=np.zeros((5, 2))).points).all()
