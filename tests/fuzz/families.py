"""One function per family: a random call on random views, and what NumPy, SciPy or another way to the same result says.

Every function takes a `Case`, makes all its choices from it, and raises when a result is wrong.
"""
import random

import numpy as np
from scipy import ndimage
from scipy.spatial.distance import cdist

import bytestride as bs
from guarded import View

REAL = [np.dtype(letter) for letter in "?bBhHiIqQefd"]
DTYPES = REAL + [np.dtype(letter) for letter in "FD"]
SCIPY_MODES = {"constant": "constant", "nearest": "nearest", "reflect": "reflect", "mirror": "mirror", "wrap": "grid-wrap"}


class Case:
    """The choices of one call, all from one seed."""

    def __init__(self, seed):
        self.random, self.numbers, self.seed = random.Random(seed), np.random.default_rng(seed), seed
        self.written = []

    def chance(self, probability):
        return self.random.random() < probability

    def choice(self, *values):
        return self.random.choice(values)

    def extent(self):
        """Lengths around those of vectors and blocks, and any others."""
        return self.choice(0, 1, 2, 3, 5, 8, 15, 16, 17, 31, 33, 64, 65, self.random.randint(1, 70), self.random.randint(1, 70),
                           self.random.randint(1, 400) if self.chance(0.2) else 4)

    def shape(self, least, most):
        shape = [self.extent() for _ in range(self.random.randint(least, most))]
        if len(shape) > 2 and self.chance(0.4):
            shape[-1] = self.random.randint(1, 9)  # channels
        return shape

    def threads(self):
        return self.choice(0, 1, 2)

    def values(self, shape, dtype):
        dtype = np.dtype(dtype)
        if dtype.kind == "b":
            return self.numbers.random(shape) < 0.5
        if dtype.kind in "iu":
            limits = np.iinfo(dtype)
            low, high = (limits.min, limits.max) if self.chance(0.5) else (max(limits.min, -9), 9)
            return self.numbers.integers(low, high, shape, dtype, endpoint=True)
        values = np.asarray(self.numbers.standard_normal(shape)) * self.choice(1, 1, 1e3, 1e-3)
        if dtype.kind == "c":
            return (values + 1j * self.numbers.standard_normal(shape)).astype(dtype)
        if values.ndim and values.size and self.chance(0.1):
            values.flat[self.random.randrange(values.size)] = self.choice(np.nan, np.inf, -np.inf)
        return values.astype(dtype)

    def array(self, shape, dtype, values=None):
        """A view that holds random values, or these."""
        view = View(self.random, shape, dtype)
        with np.errstate(all="ignore"):
            view.array[...] = self.values(shape, dtype) if values is None else np.asarray(values).astype(dtype)
        return view.array

    def result(self, shape, dtype):
        """A view to write into; what lies between its elements is looked at in the end."""
        self.written.append(View(self.random, shape, dtype))
        return self.written[-1].array

    def finish(self):
        for view in self.written:
            view.check()


def assert_equal(actual, expected, what, bound=None):
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape, (what, actual.shape, expected.shape)
    if bound is None:
        good = np.array_equal(actual, expected, equal_nan=actual.dtype.kind in "fc")
    else:
        with np.errstate(all="ignore"):
            near = np.abs(actual.astype(float) - expected) <= bound
        good = np.all(near | (actual == expected) | (np.isnan(actual) & np.isnan(expected)))
    assert good, what


