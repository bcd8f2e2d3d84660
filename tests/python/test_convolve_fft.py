"""method="fft" against the definition and SciPy: within its bound, and the same bits for every layout and thread count."""
import itertools
import threading

import numpy as np
import pytest
import scipy.signal

import bytestride as bs
import convolution
from convolution import BOUNDARIES, REGIONS, function
from layouts import LAYOUTS, Placed, assert_same, place

# The last pairs have tiles of several pieces: kernels in blocks, more than two convolved axes, one axis, batches.
CASES = [((40, 50), (7, 9)), ((33, 21), (20, 2)), ((60, 5), (4, 4)), ((1, 30), (5, 5)), ((7, 5), (9, 12)), ((300,), (40,)),
         ((9, 10, 11), (3, 4, 5)), ((30, 2, 40), (17, 1, 3)), ((6, 5, 4, 7), (2, 3, 2, 3)), ((3, 250), (1, 16))]


def check(actual, x, w, unit, **options):
    """Every error within (K + 2) u of the largest sum of absolute products."""
    total, size = convolution.sums(x, w, **options)
    assert actual.shape == total.shape
    assert np.abs(actual - total).max(initial=0) <= (w.size + 2) * unit * size.max(initial=0)


@pytest.mark.parametrize("dtype, unit", [("float32", 2.0**-24), ("float64", 2.0**-53)])
@pytest.mark.parametrize("shape, taps", CASES)
def test_against_the_definition(random, shape, taps, dtype, unit):
    x, w = random.standard_normal(shape).astype(dtype), random.standard_normal(taps).astype(dtype)
    for flip, boundary, region in itertools.product((True, False), BOUNDARIES, REGIONS):
        if region == "valid" and any(k > n for k, n in zip(taps, shape)):
            continue
        options = {"boundary": boundary, "region": region, "fill": 0.5 if boundary == "constant" else 0}
        actual = function(flip)(x, w, method="fft", **options)
        assert actual.dtype == dtype
        check(actual, x, w, unit, flip=flip, **options)


def test_origin_and_axes(random):
    x, w = random.standard_normal((12, 30, 25)), random.standard_normal((5, 6))
    for axes, origin in itertools.product(itertools.permutations(range(3), 2), [0, (1, -2), (-2, 2)]):
        for flip in (True, False):
            options = {"axes": axes, "origin": origin, "boundary": "mirror"}
            check(function(flip)(x, w, method="fft", **options), x, w, 2.0**-53, flip=flip, **options)
    w = random.standard_normal((3, 4, 5))
    for axes in itertools.permutations(range(3)):
        check(bs.convolve(x, w, axes=axes, method="fft"), x, w, 2.0**-53, axes=axes)


@pytest.mark.parametrize("shape, taps", [((700, 800), (31, 31)), ((300, 1200), (63, 63)), ((650, 640), (501, 33)), ((50000,), (5000,)),
                                         ((400, 300), (400, 300)), ((40, 50, 60), (20, 20, 20))])
def test_large_kernels_against_scipy(random, shape, taps):
    x, w = random.standard_normal(shape), random.standard_normal(taps)
    expected, size = scipy.signal.fftconvolve(x, w, "same"), scipy.signal.fftconvolve(abs(x), abs(w), "same").max()
    assert np.abs(bs.convolve(x, w, method="fft") - expected).max() <= 30 * 2.0**-53 * size
    single = bs.convolve(x.astype("float32"), w.astype("float32"), method="fft")
    assert np.abs(single - expected).max() <= 30 * 2.0**-24 * size


@pytest.mark.parametrize("dtype, kernel_dtype, natural", [("uint8", "float32", "float32"), ("int16", "float16", "float32"), ("float16", "float16", "float16"),
                                                          ("int32", "float32", "float64"), ("float32", "int8", "float32"), ("bool", "float64", "float64")])
def test_dtypes(random, dtype, kernel_dtype, natural):
    x, w = (random.random((50, 60)) * 100).astype(dtype), (random.random((6, 7)) * 9).astype(kernel_dtype)
    natural = np.dtype(natural)
    actual = bs.convolve(x, w, method="fft")
    assert actual.dtype == natural
    unit = 2.0**-11 if natural == np.float16 else 2.0**-24 if natural == np.float32 else 2.0**-53
    check(actual, x, w, unit)
    total = convolution.sums(x, w)[0] / 8
    close = np.abs(total - np.floor(total) - 0.5) < 0.01
    whole = bs.convolve(x, w / w.dtype.type(8), method="fft", dtype="uint8")
    if natural.itemsize > 2 and w.dtype.itemsize > 2:
        assert np.array_equal(whole[~close], np.clip(np.rint(total), 0, 255).astype("uint8")[~close])


