"""Arithmetic against NumPy, bit for bit, over dtypes, layouts, shapes and both ways of calling."""
import itertools

import numpy as np
import pytest

import bytestride as bs
import bytestride.arithmetic
from layouts import (BOOL, COMPLEX, DTYPES, FLOATS, INTEGERS, LAYOUTS, Placed, assert_same, place, random_values,
                     special_values)

NAMES = ("add", "subtract", "multiply", "divide", "minimum", "maximum")


@pytest.fixture(params=["public", "general"])
def functions(request):
    """The public functions (builtins where the helper library is there) and the Python ones behind them."""
    return bs if request.param == "public" else bytestride.arithmetic


def is_complex_product(name, *dtypes):
    return name in ("multiply", "divide") and any(dtype.kind == "c" for dtype in dtypes)


def compare(name, actual, a, b, out_dtype=None):
    """`actual` against NumPy's result for a and b."""
    expected = getattr(np, name)(a, b)
    if out_dtype is not None:
        expected = expected.astype(out_dtype)
    if is_complex_product(name, np.asarray(a).dtype, np.asarray(b).dtype):
        compare_complex(name, np.asarray(actual), np.asarray(expected), a, b)
    else:
        assert_same(actual, expected, zero_sign=name not in ("minimum", "maximum"))


def compare_complex(name, actual, expected, a, b):
    """Within 4 u |z| of the exact value, where operands and result are finite and in the middle of the range."""
    assert actual.dtype == expected.dtype and actual.shape == expected.shape
    wide_a, wide_b = np.asarray(a).astype(np.clongdouble), np.asarray(b).astype(np.clongdouble)
    exact = wide_a * wide_b if name == "multiply" else wide_a / wide_b
    part = actual.real.dtype
    ordinary = np.isfinite(exact) & (np.abs(exact) < 1e30) & ((np.abs(exact) > 1e-30) | (exact == 0))
    u = np.finfo(part).eps / 2
    error = np.abs(actual.astype(np.clongdouble) - exact)
    too_far = ordinary & ~(error <= 4 * u * np.abs(exact))
    assert not too_far.any(), f"{name}: {actual[too_far][:3]}, exact {exact[too_far][:3]}"


def raises_in_numpy(name, a, b):
    try:
        getattr(np, name)(a, b)
    except TypeError:
        return True
    return False


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype_a", DTYPES, ids=str)
def test_all_dtype_pairs(name, dtype_a, functions, random):
    """Every pair of special values of every pair of dtypes, and lengths that leave a tail behind every vector."""
    for dtype_b in DTYPES:
        x, y = special_values(dtype_a), special_values(dtype_b)
        a = np.concatenate([np.repeat(x, y.size), random_values(random, dtype_a, 67)])
        b = np.concatenate([np.tile(y, x.size), random_values(random, dtype_b, 67)])
        if raises_in_numpy(name, a, b):
            assert name == "subtract" and dtype_a == dtype_b == BOOL
            with pytest.raises(bs.DTypeError):
                functions.subtract(a, b)
            continue
        compare(name, getattr(functions, name)(a, b), a, b)


@pytest.mark.parametrize("name", NAMES)
def test_out_dtypes(name, random):
    """Every `out` dtype that NumPy's same_kind allows, and a DTypeError for every other one."""
    for dtype_a, dtype_b, dtype_out in itertools.product(DTYPES[::2], DTYPES[::3], DTYPES):
        a, b = random_values(random, dtype_a, 21), random_values(random, dtype_b, 21)
        if raises_in_numpy(name, a, b):
            continue
        natural = getattr(np, name)(a, b).dtype
        out = np.zeros(21, dtype_out)
        if np.can_cast(natural, dtype_out, "same_kind"):
            returned = getattr(bs, name)(a, b, out=out)
            assert returned is out
            if is_complex_product(name, dtype_a, dtype_b):
                expected = getattr(np, name)(a, b)
                tolerance = 1e-2 if min(natural.itemsize, out.dtype.itemsize) <= 8 else 1e-12
                assert np.allclose(out, expected.astype(dtype_out), rtol=tolerance, atol=tolerance)
            else:
                compare(name, out, a, b, dtype_out)
        else:
            with pytest.raises(bs.DTypeError, match="out"):
                getattr(bs, name)(a, b, out=out)
            assert not out.any()


