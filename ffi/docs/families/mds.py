r"""Wanted are points :math:`x` whose distances are near the given dissimilarities :math:`\delta`, that is, with a small stress

.. math:: \sigma(x) = \sum_{i < j} w_{ij} \left(\delta_{ij} - \lVert x_i - x_j \rVert\right)^2

The four ways there differ in speed and in where they end; the picture has three of them from one start.
"""
import bytestride as bs
import numpy as np
from programs.mds import cities, draw_curves, flat, great_circles, laid_on, plane

CAPTION = "100 cities, of which only the great-circle distances are told: where they are put, and the stress on the way there by three methods."
SIZE = (9, 4)


def draw(figure):
    names, places = cities()
    goal, true = great_circles(places), flat(places)
    start = np.random.default_rng(0).random((len(names), 2))
    results = {method: bs.mds(goal, method=method, init=start) for method in ("sgd", "smacof", "pattern")}
    left, right = figure.subfigures(1, 2)
    axes = left.subplots()
    axes.scatter(*laid_on(results["sgd"].points, true).T, c=true.sum(axis=1), cmap="turbo", s=16, linewidths=0)
    axes.scatter(*true.T, s=45, facecolors="none", edgecolors="#80868e", linewidths=0.8, label="place on the true map")
    plane(axes, "mds(distances)")
    axes.spines[:].set_visible(False)
    axes.legend(fontsize=8, loc="upper left")
    draw_curves(right, results, ", km", 1000)
    right.axes[0].set_xlabel("iterations")
