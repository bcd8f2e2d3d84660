"""`bytestride.compat.sklearn` against scikit-learn: its estimator checks, documented examples, points, errors."""
import pickle
import subprocess
import sys
import warnings

import joblib
import numpy as np
import pytest
import sklearn
from sklearn import manifold, metrics
from sklearn.base import clone
from sklearn.utils.estimator_checks import check_estimator

import bytestride as bs
from bytestride.compat import sklearn as ours
from peers import assert_same_examples

# The defaults and the first disparities of `smacof` are those of scikit-learn 1.9.
latest = pytest.mark.skipif(tuple(map(int, sklearn.__version__.split(".")[:2])) < (1, 9), reason="needs scikit-learn 1.9")


@pytest.fixture
def dissimilarities(random):
    return metrics.euclidean_distances(random.random((40, 5)))


@pytest.mark.parametrize("estimator", [ours.MDS(init="random"), ours.MDS(init="classical_mds"), ours.MDS(metric_mds=False, init="random", max_iter=9),
                                       ours.MDS(metric="precomputed", init="random"), ours.ClassicalMDS()], ids=str)
def test_estimator_checks(estimator):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check_estimator(estimator)


@latest
@pytest.mark.parametrize("name", ["smacof", "MDS", "ClassicalMDS"])
def test_documented_examples(name):
    if name == "smacof":
        assert assert_same_examples(manifold.smacof, {name: ours.smacof, "euclidean_distances": ours.euclidean_distances})
    points, _ = sklearn.datasets.load_digits(return_X_y=True)
    options = dict(n_components=2, **({} if name != "MDS" else dict(n_init=1, init="random", random_state=0)))
    if name != "smacof":
        got, expected = (getattr(module, name)(**options).fit_transform(points[:100]) for module in (ours, manifold))
        np.testing.assert_allclose(got, expected, atol=1e-7 * np.abs(expected).max())


@latest
@pytest.mark.parametrize("options", [
    {}, {"n_init": 3}, {"max_iter": 7}, {"n_components": 3, "eps": 0, "max_iter": 20}, {"normalized_stress": True}, {"metric": False},
    {"metric": False, "n_init": 2, "normalized_stress": False}, {"n_init": 3, "n_jobs": 2}, {"init": np.eye(40, 2)}])
def test_same_points(dissimilarities, options):
    if options.get("metric") is False:
        dissimilarities[3, 5] = dissimilarities[5, 3] = 0  # a missing pair
    options = dict(random_state=3, return_n_iter=True, **options)
    with joblib.parallel_config(backend="threading"):  # processes would take seconds to start
        got, expected = ours.smacof(dissimilarities, **options), manifold.smacof(dissimilarities, **options)
    np.testing.assert_allclose(got[0], expected[0], atol=1e-9)
    np.testing.assert_allclose(got[1], expected[1], rtol=1e-9)
    assert got[2] == expected[2]


@latest
@pytest.mark.parametrize("options", [{}, {"metric": "cosine"}, {"metric": "manhattan", "metric_mds": False},
                                     {"metric": "minkowski", "metric_params": {"p": 3}}, {"dissimilarity": "euclidean"}])
def test_same_estimator(random, options):
    points = random.random((25, 4))
    results = []
    for module in (ours, manifold):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            results.append(module.MDS(random_state=1, init="random", **options).fit(points))
    np.testing.assert_allclose(results[0].embedding_, results[1].embedding_, atol=1e-9)
    np.testing.assert_allclose(results[0].stress_, results[1].stress_, rtol=1e-9)
    np.testing.assert_allclose(results[0].dissimilarity_matrix_, results[1].dissimilarity_matrix_, atol=1e-12)
    assert results[0].n_iter_ == results[1].n_iter_ and results[0].get_params() == results[1].get_params()


@latest
def test_deprecated_words_warn():
    for options in ({}, {"metric": True}, {"dissimilarity": "euclidean"}):
        with pytest.warns(FutureWarning):
            ours.MDS(**options).fit(np.eye(4, 3))
    with pytest.warns(UserWarning, match="square"):
        ours.MDS(init="random").fit(np.eye(4))


def test_estimators_are_cloned_and_pickled(random):
    estimator = ours.MDS(n_components=3, init="random", random_state=2)
    fitted = pickle.loads(pickle.dumps(clone(estimator).fit(random.random((9, 4)))))
    assert fitted.embedding_.shape == (9, 3) and fitted.get_params() == estimator.get_params()


@pytest.mark.parametrize("metric", ["euclidean", "l2", "sqeuclidean", "manhattan", "l1", "cityblock", "chebyshev"])
@pytest.mark.parametrize("dtype", ["f8", "f4", "i4"])
def test_distances(random, metric, dtype):
    x, y = (random.normal(size=(2, 12, 4)) * 9).astype(dtype)
    for other in (None, y):
        got, expected = (module.pairwise_distances(x, other, metric=metric) for module in (ours, metrics))
        np.testing.assert_allclose(got, expected, rtol=1e-4 if dtype == "f4" else 1e-9, atol=1e-2 if dtype == "f4" else 1e-9)
        assert got.dtype == expected.dtype
    np.testing.assert_allclose(ours.euclidean_distances(x, squared=True), metrics.euclidean_distances(x, squared=True), rtol=1e-4, atol=1e-2)


def test_distances_far_from_the_origin():
    points = np.array([[1e8, 0.0], [1e8, 1.0]])
    assert ours.euclidean_distances(points).tolist() == [[0, 1], [1, 0]]
    assert metrics.euclidean_distances(points)[0, 1] != 1


def test_errors():
    with pytest.raises(bs.OptionError, match="sklearn.metrics.pairwise_distances"):
        ours.pairwise_distances(np.eye(3), metric="cosine")
    with pytest.raises(ValueError):
        ours.smacof([[0, 1], [2, 0]])
    with pytest.raises(ValueError):
        ours.smacof(np.ones((3, 3)), n_components=0)
    with pytest.raises(ValueError):
        ours.smacof(np.ones((3, 3)), init=np.ones((4, 2)))
    with pytest.raises(ValueError):
        ours.MDS(init="no such start").fit(np.eye(4, 3))


def test_without_scikit_learn():
    code = ("import sys; sys.modules['sklearn'] = None\n"
            "from bytestride.compat import sklearn\n"
            "for call in (lambda: sklearn.MDS(), lambda: sklearn.smacof([[0, 1], [1, 0]]), lambda: sklearn.euclidean_distances([[1]])):\n"
            "    try: call()\n"
            "    except ImportError as error: assert 'scikit-learn' in str(error)\n"
            "    else: raise SystemExit('no error')\n")
    subprocess.run([sys.executable, "-c", code], check=True)