@pytest.mark.parametrize("layout_a", LAYOUTS)
@pytest.mark.parametrize("layout_out", LAYOUTS)
def test_layouts(layout_a, layout_out, random):
    """Operands and results in every layout, guard bytes around every result."""
    for dtype, shape in itertools.product(map(np.dtype, ("uint8", "float16", "int32", "float64", "complex128")),
                                          [(), (1,), (37,), (5, 7), (3, 4, 5), (2, 1, 3, 2)]):
        a, b = random_values(random, dtype, shape), random_values(random, dtype, shape)
        for layout_b in ("c", "negative", "record"):
            out = Placed(shape, dtype, layout_out)
            bs.add(place(a, layout_a), place(b, layout_b), out=out.array)
            assert_same(out.array, a + b)
            out.check()


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_every_dtype_in_every_layout(dtype, layout, random):
    a, b = random_values(random, dtype, (6, 35)), random_values(random, dtype, (6, 35))
    for name in ("multiply", "maximum"):
        out = Placed((6, 35), dtype, layout)
        getattr(bs, name)(place(a, layout), place(b, layout), out=out.array)
        assert_same(out.array, getattr(bs, name)(a, b))  # the layout does not change a bit
        out.check()


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 9, 31])
@pytest.mark.parametrize("height, width", [(8, 17), (41, 130), (140, 97)])
def test_channels(height, width, channels, random):
    """Images of a few channels, whose operands have their axes in every order, against one pixel for all and against each other."""
    for dtypes in (("uint8", "uint8"), ("float64", "float64"), ("uint8", "float32"), ("complex128", "int16"), ("float16", "float16")):
        images = {}
        for axes in itertools.permutations(range(3)):
            shape = [(height, width, channels)[axis] for axis in axes]
            back = np.argsort(axes)
            images[axes] = random_values(random, np.dtype(dtypes[0]), shape).transpose(back)
            images[axes, "backwards"] = random_values(random, np.dtype(dtypes[0]), shape)[::-1, :, ::-1].transpose(back)
        images["pixel"] = random_values(random, np.dtype(dtypes[0]), (channels,))
        images["wide pixel"] = random_values(random, np.dtype(dtypes[0]), (2 * channels,))[::-2]
        images["plane"] = random_values(random, np.dtype(dtypes[0]), (width, height)).T[..., None]
        images["part"] = random_values(random, np.dtype(dtypes[0]), (height + 1, width, channels))[1:]
        others = [random_values(random, np.dtype(dtypes[1]), (height, width, channels + 1))[..., :channels],
                  random_values(random, np.dtype(dtypes[1]), (height, width, channels)),
                  random_values(random, np.dtype(dtypes[1]), (channels, width, height)).T]
        for (name, image), other in itertools.product(images.items(), others):
            expected = image + other
            for threads in (1, 2):
                out = Placed(expected.shape, expected.dtype, "c" if threads == 1 else "record")
                bs.add(image, other, out=out.array, threads=threads)
                assert_same(out.array, expected)
                out.check()
            assert_same(bs.subtract(other, image), other - image)


SHAPES = [((), ()), ((), (3,)), ((5,), (1,)), ((4, 1), (1, 5)), ((3, 1, 2), (4, 1)), ((1, 1, 1), (2, 3, 4)),
          ((0,), (1,)), ((0, 3), (3,)), ((2, 0, 3), (1, 1)), ((1,) * 8, (2, 1, 2, 1, 2, 1, 2, 1)),
          ((2, 1, 3, 1, 2, 1, 2, 2), (3, 1, 2, 1, 2, 1, 2)), ((300, 1), (1, 70))]


@pytest.mark.parametrize("shape_a, shape_b", SHAPES)
def test_broadcasting(shape_a, shape_b, functions, random):
    for dtype in map(np.dtype, ("int16", "float64")):
        a, b = random_values(random, dtype, shape_a), random_values(random, dtype, shape_b)
        for x, y in ((a, b), (b, a)):
            result = functions.subtract(x, y)
            assert_same(result, x - y)
            assert isinstance(result, np.generic) == (np.subtract(x, y).ndim == 0)
        shape = np.broadcast_shapes(shape_a, shape_b)
        assert_same(functions.multiply(np.broadcast_to(a, shape), b), a * b)  # zero strides
        wide = Placed((2, *shape)[:8] if len(shape) < 8 else shape, dtype)
        functions.add(a, b, out=wide.array)  # operands broadcast to out, as in NumPy
        assert_same(wide.array, np.broadcast_to(a + b, wide.array.shape))
        wide.check()


def test_a_result_is_fresh_and_in_c_order(functions):
    a = np.asfortranarray(np.arange(12.0).reshape(3, 4))
    result = functions.add(a, a)
    assert type(result) is np.ndarray and result.flags.c_contiguous and result.flags.owndata


