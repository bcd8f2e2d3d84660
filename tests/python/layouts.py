"""Arrays in every memory layout, with guard bytes around and between their elements, and the values worth trying."""
import itertools

import numpy as np

INTEGERS = [np.dtype(name) for name in
            ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")]
FLOATS = [np.dtype(name) for name in ("float16", "float32", "float64")]
COMPLEX = [np.dtype(name) for name in ("complex64", "complex128")]
BOOL = np.dtype(bool)
REAL = [BOOL] + INTEGERS + FLOATS
DTYPES = REAL + COMPLEX

GUARD = 0xA5
MARGIN = 64  # guard bytes before and behind

# C order, Fortran order, every second element, reversed, transposed, a field of packed records, an odd address,
# and a mixture with gaps of different sizes.
LAYOUTS = ("c", "fortran", "slice", "negative", "transposed", "record", "misaligned", "mixed")


class Placed:
    """A view of `shape` and `dtype` in a buffer full of guard bytes.

    `array` is the view; `check()` fails when a byte of the buffer that is no element's has changed.
    """

    def __init__(self, shape, dtype, layout="c"):
        shape, dtype = tuple(shape), np.dtype(dtype)
        steps, start = self._steps(shape, dtype.itemsize, layout)
        low = start + sum(min(0, step * (n - 1)) for step, n in zip(steps, shape) if n)
        high = start + sum(max(0, step * (n - 1)) for step, n in zip(steps, shape) if n) + dtype.itemsize
        first = MARGIN - low
        self.buffer = np.full(high - low + 2 * MARGIN + 8, GUARD, np.uint8)
        # The buffer's own address is made a multiple of 8, so only the layout decides about alignment.
        shift = -(self.buffer.ctypes.data + first) % 8 + (start % 8 if layout == "misaligned" else 0)
        self.offset = first + shift
        self.array = np.ndarray(shape, dtype, self.buffer, self.offset, steps)
        self.layout = layout
        self._outside = self._mask(shape, dtype.itemsize, steps)

    @staticmethod
    def _steps(shape, itemsize, layout):
        """Strides in bytes, and where the first element lies against a multiple of 8."""
        def packed(order, unit, gap=lambda axis: 1):
            steps, step = [0] * len(shape), unit
            for axis in order:
                steps[axis] = step * gap(axis)
                step *= max(shape[axis], 1) * gap(axis)
            return steps

        forward, backward = range(len(shape)), range(len(shape) - 1, -1, -1)
        if layout == "c":
            return packed(backward, itemsize), 0
        if layout == "fortran":
            return packed(forward, itemsize), 0
        if layout == "slice":
            return packed(backward, itemsize, lambda axis: 2), 0
        if layout == "negative":
            return [-step for step in packed(backward, itemsize)], 0
        if layout == "transposed":
            order = [*list(forward)[1:], 0] if shape else []
            return packed(order, itemsize), 0
        if layout == "record":
            return packed(backward, itemsize + 3), 0
        if layout == "misaligned":
            return packed(backward, itemsize), 1
        assert layout == "mixed"
        steps = packed(forward, itemsize, lambda axis: 1 + (axis + 1) % 3)
        return [step if axis % 2 else -step for axis, step in enumerate(steps)], 0

    def _mask(self, shape, itemsize, steps):
        outside = np.ones(self.buffer.size, bool)
        offsets = np.full(shape, self.offset, np.int64)
        for axis, (n, step) in enumerate(zip(shape, steps)):
            offsets += (np.arange(n) * step).reshape([-1 if i == axis else 1 for i in range(len(shape))])
        for byte in range(itemsize):
            outside[offsets.ravel() + byte] = False
        return outside

    def check(self):
        changed = np.flatnonzero(self._outside & (self.buffer != GUARD))
        assert changed.size == 0, f"{changed.size} bytes outside the {self.layout} view were written"


def place(values, layout, dtype=None):
    """The values of an array in another layout; its guards are not kept."""
    values = np.asarray(values)
    placed = Placed(values.shape, values.dtype if dtype is None else dtype, layout)
    placed.array[...] = values
    return placed.array


def special_values(dtype):
    """The values of a dtype at which conversions and operations go wrong, as a 1-d array."""
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return np.array([False, True], dtype)
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        middle = [v for v in (0, 1, 2, 3, 5, 7, 100, 127, 128, 129, 255, 256, 32767, 32768, 65535, 65536, 2**24 + 1,
                              2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**53 + 1, 2**63 - 1, 2**63, 2**63 + 1025)]
        values = {limits.min, limits.min + 1, limits.max - 1, limits.max, *middle, *(-v for v in middle)}
        return np.array(sorted(v for v in values if limits.min <= v <= limits.max), dtype)
    if dtype.kind == "f":
        limits = np.finfo(dtype)
        values = [0.0, 0.25, 0.5, 1.0, 1.5, 2.5, 3.5, 99.5, 127.5, 128.5, 254.5, 255.0, 255.5, 256.0, 32767.5, 65503.0,
                  65519.0, 65520.0, 65535.5, 2147483647.5, 2.0**31, 2.0**32, 2.0**53, 2.0**62, 2.0**63, 2.0**64, 1e19, 1e30,
                  float(limits.max), float(limits.tiny), float(limits.smallest_subnormal), 1 / 3, np.pi,
                  5.960464477539063e-08, 2.98023223876953125e-08, 2.99e-08, 1e-40, 3.4028235677973366e38, np.inf]
        with np.errstate(all="ignore"):
            positive = np.array(values).astype(dtype)
        return np.unique(np.concatenate([positive, -positive, np.array([np.nan], dtype)]))
    part = np.dtype(f"f{dtype.itemsize // 2}")
    values = [0.0, -0.0, 1.0, -2.5, 1 / 3, 1e-3, 300.0, np.inf, -np.inf, np.nan]
    pairs = [complex(re, im) for re, im in itertools.product(np.array(values, part), repeat=2)]
    return np.array(pairs, dtype)


def random_values(random, dtype, shape):
    """Values of a dtype that fill its range but keep sums and products of floats finite."""
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return random.random(shape) < 0.5
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return random.integers(limits.min, limits.max, shape, dtype, endpoint=True)
    if dtype.kind == "f":
        return (random.standard_normal(shape) * random.choice([1e-3, 1.0, 50.0], shape)).astype(dtype)
    part = np.dtype(f"f{dtype.itemsize // 2}")
    result = np.empty(shape, dtype)
    result.real, result.imag = random_values(random, part, shape), random_values(random, part, shape)
    return result


def assert_same(actual, expected, zero_sign=True):
    """Equal dtype, shape and bits; every NaN equals every other, and where asked so do the two zeros."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.dtype == expected.dtype, f"dtype {actual.dtype}, expected {expected.dtype}"
    assert actual.shape == expected.shape, f"shape {actual.shape}, expected {expected.shape}"
    if actual.dtype.kind == "c":
        assert_same(actual.real, expected.real, zero_sign)
        assert_same(actual.imag, expected.imag, zero_sign)
        return
    if actual.dtype.kind == "f":
        bits = np.dtype(f"u{actual.dtype.itemsize}")
        same = np.ascontiguousarray(actual).view(bits) == np.ascontiguousarray(expected).view(bits)
        same |= np.isnan(actual) & np.isnan(expected)
        if not zero_sign:
            same |= (actual == 0) & (expected == 0)
    else:
        same = actual == expected
    if not np.all(same):
        where = tuple(int(i) for i in np.argwhere(~same)[0])
        raise AssertionError(f"{np.count_nonzero(~same)} of {same.size} elements differ, the first at {where}: "
                             f"{actual[where]!r}, expected {expected[where]!r}")
