"""The article on multidimensional scaling by pattern search: a map from distances, and handwritten digits in the plane."""
import csv
import time
from pathlib import Path

import bytestride as bs
import numpy as np
from matplotlib.ticker import LogFormatter
from sklearn.datasets import load_digits
from sklearn.manifold import smacof

from case import Case, Drawing, Table
from page import duration

ORDER = 4
TITLE = "Multidimensional scaling"
SOURCE = ("The article speeds up multidimensional scaling by pattern search, from Python over NumPy to Cython "
          "(the project georgepar/pattern-search-mds).")
TEXT = ("Given are the distances of all pairs; wanted are points in the plane that have them. Pattern search tries a step in every "
        "direction for every point and takes the best one; the stress is the sum of what is left of the squared errors. The first case "
        "is of the article's size, 100 points: cities, of which only the great-circle distances are told. The second takes the "
        "64 grey values of each of scikit-learn's handwritten digits to two coordinates, with the default method.")

KILOMETRES = 1000.0  # of one unit of length
EARTH = 6371.0 / KILOMETRES
LABELS = {"right": ("Helsinki", "Riga", "Minsk", "Warsaw", "Berlin", "Rome", "Palermo", "Tromso"),
          "left": ("Bergen", "Dublin", "Brest", "Paris", "Lisbon", "Madrid", "Athens", "Istanbul", "Odesa")}


