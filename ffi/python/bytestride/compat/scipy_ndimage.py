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
- `correlate` and `convolve` continue a short axis as often as it takes. SciPy 1.17.1 reads other elements in mode ``reflect`` where
  the kernel has at least eight times the extent of an axis.
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
from ._ndimage_correlate import convolve, convolve1d, correlate, correlate1d, gaussian_filter, gaussian_filter1d
from ._ndimage_derivatives import (gaussian_gradient_magnitude, gaussian_laplace, generic_gradient_magnitude, generic_laplace, laplace,
                                   prewitt, sobel)
from ._peers import runtime_error

__all__ = [
    "convolve", "convolve1d", "correlate", "correlate1d", "gaussian_filter", "gaussian_filter1d", "gaussian_gradient_magnitude",
    "gaussian_laplace", "generic_gradient_magnitude", "generic_laplace", "laplace", "prewitt", "sobel", "uniform_filter",
    "uniform_filter1d",
]


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
