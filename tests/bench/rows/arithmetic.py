"""Elementwise arithmetic against NumPy, numexpr, OpenCV and loops compiled by Numba."""
from functools import partial

import bytestride as bs
import cv2
import numba
import numexpr
import numpy as np
from loops import compiled
from machine import Work
from race import Candidates, Row

SIZES = {"10 k": 10_000, "100 k": 100_000, "1 M": 1_000_000, "16 M": 16_000_000}


@compiled
def sums(a, b, out):
    for i in numba.prange(a.size):
        out[i] = a[i] + b[i]
    return out


@compiled
def sums_with_number(a, s, out):
    for i in numba.prange(a.size):
        out[i] = a[i] + s
    return out


def arrays(size, threads):
    random = np.random.default_rng(1)
    return random.random(size), random.random(size), [np.empty(size) for _ in range(5)]


def two_arrays(size, threads):
    a, b, out = arrays(size, threads)
    add = sums(threads)
    return Candidates(
        lambda: bs.add(a, b, out=out[0], threads=threads),
        {"numpy": lambda: np.add(a, b, out=out[1]), "numba": lambda: add(a, b, out[2]),
         "numexpr": lambda: numexpr.evaluate("a + b", local_dict={"a": a, "b": b}, out=out[3]), "opencv": lambda: cv2.add(a, b, dst=out[4]).ravel()},
        work=Work(read=16 * size, written=8 * size))


def with_number(size, threads):
    a, _, out = arrays(size, threads)
    add = sums_with_number(threads)
    return Candidates(
        lambda: bs.add(a, 1.5, out=out[0], threads=threads),
        {"numpy": lambda: np.add(a, 1.5, out=out[1]), "numba": lambda: add(a, 1.5, out[2]),
         "numexpr": lambda: numexpr.evaluate("a + 1.5", local_dict={"a": a}, out=out[3])},
        work=Work(read=8 * size, written=8 * size))


def new_result(size, threads):
    a, b, _ = arrays(size, threads)
    return Candidates(lambda: bs.add(a, b, threads=threads), {"numpy": lambda: np.add(a, b)})


def other(name, size, threads):
    a, b, out = arrays(size, threads)
    return Candidates(lambda: getattr(bs, name)(a, b, out=out[0], threads=threads), {"numpy": lambda: getattr(np, name)(a, b, out=out[1])},
                      work=Work(read=16 * size, written=8 * size))


def volume(dtype, threads):
    a = np.random.default_rng(1).integers(0, 255, (256, 256, 256)).astype(dtype)
    ours, theirs = np.empty_like(a), np.empty_like(a)
    return Candidates(lambda: bs.add(a, 1, out=ours, threads=threads), {"numpy": lambda: np.add(a, 1, out=theirs)},
                      work=Work(read=a.nbytes, written=a.nbytes))


def mixed(left, right, threads):
    random = np.random.default_rng(1)
    a, b = (random.uniform(0, 100, 1_000_000).astype(dtype) for dtype in (left, right))
    ours, theirs = (np.empty(a.shape, np.result_type(a, b)) for _ in range(2))
    return Candidates(lambda: bs.add(a, b, out=ours, threads=threads), {"numpy": lambda: np.add(a, b, out=theirs)})


ROWS = [
    Row("add float64, 10 k, out=", partial(two_arrays, SIZES["10 k"]), (0.95, 0.95)),
    Row("add float64, 1 M, out=", partial(two_arrays, SIZES["1 M"]), (1.2, 1.15)),
    Row("add float64, 16 M, out=", partial(two_arrays, SIZES["16 M"]), (1.15, 1.2)),
    Row("add float64 and a number, 100 k, out=", partial(with_number, SIZES["100 k"]), (0.97, 1.05)),
    Row("add float64 and a number, 1 M, out=", partial(with_number, SIZES["1 M"]), (1.2, 1.25)),
    Row("add float64 and a number, 16 M, out=", partial(with_number, SIZES["16 M"]), (1.3, 1.3)),
    Row("add float64, 16 M, new result", partial(new_result, SIZES["16 M"])),
    *(Row(f"{name} float64, 16 M, out=", partial(other, name, SIZES["16 M"])) for name in ("multiply", "divide", "maximum")),
    *(Row(f"add {np.dtype(dtype)}, 256^3 and a number, out=", partial(volume, dtype)) for dtype in (np.uint8, np.float32)),
    Row("add float16, 1 M, out=", partial(mixed, np.float16, np.float16)),
    Row("add int32 and float64, 1 M, out=", partial(mixed, np.int32, np.float64)),
]
