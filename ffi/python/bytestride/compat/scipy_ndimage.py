"""Linear filters with the names and arguments of `scipy.ndimage`.

::

    from bytestride.compat import scipy_ndimage as ndimage      # for: from scipy import ndimage

Results have SciPy's shapes and dtypes; sums are formed in float64, as there. Different, and meant to be:

- whole numbers in an integer `output` come from one exact or float64 sum: between the passes of `gaussian_filter`,
  `uniform_filter`, `sobel` and the like nothing is cut off, a sum that is a whole number but for float64's rounding is that
  number, and what passes the dtype's range saturates. SciPy stores every pass in the output's dtype: cut off, and wrapped around.
  As in SciPy a fraction is cut off in the end, once. The same holds for a float32 `output`: rounded once.
- `uniform_filter` has no running sum, so NaN and infinities stay within their windows.
- `correlate` and `convolve` multiply by every weight: 0 times NaN is NaN, and weights below 2.2e-16 count. SciPy leaves both out.
- 64-bit integers are not rounded to float64 where the weights are whole numbers; float16 is taken as well.
- object arrays, masked arrays, more than 8 dimensions are errors.

Examples
--------
>>> import numpy as np
>>> from bytestride.compat import scipy_ndimage as ndimage
>>> ndimage.uniform_filter1d([2, 8, 0, 4, 1, 9, 9, 0], size=3)
array([4, 3, 4, 1, 4, 6, 6, 3])
>>> image = np.zeros((3, 4), np.uint8)
>>> image[:, 2:] = 200
>>> ndimage.sobel(image, axis=1)                 # 4 * 200 does not fit, and does not wrap around
array([[  0, 255, 255,   0],
       [  0, 255, 255,   0],
       [  0, 255, 255,   0]], dtype=uint8)
"""
from __future__ import annotations

import operator

import numpy as np

from .. import _errors as errors
from ..arithmetic import divide
from . import _ndimage as base
from ._peers import runtime_error
from ._truncate import MOST_ROUNDING, blocks, truncate

__all__ = [
    "convolve", "convolve1d", "correlate", "correlate1d", "gaussian_filter", "gaussian_filter1d", "gaussian_gradient_magnitude",
    "gaussian_laplace", "generic_gradient_magnitude", "generic_laplace", "laplace", "prewitt", "sobel", "uniform_filter",
    "uniform_filter1d",
]


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


def prewitt(input, axis=-1, output=None, mode="reflect", cval=0.0):
    """The Prewitt filter, as `scipy.ndimage.prewitt`; the parameters are those of `sobel`.

    Examples
    --------
    >>> from bytestride.compat.scipy_ndimage import prewitt
    >>> prewitt([[0, 0, 5], [0, 5, 5], [5, 5, 5]])
    array([[ 5, 15, 10],
           [ 5, 10,  5],
           [ 5,  5,  0]])
    """
    return _edges(input, axis, output, mode, cval, [1, 1, 1])


def sobel(input, axis=-1, output=None, mode="reflect", cval=0.0):
    """The Sobel filter, as `scipy.ndimage.sobel`: differences along one axis, smoothed along all others.

    Parameters
    ----------
    input, axis, output, cval
        As in `correlate1d`.
    mode : str or sequence of str, optional
        As in `correlate1d`, one for all axes or one for each.

    Returns
    -------
    numpy.ndarray
        In the shape of `input`; whole numbers are exact, and saturate. See the module for what differs from SciPy.

    Examples
    --------
    >>> from bytestride.compat.scipy_ndimage import sobel
    >>> sobel([[0, 0, 5], [0, 5, 5], [5, 5, 5]])
    array([[ 5, 20, 15],
           [10, 15,  5],
           [ 5,  5,  0]])
    """
    return _edges(input, axis, output, mode, cval, [1, 2, 1])


def _edges(input, axis, output, mode, cval, smooth):
    x = base.as_input(input)
    axis = base.axis_of(axis, x.ndim)
    out = base.result_array(output, x, x.dtype.kind == "c")
    modes = base.per_axis(mode, x.ndim)
    passes = [(axis, np.array([-1, 0, 1]), modes[axis], 0)]
    passes += [(other, np.array(smooth), modes[other], 0) for other in range(x.ndim) if other != axis]
    return base.parts(lambda x, out, cval: base.filter_axes(x, out, passes, cval), x, out, cval)


