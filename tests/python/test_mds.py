"""Multidimensional scaling against published values, exact Guttman steps, an isotonic regression and dense eigenvectors."""
import numpy as np
import pytest
import scipy.optimize
from scipy.spatial.distance import cdist

import bytestride as bs
import pattern_search
from layouts import REAL, assert_same, place
from programs import run_python

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


# ---- Pattern search ----------------------------------------------------------------------------------

# Points of RandomState(42).rand(n, dimensions), start RandomState(1).rand(n, components): sweeps and stress of the published program.
PUBLISHED = [(100, 10, 2, 1, 31, 931.4684), (500, 10, 2, 1, 37, 27061.8982), (1000, 10, 3, 1, 53, 58524.4729), (1000, 3, 2, 16, 42, 15054.7108),
             (2000, 10, 3, 1, 59, 243094.6067)]


@pytest.mark.parametrize("n, dimensions, components, radius, sweeps, expected", PUBLISHED)
def test_pattern_published(n, dimensions, components, radius, sweeps, expected):
    x = np.random.RandomState(42).rand(n, dimensions)
    start = np.random.RandomState(1).rand(n, components)
    result = bs.mds(cdist(x, x), components, method="pattern", init=start, radius=radius)
    assert result.n_iter == sweeps and result.converged
    assert abs(result.stress - expected) < 1e-4
    assert_consistent(result, cdist(x, x))


@pytest.mark.parametrize("components", [1, 2, 3, 4, 5, 9])
@pytest.mark.parametrize("greedy", [False, True])
def test_pattern_moves(components, greedy, random):
    """Point by point as in the published schedule, with and without weights and missing pairs."""
    goal, start = problem(random, 23), random.random((23, components))
    weights, holes = some_weights(random, 23), goal.copy()
    holes[np.triu(random.random((23, 23)) < 0.2, 1)] = np.nan
    holes += 0 * holes.T
    for g, w in ((goal, None), (goal, weights), (holes, None), (holes, weights)):
        expected, error, errors = pattern_search.search(g, start, max_iter=12, weights=w, greedy=greedy)
        result = bs.mds(g, components, method="pattern", init=start, max_iter=12, weights=w, greedy=greedy)
        assert result.n_iter == len(errors) == 13 and not result.converged
        assert np.allclose(result.points, expected, rtol=0, atol=1e-12)
        assert np.allclose(result.history, errors, rtol=1e-9)
        assert_consistent(result, g, w)


def test_pattern_rules(random):
    goal, start = problem(random, 20), random.random((20, 2))
    for keywords in ({"radius": 4.0}, {"min_radius": 0.1}, {"shrink_tol": 0.0}, {"shrink_tol": 0.01}, {"min_radius": 0, "max_iter": 60}):
        expected, error, errors = pattern_search.search(goal, start, **{"max_iter": 1000, **keywords})
        result = bs.mds(goal, method="pattern", init=start, **keywords)
        assert result.n_iter == len(errors) and np.isclose(result.stress, error)
        assert result.converged == ("max_iter" not in keywords)
    for k in (1, 2, 5):
        assert bs.mds(goal, method="pattern", init=start, max_iter=k, min_radius=0).n_iter == k + 1


def test_pattern_shares(random):
    goal = problem(random, 60)
    plain = bs.mds(goal, method="pattern")
    for keywords in ({"explore": 0.5}, {"sample": 0.3}, {"explore": 0.7, "sample": 0.7}, {"explore": 1e-9}, {"sample": 1e-9}):
        result = bs.mds(goal, method="pattern", **keywords)
        assert_consistent(result, goal)
        assert_same(result.points, bs.mds(goal, method="pattern", **keywords).points)
        assert not np.array_equal(result.points, plain.points)
    assert bs.mds(goal, method="pattern", explore=0.5).stress < 1.5 * plain.stress


def test_pattern_from_the_solution(random):
    """It moves, since moves are unconditional, and ends nearby."""
    x = random.random((30, 2))
    result = bs.mds(cdist(x, x), method="pattern", init=x)
    assert 0 < result.stress < 30 * 30 * 1e-6
    assert bs.mds(cdist(x, x), method="pattern", init=x, greedy=True).stress < 1e-25


def test_pattern_of_coinciding_points():
    """All directions are equal: the first counts."""
    goal = np.ones((3, 3)) - np.eye(3)
    expected, error, errors = pattern_search.search(goal, np.zeros((3, 2)))
    result = bs.mds(goal, method="pattern", init=np.zeros((3, 2)))
    assert result.n_iter == len(errors) and np.isclose(result.stress, error, rtol=1e-9)
    assert np.allclose(result.points, expected)


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


