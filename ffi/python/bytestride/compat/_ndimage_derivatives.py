"""Filters that differentiate; the surface is scipy_ndimage.py."""
from __future__ import annotations

import numpy as np

from . import _ndimage as base
from ._ndimage_correlate import _gaussian, correlate, correlate1d
from ._truncate import MOST_ROUNDING, blocks, truncate


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
