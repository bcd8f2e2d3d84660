"""The array talk's case: array + 1 on 256 x 256 x 256 float64."""
from array import array

import forms

SIDE = 256


def python(part):
    """So many of its planes, as nested lists."""
    planes = int(SIDE * part)
    volume = [[[float((i * SIDE + j) * SIDE + k & 255) for k in range(SIDE)] for j in range(SIDE)] for i in range(planes)]
    result = array("d", bytes(8 * planes * SIDE * SIDE))

    def compute():
        for i in range(planes):
            for j in range(SIDE):
                for k in range(SIDE):
                    result[(i * SIDE + j) * SIDE + k] = volume[i][j][k] + 1
    return compute, result


def arrays():
    import numpy as np
    volume = (np.arange(SIDE**3) & 255).astype(np.float64).reshape(SIDE, SIDE, SIDE)
    return volume, volume.copy()  # its memory is there before the time counts


def numpy(part):
    import numpy as np
    volume, result = arrays()
    return lambda: np.add(volume, 1, out=result), result


def bytestride(part):
    import bytestride as bs
    volume, result = arrays()
    return lambda: bs.add(volume, 1, out=result), result


forms.main({"python": python, "peer": numpy, "bytestride": bytestride})
