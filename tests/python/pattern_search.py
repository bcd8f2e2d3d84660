"""Pattern search for multidimensional scaling as it was published, in plain NumPy: the oracle for the method `pattern`.

Distances are computed anew where the published program updates them; everything else is its schedule.
"""
import numpy as np


def distances(x):
    return np.sqrt(((x[:, None] - x[None])**2).sum(-1))


def search(goal, start, radius=1.0, max_iter=1000, min_radius=1e-3, shrink_tol=1e-4, weights=None, greedy=False):
    """The points, their error by the bookkeeping of the search, and the error after each sweep."""
    x = np.array(start, float)
    n, components = x.shape
    weights = np.ones((n, n)) if weights is None else np.array(weights, float)
    weights[np.isnan(goal)] = 0
    np.fill_diagonal(weights, 0)
    goal = np.where(weights > 0, goal, 0)
    error = (weights * (goal - distances(x))**2).sum() / 2
    before, errors = np.inf, []
    while len(errors) <= max_iter and radius > min_radius:
        if error >= before or before - error <= error * shrink_tol:
            radius *= 0.5
        before = error
        for i in range(n):
            here = (weights[i] * (goal[i] - np.sqrt(((x[i] - x)**2).sum(-1)))**2).sum()
            best, move = np.inf, None
            for step in (radius, -radius):
                for k in range(components):
                    trial = x[i].copy()
                    trial[k] += step
                    there = (weights[i] * (goal[i] - np.sqrt(((trial - x)**2).sum(-1)))**2).sum()
                    if there < best:
                        best, move = there, trial
            if not greedy or best < here:
                error -= here - best
                x[i] = move
        errors.append(error)
    return x, error, errors
