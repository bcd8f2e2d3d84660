from comparison import Row

PACKAGE = "Cython"
TEXT = """
The functions before are in Cython's pure Python mode: ``cythonize`` compiles them as they stand, and this page ran them through Python, which computes the same. What goes
with them is not shown: a ``setup.py``, a compiler at every user's machine or a wheel for each Python, one typed memoryview per dtype and layout
(``double[:, ::1]`` takes no transposed view and no ``float32``), ``boundscheck(False)`` and ``nogil`` with ``prange`` for the other cores. The calls after
take any dtype and any strides, check once, and run on all cores.
"""
WIDTHS = "11 54 24 11"
SETUP = """
import cython
import numpy as np
import bytestride as bs

random = np.random.default_rng(0)
image, kernel = random.random((30, 40)), random.random((3, 3))
volume = random.random((8, 10, 12))
x = random.random((40, 3))
goal = bs.distances(random.random((40, 3)))
"""
ROWS = [
    Row("convolution", """
        @cython.boundscheck(False)
        def convolve(image: cython.double[:, ::1],
                     kernel: cython.double[:, ::1]):
            rows: cython.Py_ssize_t = image.shape[0]
            columns: cython.Py_ssize_t = image.shape[1]
            out = np.zeros((rows, columns))
            total: cython.double
            for i in range(rows):
                for j in range(columns):
                    total = 0.0
                    for k in range(3):
                        for m in range(3):
                            y, x = i + 1 - k, j + 1 - m
                            if (0 <= y < rows
                                    and 0 <= x < columns):
                                total += image[y, x] * kernel[k, m]
                    out[i, j] = total
            return out

        convolve(image, kernel)
        """, "bs.convolve(image, kernel)", 1e-15),
    Row("array + 1", """
        @cython.boundscheck(False)
        def add_one(volume: cython.double[:, :, :],
                    out: cython.double[:, :, :]):
            for i in range(volume.shape[0]):
                for j in range(volume.shape[1]):
                    for k in range(volume.shape[2]):
                        out[i, j, k] = volume[i, j, k] + 1
            return out

        add_one(volume.transpose(2, 0, 1), np.empty((12, 8, 10)))
        """, "bs.add(volume.transpose(2, 0, 1), 1)"),
    Row("distances", """
        @cython.boundscheck(False)
        def distances(x: cython.double[:, ::1]):
            n: cython.Py_ssize_t = x.shape[0]
            out = np.zeros((n, n))
            total: cython.double
            for i in range(n):
                for j in range(n):
                    total = 0.0
                    for k in range(x.shape[1]):
                        total += (x[i, k] - x[j, k]) ** 2
                    out[i, j] = total ** 0.5
            return out

        distances(x)
        """, "bs.distances(x)", 1e-15),
    Row("squared error", """
        def error(goal: cython.double[:, ::1],
                  x: cython.double[:, ::1]):
            total: cython.double = 0.0
            for i in range(x.shape[0]):
                for j in range(x.shape[0]):
                    d = ((x[i, 0] - x[j, 0]) ** 2 + (x[i, 1] - x[j, 1]) ** 2
                         + (x[i, 2] - x[j, 2]) ** 2) ** 0.5
                    total += (goal[i, j] - d) ** 2
            return total

        error(goal, x)
        """, "bs.squared_error(goal, bs.distances(x))", 1e-13),
]
