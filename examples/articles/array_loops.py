"""The talk on array processing in Python: `array + 1` in three nested loops, and cast_copy_transpose.

The talk adds 1 to a 256 x 256 x 256 array; the loops run here on a smaller one, and on a view of it. Its compiled forms took
a bare pointer and read a view as if it were contiguous; here the strides travel with the pointer. cast_copy_transpose,
of the examples of scipy.weave, turns float64 into transposed float32; it ran over the wrong bounds unless the matrix was square.

    python3 examples/articles/array_loops.py [--size 48] [--rows 150] [--columns 150]
"""
import bytestride as bs
import numpy as np

from _forms import Case, run


def add_one(volume):
    """The talk's form, but with the result's dtype and bounds right."""
    result = np.empty(volume.shape, volume.dtype)
    with np.errstate(over="ignore"):  # 255 + 1 = 0 is meant
        for i in range(volume.shape[0]):
            for j in range(volume.shape[1]):
                for k in range(volume.shape[2]):
                    result[i, j, k] = volume[i, j, k] + 1
    return result


def cast_copy_transpose(dtype, matrix):
    rows, columns = matrix.shape
    result = np.empty((columns, rows), dtype)
    for i in range(columns):
        for j in range(rows):
            result[i, j] = matrix[j, i]
    return result


def cases(size=48, rows=150, columns=150):
    random = np.random.default_rng(0)
    for dtype in (np.uint8, np.float64):
        volume = random.integers(0, 256, (size, size, size)).astype(dtype)
        for name, view in (("contiguous", volume), ("the view [::-1, :, ::2]", volume[::-1, :, ::2])):
            yield Case(f"array + 1, {size}^3 {volume.dtype}, {name}", lambda: add_one(view), lambda: bs.add(view, 1),
                       others={"NumPy": lambda: view + 1})
    matrix = random.uniform(-1000, 1000, (rows, columns))
    for name, a in ((f"{rows} x {columns}", matrix), (f"{rows} x {(columns + 1) // 2}, a view", matrix[:, ::2])):
        yield Case(f"cast, copy, transpose, {name}", lambda: cast_copy_transpose(np.float32, a), lambda: bs.transpose(a, dtype=np.float32),
                   others={"NumPy": lambda: a.T.astype(np.float32, order="C")})


if __name__ == "__main__":
    run(__doc__, cases)
