"""The article on speeding up Python with NumPy and Cython: multidimensional scaling by pattern search.

Points in the plane are moved one by one along the axis that lowers the error most, until their distances fit those of points in
ten dimensions. Shows the article's first form, which measures distances in Python loops, its second form, a row of distances
at a time in NumPy, and `bs.mds(method="pattern")`; all three make the same moves, so sweeps and stress must be the same. The
article's building blocks are checked as well: `bs.distances` and `bs.squared_error` on its own small examples.

    python3 examples/articles/multidimensional_scaling.py [--points 40]
"""
import math

import bytestride as bs
import numpy as np

from _forms import Case, Different, run


def distances_by_loops(points, point):
    """The article's first form: the distances of all points from one."""
    row = np.empty(len(points))
    for j in range(len(points)):
        total = 0.0
        for k in range(len(point)):
            total += (points[j, k] - point[k]) ** 2
        row[j] = math.sqrt(total)
    return row


def distances_by_numpy(points, point):
    return np.sqrt(((points - point) ** 2).sum(axis=1))


def pattern_search(goal, start, distances_from):
    """Sweeps and stress; halves the step when a sweep gains less than 1/10000, ends at a thousandth."""
    points, radius, last, sweeps = start.copy(), 1.0, math.inf, 0
    current = np.array([distances_from(points, point) for point in points])
    error = ((goal - current) ** 2).sum() / 2
    while sweeps <= 1000 and radius > 1e-3:
        sweeps += 1
        if error >= last or last - error <= error * 1e-4:
            radius /= 2
        last = error
        for i, point in enumerate(points):
            best, best_point = math.inf, None
            for step in (radius, -radius):
                for k in range(points.shape[1]):
                    trial = point.copy()
                    trial[k] += step
                    row = distances_from(points, trial)
                    row[i] = 0
                    trial_error = ((goal[i] - row) ** 2).sum()
                    if trial_error < best:
                        best, best_point = trial_error, trial
            error += best - ((goal[i] - current[i]) ** 2).sum()
            points[i] = best_point  # even where it is a little worse: that leads out of dead ends
            current[i] = current[:, i] = distances_from(points, best_point)
    return sweeps, error


def same_search(before, after):
    if before[0] != after[0] or not math.isclose(before[1], after[1], rel_tol=1e-9):
        raise Different(f"{before[0]} sweeps to stress {before[1]}, Bytestride {after[0]} to {after[1]}")
    return f"equal: {after[0]} sweeps, stress {after[1]:.4f} within 1e-9"


def cases(points=40):
    corners = np.array([[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]])
    yield Case("three points", lambda: np.array([distances_by_loops(corners, point) for point in corners]), lambda: bs.distances(corners))
    goal, current = np.array([[0.0, 2, 3], [2, 0, 1], [3, 1, 0]]), np.array([[0.0, 1, 3], [1, 0, 2], [3, 2, 0]])
    yield Case("the error of two matrices", lambda: sum((a - b) ** 2 for a, b in zip(goal.ravel().tolist(), current.ravel().tolist())),
               lambda: bs.squared_error(goal, current))

    data = np.random.RandomState(42).rand(points, 10)
    matrix, start = bs.distances(data), np.random.RandomState(1).rand(points, 2)

    def ours():
        result = bs.mds(matrix, 2, method="pattern", init=start)
        return result.n_iter, result.stress
    yield Case(f"{points} points, from 10 dimensions to 2", lambda: pattern_search(matrix, start, distances_by_loops), ours, same_search,
               {"the article's NumPy form": lambda: pattern_search(matrix, start, distances_by_numpy)})


if __name__ == "__main__":
    run(__doc__, cases)
