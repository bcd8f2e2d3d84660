"""Multidimensional scaling against scikit-learn and the article's NumPy."""
import sys
import warnings
from pathlib import Path

import bytestride as bs
import numpy as np
from race import Row
from scipy.spatial.distance import cdist
from sklearn.datasets import load_digits
from sklearn.manifold import ClassicalMDS, smacof

sys.path.append(str(Path(__file__).resolve().parents[1] / "python"))
import pattern_search  # noqa: E402 - the published program in NumPy, the tests' oracle

STEPS = 10


def rows(threads):
    warnings.filterwarnings("ignore", module="sklearn")
    random = np.random.default_rng(6)
    for n in (1000, 2000):
        x = random.standard_normal((n, 10))
        goal, start = cdist(x, x), random.random((n, 2))
        yield Row(f"mds smacof, {n} points, {STEPS} iterations", lambda: guttman(goal, start, threads), {"sklearn smacof": lambda: sklearn_steps(goal, start)},
                  threads, bound=1e-9, goal=1.0)
    goals = {"gauss": cdist(*[random.standard_normal((1000, 10))] * 2), "digits": cdist(*[load_digits().data[:1000]] * 2)}
    for name, goal in goals.items():
        best = min(bs.mds(goal, random_state=seed, max_iter=100).stress for seed in range(4))
        # What is compared is whether the stress is within 1 % of the best known; scikit-learn's 300 iterations may end above.
        yield Row(f"mds, default, {name}, 1000 points", lambda: bs.mds(goal, threads=threads).stress <= 1.01 * best,
                  {"sklearn smacof, defaults": lambda: smacof(goal, n_init=1, random_state=0)[1] <= 1.01 * best}, threads, bound=1.0, goal=20.0)
        yield Row(f"classical_mds, {name}, 1000 points", lambda: np.abs(bs.classical_mds(goal, threads=threads)[0]),
                  {"sklearn ClassicalMDS": lambda: np.abs(ClassicalMDS(metric="precomputed").fit_transform(goal))}, threads, bound=1e-6, goal=3.0)
    x = np.random.RandomState(42).rand(100, 10)
    goal, start = cdist(x, x), np.random.RandomState(1).rand(100, 2)
    yield Row("mds pattern, 100 points", lambda: bs.mds(goal, method="pattern", init=start, threads=threads).stress,
              {"numpy": lambda: pattern_search.search(goal, start)[1]}, threads, bound=1e-6, goal=40.0)


def guttman(goal, start, threads):
    return bs.mds(goal, method="smacof", init=start, eps=0, max_iter=STEPS, threads=threads).points


def sklearn_steps(goal, start):
    return smacof(goal, init=start, n_init=1, eps=0, max_iter=STEPS)[0]
