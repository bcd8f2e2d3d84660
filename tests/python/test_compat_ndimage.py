"""`bytestride.compat.scipy_ndimage` against SciPy: documented examples, random arguments, and the differences that are meant."""
import numpy as np
import pytest
import scipy
from hypothesis import given, strategies as st
from scipy import ndimage as peer

import bytestride as bs
from bytestride.compat import scipy_ndimage as ours
from peers import assert_same_examples

pytestmark = pytest.mark.skipif(tuple(map(int, scipy.__version__.split(".")[:2])) < (1, 17), reason="needs the arguments of SciPy 1.17")
MODES = ["reflect", "constant", "nearest", "mirror", "wrap", "grid-mirror", "grid-constant", "grid-wrap"]
REPLACED = {"ndimage": ours, **{name: getattr(ours, name) for name in ours.__all__}}


# ---- SciPy's documented examples ----------------------------------------------------------------------

# gaussian_filter's example cuts whole numbers off between the passes; test_nothing_is_cut_between_passes has it.
@pytest.mark.parametrize("name", [name for name in ours.__all__ if name not in
                                  ("gaussian_filter", "generic_laplace", "generic_gradient_magnitude", "gaussian_laplace",
                                   "gaussian_gradient_magnitude", "uniform_filter")])
def test_documented_examples(name):
    assert assert_same_examples(getattr(peer, name), REPLACED)


@pytest.mark.parametrize("name", ["gaussian_filter", "gaussian_laplace", "gaussian_gradient_magnitude", "uniform_filter"])
def test_documented_examples_of_several_passes(name):
    # SciPy stores each pass in the picture's int64, which loses less than 1 each time; the second derivatives add up 9 of them.
    assert assert_same_examples(getattr(peer, name), REPLACED, rtol=0, atol=5)


# ---- Random arguments ---------------------------------------------------------------------------------

@st.composite
def images(draw, dtypes=("f8", "f4", "i4", "u1", "i8", "?"), most=3):
    shape = tuple(draw(st.lists(st.integers(1, 7), min_size=1, max_size=most)))
    dtype = np.dtype(draw(st.sampled_from(dtypes)))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    image = random.integers(0, 60, shape).astype(dtype) if dtype.kind != "f" else random.normal(size=shape).astype(dtype)
    return image[tuple(slice(None, None, draw(st.sampled_from((1, -1)))) for _ in shape)]


def assert_close(got, expected, dtype=None):
    assert got.dtype == expected.dtype and got.shape == expected.shape
    if expected.dtype.kind in "fc":
        single = expected.dtype.itemsize == (4 if expected.dtype.kind == "f" else 8)
        np.testing.assert_allclose(got, expected, rtol=2e-6 if single else 1e-11, atol=2e-5 if single else 1e-11)
    else:
        np.testing.assert_array_equal(got, expected)


def output_of(data, image):
    """An output dtype or array that holds what small whole numbers give without wrapping around."""
    kind = data.draw(st.sampled_from(["none", "f8", "f4", "array", "view", "itself"]))
    if kind == "none":
        return lambda: (np.float64 if image.dtype.kind in "b" or image.dtype == np.uint8 else None)
    if kind == "array":
        return lambda: np.full(image.shape, 7.0)
    if kind == "view":
        return lambda: np.full((*image.shape[:-1], 2 * image.shape[-1]), 7.0, np.float32)[..., ::2]
    if kind == "itself" and image.dtype == np.float64:
        return lambda: image
    return lambda: np.dtype("f8" if kind == "itself" else kind)


