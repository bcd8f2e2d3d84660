"""Convolution against its definition, SciPy and published integers: every dtype, boundary, region, layout, shape."""
import functools
import itertools

import numpy as np
import pytest
import scipy.ndimage
import scipy.signal

import bytestride as bs
import convolution
from convolution import BOUNDARIES, REGIONS, check, function
from layouts import DTYPES, LAYOUTS, REAL, Placed, assert_same, place, random_values

def small_integers(random, shape, dtype="int64"):
    return random.integers(-9 if np.dtype(dtype).kind == "i" else 0, 10, shape).astype(dtype)


def weights(random, dtype, shape):
    """Random values, of 64-bit integers small ones: their sums with 64-bit inputs then stay below 127 bits."""
    values = random_values(random, dtype, shape)
    return values // 2**8 if values.dtype.kind in "iu" and values.itemsize == 8 else values


# ---- Known results -----------------------------------------------------------------------------------

KNOWN = [
    ([[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
     [[-13, -20, -17], [-18, -24, -18], [13, 20, 17]]),
    ([[1, 5, 2, 3], [8, 7, 3, 6], [3, 3, 9, 1]], [[1, 2, 3], [0, 0, 0], [6, 5, 4]],
     [[23, 41, 33, 21], [44, 65, 76, 52], [82, 85, 79, 42]]),
    ([[1]], [[1, 1, 1], [1, 2, 1], [1, 1, 1]], [[2]]),
]


@pytest.mark.parametrize("image, kernel, expected", KNOWN)
def test_published_integers(image, kernel, expected):
    """The integer vectors of imgproc's tests (liamdalg/imgproc)."""
    assert_same(bs.convolve(image, kernel), np.array(expected))
    for x, w in itertools.product(REAL, REAL):
        if x.kind in "bu" and np.min(image) < 0 or w.kind in "bu" and np.min(kernel) < 0 or "b" in (x.kind, w.kind):
            continue
        result = bs.convolve(np.array(image, x), np.array(kernel, w))
        assert result.tolist() == expected


def test_the_article_case(random):
    """128 x 128 float64 with a 3 x 3 kernel, zero outside."""
    image, kernel = random.standard_normal((128, 128)), random.standard_normal((3, 3))
    check(bs.convolve(image, kernel), image, kernel)
    assert np.allclose(bs.convolve(image, kernel), scipy.signal.convolve2d(image, kernel, "same"), rtol=0, atol=1e-13)


def test_the_oracle_against_scipy_and_numpy(random, flip):
    image, kernel = random.standard_normal((9, 8)), random.standard_normal((3, 5))
    for region in REGIONS:
        total, _ = convolution.sums(image, kernel, region=region)
        assert np.allclose(total.astype(float), scipy.signal.convolve2d(image, kernel, region))
    for boundary in BOUNDARIES:
        total, _ = convolution.sums(image, kernel, boundary=boundary, flip=flip)
        filtered = (scipy.ndimage.convolve if flip else scipy.ndimage.correlate)(image, kernel, mode=boundary)
        assert np.allclose(total.astype(float), filtered)
    for boundary, mode in [("reflect", "symmetric"), ("mirror", "reflect"), ("nearest", "edge"), ("wrap", "wrap")]:
        for n in (1, 2, 3, 7):
            line = random.standard_normal(n)
            assert_same(convolution.extended(line, 0, 11, 5, boundary, 0), np.pad(line, (11, 5), mode))


# ---- Boundaries, regions, origins --------------------------------------------------------------------

@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("region", REGIONS)
def test_boundaries_and_regions(boundary, region, flip, random):
    """Exact integers for every ratio of kernel to image, in one, two and three dimensions."""
    shapes = [((n,), (k,)) for n in (1, 2, 3, 5, 16, 33) for k in (1, 2, 3, 4, 7, 20)]
    shapes += [((5, 7), (3, 3)), ((5, 7), (2, 4)), ((3, 2), (5, 6)), ((1, 9), (3, 1)), ((20, 19), (7, 5)), ((17, 70), (3, 3)),
               ((6, 40), (5, 5)), ((3, 4, 5), (3, 2, 3)), ((2, 2, 2), (3, 3, 3)), ((4, 3, 2, 5), (2, 2, 1, 3)), ((19, 70), (1, 7)),
               ((3, 18, 21), (2, 1, 3))]
    for shape, kernel_shape in shapes:
        if region == "valid" and any(k > n for k, n in zip(kernel_shape, shape)):
            continue
        image, kernel = small_integers(random, shape), small_integers(random, kernel_shape)
        options = {"boundary": boundary, "region": region, "fill": 3}
        check(function(flip)(image, kernel, **options), image, kernel, flip=flip, **options)
        floats = image.astype(np.float64), kernel.astype(np.float64)
        total, _ = convolution.sums(image, kernel, flip=flip, **options)
        assert function(flip)(*floats, **options).tolist() == total.astype(float).tolist()  # small integers are exact


def test_origins(flip, random):
    for shape, kernel_shape in [((9,), (5,)), ((8,), (4,)), ((7, 9), (3, 5)), ((7, 9), (4, 2)), ((5, 4, 6), (3, 1, 2))]:
        image, kernel = small_integers(random, shape), small_integers(random, kernel_shape)
        centres = [(n - 1) // 2 if flip else n // 2 for n in kernel_shape]
        for origin in itertools.product(*[range(-c, n - c) for c, n in zip(centres, kernel_shape)]):
            for boundary in ("constant", "reflect", "wrap"):
                result = function(flip)(image, kernel, origin=origin, boundary=boundary)
                check(result, image, kernel, origin=origin, boundary=boundary, flip=flip)
    image, kernel = small_integers(random, (8, 8)), small_integers(random, (3, 3))
    assert_same(function(flip)(image, kernel, origin=1), function(flip)(image, kernel, origin=(1, 1)))
    assert_same(function(flip)(image, kernel, origin=[0, 0]), function(flip)(image, kernel))


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_against_scipy_ndimage(boundary, flip, random):
    peer = scipy.ndimage.convolve if flip else scipy.ndimage.correlate
    for shape, kernel_shape in [((40,), (5,)), ((33, 21), (3, 7)), ((12, 9, 11), (3, 3, 5))]:
        image, kernel = random.standard_normal(shape), random.standard_normal(kernel_shape)
        for origin in (0, 1, -1):
            expected = peer(image, kernel, mode=boundary, cval=0.75, origin=origin)
            assert np.allclose(function(flip)(image, kernel, boundary=boundary, fill=0.75, origin=origin), expected, atol=1e-12)


@pytest.mark.parametrize("region", REGIONS)
def test_against_scipy_signal(region, random):
    for shape, kernel_shape in [((40, 30), (5, 5)), ((33, 21), (4, 6)), ((8, 9), (8, 9)), ((65, 3), (2, 3))]:
        image, kernel = random.standard_normal(shape), random.standard_normal(kernel_shape)
        for boundary, name in [("constant", "fill"), ("wrap", "wrap"), ("reflect", "symm")]:
            if region == "valid" and boundary != "constant":
                continue
            expected = scipy.signal.convolve2d(image, kernel, region, name)
            if region == "full" and boundary != "constant":
                continue  # SciPy crops the extension there to half of what `full` says here
            assert np.allclose(bs.convolve(image, kernel, region=region, boundary=boundary), expected, atol=1e-12)


def test_full_with_a_boundary_is_the_padded_input_then_valid(flip, random):
    image, kernel = random.standard_normal((6, 5)), random.standard_normal((3, 4))
    for boundary, mode in [("reflect", "symmetric"), ("mirror", "reflect"), ("nearest", "edge"), ("wrap", "wrap")]:
        padded = np.pad(image, ((2, 2), (3, 3)), mode)
        assert_same(function(flip)(image, kernel, region="full", boundary=boundary),
                    function(flip)(padded, kernel, region="valid"))


# ---- dtypes ------------------------------------------------------------------------------------------

@pytest.mark.parametrize("x", REAL, ids=str)
@pytest.mark.parametrize("w", REAL, ids=str)
def test_every_pair_of_dtypes(x, w, flip, random):
    for shape, kernel_shape in [((41,), (4,)), ((7, 37), (3, 3))]:
        image, kernel = random_values(random, x, shape), weights(random, w, kernel_shape)
        for boundary in ("constant", "mirror"):
            check(function(flip)(image, kernel, boundary=boundary), image, kernel, boundary=boundary, flip=flip)


@pytest.mark.parametrize("dtype", REAL, ids=str)
def test_every_result_dtype(dtype, random):
    for x, w in itertools.product(("bool", "uint8", "int16", "int64", "uint64", "float16", "float32", "float64"),
                                  ("uint8", "int32", "float32", "float64")):
        image, kernel = random_values(random, x, (5, 33)), random_values(random, w, (3, 2))
        if np.dtype(w).kind == "i":
            kernel = kernel % 7 - 3
        result = bs.convolve(image, kernel, dtype=dtype, boundary="nearest")
        check(result, image, kernel, dtype, boundary="nearest")
        out = Placed(image.shape, dtype, "mixed")
        assert bs.convolve(image, kernel, out=out.array, boundary="nearest") is out.array
        assert_same(out.array, result)
        out.check()


def test_rounding_of_results():
    """Half to even, saturated; NaN gives 0."""
    halves = np.array([0.5, 1.5, 2.5, -0.5, -1.5, 254.5, 255.5, 1e9, -1e9, np.inf, -np.inf, np.nan])
    assert bs.convolve(halves, [1.0], dtype=np.uint8).tolist() == [0, 2, 2, 0, 0, 254, 255, 255, 0, 255, 0, 0]
    assert bs.convolve(halves, [1.0], dtype=np.int8).tolist() == [0, 2, 2, 0, -2, 127, 127, 127, -128, 127, -128, 0]
    assert bs.convolve([255], [0.5], dtype=np.uint8).tolist() == [128]
    assert bs.convolve(np.array([255], np.uint8), np.array([0.5], np.float32), dtype=np.uint8).tolist() == [128]
    assert bs.convolve([0.25, 0.0, np.nan], [1.0], dtype=bool).tolist() == [True, False, True]


def test_wide_integers():
    """Sums of 64-bit integers are exact to 127 bits and saturated at the end."""
    high, low = 2**63 - 1, -2**63
    assert bs.convolve([high, high], [1, 1], region="full").tolist() == [high, high, high]
    assert bs.convolve([high, high, low, low], [1, 1], region="full").tolist() == [high, high, -1, low, low]
    assert bs.convolve([high, 5], [3, -3], region="full").tolist() == [high, 15 - 3 * high if 15 - 3 * high > low else low, -15]
    top = np.array([2**64 - 1, 2**64 - 1, 1], np.uint64)
    assert bs.convolve(top, np.array([1, 1], np.uint64), region="full").tolist() == [2**64 - 1, 2**64 - 1, 2**64 - 1, 1]
    assert bs.convolve(top, np.array([1, -1]), region="full").tolist() == [high, 0, -2**63, -1]
    values = np.array([2**62, 2**62 - 1, -2**61], np.int64)
    for dtype in ("float64", "float32", "int8", "uint64"):
        check(bs.convolve(values, [2**40, -2**40, 3], dtype=dtype, region="full"), values, [2**40, -2**40, 3], dtype, region="full")
    with pytest.raises(OverflowError) as caught:
        bs.convolve(np.full(9, low), np.full(9, low))
    assert isinstance(caught.value, bs.Error)
    with pytest.raises(OverflowError):
        bs.convolve(top, np.full(3, 2**64 - 1, np.uint64))


@pytest.mark.parametrize("x", ["int32", "uint32", "int64", "uint64"])
def test_integers_at_the_ends_of_their_range(x, random):
    limits = np.iinfo(x)
    image = random.choice(np.array([limits.min, limits.max, 0, 1], x), (6, 37))
    for w in ("int8", "uint8", "int32", "uint32", "int64"):
        kernel = random.choice(np.array([np.iinfo(w).min, np.iinfo(w).max // 3, 1], w), (3, 3))
        if kernel.itemsize == 8:
            kernel //= 2**8
        for fill in (0, int(limits.max)):
            check(bs.convolve(image, kernel, fill=fill, dtype="float64"), image, kernel, "float64", fill=fill)
            check(bs.convolve(image, kernel, fill=fill), image, kernel, fill=fill)


def test_ieee():
    """A zero tap times NaN or infinity is NaN; what lies outside uses fill."""
    nan, inf = np.nan, np.inf
    for dtype in ("float16", "float32", "float64"):
        line = np.array([1, nan, 2, 3, inf, 4, 5, 6], dtype)
        for kernel in ([1, 0, 0], [0, 0, 1], [0, 2, 0]):
            w = np.array(kernel, dtype)
            check(bs.convolve(line, w), line, w)
            check(bs.correlate(line, w, boundary="constant", fill=inf), line, w, fill=inf, flip=False)
        result = bs.convolve(line, np.zeros(3, dtype))
        assert np.isnan(result).tolist() == [True, True, True, True, True, True, False, False]
        edge = bs.convolve(np.ones(3, dtype), np.array([0, 1, 0], dtype), fill=nan)
        assert np.isnan(edge).tolist() == [True, False, True]
    tiny = np.full(9, 5e-324)
    assert bs.convolve(tiny, [1.0, 1.0, 1.0], region="valid").tolist() == [1.5e-323] * 7  # subnormals are kept


# ---- Axes --------------------------------------------------------------------------------------------

def test_axes(flip, random):
    image = small_integers(random, (5, 6, 7, 3))
    for axes in [(0,), (1,), (-1,), (0, 1), (1, 0), (1, 2), (2, 0), (-2, -4), (0, 1, 2), (3, 1, 0), (0, 1, 2, 3), 2, -1]:
        count = 1 if isinstance(axes, int) else len(axes)
        kernel = small_integers(random, (3, 2, 2, 3)[:count])
        for region, boundary in itertools.product(REGIONS, ("constant", "mirror")):
            options = {"axes": axes, "region": region, "boundary": boundary}
            check(function(flip)(image, kernel, **options), image, kernel, flip=flip, **options)


def test_channels_last_and_batches(random):
    for dtype in ("uint8", "float32", "float64"):
        for channels in (1, 2, 3, 4, 5, 130):
            image = random_values(random, dtype, (9, 11, channels))
            kernel = random_values(random, "float32", (3, 3))
            result = bs.correlate(image, kernel, axes=(0, 1), boundary="reflect")
            for channel in {0, channels - 1}:
                assert_same(np.ascontiguousarray(result[..., channel]),
                            bs.correlate(image[..., channel], kernel, boundary="reflect"))
        batch = random_values(random, dtype, (6, 8, 9))
        result = bs.convolve(batch, kernel, axes=(1, 2))
        for n in range(6):
            assert_same(result[n], bs.convolve(batch[n], kernel))


def test_no_axes_scales(random):
    image = random.standard_normal((3, 4))
    assert_same(bs.convolve(image, 2.5, axes=()), image * 2.5)
    assert_same(bs.convolve(3.0, 2.5), np.float64(7.5))
    assert isinstance(bs.correlate(np.int8(3), 4), np.int64)


# ---- Layouts, shapes, same bits ----------------------------------------------------------------------

@pytest.mark.parametrize("layout_out", LAYOUTS)
def test_layouts(layout, layout_out, flip, random):
    for dtype, out_dtype in [("uint8", "float32"), ("float32", "float32"), ("float64", "float64"), ("int32", "int64"),
                             ("float16", "uint8")]:
        image = random_values(random, dtype, (11, 38))
        kernel = random_values(random, "float32" if out_dtype[0] == "f" else "int8", (3, 5))
        for options in ({}, {"boundary": "wrap"}, {"region": "valid"}):
            expected = function(flip)(image, kernel, dtype=out_dtype, **options)
            check(expected, image, kernel, out_dtype, flip=flip, **options)
            out = Placed(expected.shape, out_dtype, layout_out)
            function(flip)(place(image, layout), place(kernel, layout_out), out=out.array, **options)
            assert_same(out.array, expected)
            out.check()


@pytest.mark.parametrize("dtype", ["float64", "uint8"])
def test_reversed_results_larger_than_the_caches(dtype, random):
    """Small integers: their sums are exact in any order."""
    x, w = random.integers(0, 5, (1400, 1301 if dtype == "float64" else 9001)).astype(dtype), random.integers(-3, 4, (3, 5)).astype("float32")
    want = scipy.ndimage.correlate(x.astype(np.int32), w.astype(np.int32), mode="constant").astype("float32" if dtype == "uint8" else dtype)
    out = Placed(x.shape, want.dtype, "negative")
    assert_same(bs.correlate(x[::-1, ::-1].copy()[::-1, ::-1], w, out=out.array), want)
    out.check()


def test_channels_in_every_order(random):
    for dtype, columns in itertools.product(("uint8", "float32"), (5, 700)):
        wide, w = random.integers(0, 9, (20, columns, 5)).astype(dtype), random.integers(-3, 4, (3, 3)).astype("int16" if dtype == "uint8" else "float32")
        for image in (wide[..., :3], wide[..., 4:1:-1], wide[:, ::-1, ::2], wide[::2, ::3, :4], np.asfortranarray(wide), wide.transpose(2, 0, 1).copy().transpose(1, 2, 0)):
            want = scipy.ndimage.correlate(image.astype(np.int64), w.astype(np.int64)[..., None], mode="nearest").astype("float32")
            gaps = np.zeros((*image.shape[:2], 7), "float32")
            for out in (gaps[..., :image.shape[2]], gaps[:, ::-1, image.shape[2] - 1::-1], np.zeros(image.shape, "float32", order="F"), np.zeros(image.shape, "float32")):
                assert_same(bs.correlate(image, w, axes=(0, 1), boundary="nearest", out=out), want)
            assert not gaps[..., image.shape[2]:].any()


@pytest.mark.parametrize("x, w", [("uint8", "float32"), ("uint8", "int8"), ("float32", "float32"), ("float64", "float64"),
                                  ("int32", "int16"), ("float16", "float16"), ("int64", "int64")])
def test_every_length(x, w, flip, random):
    """Tails behind every vector and block, inside rows and at their ends, guard bytes around the result."""
    line, wide = random_values(random, x, 300), random_values(random, x, (3, 300))
    kernels = [weights(random, w, k) for k in (1, 2, 3, 5, 8)]
    for n in [*range(1, 36), 63, 64, 65, 100, 127, 129, 255, 257, 300]:
        kernel = kernels[n % 5]
        natural = convolution.natural_dtype(line.dtype, kernel.dtype)
        out = Placed((n,), natural)
        function(flip)(line[300 - n:], kernel, out=out.array, boundary="reflect")
        check(out.array, line[300 - n:], kernel, boundary="reflect", flip=flip)
        out.check()
        out = Placed((3, n), natural)
        square = np.outer(kernels[2], [1, 2, 1]).astype(w) + np.eye(3, dtype=w)
        function(flip)(wide[:, 300 - n:], square, out=out.array)
        check(out.array, wide[:, 300 - n:], square, flip=flip)
        out.check()


def test_zero_strides_and_records(random):
    row, kernel = random.standard_normal(9), random.standard_normal((3, 3))
    image = np.broadcast_to(row, (7, 9))
    assert_same(bs.convolve(image, kernel), bs.convolve(image.copy(), kernel))
    assert_same(bs.convolve(image, np.broadcast_to(2.0, (3, 3))), bs.convolve(image.copy(), np.full((3, 3), 2.0)))
    records = np.zeros((7, 9), [("a", "u1"), ("v", "f4")])
    records["v"] = random.standard_normal((7, 9))
    check(bs.convolve(records["v"], kernel), records["v"], kernel)
    before = records.copy()
    image = np.zeros((7, 9), [("a", "u1"), ("v", "f4")])
    bs.convolve(records["v"], kernel, out=image["v"])
    assert not image["a"].any() and records.tobytes() == before.tobytes()


def test_the_inputs_stay_as_they_are(random):
    image, kernel = random.standard_normal((20, 30)), random.standard_normal((3, 3))
    image.flags.writeable = kernel.flags.writeable = False
    before = image.tobytes(), kernel.tobytes()
    bs.convolve(image, kernel, boundary="wrap", region="full")
    assert (image.tobytes(), kernel.tobytes()) == before


def test_empty_and_eight_dimensions(flip, random):
    for shape in [(0,), (0, 5), (5, 0), (2, 0, 3)]:
        result = function(flip)(np.zeros(shape), np.ones((2,) * len(shape)))
        assert result.shape == shape
    assert function(flip)(np.zeros((0, 5, 6)), np.ones((3, 3)), axes=(1, 2), boundary="wrap").shape == (0, 5, 6)
    image, kernel = small_integers(random, (2, 3, 2, 2, 1, 2, 3, 4)), small_integers(random, (1, 2, 1, 2, 1, 1, 2, 3))
    check(function(flip)(image, kernel, boundary="mirror"), image, kernel, boundary="mirror", flip=flip)


def test_threads_do_not_change_a_bit(flip, random):
    for x, w, shape, kernel_shape in [("float32", "float32", (400, 501), (5, 5)), ("float64", "float64", (300, 301), (3, 3)),
                                      ("uint8", "float32", (400, 603), (7, 3)), ("uint8", "int8", (400, 603), (3, 3)),
                                      ("float16", "float16", (150, 99), (3, 3)), ("float64", "float64", (90_001,), (31,)),
                                      ("int64", "int64", (200, 150), (3, 3))]:
        image, kernel = random_values(random, x, shape), weights(random, w, kernel_shape)
        one = function(flip)(image, kernel, boundary="reflect", threads=1)
        for threads in (2, 5):
            assert_same(function(flip)(image, kernel, boundary="reflect", threads=threads), one)
        assert_same(function(flip)(place(image, "transposed"), kernel, boundary="reflect"), one)


@pytest.mark.parametrize("kernel_shape", [(3, 3), (5, 4), (15, 15)], ids=str)
def test_blocks_computed_apart_equal_the_whole(kernel_shape, random):
    """An element's bits depend on the values it reads alone."""
    rows, columns = kernel_shape
    kernels = [random.standard_normal(kernel_shape), np.outer(random.standard_normal(rows), random.standard_normal(columns))]
    for dtype, kernel in itertools.product(("float32", "float64"), kernels):
        image = random_values(random, dtype, (61, 150))
        kernel = kernel.astype(dtype)
        whole = bs.correlate(image, kernel, region="valid")
        for top, left, height, width in [(0, 0, 7, 9), (3, 5, 20, 33), (11, 70, 1, 1), (20, 1, 26, 100)]:
            part = image[top:top + height + rows - 1, left:left + width + columns - 1]
            assert_same(bs.correlate(part, kernel, region="valid"), np.ascontiguousarray(
                whole[top:top + height, left:left + width]))
        # and the interior of `same` is `valid`
        same = bs.correlate(image, kernel, boundary="wrap")
        inside = same[rows // 2:rows // 2 + whole.shape[0], columns // 2:columns // 2 + whole.shape[1]]
        assert_same(np.ascontiguousarray(inside), whole)


# ---- Methods -----------------------------------------------------------------------------------------

@pytest.mark.parametrize("x", ["uint8", "int32", "float32", "float64"])
@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_separable_kernels(x, boundary, flip, random):
    """Outer products in one to four dimensions, by every method, within the bound of the direct sum."""
    for shape, lengths in [((60,), (7,)), ((40, 45), (5, 5)), ((40, 45), (15, 15)), ((33, 70), (3, 11)), ((9, 10, 11), (3, 2, 5)),
                           ((4, 5, 3, 6), (2, 3, 1, 2))]:
        image = random_values(random, x, shape)
        kinds = ("int32", "float32", "float64") if x in ("uint8", "int32") else ("float32", "float64")
        for kind in kinds:
            parts = [random.integers(-4, 5, n) + 0.5 * (kind != "int32") for n in lengths]
            kernel = np.ones((), kind)
            for part in parts:
                kernel = np.multiply.outer(kernel, part.astype(kind))
            for method in ("auto", "direct", "separable"):
                for region in ("same", "full"):
                    options = {"boundary": boundary, "region": region, "fill": 2}
                    result = function(flip)(image, kernel, method=method, **options)
                    check(result, image, kernel, flip=flip, **options)


def test_separable_refuses_other_kernels(random):
    image = random.standard_normal((20, 20))
    for kernel in (np.eye(3), [[0, 1, 0], [1, -4, 1], [0, 1, 0]], random.standard_normal((4, 5))):
        with pytest.raises(bs.OptionError, match="separable|rank|outer"):
            bs.convolve(image, kernel, method="separable")
    almost = np.outer([1.0, 2, 1], [1.0, 2, 1])
    almost[1, 1] *= 1 + 1e-6
    with pytest.raises(bs.OptionError):
        bs.convolve(image, almost, method="separable")
    check(bs.convolve(image, almost), image, almost)
    bs.convolve(image, np.zeros((3, 3)), method="separable")  # the zero kernel is an outer product


@pytest.mark.parametrize("dtype", ["int64", "uint64", "float32", "float64"])
@pytest.mark.parametrize("factors", [([1, 2, 1], [1, 3, 1]), ([3, 5], [2, 7, 1], [1, 4]), ([1, 2**20], [1, 2**21]), ([0, 1, 0], [2, 5, 3])])
def test_products_but_for_one_weight(random, factors, dtype):
    """The lines through the largest weight alone do not tell."""
    product = functools.reduce(np.multiply.outer, [np.array(factor, dtype) for factor in factors])
    image = random.integers(0, 200, (9,) * product.ndim).astype("uint8")
    check(bs.convolve(image, product, method="separable"), image, product)
    for place in np.ndindex(product.shape):
        # In no line through the largest one, so that factors would be found but for the last look.
        if sum(i != j for i, j in zip(place, np.unravel_index(np.argmax(product), product.shape))) < 2:
            continue
        almost = product.copy()
        almost[place] += 1
        with pytest.raises(bs.OptionError, match="outer product"):
            bs.convolve(image, almost, method="separable")
        check(bs.convolve(image, almost), image, almost)


def test_special_values_under_auto(random):
    """A kernel that is an outer product with zeros still takes 0 * NaN and 0 * inf as the plain sum does."""
    image = random.standard_normal((12, 13))
    image[3, 4], image[8, 9] = np.nan, np.inf
    for kernel in (np.outer([1.0, 0, 1], [1.0, 2, 1]), np.outer([0.0, 1, 0], [0.0, 1, 0])):
        for method in ("auto", "direct"):
            assert np.array_equal(np.isfinite(bs.convolve(image, kernel, method=method)),
                                  np.isfinite(scipy.signal.convolve2d(image, kernel, "same")))


# ---- Errors ------------------------------------------------------------------------------------------

IMAGE, KERNEL = np.arange(30.0).reshape(5, 6), np.ones((3, 3))

ERRORS = {
    "kernel too large": (lambda o: bs.convolve(IMAGE, np.ones((6, 3)), region="valid", out=o), bs.ShapeError, "kernel"),
    "kernel one too large": (lambda o: bs.convolve(IMAGE, np.ones((5, 7)), region="valid", out=o), bs.ShapeError, "kernel"),
    "empty kernel": (lambda o: bs.convolve(IMAGE, np.ones((3, 0)), out=o), bs.ShapeError, "kernel"),
    "kernel dimensions": (lambda o: bs.convolve(IMAGE, np.ones(3), out=o), bs.ShapeError, "kernel"),
    "kernel is a number": (lambda o: bs.convolve(IMAGE, 3.0, out=o), bs.ShapeError, "kernel"),
    "complex input": (lambda o: bs.convolve(IMAGE + 1j, KERNEL, out=o), bs.DTypeError, "input"),
    "complex kernel": (lambda o: bs.convolve(IMAGE, KERNEL + 1j, out=o), bs.DTypeError, "kernel"),
    "complex dtype": (lambda o: bs.convolve(IMAGE, KERNEL, dtype="complex64", out=o), bs.DTypeError, "dtype"),
    "dtype and out": (lambda o: bs.convolve(IMAGE, KERNEL, dtype="float32", out=o), bs.DTypeError, "out"),
    "boundary": (lambda o: bs.convolve(IMAGE, KERNEL, boundary="zero", out=o), bs.OptionError, "boundary.*'constant'.*'zero'"),
    "region": (lambda o: bs.convolve(IMAGE, KERNEL, region=3, out=o), bs.OptionError, "region.*'same', 'full', 'valid'"),
    "method": (lambda o: bs.convolve(IMAGE, KERNEL, method="fast", out=o), bs.OptionError, "method.*'auto'"),
    "axis out of range": (lambda o: bs.convolve(IMAGE, np.ones(3), axes=2, out=o), IndexError, "axes"),
    "axis far out of range": (lambda o: bs.convolve(IMAGE, np.ones(3), axes=-3, out=o), IndexError, "axes"),
    "axis twice": (lambda o: bs.convolve(IMAGE, KERNEL, axes=(0, -2), out=o), bs.OptionError, "axes"),
    "axes of another kind": (lambda o: bs.convolve(IMAGE, KERNEL, axes="01", out=o), bs.OptionError, "axes"),
    "too few axes": (lambda o: bs.convolve(IMAGE, KERNEL, axes=0, out=o), bs.ShapeError, "kernel"),
    "origin too large": (lambda o: bs.convolve(IMAGE, KERNEL, origin=2, out=o), bs.OptionError, "origin"),
    "origin too small": (lambda o: bs.convolve(IMAGE, KERNEL, origin=(0, -2), out=o), bs.OptionError, "origin"),
    "origin under full": (lambda o: bs.convolve(IMAGE, KERNEL, origin=1, region="full", out=np.zeros((7, 8))), bs.OptionError,
                          "origin"),
    "origin under valid": (lambda o: bs.convolve(IMAGE, KERNEL, origin=-1, region="valid", out=np.zeros((3, 4))), bs.OptionError,
                           "origin"),
    "origins": (lambda o: bs.convolve(IMAGE, KERNEL, origin=(0, 0, 0), out=o), bs.OptionError, "origin"),
    "origin huge": (lambda o: bs.convolve(IMAGE, KERNEL, origin=2**40, out=o), bs.OptionError, "origin"),
    "origin no int": (lambda o: bs.convolve(IMAGE, KERNEL, origin=0.5, out=o), bs.OptionError, "origin"),
    "out shape": (lambda o: bs.convolve(IMAGE, KERNEL, region="valid", out=o), bs.ShapeError, "out"),
    "out dimensions": (lambda o: bs.convolve(IMAGE, KERNEL, out=o[0]), bs.ShapeError, "out"),
    "out overlaps itself": (lambda o: bs.convolve(IMAGE, KERNEL, out=np.broadcast_to(o[:1], (5, 6))), (bs.OverlapError, bs.ReadOnlyError),
                            "out"),
    "threads": (lambda o: bs.convolve(IMAGE, KERNEL, threads=-1, out=o), bs.OptionError, "threads"),
    "progress": (lambda o: bs.convolve(IMAGE, KERNEL, progress=3, out=o), bs.OptionError, "progress"),
}


@pytest.mark.parametrize("call, kind, text", ERRORS.values(), ids=ERRORS)
def test_errors_leave_out_untouched(call, kind, text):
    out = np.full((5, 6), 7.0)
    with pytest.raises(kind, match=text) as caught:
        call(out)
    assert isinstance(caught.value, bs.Error)
    assert (out == 7).all()


def test_overlap_is_refused(random):
    image = random.standard_normal((9, 9))
    before = image.copy()
    for out in (image, image[::-1], image.T, image[:, ::-1]):
        with pytest.raises(bs.OverlapError, match="out"):
            bs.convolve(image, KERNEL, out=out)
    kernel = np.ones((9, 9))
    with pytest.raises(bs.OverlapError, match="out"):
        bs.convolve(image, kernel, out=kernel)
    assert_same(image, before)
    channels = random.standard_normal((9, 9, 2))
    expected = bs.convolve(channels[..., 0], KERNEL)
    bs.convolve(channels[..., 0], KERNEL, out=channels[..., 1])
    assert_same(np.ascontiguousarray(channels[..., 1]), expected)


@pytest.mark.parametrize("dtype, good, bad", [
    ("uint8", [0, 255, 3.0, True, np.int64(7)], [-1, 256, 0.5, np.nan, np.inf, "3", None, 1j, 10**30]),
    ("int8", [-128, 127], [-129, 128, 1e300]),
    ("int64", [-2**63, 2**63 - 1], [2**63, -2**63 - 1, float(2**63)]),
    ("uint64", [2**64 - 1, 2**63, float(2**63)], [2**64, -1]),
    ("bool", [0, 1, True, 1.0], [2, -1, 0.5]),
    ("float16", [0.5, 65504, -65504.0, np.nan, np.inf], [65536, 1e6, "1", 10**400]),
    ("float32", [0.1, 3e38, np.nan, -np.inf, 7], [1e39, -4e38]),
    ("float64", [0.1, 1e308, np.nan, 2**60], [10**400, None, 2j]),
])
def test_fill(dtype, good, bad):
    image = np.zeros((2, 3), dtype)
    kernel = np.ones((1, 2), dtype if dtype[0] == "f" else "int8")
    for fill in good:
        check(bs.convolve(image, kernel, fill=fill, region="full"), image, kernel, region="full",
              fill=fill if np.dtype(dtype).kind == "f" else int(fill))
    for fill in bad:
        with pytest.raises(bs.OptionError, match="fill"):
            bs.convolve(image, kernel, fill=fill)


def test_empty_input_with_a_boundary():
    for boundary in BOUNDARIES[1:]:
        with pytest.raises(bs.ShapeError):
            bs.convolve(np.zeros((0, 4)), np.ones((3, 3)), boundary=boundary, region="full")


def test_kinds_in_use():
    assert set(REAL) < set(DTYPES)


@pytest.mark.parametrize("taps", [(3, 3), (5, 5), (7, 7), (2, 3), (3, 2), (1, 4), (9, 5), (15, 15)])
@pytest.mark.parametrize("dtype, kernel_dtype", [("float32", "float32"), ("float64", "float64"), ("uint8", "float32"), ("int16", "float32"), ("int32", "int32")])
def test_images_that_lie_column_by_column(random, taps, dtype, kernel_dtype, flip):
    """Where input and result both do, rows are taken along the first axis; the order of each sum stays."""
    w = (10 * random.standard_normal(taps)).astype(kernel_dtype)
    for shape in ((40, 45), (1200, 11), (20, 21, 3), (3, 20, 21)):
        x = (100 * random.random(shape)).astype(dtype)
        axes = (0, 1) if len(shape) < 3 or shape[2] == 3 else (1, 2)
        expected = function(flip)(x, w, axes=axes, boundary="wrap")
        for layout in ("fortran", "mixed", "transposed"):
            out = Placed(shape, expected.dtype, layout)
            function(flip)(place(x, layout), w, axes=axes, boundary="wrap", out=out.array)
            assert_same(out.array, expected)
            out.check()
