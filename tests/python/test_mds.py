"""Multidimensional scaling: published values of the pattern search, known optima, starts, edges, progress, errors."""
import numpy as np
import pytest
from scipy.spatial.distance import cdist

import bytestride as bs
import pattern_search
from layouts import REAL, assert_same, place
from programs import run_python
from scaling import METHODS, assert_consistent, pairs, problem, some_weights


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
