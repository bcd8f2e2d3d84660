"""The photograph's case: the product over 3 x 3 pixels per channel, normalised, on 535 x 950 pixels of RGBA."""
import math

import forms

ROWS, COLUMNS = 535, 950


def byte(index):
    return 1 + int(255 * forms.golden(index))


def python(part):
    """So many of its first rows, and the one below them; pixels as lists."""
    rows = int(ROWS * part)
    image = [[[byte((y * COLUMNS + x) * 4 + c) / 255 for c in range(3)] for x in range(COLUMNS)] for y in range(rows + 1)]
    result = bytearray(rows * COLUMNS * 4)

    def compute():
        for y in range(rows):
            for x in range(COLUMNS):
                place = (y * COLUMNS + x) * 4
                result[place + 3] = 255
                if y == 0 or x in (0, COLUMNS - 1):
                    continue
                product = []
                for c in range(3):
                    value = 1.0
                    for j in (y - 1, y, y + 1):
                        for i in (x - 1, x, x + 1):
                            value *= image[j][i][c]
                    product.append(value)
                length = math.sqrt(sum(value * value for value in product))
                for c in range(3):
                    result[place + c] = int(product[c] / length * 255) if length else 0
    return compute, result


def arrays():
    import numpy as np
    index = np.arange(ROWS * COLUMNS * 4) * 0.6180339887498949
    image = (1 + (255 * (index - np.trunc(index))).astype(int)).astype(np.uint8).reshape(ROWS, COLUMNS, 4)
    result = np.zeros_like(image)
    result[..., 3] = 255
    return image, result


def numba(part):
    import loops
    image, result = arrays()
    loop = loops.neighbor_product(2)
    loop(image, result)  # compiled, or read from the cache
    return lambda: loop(image, result), result


def bytestride(part):
    import bytestride as bs
    image, result = arrays()
    return lambda: bs.neighbor_product(image, out=result), result


forms.main({"python": python, "peer": numba, "bytestride": bytestride})
