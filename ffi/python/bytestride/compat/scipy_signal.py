"""Convolutions with the names and arguments of `scipy.signal`.

::

    from bytestride.compat import scipy_signal as signal       # for: from scipy import signal

Results have SciPy's shapes and dtypes. Different, and meant to be:

- sums of integers are exact, and saturate where they pass the dtype of the result; SciPy's wrap around.
- NaN and infinities stay within the windows that hold them, unless ``method="fft"`` is asked for; SciPy's FFT spreads them
  over the whole result, and ``method="auto"`` may take it.
- object arrays, masked arrays and more than 8 dimensions are errors.

Examples
--------
>>> import numpy as np
>>> from bytestride.compat import scipy_signal as signal
>>> signal.convolve2d(np.arange(9).reshape(3, 3), [[1, 2], [3, 4]], mode="same", boundary="symm")
array([[ 0,  4, 14],
       [ 9, 13, 23],
       [39, 43, 53]])
"""
from __future__ import annotations

import operator

import numpy as np

from .. import _errors as errors
from ..arithmetic import add, subtract
from ..convolve import convolve as _library_convolve
from ..convolve import correlate as _library_correlate
from ._peers import as_array

__all__ = ["convolve", "convolve2d", "correlate", "correlate2d", "fftconvolve", "oaconvolve"]

MODES = ("full", "valid", "same")
BOUNDARIES = {"fill": "constant", "pad": "constant", "wrap": "wrap", "circular": "wrap", "symm": "reflect", "symmetric": "reflect"}
# From so many taps on, for floats, FFT tiles are quicker than sums.
FFT_TAPS = 121


def convolve2d(in1, in2, mode="full", boundary="fill", fillvalue=0):
    """The convolution of two matrices, as `scipy.signal.convolve2d`.

    Parameters
    ----------
    in1, in2 : array_like, 2-d
        Real or complex numbers.
    mode : {"full", "valid", "same"}, optional
        Every place with an overlap, with a whole one, or as many as `in1` has, from the middle.
    boundary : {"fill", "wrap", "symm"}, optional
        What lies outside of `in1`: `fillvalue`, its periodic continuation, its mirror image with the edge twice.
    fillvalue : scalar, optional
        For ``fill``.

    Returns
    -------
    numpy.ndarray
        ``numpy.result_type(in1, in2)``; whole numbers saturate. See the module for what differs from SciPy.

    Raises
    ------
    OptionError, ShapeError, DTypeError
        Where SciPy raises a ValueError they are one, too.

    Examples
    --------
    >>> from bytestride.compat.scipy_signal import convolve2d
    >>> convolve2d([[1, 2], [3, 4]], [[1, 1]])
    array([[1, 3, 2],
           [3, 7, 4]])
    """
    x, w = _matrices(in1, in2, "convolve2d")
    if _swapped(x, w, mode):
        x, w = w, x
    return _convolved(x, w, mode, (0, 1), _boundary(boundary), _fill(fillvalue, np.result_type(x, w)))


def correlate2d(in1, in2, mode="full", boundary="fill", fillvalue=0):
    """The correlation of two matrices, as `scipy.signal.correlate2d`; the parameters are those of `convolve2d`.

    A complex `in2` is conjugated.

    Examples
    --------
    >>> from bytestride.compat.scipy_signal import correlate2d
    >>> correlate2d([[1, 2], [3, 4]], [[1, 0]])
    array([[0, 1, 2],
           [0, 3, 4]])
    """
    x, w = _matrices(in1, in2, "correlate2d")
    swap = _swapped(x, w, mode)
    if swap:
        x, w = w, x
    fill = _fill(fillvalue, np.result_type(x, w))
    result = _convolved(x, w.conj() if w.dtype.kind == "c" else w, mode, (0, 1), _boundary(boundary), fill, correlating=True)
    return result[::-1, ::-1] if swap else result


def convolve(in1, in2, mode="full", method="auto"):
    """The convolution of two arrays of as many dimensions, as `scipy.signal.convolve`.

    Parameters
    ----------
    in1, in2 : array_like
        Real or complex numbers.
    mode : {"full", "valid", "same"}, optional
        As in `convolve2d`.
    method : {"auto", "direct", "fft"}, optional
        ``fft`` is for up to two dimensions longer than 1; more are summed directly. ``auto`` chooses, and whole numbers are always
        exact under it.

    Returns
    -------
    numpy.ndarray
        As of `convolve2d`.

    Examples
    --------
    >>> from bytestride.compat.scipy_signal import convolve
    >>> convolve([3, 4, 5, 6, 5, 4], [1, 2, 3])
    array([ 3, 10, 22, 28, 32, 32, 23, 12])
    """
    x, w = _arrays(in1, in2, "convolve", "volume and kernel should have the same dimensionality")
    if not x.ndim:
        return x * w
    if _swapped(x, w, mode):
        x, w = w, x
    return _by_method(x, w, mode, method)


