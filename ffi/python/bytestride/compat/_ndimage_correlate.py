"""Sums with given weights and with Gaussian ones; the surface is scipy_ndimage.py."""
from __future__ import annotations

import operator

import numpy as np

from .. import _errors as errors
from . import _ndimage as base
from ._peers import runtime_error


def correlate1d(input, weights, axis=-1, output=None, mode="reflect", cval=0.0, origin=0):
    """Correlation along one axis, as `scipy.ndimage.correlate1d`.

    Parameters
    ----------
    input : array_like
        Real or complex numbers.
    weights : array_like, shape (n,)
        Conjugated where they are complex.
    axis : int, optional
        The axis to filter along.
    output : array or dtype, optional
        Where the result goes, or its dtype; that of `input` by default. It may be `input` itself.
    mode : {"reflect", "constant", "nearest", "mirror", "wrap", "grid-mirror", "grid-constant", "grid-wrap"}, optional
        What lies outside.
    cval : scalar, optional
        The value outside for ``constant``.
    origin : int, optional
        Shifts the filter; -(n // 2) <= origin <= (n - 1) // 2.

    Returns
    -------
    numpy.ndarray
        In the shape of `input`. See the module for what differs from SciPy.

    Raises
    ------
    OptionError, ShapeError, DTypeError
        Where SciPy raises a ValueError or RuntimeError they are one, too.

    Examples
    --------
    >>> from bytestride.compat.scipy_ndimage import correlate1d
    >>> correlate1d([2, 8, 0, 4, 1, 9, 9, 0], weights=[1, 3])
    array([ 8, 26,  8, 12,  7, 28, 36,  9])
    """
    x, w = base.as_input(input), base.as_weights(weights)
    if w.dtype.kind == "c":
        w = w.conj()
    return _along(x, w, axis, output, mode, cval, origin)


def _along(x, w, axis, output, mode, cval, origin):
    """The correlation along one axis; complex weights are taken as they are."""
    out = base.result_array(output, x, x.dtype.kind == "c" or w.dtype.kind == "c")
    if w.ndim != 1 or not len(w):
        raise runtime_error("no filter weights given")
    axis, origin = base.axis_of(axis, x.ndim), operator.index(origin)
    _check_origin(origin, len(w), "len(weights)", "origin")
    boundary = base.boundary_of(mode)
    return base.filter_complex(
        lambda x, w, out, cval: base.store(x, w, [axis], [origin], boundary, cval, out), x, w, out, cval)


def convolve1d(input, weights, axis=-1, output=None, mode="reflect", cval=0.0, origin=0):
    """Convolution along one axis, as `scipy.ndimage.convolve1d`; the parameters are those of `correlate1d`.

    Examples
    --------
    >>> from bytestride.compat.scipy_ndimage import convolve1d
    >>> convolve1d([2, 8, 0, 4, 1, 9, 9, 0], weights=[1, 3])
    array([14, 24,  4, 13, 12, 36, 27,  0])
    """
    x, w = base.as_input(input), base.as_weights(weights)
    if w.ndim != 1 or not len(w):
        raise runtime_error("no filter weights given")
    origin = -operator.index(origin) - (1 - len(w) % 2)
    return _along(x, w[::-1], axis, output, mode, cval, origin)


