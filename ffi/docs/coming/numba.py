from comparison import Row

PACKAGE = "Numba"
TEXT = """
A loop under ``@njit`` is compiled when it is first called, for each combination of dtypes and layouts. The calls below have been compiled before, for all of
them, and run on all cores. A loop that is none of these calls stays where it is.
"""
WIDTHS = "11 54 24 11"
SETUP = """
import numba
import numpy as np
import bytestride as bs

random = np.random.default_rng(0)
image, kernel = random.random((60, 80)), random.random((3, 3))
photo = random.integers(0, 256, (60, 80, 3), dtype=np.uint8)
x = random.random((100, 3))
depth = random.random((60, 80)) + 1
table = np.sort(random.integers(0, 1000, 500))
"""
ROWS = [
    Row("convolution", """
        @numba.njit
        def convolve(image, kernel):
            out = np.zeros_like(image)
            rows, columns = image.shape
            for i in range(rows):
                for j in range(columns):
                    total = 0.0
                    for k in range(3):
                        for m in range(3):
                            y, x = i + 1 - k, j + 1 - m
                            if 0 <= y < rows and 0 <= x < columns:
                                total += image[y, x] * kernel[k, m]
                    out[i, j] = total
            return out

        convolve(image, kernel)
        """, "bs.convolve(image, kernel)", 1e-15),
    Row("elementwise", """
        @numba.vectorize
        def brighter(a, b):
            return a + b

        brighter(image, 1.0)
        """, "bs.add(image, 1.0)"),
    Row("transpose and cast", """
        @numba.njit
        def planes(photo):
            rows, columns, channels = photo.shape
            out = np.empty((channels, rows, columns), np.float32)
            for c in range(channels):
                for i in range(rows):
                    for j in range(columns):
                        out[c, i, j] = photo[i, j, c]
            return out

        planes(photo)
        """, "bs.transpose(photo, (2, 0, 1), dtype=np.float32)"),
    Row("distances", """
        @numba.njit
        def distances(x):
            n, d = x.shape
            out = np.zeros((n, n))
            for i in range(n):
                for j in range(n):
                    total = 0.0
                    for k in range(d):
                        total += (x[i, k] - x[j, k]) ** 2
                    out[i, j] = total ** 0.5
            return out

        distances(x)
        """, "bs.distances(x)", 1e-15),
    Row("depth to points", """
        @numba.njit
        def cloud(depth, f, cx, cy):
            rows, columns = depth.shape
            out = np.empty((rows, columns, 3))
            for v in range(rows):
                for u in range(columns):
                    z = depth[v, u]
                    out[v, u] = (u - cx) * z / f, (v - cy) * z / f, z
            return out

        cloud(depth, 75.0, 40.0, 30.0)
        """, """
        bs.depth_to_points(depth, 75, 75, 40, 30,
                           depth_scale=1.0, dtype=np.float64)
        """, 1e-15),
    Row("binary search", """
        @numba.njit
        def found(table, value):
            low, high = 0, len(table) - 1
            while low <= high:
                middle = (low + high) // 2
                if table[middle] == value:
                    return middle
                if table[middle] < value:
                    low = middle + 1
                else:
                    high = middle - 1
            return -1

        [found(table, value) for value in range(1000)]
        """, "bs.binary_search(table, np.arange(1000))"),
]