def correlate(in1, in2, mode="full", method="auto"):
    """The correlation of two arrays of as many dimensions, as `scipy.signal.correlate`; the parameters are those of `convolve`.

    A complex `in2` is conjugated.

    Examples
    --------
    >>> from bytestride.compat.scipy_signal import correlate
    >>> correlate([1, 2, 3], [0, 1, 2])
    array([2, 5, 8, 3, 0])
    """
    x, w = _arrays(in1, in2, "correlate", "in1 and in2 should have the same dimensionality")
    if not x.ndim:
        return x * np.conj(w)
    _region(mode)
    if _swapped(x, w, mode):
        result = _by_method(w, _reversed(x), mode, method)
        return np.conj(result[(slice(None, None, -1),) * x.ndim])
    return _by_method(x, _reversed(w), mode, method)


def fftconvolve(in1, in2, mode="full", axes=None):
    """The convolution of two arrays, as `scipy.signal.fftconvolve`.

    Parameters
    ----------
    in1, in2, mode
        As in `convolve`.
    axes : int or sequence of int, optional
        The axes to convolve along; the others are broadcast. None: all.

    Returns
    -------
    numpy.ndarray
        Floating point numbers, float32 for inputs of it, else float64, or complex ones. By FFT tiles along up to two axes,
        with the error bound of `bytestride.convolve`; along more by sums.

    Examples
    --------
    >>> import numpy as np
    >>> from bytestride.compat.scipy_signal import fftconvolve
    >>> fftconvolve(np.ones((2, 3)), np.ones((2, 2)), axes=1)
    array([[1., 2., 2., 1.],
           [1., 2., 2., 1.]])
    """
    x, w = _arrays(in1, in2, "fftconvolve", "in1 and in2 should have the same dimensionality")
    if not x.ndim:
        return x * w
    if not x.size or not w.size:
        return np.array([])
    _region(mode)
    given, axes = axes, _axes(axes, x.ndim)
    if given is not None and not axes:
        raise errors.option_error("when provided, axes cannot be empty")
    axes = sorted(axis for axis in axes if x.shape[axis] != 1 and w.shape[axis] != 1)
    if any(n != m and 1 not in (n, m) for axis, (n, m) in enumerate(zip(x.shape, w.shape)) if axis not in axes):
        raise errors.shape_error(f"incompatible shapes for in1 and in2: {x.shape} and {w.shape}")
    if _swapped(x, w, mode, axes):
        x, w = w, x
    shape = x.shape
    if not axes:
        return _middle(x * w, shape, mode)
    x, w = _inexact(x), _inexact(w)
    x = np.broadcast_to(x, [n if axis in axes else max(n, m) for axis, (n, m) in enumerate(zip(x.shape, w.shape))])
    batch = [axis for axis in range(x.ndim) if axis not in axes and w.shape[axis] != 1]
    if not batch:
        return _middle(_convolved(x, w, mode, axes, method=_fft(axes)), shape, mode)
    # A kernel of its own for each place along the other axes.
    x, w = np.moveaxis(x, batch, range(len(batch))), np.moveaxis(w, batch, range(len(batch)))
    rest = [axis for axis in range(x.ndim) if axis not in batch]
    axes = [rest.index(axis) for axis in axes]
    parts = [_convolved(x[index], w[index], mode, axes, method=_fft(axes)) for index in np.ndindex(x.shape[:len(batch)])]
    result = np.stack(parts).reshape(*x.shape[:len(batch)], *parts[0].shape)
    return _middle(np.moveaxis(result, range(len(batch)), batch), shape, mode)


def oaconvolve(in1, in2, mode="full", axes=None):
    """The convolution of two arrays, as `scipy.signal.oaconvolve`; the same as `fftconvolve`, which works in tiles, too.

    Examples
    --------
    >>> import numpy as np
    >>> from bytestride.compat.scipy_signal import oaconvolve
    >>> oaconvolve(np.arange(4.0), np.ones(2))
    array([0., 1., 3., 5., 3.])
    """
    return fftconvolve(in1, in2, mode, axes)