@pytest.mark.parametrize("shape, taps", [((150, 260), (20, 21)), ((37, 600), (1, 40)), ((600, 9), (40, 1)), ((12, 13, 40), (4, 5, 6))])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int16"])
def test_layouts_and_threads_do_not_change_a_bit(random, shape, taps, dtype):
    x, w = (40 * random.standard_normal(shape)).astype(dtype), random.standard_normal(taps).astype("float32")
    expected = bs.convolve(x, w, method="fft", boundary="reflect", threads=1)
    for threads in (2, 5):
        assert_same(bs.convolve(x, w, method="fft", boundary="reflect", threads=threads), expected)
    for of_x, of_out in [(layout, "c") for layout in LAYOUTS] + [("c", layout) for layout in LAYOUTS] + [("mixed", "negative")]:
        out = Placed(shape, expected.dtype, of_out)
        bs.convolve(place(x, of_x), place(w, of_x), method="fft", boundary="reflect", out=out.array)
        assert_same(out.array, expected)
        out.check()


def test_numbers_that_are_not_finite_stay_where_the_sum_has_them(random):
    x, w = random.standard_normal((400, 500)).astype("float32"), random.random((9, 11)).astype("float32")
    x[10, 20], x[300, 460], x[399, 0] = np.nan, np.inf, -np.inf
    assert_same(np.isnan(bs.convolve(x, w, method="fft")), np.isnan(bs.convolve(x, w, method="direct")))
    assert_same(np.isinf(bs.convolve(x, w, method="fft")), np.isinf(bs.convolve(x, w, method="direct")))
    for options in ({"boundary": "constant", "fill": np.nan}, {"boundary": "wrap", "region": "full"}):
        assert_same(np.isfinite(bs.correlate(x, w, method="fft", **options)), np.isfinite(bs.correlate(x, w, method="direct", **options)))
    x, w = np.ones((3, 4, 200)), np.ones(50)
    x[1, 2, 100] = np.nan
    assert_same(np.isnan(bs.convolve(x, w, axes=2, method="fft")), np.isnan(bs.convolve(x, w, axes=2, method="direct")))
    # An axis of one tap is an axis of positions.
    x, w = random.standard_normal((16, 15, 42)), random.standard_normal((4, 4, 1))
    x[0, 11, 2] = np.nan
    placed = Placed(x.shape, x.dtype, "mixed")
    assert np.allclose(bs.convolve(x, w, method="fft", out=placed.array), bs.convolve(x, w, method="direct"), equal_nan=True)
    placed.check()
    x, w = random.standard_normal((3, 4, 200)), random.standard_normal(50)
    w[3] = np.inf
    assert_same(bs.convolve(x, w, axes=2, method="fft"), bs.convolve(x, w, axes=2, method="direct"))


@pytest.mark.parametrize("dtype, unit, sizes", [("float32", 2.0**-24, (1e-35, 1e-30, 1e30, 1e36)), ("float64", 2.0**-53, (1e-300, 1e-200, 1e200, 1e300))])
def test_tiles_of_all_sizes(random, dtype, unit, sizes):
    """Neighbouring tiles may differ by many powers of two, and weights too: each has its own bound."""
    w = random.standard_normal((8, 8)).astype(dtype)
    x = random.standard_normal((1, 8, 300, 40)).astype(dtype)
    scale = np.array([1, sizes[0], sizes[3], 0, sizes[1], sizes[2], 1e-3, 1e3], dtype)
    x *= scale[:, None, None]
    actual = bs.convolve(x, w, axes=(2, 3), method="fft").astype(np.longdouble)
    total, size = convolution.sums(x, w, axes=(2, 3))
    for i in range(8):
        assert np.abs(actual[0, i] - total[0, i]).max() <= 66 * unit * size[0, i].max(), scale[i]
    for factor in sizes:
        small = 1 / factor if factor > 1 else 1.0
        actual = bs.convolve(np.full((60, 60), small, dtype), (w * factor).astype(dtype), method="fft")
        total, size = convolution.sums(np.full((60, 60), small, dtype), (w * factor).astype(dtype))
        assert np.abs(actual - total).max() <= 66 * unit * size.max()


def test_small_kernels_are_summed(random):
    """Below 16 taps the result is that of the plain sum, whose bound transforms could not keep."""
    x, w = random.standard_normal((30, 40)), random.standard_normal((3, 5))
    assert_same(bs.convolve(x, w, method="fft"), bs.convolve(x, w, method="direct"))


def test_empty_images():
    w = np.ones((4, 5))
    assert bs.convolve(np.ones((0, 5)), w, method="fft").shape == (0, 5)
    assert_same(bs.convolve(np.ones((0, 5)), w, region="full", fill=1.0, method="fft"), np.full((3, 9), 20.0))


def test_integers_are_refused():
    """Their sums are exact, which no transform is."""
    with pytest.raises(bs.OptionError, match="FFT is for sums of floats; uint8 by int64"):
        bs.convolve(np.ones((9, 9), np.uint8), np.ones((5, 5), int), method="fft")


def test_a_long_call_can_be_cancelled_and_tells_its_progress(random):
    x, w = random.random((1500, 1500)), random.random((60, 60))
    seen = []
    bs.convolve(x, w, method="fft", progress=lambda done, total: seen.append((done, total)))
    assert seen and seen[-1][0] == seen[-1][1] > 0

    class Enough(Exception):
        pass

    def stop(done, total):
        raise Enough

    before = threading.active_count()
    with pytest.raises(Enough):
        bs.convolve(random.random((40, 60, 60)), random.random((30, 30, 30)), method="fft", boundary="wrap", progress=stop)
    assert threading.active_count() <= before