def _check_origin(origin, n, length, name):
    if not -(n // 2) <= origin <= (n - 1) // 2:
        raise errors.option_error(f"Invalid origin; origin must satisfy -({length} // 2) <= {name} <= ({length}-1) // 2")


def correlate(input, weights, output=None, mode="reflect", cval=0.0, origin=0, *, axes=None):
    """Correlation with a kernel, as `scipy.ndimage.correlate`.

    Parameters
    ----------
    input, output, mode, cval
        As in `correlate1d`; one mode for all axes.
    weights : array_like
        One dimension for each axis; conjugated where they are complex.
    origin : int or sequence of int, optional
        Shifts the filter, one number for all axes or one for each.
    axes : tuple of int, optional
        The axes to filter along, in the order of `origin`; `weights` has them in the order of `input`. None: all.

    Returns
    -------
    numpy.ndarray
        In the shape of `input`. See the module for what differs from SciPy.

    Examples
    --------
    >>> import numpy as np
    >>> from bytestride.compat import scipy_ndimage as ndimage
    >>> ndimage.correlate(np.arange(25).reshape(5, 5), np.ones((3, 3)) / 9)
    array([[ 2,  2,  3,  4,  5],
           [ 5,  6,  7,  8,  8],
           [10, 11, 12, 13, 13],
           [15, 16, 17, 18, 18],
           [18, 19, 20, 21, 22]])
    """
    return _with_kernel(input, weights, output, mode, cval, origin, axes, flip=False)


def convolve(input, weights, output=None, mode="reflect", cval=0.0, origin=0, *, axes=None):
    """Convolution with a kernel, as `scipy.ndimage.convolve`; the parameters are those of `correlate`.

    Examples
    --------
    >>> import numpy as np
    >>> from bytestride.compat import scipy_ndimage as ndimage
    >>> a = np.array([[1, 2, 0, 0], [5, 3, 0, 4], [0, 0, 0, 7], [9, 3, 0, 0]])
    >>> ndimage.convolve(a, np.array([[1, 1, 1], [1, 1, 0], [1, 0, 0]]), mode="constant", cval=0.0)
    array([[11, 10,  7,  4],
           [10,  3, 11, 11],
           [15, 12, 14,  7],
           [12,  3,  7,  0]])
    """
    return _with_kernel(input, weights, output, mode, cval, origin, axes, flip=True)


def _with_kernel(input, weights, output, mode, cval, origin, axes, flip):
    x, w = base.as_input(input), base.as_weights(weights)
    if w.dtype.kind == "c" and not flip:
        w = w.conj()
    axes = base.axes_of(axes, x.ndim)
    origins = base.per_axis(origin, len(axes))
    if len(axes) < x.ndim:  # with all axes SciPy takes the origins in the order of the input's axes, whatever `axes` says
        origins = [origin for _, origin in sorted(zip(axes, origins))]
        axes = sorted(axes)
    else:
        axes = list(range(x.ndim))
    origins = [operator.index(origin) for origin in origins]
    if w.ndim != len(axes):
        raise runtime_error(f"weights.ndim ({w.ndim}) must match len(axes) ({len(axes)})")
    if not w.size:
        raise runtime_error("no filter weights given")
    if flip:
        w = w[(slice(None, None, -1),) * w.ndim]
        origins = [-origin - (1 - n % 2) for origin, n in zip(origins, w.shape)]
    for origin, n in zip(origins, w.shape):
        _check_origin(origin, n, "weights.shape[k]", "origin[k]")
    out = base.result_array(output, x, x.dtype.kind == "c" or w.dtype.kind == "c")
    boundary = base.boundary_of(mode)
    if not axes:
        w, axes, origins = w.reshape(1), [0], [0]
        base.filter_complex(lambda x, w, out, cval: base.store(x.reshape(1), w, axes, origins, boundary, cval, out.reshape(1)),
                            x, w, out, cval)
        return out
    return base.filter_complex(
        lambda x, w, out, cval: base.store(x, w, axes, origins, boundary, cval, out), x, w, out, cval)


def gaussian_filter1d(input, sigma, axis=-1, order=0, output=None, mode="reflect", cval=0.0, truncate=4.0, *, radius=None):
    """A Gaussian, or a derivative of one, along one axis, as `scipy.ndimage.gaussian_filter1d`.

    Parameters
    ----------
    input, axis, output, mode, cval
        As in `correlate1d`.
    sigma : scalar
        The standard deviation, in elements.
    order : int, optional
        0 is the Gaussian, n its n-th derivative.
    truncate : float, optional
        The filter ends at so many standard deviations.
    radius : int, optional
        The filter has 2 radius + 1 weights; then `truncate` is not looked at.

    Returns
    -------
    numpy.ndarray
        In the shape of `input`. See the module for what differs from SciPy.

    Examples
    --------
    >>> import numpy as np
    >>> from bytestride.compat.scipy_ndimage import gaussian_filter1d
    >>> np.round(gaussian_filter1d([1.0, 2.0, 3.0, 4.0, 5.0], 1), 8)
    array([1.42704095, 2.06782203, 3.        , 3.93217797, 4.57295905])
    """
    x = base.as_input(input)
    axis = base.axis_of(axis, x.ndim)
    weights = _gaussian_weights(sigma, order, truncate, radius)
    out = base.result_array(output, x, x.dtype.kind == "c")
    return base.parts(lambda x, out, cval: base.filter_axes(x, out, [(axis, weights, mode, 0)], cval), x, out, cval)


def _gaussian_weights(sigma, order, truncate, radius):
    """The weights of a correlation with the derivative of order `order` of a Gaussian."""
    sigma = float(sigma)
    if radius is None:
        radius = int(truncate * sigma + 0.5)
    try:
        radius = operator.index(radius)
    except TypeError:
        radius = -1
    if radius < 0:
        raise errors.option_error("Radius must be a nonnegative integer.")
    if order < 0:
        raise errors.option_error("order must be non-negative")
    x = np.arange(-radius, radius + 1)
    weights = np.exp(-0.5 / (sigma * sigma) * x**2)
    weights /= weights.sum()
    # The derivative of p(x) exp(-x^2 / (2 sigma^2)) has the polynomial p'(x) - x p(x) / sigma^2.
    polynomial = np.polynomial.Polynomial([1.0])
    slope = np.polynomial.Polynomial([0.0, -1.0 / (sigma * sigma)])
    for _ in range(order):
        polynomial = polynomial.deriv() + polynomial * slope
    return (weights * polynomial(x))[::-1] if order else weights


def gaussian_filter(input, sigma, order=0, output=None, mode="reflect", cval=0.0, truncate=4.0, *, radius=None, axes=None):
    """A Gaussian filter, as `scipy.ndimage.gaussian_filter`.

    Parameters
    ----------
    input, output, cval, truncate
        As in `gaussian_filter1d`.
    sigma, order, mode, radius : scalar or sequence, optional
        As in `gaussian_filter1d`, one for all axes or one for each. Axes of `sigma` 0 are left alone.
    axes : tuple of int, optional
        The axes to filter along. None: all.

    Returns
    -------
    numpy.ndarray
        In the shape of `input`. See the module for what differs from SciPy.

    Examples
    --------
    >>> import numpy as np
    >>> from bytestride.compat.scipy_ndimage import gaussian_filter
    >>> a = np.arange(50, step=2).reshape((5, 5))
    >>> gaussian_filter(a, sigma=1)      # the exact 5.12 in the corner; SciPy has 4, from 6.28 - cut off - along the first axis
    array([[ 5,  6,  8, 10, 11],
           [11, 12, 14, 16, 17],
           [20, 22, 24, 25, 27],
           [30, 31, 33, 35, 36],
           [36, 37, 39, 41, 42]])
    """
    x = base.as_input(input)
    out = base.result_array(output, x, x.dtype.kind == "c")
    return _gaussian(x, sigma, order, out, mode, cval, truncate, radius, axes)


def _gaussian(x, sigma, order, out, mode, cval, truncate, radius, axes):
    axes = base.axes_of(axes, x.ndim)
    count = len(axes)
    settings = zip(axes, base.per_axis(sigma, count), base.per_axis(order, count), base.per_axis(mode, count),
                   base.per_axis(radius, count))
    passes = [(axis, _gaussian_weights(sigma, order, truncate, radius), mode, 0)
              for axis, sigma, order, mode, radius in settings if sigma > 1e-15]
    if not passes:
        out[...] = x
        return out
    return base.parts(lambda x, out, cval: base.filter_axes(x, out, passes, cval), x, out, cval)
