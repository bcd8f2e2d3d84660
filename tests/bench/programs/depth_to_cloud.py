"""The depth article's case: 240 x 320 readings in millimetres become points, with its signs."""
from array import array

import forms

ROWS, COLUMNS = 240, 320
FOCAL, CX, CY, SCALE = 525.0, 159.5, 119.5, 1000.0


def reading(index):
    return 400 + int(7600 * forms.golden(index))


def python(part):
    depth = [[reading(v * COLUMNS + u) for u in range(COLUMNS)] for v in range(ROWS)]
    result = array("f", bytes(ROWS * COLUMNS * 3 * 4))

    def compute():
        points = []
        for v in range(ROWS):
            for u in range(COLUMNS):
                z = -float(depth[v][u]) / SCALE
                points.extend(((u - CX) * z / FOCAL, (v - CY) * z / FOCAL, z))
        result[:] = array("f", points)
    return compute, result


def arrays():
    import numpy as np
    index = np.arange(ROWS * COLUMNS) * 0.6180339887498949
    depth = (400 + (7600 * (index - np.trunc(index))).astype(int)).astype(np.uint16).reshape(ROWS, COLUMNS)
    return depth, np.empty((ROWS, COLUMNS, 3), np.float32)


def numba(part):
    """The article's signs come with negative factors."""
    import loops
    depth, result = arrays()
    loop = loops.depth_to_points(1)

    def compute():
        loop(depth, FOCAL, FOCAL, CX, CY, -SCALE, result)
    compute()
    return compute, result


def bytestride(part):
    import bytestride as bs
    depth, result = arrays()
    return lambda: bs.depth_to_points(depth, FOCAL, FOCAL, CX, CY, frame="inverted", invalid="zero", out=result), result


forms.main({"python": python, "peer": numba, "bytestride": bytestride})
