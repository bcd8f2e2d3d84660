"""The scaling article's case: pattern search for 100 points of ten dimensions in the plane. The result is stress and sweeps."""
import math
from array import array

import forms

POINTS, DIMENSIONS = 100, 10


def data():
    return [[forms.golden(i * DIMENSIONS + k + 1) for k in range(DIMENSIONS)] for i in range(POINTS)]


def start():
    return [[forms.golden(10_000 + 2 * i + k) for k in range(2)] for i in range(POINTS)]


def row(points, point):
    return [math.sqrt(sum((a - b) ** 2 for a, b in zip(other, point))) for other in points]


def python(part):
    """The article's schedule: the best move even where it is worse, half the radius where a sweep gains less than 1/10000."""
    points = data()
    goal = [row(points, point) for point in points]
    result = array("d", [0, 0])

    def compute():
        x, radius, last, sweeps = start(), 1.0, math.inf, 0
        current = [row(x, point) for point in x]
        error = sum((g - c) ** 2 for goals, distances in zip(goal, current) for g, c in zip(goals, distances)) / 2
        while sweeps <= 1000 and radius > 1e-3:
            sweeps += 1
            if error >= last or last - error <= error * 1e-4:
                radius /= 2
            last = error
            for i in range(POINTS):
                best, best_point = math.inf, None
                for step in (radius, -radius):
                    for k in range(2):
                        trial = list(x[i])
                        trial[k] += step
                        distances = row(x, trial)
                        distances[i] = 0.0
                        trial_error = sum((g - d) ** 2 for g, d in zip(goal[i], distances))
                        if trial_error < best:
                            best, best_point = trial_error, trial
                error += best - sum((g - d) ** 2 for g, d in zip(goal[i], current[i]))
                x[i] = best_point
                current[i] = row(x, best_point)
                for j in range(POINTS):
                    current[j][i] = current[i][j]
        result[:] = array("d", [error, sweeps])
    return compute, result


def arrays():
    import numpy as np
    return np.array(data()), np.array(start()), np.empty(2)


def numba(part):
    import loops
    import numpy as np
    points, init, result = arrays()
    goal = np.sqrt(((points[:, None] - points) ** 2).sum(2))

    def compute():
        result[:] = loops.pattern_search(goal, init, 1001, 1.0, 1e-3)[1:]
    compute()
    return compute, result


def bytestride(part):
    import bytestride as bs
    points, init, result = arrays()
    goal = bs.distances(points)

    def compute():
        found = bs.mds(goal, method="pattern", init=init)
        result[:] = found.stress, found.n_iter
    return compute, result


forms.main({"python": python, "peer": numba, "bytestride": bytestride})
