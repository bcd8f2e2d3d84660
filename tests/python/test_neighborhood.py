"""The neighbourhood product against exact integers and rationals: dtypes, channels, radii, rims, layouts, threads."""
import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

import bytestride as bs
from layouts import LAYOUTS, Placed, assert_same, place

CONTINUED = {"reflect": "symmetric", "mirror": "reflect", "nearest": "edge", "wrap": "wrap"}
BOUNDARIES = ("zero", "copy", "keep", *CONTINUED)
ALPHAS = ("opaque", "copy", "channel")
DTYPES = [np.dtype(name) for name in ("uint8", "uint16", "float32", "float64")]


def largest(dtype):
    return int(np.iinfo(dtype).max) if dtype.kind == "u" else 1


def products(image, radius):
    """The exact products over the windows that lie inside an image with channels."""
    exact = np.array([Fraction(value) if image.dtype.kind == "f" else int(value) for value in image.ravel().tolist()], object)
    exact = exact.reshape(image.shape)
    n = 2 * radius + 1
    height, width = image.shape[0] - n + 1, image.shape[1] - n + 1
    result = np.ones((height, width, image.shape[2]), object)
    for dy, dx in itertools.product(range(n), repeat=2):
        result = result * exact[dy:dy + height, dx:dx + width]
    return result


def colors_of(image, alpha):
    channels = image.shape[2]
    return channels if channels % 2 or alpha == "channel" else channels - 1