def cities():
    """Names, and latitudes and longitudes in radians (n, 2)."""
    with open(Path(__file__).resolve().parent.parent / "cities.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row["city"] for row in rows], np.radians([[float(row["latitude"]), float(row["longitude"])] for row in rows])


def great_circles(places):
    """Distances of all pairs on the sphere, by the haversine formula."""
    latitude, longitude = places.T
    half = np.sin((latitude[:, None] - latitude) / 2) ** 2 + np.cos(latitude[:, None]) * np.cos(latitude) * np.sin((longitude[:, None] - longitude) / 2) ** 2
    return 2 * EARTH * np.arcsin(np.sqrt(half))


def flat(places):
    """The true map: the azimuthal equidistant projection about the middle of the cities."""
    latitude, longitude = places.T
    north, east = places.mean(axis=0)
    cosine = np.sin(north) * np.sin(latitude) + np.cos(north) * np.cos(latitude) * np.cos(longitude - east)
    factor = EARTH * np.arccos(cosine) / np.sqrt(1 - cosine**2)
    return np.column_stack([factor * np.cos(latitude) * np.sin(longitude - east),
                            factor * (np.cos(north) * np.sin(latitude) - np.sin(north) * np.cos(latitude) * np.cos(longitude - east))])


def laid_on(points, target):
    """The points, moved, turned and mirrored, but not scaled, to lie on the target (Procrustes)."""
    centred, goal = points - points.mean(axis=0), target - target.mean(axis=0)
    left, _, right = np.linalg.svd(centred.T @ goal)
    return centred @ (left @ right) + target.mean(axis=0)


def error_of_loops(x, i, goal, place):
    """The squared errors of the distances of point i, if it were at `place`."""
    total = 0.0
    for j in range(goal.shape[0]):
        if j != i:
            square = 0.0
            for k in range(x.shape[1]):
                square += (place[k] - x[j, k]) ** 2
            total += (goal[i, j] - square**0.5) ** 2
    return total


def error_of_rows(x, i, goal, place):
    """The same by NumPy, a row at a time, as the article has it in between."""
    errors = goal[i] - np.sqrt(((place - x) ** 2).sum(axis=1))
    errors[i] = 0
    return (errors**2).sum()


def pattern_search(error_of):
    """The article's search, with one of the two ways to find the error of a point."""
    def search(goal, start, max_iter, out):
        x, radius, sweeps, before = start.copy(), 1.0, 0, np.inf
        total = sum(error_of(x, i, goal, x[i]) for i in range(len(x))) / 2
        while sweeps <= max_iter and radius > 1e-3:
            sweeps += 1
            if total >= before or before - total <= total * 1e-4:
                radius /= 2
            before = total
            for i in range(len(x)):
                here, best, move = error_of(x, i, goal, x[i]), np.inf, None
                for step in (radius, -radius):
                    for k in range(x.shape[1]):
                        place = x[i].copy()
                        place[k] += step
                        there = error_of(x, i, goal, place)
                        if there < best:
                            best, move = there, place
                total -= here - best
                x[i] = move
        return x
    return search


def ours(goal, start, max_iter, out):
    return bs.mds(goal, method="pattern", init=start, max_iter=max_iter).points


def by_default(goal, start, out):
    return bs.mds(goal, init=start).points


def by_sklearn(goal, start, out):
    return smacof(goal, n_components=2, init=start, n_init=1)[0]


def excess(goal):
    """How far the stress of a result is above that of another, as a part of it; at least 0."""
    def stress(points):
        return bs.squared_error(goal[:len(points), :len(points)], bs.distances(points))

    return lambda result, other: max(0.0, stress(result) / stress(other) - 1)


def typical_error(stress, count):
    """Of a distance: the root of the mean squared error of all pairs."""
    return np.sqrt(2 * np.asarray(stress) / (count * (count - 1)))


def plane(axes, title):
    axes.set_title(title, fontsize=10.5)
    axes.margins(0.08)
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_xticks([])
    axes.set_yticks([])


def draw_map(figure, names, start, points, true):
    before, after = figure.subplots(1, 2)
    for axes, title, where in ((before, "start: random places", start), (after, "after: every city is where it belongs", points)):
        axes.scatter(*where.T, c=true[:, 0] + true[:, 1], cmap="turbo", s=26, linewidths=0)
        plane(axes, title)
    after.scatter(*true.T, s=70, facecolors="none", edgecolors="#80868e", linewidths=0.8, label="place on the true map")
    after.legend(frameon=False, fontsize=9, loc="upper left")
    for name, place in zip(names, points):
        if name in LABELS["right"]:
            after.annotate(name, place, xytext=(6, 4), textcoords="offset points", fontsize=8)
        if name in LABELS["left"]:
            after.annotate(name, place, xytext=(-6, 4), textcoords="offset points", fontsize=8, ha="right")


def draw_curves(figure, results, unit, scale=1.0):
    axes = figure.subplots()
    for name, result in results.items():
        axes.plot(np.arange(1, result.n_iter + 1), scale * typical_error(result.history, len(result.points)), label=name, linewidth=2)
    axes.set_xscale("log")
    axes.set_yscale("log")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(LogFormatter())
        axis.set_minor_formatter(LogFormatter(minor_thresholds=(1, 0.5)))
    axes.set_xlabel("iterations: epochs of sgd, transforms of smacof, sweeps of pattern search")
    axes.set_ylabel(f"typical error of a distance{unit}")
    axes.grid(which="both", color="#80868e", alpha=0.2, linewidth=0.6)
    axes.spines[:].set_visible(False)
    axes.legend(frameon=False)


def methods(goal, start, true=None):
    """The three methods from the same start: results by name, and a table of them."""
    results = {}
    rows = [["method", "iterations", "time", "stress", "Stress-1"] + (["mean error on the map", "largest"] if true is not None else [])]
    for method in ("sgd", "smacof", "pattern"):
        begin = time.perf_counter()
        results[method] = result = bs.mds(goal, method=method, init=start)
        row = [method, str(result.n_iter), duration(time.perf_counter() - begin)]
        row += [f"{result.stress:,.0f}" if result.stress > 1000 else f"{result.stress:.4f}", f"{result.normalized_stress:.4f}"]
        if true is not None:
            errors = np.linalg.norm(laid_on(result.points, true) - true, axis=1) * KILOMETRES
            row += [f"{errors.mean():.1f} km", f"{errors.max():.1f} km"]
        rows.append(row)
    return results, rows


def show_cities(names, true, goal, start, points):
    results, rows = methods(goal, start, true)
    return [Drawing("The same 100 cities before and after. The map is turned and mirrored, but not scaled, to lie on the true one.",
                    lambda figure: draw_map(figure, names, start, laid_on(points, true), true), 5.2),
            Drawing("The stress of three methods from that start, as the typical error of a distance.",
                    lambda figure: draw_curves(figure, results, ", km", KILOMETRES), 3.6),
            Table("Three methods from the same start, in 1000 km; a sphere does not fit into the plane without some stress.", rows)]


def draw_digits(figure, labels, start, points):
    for axes, title, where in zip(figure.subplots(1, 2), ("start: random places", "after: alike digits are neighbours"), (start, points)):
        for digit in range(10):
            axes.scatter(*where[labels == digit].T, marker=f"${digit}$", s=24, linewidths=0, color=f"C{digit}")
        plane(axes, title)


def show_digits(labels, goal, start, points):
    results, rows = methods(goal, start)
    return [Drawing("Each digit stands for one handwritten digit; the method has not seen which.",
                    lambda figure: draw_digits(figure, labels, start, points), 5.2),
            Drawing("The stress of three methods from that start, as the typical error of a distance.",
                    lambda figure: draw_curves(figure, results, ""), 3.6),
            Table("Three methods from the same start.", rows)]


def cases(quick):
    names, places = cities()
    goal, true = great_circles(places), flat(places)
    start = np.random.default_rng(0).random((len(names), 2))
    few = {"part": (goal, start, 1), "part_name": "2 sweeps"} if quick else {}
    if quick:
        few["scale"] = bs.mds(goal, method="pattern", init=start).n_iter / 2
    yield Case(f"map of {len(names)} cities, pattern search", (goal, start, 1000), pattern_search(error_of_loops),
               {"the article's search, NumPy rows": pattern_search(error_of_rows)}, ours, bound=1e-6, **few,
               shows=lambda data, result: show_cities(names, true, goal, start, result))

    digits, count, part = load_digits(), 200 if quick else 1000, 20 if quick else 30
    goal = bs.distances(digits.data[:count] / 16)
    start = np.random.default_rng(0).random((count, 2))
    small = np.ascontiguousarray(goal[:part, :part])
    yield Case(f"{count} digits, 64 to 2 coordinates", (goal, start), lambda goal, start, out: pattern_search(error_of_loops)(goal, start, 1000, out),
               {"scikit-learn smacof": by_sklearn}, by_default, part=(small, start[:part]), part_name=f"{part} digits", scale=(count / part) ** 2,
               bound=0.01, difference=excess(goal), compared="excess of stress",
               shows=lambda data, result: show_digits(digits.target[:count], goal, start, result))