def test_nonmetric_of_a_monotone_image(random):
    x = random.standard_normal((25, 2))
    result = bs.mds(np.exp(cdist(x, x)), nonmetric=True, init="classical", max_iter=3000, eps=1e-12)
    assert result.normalized_stress < 0.01
    assert np.isfinite(bs.mds(np.zeros((5, 5)), nonmetric=True).points).all()
    assert np.isfinite(bs.mds(np.ones((5, 5)), nonmetric=True, init=np.zeros((5, 2))).points).all()


# ---- Stochastic gradient descent ---------------------------------------------------------------------

@pytest.mark.parametrize("n", [2, 3, 4, 5, 8, 17, 40, 41, 97])
@pytest.mark.parametrize("components", [1, 2, 3, 5])
def test_sgd_finds_exact_points(n, components, random):
    """Distances of points in as many dimensions are rebuilt (on a line only up to the order of the points)."""
    x = random.standard_normal((n, components))
    result = bs.mds(cdist(x, x), components, n_init=10 if components > 1 else 1, max_iter=100, eps=1e-12)
    assert_consistent(result, cdist(x, x))
    if components > 1:
        assert result.normalized_stress < 1e-3


@pytest.mark.parametrize("seed", range(3))
def test_sgd_is_as_good_as_the_best(seed, random):
    goal = problem(random, 200)
    best = min(bs.mds(goal, init="classical", method="smacof", max_iter=3000, eps=1e-10).stress,
               bs.mds(goal, method="smacof", n_init=5, random_state=seed, max_iter=1000).stress)
    assert bs.mds(goal, n_init=10, random_state=seed).stress < 1.01 * best


def test_sgd_with_weights_and_missing_pairs(random):
    x = random.standard_normal((60, 2))
    goal = cdist(x, x)
    weights = some_weights(random, 60, missing=0.5)
    result = bs.mds(goal, weights=weights, max_iter=200, eps=0, n_init=5)
    assert_consistent(result, goal, weights)
    assert result.normalized_stress < 1e-3
    holes = np.where(weights > 0, goal, np.nan)
    result = bs.mds(holes, max_iter=200, n_init=5)
    assert_consistent(result, holes)
    assert result.normalized_stress < 1e-3
    assert np.allclose(cdist(result.points, result.points), goal, atol=0.05)


def test_auto(random):
    goal = problem(random)
    assert_same(bs.mds(goal).points, bs.mds(goal, method="sgd").points)
    assert bs.mds(goal).converged


# ---- Starts ------------------------------------------------------------------------------------------

@pytest.mark.parametrize("method", METHODS)
def test_starts(method, random):
    goal = problem(random)
    one, other = bs.mds(goal, method=method), bs.mds(goal, method=method, random_state=1)
    assert_consistent(one, goal)
    assert_same(one.points, bs.mds(goal, method=method, random_state=0).points)
    assert not np.array_equal(one.points, other.points)
    many = bs.mds(goal, method=method, n_init=8)
    assert_consistent(many, goal)
    assert many.stress <= one.stress
    assert_same(many.points, bs.mds(goal, method=method, n_init=8).points)
    classical = bs.mds(goal, method=method, init="classical")
    assert_consistent(classical, goal)
    given = bs.mds(goal, method=method, init=bs.classical_mds(goal)[0])
    assert np.allclose(classical.points, given.points, atol=1e-6)
    assert_same(bs.mds(goal, method=method, init=bs.classical_mds(goal)[0], n_init=3).points, given.points)


@pytest.mark.parametrize("method", METHODS)
def test_start_given(method, layout, random):
    goal, start = problem(random, 20), random.standard_normal((20, 3))
    expected = bs.mds(goal, 3, method=method, init=start)
    given = place(start, layout)
    assert_same(bs.mds(goal, 3, method=method, init=given).points, expected.points)
    assert_same(given, start)
    given.flags.writeable = False
    bs.mds(goal, 3, method=method, init=given)
    assert_same(bs.mds(goal, 3, method=method, init=start.tolist()).points, expected.points)


@pytest.mark.parametrize("method", METHODS)
def test_threads_do_not_change_a_bit(method, random):
    goal = problem(random, 700)
    weights = some_weights(random, 700)
    for w in (None, weights):
        results = [bs.mds(goal, method=method, max_iter=3, n_init=2, weights=w, threads=threads) for threads in (1, 2, 5)]
        for result in results[1:]:
            assert_same(result.points, results[0].points)
            assert_same(result.history, results[0].history)
            assert result[1:5] == results[0][1:5]