def _sum_over_axes(terms, x, out, squares=False):
    """Adds terms, functions that fill an array, or takes the root of the sum of their squares.

    As in SciPy a term is stored in the dtype of `out`, in an integer one as a whole number; but it does not saturate.
    """
    integers = out.dtype.kind in "biu"
    dtype = np.dtype(np.float64) if integers else out.dtype.newbyteorder("=")
    in_place = out.dtype == dtype and out.dtype.isnative and not np.may_share_memory(x, out)
    parts = [out if number == 0 and in_place else np.empty(x.shape, dtype) for number in range(len(terms))]
    for part, fill in zip(parts, terms):
        fill(part)
    for rows in blocks(x.shape):
        total = parts[0][rows]
        for part in parts:
            term = part[rows]
            if integers:
                truncate(term, MOST_ROUNDING)
            if squares:
                np.multiply(term, term, out=term)
            if part is not parts[0]:
                np.add(total, term, out=total)
        if squares:
            np.sqrt(total, out=total)
    if parts[0] is not out:
        base.assign(parts[0], out, MOST_ROUNDING)
    return out


def laplace(input, output=None, mode="reflect", cval=0.0, *, axes=None):
    """The sum of second differences along all axes, as `scipy.ndimage.laplace`.

    Parameters
    ----------
    input, output, cval
        As in `correlate1d`.
    mode : str or sequence of str, optional
        As in `correlate1d`, one for all axes or one for each.
    axes : tuple of int, optional
        The axes to filter along. None: all.

    Returns
    -------
    numpy.ndarray
        In the shape of `input`; whole numbers saturate. See the module for what differs from SciPy.

    Examples
    --------
    >>> from bytestride.compat.scipy_ndimage import laplace
    >>> laplace([[0, 0, 0], [0, 4, 0], [0, 0, 0]])
    array([[  0,   4,   0],
           [  4, -16,   4],
           [  0,   4,   0]])
    """
    x = base.as_input(input)
    out = base.result_array(output, x, x.dtype.kind == "c")
    axes = base.axes_of(axes, x.ndim)
    if not axes:
        out[...] = x
        return out
    modes = base.per_axis(mode, len(axes))
    if x.dtype.kind in "biu" and len(set(modes)) == 1:
        # One exact sum. Not for floats: 0 in the corners of the kernel times NaN is NaN.
        kernel = np.zeros((3,) * len(axes), np.int64)
        for place in range(len(axes)):
            ends = [1] * len(axes)
            ends[place] = slice(None, None, 2)
            kernel[tuple(ends)] = 1
        kernel[(1,) * len(axes)] = -2 * len(axes)
        return correlate(x, kernel, out, modes[0], cval, axes=axes)
    weights = np.array([1, -2, 1])
    terms = [lambda target, axis=axis, mode=mode: correlate1d(x, weights, axis, target, mode, cval)
             for axis, mode in zip(axes, modes)]
    return _sum_over_axes(terms, x, out)


def gaussian_laplace(input, sigma, output=None, mode="reflect", cval=0.0, *, axes=None, **kwargs):
    """The sum of second derivatives of a Gaussian, as `scipy.ndimage.gaussian_laplace`.

    Parameters
    ----------
    input, output, mode, cval, axes
        As in `laplace`.
    sigma : scalar or sequence of scalars
        The standard deviation, one for all axes or one for each.
    **kwargs
        `truncate` and `radius` of `gaussian_filter`.

    Returns
    -------
    numpy.ndarray
        In the shape of `input`; the sum is formed in float64. See the module for what differs from SciPy.

    Examples
    --------
    >>> import numpy as np
    >>> from bytestride.compat.scipy_ndimage import gaussian_laplace
    >>> image = np.zeros((5, 5))
    >>> image[2, 2] = 1
    >>> np.round(gaussian_laplace(image, 1)[2], 3)
    array([ 0.055, -0.096, -0.318, -0.096,  0.055])
    """
    return _over_gaussians(input, sigma, 2, output, mode, cval, axes, kwargs, squares=False)


