"""Copies, casts and transposes against exact arithmetic and NumPy, over dtypes, rules, layouts and shapes."""
import itertools

import numpy as np
import pytest

import bytestride as bs
import exact
from layouts import (BOOL, COMPLEX, DTYPES, FLOATS, INTEGERS, LAYOUTS, REAL, Placed, assert_same, place, random_values,
                     special_values)

RULES = ("wrap", "saturate")


def test_the_oracle_against_known_values():
    assert exact.to_float(2**53 + 1, "float64") == 2.0**53 and exact.to_float(2**53 + 3, "float64") == 2.0**53 + 4
    assert exact.to_float(65519, "float16") == 65504.0 and exact.to_float(65520, "float16") == np.inf
    assert exact.to_float(2**24 + 1, "float32") == 2.0**24
    for values in (special_values("float64"), special_values("float32"), special_values("int32")):
        for name in ("float16", "float32"):  # NumPy rounds these once
            assert_same(exact.cast(values, name), values.astype(name))
    assert [exact.to_integer(exact.number(np.float64(x)), "uint8", "wrap") for x in (-1.5, 255.9, 256, 1e30, np.nan)] == \
        [255, 255, 0, int(1e30) % 256, 0]
    assert [exact.to_integer(exact.number(np.float64(x)), "int8", "saturate") for x in (0.5, 1.5, -2.5, 200, -np.inf)] == \
        [0, 2, -2, 127, -128]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("source", DTYPES, ids=str)
@pytest.mark.parametrize("target", DTYPES, ids=str)
def test_cast_of_every_pair(source, target, rule, random):
    values = np.concatenate([special_values(source), random_values(random, source, 35)])
    if source.kind == "c" and target.kind != "c":
        # To bool as to any real dtype: the imaginary part would vanish.
        with pytest.raises(bs.DTypeError):
            bs.cast(values, target, rule=rule)
        return
    expected = exact.cast(values, target, rule)
    assert_same(bs.cast(values, target, rule=rule), expected)
    assert_same(bs.transpose(values.reshape(1, -1), dtype=target, rule=rule).reshape(-1), expected)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("pair", [("float64", "float32"), ("float64", "uint8"), ("int64", "float16"), ("uint8", "float64"),
                                  ("float32", "int16"), ("uint64", "int8"), ("float16", "float64"), ("int32", "bool"),
                                  ("complex128", "complex64"), ("bool", "int32")], ids="-".join)
def test_cast_in_every_layout(pair, rule, layout, random):
    source, target = map(np.dtype, pair)
    values = np.resize(special_values(source), (7, 5, 3))
    expected = exact.cast(values, target, rule)
    for layout_out in LAYOUTS:
        out = Placed(values.shape, target, layout_out)
        assert bs.cast(place(values, layout), target, out=out.array, rule=rule) is out.array
        assert_same(out.array, expected)
        out.check()


@pytest.mark.parametrize("target", ["uint8", "int32", "float16", "float32", "bool"])
def test_cast_of_every_tail(target, random):
    values = random_values(random, "float64", 300) * 100
    expected = exact.cast(values, target, "saturate")
    for n in range(0, 140):
        out = Placed((n,), target)
        bs.cast(values[300 - n:], target, out=out.array, rule="saturate")
        assert_same(out.array, expected[300 - n:])
        out.check()


def test_any_byte_but_zero_is_true():
    flags = np.array([0, 1, 2, 128, 255], np.uint8).view(bool)
    for dtype in REAL:
        assert_same(bs.cast(flags, dtype), np.array([0, 1, 1, 1, 1], dtype))
    assert bs.copy(flags).tolist() == bs.copy(flags[::-1])[::-1].tolist() == [False, True, True, True, True]
    assert bs.add(flags, np.zeros(5, np.uint8)).tolist() == [0, 1, 1, 1, 1]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_copy(dtype, layout, random):
    for shape in [(), (0,), (1,), (33,), (6, 35), (3, 0, 2), (2, 3, 4, 5), (2,) * 8]:
        values = random_values(random, dtype, shape)
        a = place(values, layout)
        result = bs.copy(a)
        assert_same(result, values)
        assert result.tobytes() == values.tobytes()  # NaN payloads too
        assert isinstance(result, np.generic) == (shape == ())
        out = Placed(shape, dtype, "mixed")
        assert bs.copy(a, out=out.array) is out.array
        assert_same(out.array, values)
        out.check()


