"""Classical scaling against dense eigenvectors."""
import numpy as np
import pytest
from scipy.spatial.distance import cdist

import bytestride as bs
from layouts import assert_same, place
from scaling import problem


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