@pytest.mark.parametrize("method", METHODS)
def test_layouts(method, layout, random):
    goal, weights = problem(random, 21), some_weights(random, 21)
    expected = bs.mds(goal, method=method, weights=weights)
    result = bs.mds(place(goal, layout), method=method, weights=place(weights, layout))
    assert_same(result.points, expected.points)


@pytest.mark.parametrize("dtype", REAL, ids=str)
def test_dtypes(dtype, random):
    goal = np.triu(random.integers(1, 100, (20, 20)), 1)
    goal = (goal + goal.T).astype(dtype)
    for keywords in ({}, {"method": "smacof"}, {"weights": goal}):
        wide = {name: np.asarray(value, float) if name == "weights" else value for name, value in keywords.items()}
        assert_same(bs.mds(goal, **keywords).points, bs.mds(goal.astype(float), **wide).points)
    assert_same(bs.classical_mds(goal)[0], bs.classical_mds(goal.astype(float))[0])


# ---- Edges -------------------------------------------------------------------------------------------

@pytest.mark.parametrize("method", METHODS)
def test_few_points(method):
    for n in (0, 1):
        result = bs.mds(np.zeros((n, n)), method=method)
        assert result.points.shape == (n, 2) and result.stress == result.normalized_stress == 0
        assert np.isfinite(result.points).all() and len(result.history) == result.n_iter
    for components in (1, 2, 5):
        result = bs.mds([[0, 3.0], [3.0, 0]], components, method=method, max_iter=100)
        assert abs(cdist(result.points, result.points)[0, 1] - 3) < 0.02 and result.points.shape == (2, components)
        result = bs.mds(np.ones((3, 3)), components, method=method, n_init=3, max_iter=200)
        assert result.points.shape == (3, components)
        if components > 1:
            assert np.allclose(pairs(cdist(result.points, result.points)), 1, atol=0.02)


@pytest.mark.parametrize("method", METHODS)
def test_zero_dissimilarities_and_coinciding_points(method, random):
    result = bs.mds(np.zeros((6, 6)), method=method)
    assert np.isfinite(result.points).all() and np.isfinite(result.stress) and np.isfinite(result.normalized_stress)
    twice = np.repeat(random.standard_normal((5, 2)), 2, axis=0)
    result = bs.mds(cdist(twice, twice), method=method, init=twice)
    assert np.isfinite(result.points).all() and result.stress < 1e-3
    assert np.isfinite(bs.mds(problem(random, 9), method=method, init=np.zeros((9, 2))).points).all()


@pytest.mark.parametrize("method", ["sgd", "smacof"])
@pytest.mark.parametrize("exponent", [-300, -20, 20, 300])
def test_scales(method, exponent, random):
    """Powers of two change no digit."""
    goal, scale = problem(random, 30), 2.0**exponent
    plain, scaled = bs.mds(goal, method=method), bs.mds(goal * scale, method=method)
    assert_same(scaled.points, plain.points * scale)
    assert scaled.normalized_stress == plain.normalized_stress


def test_the_diagonal_is_ignored(random):
    goal = problem(random, 15)
    for value in (7.0, -1.0, np.nan, np.inf):
        other = goal.copy()
        np.fill_diagonal(other, value)
        for method in METHODS:
            assert_same(bs.mds(other, method=method).points, bs.mds(goal, method=method).points)
        assert_same(bs.classical_mds(other)[0], bs.classical_mds(goal)[0])


# ---- Classical scaling -------------------------------------------------------------------------------

def dense_classical(goal, components):
    n = len(goal)
    centring = np.eye(n) - 1 / n
    values, vectors = np.linalg.eigh(-0.5 * centring @ goal**2 @ centring)
    values, vectors = values[::-1][:components], vectors[:, ::-1][:, :components]
    vectors = vectors * np.sign(vectors[np.abs(vectors).argmax(0), range(components)])
    return vectors * np.sqrt(np.maximum(values, 0)), values