def test_order():
    a = np.arange(24).reshape(2, 3, 4)
    for name in ("copy", "cast"):
        arguments = (a, np.int32)[:1 + (name == "cast")]
        function = getattr(bs, name)
        assert function(*arguments).flags.c_contiguous
        result = function(*arguments, order="F")
        assert result.flags.f_contiguous and result.tolist() == a.tolist()
        assert function(*(a.T, np.int32)[:len(arguments)]).flags.c_contiguous


def test_zero_strides_are_read(random):
    row = random_values(random, "float32", 9)
    assert_same(bs.cast(np.broadcast_to(row, (5, 9)), "float64"), np.tile(row, (5, 1)).astype("float64"))
    assert_same(bs.copy(np.broadcast_to(np.float32(3), (2, 3, 4))), np.full((2, 3, 4), 3, np.float32))


# ---- Transposes --------------------------------------------------------------------------------------

@pytest.mark.parametrize("shape", [(), (5,), (1, 1), (3, 5), (64, 65), (0, 4), (2, 3, 4), (2, 3, 4, 5), (33, 1, 2),
                                   (2, 1, 2, 3, 1, 2, 2, 1)], ids=str)
def test_transpose(shape, layout, random):
    for dtype in map(np.dtype, ("uint8", "float16", "int32", "float64", "complex128")):
        values = random_values(random, dtype, shape)
        a = place(values, layout)
        assert_same(bs.transpose(a), values.T)
        axes = [int(axis) for axis in random.permutation(len(shape))]
        expected = values.transpose(axes)
        result = bs.transpose(a, [axis - len(shape) * int(random.integers(2)) for axis in axes])
        assert_same(result, expected)
        assert result.ndim == 0 or result.flags.c_contiguous
        out = Placed(expected.shape, dtype, "mixed")
        assert bs.transpose(a, axes, out=out.array) is out.array
        assert_same(out.array, expected)
        out.check()


def test_transpose_of_every_pair_of_dtypes(random):
    for source, target in itertools.product(REAL, REAL):
        values = np.resize(special_values(source), (19, 37))
        assert_same(bs.transpose(values, dtype=target), bs.cast(values, target).T)


def test_cast_copy_transpose_at_size(random):
    values = random.standard_normal((517, 771))
    for threads in (1, 2, 5):
        assert_same(bs.transpose(values, dtype=np.float32, threads=threads), values.astype(np.float32).T)
        assert_same(bs.transpose(values[::-2, ::3], threads=threads), values[::-2, ::3].T)
        assert_same(bs.cast(values, np.int16, threads=threads, order="F"), exact_int16(values))


def exact_int16(values):
    return np.trunc(values).astype(np.int16)  # small numbers: NumPy's cast is exact here


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_transpose_inplace_of_squares(dtype, layout, random):
    for n in (0, 1, 2, 7, 16, 33, 65):
        values = random_values(random, dtype, (n, n))
        placed = Placed((n, n), dtype, layout)
        placed.array[...] = values
        assert bs.transpose_inplace(placed.array, threads=int(random.integers(3))) is placed.array
        assert placed.array.tolist() == values.T.tolist() or dtype.kind in "fc"
        assert_same(placed.array, values.T)
        placed.check()


@pytest.mark.parametrize("shape", [(1, 5), (5, 1), (2, 3), (3, 2), (4, 6), (17, 64), (64, 17), (31, 33), (100, 7), (0, 3), (128, 256)],
                         ids=str)
