from comparison import Row

PACKAGE = "scikit-learn"
TEXT = """
`bytestride.distances` forms differences first: near points do not cancel, as they do where distances are made from dot products
(``euclidean_distances``). `bytestride.mds` takes dissimilarities and returns an `MDSResult` with the points, the stress and its history.
Its default method is gradient descent over the pairs, which is the faster one; ``method="smacof"`` does scikit-learn's steps. There ``eps`` is compared
with the change of the stress divided by the sum of the squared distances.
"""
SETUP = """
import numpy as np
import bytestride as bs
from sklearn.datasets import load_digits
from sklearn.manifold import smacof
from sklearn.metrics import euclidean_distances, pairwise_distances

digits = load_digits().data[:300] / 7
goal = bs.distances(digits)
start = np.random.default_rng(0).random((300, 2))

def stress(points):
    return bs.squared_error(goal, bs.distances(points)) / 2
"""
ROWS = [
    Row("pairwise distances", 'euclidean_distances(digits)', 'bs.distances(digits)', 1e-7,
        "By dot products in scikit-learn; ours is within (d / 2 + 4) u of the exact distance."),
    Row("two sets", 'euclidean_distances(digits[:10], digits)', 'bs.distances(digits[:10], digits)', 1e-7),
    Row("other metrics", 'pairwise_distances(digits, metric="manhattan")', 'bs.distances(digits, metric="cityblock")', 1e-14),
    Row("squared", 'euclidean_distances(digits, squared=True)', 'bs.distances(digits, metric="sqeuclidean")', 1e-13),
    Row("SMACOF, the same steps", """
        smacof(goal, init=start, n_init=1, max_iter=20, eps=0,
               normalized_stress=False)[0]
        """, """
        bs.mds(goal, init=start, method="smacof", max_iter=20, eps=0).points
        """, 1e-9),
    Row("scaling, as good", """
        smacof(goal, init=start, n_init=1, max_iter=1000,
               normalized_stress=False)[1]
        """, """
        bs.mds(goal, init=start).stress
        """, 0.05, "Different ways to about the same stress."),
    Row("best of several starts", """
        smacof(goal, n_init=4, random_state=0, normalized_stress=False)[1]
        """, """
        bs.mds(goal, n_init=4, random_state=0).stress
        """, 0.05, "Other random numbers."),
]