def arithmetic(case):
    shape = case.shape(0, 4)
    while np.prod(shape, dtype=float) > 1e5:
        shape.pop()
    dtypes = case.choice(*DTYPES), case.choice(*DTYPES)
    name = case.choice("add", "subtract", "minimum", "maximum", "multiply", "divide")
    if name == "subtract" and dtypes[0] == dtypes[1] == bool:
        name = "add"
    operands = []
    for dtype in dtypes:
        own = [1 if case.chance(0.2) else extent for extent in shape]
        operands.append(case.array(own[case.random.randint(0, len(own)) if case.chance(0.2) else 0:], dtype))
    with np.errstate(all="ignore"):
        expected = np.asarray(getattr(np, name)(*operands))
    if expected.dtype.kind == "c" and name in ("multiply", "divide"):
        return  # these are allowed other roundings than NumPy's
    out = case.result(expected.shape, expected.dtype)
    getattr(bs, name)(*operands, out=out, threads=case.threads())
    assert_equal(out, expected, (name, *dtypes, shape))
    assert_equal(getattr(bs, name)(*operands), expected, (name, *dtypes, shape, "new"))


def copies(case):
    shape, source, target = case.shape(0, 3), case.choice(*DTYPES), case.choice(*DTYPES)
    if (source.kind == "c" and target.kind != "c") or case.chance(0.3):
        target = source
    a, axes = case.array(shape, source), list(range(len(shape)))
    case.random.shuffle(axes)
    out = case.result([shape[axis] for axis in axes], target)
    bs.transpose(a, axes, out=out, dtype=target, threads=case.threads())
    if not (source.kind == "f" and target.kind in "iu"):  # C leaves open what NumPy does beyond the range
        with np.errstate(all="ignore"):
            assert_equal(out, a.transpose(axes).astype(target), ("transpose", source, target, shape, axes))
    extent = case.choice(0, 1, 2, 3, 7, 31, 32, 33, 64, 65, 100, 150)
    square = case.result((extent, extent), case.choice(*DTYPES))
    square[...] = case.values((extent, extent), square.dtype)
    expected = square.T.copy()
    assert_equal(bs.transpose_inplace(square, threads=case.threads()), expected, ("transpose_inplace", square.dtype, extent))


def convolve(case):
    axes = case.choice(1, 2, 2, 2, 3)
    shape = [max(1, min(case.extent(), 70)) for _ in range(axes)]
    taps = [case.choice(1, 2, 3, 3, 4, 5, 5, 7, 9, 15) if axes < 3 else case.random.randint(1, 4) for _ in range(axes)]
    dtype, kernel_dtype = case.choice(*REAL), np.dtype(case.choice(*"bBhifdd"))
    if kernel_dtype.kind == "f":
        weights = case.numbers.standard_normal(taps)
        if case.chance(0.4):
            weights = np.multiply.outer(case.numbers.standard_normal(taps[:-1]), case.numbers.standard_normal(taps[-1]))
        elif case.chance(0.4):
            weights = case.numbers.integers(-2, 5, taps) * case.choice(1, 0.5, 1 / 16, 1 / 9, 0.1)
    else:
        weights = case.numbers.integers(0 if kernel_dtype.kind == "u" else -4, 5, taps)
    x, w = case.array(shape, dtype), case.array(taps, kernel_dtype, weights)
    region = case.choice("same", "same", "valid", "full")
    if region == "valid" and any(n > extent for n, extent in zip(taps, shape)):
        region = "same"
    options = dict(boundary=case.choice(*SCIPY_MODES), region=region, threads=case.threads(),
                   method=case.choice("auto", "auto", "direct", "fft" if dtype.kind == kernel_dtype.kind == "f" else "auto"))
    name = case.choice("convolve", "correlate")
    if options["boundary"] == "constant" and dtype.kind != "b":
        options["fill"] = case.choice(0, 0, 1)
    if kernel_dtype.kind == "f" and case.chance(0.3):
        options["dtype"] = case.choice("uint8", "int16", "float64")
    what = (name, dtype, kernel_dtype, shape, taps, options)
    try:
        expected = getattr(bs, name)(np.ascontiguousarray(x), np.ascontiguousarray(w), **{**options, "threads": 1})
    except bs.OptionError:
        assert options["method"] == "fft", what
        return
    out = case.result(expected.shape, expected.dtype)
    result_dtype = options.pop("dtype", None)
    getattr(bs, name)(x, w, out=out, **options)
    assert_equal(out, expected, what)
    if region != "same" or any(n % 2 == 0 for n in taps) or result_dtype:
        return  # SciPy has no other region, another middle, and rounds otherwise
    scipy_options = dict(mode=SCIPY_MODES[options["boundary"]], cval=options.get("fill", 0))
    if out.dtype.kind in "iu":
        if dtype.itemsize <= 2:
            assert_equal(out.astype(np.int64), getattr(ndimage, name)(x.astype(np.int64), w.astype(np.int64), **scipy_options), what)
        return
    x, w, fill = x.astype(float), w.astype(float), scipy_options["cval"]
    if not np.isfinite(x).all() or out.dtype == np.float16:
        return
    unit = np.finfo(out.dtype).eps / 2
    sizes = getattr(ndimage, name)(abs(x), abs(w), **scipy_options)
    bound = (w.size + 8) * unit * sizes
    if options["method"] == "fft":
        bound = 100 * unit * np.linalg.norm(w) * (np.linalg.norm(x) + fill * np.sqrt(x.size + 30 * w.size))
    assert_equal(out, getattr(ndimage, name)(x, w, **scipy_options), what, bound + 1e-300)


