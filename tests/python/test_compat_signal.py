"""`bytestride.compat.scipy_signal` against SciPy: documented examples, random arguments, and the differences that are meant."""
import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import signal as peer

import bytestride as bs
from bytestride.compat import scipy_signal as ours
from peers import assert_same_examples


class Signal:
    """SciPy's module, but for the names that are ours."""

    def __getattr__(self, name):
        return getattr(ours if name in ours.__all__ else peer, name)


REPLACED = {"signal": Signal(), **{name: getattr(ours, name) for name in ours.__all__}}


# The example of correlate2d finds a piece of a photograph that would have to be downloaded.
@pytest.mark.parametrize("name", [name for name in ours.__all__ if name != "correlate2d"])
def test_documented_examples(name):
    assert assert_same_examples(getattr(peer, name), REPLACED, rtol=1e-9, atol=1e-6)  # FFTs of the picture's numbers


@st.composite
def arrays(draw, ndim, most=7):
    shape = [draw(st.integers(1, most)) for _ in range(ndim)]
    dtype = np.dtype(draw(st.sampled_from(["f8", "f4", "i4", "i8", "c16", "c8"])))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    if dtype.kind == "i":
        return random.integers(-30, 30, shape).astype(dtype)
    values = random.normal(size=shape) + 1j * random.normal(size=shape)
    return values.astype(dtype) if dtype.kind == "c" else values.real.astype(dtype)


def assert_same(name, *arguments, **options):
    try:
        expected = getattr(peer, name)(*arguments, **options)
    except ValueError:
        with pytest.raises(ValueError):
            getattr(ours, name)(*arguments, **options)
        return
    got = getattr(ours, name)(*arguments, **options)
    assert got.shape == expected.shape and got.dtype == expected.dtype
    single = any(array.dtype in (np.float32, np.complex64) for array in arguments)
    np.testing.assert_allclose(got, expected, rtol=1e-4 if single else 1e-9, atol=1e-4 if single else 1e-9)


@given(st.data())
def test_two_dimensions(data):
    x, w = data.draw(arrays(2)), data.draw(arrays(2, 5))
    options = dict(mode=data.draw(st.sampled_from(["full", "same", "valid"])),
                   boundary=data.draw(st.sampled_from(["fill", "wrap", "symm"])), fillvalue=data.draw(st.sampled_from([0, 2])))
    for name in ("convolve2d", "correlate2d"):
        if options["boundary"] == "fill" or np.all(np.array(w.shape) <= x.shape):  # else SciPy reads beyond its extension
            assert_same(name, x, w, **options)


@given(st.data())
def test_any_dimensions(data):
    ndim = data.draw(st.integers(1, 3))
    x, w = data.draw(arrays(ndim)), data.draw(arrays(ndim))
    mode = data.draw(st.sampled_from(["full", "same", "valid"]))
    for name in ("convolve", "correlate"):
        assert_same(name, x, w, mode=mode, method=data.draw(st.sampled_from(["auto", "direct", "fft"])))
    axes = data.draw(st.one_of(st.none(), st.lists(st.integers(0, ndim - 1), min_size=1, unique=True)))
    for axis in range(ndim):
        if axes is not None and axis not in axes and x.shape[axis] != w.shape[axis] and data.draw(st.booleans()):
            w = w[(slice(None),) * axis + (slice(0, 1),)]
    if mode != "same" or all(x.shape[axis] >= w.shape[axis] for axis in range(ndim) if axes is not None and axis not in axes):
        assert_same(data.draw(st.sampled_from(["fftconvolve", "oaconvolve"])), x, w, mode=mode, axes=axes)


def test_long_kernels(random):
    x, w = random.normal(size=(120, 90)), random.normal(size=(31, 25))
    np.testing.assert_allclose(ours.convolve(x, w, "same"), peer.convolve(x, w, "same"), atol=1e-11)
    np.testing.assert_allclose(ours.correlate(x[0], w[0]), peer.correlate(x[0], w[0]), atol=1e-12)


def test_whole_numbers_saturate_and_do_not_wrap():
    assert ours.convolve2d(np.array([[200, 200]], np.uint8), np.array([[1, 1]], np.uint8)).tolist() == [[200, 255, 200]]
    assert peer.convolve2d(np.array([[200, 200]], np.uint8), np.array([[1, 1]], np.uint8)).tolist() == [[200, 144, 200]]
    assert ours.correlate(np.array([2**62, 2**62]), np.array([1, 1])).tolist() == [2**62, 2**63 - 1, 2**62]


def test_not_a_number_stays_in_its_window(random):
    x = random.normal(size=1000)
    x[500] = np.nan
    w = np.ones(200)
    assert np.isnan(ours.convolve(x, w)).sum() == 200


@pytest.mark.parametrize("call", [
    lambda s: s.convolve2d([1, 2], [1, 2]),
    lambda s: s.convolve2d([[1, 2]], [[1, 2]], mode="middle"),
    lambda s: s.convolve2d([[1, 2]], [[1, 2]], boundary="mirror"),
    lambda s: s.convolve2d([[1]], [[1, 2]], fillvalue=[1, 2]),
    lambda s: s.convolve2d([[1]], [[1, 2]], fillvalue=1j),
    lambda s: s.convolve2d(np.ones((3, 5)), np.ones((5, 3)), mode="valid"),
    lambda s: s.convolve([1], [[1]]),
    lambda s: s.convolve([1], [1], method="quick"),
    lambda s: s.fftconvolve([1.0], [1.0], axes=[]),
    lambda s: s.fftconvolve([1.0], [1.0], axes=[1]),
    lambda s: s.oaconvolve(np.ones((3, 4)), np.ones((2, 4)), axes=1),
])
def test_errors_are_the_peers(call):
    with pytest.raises(ValueError):
        call(peer)
    with pytest.raises(ValueError) as caught:
        call(ours)
    assert isinstance(caught.value, bs.Error)


def test_what_is_not_taken_is_named():
    with pytest.raises(bs.DTypeError, match="scipy.signal.convolve2d"):
        ours.convolve2d(np.ones((2, 2), object), [[1]])