def gaussian_gradient_magnitude(input, sigma, output=None, mode="reflect", cval=0.0, *, axes=None, **kwargs):
    """The length of the gradient of Gaussians, as `scipy.ndimage.gaussian_gradient_magnitude`.

    The parameters are those of `gaussian_laplace`.

    Examples
    --------
    >>> import numpy as np
    >>> from bytestride.compat.scipy_ndimage import gaussian_gradient_magnitude
    >>> ramp = np.add.outer(3.0 * np.arange(99), 4.0 * np.arange(99))
    >>> round(float(gaussian_gradient_magnitude(ramp, 5)[50, 50]), 3)
    4.996
    """
    return _over_gaussians(input, sigma, 1, output, mode, cval, axes, kwargs, squares=True)


def _over_gaussians(input, sigma, order, output, mode, cval, axes, kwargs, squares):
    x = base.as_input(input)
    out = base.result_array(output, x, x.dtype.kind == "c")
    axes = base.axes_of(axes, x.ndim)
    if not axes:
        out[...] = x
        return out
    unknown = set(kwargs) - {"truncate", "radius"}
    if unknown:
        raise TypeError(f"unexpected keyword argument {sorted(unknown)[0]!r}")
    if squares or len(axes) == x.ndim:  # SciPy smooths along all axes, and takes `sigma` in their order
        sigmas = base.per_axis(sigma, x.ndim)
    else:
        sigmas = [0.0] * x.ndim
        for axis, value in zip(axes, base.per_axis(sigma, len(axes))):
            sigmas[axis] = value
    terms = []
    for axis, mode in zip(axes, base.per_axis(mode, len(axes))):
        orders = [0] * x.ndim
        orders[axis] = order
        terms.append(lambda target, orders=orders, mode=mode: _gaussian(
            x, sigmas, orders, target, mode, cval, kwargs.get("truncate", 4.0), kwargs.get("radius"), None))
    return _sum_over_axes(terms, x, out, squares)


def generic_laplace(input, derivative2, output=None, mode="reflect", cval=0.0, extra_arguments=(), extra_keywords=None, *,
                    axes=None):
    """The sum of what `derivative2` gives along all axes, as `scipy.ndimage.generic_laplace`.

    Parameters
    ----------
    input, output, mode, cval, axes
        As in `laplace`.
    derivative2 : callable
        Called as ``derivative2(input, axis, output, mode, cval, *extra_arguments, **extra_keywords)``.

    Returns
    -------
    numpy.ndarray
        In the shape of `input`.

    Examples
    --------
    >>> from bytestride.compat.scipy_ndimage import correlate1d, generic_laplace
    >>> def second(input, axis, output, mode, cval):
    ...     return correlate1d(input, [1, -2, 1], axis, output, mode, cval, 0)
    >>> generic_laplace([[0, 0, 0], [0, 4, 0], [0, 0, 0]], second)
    array([[  0,   4,   0],
           [  4, -16,   4],
           [  0,   4,   0]])
    """
    return _generic(input, derivative2, output, mode, cval, extra_arguments, extra_keywords, axes, lambda term: term, None)


def generic_gradient_magnitude(input, derivative, output=None, mode="reflect", cval=0.0, extra_arguments=(),
                               extra_keywords=None, *, axes=None):
    """The root of the sum of squares of what `derivative` gives, as `scipy.ndimage.generic_gradient_magnitude`.

    The parameters are those of `generic_laplace`.

    Examples
    --------
    >>> import numpy as np
    >>> from bytestride.compat.scipy_ndimage import generic_gradient_magnitude, sobel
    >>> float(generic_gradient_magnitude(np.add.outer(3.0 * np.arange(5), 4.0 * np.arange(5)), sobel)[2, 2])
    40.0
    """
    return _generic(input, derivative, output, mode, cval, extra_arguments, extra_keywords, axes, np.square, np.sqrt)


