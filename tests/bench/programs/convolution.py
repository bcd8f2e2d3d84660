"""The convolution article's case: 128 x 128 float64 with a 3 x 3 kernel, zero outside."""
from array import array

import forms

SIDE = 128
KERNEL = [[-1.0, -1.0, -1.0], [-1.0, 8.0, -1.0], [-1.0, -1.0, -1.0]]


def pixel(index):
    return float(index * 7 % 251)


def python(part):
    image = [[pixel(i * SIDE + j) for j in range(SIDE)] for i in range(SIDE)]
    result = array("d", bytes(8 * SIDE * SIDE))

    def compute():
        for i in range(SIDE):
            for j in range(SIDE):
                total = 0.0
                for k in range(3):
                    for m in range(3):
                        y, x = i + 1 - k, j + 1 - m
                        if 0 <= y < SIDE and 0 <= x < SIDE:
                            total += image[y][x] * KERNEL[k][m]
                result[i * SIDE + j] = total
    return compute, result


def arrays():
    import numpy as np
    image = (np.arange(SIDE * SIDE) * 7 % 251).astype(np.float64).reshape(SIDE, SIDE)
    return image, np.array(KERNEL), np.empty((SIDE, SIDE))


def opencv(part):
    """It correlates: the kernel is symmetric."""
    import cv2
    image, kernel, result = arrays()
    return lambda: cv2.filter2D(image, -1, kernel, result, borderType=cv2.BORDER_CONSTANT), result


def bytestride(part):
    import bytestride as bs
    image, kernel, result = arrays()
    return lambda: bs.convolve(image, kernel, out=result), result


forms.main({"python": python, "peer": opencv, "bytestride": bytestride})
