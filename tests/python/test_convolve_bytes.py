"""Images of bytes and of 16-bit integers: sums in 16 bits, in float32, and rounded to bytes on the way."""
import numpy as np
import pytest

import bytestride as bs
import convolution
from convolution import check, function
from layouts import Placed, assert_same, place, random_values

BYTE_KERNELS = {"sharpen": np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]), "one sign": np.outer([1, 4, 6, 4, 1], [1, 4, 6, 5, 1]),
                "just 16 bits": np.array([[100, 28]]), "just beyond": np.array([[100, 29]]), "negative": np.array([[-128], [0], [0]]),
                "just beyond below": np.array([[-129]]), "unsigned": np.array([[256, 1]]), "wide": np.array([[1000, -1000], [70000, -70001]])}


@pytest.mark.parametrize("name", [*BYTE_KERNELS, (7, 7), (9, 11), (2, 3), (4, 6), (1, 5), (3, 3), (5, 5)])
@pytest.mark.parametrize("dtype", ["uint8", "int8", "bool"])
def test_sums_of_bytes(random, name, dtype, flip):
    """Sums are formed in 16 bits where they fit, from rows in place where they are long, and are exact everywhere."""
    w = BYTE_KERNELS[name] if isinstance(name, str) else random.integers(-2, 3, name)
    for shape in ((13, 17), (9, 1150)):
        x = random_values(random, dtype, shape)
        x[:, :w.shape[1] + 1] = np.iinfo(dtype).max if dtype != "bool" else True  # the largest sums
        x[:, -3:] = np.iinfo(dtype).min if dtype != "bool" else False
        total, _ = convolution.sums(x, w, boundary="mirror", flip=flip)
        for out in ("uint8", "int16", "uint16", "int64", "float32"):
            limits = None if out == "float32" else np.iinfo(out)
            expected = (total if limits is None else np.clip(total, limits.min, limits.max)).astype(out)
            assert_same(function(flip)(x, w, boundary="mirror", dtype=out), expected)
            for of_x, of_out in (("transposed", "c"), ("c", "negative"), ("transposed", "transposed"), ("slice", "mixed")):
                placed = Placed(shape, out, of_out)
                function(flip)(place(x, of_x), w, boundary="mirror", out=placed.array)
                assert_same(placed.array, expected)
                placed.check()


@pytest.mark.parametrize("taps", [(3, 3), (5, 5), (7, 7), (2, 5), (1, 3), (6, 1), (4, 2)])
def test_bytes_by_floats(random, taps, flip):
    w = random.standard_normal(taps).astype("float32")
    for shape in ((13, 17), (9, 1150)):
        x = random.integers(0, 256, shape).astype("uint8")
        for scale in (1, 1e-3, 1e3):
            for dtype in ("uint8", "float32"):
                check(function(flip)(x, w * np.float32(scale), boundary="reflect", dtype=dtype), x, w * np.float32(scale), dtype, boundary="reflect", flip=flip)
        whole = bs.convolve(x, w, boundary="reflect", dtype="uint8")
        out = Placed(shape, "uint8", "negative")
        bs.convolve(place(x, "transposed"), w, boundary="reflect", out=out.array)
        assert_same(out.array, whole)
        assert_same(bs.convolve(x[:, :300], w, boundary="reflect", dtype="uint8")[:, :290], whole[:, :290])
    halves = np.array([[1, 2, 3, 4, 5, 250, 253, 255]], np.uint8)
    assert bs.convolve(halves, np.full((1, 1), 0.5, "float32"), dtype="uint8").tolist() == [[0, 1, 2, 2, 2, 125, 126, 128]]
    for odd in (np.nan, np.inf, -np.inf):
        assert bs.convolve(halves, np.array([[0, odd]], "float32"), dtype="uint8", region="valid").max() == (255 if odd > 0 else 0)


# ---- Weights that are whole numbers over a power of two ------------------------------------------------

FRACTIONS = {"sharpen": BYTE_KERNELS["sharpen"], "Sobel": np.outer([1, 2, 1], [-1, 0, 1]), "binomial": np.outer([1, 2, 1], [1, 2, 1]) / 16,
             "5 x 5": np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256, "half": np.array([[0.5]]), "signed halves": np.array([[0.5, -1.5]]),
             "just 16 bits": np.array([[127.5, 0.5]]), "just beyond": np.array([[127.5, 1]]), "just 15 bits": np.array([[63.5, -0.5]]),
             "just below": np.array([[-64.5]]), "smallest": np.array([[2.0**-15, 0], [0, 3 * 2.0**-15]]), "too small": np.array([[2.0**-16], [1]]),
             "all below zero": np.array([[-0.25, -0.5]]), "minus zero": np.array([[-0.0, 0.25]]), "zero": np.zeros((2, 2)),
             "in float32": np.array([[1000, -1000.5], [7000, -7000.25]])}


def power_of(w):
    """The power of two that makes all weights whole."""
    return next(2**shift for shift in range(30) if np.all(w.astype(float) * 2**shift % 1 == 0))