def test_lengths_around_every_vector_width(random):
    for dtype in map(np.dtype, ("int8", "float16", "float32", "float64", "complex64")):
        a, b = random_values(random, dtype, 300), random_values(random, dtype, 300)
        for n in [*range(0, 70), 127, 128, 129, 255, 257]:
            out = Placed((n,), dtype)
            bs.add(a[:n], b[300 - n:], out=out.array)
            assert_same(out.array, a[:n] + b[300 - n:])
            out.check()


def test_in_place(functions, random):
    """`out` may be exactly an operand, also through strides."""
    for layout in LAYOUTS:
        values = random_values(random, "float32", (9, 11))
        a = place(values, layout)
        assert functions.multiply(a, a, out=a) is a
        assert_same(a, values * values)
        a = place(values, layout)
        functions.subtract(np.float32(1), a, out=a)
        assert_same(a, np.float32(1) - values)
    a = np.arange(-50, 50, dtype=np.int64)
    with pytest.raises(bs.OverlapError):  # the same bytes as another dtype are not the same view
        functions.divide(a, 3, out=a.view(np.float64))
    assert_same(a, np.arange(-50, 50, dtype=np.int64))


def test_interleaved_views_do_not_overlap(functions):
    image = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    expected = image[..., 0] + image[..., 1]
    functions.add(image[..., 0], image[..., 1], out=image[..., 2])
    assert_same(np.ascontiguousarray(image[..., 2]), expected)
    a = np.arange(20.0)
    functions.add(a[::2], a[::2], out=a[1::2])
    assert_same(a[1::2], 2 * a[::2])


# ---- Python scalars ----------------------------------------------------------------------------------

SCALARS = [True, False, 0, 1, -1, 127, 128, 255, 300, -129, 2**31, 2**32, 2**53 + 1, 2**63 - 1, 2**63, -2**63, 2**64, 2**70,
           10**400, 0.5, -2.5, 1e300, 65520.0, float("inf"), float("nan"), 1j, 2 - 3j]


@pytest.mark.skipif(np.lib.NumpyVersion(np.__version__) < "2.0.0", reason="the oracle, NumPy 2, is not installed")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_python_scalars_are_weak(name, dtype, functions):
    values = special_values(dtype)
    for scalar in SCALARS:
        for arguments in ((values, scalar), (scalar, values)):
            try:
                expected = getattr(np, name)(*arguments)
            except (OverflowError, TypeError) as error:
                kind = OverflowError if isinstance(error, OverflowError) else TypeError
                with pytest.raises(kind) as caught:
                    getattr(functions, name)(*arguments)
                assert isinstance(caught.value, bs.Error)
                continue
            result = getattr(functions, name)(*arguments)
            assert result.dtype == expected.dtype, (arguments[1], expected.dtype)
            if not is_complex_product(name, dtype, np.asarray(scalar).dtype):
                assert_same(result, expected, zero_sign=name not in ("minimum", "maximum"))


def test_two_python_scalars():
    for x, y in itertools.product([True, 3, 2.5, 1j], repeat=2):
        if x is True and y is True:
            continue
        result = bs.subtract(x, y)
        assert isinstance(result, np.generic)
        assert_same(result, np.subtract(x, y))
    with pytest.raises(OverflowError):
        bs.add(2**63, 1)


def test_numpy_scalars_have_their_dtype():
    assert bs.add(np.float64(1), np.ones(2, np.float32)).dtype == np.float64
    assert bs.add(np.float32(1), np.ones(2, np.float16)).dtype == np.float32
    assert bs.add(np.complex128(1), np.ones(2, np.float32)).dtype == np.complex128
    assert bs.add(np.int64(1), np.ones(2, np.uint8)).dtype == np.int64
    assert bs.add(np.float32(1), 2).dtype == np.float32


# ---- Threads, large arrays ---------------------------------------------------------------------------

@pytest.mark.parametrize("name", NAMES)
def test_threads_do_not_change_a_bit(name, random):
    for dtype in map(np.dtype, ("uint8", "float16", "float64", "complex64")):
        a, b = random_values(random, dtype, (517, 1031)), random_values(random, dtype, (517, 1031))
        one = getattr(bs, name)(a, b, threads=1)
        compare(name, one, a, b)
        for threads in (2, 5):
            out = Placed(a.shape, one.dtype, "mixed")
            getattr(bs, name)(place(a, "fortran"), place(b, "negative"), out=out.array, threads=threads)
            assert np.array_equal(out.array, one, equal_nan=one.dtype.kind in "fc")
            out.check()


