"""Large kernels: what method="auto" computes by transforms keeps the bound of the direct sum in every element, also where a picture is
dark beside a bright spot."""
import numpy as np
import pytest

import bytestride as bs
import convolution
from convolution import check
from layouts import LAYOUTS, Placed, assert_same, place

KINDS = ["uniform", "normal", "black and white", "stars", "fading", "bright spots", "checkers"]
CASES = [(kind, dtype, dtype) for kind in KINDS for dtype in ("float32", "float64")]
CASES += [("black and white", *dtypes) for dtypes in (("uint8", "float32"), ("uint16", "float32"), ("float32", "float64"))]


def picture(random, kind, shape):
    """What is hard for sums over a whole tile: numbers of very unlike size side by side."""
    x = random.random(shape) * 200
    rows, columns = (np.arange(n) for n in shape)
    if kind == "normal":
        x = random.standard_normal(shape) * 50
    if kind == "black and white":
        x[:, : shape[1] // 2] = 0
        x[40:43, :] = 0
    if kind == "stars":
        x = np.where(random.random(shape) < 2e-4, x, 0)
    if kind == "fading":
        x *= np.exp(-columns / 6)
    if kind == "bright spots":
        x *= 1e-6
        x[random.random(shape) < 1e-3] = 3e7
    if kind == "checkers":
        x[(rows[:, None] // 37 + columns // 41) % 2 == 0] *= 1e-12
    return x


def disk(n):
    """A kernel with zeros in its corners."""
    distance = np.hypot(*np.mgrid[:n, :n] - n // 2)
    return (distance <= n / 2) / np.count_nonzero(distance <= n / 2)


@pytest.mark.parametrize("kind, dtype, kernel_dtype", CASES)
def test_every_element_within_the_bound(random, kind, dtype, kernel_dtype):
    x = picture(random, kind, (230, 260))
    x = (x.clip(0, 255) if dtype[0] == "u" else x).astype(dtype)
    w = (random.standard_normal((31, 31)) if kind != "stars" else disk(31)).astype(kernel_dtype)
    check(bs.convolve(x, w), x, w)


@pytest.mark.parametrize("kind, dtype, kernel_dtype", [case for case in CASES if case[0] in ("normal", "stars", "fading", "bright spots") or case[1] == "uint8"])
def test_long_signals_within_the_bound(random, kind, dtype, kernel_dtype):
    """Transforms of one axis, many pieces at once."""
    x = picture(random, kind, (150, 200)).ravel()
    x = (x.clip(0, 255) if dtype[0] == "u" else x).astype(dtype)
    w = (random.standard_normal(1001) if kind != "stars" else disk(41).ravel()[340:1341]).astype(kernel_dtype)
    actual = bs.convolve(x, w, boundary="reflect")
    check(actual, x, w, boundary="reflect")
    if kind == "normal":
        assert np.mean(actual != bs.convolve(x, w, boundary="reflect", method="direct")) > (0.3 if dtype == "float32" else 0.5)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_long_rows(random, dtype):
    x, w = random.standard_normal((5, 9000)).astype(dtype), random.random(1200).astype(dtype)
    x[1] = 0
    x[2, 4000] = np.nan
    x[3] *= 1e-20
    for options in ({}, {"region": "full"}, {"region": "valid"}, {"boundary": "constant", "fill": 3.0, "origin": 77}):
        actual = bs.convolve(x, w, axes=1, **options)
        assert_same(np.isnan(actual), np.isnan(bs.convolve(x, w, axes=1, method="direct", **options)))
        rows = [0, 1, 3, 4]
        check(actual[rows], x[rows], w, axes=(1,), **options)
        for threads in (1, 2, 5):
            assert_same(bs.convolve(x[:, ::-1], w, axes=-1, threads=threads, **options), bs.convolve(x[:, ::-1].copy(), w, axes=-1, **options))
    assert np.mean(bs.convolve(x, w, axes=1, boundary="wrap") != bs.convolve(x, w, axes=1, boundary="wrap", method="direct")) > 0.1


@pytest.mark.parametrize("options", [{"region": "full", "boundary": "mirror"}, {"region": "valid"}, {"boundary": "wrap", "axes": (1, 0)},
                                     {"boundary": "constant", "fill": 2.5, "origin": (-3, 5)}])
def test_regions_boundaries_axes(random, options):
    x, w = random.random((180, 210)).astype("float32"), random.standard_normal((26, 19)).astype("float32")
    for flip in (True, False):
        check((bs.convolve if flip else bs.correlate)(x, w, **options), x, w, flip=flip, **options)
    batch = random.standard_normal((2, 150, 3, 140)).astype("float32")
    check(bs.correlate(batch, w, axes=(1, 3)), batch, w, axes=(1, 3), flip=False)


def test_transforms_are_used(random):
    """Or the tests above would test nothing; and where they are, the sum is not that of another way."""
    for dtype in ("float32", "float64"):
        x, w = random.random((400, 400)).astype(dtype), random.standard_normal((41, 41)).astype(dtype)
        assert np.mean(bs.convolve(x, w, boundary="wrap") != bs.convolve(x, w, boundary="wrap", method="direct")) > 0.5
        small = random.random((3, 3)).astype(dtype)
        assert_same(bs.convolve(x, small), bs.convolve(x, small, method="direct"))


def test_zeros_give_zero_and_tiny_numbers_are_not_lost(random):
    x, w = np.zeros((300, 300), "float32"), random.standard_normal((33, 33)).astype("float32")
    x[:100] = 1e6
    x[250, 200] = 1e-30
    actual = bs.correlate(x, w)
    assert not actual[120:200].any()
    assert_same(actual[234:267, 184:217], (w[::-1, ::-1] * np.float32(1e-30)))
    assert_same(bs.correlate(x * 0, -abs(w)), np.zeros_like(x))


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8"])
def test_layouts_and_threads_do_not_change_a_bit(random, dtype):
    x, w = (200 * random.random((210, 330))).astype(dtype), random.standard_normal((29, 27)).astype("float64" if dtype == "float64" else "float32")
    x[50:120, 100:200] = 0
    expected = bs.convolve(x, w, boundary="reflect", threads=1)
    for threads in (2, 5):
        assert_same(bs.convolve(x, w, boundary="reflect", threads=threads), expected)
    for of_x, of_out in [(layout, "c") for layout in LAYOUTS] + [("c", layout) for layout in LAYOUTS]:
        out = Placed(x.shape, expected.dtype, of_out)
        bs.convolve(place(x, of_x), place(w, of_x), boundary="reflect", out=out.array)
        assert_same(out.array, expected)
        out.check()


def test_numbers_that_are_not_finite_stay_where_the_sum_has_them(random):
    for dtype in ("float32", "float64"):
        x, w = random.standard_normal((300, 500)).astype(dtype), random.random((30, 31)).astype(dtype)
        x[10, 20], x[250, 460], x[299, 0] = np.nan, np.inf, -np.inf
        auto, direct = bs.convolve(x, w), bs.convolve(x, w, method="direct")
        for special in (np.isnan, np.isposinf, np.isneginf):
            assert_same(special(auto), special(direct))
        w[3, 4] = np.inf
        assert_same(bs.convolve(x, w), bs.convolve(x, w, method="direct"))


@pytest.mark.parametrize("size", [1e-300, 1e-160, 1e150, 1e290])
def test_the_range_of_float64(random, size):
    x, w = random.random((150, 160)) * size, random.standard_normal((31, 31)) * min(1 / size, 1e8)
    total, magnitude = convolution.sums(x, w)
    error = np.abs(bs.convolve(x, w) - total)
    assert (error <= (w.size + 2) * 2.0**-53 * magnitude + w.size * 5e-324).all()


def test_results_of_other_dtypes(random):
    x, w = random.integers(0, 256, (200, 220), dtype=np.uint8), (disk(25) * random.random((25, 25))).astype("float32")
    for dtype in ("uint8", "int16", "float16", "float64"):
        check(bs.correlate(x, w, dtype=dtype), x, w, dtype=dtype, flip=False)