def expected(image, radius, alpha, boundary, before):
    """(the result, which elements are products): integers are exact, for floats there are exact squares instead."""
    colors, top = colors_of(image, alpha), largest(image.dtype)
    result = np.zeros(image.shape, object) if boundary == "zero" else (image if boundary == "copy" else before).astype(object)
    inside = np.zeros(image.shape[:2], bool)
    if boundary in CONTINUED:
        image_continued = np.pad(image, ((radius, radius), (radius, radius), (0, 0)), CONTINUED[boundary])
        inside[:] = True
    else:
        image_continued = image
        inside[radius:image.shape[0] - radius, radius:image.shape[1] - radius] = True
    if inside.any():
        p = products(image_continued, radius)[..., :colors]
        squares = (p * p).sum(-1)
        vectors = np.zeros(p.shape, object)
        for y, x in np.ndindex(squares.shape):
            if squares[y, x]:
                for c in range(colors):
                    if image.dtype.kind == "u":
                        vectors[y, x, c] = math.isqrt(top * top * p[y, x, c] ** 2 // squares[y, x])
                    else:
                        vectors[y, x, c] = (p[y, x, c] ** 2 / squares[y, x], p[y, x, c] < 0)
        result[inside, :colors] = vectors.reshape(-1, colors)
    if colors < image.shape[2]:
        alphas = np.full(image.shape[:2], top, object) if alpha == "opaque" else image[..., -1].astype(object)
        result[..., -1] = np.where(inside, alphas, before[..., -1]) if boundary == "keep" else alphas
    return result, inside


def check(actual, image, radius, alpha, boundary, before):
    if image.ndim == 2:
        image, actual, before = image[..., None], actual[..., None], before[..., None]
    result, inside = expected(image, radius, alpha, boundary, before)
    if image.dtype.kind == "u":
        assert_same(actual, result.astype(image.dtype))
        return
    colors, u = colors_of(image, alpha), Fraction(float(np.finfo(image.dtype).eps)) / 2
    bound = ((2 * radius + 1) ** 2 + 8) * u
    for index in np.ndindex(image.shape):
        if inside[index[:2]] and index[2] < colors and result[index]:
            square, negative = result[index]
            value = Fraction(float(actual[index]))
            assert value == 0 or (value < 0) == negative
            if square > Fraction(float(np.finfo(image.dtype).tiny)) ** 2:
                assert (1 - bound) ** 2 * square <= value**2 <= (1 + bound) ** 2 * square, (index, value, square)
        else:
            assert actual[index] == result[index]


def values(random, dtype, shape):
    if dtype.kind == "f":
        return (random.standard_normal(shape) * random.choice([0.0, 0.1, 1.0, 1.0, 30.0], shape)).astype(dtype)
    top = largest(dtype)
    return random.choice([0, 1, 2, 3, top // 2, top - 1, top, -1], shape, p=[.02, .1, .1, .1, .1, .1, .1, .38]).astype(np.int64) % (top + 1) \
        if random.random() < 0.5 else random.integers(1, top, shape, endpoint=True)


def sample(random, dtype, shape):
    return values(random, dtype, shape).astype(dtype)


# ---- Known results -----------------------------------------------------------------------------------

def test_pythagorean_ratios():
    """(2, 2, 1) / 3 in bytes is 170, 170, 85: quotients that are integers are not one less."""
    image = np.ones((3, 3, 3), np.uint8)
    for colors, result in [((2, 2, 1), (170, 170, 85)), ((1, 2, 2), (85, 170, 170)), ((3, 0, 0), (255, 0, 0)), ((0, 0, 0), (0, 0, 0)),
                           ((12, 15, 16), (122, 153, 163)), ((7, 7, 7), (147, 147, 147)), ((0, 8, 15), (0, 120, 225))]:
        image[1, 1] = colors
        assert bs.neighbor_product(image)[1, 1].tolist() == list(result)
    image = image.astype(np.uint16)
    image[1, 1] = 2, 2, 1
    assert bs.neighbor_product(image)[1, 1].tolist() == [43690, 43690, 21845]
    image[1, 1] = 14, 5, 2
    assert bs.neighbor_product(image)[1, 1].tolist() == [65535 * 14 // 15, 21845, 65535 * 2 // 15]


@pytest.mark.parametrize("dtype", DTYPES[:2], ids=str)
@pytest.mark.parametrize("radius", [1, 2, 3])
def test_one_step_beside_an_integer(dtype, radius):
    """M against the smallest other product, and quotients that miss an integer by less than any float can tell."""
    n, top = 2 * radius + 1, largest(dtype)
    image = np.full((n, n, 3), top, dtype)
    image[..., 1:] = 1
    result = bs.neighbor_product(image, radius=radius)
    assert result[radius, radius].tolist() == [top - 1, 0, 0]
    image[0, 0, 1:] = 0
    assert bs.neighbor_product(image, radius=radius)[radius, radius].tolist() == [top, 0, 0]
    # k ||p|| = M p_0 for p = (2, 2, 1) P; then one factor of a huge product is changed by one.
    image[...] = top
    image[radius, radius] = (2, 2, 1)
    tie = bs.neighbor_product(image, radius=radius)[radius, radius].tolist()
    assert tie == [top * 2 // 3, top * 2 // 3, top // 3]
    for channel, after in ((0, [-1, 0, 0]), (1, [0, -1, 0]), (2, [0, 0, -1])):
        image[...] = top
        image[radius, radius] = (2, 2, 1)
        image[0, 0, channel] = top - 1
        got = bs.neighbor_product(image, radius=radius)[radius, radius]
        p = products(image, radius)[0, 0]
        assert got.tolist() == [math.isqrt(top * top * v * v // int((p * p).sum())) for v in p]
        assert got[channel] == tie[channel] + min(after)


def test_the_article_loop(random):
    """The article's Python loop in float64, on RGB: where no quotient is an integer its truncation is right."""
    image = random.integers(1, 256, (12, 13, 3)).astype(np.uint8)
    data, result = image / 255, bs.neighbor_product(image)
    for y, x in np.ndindex(10, 11):
        v = data[y:y + 3, x:x + 3].reshape(9, 3).prod(0)
        quotient = 255 * v / math.sqrt((v * v).sum())
        clear = abs(quotient - np.rint(quotient)) > 1e-9
        assert (result[y + 1, x + 1][clear] == np.floor(quotient)[clear]).all()
    rim = np.ones((12, 13), bool)
    rim[1:-1, 1:-1] = False
    assert not result[rim].any()


# ---- Everything against exact arithmetic -------------------------------------------------------------------

@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_every_option(dtype, alpha, boundary, random):
    shapes = [(1, 1, 3), (2, 3, 2), (5, 4), (3, 3, 4), (6, 7, 1), (7, 5, 2), (4, 8, 3), (8, 7, 4)]
    for shape, radius in itertools.product(shapes, (1, 2, 3)):
        image, out = sample(random, dtype, shape), sample(random, dtype, shape)
        before = out.copy()
        assert bs.neighbor_product(image, radius=radius, alpha=alpha, boundary=boundary, out=out) is out
        check(out, image, radius, alpha, boundary, before)
        if boundary != "keep":
            assert_same(bs.neighbor_product(image, radius=radius, alpha=alpha, boundary=boundary), out)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_rows_longer_than_a_tile(dtype, random):
    for shape in [(3, 530, 3), (3, 1030, 4), (40, 5, 3), (3, 513), (67, 4, 2)]:
        image = sample(random, dtype, shape)
        for boundary in ("zero", "copy", "mirror"):
            check(bs.neighbor_product(image, boundary=boundary), image, 1, "opaque", boundary, image)


@pytest.mark.parametrize("layout_out", LAYOUTS)
def test_layouts(layout, layout_out, random):
    for dtype, shape in itertools.product(DTYPES, [(7, 9, 3), (6, 8, 4), (9, 7), (5, 6, 2)]):
        image = sample(random, dtype, shape)
        for boundary in ("zero", "wrap", "copy", "keep"):
            before = sample(random, dtype, shape)
            want = before.copy()
            bs.neighbor_product(image, boundary=boundary, out=want)
            out = Placed(shape, dtype, layout_out)
            out.array[...] = before
            bs.neighbor_product(place(image, layout), boundary=boundary, out=out.array)
            assert_same(out.array, want)
            out.check()


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_whole_pixels_in_rows_that_are_not(dtype, channels, random):
    # Larger than a tile both ways, with rims that continue far outside it.
    stored = sample(random, dtype, (530, 45, channels))
    for image in (stored.transpose(1, 0, 2), stored[:, ::-1].transpose(1, 0, 2), stored[::2], stored[:, ::3], stored[::-1, ::-2],
                  np.asfortranarray(stored)):
        for boundary in ("wrap", "mirror", "zero"):
            want = bs.neighbor_product(np.ascontiguousarray(image), boundary=boundary)
            assert_same(bs.neighbor_product(image, boundary=boundary), want)
            out = np.zeros(image.shape, dtype, order="F")[:, ::-1]
            assert_same(bs.neighbor_product(image, boundary=boundary, out=out), want)


@pytest.mark.parametrize("radius", [1, 2, 3])
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_threads_and_parts(dtype, radius, random):
    image = sample(random, dtype, (203, 701, 3))
    whole = bs.neighbor_product(image, radius=radius, boundary="mirror", threads=1)
    for threads in (2, 5):
        assert_same(bs.neighbor_product(image, radius=radius, boundary="mirror", threads=threads), whole)
    for top, left, height, width in [(3, 5, 20, 30), (50, 490, 33, 40), (190, 600, 13, 101)]:
        part = bs.neighbor_product(image[top:top + height, left:left + width], radius=radius)
        inner = part[radius:-radius, radius:-radius]
        assert_same(np.ascontiguousarray(inner), np.ascontiguousarray(
            whole[top + radius:top + height - radius, left + radius:left + width - radius]))


# ---- Floats at the ends of their range ---------------------------------------------------------------------

@pytest.mark.parametrize("dtype", DTYPES[2:], ids=str)
@pytest.mark.parametrize("radius", [1, 2, 3])
def test_no_overflow_or_underflow(dtype, radius, random):
    limits = np.finfo(dtype)
    span = int(np.log2(float(limits.max))) - 2 if dtype == np.float32 else 1020
    n = 2 * radius + 1
    for shift in (0, span, -span, span // 2):
        image = np.ldexp(random.uniform(1, 2, (n, n + 3, 3)), shift + random.integers(-1, 2, (n, n + 3, 3))).astype(dtype)
        check(bs.neighbor_product(image, radius=radius), image, radius, "opaque", "zero", image)
    image = np.full((n, n, 2), limits.smallest_subnormal, dtype)
    result = bs.neighbor_product(image, radius=radius, alpha="channel")[radius, radius]
    assert np.allclose(result, math.sqrt(0.5), rtol=1e-6)
    image[..., 1] = limits.max
    assert bs.neighbor_product(image, radius=radius, alpha="channel")[radius, radius].tolist() == [0.0, 1.0]


def test_powers_of_two_change_no_bit(random):
    """The plain loops and those for extreme numbers agree on every bit."""
    image = random.uniform(0.5, 2, (9, 9, 3))
    plain = bs.neighbor_product(image)
    for shift in (-900, -200, 150, 900):
        assert_same(bs.neighbor_product(np.ldexp(image, shift)), plain)
    mixed = np.concatenate([image, np.ldexp(image[:1], -1000)])
    assert_same(bs.neighbor_product(mixed)[:8], plain[:8])


def test_special_floats():
    image = np.ones((3, 3, 3))
    image[0, 0] = -1, 2, 0
    assert np.allclose(bs.neighbor_product(image)[1, 1], np.array([-1, 2, 0]) / math.sqrt(5))
    image[2, 2, 0] = np.nan
    assert np.isnan(bs.neighbor_product(image)[1, 1]).all()
    image[2, 2, 0] = np.inf
    result = bs.neighbor_product(image)[1, 1]
    assert np.isnan(result[0]) and result[1] == 0 and result[2] == 0
    assert bs.neighbor_product(np.zeros((3, 3, 3)))[1, 1].tolist() == [0, 0, 0]
    assert bs.neighbor_product(np.full((3, 3), -0.5))[1, 1] == -1


# ---- Shapes, errors --------------------------------------------------------------------------------------

def test_empty(random):
    for shape in [(0, 5, 3), (5, 0, 3), (0, 0)]:
        for boundary in ("zero", "reflect"):
            assert bs.neighbor_product(np.zeros(shape, np.uint8), boundary=boundary).shape == shape


IMAGE = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)

ERRORS = {
    "one dimension": (lambda o: bs.neighbor_product(np.zeros(5, np.uint8), out=o), bs.ShapeError, "image"),
    "four dimensions": (lambda o: bs.neighbor_product(np.zeros((2, 2, 2, 2), np.uint8), out=o), bs.ShapeError, "image"),
    "five channels": (lambda o: bs.neighbor_product(np.zeros((4, 5, 5), np.uint8)), bs.ShapeError, "channels"),
    "no channels": (lambda o: bs.neighbor_product(np.zeros((4, 5, 0), np.uint8)), bs.ShapeError, "channels"),
    "int64": (lambda o: bs.neighbor_product(IMAGE.astype(np.int64), out=o), bs.DTypeError, "uint8, uint16, float32"),
    "bool": (lambda o: bs.neighbor_product(IMAGE > 3, out=o), bs.DTypeError, "image"),
    "float16": (lambda o: bs.neighbor_product(IMAGE.astype(np.float16), out=o), bs.DTypeError, "image"),
    "other byte order": (lambda o: bs.neighbor_product(IMAGE.astype(np.dtype(np.uint16).newbyteorder()), out=o), bs.DTypeError, "byte order"),
    "masked": (lambda o: bs.neighbor_product(np.ma.array(IMAGE), out=o), TypeError, "mask"),
    "radius 0": (lambda o: bs.neighbor_product(IMAGE, radius=0, out=o), bs.OptionError, "radius"),
    "radius 4": (lambda o: bs.neighbor_product(IMAGE, radius=4, out=o), bs.OptionError, "radius"),
    "radius -1": (lambda o: bs.neighbor_product(IMAGE, radius=-1, out=o), bs.OptionError, "radius"),
    "radius 1.5": (lambda o: bs.neighbor_product(IMAGE, radius=1.5, out=o), bs.OptionError, "radius"),
    "radius huge": (lambda o: bs.neighbor_product(IMAGE, radius=10**30, out=o), bs.OptionError, "radius"),
    "alpha": (lambda o: bs.neighbor_product(IMAGE, alpha="none", out=o), bs.OptionError, "alpha.*'opaque', 'copy', 'channel'"),
    "boundary": (lambda o: bs.neighbor_product(IMAGE, boundary="constant", out=o), bs.OptionError, "boundary"),
    "keep without out": (lambda o: bs.neighbor_product(IMAGE, boundary="keep"), bs.OptionError, "out"),
    "out shape": (lambda o: bs.neighbor_product(IMAGE[:3], out=o), bs.ShapeError, "out"),
    "out dimensions": (lambda o: bs.neighbor_product(IMAGE, out=o[..., 0]), bs.ShapeError, "out"),
    "out dtype": (lambda o: bs.neighbor_product(IMAGE, out=np.zeros((4, 5, 3), np.uint16)), bs.DTypeError, "out"),
    "out read-only": (lambda o: bs.neighbor_product(IMAGE, out=np.broadcast_to(o, (4, 5, 3))), bs.ReadOnlyError, "out"),
    "threads": (lambda o: bs.neighbor_product(IMAGE, threads=-1, out=o), bs.OptionError, "threads"),
}


@pytest.mark.parametrize("call, kind, text", ERRORS.values(), ids=ERRORS)
def test_errors_leave_out_untouched(call, kind, text):
    out = np.full((4, 5, 3), 7, np.uint8)
    with pytest.raises(kind, match=text) as caught:
        call(out)
    assert isinstance(caught.value, bs.Error)
    assert (out == 7).all()


def test_overlap(random):
    image = sample(random, np.dtype("uint8"), (9, 9, 4))
    before = image.copy()
    for out in (image, image[::-1], image[:, ::-1]):
        with pytest.raises(bs.OverlapError, match="out"):
            bs.neighbor_product(image, out=out)
    assert_same(image, before)
    # Interleaved channels share no byte.
    want = bs.neighbor_product(image[..., :2])
    bs.neighbor_product(image[..., :2], out=image[..., 2:])
    assert_same(np.ascontiguousarray(image[..., 2:]), want)