def moved(a, byte):
    """A copy that begins that many bytes after a cache line."""
    memory = np.empty(a.nbytes + 128, np.uint8)
    first = -memory.ctypes.data % 64 + byte
    view = memory[first:first + a.nbytes].view(a.dtype).reshape(a.shape)
    view[...] = a
    return view


@pytest.mark.parametrize("byte", [0, 16, 61])
@pytest.mark.parametrize("dtype, shape", [("float64", (1000, 1304)), ("float64", (1001, 1203)), ("float64", (1024, 1024)), ("float32", (1600, 1808)),
                                          ("float32", (1501, 1703)), ("uint8", (3008, 3001)), ("uint8", (3007, 2944)), ("int16", (2016, 2200)),
                                          ("complex128", (700, 1104)), ("float64", (5, 400, 603)), ("float64", (3, 1504, 400))])
def test_large_transposed_operands(dtype, shape, byte, random):
    """Above the caches, where results are stored past them if their rows begin on cache lines."""
    a, b = (random_values(random, np.dtype(dtype), shape) for _ in range(2))
    turned = moved(np.ascontiguousarray(np.swapaxes(a, -1, -2)), byte).swapaxes(-1, -2)
    other = moved(np.ascontiguousarray(np.swapaxes(b, -1, -2)), 16).swapaxes(-1, -2)
    straight = moved(b, 8)
    for left, right in [(turned, other), (turned, straight), (straight, turned), (turned, a.flat[:1].reshape((1,) * a.ndim))]:
        out = moved(np.zeros_like(a), byte)
        assert bs.minimum(left, right, out=out) is out
        assert np.array_equal(out, np.minimum(left, right), equal_nan=np.dtype(dtype).kind in "fc")
    for left, right in [(turned, out), (out, turned)]:  # in place
        out[...] = b
        expected = np.maximum(left, right)
        assert np.array_equal(bs.maximum(left, right, out=out), expected, equal_nan=np.dtype(dtype).kind in "fc")
    assert np.array_equal(bs.copy(turned, out=out), a, equal_nan=np.dtype(dtype).kind in "fc")
    if a.dtype.kind != "c":
        flags = moved(np.zeros(shape, bool), byte)
        assert np.array_equal(bs.cast(turned, bool, out=flags), a.astype(bool))
    wide = moved(np.zeros(shape, np.complex128), byte)
    assert np.array_equal(bs.cast(turned, np.complex128, out=wide), a, equal_nan=np.dtype(dtype).kind in "fc")


# Of less than a block, whole blocks, and what is left of them; the last ones have lines that push each other out of the cache.
BLOCKS = [(1, 70, 0), (15, 64, 0), (16, 63, 0), (16, 64, 0), (17, 65, 0), (33, 131, 0), (130, 77, 0), (300, 40, 0), (150, 300, 512), (300, 130, 1024)]


@pytest.mark.parametrize("name, dtype", [pair for pair in itertools.product(NAMES, DTYPES) if pair != ("subtract", BOOL)], ids=str)
def test_an_operand_transposed_beside_dense_ones(name, dtype, random):
    """Every dtype, either operand, and in place, of shapes around those of blocks."""
    for rows, columns, padded in BLOCKS:
        a = random_values(random, dtype, (columns, max(rows, padded)))[:, :rows].T
        b = random_values(random, dtype, (rows, columns))
        with np.errstate(all="ignore"):
            result = getattr(np, name)(a, b).dtype
        for left, right in [(a, b), (b, a)]:
            out = Placed(b.shape, result)
            with np.errstate(all="ignore"):
                compare(name, getattr(bs, name)(left, right, out=out.array), left, right)
                out.check()
                if result != dtype:
                    continue
                both = Placed(b.shape, dtype)
                both.array[...] = b
                left, right = (both.array if operand is b else operand for operand in (left, right))
                before = left.copy(order="K"), right.copy(order="K")
                compare(name, getattr(bs, name)(left, right, out=both.array), *before)
                both.check()


def test_elements_computed_apart_equal_the_whole(random):
    """Same bits for every position: one call on n elements against n calls on one."""
    for name, dtype in itertools.product(NAMES, [*FLOATS, *COMPLEX, INTEGERS[0]]):
        a, b = random_values(random, dtype, 41), random_values(random, dtype, 41)
        whole = getattr(bs, name)(a, b)
        apart = np.array([getattr(bs, name)(a[i:i + 1], b[i:i + 1])[0] for i in range(41)])
        assert whole.tobytes() == apart.astype(whole.dtype).tobytes()


