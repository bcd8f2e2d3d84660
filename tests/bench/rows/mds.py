"""Multidimensional scaling against scikit-learn, the article's NumPy and the same search compiled by Numba."""
import importlib.util
import warnings
from functools import lru_cache, partial
from pathlib import Path

import bytestride as bs
import loops
import numpy as np
from race import Candidates, Row
from scipy.sparse.csgraph import shortest_path
from scipy.spatial.distance import cdist
from sklearn.datasets import load_digits, make_swiss_roll
from sklearn.manifold import smacof
from sklearn.neighbors import kneighbors_graph

try:
    from sklearn.manifold import ClassicalMDS
except ImportError:  # older than 1.8, for Python 3.10
    ClassicalMDS = None

# The published program in NumPy, the tests' oracle.
specification = importlib.util.spec_from_file_location("pattern_search", Path(__file__).resolve().parents[2] / "python" / "pattern_search.py")
pattern_search = importlib.util.module_from_spec(specification)
specification.loader.exec_module(pattern_search)

warnings.filterwarnings("ignore", module="sklearn")
STEPS, SWEEPS = 10, 3


def gauss(n=1000):
    x = np.random.default_rng(6).standard_normal((n, 10))
    return cdist(x, x)


def digits():
    x = load_digits().data[:1000]
    return cdist(x, x)


def swiss_roll():
    """Along the rolled-up sheet."""
    x = make_swiss_roll(1000, random_state=0)[0]
    return shortest_path(kneighbors_graph(x, 10, mode="distance"), directed=False)


GOALS = {"gauss": gauss, "digits": digits, "swiss roll": swiss_roll}


def start(n):
    return np.random.default_rng(7).random((n, 2))


def guttman(n, threads):
    goal, init = gauss(n), start(n)
    return Candidates(lambda: bs.mds(goal, method="smacof", init=init, eps=0, max_iter=STEPS, threads=threads).points,
                      {"sklearn smacof": lambda: smacof(goal, init=init, n_init=1, eps=0, max_iter=STEPS)[0]}, 1e-9)


def pattern(n, threads):
    goal, init = gauss(n), start(n)
    return Candidates(lambda: bs.mds(goal, method="pattern", init=init, max_iter=SWEEPS - 1, threads=threads).points,
                      {"numba": lambda: loops.pattern_search(goal, init, SWEEPS, 1.0, 0.0)[0]}, 1e-9)


@lru_cache(maxsize=None)
def best_known(name):
    return min(bs.mds(GOALS[name](), random_state=seed, max_iter=100).stress for seed in range(4))


def default(name, threads):
    """Ours must end within 1 % of the best known stress, or nothing is timed; scikit-learn's 300 iterations may end above."""
    goal, enough = GOALS[name](), 1.01 * best_known(name)
    return Candidates(lambda: bs.mds(goal, threads=threads).stress <= enough,
                      {"sklearn smacof, defaults": lambda: smacof(goal, n_init=1, random_state=0)[1] > 0})


def classical(name, threads):
    goal = GOALS[name]()
    return Candidates(lambda: np.abs(bs.classical_mds(goal, threads=threads)[0]),
                      {"sklearn ClassicalMDS": lambda: np.abs(ClassicalMDS(metric="precomputed").fit_transform(goal))}, 1e-6)


def article(threads):
    x = np.random.RandomState(42).rand(100, 10)
    goal, init = cdist(x, x), np.random.RandomState(1).rand(100, 2)
    return Candidates(lambda: bs.mds(goal, method="pattern", init=init, threads=threads).stress,
                      {"numpy": lambda: pattern_search.search(goal, init)[1]}, 1e-6)


ROWS = []
for n in (1000, 2000):
    ROWS += [Row(f"mds smacof, {n} points, {STEPS} iterations", partial(guttman, n), (20.0, 20.0)),
             Row(f"mds pattern, {n} points, {SWEEPS} sweeps", partial(pattern, n), (7.4, 12.0))]
for name in GOALS:
    ROWS += [Row(f"mds, default, {name}, 1000 points", partial(default, name), (50.0, 50.0))]
    if ClassicalMDS:
        ROWS += [Row(f"classical_mds, {name}, 1000 points", partial(classical, name), (3.0, 3.0))]
ROWS += [Row("mds pattern, 100 points, the article's", article)]