@given(st.data())
def test_kernels(data):
    image = data.draw(images())
    count = data.draw(st.integers(1, image.ndim))
    axes = data.draw(st.permutations(range(-image.ndim, 0)))[:count]
    shape = [data.draw(st.integers(1, 4)) for _ in axes]
    # Eighths: every sum is exact in float64, so that SciPy's truncation sees what ours does.
    weights = data.draw(st.sampled_from([1, 0.125])) * np.random.default_rng(data.draw(st.integers(0, 99))).integers(-8, 9, shape)
    weights[weights == 0] = 1
    origin = [data.draw(st.integers(-(n // 2), (n - 1) // 2)) for n in shape]
    origin = [0] * count if len(axes) < 3 and data.draw(st.booleans()) else origin
    if len(set(shape)) > 1 and count > 1 and count < image.ndim:
        axes = sorted(axes)  # SciPy checks the origins against the lengths in another order
    output = output_of(data, image)
    options = dict(mode=data.draw(st.sampled_from(MODES)), cval=data.draw(st.sampled_from([0.0, 3.0, -1.5])), origin=origin, axes=tuple(axes))
    for name in ("correlate", "convolve"):
        before = image.copy()
        try:
            expected = getattr(peer, name)(before, weights, output=before if output() is image else output(), **options)
        except ValueError:
            with pytest.raises(ValueError):
                getattr(ours, name)(image, weights, output=output(), **options)
            continue
        ready = image.copy()
        assert_close(getattr(ours, name)(ready, weights, output=ready if output() is image else output(), **options), expected)


@given(st.data())
def test_vectors(data):
    image = data.draw(images())
    n = data.draw(st.integers(1, 9))
    weights = 0.125 * np.random.default_rng(data.draw(st.integers(0, 99))).integers(-8, 9, n)
    output = output_of(data, image)
    options = dict(axis=data.draw(st.integers(-image.ndim, image.ndim - 1)), mode=data.draw(st.sampled_from(MODES)),
                   cval=data.draw(st.sampled_from([0.0, 3.0, -1.5])))
    for name, middle in (("correlate1d", 0), ("convolve1d", (n + 1) % 2)):
        options["origin"] = data.draw(st.integers(-((n - middle) // 2), (n - 1 + middle) // 2 - middle))
        expected = getattr(peer, name)(image.copy(), weights, output=None if output() is image else output(), **options)
        assert_close(getattr(ours, name)(image, weights, output=None if output() is image else output(), **options), expected)


@given(st.data())
def test_gaussians(data):
    image = data.draw(images(("f8", "f4", "i4", "u1")))
    count = data.draw(st.integers(1, image.ndim))
    axes = tuple(data.draw(st.permutations(range(image.ndim)))[:count])
    several = data.draw(st.booleans())
    each = lambda strategy: data.draw(st.lists(strategy, min_size=count, max_size=count) if several else strategy)  # noqa: E731
    options = dict(sigma=each(st.sampled_from([0, 0.3, 1, 2.5])), order=each(st.integers(0, 3)), mode=each(st.sampled_from(MODES)),
                   cval=data.draw(st.sampled_from([0.0, 3.5])), truncate=data.draw(st.sampled_from([1.0, 4.0])),
                   radius=each(st.sampled_from([None, 2, 5])), axes=axes, output=np.float64)
    assert_close(ours.gaussian_filter(image, **options), peer.gaussian_filter(image, **options))
    for key in ("sigma", "order", "mode", "radius"):
        options[key] = options[key][0] if several else options[key]
    options["sigma"] = options["sigma"] or 1
    del options["axes"]
    assert_close(ours.gaussian_filter1d(image, axis=axes[0], **options), peer.gaussian_filter1d(image, axis=axes[0], **options))


@given(st.data())
def test_sums_of_gaussians(data):
    image = data.draw(images(("f8", "f4")))
    axes = tuple(data.draw(st.permutations(range(image.ndim)))[:data.draw(st.integers(0, image.ndim))])
    mode = data.draw(st.sampled_from([*MODES, ["wrap"] * len(axes)]))
    options = dict(mode=mode, cval=0.5, truncate=3.0, output=np.float64)
    assert_close(ours.gaussian_laplace(image, 1.5, axes=axes, **options), peer.gaussian_laplace(image, 1.5, axes=axes, **options))
    sigma = [0.7] * image.ndim
    assert_close(ours.gaussian_gradient_magnitude(image, sigma, axes=axes, **options),
                 peer.gaussian_gradient_magnitude(image, sigma, axes=axes, **options))


@given(st.data())
def test_edges(data):
    image = data.draw(images(("f8", "i4", "i8")))
    modes = data.draw(st.one_of(st.sampled_from(MODES), st.lists(st.sampled_from(MODES), min_size=image.ndim, max_size=image.ndim)))
    options = dict(mode=modes, cval=data.draw(st.sampled_from([0.0, 2.0])))
    for name in ("sobel", "prewitt"):
        axis = data.draw(st.integers(-image.ndim, image.ndim - 1))
        assert_close(getattr(ours, name)(image, axis, **options), getattr(peer, name)(image, axis, **options))
    assert_close(ours.laplace(image, **options), peer.laplace(image, **options))
    chosen = tuple(data.draw(st.permutations(range(image.ndim)))[:data.draw(st.integers(0, image.ndim))])
    options["mode"] = "nearest"
    assert_close(ours.laplace(image, axes=chosen, **options), peer.laplace(image, axes=chosen, **options))


@given(st.data())
def test_means(data):
    image = data.draw(images(("f8", "i4", "u1", "i8")))
    count = data.draw(st.integers(1, image.ndim))
    axes = tuple(data.draw(st.permutations(range(image.ndim)))[:count])
    size = [data.draw(st.integers(1, 6)) for _ in axes]
    origin = [data.draw(st.integers(-(n // 2), (n - 1) // 2)) for n in size]
    options = dict(mode=[data.draw(st.sampled_from(MODES)) for _ in axes], cval=data.draw(st.sampled_from([0.0, 3.0, 0.5])))
    assert_close(ours.uniform_filter(image, size, origin=origin, axes=axes, output=float, **options),
                 peer.uniform_filter(image, size, origin=origin, axes=axes, output=float, **options))
    options["mode"] = options["mode"][0]
    assert_close(ours.uniform_filter1d(image, size[0], axes[0], origin=origin[0], **options),
                 peer.uniform_filter1d(image, size[0], axes[0], origin=origin[0], **options))


@pytest.mark.parametrize("name", ["correlate", "convolve", "correlate1d", "convolve1d"])
def test_complex_numbers(random, name):
    image = random.normal(size=9) + 1j * random.normal(size=9)
    weights = random.normal(size=4) + 1j * random.normal(size=4)
    for x, w in ((image, weights), (image, weights.real), (image.real, weights)):
        cval = 1.5 + 2j if x is image else 1.5
        got = getattr(ours, name)(x, w, mode="constant", cval=cval)
        assert_close(got, getattr(peer, name)(x, w, mode="constant", cval=cval))
    assert_close(ours.gaussian_filter(image.astype(np.complex64), 1), peer.gaussian_filter(image.astype(np.complex64), 1))
    with pytest.raises(RuntimeError):
        getattr(ours, name)(image, weights, output=np.empty(9))


def test_other_byte_order(random):
    image = random.normal(size=(5, 6)).astype(">f8")
    out = np.empty((5, 6), ">f4")
    assert ours.gaussian_filter(image, 1, output=out) is out
    np.testing.assert_array_equal(out, ours.gaussian_filter(image.astype(float), 1, output=np.float32))


# ---- Differences that are meant -----------------------------------------------------------------------

def test_whole_numbers_saturate_and_do_not_wrap():
    image = np.array([[0, 0, 200, 200]] * 3, np.uint8)
    assert ours.sobel(image).tolist() == [[0, 255, 255, 0]] * 3
    assert ours.sobel(255 - image).tolist() == [[0, 0, 0, 0]] * 3
    assert peer.sobel(image)[0, 1] == 800 % 256
    assert ours.laplace(image[0]).tolist() == [0, 200, 0, 0]


def test_nothing_is_cut_between_passes():
    image = np.arange(50, step=2).reshape(5, 5)  # SciPy's documented example
    exact = peer.gaussian_filter(image.astype(float), 1)
    np.testing.assert_array_equal(ours.gaussian_filter(image, 1), np.trunc(exact))
    assert (ours.gaussian_filter(image, 1) != peer.gaussian_filter(image, 1)).sum() == 8
    mean = np.array([[1, 1], [1, 0]])
    assert ours.uniform_filter(mean * 5, 2, mode="constant").tolist() == [[1, 2], [2, 3]]


def test_sums_that_are_whole_but_for_rounding_are_whole(random):
    image = random.integers(-500, 500, (40, 50), dtype=np.int32)
    ninth = np.full((3, 3), 1 / 9)
    exact = peer.correlate(image, np.ones((3, 3)), output=np.int64)
    np.testing.assert_array_equal(ours.correlate(image, ninth), np.trunc(exact / 9))
    assert (peer.correlate(image, ninth) != np.trunc(exact / 9)).any()


def test_64_bits_are_exact():
    image = np.array([2**62, 1, 0], np.int64)
    assert ours.correlate1d(image, [1.0, 1.0, 0.0], mode="constant").tolist() == [2**62, 2**62 + 1, 1]
    assert ours.correlate1d(image, [1, 1, 1], mode="nearest").tolist() == [2**63 - 1, 2**62 + 1, 1]


@pytest.mark.parametrize("mode, padding", [("reflect", "symmetric"), ("mirror", "reflect"), ("wrap", "wrap"), ("nearest", "edge")])
def test_kernels_many_times_an_axis(random, mode, padding):
    image, weights = random.standard_normal((3, 2)), random.standard_normal((5, 40))
    padded = np.pad(image, ((2, 2), (20, 19)), mode=padding)
    expected = [[np.sum(padded[y:y + 5, x:x + 40] * weights) for x in range(2)] for y in range(3)]
    np.testing.assert_allclose(ours.correlate(image, weights, mode=mode), expected, rtol=0, atol=1e-12 * np.abs(weights).sum())


def test_not_a_number_stays_in_its_window():
    image = np.ones(40)
    image[20] = np.nan
    assert np.isnan(ours.uniform_filter1d(image, 3)).sum() == 3
    assert np.isnan(peer.uniform_filter1d(image, 3)).sum() == 21
    image = np.ones((9, 9))
    image[4, 4] = np.nan
    np.testing.assert_array_equal(np.isnan(ours.laplace(image)), np.isnan(peer.laplace(image)))


# ---- Errors -------------------------------------------------------------------------------------------

@pytest.mark.parametrize("error, call", [
    (RuntimeError, lambda n: n.correlate(np.ones((3, 3)), np.ones((3, 3)), mode="edge")),
    (RuntimeError, lambda n: n.correlate(np.ones((3, 3)), np.ones(3))),
    (RuntimeError, lambda n: n.correlate(np.ones((3, 3)), np.ones((3, 3)), mode=["wrap", "wrap"])),
    (RuntimeError, lambda n: n.correlate1d(np.ones(3), [])),
    (RuntimeError, lambda n: n.correlate1d(np.ones(3), [1], output=np.ones(4))),
    (RuntimeError, lambda n: n.gaussian_filter(np.ones((3, 3)), [1, 2, 3])),
    (RuntimeError, lambda n: n.uniform_filter1d(np.ones(3), 0)),
    (ValueError, lambda n: n.correlate1d(np.ones(3), [1, 2, 3], origin=2)),
    (ValueError, lambda n: n.uniform_filter(np.ones(3), 3, origin=2)),
    (ValueError, lambda n: n.gaussian_filter(np.ones(3), 1, order=-1)),
    (ValueError, lambda n: n.gaussian_filter(np.ones(3), 1, radius=1.5)),
    (ValueError, lambda n: n.gaussian_filter(np.ones((3, 3)), 1, axes=(0, 0))),
    (ValueError, lambda n: n.gaussian_filter(np.ones((3, 3)), 1, axes=2)),
    (ValueError, lambda n: n.sobel(np.ones((3, 3)), 2)),
])
def test_errors_are_the_peers(error, call):
    with pytest.raises(error):
        call(peer)
    with pytest.raises(error) as caught:
        call(ours)
    assert isinstance(caught.value, bs.Error)


@pytest.mark.parametrize("image", [np.ma.masked_array([1.0, 2.0]), np.array([1, 2], object), np.array(["1"])])
def test_what_is_not_taken_is_named(image):
    with pytest.raises(bs.DTypeError, match="masked|scipy.ndimage"):
        ours.gaussian_filter(image, 1)