# ---- Errors ------------------------------------------------------------------------------------------

def zero_strided():
    """Writeable, and every element is the same one."""
    return np.lib.stride_tricks.as_strided(np.full(1, 7.0), (3,), (0,))


ERRORS = {
    "shapes": (np.ones(3), np.ones(4), None, bs.ShapeError, "\\(b\\)|\\(a\\)"),
    "shapes with out": (np.ones(3), np.ones(4), np.full(3, 7.0), bs.ShapeError, "\\(b\\)"),
    "out too small": (np.ones(3), np.ones(3), np.full(2, 7.0), bs.ShapeError, "out|\\(a\\)"),
    "out with one row of many": (np.ones((2, 3)), np.ones(3), np.full(3, 7.0), bs.ShapeError, "out|\\(a\\)"),
    "out dtype": (np.ones(3), np.ones(3), np.full(3, 7), bs.DTypeError, "out"),
    "out byte order": (np.ones(3), np.ones(3), np.full(3, 7.0, ">f8"), bs.DTypeError, "out"),
    "out of objects": (np.ones(3), np.ones(3), np.full(3, 7.0, object), bs.DTypeError, "out"),
    "out with zero strides": (np.ones(3), np.ones(3), zero_strided(), bs.OverlapError, "out"),
    "out broadcast": (np.ones(3), np.ones(3), np.broadcast_to(np.full(1, 7.0), 3), (bs.ReadOnlyError, bs.OverlapError), "out"),
}


@pytest.mark.parametrize("a, b, out, kind, text", ERRORS.values(), ids=ERRORS)
def test_errors_leave_out_untouched(a, b, out, kind, text, functions):
    for name in NAMES:
        with pytest.raises(kind, match=text) as caught:
            getattr(functions, name)(a, b, out)
        assert isinstance(caught.value, bs.Error) and "argument" in caught.value.message
        assert out is None or (out == 7).all()


def test_partial_overlap_is_refused(functions):
    a = np.arange(12.0)
    for first, second, out in [(a[:6], a[6:], a[1:7]), (a[:6], a[6:], a[5::-1]), (a[6:], a[:6], a[::2]), (a[:4], 1, a[2:6])]:
        with pytest.raises(bs.OverlapError, match="out"):
            functions.add(first, second, out=out)
        assert a.tolist() == list(range(12))


@pytest.mark.parametrize("byte", [0, 8, 24])
@pytest.mark.parametrize("dtype, count", [("float64", 1_100_003), ("uint8", 9_000_001), ("int16", 5_000_017), ("complex64", 1_100_001), ("complex128", 600_001)])
def test_large_runs(dtype, count, byte, random):
    """Above the caches, where the results of whole runs are stored past them."""
    a, b = (moved(random_values(random, np.dtype(dtype), (count,)), place) for place in (byte, 16))
    out, number = moved(np.zeros_like(a), 8), b[7]
    for left, right in [(a, b), (a, number), (number, a)]:
        assert bs.maximum(left, right, out=out) is out
        assert_same(out, np.maximum(left, right))
    assert_same(bs.cast(a, "complex128", out=np.empty(count, "complex128")), a.astype("complex128"))
    expected = np.minimum(a, b)
    assert_same(bs.minimum(a, b, out=a), expected)


LARGE_VIEWS = {
    "every second": lambda dense: dense[:, ::2], "every third": lambda dense: dense[:, 1::3], "mirrored": lambda dense: dense[:, ::-1],
    "every second row": lambda dense: dense[::2], "short rows apart": lambda dense: dense.reshape(-1, 121)[:, :120:2],
    "a column for all": lambda dense: np.broadcast_to(dense[:, 7:8], dense.shape),
}


@pytest.mark.parametrize("dtype, other", [("float64", "float32"), ("float32", "float64"), ("int32", "int16"), ("uint8", "uint16")])
@pytest.mark.parametrize("arrange", LARGE_VIEWS.values(), ids=LARGE_VIEWS)
def test_large_views(arrange, dtype, other, random):
    """Above the caches, where the processor does not foresee what such operands are."""
    rows = 1100 * 16 // np.dtype(dtype).itemsize
    a = arrange(random_values(random, np.dtype(dtype), (rows, 3630)))
    b = random_values(random, np.dtype(dtype), a.shape)
    assert_same(bs.maximum(a, b), np.maximum(a, b))
    assert_same(bs.maximum(b, a, out=np.empty_like(b)), np.maximum(b, a))
    assert_same(bs.copy(a), np.ascontiguousarray(a))
    assert_same(bs.cast(a, other), a.astype(other))
