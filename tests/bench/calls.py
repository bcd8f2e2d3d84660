"""What a call costs before there is work: every function on a few elements, beside the peer's call of the same meaning."""
from dataclasses import dataclass
from statistics import median

import bytestride as bs
import cv2
import numpy as np
import primesieve
import race
import report
import sympy
from scipy.spatial.distance import cdist
from sklearn.manifold import smacof

MOST = 1.5  # times the peer's time


@dataclass
class Result:
    name: str
    peer: str
    ours: float
    theirs: float


def pairs():
    """(our function, what it is given, our call, the peer's name, its call)"""
    a, b, out, theirs = np.array([1.5]), np.array([2.25]), np.empty(1), np.empty(1)
    for name in ("add", "subtract", "multiply", "divide", "minimum", "maximum"):
        ours, numpys = getattr(bs, name), getattr(np, name)
        yield name, "1 element, out=", lambda: ours(a, b, out=out), f"np.{name}", lambda: numpys(a, b, out=theirs)
    yield "add", "1 element", lambda: bs.add(a, b), "np.add", lambda: np.add(a, b)
    yield "add", "1 element and a Python number", lambda: bs.add(a, 1.0), "np.add", lambda: np.add(a, 1.0)
    yield "copy", "1 element, out=", lambda: bs.copy(a, out=out), "np.copyto", lambda: np.copyto(theirs, a)
    yield "copy", "1 element", lambda: bs.copy(a), "np.copy", lambda: np.copy(a)
    narrow, narrow_theirs = np.empty(1, np.float32), np.empty(1, np.float32)
    yield ("cast", "1 element, out=", lambda: bs.cast(a, np.float32, out=narrow),
           "np.copyto", lambda: np.copyto(narrow_theirs, a, casting="same_kind"))
    yield "cast", "1 element", lambda: bs.cast(a, np.float32), "astype", lambda: a.astype(np.float32)
    square, square_out, square_theirs = np.ones((2, 2)), np.empty((2, 2)), np.empty((2, 2))
    yield "transpose", "2 x 2, out=", lambda: bs.transpose(square, out=square_out), "np.copyto", lambda: np.copyto(square_theirs, square.T)
    yield "transpose_inplace", "2 x 2", lambda: bs.transpose_inplace(square), "a copy", lambda: np.copyto(square, square.T.copy())
    image, kernel = np.ones((8, 8), np.float32), np.ones((3, 3), np.float32)
    filtered, opencvs = np.empty_like(image), np.empty_like(image)
    for name in ("convolve", "correlate"):
        ours_of = getattr(bs, name)
        yield (name, "8 x 8 with 3 x 3, out=", lambda: ours_of(image, kernel, out=filtered),
               "cv2.filter2D", lambda: cv2.filter2D(image, -1, kernel, dst=opencvs, borderType=cv2.BORDER_CONSTANT))
    pixels = np.ones((4, 4, 3), np.uint8)
    product = np.zeros_like(pixels)
    yield ("neighbor_product", "4 x 4 x 3, out=", lambda: bs.neighbor_product(pixels, out=product),
           "three ufuncs", lambda: np.multiply(np.multiply(pixels, pixels), np.add(pixels, pixels)))
    depth, cloud = np.ones((4, 4), np.float32), np.empty((4, 4, 3), np.float32)
    matrix = np.eye(3, dtype=np.float32)
    yield ("depth_to_points", "4 x 4, out=", lambda: bs.depth_to_points(depth, 1.0, 1.0, 2.0, 2.0, depth_scale=1.0, out=cloud),
           "cv2.depthTo3d", lambda: cv2.depthTo3d(depth, matrix))
    points, back, zero = np.ones((4, 3)), np.empty((4, 4)), np.zeros(3)
    yield ("points_to_depth", "4 points, out=", lambda: bs.points_to_depth(points, 1.0, 1.0, 2.0, 2.0, (4, 4), out=back),
           "cv2.projectPoints", lambda: cv2.projectPoints(points, zero, zero, np.eye(3), None))
    ours_d, cdists, ours_row = np.empty((4, 4)), np.empty((4, 4)), np.empty(4)
    first = points[0].copy()
    yield "distances", "4 x 3, out=", lambda: bs.distances(points, out=ours_d), "cdist", lambda: cdist(points, points, out=cdists)
    yield "distances_from", "4 x 3, out=", lambda: bs.distances_from(points, first, out=ours_row), "cdist", lambda: cdist(points[:1], points)
    yield "update_distances", "4 x 3", lambda: bs.update_distances(points, ours_d, 1), "cdist", lambda: refresh(points, cdists)
    yield "squared_error", "4 x 4", lambda: bs.squared_error(square, square_out), "np.vdot", lambda: squared(square, square_out)
    goal, start = cdist(*[np.arange(12.0).reshape(4, 3)**2] * 2), np.arange(8.0).reshape(4, 2)
    yield ("mds", "4 points, 1 iteration", lambda: bs.mds(goal, method="smacof", init=start, max_iter=1),
           "sklearn smacof", lambda: smacof(goal, init=start, n_init=1, max_iter=1))
    yield "classical_mds", "4 points", lambda: bs.classical_mds(goal), "np.linalg.eigh", lambda: np.linalg.eigh(goal)
    table, place = np.arange(8.0), np.empty(1, np.int64)
    yield "searchsorted", "8 and 1, out=", lambda: bs.searchsorted(table, a, out=place), "np.searchsorted", lambda: np.searchsorted(table, a)
    yield "searchsorted", "8 and a number", lambda: bs.searchsorted(table, 3.0), "np.searchsorted", lambda: np.searchsorted(table, 3.0)
    yield "binary_search", "8 and 1, out=", lambda: bs.binary_search(table, a, out=place), "np.searchsorted", lambda: np.searchsorted(table, a)
    yield "is_prime", "a number", lambda: bs.is_prime(97), "sympy.isprime", lambda: sympy.isprime(97)
    yield "sum_primes", "a number", lambda: bs.sum_primes(100), "primesieve.primes", lambda: sum(primesieve.primes(99))
    yield "count_primes", "a number", lambda: bs.count_primes(100), "primesieve", lambda: primesieve.count_primes(99)


def refresh(points, d):
    d[1] = d[:, 1] = cdist(points[1:2], points)[0]


def squared(a, b):
    apart = np.subtract(a, b)
    return np.vdot(apart, apart)


def measure(chosen, say):
    results = []
    for name, given, ours, peer, theirs in pairs():
        if not chosen(f"calls {name}"):
            continue
        times, _ = race.quietest({"ours": ours, "theirs": theirs}, budget=0.2)
        results.append(Result(f"{name}: {given}", peer, median(times["ours"]), median(times["theirs"])))
        say(f"calls {results[-1].name:<44} {report.duration(results[-1].ours):>8}  {results[-1].ours / results[-1].theirs:.2f} of {peer}")
    return results


def section(results):
    rows = [[r.name, report.duration(r.ours), f"{r.peer}: {report.duration(r.theirs)}",
             f"{r.ours / r.theirs:.2f}" if r.ours <= MOST * r.theirs else f"**{r.ours / r.theirs:.2f}**"] for r in results]
    return (f"## Calls\n\nPython to Python, on so few elements that the work does not count. Bold: more than {MOST} times the peer's call.\n\n"
            + report.markdown(rows, ["function", "ours", "the peer's call", "ours / peer's"]) + "\n")