def _middle(result, shape, mode):
    """Under ``same`` SciPy cuts broadcast axes, too."""
    if mode != "same":
        return result
    return result[tuple(slice((n - m) // 2, (n - m) // 2 + m) for n, m in zip(result.shape, shape))]


def _matrices(in1, in2, name):
    x, w = (as_array(value, argument, f"scipy.signal.{name}") for value, argument in ((in1, "in1"), (in2, "in2")))
    if not x.ndim == w.ndim == 2:
        raise errors.shape_error(f"{name} inputs must both be 2-D arrays")
    return x, w


def _arrays(in1, in2, name, message):
    x, w = (as_array(value, argument, f"scipy.signal.{name}") for value, argument in ((in1, "in1"), (in2, "in2")))
    if x.ndim != w.ndim:
        raise errors.shape_error(message)
    return x, w


def _region(mode):
    if mode not in MODES:
        raise errors.option_error("mode: acceptable mode flags are 'valid', 'same', or 'full'")
    return mode


def _boundary(boundary):
    if boundary not in BOUNDARIES:
        raise errors.option_error("Acceptable boundary flags are 'fill', 'circular' (or 'wrap'), and 'symmetric' (or 'symm').")
    return BOUNDARIES[boundary]


def _fill(value, dtype):
    value = np.asarray(value)
    if value.size != 1:
        raise errors.option_error("`fillvalue` must be scalar or an array with one element")
    if value.dtype.kind == "c" and dtype.kind != "c" or value.dtype.kind not in "biufc":
        raise errors.option_error("could not cast `fillvalue` directly to the output type (it was first converted to complex).")
    return value.reshape(())[()]


def _axes(axes, ndim):
    if axes is None:
        return list(range(ndim))
    try:
        axes = [operator.index(axes)] if np.isscalar(axes) else [operator.index(axis) for axis in axes]
    except TypeError:
        raise errors.option_error("axes must be a scalar or iterable of integers") from None
    if any(not -ndim <= axis < ndim for axis in axes):
        raise errors.index_error("axes exceeds dimensionality of input")
    axes = [axis % ndim for axis in axes]
    if len(set(axes)) < len(axes):
        raise errors.option_error("all axes must be unique")
    return axes


def _swapped(x, w, mode, axes=None):
    """Whether ``valid`` takes the second array as the larger one."""
    if _region(mode) != "valid":
        return False
    pairs = [(x.shape[axis], w.shape[axis]) for axis in (range(x.ndim) if axes is None else axes)]
    if all(n >= m for n, m in pairs):
        return False
    if all(n <= m for n, m in pairs):
        return True
    raise errors.shape_error("For 'valid' mode, one must be at least as large as the other in every dimension")


def _reversed(w):
    w = w[(slice(None, None, -1),) * w.ndim]
    return w.conj() if w.dtype.kind == "c" else w


def _inexact(x):
    return x if x.dtype.kind in "fc" else x.astype(np.float64)


def _fft(axes):
    return "fft" if len(axes) <= 2 else "auto"


def _by_method(x, w, mode, method):
    dtype = np.result_type(x, w)
    long = [axis for axis in range(x.ndim) if x.shape[axis] > 1 and w.shape[axis] > 1]
    if mode == "full" and w.size > x.size:
        x, w = w, x
    if method == "auto":
        method = "fft" if dtype.kind in "fc" and w.size >= FFT_TAPS and 0 < len(long) <= 2 and _finite(x, w) else "direct"
    elif method not in ("direct", "fft"):
        raise errors.option_error("Acceptable method flags are 'auto', 'direct', or 'fft'.")
    if method == "direct":
        return _convolved(x, w, mode, range(x.ndim))
    result = fftconvolve(x, w, mode)
    return np.rint(result).astype(dtype) if dtype.kind in "iu" else result.astype(dtype, copy=False)


def _finite(x, w):
    return bool(np.isfinite(x).all() and np.isfinite(w).all())


def _convolved(x, w, mode, axes, boundary="constant", fill=0, method="auto", correlating=False):
    """The convolution, or the correlation, along `axes`; the others are of length 1 in `w`."""
    dtype = np.result_type(x, w)
    axes = list(axes)
    if not x.size or not w.size:
        raise errors.shape_error(f"no input may be empty; the shapes are {x.shape} and {w.shape}")
    w = w.reshape([w.shape[axis] for axis in axes])
    options = dict(region=mode, axes=axes, boundary=boundary, method=method)
    if correlating and mode == "same":  # SciPy's correlate2d has its middle at (n - 1) // 2, the library at n // 2
        options["origin"] = [n % 2 - 1 for n in w.shape]
    function = _library_correlate if correlating else _library_convolve
    if x.dtype.kind != "c" and w.dtype.kind != "c" and not np.iscomplexobj(fill):
        return _real(function, x, w, fill, dtype, options)
    if x.dtype.kind != "c" and np.iscomplexobj(fill):
        x = x.astype(dtype)
    real = np.dtype(dtype.type(0).real.dtype)
    parts = {}
    for name, array, outside in (("r", x.real, np.real(fill)), ("i", x.imag if x.dtype.kind == "c" else None, np.imag(fill))):
        for other, kernel in (("r", w.real), ("i", w.imag if w.dtype.kind == "c" else None)):
            if array is not None and kernel is not None:
                parts[name + other] = _real(function, array, kernel, outside, real, options)
    result = np.zeros(parts["rr"].shape, dtype)
    result.real = subtract(parts["rr"], parts["ii"]) if "ii" in parts else parts["rr"]
    if "ri" in parts and "ir" in parts:
        add(parts["ri"], parts["ir"], out=result.imag)
    else:
        result.imag = parts.get("ri", parts.get("ir"))
    return result


def _real(function, x, w, fill, dtype, options):
    if x.dtype != dtype and fill:
        x = x.astype(dtype)  # what lies outside is a number of the result's dtype
    if fill:
        fill = x.dtype.type(fill).item()
    return function(x, w, fill=fill, dtype=dtype, **options)
