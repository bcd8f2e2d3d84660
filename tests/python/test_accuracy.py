"""The error bounds that the header states for float kernels, on data of every kind, against wider or exact arithmetic."""
from fractions import Fraction

import numpy as np
import pytest

import bytestride as bs
import convolution

KINDS = ("random", "cancelling", "huge", "tiny", "subnormal", "special")
DTYPES = ("float32", "float64")


def data(random, kind, dtype, shape):
    """Numbers of a kind; the huge and tiny ones leave room for the sums and squares of some hundred."""
    dtype = np.dtype(dtype)
    limits = np.finfo(dtype)
    values = random.uniform(-1, 1, shape) * random.choice([1.0, 0.1, 1e-3], shape)
    if kind == "cancelling":  # neighbours differ in sign, and by one part in some thousand
        values = np.resize([1.0, -1.0], shape) * (1 + 1e-4 * values)
    elif kind == "huge":
        values = values * 2.0 ** (limits.maxexp // 2 - 8)
    elif kind == "tiny":
        values = values * 2.0 ** (limits.minexp // 2 + 16)
    elif kind == "subnormal":
        values = np.rint(values * 2**10) * float(limits.smallest_subnormal)
    values = values.astype(dtype)
    if kind == "special":
        chosen = random.random(shape)
        values[chosen < 0.01] = np.nan
        values[(chosen > 0.01) & (chosen < 0.02)] = np.inf
        values[(chosen > 0.02) & (chosen < 0.03)] = -np.inf
        values[(chosen > 0.03) & (chosen < 0.06)] = -0.0
    return values


def assert_within(actual, exact, error, what=""):
    """|actual - exact| <= error where exact is finite; NaN and infinities as there."""
    actual = np.asarray(actual).astype(np.longdouble)
    finite = np.isfinite(exact)
    assert np.array_equal(np.isnan(actual), np.isnan(exact)), what
    assert np.array_equal(actual[~finite & ~np.isnan(exact)], exact[~finite & ~np.isnan(exact)]), what
    excess = (abs(actual - exact) - error)[finite]
    assert excess.size == 0 or np.all(excess <= 0), f"{what}: beyond the bound by {excess.max()}"


def unit(dtype):
    return np.longdouble(2.0) ** (-24 if np.dtype(dtype) == np.float32 else -53)


def least(dtype):
    return np.longdouble(np.finfo(dtype).smallest_subnormal)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", KINDS)
def test_convolve(kind, dtype, random):
    x = data(random, kind, dtype, (37, 83))
    for taps in ((1, 1), (3, 3), (5, 5), (2, 9), (11, 11)):
        w = data(random, "random" if kind in ("subnormal", "special") else kind, dtype, taps)
        for boundary in ("constant", "mirror"):
            exact, size = convolution.sums(x, w, boundary=boundary)
            taps_in_all = w.size
            error = (taps_in_all + 2) * unit(dtype) * size + taps_in_all * least(dtype)
            assert_within(bs.convolve(x, w, boundary=boundary, method="direct"), exact, error, f"{taps} {boundary}")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", ("random", "cancelling", "huge", "tiny"))
def test_convolve_axis_by_axis(kind, dtype, random):
    x = data(random, kind, dtype, (40, 90))
    for n in (3, 7, 15):
        # Products of these are exact, so that the kernel is an outer product in its dtype.
        w = np.outer(random.integers(1, 30, n), random.integers(-30, 30, n)).astype(dtype)
        exact, size = convolution.sums(x, w)
        assert_within(bs.convolve(x, w, method="separable"), exact, (w.size + 2) * unit(dtype) * size, n)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("metric", ("euclidean", "sqeuclidean", "cityblock", "chebyshev"))
def test_distances(metric, kind, dtype, random):
    for d in (1, 3, 16, 77):
        x, y = data(random, kind, dtype, (23, d)), data(random, kind, dtype, (31, d))
        apart = x[:, None].astype(np.longdouble) - y[None].astype(np.longdouble)
        if metric in ("euclidean", "sqeuclidean"):
            squares = (apart * apart).sum(-1)
            exact = squares if metric == "sqeuclidean" else np.sqrt(squares)
        else:
            exact = abs(apart).sum(-1) if metric == "cityblock" else np.where(np.isnan(apart).any(-1), np.nan, abs(apart).max(-1))
        relative = {"euclidean": d / 2 + 4, "sqeuclidean": d + 3, "cityblock": d + 3, "chebyshev": 1}[metric] * unit(dtype)
        # Squares that underflow lose what is below the least number; the root of a sum of them loses its root.
        lost = {"sqeuclidean": d * least(dtype), "euclidean": np.sqrt(d * least(dtype))}.get(metric, 0)
        result = bs.distances(x, y, metric=metric)
        assert_within(result, exact, relative * abs(exact) + (lost if kind == "subnormal" else 0), f"{metric} {d}")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", KINDS)
def test_squared_error(kind, dtype, random):
    for n in (1, 100, 8192, 30_000):
        goal, current = data(random, kind, dtype, n), data(random, kind, dtype, n)
        weights = random.integers(0, 5, n).astype(dtype)
        apart = goal.astype(np.longdouble) - current.astype(np.longdouble)
        parts = weights * apart * apart
        parts[weights == 0] = 0
        exact = np.asarray(parts.sum())
        bound = (np.log2(max(n / 8192, 1)) + 12) * unit("float64")
        lost = n * 5 * least("float64") if kind == "subnormal" else 0
        assert_within(bs.squared_error(goal, current, weights=weights), exact, bound * abs(exact) + lost, n)


@pytest.mark.parametrize("dtype", ("complex64", "complex128"))
@pytest.mark.parametrize("kind", ("random", "cancelling", "huge", "tiny"))
def test_complex_products_and_quotients(kind, dtype, random):
    part = np.dtype(dtype).type(0).real.dtype
    a, b = (np.empty(700, dtype) for _ in range(2))
    for z in (a, b):
        z.real, z.imag = data(random, kind, part, 700), data(random, kind, part, 700)
    b[b == 0] = 1
    products, quotients = bs.multiply(a, b), bs.divide(a, b)
    u = Fraction(1, 2**24 if part == np.float32 else 2**53)
    for p, q, s, t in zip(products, quotients, a, b):
        ar, ai, br, bi = (Fraction(float(v)) for v in (s.real, s.imag, t.real, t.imag))
        for got, real, imaginary in ((p, ar * br - ai * bi, ar * bi + ai * br),
                                     (q, (ar * br + ai * bi) / (br * br + bi * bi), (ai * br - ar * bi) / (br * br + bi * bi))):
            off = (Fraction(float(got.real)) - real) ** 2 + (Fraction(float(got.imag)) - imaginary) ** 2
            assert off <= (4 * u) ** 2 * (real**2 + imaginary**2), (s, t, got)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("radius", (1, 2, 3))
@pytest.mark.parametrize("kind", ("random", "cancelling", "huge", "tiny"))
def test_neighbor_product(kind, radius, dtype, random):
    image = data(random, kind, dtype, (12, 21, 3))
    taps = (2 * radius + 1) ** 2
    result = bs.neighbor_product(image, radius=radius)
    for row in range(radius, 12 - radius, 4):
        for column in range(radius, 21 - radius, 4):
            window = image[row - radius:row + radius + 1, column - radius:column + radius + 1].reshape(-1, 3)
            products = [Fraction(1)] * 3
            for pixel in window:
                products = [p * Fraction(float(value)) for p, value in zip(products, pixel)]
            norm = sum(p * p for p in products)
            for p, got in zip(products, result[row, column]):
                if norm == 0:
                    assert got == 0
                    continue
                share, value = p * p / norm, Fraction(float(got))  # the square of the result, exactly
                assert p * value >= 0
                bound = (taps + 8) * Fraction(1, 2**24 if dtype == "float32" else 2**53)
                assert share * (1 - bound) ** 2 <= (abs(value) + Fraction(float(least(dtype)))) ** 2
                assert (abs(value) - Fraction(float(least(dtype)))) ** 2 <= share * (1 + bound) ** 2 or value == 0
