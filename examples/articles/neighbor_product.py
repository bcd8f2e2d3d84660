"""The article on a C extension for NumPy (its `pixel.transform`): a photograph's neighbourhoods multiplied, colours normalised.

Every channel of a pixel becomes the product over its 3 x 3 neighbourhood, the vector of the channels is brought to length 1,
scaled to 255 and cut off to a whole number. Shows the article's Python loops and `bs.neighbor_product`. The loops compute
255 v / |v| in floating point: where that is a whole number, as for (2, 2, 1) / 3, rounding may make them one too small.
Bytestride's bytes are the exact ones; every pixel in which the two differ is decided here in whole numbers.

    python3 examples/articles/neighbor_product.py [--size 96]
"""
import math

import bytestride as bs
import numpy as np

from _forms import Case, Different, run


def normalized(product):
    length = math.sqrt(sum(value * value for value in product))
    return [0.0 if length == 0 else min(value / length, 1.0) for value in product]


def transform(image):
    """The article's form; it left the rim undefined, here it is zero."""
    rows, columns, channels = image.shape
    fractions = image / 255
    result = np.zeros(image.shape, np.uint8)
    for y in range(1, rows - 1):
        for x in range(1, columns - 1):
            product = []
            for channel in range(channels):
                value = 1.0
                for j in (y - 1, y, y + 1):
                    for i in (x - 1, x, x + 1):
                        value *= fractions[j, i, channel]
                product.append(value)
            result[y, x] = [int(value * 255) for value in normalized(product)]
    return result


def exact(image, y, x):
    """floor(255 p / |p|) of the products p, as whole numbers of any length."""
    window = image[y - 1:y + 2, x - 1:x + 2].reshape(9, -1).tolist()
    product = [math.prod(channel) for channel in zip(*window)]
    squares = sum(value * value for value in product)
    return [math.isqrt(255**2 * value * value // squares) if squares else 0 for value in product]


def equal_or_exact(image):
    def compare(loops, ours):
        places = np.argwhere((loops != ours).any(axis=2))
        for y, x in places.tolist():
            if ours[y, x].tolist() != exact(image, y, x) or np.abs(loops[y, x].astype(int) - ours[y, x]).max() > 1:
                raise Different(f"pixel ({y}, {x}) is {ours[y, x]}, by loops {loops[y, x]}, exactly {exact(image, y, x)}")
        return f"equal, but for {len(places)} pixels that the loops round down by one" if len(places) else "equal"
    return compare


def cases(size=96):
    random = np.random.default_rng(0)
    rows, columns = np.mgrid[:size, :size]
    # Bright, smooth colours with a little noise, as a photograph has them.
    waves = np.stack([np.sin(rows / 9), np.cos(columns / 7), np.sin((rows + columns) / 11)], axis=2)
    photograph = (190 + 50 * waves + random.uniform(-15, 15, waves.shape)).astype(np.uint8)
    yield Case(f"{size} x {size}, colours", lambda: transform(photograph), lambda: bs.neighbor_product(photograph),
               equal_or_exact(photograph))
    dark = random.integers(1, 4, (size, size, 3), dtype=np.uint8)
    yield Case(f"{size} x {size}, bytes 1 to 3", lambda: transform(dark), lambda: bs.neighbor_product(dark), equal_or_exact(dark))


if __name__ == "__main__":
    run(__doc__, cases)