def exactly(total, dtype):
    """Rounded once: the sums are exact in float64, of which NumPy makes float16 directly, but of longdouble by way of float32."""
    return convolution.rounded(total.astype("float64"), np.dtype(dtype))


@pytest.mark.parametrize("name", [*FRACTIONS, (7, 7), (4, 6), (1, 5), (3, 3), (6, 1)])
@pytest.mark.parametrize("dtype", ["uint8", "int8", "bool", "int16", "uint16"])
@pytest.mark.parametrize("kernel_dtype", ["float16", "float32", "float64"])
def test_binary_fractions(random, name, dtype, kernel_dtype, flip):
    """Their sums are exact, whatever they are formed in, and rounded half to even."""
    w = FRACTIONS[name] if isinstance(name, str) else random.integers(-9, 10, name) / 8
    w = w.astype(kernel_dtype)
    for shape in ((13, 17), (5, 1150)):
        x = random_values(random, dtype, shape)
        x[:, :w.shape[1] + 1] = np.iinfo(dtype).max if dtype != "bool" else True
        x[:, -3:] = np.iinfo(dtype).min if dtype != "bool" else False
        total, size = convolution.sums(x, w, boundary="mirror", flip=flip)
        if np.max(size) * power_of(w) > 2 ** (50 if kernel_dtype == "float64" else 24):
            check(function(flip)(x, w, boundary="mirror"), x, w, boundary="mirror", flip=flip)
            continue
        every = (None, "uint8", "int8", "uint16", "int64", "bool", "float16", "float32", "float64")
        for out in every if shape == (13, 17) else every[:2]:
            expected = exactly(total, out or convolution.natural_dtype(x.dtype, w.dtype))
            for method in ("auto", "direct"):
                assert_same(function(flip)(x, w, boundary="mirror", dtype=out, method=method), expected)
            for of_x, of_out in (("transposed", "c"), ("negative", "transposed"), ("slice", "mixed")):
                placed = Placed(shape, expected.dtype, of_out)
                function(flip)(place(x, of_x), w, boundary="mirror", out=placed.array)
                assert_same(placed.array, expected)
                placed.check()


@pytest.mark.parametrize("shape, taps, axes", [((40, 41), (5, 5), None), ((9, 10, 11), (3, 3, 3), None), ((20, 21, 3), (5, 7), (0, 1)), ((300,), (15,), None)])
@pytest.mark.parametrize("kernel_dtype", ["float32", "float64"])
def test_products_of_binary_fractions(random, shape, taps, axes, kernel_dtype, flip):
    factors = [random.integers(1, 3, n) * (-1) ** random.integers(0, 2, n) for n in taps]
    w = factors[0]
    for factor in factors[1:]:
        w = np.multiply.outer(w, factor)
    for shift in (0, 1, 4, 8, 15):
        kernel = (w / 2**shift).astype(kernel_dtype)
        for dtype in ("uint8", "int8", "int16"):
            x = random_values(random, dtype, shape)
            for boundary in ("constant", "wrap"):
                total, _ = convolution.sums(x, kernel, axes=axes, boundary=boundary, fill=100, flip=flip)
                for out in ("uint8", "int16", "float64"):
                    for method in ("auto", "direct", "separable"):
                        actual = function(flip)(x, kernel, axes=axes, boundary=boundary, fill=100, dtype=out, method=method)
                        assert_same(actual, exactly(total, out))
    with pytest.raises(bs.OptionError):
        bs.convolve(np.ones((4, 4), "uint8"), np.array([[0.5, 1], [1, 0.5]], kernel_dtype), method="separable")
    transformed = bs.convolve(x, kernel, axes=axes, method="fft")
    total, size = convolution.sums(x, kernel, axes=axes)
    unit = 2.0 ** (-24 if transformed.dtype == np.float32 else -53)
    assert np.max(np.abs(transformed - total)) <= (w.size + 2) * unit * np.max(size)


# Means, differences, units that are no power of two, in the last place off, tiny and huge; and what is no multiple of anything.
UNITS = {"mean": np.ones((3, 3)) / 9, "mean of 5": np.ones((5, 5)) / 25, "mean of 7": np.ones((7, 7)) / 49, "mean of 16": np.ones((16, 16)) / 256,
         "mean of 13": np.ones((13, 13)) / 169, "long row": np.ones((1, 31)) / 31, "long column": np.ones((31, 1)) / 31, "wide mean": np.ones((11, 12)) / 132, "odd mean": np.ones((7, 15)) / 105,
         "weighted mean": np.outer([1, 1, 1], [1, 3, 1, 1, 1]) / 21, "over 8193": np.ones((1, 257)) / 8193, "mean of a box": np.ones((5, 5)) * 3 / 77, "thirds": np.array([[-1, 2, -1]]) / 3,
         "tenths": np.array([[0.1, 0.2, 0.3], [0.7, -0.4, 0.1]]), "tiny": np.array([[3e-30, -1e-30]]), "huge": np.array([[1e30], [2e30]]),
         "smallest": np.array([[1.5e-45, 3e-45]]), "beyond 16 bits": np.ones((17, 17)) / 289, "just 16 bits": np.array([[256, 1]]) / 3,
         "just beyond": np.array([[257, 1]]) / 3, "far apart": np.array([[1e-20, 1]]), "nearly a mean": np.array([[1, 1, 1], [1, 1 + 1e-6, 1]]) / 6, "none": np.array([[1, np.sqrt(2)], [np.pi, np.e]])}