def test_transpose_inplace_of_rectangles(shape, random):
    for dtype in map(np.dtype, ("bool", "int16", "float32", "float64", "complex128")):
        values = random_values(random, dtype, shape)
        placed = Placed(shape, dtype)
        placed.array[...] = values
        result = bs.transpose_inplace(placed.array)
        assert_same(result, values.T)
        assert result.shape == shape[::-1] and (np.shares_memory(result, placed.array) or 0 in shape)
        placed.check()


def test_transpose_inplace_at_size(random):
    values = random.standard_normal((700, 700))
    for threads in (1, 2, 5):
        a = values.copy()
        assert_same(bs.transpose_inplace(a, threads=threads), values.T)


# ---- Errors ------------------------------------------------------------------------------------------

def test_out_must_have_the_dtype():
    a = np.ones((2, 3))
    for call in (lambda out: bs.copy(a, out=out), lambda out: bs.cast(a, np.float64, out=out),
                 lambda out: bs.transpose(a.T, out=out), lambda out: bs.transpose(a.T, dtype="int8", out=out)):
        out = np.full((2, 3), 7, np.float32)
        with pytest.raises(bs.DTypeError, match="out"):
            call(out)
        assert (out == 7).all()


@pytest.mark.parametrize("dtype", [None, object, "U3", "S3", "M8[s]", np.longdouble, ">f4", [("a", "i4")], "nonsense"], ids=str)
def test_cast_to_what_there_is_not(dtype):
    with pytest.raises(bs.DTypeError, match="dtype"):
        bs.cast(np.ones(3), dtype)


def test_words():
    with pytest.raises(bs.OptionError, match="rule.*'wrap', 'saturate'.*'clip'"):
        bs.cast(np.ones(3), np.int8, rule="clip")
    for order in ("K", "A", 0, None, []):
        with pytest.raises(bs.OptionError, match="order.*'C', 'F'"):
            bs.copy(np.ones(3), order=order)


def test_axes():
    a = np.ones((2, 3, 4))
    for axes in [(0, 1), (0, 1, 1), (0, 1, -2), (), 5, "abc", (0, 1, 2.0)]:
        with pytest.raises(bs.OptionError, match="axes"):
            bs.transpose(a, axes)
    for axes in [(0, 1, 3), (-4, 0, 1)]:
        with pytest.raises(IndexError, match="axes") as caught:
            bs.transpose(a, axes)
        assert isinstance(caught.value, bs.OptionError)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32", "float64", "complex128"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5, 16])
def test_pixels(dtype, channels, random):
    """A few channels per pixel in every order on both sides; what lies between the pixels of the result stays."""
    for rows, columns in [(1, 5), (1, 43), (3, 200), (2, 1111)]:
        wide = random.integers(0, 256, (rows, columns, channels + 3)).astype(dtype)
        planes = random.integers(0, 256, (channels, rows, columns)).astype(dtype)
        sources = {"first": wide[..., :channels], "last": wide[..., 3:], "backwards": wide[..., channels - 1::-1] if channels > 1 else wide[..., :1],
                   "flipped": wide[:, ::-1, 2:2 + channels], "upside down": wide[::-1, ::-1, channels:0:-1], "planes": planes.transpose(1, 2, 0),
                   "planes backwards": planes[::-1, :, ::-1].transpose(1, 2, 0), "one for all": np.broadcast_to(wide[:1, :1, :channels], (rows, columns, channels)),
                   "every second": np.repeat(wide[..., :channels], 2, -1)[..., ::2], "every third from the end": np.repeat(wide[..., :channels], 3, -1)[:, ::-1, ::-3],
                   "dense": wide[..., :channels].copy(), "dense backwards": wide[..., :channels].copy()[:, ::-1, ::-1],
                   "mirrored": wide[..., :channels].copy()[:, ::-1]}
        for of, source in sources.items():
            for gap in (0, 1, 4):
                for name, view in {"forwards": lambda o: o[..., :channels], "backwards": lambda o: o[..., channels - 1::-1] if channels > 1 else o[..., :1],
                                   "flipped": lambda o: o[:, ::-1, :channels], "every second": lambda o: o[..., :2 * channels:2],
                                   "every second from the end": lambda o: o[:, ::-1, 2 * channels - 1::-2], "planes": lambda o: o[..., :channels].transpose(2, 0, 1)}.items():
                    extent = (2 if "second" in name else 1) * channels + gap
                    got, expected = (np.full((rows, columns, extent), 7, dtype) for _ in range(2))
                    if name == "planes":
                        got, expected = (np.full((channels, rows, columns), 7, dtype) for _ in range(2))
                        turned = source.transpose(2, 0, 1)
                        bs.copy(turned, out=got)
                        expected[...] = turned
                    else:
                        bs.copy(source, out=view(got))
                        view(expected)[...] = source
                    assert np.array_equal(got, expected), (of, name, gap, rows, columns)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int16", "float32", "float64", "complex64", "complex128"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5, 7, 12, 20])
