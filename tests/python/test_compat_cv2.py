"""`bytestride.compat.cv2` against OpenCV: constants, random arguments, and the differences that are meant."""
import cv2 as peer
import numpy as np
import pytest
from hypothesis import given, strategies as st

import bytestride as bs
from bytestride.compat import cv2 as ours

BORDERS = [peer.BORDER_CONSTANT, peer.BORDER_REPLICATE, peer.BORDER_REFLECT, peer.BORDER_REFLECT_101, peer.BORDER_DEFAULT | peer.BORDER_ISOLATED]


def test_constants():
    for name in ours.__all__:
        if isinstance(getattr(ours, name), int):
            assert getattr(ours, name) == getattr(peer, name), name
    with pytest.raises(ours.error):
        ours.blur(np.ones((3, 3)), (0, 3))


@st.composite
def images(draw, dtypes=("u1", "u2", "i2", "f4", "f8"), channels=(None, 1, 2, 3), least=1):
    shape = [draw(st.integers(least, 12)), draw(st.integers(least, 12)), draw(st.sampled_from(channels))]
    random, dtype = np.random.default_rng(draw(st.integers(0, 2**32))), draw(st.sampled_from(dtypes))
    values = random.random([n for n in shape if n]) * 255 - (127 if dtype == "i2" else 0)
    return values.astype(dtype)


def assert_close(got, expected, off_by=0, scale=1.0):
    """Equal, whole numbers up to `off_by`, floats up to rounding relative to `scale`."""
    assert got.shape == expected.shape and got.dtype == expected.dtype
    if expected.dtype.kind == "f":
        unit = 1e-6 if expected.dtype == np.float32 else 1e-13
        np.testing.assert_allclose(got, expected, rtol=0, atol=40 * unit * scale)
    else:
        assert np.abs(got.astype(np.int64) - expected).max() <= off_by


def both(name, *arguments, **options):
    return getattr(ours, name)(*arguments, **options), getattr(peer, name)(*arguments, **options)


@given(st.data())
def test_kernels(data):
    image = data.draw(images())
    height, width = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 6))
    kernel = np.random.default_rng(data.draw(st.integers(0, 99))).integers(-8, 9, (height, width)) * data.draw(st.sampled_from([1.0, 0.25]))
    depth = data.draw(st.sampled_from([-1, peer.CV_32F, peer.CV_64F])) if image.dtype.kind != "f" else -1
    options = dict(anchor=(data.draw(st.integers(-1, width - 1)), data.draw(st.integers(-1, height - 1))),
                   delta=data.draw(st.sampled_from([0, 2.25])), borderType=data.draw(st.sampled_from(BORDERS)))
    assert_close(*both("filter2D", image, depth, kernel, **options), scale=255 * 9 * kernel.size)
    assert_close(*both("sepFilter2D", image, depth, kernel[0], kernel[:, :1], **options), off_by=1, scale=255 * 64 * kernel.size)


@given(st.data())
def test_gaussians_and_means(data):
    image, border = data.draw(images(least=2)), data.draw(st.sampled_from(BORDERS))
    size, sigma = data.draw(st.sampled_from([((3, 5), 0), ((7, 9), 0), ((11, 1), 2.0), ((0, 0), 1.3)]))
    assert_close(*both("GaussianBlur", image, size, sigma, borderType=border), off_by=1, scale=255)
    width, height = data.draw(st.integers(1, 9)), data.draw(st.integers(1, 9))
    anchor = (data.draw(st.integers(-1, width - 1)), data.draw(st.integers(-1, height - 1)))
    # OpenCV rounds some ties of 8-bit means upwards; with an odd area there are none.
    assert_close(*both("blur", image, (width, height), anchor=anchor, borderType=border), off_by=(width * height + 1) % 2, scale=255)
    assert_close(*both("boxFilter", image, peer.CV_64F, (width, height), normalize=False, borderType=border), scale=255 * 81)


@given(st.data())
def test_derivatives(data):
    image, border = data.draw(images()), data.draw(st.sampled_from(BORDERS))
    depth = peer.CV_64F if image.dtype == np.float64 else peer.CV_32F
    ksize = data.draw(st.sampled_from([-1, 1, 3, 5, 7]))
    dx, dy = data.draw(st.sampled_from([(1, 0), (0, 1)] if ksize < 0 else [(1, 0), (0, 1), (1, 1), (2, 0), (0, 2)]))
    options = dict(scale=data.draw(st.sampled_from([1, 0.5])), delta=data.draw(st.sampled_from([0, 3.5])), borderType=border)
    size = 255 * 4.0 ** abs(ksize)
    assert_close(*both("Sobel", image, depth, dx, dy, ksize=ksize, **options), scale=size)
    assert_close(*both("Laplacian", image, depth, ksize=abs(ksize), **options), scale=size)
    if ksize < 0:
        assert_close(*both("Scharr", image, depth, dx, dy, **options), scale=size)
    if image.dtype == np.uint8 and image.ndim == 2:
        for got, expected in zip(*both("spatialGradient", image)):
            np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("normalize", [False, True])