def _generic(input, function, output, mode, cval, arguments, keywords, axes, term, finish):
    x = base.as_input(input)
    out = base.result_array(output, x, x.dtype.kind == "c")
    axes = base.axes_of(axes, x.ndim)
    if not axes:
        out[...] = x
        return out
    # The callable stores in the output's dtype, as with SciPy; the terms meet in it, too.
    total = None
    for axis, mode in zip(axes, base.per_axis(mode, len(axes))):
        part = np.empty(x.shape, out.dtype)
        result = function(x, axis, part, mode, cval, *arguments, **(keywords or {}))
        part = term(part if result is None else result)
        total = part if total is None else np.add(total, part)
    if finish is not None:
        total = finish(total)
    out[...] = total
    return out


def uniform_filter1d(input, size, axis=-1, output=None, mode="reflect", cval=0.0, origin=0):
    """The mean over a window along one axis, as `scipy.ndimage.uniform_filter1d`.

    Parameters
    ----------
    input, axis, output, mode, cval
        As in `correlate1d`.
    size : int
        The length of the window.
    origin : int, optional
        Shifts the window; -(size // 2) <= origin <= (size - 1) // 2.

    Returns
    -------
    numpy.ndarray
        In the shape of `input`. Of whole numbers the exact mean, its fraction cut off in an integer `output`.
        See the module for what differs from SciPy.

    Examples
    --------
    >>> from bytestride.compat.scipy_ndimage import uniform_filter1d
    >>> uniform_filter1d([2, 8, 0, 4, 1, 9, 9, 0], size=3)
    array([4, 3, 4, 1, 4, 6, 6, 3])
    """
    x = base.as_input(input)
    axis = base.axis_of(axis, x.ndim)
    out = base.result_array(output, x, x.dtype.kind == "c")
    return _uniform(x, [(axis, _window(size, origin), mode, operator.index(origin))], out, cval)


def uniform_filter(input, size=3, output=None, mode="reflect", cval=0.0, origin=0, *, axes=None):
    """The mean over a window, as `scipy.ndimage.uniform_filter`.

    Parameters
    ----------
    input, output, cval
        As in `correlate1d`.
    size, mode, origin : scalar or sequence, optional
        As in `uniform_filter1d`, one for all axes or one for each. Axes of `size` 1 are left alone.
    axes : tuple of int, optional
        The axes to filter along. None: all.

    Returns
    -------
    numpy.ndarray
        As of `uniform_filter1d`.

    Notes
    -----
    O(elements * size) per axis, where SciPy's running sum is O(elements): faster up to sizes of about 50 to 100, slower beyond.

    Examples
    --------
    >>> import numpy as np
    >>> from bytestride.compat.scipy_ndimage import uniform_filter
    >>> uniform_filter(np.eye(3, dtype=int) * 90)
    array([[50, 30, 10],
           [30, 30, 30],
           [10, 30, 50]])
    """
    x = base.as_input(input)
    out = base.result_array(output, x, x.dtype.kind == "c")
    axes = base.axes_of(axes, x.ndim)
    count = len(axes)
    settings = zip(axes, base.per_axis(size, count), base.per_axis(mode, count), base.per_axis(origin, count))
    passes = [(axis, _window(int(size), origin), mode, operator.index(origin)) for axis, size, mode, origin in settings if size > 1]
    if not passes:
        out[...] = x
        return out
    return _uniform(x, passes, out, cval)


def _window(size, origin):
    size = operator.index(size)
    if size < 1:
        raise runtime_error("incorrect filter size")
    if not 0 <= size // 2 + origin < size:
        raise errors.option_error("invalid origin")
    return np.ones(size, np.int64)


def _uniform(x, passes, out, cval):
    total = 1
    for _, window, _, _ in passes:
        total *= len(window)
    if x.dtype.kind in "biu" and (len(passes) == 1 or not cval):
        # The exact sum, then one division: 1 / size is no floating point number. But `cval` lies outside of the first pass's means.
        sums = np.empty(x.shape)
        base.parts(lambda x, out, cval: base.filter_axes(x, out, passes, cval), x, sums, cval)
        divide(sums, total, out=sums)
        base.assign(sums, out)
        return out
    passes = [(axis, window / len(window), mode, origin) for axis, window, mode, origin in passes]
    return base.parts(lambda x, out, cval: base.filter_axes(x, out, passes, cval), x, out, cval)
