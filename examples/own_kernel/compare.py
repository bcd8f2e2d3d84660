"""The article's loops as an own kernel: compiled here, checked against the article's form, timed beside Cython and Numba.

    python3 examples/own_kernel/compare.py [--size 512]        # NumPy, a C++ compiler; Cython and Numba where they are installed
"""
import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import bytestride as bs

HERE = Path(__file__).resolve().parent


def loops(image, kernel, out):
    """The article's form; also what Numba compiles."""
    rows, columns = image.shape
    height, width = kernel.shape
    for row in range(rows):
        for column in range(columns):
            total = 0.0
            for k in range(height):
                for m in range(width):
                    y, x = row + k - height // 2, column + m - width // 2
                    if 0 <= y < rows and 0 <= x < columns:
                        total += image[y, x] * kernel[height - 1 - k, width - 1 - m]
            out[row, column] = total


def cython_form(folder):
    import pyximport
    os.environ.setdefault("CFLAGS", "-O3")
    pyximport.install(build_dir=folder, language_level=3)
    sys.path.insert(0, str(HERE))
    from convolve import convolve
    return convolve


def numba_form(_):
    import numba
    return numba.njit(loops)


def seconds(function, image, kernel, out):
    """The median of what fits into half a second; the first call, which may compile, is not timed."""
    times, end = [], time.perf_counter() + 0.5
    function(image, kernel, out)
    while not times or time.perf_counter() < end:
        start = time.perf_counter()
        function(image, kernel, out)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--size", type=int, default=512, help="rows and columns of the image")
    size = parser.parse_args().size
    own = bs.compile(HERE / "convolve.cpp")

    random = np.random.default_rng(0)
    kernel = np.array([[-1.0, -1.0, -1.0], [-1.0, 8.0, -1.0], [-1.0, -1.0, -2.0]])
    small = np.floor(random.uniform(0, 256, (40, 50)))[::-1, ::2]
    expected = np.empty(small.shape)
    loops(small, kernel, expected)
    if not np.array_equal(own.convolve(small, kernel), expected):
        sys.exit("own kernel: not equal to the article's loops")
    print("own kernel: equal to the article's loops")
    try:
        own.convolve(small, kernel, out=np.empty((40, 26)))
    except bs.ShapeError as error:
        print(f"a wrong call: {error}")

    image, out, wanted = np.floor(random.uniform(0, 256, (size, size))), np.empty((size, size)), own.convolve(
        np.zeros((size, size)), kernel)
    own.convolve(image, kernel, out=wanted)
    forms = {"own kernel, 1 thread": lambda *arrays: own.convolve(*arrays[:2], out=arrays[2], threads=1),
             f"own kernel, {bs.get_num_threads()} threads": lambda *arrays: own.convolve(*arrays[:2], out=arrays[2])}
    with tempfile.TemporaryDirectory() as folder:
        for name, package, form in (("Cython, 1 thread", "cython setuptools", cython_form), ("Numba, 1 thread", "numba", numba_form)):
            try:
                forms[name] = form(folder)
            except ImportError as error:
                print(f"without {name.split(',')[0]} ({error}): pip install {package}")
        forms["bs.convolve, 1 thread"] = lambda *arrays: bs.convolve(*arrays[:2], out=arrays[2], threads=1)
        print(f"{size} x {size}, 3 x 3, float64:")
        for name, form in forms.items():
            median = seconds(form, image, kernel, out)
            if not np.array_equal(out, wanted):  # whole numbers: no sum is rounded
                sys.exit(f"{name}: not equal")
            print(f"  {name:<24} {median * 1e3:8.3f} ms")


if __name__ == "__main__":
    main()