def test_pixels_of_turned_images(dtype, channels, random):
    """Rows and columns of images change places, in all eight ways; what lies between the pixels of the result stays."""
    for columns, rows in [(3, 5), (9, 70), (64, 33), (131, 66)]:
        image = random.integers(0, 256, (columns, rows, channels)).astype(dtype)
        wide = random.integers(0, 256, (columns, rows, channels + 2)).astype(dtype)
        planes = random.integers(0, 256, (channels, columns, rows)).astype(dtype)
        one = np.broadcast_to(image[:, :, :1], image.shape)
        for source in (image, wide[..., 1:1 + channels], wide[..., channels::-1][..., :channels], planes.transpose(1, 2, 0), one):
            for flipped in (source, source[::-1], source[:, ::-1], source[::-1, ::-1]):
                turned = flipped.transpose(1, 0, 2)
                for gap in (0, 3):
                    got, expected = (np.full((rows, columns + 1, channels + gap), 7).astype(dtype) for _ in range(2))
                    bs.copy(turned, out=got[:, :columns, :channels])
                    expected[:, :columns, :channels] = turned
                    assert np.array_equal(got, expected), (columns, rows, gap, source.strides)
                target = np.empty(turned.shape, "float64" if turned.dtype.kind != "c" else "complex128")
                assert np.array_equal(bs.cast(turned, target.dtype, out=target), turned.astype(target.dtype))


def test_transpose_inplace_errors():
    for shape in [(), (3,), (2, 3, 4)]:
        with pytest.raises(bs.ShapeError):
            bs.transpose_inplace(np.zeros(shape))
    a = np.arange(12.0).reshape(3, 4)
    before = a.copy()
    for view in (a.T, a[:, ::2], a[::-1]):
        with pytest.raises(bs.ShapeError):
            bs.transpose_inplace(view)
    a.flags.writeable = False
    with pytest.raises(bs.ReadOnlyError):
        bs.transpose_inplace(a)
    with pytest.raises(TypeError):
        bs.transpose_inplace([[1, 2], [3, 4]])
    with pytest.raises(bs.OverlapError):
        bs.transpose_inplace(np.lib.stride_tricks.as_strided(np.arange(9.0), (3, 3), (8, 8)))
    assert_same(a, before)


def test_partial_overlap_is_refused():
    a = np.arange(20)
    for out in (a[1:11], a[9::-1], a[5:15]):
        before = a.copy()
        with pytest.raises(bs.OverlapError, match="out"):
            bs.copy(a[:10], out=out)
        assert_same(a, before)
    square = np.arange(9).reshape(3, 3)
    with pytest.raises(bs.OverlapError):
        bs.transpose(square, out=square)
    bs.copy(a[::2], out=a[1::2])
    assert a.tolist() == [i - i % 2 for i in range(20)]
    assert bs.copy(a, out=a) is a


def test_kinds_in_use():
    assert {*REAL, *COMPLEX} == set(DTYPES) and {BOOL, *INTEGERS, *FLOATS} == set(REAL)