def test_weights(normalize):
    for ksize in range(1, 32, 2):
        for sigma in (0, 1, 2.5):
            np.testing.assert_allclose(*both("getGaussianKernel", ksize, sigma), rtol=0, atol=1e-15)
        for orders in ((1, 0), (0, 1), (2, 1)):
            if ksize == 1 or ksize > max(orders):
                for got, expected in zip(*both("getDerivKernels", *orders, ksize, normalize=normalize)):
                    np.testing.assert_array_equal(got, expected)
    for got, expected in zip(*both("getDerivKernels", 0, 1, peer.FILTER_SCHARR, normalize=normalize)):
        np.testing.assert_array_equal(got, expected)


@given(st.data())
def test_arithmetic(data):
    image = data.draw(images(channels=(None, 3), least=5))  # OpenCV takes 4 x 1 for a scalar
    other = np.roll(image, 1, axis=1) if data.draw(st.booleans()) else image[::-1].copy()
    for name in ("add", "subtract", "multiply", "divide", "absdiff", "min", "max"):
        assert_close(*both(name, image, other), scale=255**2 if name != "divide" else 1e6)
        assert_close(*both(name, image, 7.0), scale=255**2)
        assert_close(*both(name, image, (1.0, 2.0, 3.0, 4.0)), scale=255**2)
    mask = (np.random.default_rng(1).random(image.shape[:2]) < 0.5).astype(np.uint8)
    assert_close(*both("add", image, other, mask=mask), scale=255)
    assert_close(*both("subtract", image, other, dtype=peer.CV_32F), scale=255)
    assert_close(*both("multiply", image, other, scale=0.5), scale=255**2)
    np.testing.assert_array_equal(*both("transpose", image))


def test_destination_is_written_where_it_fits(random):
    image = random.random((6, 7)).astype(np.float32)
    for function in (lambda m, dst: m.blur(image, (3, 3), dst), lambda m, dst: m.filter2D(image, -1, np.ones((3, 3)), dst), lambda m, dst: m.add(image, image, dst)):
        fits, other = np.zeros((6, 7), np.float32), np.zeros((3, 3))
        assert function(ours, fits) is fits and function(peer, fits.copy()).shape == (6, 7)
        np.testing.assert_allclose(function(ours, other), fits)
        assert not other.any()
    expected = ours.blur(image, (3, 3))
    np.testing.assert_array_equal(ours.blur(image, (3, 3), image), expected)
    assert image is not expected and (image == expected).all()


# ---- Differences that are meant -----------------------------------------------------------------------

def test_one_rounding(random):
    image = random.integers(0, 256, (60, 70), dtype=np.uint8)
    weights = peer.getGaussianKernel(11, 0)
    exact = np.rint(peer.sepFilter2D(image, peer.CV_64F, weights, weights))
    assert (np.abs(ours.GaussianBlur(image, (11, 11), 0) - exact) > 0).mean() < 1e-3
    assert (np.abs(peer.GaussianBlur(image, (11, 11), 0) - exact) > 0).mean() > 0.05
    assert ours.blur(np.array([[1, 2]], np.uint8), (2, 1)).tolist() == [[2, 2]]  # 1.5 to even


def test_every_border_and_depth():
    image = np.arange(12, dtype=np.int64).reshape(3, 4)
    got = ours.filter2D(image, ours.CV_8S, np.ones((3, 3)), borderType=ours.BORDER_WRAP)
    assert got.dtype == np.int8 and got.tolist()[0] == [48, 45, 54, 51]
    with pytest.raises(ours.error, match="cv2.filter2D"):
        ours.filter2D(image, -1, np.ones((3, 3)), borderType=ours.BORDER_TRANSPARENT)


@pytest.mark.parametrize("call", [
    lambda m: m.filter2D(np.ones((3, 3)), -1, np.ones((3, 3)), anchor=(3, 0)),
    lambda m: m.GaussianBlur(np.ones((3, 3)), (4, 3), 0),
    lambda m: m.GaussianBlur(np.ones((3, 3)), (0, 0), 0),
    lambda m: m.Sobel(np.ones((3, 3)), -1, 0, 0),
    lambda m: m.Sobel(np.ones((3, 3)), -1, 1, 0, ksize=33),
    lambda m: m.Scharr(np.ones((3, 3)), -1, 1, 1),
    lambda m: m.add(np.ones((3, 3)), np.ones((3, 4))),
    lambda m: m.add(np.ones((3, 3)), np.ones((3, 3), np.float32)),
    lambda m: m.transpose(np.ones((2, 3, 4, 5))),
])
def test_errors(call):
    with pytest.raises(peer.error):
        call(peer)
    with pytest.raises(ours.error) as caught:
        call(ours)
    assert isinstance(caught.value, bs.Error)
