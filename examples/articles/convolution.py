"""The article on image convolution in Cython: every pixel becomes the weighted sum of its neighbours.

Shows the four nested loops that the article began with, on its 128 x 128 image and 3 x 3 kernel, and the same through
`bs.convolve`: the kernel flipped, zeros outside, the result as large as the image. A second kernel is not square; the
article's faster form, which padded the image first, swapped the margins and failed there.

    python3 examples/articles/convolution.py [--size 128]
"""
import bytestride as bs
import numpy as np

from _forms import Case, run, within

OUTLINE = np.array([[-1.0, -1.0, -1.0], [-1.0, 8.0, -1.0], [-1.0, -1.0, -1.0]])


def convolve(image, kernel):
    """The article's form; taps outside of the image are left out."""
    rows, columns = image.shape
    height, width = kernel.shape
    result = np.zeros(image.shape)
    for row in range(rows):
        for column in range(columns):
            total = 0.0
            for k in range(height):
                for m in range(width):
                    y, x = row + k - height // 2, column + m - width // 2
                    if 0 <= y < rows and 0 <= x < columns:
                        total += image[y, x] * kernel[height - 1 - k, width - 1 - m]
            result[row, column] = total
    return result


def cases(size=128):
    random = np.random.default_rng(0)
    pixels = np.floor(random.uniform(0, 256, (size, size)))
    # Whole numbers far below 2**53: no sum is rounded, so the results must be equal.
    yield Case(f"{size} x {size}, 3 x 3, whole numbers", lambda: convolve(pixels, OUTLINE), lambda: bs.convolve(pixels, OUTLINE))

    kernel = random.uniform(-1, 1, (3, 5))
    # The order of 15 additions is free: the bound of the header's contract, for both forms.
    bound = 2 * (kernel.size + 2) * 2.0**-53 * bs.convolve(np.abs(pixels), np.abs(kernel))
    yield Case(f"{size} x {size}, 3 x 5", lambda: convolve(pixels, kernel), lambda: bs.convolve(pixels, kernel),
               within(bound, "2 (taps + 2) u sum |w| |x|"))


if __name__ == "__main__":
    run(__doc__, cases)