@pytest.mark.parametrize("name", UNITS)
@pytest.mark.parametrize("dtype", ["uint8", "int8", "bool", "int16", "uint16"])
@pytest.mark.parametrize("kernel_dtype", ["float32", "float64"])
def test_multiples_of_a_unit(random, name, dtype, kernel_dtype, flip):
    """Sums of whole numbers times the unit keep the bound of the plain sum, for every layout with the same bits."""
    w = UNITS[name].astype(kernel_dtype)
    for shape in ((13, 17), (5, 1150)):
        x = random_values(random, dtype, shape)
        x[:, :w.shape[1] + 1] = np.iinfo(dtype).max if dtype != "bool" else True
        x[:, -3:] = np.iinfo(dtype).min if dtype != "bool" else False
        for out in (None, "uint8", "int16", "uint16", "float32") if shape == (13, 17) else (None, "uint8", dtype):
            whole = function(flip)(x, w, boundary="mirror", dtype=out)
            check(whole, x, w, out, boundary="mirror", flip=flip)
            check(function(flip)(x, w, boundary="mirror", dtype=out, method="direct"), x, w, out, boundary="mirror", flip=flip)
            for of_x, of_out in (("transposed", "c"), ("negative", "transposed"), ("slice", "mixed")):
                placed = Placed(shape, whole.dtype, of_out)
                function(flip)(place(x, of_x), w, boundary="mirror", out=placed.array)
                assert_same(placed.array, whole)
                placed.check()


@pytest.mark.parametrize("taps", [(1, 3), (3, 3), (5, 5), (7, 7), (9, 9), (3, 85), (257, 1), (15, 15), (13, 17), (31, 31), (21, 1), (1, 45), (3, 5)])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "int8"])
def test_means_of_odd_numbers(random, taps, dtype):
    """No mean of an odd number of whole numbers lies halfway between two of them: the nearest one is the result, whatever it is formed in."""
    number, values = taps[0] * taps[1], np.iinfo(dtype)
    for shape in ((40, 70), (9, 1150), (23, 30, 3)):
        x = random.integers(values.min, values.max, shape, endpoint=True).astype(dtype)
        x[:9, :9], x[-9:, :9] = values.max, values.min
        total, _ = convolution.sums(x, np.ones(taps, "int64"), axes=(0, 1), boundary="wrap")
        total = total.astype("int64")
        expected = ((2 * total + number) // (2 * number)).astype(dtype)
        for kernel_dtype in ("float32", "float64"):
            exact_sums = kernel_dtype == "float64" or number * int(values.max) < 2**24 and values.bits == 8
            actual = bs.convolve(x, np.full(taps, 1 / number, kernel_dtype), axes=(0, 1), boundary="wrap", dtype=dtype)
            if exact_sums:
                assert_same(actual, expected)
            # In float32 means of large numbers may lie as near to the middle as the bound of their sums.
            assert np.max(np.abs(actual * float(number) - total)) <= number * (0.5 + (number + 2) * 2.0**-24 * 2**values.bits)


def test_sums_that_are_no_words():
    """Sums in float32 that 16 bits cannot hold are clamped; NaN gives 0."""
    for dtype in ("int16", "uint16"):
        least, most = np.iinfo(dtype).min, np.iinfo(dtype).max
        x = np.array([[0, 1, most, most - 1, 7] * 30], dtype)
        for weight, expected in ((2.0, np.clip(x * 2.0, least, most)), (-1.5, np.clip(np.rint(x * -1.5), least, most)), (1e30, np.where(x > 0, most, 0)),
                                 (-np.inf, np.where(x > 0, least, 0)), (np.nan, np.zeros(x.shape)), (0.5, np.rint(x * 0.5))):
            for taps in ((1, 1), (3, 3), (5, 5), (1, 7)):
                w = np.zeros(taps, "float32")
                w[taps[0] // 2, taps[1] // 2] = weight
                for rows in (1, 12):  # single rows, and several at once
                    image = np.repeat(x, rows, 0)
                    with np.errstate(invalid="ignore"):
                        # An infinite weight makes NaN of the zeros.
                        assert_same(bs.convolve(image, w, dtype=dtype), np.repeat(expected, rows, 0).astype(dtype))


def test_ties_of_products():
    """A tenth of a whole number is rounded as the product in the natural dtype is."""
    x = np.arange(256, dtype="uint8")
    for kernel_dtype in ("float32", "float64"):
        for w in ([0.1], [0.3], [-0.1, 0.7], [0.7, 0.1]):
            w = np.array(w, kernel_dtype)
            check(bs.convolve(x, w, dtype="uint8"), x, w, "uint8")
        natural = x.astype(kernel_dtype) * np.array(0.1, kernel_dtype)
        assert_same(bs.convolve(x, np.array([0.1], kernel_dtype), dtype="uint8"), np.rint(natural).astype("uint8"))
