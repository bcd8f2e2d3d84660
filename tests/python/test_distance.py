"""Distances against SciPy and extended precision, squared errors against exact sums; layouts, dtypes, threads, errors."""
import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from scipy.spatial.distance import cdist

import bytestride as bs
from layouts import DTYPES, LAYOUTS, REAL, Placed, assert_same, place, random_values
from programs import run_python

METRICS = ("euclidean", "sqeuclidean", "cityblock", "chebyshev")
SHAPES = [(1, 1, 1), (3, 5, 2), (5, 3, 3), (7, 65, 1), (64, 64, 3), (65, 66, 4), (63, 130, 8), (130, 200, 5), (33, 17, 40), (4, 9, 300)]


def exact(x, y, metric):
    """The distances in extended precision; the squares of differences of float64 are not exact there, but nearly."""
    difference = x.astype(np.longdouble)[:, None] - y.astype(np.longdouble)[None]
    if metric == "cityblock":
        return np.abs(difference).sum(-1)
    if metric == "chebyshev":
        return np.abs(difference).max(-1, initial=0)
    square = (difference**2).sum(-1)
    return np.sqrt(square) if metric == "euclidean" else square


def bound(metric, d, dtype):
    u = np.finfo(dtype).eps / 2
    return {"euclidean": d / 2 + 4, "sqeuclidean": d + 3, "cityblock": d + 3, "chebyshev": 1}[metric] * u


def assert_within(actual, expected, relative):
    error = np.abs(actual.astype(np.longdouble) - expected)
    assert (error <= relative * np.abs(expected)).all(), f"off by {np.max(error / np.maximum(np.abs(expected), 1e-300)):g}, allowed is {relative:g}"


# ---- Values ------------------------------------------------------------------------------------------