@pytest.mark.parametrize("n, components", [(2, 1), (3, 2), (7, 3), (50, 2), (160, 4), (161, 2), (250, 3), (250, 9), (250, 60), (400, 2)])
def test_classical(n, components, random):
    """Distances of other points than Euclidean ones, so that eigenvalues are of both signs."""
    x = random.standard_normal((n, 12)) * 0.7**np.arange(12)
    goal = cdist(x, x, "cityblock")
    points, values = bs.classical_mds(goal, components)
    expected, expected_values = dense_classical(goal, components)
    assert np.allclose(values, expected_values, rtol=0, atol=1e-11 * expected_values[0])
    assert (np.diff(values) <= 0).all()
    wanted = min(components, 3)
    assert np.allclose(points[:, :wanted], expected[:, :wanted], rtol=0, atol=1e-7 * np.abs(expected).max())
    assert (points[np.abs(points).argmax(0), range(components)] >= 0).all()


def test_classical_gives_points_back(random):
    for n in (6, 300):
        x = random.standard_normal((n, 3))
        points, values = bs.classical_mds(cdist(x, x), 3)
        assert np.allclose(cdist(points, points), cdist(x, x), rtol=0, atol=1e-9)
        points, values = bs.classical_mds(cdist(x, x), 5)
        assert np.abs(values[3:]).max() < 1e-9 * values[0]
        assert np.abs(points[:, 3:]).max() < 1e-3


def test_classical_of_equal_eigenvalues():
    """All points equally far apart: every eigenvalue but one is the same."""
    for n in (4, 200):
        points, values = bs.classical_mds(np.ones((n, n)), 3)
        assert np.allclose(values, 0.5)
        assert np.allclose(points.T @ points, 0.5 * np.eye(3), atol=1e-10)


def test_classical_of_close_eigenvalues(random):
    """A random matrix, with eigenvalues that crowd together."""
    upper = np.triu(random.random((300, 300)), 1)
    goal = upper + upper.T
    points, values = bs.classical_mds(goal, 4)
    expected, expected_values = dense_classical(goal, 4)
    assert np.allclose(values, expected_values, rtol=1e-9)
    assert np.allclose(points, expected, rtol=0, atol=1e-6)


def test_classical_threads_and_layouts(layout, random):
    goal = problem(random, 260)
    expected = bs.classical_mds(goal, 3, threads=1)
    for threads in (2, 5):
        for a, b in zip(bs.classical_mds(place(goal, layout), 3, threads=threads), expected):
            assert_same(a, b)


def test_classical_all_components(random):
    goal = problem(random, 12)
    points, values = bs.classical_mds(goal, 12)
    assert points.shape == (12, 12) and np.allclose(values, dense_classical(goal, 12)[1], atol=1e-10)
    points, values = bs.classical_mds(np.zeros((5, 5)), 2)
    assert not points.any() and not values.any()
    assert bs.classical_mds([[5.0]], 1)[0].tolist() == [[0.0]]


# ---- Progress ----------------------------------------------------------------------------------------

@pytest.mark.parametrize("method, total", [("sgd", 12), ("smacof", 12), ("pattern", 15)])
def test_progress(method, total, random):
    seen = []
    result = bs.mds(problem(random, 300), method=method, max_iter=4, eps=0, n_init=3, progress=lambda done, of: seen.append((done, of)))
    assert result.points.shape == (300, 2)
    assert seen[-1] == (total, total)
    assert all(a <= b for a, b in zip(seen, seen[1:]))

    def stop(done, of):
        raise ZeroDivisionError
    with pytest.raises(ZeroDivisionError):
        bs.mds(problem(random, 600), method=method, max_iter=10**6, eps=0, min_radius=0, progress=stop)
    with pytest.raises(bs.OptionError, match="progress"):
        bs.mds(problem(random, 5), progress=1)


def test_interrupted_calls_end_soon():
    program = """
        import os, signal, sys, threading
        import numpy as np, bytestride as bs
        goal = bs.distances(np.random.default_rng(0).random((1200, 5)))
        weights = None if sys.argv[2] == "plain" else 1 + goal
        nonmetric = sys.argv[2] == "nonmetric"
        threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        try:
            bs.mds(goal, method=sys.argv[1], max_iter=10**9, eps=0, min_radius=0, weights=weights, nonmetric=nonmetric)
            print("finished")
        except KeyboardInterrupt:
            print("interrupted")
    """
    for method, kind in (("sgd", "plain"), ("smacof", "plain"), ("smacof", "weighted"), ("smacof", "nonmetric"), ("pattern", "plain")):
        done = run_python(program, method, kind)
        assert done.stdout.split() == ["interrupted"], (method, kind, done.stdout, done.stderr)


# ---- Errors ------------------------------------------------------------------------------------------

