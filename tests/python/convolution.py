"""Convolution straight from its definition: the oracle for the fast one.

Integers are summed as Python ints, floats in `numpy.longdouble`, which has at least 64 bits of significand.
"""
import itertools

import numpy as np

import bytestride as bs
import exact

BOUNDARIES = ("constant", "reflect", "mirror", "nearest", "wrap")
REGIONS = ("same", "full", "valid")


def function(flip):
    """What is to be tested."""
    return bs.convolve if flip else bs.correlate


def source(i, n, boundary):
    """The index that stands in for index i of an axis with n elements; None outside under `constant`."""
    if 0 <= i < n:
        return i
    if boundary == "constant":
        return None
    if boundary == "nearest":
        return min(max(i, 0), n - 1)
    if boundary == "wrap":
        return i % n
    if boundary == "reflect":
        i %= 2 * n
        return i if i < n else 2 * n - 1 - i
    if n == 1:
        return 0
    i %= 2 * n - 2
    return i if i < n else 2 * n - 2 - i


def extended(x, axis, left, right, boundary, fill):
    """x continued by `left` and `right` elements along an axis."""
    n = x.shape[axis]
    indices = [source(i, n, boundary) for i in range(-left, n + right)]
    shape = list(x.shape)
    shape[axis] = len(indices)
    result = np.full(shape, fill, x.dtype)
    inside = [i for i, index in enumerate(indices) if index is not None]
    if inside:
        to = [slice(None)] * x.ndim
        to[axis] = inside
        result[tuple(to)] = np.take(x, [indices[i] for i in inside], axis)
    return result


def sums(x, w, *, boundary="constant", fill=0, region="same", axes=None, origin=0, flip=True):
    """The exact sums and the sums of the absolute products: object arrays of int, or longdouble."""
    x, w = np.asarray(x), np.asarray(w)
    whole = x.dtype.kind in "biu" and w.dtype.kind in "biu"
    wide = object if whole else np.longdouble
    if whole:
        x, w = as_ints(x), as_ints(w)
    else:
        x, w = x.astype(wide), w.astype(wide)
    axes = range(x.ndim) if axes is None else [axes] if isinstance(axes, int) else axes
    axes = [axis % x.ndim for axis in axes]
    origin = [origin] * len(axes) if isinstance(origin, int) else list(origin)
    if flip:
        w = w[(slice(None, None, -1),) * w.ndim]
    for axis, n, shift in zip(axes, w.shape, origin):
        if region == "same":
            left = n - 1 - ((n - 1) // 2 + shift) if flip else n // 2 + shift
            x = extended(x, axis, left, n - 1 - left, boundary, fill)
        elif region == "full":
            x = extended(x, axis, n - 1, n - 1, boundary, fill)
    shape = list(x.shape)
    for axis, n in zip(axes, w.shape):
        shape[axis] -= n - 1
    total, size = (np.zeros(shape, wide) + (0 if whole else wide(0)) for _ in range(2))
    for tap in itertools.product(*map(range, w.shape)):
        window = [slice(None)] * x.ndim
        for axis, k in zip(axes, tap):
            window[axis] = slice(k, k + shape[axis])
        product = x[tuple(window)] * w[tap]
        total, size = total + product, size + abs(product)
    return np.asarray(total, wide), np.asarray(size, wide)


def as_ints(a):
    """An object array of Python ints."""
    result = np.empty(a.shape, object)
    result[...] = a.astype(np.uint8) if a.dtype.kind == "b" else a
    return result


def natural_dtype(x, w):
    """As the documentation of `convolve` says it."""
    if x.kind == "f":
        return np.result_type(x, w)
    if w.kind == "f":
        narrow = x in (np.dtype(name) for name in ("bool", "int8", "uint8", "int16", "uint16"))
        return np.dtype("float32" if narrow and w.itemsize <= 4 else "float64")
    unsigned = all(dtype.kind in "bu" for dtype in (x, w))
    return np.dtype("uint64" if unsigned else "int64")


def check(actual, x, w, dtype=None, **options):
    """Whether `actual` is an allowed result for input x and kernel w."""
    x, w, actual = np.asarray(x), np.asarray(w), np.asarray(actual)
    total, size = sums(x, w, **options)
    natural = natural_dtype(x.dtype, w.dtype)
    dtype = natural if dtype is None else np.dtype(dtype)
    assert actual.dtype == dtype, f"dtype {actual.dtype}, expected {dtype}"
    assert actual.shape == total.shape, f"shape {actual.shape}, expected {total.shape}"
    if natural.kind in "iu":
        expected = np.empty(total.shape, dtype)
        for index in np.ndindex(total.shape):
            value = total[index]
            expected[index] = (value != 0 if dtype.kind == "b" else exact.to_float(value, dtype.name) if dtype.kind == "f"
                               else exact.to_integer(value, dtype, "saturate"))
        different = actual != expected
        low = high = expected
    else:
        u = 2.0**-53 if natural == np.float64 else 2.0**-24
        error = (w.size + 2) * u * size + w.size * float(np.finfo(np.float32 if natural != np.float64 else np.float64).tiny)
        if natural == np.float16:
            error = error + 2.0**-11 * abs(total) + 2.0**-25
        low, high = (rounded(value, dtype) for value in (total - error, total + error))
        # Rounding is monotone: what is within the bound of the exact sum is between the rounded limits.
        ordinary = np.isfinite(total)
        special = np.isnan(actual.astype(float)) != np.isnan(total) if dtype.kind == "f" else np.zeros(total.shape, bool)
        if dtype.kind == "f":
            special |= np.isinf(total) & (actual.astype(np.longdouble) != total)
        different = np.where(ordinary, (actual < low) | (actual > high), special)
    if dtype.kind == "b" and natural.kind == "f":
        different = ordinary & (size != 0) & (abs(total) > error) & ~actual
    if np.any(different):
        where = tuple(int(i) for i in np.argwhere(different)[0])
        raise AssertionError(f"{np.count_nonzero(different)} of {different.size} elements are wrong, the first at {where}: "
                             f"{actual[where]!r}, allowed {low[where]!r} to {high[where]!r}, exact {total[where]!r}")


def rounded(values, dtype):
    """Half to even and saturated for integers; NaN gives 0."""
    if dtype.kind == "f":
        return values.astype(dtype)
    if dtype.kind == "b":
        return values != 0
    limits = np.iinfo(dtype)
    clipped = np.rint(np.clip(np.nan_to_num(values), limits.min, limits.max))
    return np.array([int(value) for value in clipped.ravel()], object).reshape(values.shape).astype(dtype)