def neighbor_product(case):
    shape, dtype = [case.extent(), case.extent()], np.dtype(case.choice(*"BHfd"))
    if case.chance(0.1):
        shape = [case.random.randint(1, 10), case.random.randint(500, 3000)]
    if case.chance(0.9):
        shape.append(case.random.randint(1, 4))
    largest = np.iinfo(dtype).max if dtype.kind == "u" else 1
    image = case.array(shape, dtype, case.numbers.random(shape) * largest)
    expected = bs.neighbor_product(np.ascontiguousarray(image), threads=1)
    out = case.result(expected.shape, expected.dtype)
    bs.neighbor_product(image, out=out, threads=case.threads())
    assert_equal(out, expected, ("neighbor_product", shape, dtype))


def depth(case):
    shape, dtype = [case.extent(), case.extent()], np.dtype(case.choice(*"Hfdi"))
    if case.chance(0.2):
        shape = [case.random.randint(1, 40), case.random.randint(500, 5000)]  # rows of several segments
    values = case.numbers.random(shape) * 5000
    values[case.numbers.random(shape) < 0.1] = 0
    image = case.array(shape, dtype, values)
    camera = dict(fx=500.0, fy=510.0, cx=shape[1] / 2, cy=shape[0] / 3)
    options = dict(invalid=case.choice("nan", "zero", "drop"), stride=case.choice(1, 1, 2, 3), dtype=case.choice(np.float32, np.float64))
    if case.chance(0.3):
        options["distortion"] = (0.1, -0.01, 0.001, 0.002)
    if case.chance(0.3):
        options["pose"] = np.array([[0, -1, 0, 0.5], [1, 0, 0, 0.1], [0, 0, 1, 2], [0, 0, 0, 1.0]])
    if case.chance(0.3):
        options["mask"] = case.array(shape, bool)
    if case.chance(0.3):
        options["color"] = case.array([*shape, 3], np.uint8)
    options["return_indices"] = case.chance(0.3)
    what = ("depth_to_points", shape, dtype, options)
    several = options["return_indices"] or "color" in options
    results = bs.depth_to_points(image, **camera, **options, threads=case.threads())
    plain = {name: np.ascontiguousarray(value) if isinstance(value, np.ndarray) else value for name, value in options.items()}
    expected = bs.depth_to_points(np.ascontiguousarray(image), **camera, **plain, threads=1)
    for actual, wanted in zip(results if several else (results,), expected if several else (expected,)):
        assert_equal(actual, wanted, what)
    if several or options["invalid"] == "drop":
        return
    out = case.result(results.shape, results.dtype)
    bs.depth_to_points(image, **camera, **options, out=out, threads=case.threads())
    assert_equal(out, results, what)
    if "distortion" in options or "pose" in options or options["invalid"] != "nan":
        if options["stride"] == 1 and image.size and not options.keys() & {"distortion", "pose", "mask"}:
            z = np.where(image > 0, image.astype(float) / 1000, 0)
            v, u = np.indices(shape)
            wanted = np.stack([z * (u - camera["cx"]) / camera["fx"], z * (v - camera["cy"]) / camera["fy"], z], -1)
            assert_equal(out, wanted, what, 4 * np.finfo(out.dtype).eps * np.abs(wanted))
        return
    points = case.array((out.size // 3, 3), out.dtype, out.reshape(-1, 3))
    back = case.result(shape, np.dtype(case.choice(*"Hifd")))
    bs.points_to_depth(points, **camera, shape=tuple(shape), out=back, dtype=back.dtype)
    if dtype == np.uint16 and options["stride"] == 1 and "mask" not in options and back.dtype.kind == "u":
        assert_equal(back, image, ("points_to_depth", shape, back.dtype))


def distance(case):
    n, m = (case.choice(0, 1, 2, 7, 8, 9, case.random.randint(1, 150)) for _ in range(2))
    d, dtype = case.choice(1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 33, 64, 70, 130), np.dtype(case.choice(*"fdih"))
    metric, symmetric = case.choice("euclidean", "sqeuclidean", "cityblock", "chebyshev"), case.chance(0.5)
    x, y = (case.array((rows, d), dtype, case.numbers.standard_normal((rows, d)) * 30) for rows in (n, m))
    of = np.dtype("f" if dtype == np.float32 else "d")
    what = ("distances", n, m, d, dtype, metric, symmetric)

    def check(actual, expected):
        assert_equal(actual, expected, what, np.finfo(of).eps * (d + 8) * (1 + abs(expected)))

    out = case.result((n, n if symmetric else m), of)
    bs.distances(x, None if symmetric else y, metric=metric, out=out, threads=case.threads())
    check(out, cdist(x.astype(float), (x if symmetric else y).astype(float), metric))
    if n:
        i = case.random.randrange(n)
        row = case.result([n], of)
        bs.distances_from(x, x[i], metric=metric, out=row, threads=case.threads())
        check(row, cdist(x.astype(float), x[i : i + 1].astype(float), metric)[:, 0])
        matrix = case.result((n, n), of)
        matrix[...] = cdist(x.astype(float), x.astype(float), metric)
        x[i] += 1
        bs.update_distances(x, matrix, i, metric=metric, threads=case.threads())
        check(matrix, cdist(x.astype(float), x.astype(float), metric))
    shape = case.shape(1, 2)
    goal, current = (case.array(shape, case.choice(*"fdhB")) for _ in range(2))
    with np.errstate(all="ignore"):
        expected = np.sum((goal.astype(float) - current.astype(float)) ** 2)
    actual = bs.squared_error(goal, current, threads=case.threads())
    assert_equal(actual, expected, ("squared_error", shape, goal.dtype, current.dtype), 1e-9 * abs(expected))


def search(case):
    length = case.choice(0, 1, 2, 15, 16, 17, 64, case.random.randint(1, 3000))
    table = case.array([length], case.choice(*REAL))
    table[...] = np.sort(table)
    values, side = case.array(case.shape(0, 2), case.choice(*REAL)), case.choice("left", "right")
    what = ("searchsorted", table.dtype, values.dtype, length, values.shape, side)
    out = case.result(values.shape, np.int64)
    bs.searchsorted(table, values, side=side, out=out, threads=case.threads())
    assert_equal(out, np.searchsorted(table, values, side), what)
    found = np.asarray(bs.binary_search(table, values, threads=case.threads()))
    common = np.result_type(table, values)
    table, values = table.astype(common), values.astype(common)
    assert_equal(table[found[found >= 0]], values[found >= 0], what)
    assert not np.isin(values[found < 0], table).any(), what


FAMILIES = {function.__name__: function for function in (arithmetic, copies, convolve, neighbor_product, depth, distance, search)}
