"""The talk's cast_copy_transpose: 150 x 150 from float64 to transposed float32."""
from array import array

import forms

SIDE = 150


def python(part):
    matrix = [[float(i * SIDE + j) / 7 for j in range(SIDE)] for i in range(SIDE)]
    result = array("f", bytes(4 * SIDE * SIDE))

    def compute():
        for i in range(SIDE):
            for j in range(SIDE):
                result[i * SIDE + j] = matrix[j][i]
    return compute, result


def arrays():
    import numpy as np
    return np.arange(SIDE * SIDE, dtype=np.float64).reshape(SIDE, SIDE) / 7, np.empty((SIDE, SIDE), np.float32)


def numpy(part):
    import numpy as np
    matrix, result = arrays()
    return lambda: np.copyto(result, matrix.T, casting="same_kind"), result


def bytestride(part):
    import bytestride as bs
    import numpy as np
    matrix, result = arrays()
    return lambda: bs.transpose(matrix, dtype=np.float32, out=result), result


forms.main({"python": python, "peer": numpy, "bytestride": bytestride})
