"""`bytestride.compat.scipy_spatial` against SciPy: documented examples, random arguments, errors."""
import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import spatial
from scipy.spatial import distance as peer

import bytestride as bs
from bytestride.compat import scipy_spatial as ours
from peers import assert_same_examples, values_of


class Distance:
    """SciPy's module, but for the names that are ours."""

    def __getattr__(self, name):
        return getattr(ours if name in ours.__all__ else peer, name)


REPLACED = {"distance": Distance(), "spatial": Distance(), **{name: getattr(ours, name) for name in ours.__all__}}
METRICS = {"euclidean": {}, "e": {}, "sqeuclidean": {}, "cityblock": {}, "cheby": {}, "minkowski": {"p": 1}, "m": {"p": np.inf},
           "seuclidean": {}, "test_euclidean": {}}


@pytest.mark.parametrize("name", ["euclidean", "sqeuclidean", "cityblock", "chebyshev", "squareform"])
def test_documented_examples(name):
    assert assert_same_examples(getattr(peer, name), REPLACED)


def test_documented_example_of_matrices():
    assert assert_same_examples(spatial.distance_matrix, REPLACED)
    # One line of pdist's is a metric that we lack.
    for function in (peer.cdist, peer.pdist):
        examples = function.__doc__[function.__doc__.index(">>>"):]
        known = [line for line in examples.splitlines() if "'canberra'" not in line and "minkowski" not in line]
        theirs, mine = values_of("\n".join(known), {}), values_of("\n".join(known), REPLACED)
        for got, expected in zip(mine, theirs):
            if isinstance(expected, np.ndarray):
                np.testing.assert_allclose(got, expected, rtol=1e-14)


@given(st.data())
def test_random_points(data):
    random = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    n, m, k = (data.draw(st.integers(1, 9)) for _ in range(3))
    dtype = data.draw(st.sampled_from(["f8", "f4", "i2", "?"]))
    x, y = ((random.normal(size=(2 * count, k)) * 5).astype(dtype)[::2] for count in (n, m))
    metric = data.draw(st.sampled_from(list(METRICS)))
    options = dict(METRICS[metric])
    if metric in ("seuclidean",):
        options["V"] = random.random(k) + 0.5
    elif metric != "test_euclidean" and data.draw(st.booleans()):
        options["w"] = random.integers(0, 3, k) / 2.0
    np.testing.assert_allclose(ours.cdist(x, y, metric, **options), peer.cdist(x, y, metric, **options), rtol=1e-12, atol=1e-12)
    out = np.empty(n * (n - 1) // 2)
    assert ours.pdist(x, metric, out=out, **options) is out
    np.testing.assert_allclose(out, peer.pdist(x, metric, **options), rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(ours.squareform(out), peer.squareform(out))
    if n > 1:
        np.testing.assert_array_equal(ours.squareform(peer.squareform(out)), out)


def test_many_points(random):
    x = random.normal(size=(700, 3))
    np.testing.assert_allclose(ours.pdist(x, "cityblock"), peer.pdist(x, "cityblock"), rtol=1e-14)
    assert ours.cdist(x.astype(np.float32), x).dtype == np.float64


def test_callables_and_their_arguments(random):
    x = random.normal(size=(5, 3))

    def scaled(u, v, scale):
        return scale * abs(u - v).sum()

    np.testing.assert_allclose(ours.pdist(x, scaled, scale=2), 2 * peer.pdist(x, "cityblock"))
    np.testing.assert_allclose(ours.cdist(x, x, ours.euclidean), peer.cdist(x, x, peer.euclidean))
    np.testing.assert_allclose(ours.cdist(x, x, peer.chebyshev), peer.cdist(x, x, "chebyshev"))
    np.testing.assert_allclose(ours.minkowski(x[0], x[1], 1.5, [1, 2, 3]), peer.minkowski(x[0], x[1], 1.5, [1, 2, 3]))
    with pytest.raises(TypeError):
        ours.cdist(x, x, scaled)


@pytest.mark.parametrize("error, call", [
    (ValueError, lambda d: d.cdist(np.ones(3), np.ones((2, 3)))),
    (ValueError, lambda d: d.cdist(np.ones((2, 2)), np.ones((2, 3)))),
    (ValueError, lambda d: d.cdist(np.ones((2, 2)), np.ones((2, 2)), out=np.empty((2, 3)))),
    (ValueError, lambda d: d.cdist(np.ones((2, 2)), np.ones((2, 2)), out=np.empty((2, 2), np.float32))),
    (ValueError, lambda d: d.cdist(np.ones((2, 2)), np.ones((2, 2)), out=np.empty((2, 2)).T[::-1])),
    (ValueError, lambda d: d.cdist(np.ones((2, 2)), np.ones((2, 2)), "no such metric")),
    (ValueError, lambda d: d.cdist(np.ones((2, 2)), np.ones((2, 2)), "cityblock", w=[1, -1])),
    (ValueError, lambda d: d.pdist(np.ones(3))),
    (ValueError, lambda d: d.squareform([1, 2])),
    (ValueError, lambda d: d.squareform([[0, 1], [2, 0]])),
    (ValueError, lambda d: d.squareform([1], force="tovector")),
    (TypeError, lambda d: d.cdist(np.ones((2, 2)), np.ones((2, 2)), "euclidean", p=3)),
    (TypeError, lambda d: d.cdist(np.ones((2, 2)), np.ones((2, 2)), 5)),
])
def test_errors_are_the_peers(error, call):
    with pytest.raises(error):
        call(peer)
    with pytest.raises(error):
        call(ours)


def test_what_is_not_taken_is_named():
    for options in ({"metric": "jaccard"}, {"metric": "minkowski", "p": 3}):
        with pytest.raises(bs.OptionError, match="scipy.spatial.distance.pdist"):
            ours.pdist(np.ones((3, 2)), **options)
    with pytest.raises(bs.DTypeError):
        ours.pdist(np.ones((3, 2), object))