def test_wrong_matrices(random):
    goal = problem(random, 10)
    functions = [lambda g, **k: bs.mds(g, **k), lambda g, **k: bs.classical_mds(g)]
    for function in functions:
        for value in (-1.0, np.inf, -np.inf):
            bad = goal.copy()
            bad[3, 7] = bad[7, 3] = value
            with pytest.raises(bs.OptionError, match="dissimilarities"):
                function(bad)
        bad = goal.copy()
        bad[3, 7] += 1e-6
        with pytest.raises(bs.OptionError, match="symmetric"):
            function(bad)
        bad[3, 7] = np.nan
        with pytest.raises(bs.OptionError, match="symmetric"):
            function(bad)
        bad[3, 7] = goal[3, 7] + 1e-11 * goal.max()
        function(bad)
        for shape in ((3,), (3, 4), (2, 2, 2), ()):
            with pytest.raises(bs.ShapeError):
                function(np.zeros(shape))
        for bad in (goal.astype(complex), goal.astype(">f8"), goal.astype(object), np.ma.masked_array(goal)):
            with pytest.raises(bs.DTypeError):
                function(bad)
    for value in (-1.0, np.inf, np.nan):
        weights = np.ones((10, 10))
        weights[2, 5] = weights[5, 2] = value
        with pytest.raises(bs.OptionError, match="weights"):
            bs.mds(goal, weights=weights)
    weights = np.ones((10, 10))
    weights[2, 5] = 2
    with pytest.raises(bs.OptionError, match="weights.*symmetric"):
        bs.mds(goal, weights=weights)
    with pytest.raises(bs.ShapeError):
        bs.mds(goal, weights=np.ones((9, 9)))
    with pytest.raises(bs.ShapeError):
        bs.mds(goal, weights=np.ones(10))
    with pytest.raises(bs.DTypeError):
        bs.mds(goal, weights=np.ones((10, 10), complex))
    holes = goal.copy()
    holes[1, 2] = holes[2, 1] = np.nan
    with pytest.raises(bs.OptionError, match="missing"):
        bs.mds(holes, init="classical")
    with pytest.raises(bs.OptionError, match="missing"):
        bs.classical_mds(holes)


def test_wrong_options(random):
    goal = problem(random, 10)
    bad = [{"method": "SGD"}, {"method": None}, {"init": "Random"}, {"nonmetric": True, "method": "sgd"}, {"nonmetric": True, "method": "pattern"},
           {"n_init": 0}, {"n_init": -1}, {"n_init": 1.5}, {"max_iter": 0}, {"max_iter": -1}, {"max_iter": 2.5}, {"eps": -1.0}, {"eps": np.nan},
           {"eps": "1"}, {"random_state": None}, {"random_state": 2**64}, {"random_state": 1.0}, {"radius": 0}, {"radius": -1.0}, {"radius": np.inf},
           {"radius": np.nan}, {"min_radius": -1.0}, {"shrink_tol": -1.0}, {"explore": 0}, {"explore": 1.5}, {"explore": np.nan}, {"sample": 0},
           {"sample": 2}, {"relaxation": 0}, {"relaxation": 2.0}, {"relaxation": -1}, {"relaxation": np.nan}, {"threads": -1}, {"threads": 1.5},
           {"n_components": 0}, {"n_components": -1}, {"n_components": 1.5}, {"init": np.full((10, 2), np.nan)}, {"init": np.full((10, 2), np.inf)}]
    for keywords in bad:
        with pytest.raises(bs.OptionError):
            bs.mds(goal, **keywords)
    for keywords in ({"init": np.zeros((10, 3))}, {"init": np.zeros((9, 2))}, {"init": np.zeros(20)}, {"init": "classical", "n_components": 11}):
        with pytest.raises(bs.ShapeError):
            bs.mds(goal, **keywords)
    with pytest.raises(bs.DTypeError):
        bs.mds(goal, init=np.zeros((10, 2), complex))
    for components in (0, -1, 1.5):
        with pytest.raises(bs.OptionError):
            bs.classical_mds(goal, components)
    with pytest.raises(bs.ShapeError):
        bs.classical_mds(goal, 11)
    with pytest.raises(bs.ShapeError):
        bs.classical_mds(np.zeros((0, 0)))
    with pytest.raises(bs.OptionError):
        bs.classical_mds(goal, threads=-1)
    with pytest.raises(bs.OptionError, match="too large"):
        bs.classical_mds(goal * 1e200)
    bs.mds(goal, n_components=np.int8(3), n_init=np.int16(2), max_iter=np.uint8(4), random_state=-2**63, eps=np.float32(1e-3))
