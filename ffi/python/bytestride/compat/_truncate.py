"""Fractions cut off, as SciPy stores floating point sums in integer arrays - but once, exactly, and without wrapping."""
import math

import numpy as np

from ..copy import cast

# So many elements of a block, in float64, stay in a cache between the steps.
BLOCK = 1 << 15
# No rounding error of the sums that are cut here is larger, so no fraction that a user means is lost.
MOST_ROUNDING = 1e-6


def rounding_of(taps, weight, largest):
    """A bound for the rounding errors of sums of `taps` products with weights whose magnitudes sum to `weight`."""
    bound = (taps + 2) * 2.0**-53 * weight * largest
    return bound if bound < MOST_ROUNDING else MOST_ROUNDING


def largest_of(array):
    """An upper bound for the magnitudes in `array`; of narrow integers by their dtype alone."""
    if array.dtype.kind in "biu" and array.dtype.itemsize <= 2:
        return 2.0 ** (8 * array.dtype.itemsize)
    return max(abs(float(array.min())), abs(float(array.max()))) if array.size else 0.0


def blocks(shape):
    """Indices of blocks of rows that stay in a cache."""
    if not shape or 0 in shape:
        return [...]
    rows = max(1, BLOCK * shape[0] // math.prod(shape))
    return [slice(start, start + rows) for start in range(0, shape[0], rows)]


def truncate(block, rounding):
    """Cuts fractions off in place; `rounding` as in `store_truncated`."""
    if rounding:
        block += np.copysign(rounding, block)
    np.trunc(block, out=block)


def store_truncated(sums, out, rounding=0.0):
    """Stores `sums`, a C-order float64 array that is overwritten, in an integer or bool array.

    Fractions are cut off and values beyond the dtype saturate; NaN gives 0. What lies at most `rounding` below a whole number, in
    magnitude, counts as that number: 3 * (1 / 3) + 0.3 * 10 / 3 is 2, not 1.9999999999999998 and so 1.
    """
    for rows in blocks(sums.shape):
        truncate(sums[rows], rounding)
        if out.dtype.kind == "b":
            np.not_equal(sums[rows], 0, out=out[rows])
        else:
            cast(sums[rows], out.dtype, out=out[rows], rule="saturate")
