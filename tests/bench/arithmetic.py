"""Elementwise arithmetic against NumPy, and views against contiguous arrays."""
import bytestride as bs
import numpy as np
from race import Row

SIZES = {"10 k": 10_000, "1 M": 1_000_000, "16 M": 16_000_000}


def rows(threads):
    random = np.random.default_rng(1)
    for name, size in SIZES.items():
        a, b = random.random(size), random.random(size)
        ours, theirs = np.empty(size), np.empty(size)
        yield Row(f"add float64, {name}, out=", lambda: bs.add(a, b, out=ours, threads=threads),
                  {"numpy": lambda: np.add(a, b, out=theirs)}, threads, goal=1.0)
    yield Row("add float64, 16 M, new result", lambda: bs.add(a, b, threads=threads), {"numpy": lambda: np.add(a, b)}, threads)
    yield Row("add float64, 16 M, and a number, out=", lambda: bs.add(a, 1.0, out=ours, threads=threads),
              {"numpy": lambda: np.add(a, 1.0, out=theirs)}, threads, goal=1.0)
    yield Row("multiply float64, 16 M, out=", lambda: bs.multiply(a, b, out=ours, threads=threads),
              {"numpy": lambda: np.multiply(a, b, out=theirs)}, threads)
    yield Row("divide float64, 16 M, out=", lambda: bs.divide(a, b, out=ours, threads=threads),
              {"numpy": lambda: np.divide(a, b, out=theirs)}, threads)
    yield Row("maximum float64, 16 M, out=", lambda: bs.maximum(a, b, out=ours, threads=threads),
              {"numpy": lambda: np.maximum(a, b, out=theirs)}, threads)
    del a, b, ours, theirs

    for dtype in (np.uint8, np.float32):
        volume = random.integers(0, 255, (256, 256, 256)).astype(dtype)
        ours, theirs = np.empty_like(volume), np.empty_like(volume)
        yield Row(f"add {np.dtype(dtype)}, 256^3 and a number, out=", lambda: bs.add(volume, 1, out=ours, threads=threads),
                  {"numpy": lambda: np.add(volume, 1, out=theirs)}, threads, goal=1.0)
    half = random.random(1_000_000).astype(np.float16)
    ours, theirs = np.empty_like(half), np.empty_like(half)
    yield Row("add float16, 1 M, out=", lambda: bs.add(half, half, out=ours, threads=threads),
              {"numpy": lambda: np.add(half, half, out=theirs)}, threads)
    number, result = random.integers(0, 100, 1_000_000).astype(np.int32), np.empty(1_000_000)
    wide, other = random.random(1_000_000), np.empty(1_000_000)
    yield Row("add int32 and float64, 1 M, out=", lambda: bs.add(number, wide, out=result, threads=threads),
              {"numpy": lambda: np.add(number, wide, out=other)}, threads)
    yield from views(threads, random)


def views(threads, random):
    """Ours on a view against ours on a contiguous copy of it; the goal is 1 / 1.5 at equal memory traffic.

    A view with a step reads whole cache lines and uses a part of them, so times are compared per byte of the
    lines that each candidate touches.
    """
    side = 2048
    for name, view, lines in (("reversed", lambda a: a[::-1, ::-1], 1), ("transposed", lambda a: a.T, 1),
                              ("rows reversed", lambda a: a[::-1], 1), ("every second column", lambda a: a[:, ::2], 2),
                              ("every second row", lambda a: a[::2], 1)):
        for label, scale in (("4 M", 1), ("64 k", 8)):
            a, b = (view(random.random((side // scale, side // scale))) for _ in range(2))
            c, d = np.ascontiguousarray(a), np.ascontiguousarray(b)
            ours, theirs, numpys = np.empty(a.shape), np.empty(a.shape), np.empty(a.shape)
            yield Row(f"view: add of {name}, {label}, out=", lambda: bs.add(a, b, out=ours, threads=threads),
                      {"ours, contiguous": lambda: bs.add(c, d, out=theirs, threads=threads)}, threads, goal=1 / 1.5,
                      work={"ours": 2 * a.nbytes * lines + ours.nbytes, "ours, contiguous": 3 * ours.nbytes})
            yield Row(f"view: add of {name}, {label}, out=, against NumPy", lambda: bs.add(a, b, out=ours, threads=threads),
                      {"numpy": lambda: np.add(a, b, out=numpys)}, threads)