def test_the_article():
    assert bs.distances([[0, 0], [3, 4], [6, 8]]).tolist() == [[0, 5, 10], [5, 0, 5], [10, 5, 0]]
    assert bs.distances_from([[0, 0], [3, 4], [6, 8]], [0, 0]).tolist() == [0, 5, 10]
    goal, current = [[0, 2, 3], [2, 0, 1], [3, 1, 0]], [[0, 1, 3], [1, 0, 2], [3, 2, 0]]
    assert bs.squared_error(goal, current) == 4
    assert bs.squared_error([[0, 2], [2, 0]], [[0, 3], [3, 0]], rows=True).tolist() == [1, 1]
    assert bs.squared_error([1.0, 2.0, 4.0], [0.0, 4.0, 4.0]) == 5


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("n, m, d", SHAPES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_accuracy(metric, n, m, d, dtype, random):
    x, y = random.standard_normal((n, d)).astype(dtype), random.standard_normal((m, d)).astype(dtype)
    result = bs.distances(x, y, metric=metric)
    assert result.dtype == dtype and result.flags.c_contiguous
    assert_within(result, exact(x, y, metric), bound(metric, d, dtype))
    if dtype == "float64":
        assert np.allclose(result, cdist(x, y, metric), rtol=1e-13, atol=0)


@pytest.mark.parametrize("metric", METRICS)
def test_against_the_standard_library(metric, random):
    x, y = random.standard_normal((9, 3)), random.standard_normal((8, 3))
    functions = {"euclidean": math.dist, "sqeuclidean": lambda a, b: float(sum((Fraction(p) - Fraction(q))**2 for p, q in zip(a, b))),
                 "cityblock": lambda a, b: float(sum(abs(Fraction(p) - Fraction(q)) for p, q in zip(a, b))),
                 "chebyshev": lambda a, b: max(abs(p - q) for p, q in zip(a, b))}
    expected = [[functions[metric](a.tolist(), b.tolist()) for b in y] for a in x]
    assert np.allclose(bs.distances(x, y, metric=metric), expected, rtol=1e-15, atol=0)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n", [1, 2, 7, 63, 64, 65, 150, 400])
def test_one_matrix_is_symmetric(metric, dtype, n, random):
    x = random.standard_normal((n, 5)).astype(dtype)
    result = bs.distances(x, metric=metric)
    assert_same(result, result.T)
    assert_same(np.diag(result), np.zeros(n, dtype))
    assert_same(result, bs.distances(x, x.copy(), metric=metric))


@pytest.mark.parametrize("dtype, far", [("float64", 1e8), ("float32", 1e4)])
def test_far_from_the_origin(dtype, far, random):
    """No digits are lost beyond those of the coordinates: differences come first."""
    near = (np.round(random.standard_normal((50, 3)) * 64) / 1024).astype(dtype)
    x = (near + far).astype(dtype)
    for metric in METRICS:
        assert_within(bs.distances(x, metric=metric), exact(x, x, metric), bound(metric, 3, dtype))
    assert bs.distances(np.array([[far], [far + 2**-10]]))[0, 1] == 2**-10


@pytest.mark.parametrize("metric", METRICS)
def test_nan_and_infinity(metric, random):
    x = random.standard_normal((70, 3))
    x[5, 1], x[66, 0], x[20, 2] = np.nan, np.nan, np.inf
    result = bs.distances(x, metric=metric)
    expected = np.isnan(x).any(1)
    expected = expected[:, None] | expected[None]
    expected[20, 20] = True  # inf - inf
    assert np.array_equal(np.isnan(result), expected)
    assert np.isinf(np.delete(result[20], [5, 20, 66])).all()
    assert np.array_equal(np.isnan(bs.distances_from(x, x[0], metric=metric)), np.isnan(x).any(1))
    y = np.array([[np.nan, 1.0], [5.0, np.nan], [3.0, 4.0]])
    assert np.isnan(bs.distances(y, [[0.0, 0.0]], metric=metric)).ravel().tolist() == [True, True, False]


def test_overflow_and_underflow_of_squares():
    x = np.array([[0.0, 0.0], [1e200, 0.0], [1e-200, 0.0]])
    assert bs.distances(x)[0].tolist() == [0, np.inf, 0]
    assert bs.distances(x, metric="cityblock")[0].tolist() == [0, 1e200, 1e-200]
    assert bs.distances(x, metric="chebyshev")[0].tolist() == [0, 1e200, 1e-200]


def test_roots_of_every_size(random):
    """Of one coordinate a distance is the root of one rounded square: NumPy's bits, also where squares are subnormal or infinite."""
    x = np.concatenate([random.standard_normal(150) * 2.0**random.integers(-540, 515, 150), [0, 5e-324, 2.0**-537, 1e160, -1e160, np.inf],
                        np.arange(60) * 2.0**-450])[:, None]
    assert_same(bs.distances(x), np.sqrt((x - x.T)**2))
    short = x.astype(np.float32)
    assert_same(bs.distances(short), np.sqrt((short - short.T)**2))
    y = random.random((500, 1))
    assert_same(bs.distances(y, x[:70]), np.sqrt((y - x[:70].T)**2))


# ---- dtypes, layouts, shapes -------------------------------------------------------------------------

@pytest.mark.parametrize("dtype_x, dtype_y", list(itertools.product(REAL, REAL)), ids=str)
def test_every_pair_of_dtypes(dtype_x, dtype_y, random):
    x, y = random_values(random, dtype_x, (5, 3)), random_values(random, dtype_y, (67, 3))
    names = {dtype_x.name, dtype_y.name}
    expected = "float32" if "float32" in names and names <= {"float32", "float16"} else "float64"
    wide_x, wide_y = x.astype(expected), y.astype(expected)
    for metric in METRICS:
        assert_same(bs.distances(x, y, metric=metric), bs.distances(wide_x, wide_y, metric=metric))
        assert_same(bs.distances_from(y, x[0], metric=metric), bs.distances(wide_x, wide_y, metric=metric)[0])
    assert np.allclose(bs.distances(x, y), cdist(x.astype(float), y.astype(float)), rtol=1e-6 if expected == "float32" else 1e-12)


def test_result_dtypes(random):
    short, long = random.standard_normal((6, 3)).astype(np.float32), random.standard_normal((6, 3))
    wide = np.empty((6, 6))
    assert bs.distances(short, out=wide) is wide
    assert_same(wide, bs.distances(short).astype(np.float64))
    half = short.astype(np.float16)
    assert_same(bs.distances(half), bs.distances(half.astype(np.float64)))
    assert_same(bs.distances(half, out=np.empty((6, 6), np.float32)), bs.distances(half.astype(np.float32)))
    for dtype in DTYPES:
        out = np.zeros((6, 6), dtype)
        if dtype.name != "float64":
            with pytest.raises(bs.DTypeError):
                bs.distances(long, out=out)
        if dtype.name not in ("float32", "float64"):
            with pytest.raises(bs.DTypeError):
                bs.distances(short, out=out)
        assert not out.any()


@pytest.mark.parametrize("layout_in", LAYOUTS)
@pytest.mark.parametrize("layout_out", LAYOUTS)
@pytest.mark.parametrize("n, m", [(9, 70), (70, 9), (66, 66)])
def test_layouts(layout_in, layout_out, n, m, random):
    x, y = random.standard_normal((n, 3)), random.standard_normal((m, 3))
    for metric in ("euclidean", "chebyshev"):
        expected = bs.distances(x, y, metric=metric)
        out = Placed((n, m), "float64", layout_out)
        given = place(x, layout_in), place(y, layout_in)
        assert bs.distances(*given, metric=metric, out=out.array) is out.array
        assert_same(out.array, expected)
        out.check()
        out = Placed((n, n), "float64", layout_out)
        assert_same(bs.distances(given[0], metric=metric, out=out.array), bs.distances(x, metric=metric))
        out.check()
        line = Placed((m,), "float64", layout_out)
        assert_same(bs.distances_from(given[1], place(x[2], layout_in), metric=metric, out=line.array), expected[2])
        line.check()


@pytest.mark.parametrize("rows_step", [1, -1])
@pytest.mark.parametrize("columns_step", [1, -1])
def test_results_in_every_order_of_their_axes(rows_step, columns_step, random):
    x, y = random.standard_normal((130, 3)), random.standard_normal((70, 3))
    for metric, of_scipy in (("euclidean", "euclidean"), ("cityblock", "cityblock")):
        for second in (None, y):
            expected = cdist(x, x if second is None else second, of_scipy)
            for order in "CF":
                out = np.zeros(expected.shape, order=order)
                bs.distances(x, second, metric=metric, out=out[::rows_step, ::columns_step])
                assert np.allclose(out[::rows_step, ::columns_step], expected, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("dtype", REAL, ids=str)
def test_every_dtype_in_every_layout(dtype, layout, random):
    x = random_values(random, dtype, (67, 5))
    assert_same(bs.distances(place(x, layout)), bs.distances(x))


def test_empty():
    for n, m, d in itertools.product((0, 1, 70), repeat=3):
        result = bs.distances(np.zeros((n, d)), np.ones((m, d)), metric="cityblock")
        assert_same(result, np.full((n, m), float(d)))
    assert bs.distances(np.zeros((0, 3))).shape == (0, 0)
    assert_same(bs.distances(np.zeros((4, 0), np.float32)), np.zeros((4, 4), np.float32))
    assert bs.distances_from(np.zeros((0, 3)), np.zeros(3)).shape == (0,)
    assert bs.squared_error([], []) == 0
    assert bs.squared_error(np.zeros((0, 5)), np.zeros((0, 5))) == 0
    assert_same(bs.squared_error(np.zeros((3, 0)), np.zeros((3, 0)), rows=True), np.zeros(3))
    assert bs.squared_error(np.zeros((0, 3)), np.zeros((0, 3)), rows=True).shape == (0,)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_threads_and_blocks_do_not_change_a_bit(dtype, random):
    x, y = random.standard_normal((900, 7)).astype(dtype), random.standard_normal((700, 7)).astype(dtype)
    for metric in METRICS:
        whole = bs.distances(x, y, metric=metric, threads=1)
        square = bs.distances(x, metric=metric, threads=1)
        for threads in (2, 5):
            assert_same(bs.distances(x, y, metric=metric, threads=threads), whole)
            assert_same(bs.distances(x, metric=metric, threads=threads), square)
        for i, j in ((0, 0), (3, 5), (517, 698), (899, 1)):
            assert_same(bs.distances(x[i:i + 1], y[j:j + 2], metric=metric), whole[i:i + 1, j:j + 2])
        assert_same(bs.distances_from(y, x[11], metric=metric), whole[11])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_threads_do_not_change_a_bit_of_one_row(dtype, random):
    x = random.standard_normal((60_000, 5)).astype(dtype)
    d = np.zeros((1500, 1500), dtype)
    for metric in METRICS:
        one = bs.distances_from(x, x[9], metric=metric, threads=1)
        for threads in (2, 5):
            assert_same(bs.distances_from(x, x[9], metric=metric, threads=threads), one)
    few = random.standard_normal((1500, 300)).astype(dtype)
    expected = bs.distances(few, threads=1)
    for threads in (1, 2, 5):
        d[:] = expected
        d[77] = d[:, 77] = -1
        bs.update_distances(few, d, 77, threads=threads)
        assert_same(d, expected)


def test_results_larger_than_the_caches(random):
    """Stored past the caches, at addresses of every alignment."""
    x = random.standard_normal((3000, 2))
    expected = bs.distances(x[:, ::-1])[:, :2900]
    for shift in (0, 1, 5):
        memory = np.zeros(3000 * 3000 + 16)
        out = memory[shift:shift + 3000 * 3000].reshape(3000, 3000)
        assert bs.distances(x, out=out) is out
        assert np.allclose(out[:, :2900], expected, rtol=1e-15)
        assert not memory[:shift].any() and not memory[shift + 3000 * 3000:].any()
        assert_same(out, out.T)
    # Rows that are not whole cache lines, float32, and other columns than rows.
    assert_same(bs.distances(x[:2999]), bs.distances(x)[:2999, :2999])
    short = x.astype(np.float32)
    assert_same(bs.distances(short, short[:2991])[5:], bs.distances(short[5:], short[:2991]))
    assert np.allclose(out[::97], cdist(x[::97], x), rtol=1e-14)
    # Results whose rows do not lie one element behind the other: there is nothing to stream.
    expected = out.copy()
    for layout in ("fortran", "negative", "misaligned"):
        placed = Placed((3000, 3000), np.float64, layout)
        assert_same(bs.distances(x, out=placed.array, threads=2), expected)
        placed.check()


# ---- One row and column ------------------------------------------------------------------------------

@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("dtype", ["float32", "float64", "int16"])
def test_update(metric, dtype, layout, random):
    x = random_values(random, dtype, (70, 3))
    d = Placed((70, 70), bs.distances(x).dtype, layout)
    bs.distances(x, metric=metric, out=d.array)
    for i in (0, 33, 69, -1, -70):
        x[i] = random_values(random, dtype, 3)
        assert bs.update_distances(x, d.array, i, metric=metric) is d.array
        assert_same(d.array, bs.distances(x, metric=metric))
        d.check()


def test_update_touches_one_row_and_one_column():
    d = np.full((5, 5), -1.0)
    bs.update_distances(np.arange(10.0).reshape(5, 2), d, 2)
    untouched = np.delete(np.delete(d, 2, 0), 2, 1)
    assert (untouched == -1).all() and d[2, 2] == 0 and (np.delete(d[2], 2) > 0).all()


def test_update_index():
    x, d = np.zeros((3, 2)), np.full((3, 3), -1.0)
    for i in (3, -4, 2**40, 2**70, -2**70):
        with pytest.raises(bs.OptionError, match="out of range") as caught:
            bs.update_distances(x, d, i)
        assert isinstance(caught.value, IndexError)
    for i in (1.0, "1", None):
        with pytest.raises(bs.OptionError):
            bs.update_distances(x, d, i)
    with pytest.raises(bs.OptionError):
        bs.update_distances(np.zeros((0, 2)), np.zeros((0, 0)), 0)
    assert (d == -1).all()
    bs.update_distances(x, d, np.int8(-1))
    assert d[2].tolist() == [0, 0, 0] and d[0, 0] == -1


# ---- Squared errors ----------------------------------------------------------------------------------

def exact_error(goal, current, weights=None):
    """The sum as an exact number."""
    total = Fraction(0)
    ones = np.ones(goal.shape) if weights is None else weights
    for g, c, w in zip(goal.ravel().tolist(), current.ravel().tolist(), ones.ravel().tolist()):
        total += Fraction(w) * (Fraction(g) - Fraction(c))**2
    return total


@pytest.mark.parametrize("shape", [(1,), (31,), (32,), (33,), (511,), (515,), (8191,), (8192,), (8193,), (30000,), (3, 5), (70, 300), (2, 9000),
                                   (40, 1), (40, 2), (40, 3), (40, 4), (20, 31), (20, 32), (12, 33), (5, 511), (5, 512), (5, 513), (3, 8193)])
def test_squared_error(shape, random):
    goal, current, weights = random.standard_normal(shape), random.standard_normal(shape), random.integers(0, 4, shape)
    relative = 20 * 2.0**-53
    for w in (None, weights):
        total = exact_error(goal, current, w)
        result = bs.squared_error(goal, current, weights=w)
        assert type(result) is np.float64
        assert abs(Fraction(float(result)) - total) <= relative * total
        if len(shape) == 2:
            rows = bs.squared_error(goal, current, weights=w, rows=True)
            assert rows.shape == shape[:1] and rows.dtype == np.float64
            for i, row in enumerate(rows):
                total = exact_error(goal[i], current[i], None if w is None else w[i])
                assert abs(Fraction(float(row)) - total) <= relative * total


@pytest.mark.parametrize("dtype_a, dtype_b", list(itertools.product(REAL, REAL)), ids=str)
def test_squared_error_of_every_pair_of_dtypes(dtype_a, dtype_b, random):
    a, b = random_values(random, dtype_a, (9, 37)), random_values(random, dtype_b, (9, 37))
    expected = bs.squared_error(a.astype(float), b.astype(float))
    assert_same(bs.squared_error(a, b), expected)
    assert np.isclose(expected, ((a.astype(float) - b.astype(float))**2).sum(), rtol=1e-13)
    assert_same(bs.squared_error(a, b, weights=np.ones((9, 37), dtype_a)), bs.squared_error(a, b, weights=np.ones((9, 37))))


@pytest.mark.parametrize("dtype", REAL, ids=str)
def test_squared_error_of_one_dtype(dtype, random):
    """What is read where it lies has the bits of what is converted first."""
    for shape in ((300, 3), (20, 45), (7, 1301), (1, 20000)):
        a, b, weights = random_values(random, dtype, shape), random_values(random, dtype, shape), random.random(shape)
        for w in (None, weights):
            for rows in (False, True):
                expected = bs.squared_error(a.astype(float), b.astype(float), weights=w, rows=rows)
                assert_same(bs.squared_error(a, b, weights=w, rows=rows), expected)
                assert_same(bs.squared_error(place(a, "misaligned"), b, weights=w, rows=rows), expected)
                assert_same(bs.squared_error(place(a, "transposed"), place(b, "transposed"), weights=w if w is None else place(w, "transposed"),
                                             rows=rows), expected)


def test_integers_do_not_wrap():
    for dtype in (np.uint8, np.int8, np.uint16, np.int16, np.uint32, np.int32):
        least, most = np.iinfo(dtype).min, np.iinfo(dtype).max
        for n in (1, 70, 8192, 20000):
            a, b = np.full(n, least, dtype), np.full(n, most, dtype)
            expected = n * (int(most) - int(least))**2
            assert bs.squared_error(a, b) == bs.squared_error(b, a) == expected if np.dtype(dtype).itemsize < 4 else np.isclose(bs.squared_error(a, b), expected, rtol=1e-14)
    assert bs.squared_error(np.array([0], np.uint8), np.array([255], np.uint8)) == 65025
    assert bs.squared_error(np.array([-2**63]), np.array([2**63 - 1])) == 2.0**128


def test_squared_error_of_layouts_and_threads(layout, random):
    for shape in ((70, 333), (300, 7), (130, 64), (97, 65), (2, 20000)):
        a, b, w = (random.standard_normal(shape) for _ in range(3))
        for rows in (False, True):
            expected = bs.squared_error(a, b, weights=w, rows=rows)
            for threads in (1, 2, 5):
                assert_same(bs.squared_error(place(a, layout), b, weights=place(w, layout), rows=rows, threads=threads), expected)
            assert_same(bs.squared_error(a, place(b, layout), rows=rows), bs.squared_error(a, b, rows=rows))
            given = [place(values, layout) for values in (a, b, w)]
            assert_same(bs.squared_error(*given[:2], rows=rows), bs.squared_error(a, b, rows=rows))
            assert_same(bs.squared_error(*given[:2], weights=given[2], rows=rows), expected)
    a, b = random.standard_normal((1500, 1000)), random.standard_normal((1500, 1000))
    for threads in (2, 5):
        assert_same(bs.squared_error(a, b, threads=threads), bs.squared_error(a, b, threads=1))


@pytest.mark.parametrize("dtype", ["float64", "float32", "int16"])
def test_squared_error_of_large_matrices(dtype, random):
    """The same bits for every way to read what passes the caches, and those of float64."""
    a, b = (random.integers(-99, 99, (2200, 1300)).astype(dtype) for _ in range(2))
    a[3:5] *= 100
    expected = ((a.astype(float) - b.astype(float))**2).sum()  # integers, so exact in any order
    wide = np.zeros((2200, 1400), dtype)
    wide[:, 30:1330] = b
    for left in (a, np.asfortranarray(a), np.repeat(a, 2, 1)[:, ::2], a[:, ::-1].copy()[:, ::-1]):
        for right in (b, np.asfortranarray(b), wide[:, 30:1330]):
            assert bs.squared_error(left, right) == expected
            assert bs.squared_error(left, right, rows=True).sum() == expected


def test_squared_error_of_special_values(random):
    a, b = random.standard_normal(9000), random.standard_normal(9000)
    for value in (np.nan, np.inf):
        for i in (0, 600, 8999):
            c = a.copy()
            c[i] = value
            result = bs.squared_error(c, b)
            assert np.isnan(result) if np.isnan(value) else result == np.inf
            weights = np.ones(9000)
            weights[i] = 0
            assert_same(bs.squared_error(c, b, weights=weights), bs.squared_error(np.where(weights, a, b), b, weights=weights))
    assert np.isnan(bs.squared_error([np.inf], [np.inf]))
    assert np.isnan(bs.squared_error([1.0], [2.0], weights=[np.nan]))


# ---- Errors ------------------------------------------------------------------------------------------

def test_wrong_shapes():
    x, y = np.zeros((4, 3)), np.zeros((5, 3))
    cases = [lambda: bs.distances(np.zeros(3)), lambda: bs.distances(np.zeros((2, 2, 2))), lambda: bs.distances(x, np.zeros(3)),
             lambda: bs.distances(x, np.zeros((5, 2))), lambda: bs.distances(x, y, out=np.zeros((5, 4))),
             lambda: bs.distances(x, out=np.zeros((4, 5))), lambda: bs.distances(x, out=np.zeros(16)),
             lambda: bs.distances_from(x, np.zeros(4)), lambda: bs.distances_from(x, np.zeros((1, 3))), lambda: bs.distances_from(np.zeros(3), np.zeros(3)),
             lambda: bs.distances_from(x, np.zeros(3), out=np.zeros(5)), lambda: bs.update_distances(x, np.zeros((4, 5)), 0),
             lambda: bs.update_distances(x, np.zeros((5, 5)), 0), lambda: bs.update_distances(x, np.zeros(4), 0),
             lambda: bs.squared_error(x, y), lambda: bs.squared_error(x, np.zeros(12)), lambda: bs.squared_error(1.0, 1.0),
             lambda: bs.squared_error(np.zeros((2, 2, 2)), np.zeros((2, 2, 2))), lambda: bs.squared_error([1.0], [1.0], rows=True),
             lambda: bs.squared_error(x, x, weights=y), lambda: bs.squared_error(x, x, weights=np.zeros(4)),
             lambda: bs.distances(np.zeros((1,) * 9))]
    for case in cases:
        with pytest.raises(bs.ShapeError):
            case()


def test_wrong_words_and_numbers():
    x = np.zeros((4, 3))
    for function in (lambda **k: bs.distances(x, **k), lambda **k: bs.distances_from(x, x[0], **k),
                     lambda **k: bs.update_distances(x, np.zeros((4, 4)), 0, **k)):
        for metric in ("Euclidean", "", 1, None, ["euclidean"]):
            with pytest.raises(bs.OptionError, match="metric"):
                function(metric=metric)
        with pytest.raises(bs.OptionError, match="threads"):
            function(threads=-1)
        assert function(threads=np.int64(2)) is not None
    with pytest.raises(bs.OptionError, match="threads"):
        bs.squared_error(x, x, threads=-1)


def test_wrong_dtypes_and_objects():
    x = np.zeros((4, 3))
    for bad in (x.astype(complex), x.astype(">f8"), x.astype("S1"), x.astype(object), np.ma.masked_array(x)):
        for case in (lambda: bs.distances(bad), lambda: bs.distances(x, bad), lambda: bs.distances_from(bad, x[0]),
                     lambda: bs.distances_from(x, bad[0]), lambda: bs.update_distances(bad, np.zeros((4, 4)), 0),
                     lambda: bs.squared_error(bad, x), lambda: bs.squared_error(x, bad), lambda: bs.squared_error(x, x, weights=bad)):
            with pytest.raises(bs.DTypeError):
                case()
    with pytest.raises(bs.DTypeError):
        bs.update_distances(x, np.zeros((4, 4)).tolist(), 0)


def test_overlap_and_read_only(random):
    square = random.standard_normal((4, 4))
    before = square.copy()
    with pytest.raises(bs.OverlapError):
        bs.distances(square, out=square)
    with pytest.raises(bs.OverlapError):
        bs.distances(np.zeros((4, 4)), square, out=square)
    with pytest.raises(bs.OverlapError):
        bs.distances_from(square, square[0], out=square[1])
    with pytest.raises(bs.OverlapError):
        bs.update_distances(square, square, 0)
    with pytest.raises(bs.OverlapError):
        bs.distances(np.zeros((4, 4)), out=np.lib.stride_tricks.as_strided(square, (4, 4), (8, 8)))
    square.flags.writeable = False
    for case in (lambda: bs.distances(np.zeros((4, 3)), out=square), lambda: bs.update_distances(np.zeros((4, 3)), square, 0)):
        with pytest.raises(bs.ReadOnlyError):
            case()
    assert_same(square, before)
    # Interleaved views share no byte.
    memory = random.standard_normal((4, 8))
    expected = bs.distances(memory[:, ::2].copy())
    assert_same(bs.distances(memory[:, ::2], out=memory[:, 1::2]), expected)


def test_inputs_of_every_kind(random):
    x = random.standard_normal((3, 2))
    expected = bs.distances(x)
    read_only = x.copy()
    read_only.flags.writeable = False
    for given in (x.tolist(), tuple(map(tuple, x.tolist())), read_only, memoryview(x)):
        assert_same(bs.distances(given), expected)
    assert_same(bs.distances(np.broadcast_to(x[:1], (5, 2))), np.zeros((5, 5)))


def test_interrupted_calls_end_soon():
    program = """
        import os, signal, threading
        import numpy as np, bytestride as bs
        x = np.random.default_rng(0).random((3000, 3000))
        out = np.zeros((3000, 3000))
        threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        try:
            for _ in range(10_000):
                bs.distances(x, out=out)
            print("finished")
        except KeyboardInterrupt:
            before = out.copy()
            print("interrupted", np.array_equal(before, out))
    """
    done = run_python(program)
    assert done.stdout.split() == ["interrupted", "True"], (done.stdout, done.stderr)


# ---- Roots ---------------------------------------------------------------------------------------------------

def hard_squares(count):
    """Whole numbers below 2**54 whose roots lie beside the middle of two float64.

    A middle is an odd n of 54 bits (over 2**27). Where n * n leaves a small rest modulo 2**54 or 2**55, what remains is such
    a number; the n with a given rest are found bit by bit (Hensel's lemma). The rest must be 1 modulo 8.
    """
    for rest in itertools.chain.from_iterable((1 + 8 * j, 1 - 8 * j) for j in range(1, count)):
        for bits in (54, 55):
            root = 1
            for bit in range(3, bits):
                if (root * root - rest) >> bit & 1:
                    root += 1 << bit - 1
            for n in {r % (1 << bits) for r in (root, -root, root + (1 << bits - 1), -root + (1 << bits - 1))}:
                number = n * n - rest
                if 1 << 53 < n < 1 << 54 and number.bit_length() == 53 + bits:
                    assert number % (1 << bits) == 0
                    yield number >> 54


def rounded_root(number):
    """Of a whole number in [2**52, 2**54), in exact arithmetic."""
    below = math.isqrt(number << 52)
    return (below + ((2 * below + 1)**2 < number << 54)) / 2.0**26


def as_squares(number, length):
    """Numbers whose squares add up to `number`, each sum exact in float64: the large one last."""
    large = math.isqrt(number) & ~1
    left, squares = number - large * large, []
    while left:
        squares.append(math.isqrt(left))
        left -= squares[-1]**2
    return [0] * (length - 1 - len(squares)) + squares[::-1] + [large]


def test_roots_beside_the_middle_of_two_numbers():
    numbers = list(hard_squares(2000))
    assert len(numbers) > 2000
    points = np.array([as_squares(number, 16) for number in numbers], float)
    expected = np.array([rounded_root(number) for number in numbers])
    others = np.zeros((19, 16))  # roots are taken in different ways from column to column
    assert_same(bs.distances(points, others), np.repeat(expected[:, None], 19, axis=1))
    assert_same(bs.distances(others, points), np.repeat(expected[None], 19, axis=0))
