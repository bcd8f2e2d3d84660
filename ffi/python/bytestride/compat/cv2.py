"""Linear filters, transposes and arithmetic with the names and arguments of OpenCV's Python module.

::

    from bytestride.compat import cv2           # for: import cv2

Constants have OpenCV 5's numbers. Images are (rows, columns) or (rows, columns, channels). Different, and meant to be:

- a result is rounded once, half to even, and saturated. OpenCV rounds 8-bit Gaussian weights to 8 bits behind the point and some ties
  upwards, so `GaussianBlur` of uint8 may differ from it by 1.
- every pair of source dtype and ``ddepth`` is taken, every border (``BORDER_WRAP`` as well), and lists.
- float32 sums may differ in their last bits.
- ``BORDER_ISOLATED`` changes nothing: NumPy arrays have no surroundings to look at. ``BORDER_TRANSPARENT`` is an error.
- errors are `cv2.error`, which is `bytestride.Error`.

Examples
--------
>>> import numpy as np
>>> from bytestride.compat import cv2
>>> image = np.array([[0, 0, 90, 90]] * 3, np.uint8)
>>> cv2.blur(image, (3, 3))
array([[ 0, 30, 60, 90],
       [ 0, 30, 60, 90],
       [ 0, 30, 60, 90]], dtype=uint8)
>>> cv2.Sobel(image, cv2.CV_16S, 1, 0)
array([[  0, 360, 360,   0],
       [  0, 360, 360,   0],
       [  0, 360, 360,   0]], dtype=int16)
"""
from __future__ import annotations

import operator

import numpy as np

from .. import _errors as errors
from .. import arithmetic
from .._errors import Error as error
from ..convolve import correlate
from ..copy import cast
from ..copy import transpose as _transpose
from ._cv2_arithmetic import absdiff, add, divide, max, min, multiply, subtract  # noqa: A004 - OpenCV's names
from ._cv2_arrays import boundary, depth, filtered, image, origin_of, output, returned

__all__ = [
    "filter2D", "sepFilter2D", "GaussianBlur", "blur", "boxFilter", "Sobel", "Scharr", "Laplacian", "spatialGradient",
    "getGaussianKernel", "getDerivKernels", "transpose", "add", "subtract", "multiply", "divide", "absdiff", "min", "max", "error",
    "BORDER_CONSTANT", "BORDER_REPLICATE", "BORDER_REFLECT", "BORDER_WRAP", "BORDER_REFLECT_101", "BORDER_REFLECT101",
    "BORDER_DEFAULT", "BORDER_TRANSPARENT", "BORDER_ISOLATED", "FILTER_SCHARR", "CV_8U", "CV_8S", "CV_16U", "CV_16S", "CV_32S",
    "CV_32F", "CV_64F", "CV_16F", "CV_Bool", "CV_64U", "CV_64S", "CV_32U",
]

BORDER_CONSTANT, BORDER_REPLICATE, BORDER_REFLECT, BORDER_WRAP, BORDER_REFLECT_101, BORDER_TRANSPARENT = range(6)
BORDER_REFLECT101 = BORDER_DEFAULT = BORDER_REFLECT_101
BORDER_ISOLATED = 16
FILTER_SCHARR = -1
CV_8U, CV_8S, CV_16U, CV_16S, CV_32S, CV_32F, CV_64F, CV_16F = range(8)
CV_Bool, CV_64U, CV_64S, CV_32U = 9, 10, 11, 12

# The weights, times 256, that OpenCV takes for Gaussians of these lengths when no sigma is given.
SMALL_GAUSSIANS = {1: [256], 3: [64, 128, 64], 5: [16, 64, 96, 64, 16], 7: [8, 28, 56, 72, 56, 28, 8],
                   9: [4, 13, 30, 51, 60, 51, 30, 13, 4]}
LAPLACIANS = {1: [[0, 1, 0], [1, -4, 1], [0, 1, 0]], 3: [[2, 0, 2], [0, -8, 0], [2, 0, 2]]}
LONGEST_DERIVATIVE = 31


def filter2D(src, ddepth, kernel, dst=None, anchor=(-1, -1), delta=0, borderType=BORDER_DEFAULT):
    """The correlation of an image with a kernel, as `cv2.filter2D`.

    Parameters
    ----------
    src : array_like, shape (rows, columns) or (rows, columns, channels)
        Real numbers; channels are filtered apart.
    ddepth : int
        The depth of the result: -1 is that of `src`, else one of the constants `CV_8U` to `CV_32U`.
    kernel : array_like, shape (k, l) or (k,)
        Real numbers; one dimension is a column.
    dst : numpy.ndarray, optional
        Written and returned where its shape and dtype are those of the result; it may be `src`.
    anchor : (int, int), optional
        The place (x, y) of the kernel that lies on the pixel; -1 is the middle.
    delta : float, optional
        Added before the result is rounded.
    borderType : int, optional
        What lies outside: one of the constants `BORDER_CONSTANT` to `BORDER_ISOLATED`.

    Returns
    -------
    numpy.ndarray
        In the shape of `src`. See the module for what differs from OpenCV.

    Raises
    ------
    ShapeError, OptionError, DTypeError
        All are `cv2.error`.

    Examples
    --------
    >>> import numpy as np
    >>> from bytestride.compat import cv2
    >>> cv2.filter2D(np.array([[1, 2, 250]], np.uint8), -1, np.array([[0.0, 1.0, 1.0]]))
    array([[  3, 252, 252]], dtype=uint8)
    """
    src = image(src, "src", "filter2D")
    kernel = _kernel(kernel, "kernel")
    if not kernel.size:
        raise errors.shape_error("argument kernel is empty")
    return filtered(src, [kernel], depth(ddepth, src.dtype), dst, anchor, delta, borderType, "filter2D")


def sepFilter2D(src, ddepth, kernelX, kernelY, dst=None, anchor=(-1, -1), delta=0, borderType=BORDER_DEFAULT):
    """The correlation of an image with one kernel along the rows and one along the columns, as `cv2.sepFilter2D`.

    Parameters
    ----------
    src, ddepth, dst, anchor, delta, borderType
        As in `filter2D`.
    kernelX, kernelY : array_like
        Vectors, or matrices of one row or column.

    Returns
    -------
    numpy.ndarray
        In the shape of `src`; nothing is rounded between the passes. See the module for what differs from OpenCV.

    Examples
    --------
    >>> import numpy as np
    >>> from bytestride.compat import cv2
    >>> cv2.sepFilter2D(np.eye(3), -1, [1, 2, 1], [1, 0, 1])
    array([[4., 4., 4.],
           [2., 2., 2.],
           [4., 4., 4.]])
    """
    src = image(src, "src", "sepFilter2D")
    kernel = np.multiply.outer(_vector(kernelY, "kernelY"), _vector(kernelX, "kernelX"))
    return filtered(src, [kernel], depth(ddepth, src.dtype), dst, anchor, delta, borderType, "sepFilter2D")


def GaussianBlur(src, ksize, sigmaX, dst=None, sigmaY=0, borderType=BORDER_DEFAULT, hint=0):
    """A Gaussian filter, as `cv2.GaussianBlur`.

    Parameters
    ----------
    src, dst, borderType
        As in `filter2D`.
    ksize : (int, int)
        Width and height of the kernel, odd; 0 takes them from sigma.
    sigmaX, sigmaY : float
        The standard deviations; 0 takes sigmaY from sigmaX, or both from `ksize`.
    hint : int, optional
        Has no meaning here: there is one, exact, algorithm.

    Returns
    -------
    numpy.ndarray
        In the shape and dtype of `src`. See the module for what differs from OpenCV.

    Examples
    --------
    >>> import numpy as np
    >>> from bytestride.compat import cv2
    >>> cv2.GaussianBlur(np.array([[0, 0, 160, 0, 0]], np.uint8), (3, 3), 0)
    array([[ 0, 40, 80, 40,  0]], dtype=uint8)
    """
    src = image(src, "src", "GaussianBlur")
    width, height = (operator.index(n) for n in ksize)
    sigmaX, sigmaY = float(sigmaX), float(sigmaY) if sigmaY > 0 else float(sigmaX)
    deviations = 3 if src.dtype == np.uint8 else 4
    if width <= 0 and sigmaX > 0:
        width = round(sigmaX * deviations * 2 + 1) | 1
    if height <= 0 and sigmaY > 0:
        height = round(sigmaY * deviations * 2 + 1) | 1
    if width < 1 or height < 1 or width % 2 == 0 or height % 2 == 0:
        raise errors.option_error(f"argument ksize is {tuple(ksize)}; both must be odd, or 0 with a sigma above 0")
    kernel = np.multiply.outer(_gaussian(height, sigmaY), _gaussian(width, sigmaX))
    return filtered(src, [kernel], src.dtype, dst, None, 0, borderType, "GaussianBlur")


def getGaussianKernel(ksize, sigma, ktype=CV_64F):
    """The weights of a Gaussian, as `cv2.getGaussianKernel`.

    Parameters
    ----------
    ksize : int
        How many.
    sigma : float
        The standard deviation; 0 or less: 0.3 ((ksize - 1) / 2 - 1) + 0.8, and fixed weights up to a `ksize` of 9.
    ktype : {CV_32F, CV_64F}, optional
        The depth.

    Returns
    -------
    numpy.ndarray, shape (ksize, 1)

    Examples
    --------
    >>> from bytestride.compat import cv2
    >>> cv2.getGaussianKernel(3, 0).T
    array([[0.25, 0.5 , 0.25]])
    """
    if operator.index(ksize) < 1:
        raise errors.option_error(f"argument ksize is {ksize}, must be above 0")
    return _gaussian(ksize, sigma)[:, None].astype(_kernel_dtype(ktype))


def _gaussian(n, sigma):
    if sigma <= 0 and n in SMALL_GAUSSIANS:
        return np.array(SMALL_GAUSSIANS[n]) / 256
    if sigma <= 0:
        sigma = 0.3 * ((n - 1) * 0.5 - 1) + 0.8
    weights = np.exp(-0.5 * ((np.arange(n) - (n - 1) * 0.5) / sigma) ** 2)
    return weights / weights.sum()


def blur(src, ksize, dst=None, anchor=(-1, -1), borderType=BORDER_DEFAULT):
    """The mean over a window, as `cv2.blur`; the same as `boxFilter` with ``ddepth=-1``.

    Examples
    --------
    >>> import numpy as np
    >>> from bytestride.compat import cv2
    >>> cv2.blur(np.array([[0.0, 3.0, 6.0]]), (3, 1))
    array([[2., 3., 4.]])
    """
    return boxFilter(src, -1, ksize, dst, anchor, True, borderType)


def boxFilter(src, ddepth, ksize, dst=None, anchor=(-1, -1), normalize=True, borderType=BORDER_DEFAULT):
    """The mean or the sum over a window, as `cv2.boxFilter`.

    Parameters
    ----------
    src, ddepth, dst, anchor, borderType
        As in `filter2D`.
    ksize : (int, int)
        Width and height of the window.
    normalize : bool, optional
        The mean; False: the sum.

    Returns
    -------
    numpy.ndarray
        In the shape of `src`; of whole numbers the exact sum, divided and rounded once.

    Notes
    -----
    O(pixels (width + height)), where OpenCV's running sum is O(pixels).

    Examples
    --------
    >>> import numpy as np
    >>> from bytestride.compat import cv2
    >>> cv2.boxFilter(np.array([[100, 200, 50]], np.uint8), cv2.CV_16U, (3, 1), normalize=False)
    array([[500, 350, 450]], dtype=uint16)
    """
    src = image(src, "src", "boxFilter")
    width, height = (operator.index(n) for n in ksize)
    if width < 1 or height < 1:
        raise errors.option_error(f"argument ksize is {tuple(ksize)}, must be above 0")
    dtype, area = depth(ddepth, src.dtype), width * height
    window = np.ones((height, width))
    if not normalize:
        return filtered(src, [window], dtype, dst, anchor, 0, borderType, "boxFilter")
    if src.dtype.kind == "f" or dtype.kind == "f" or _rounds_right(src.dtype, area):
        return filtered(src, [window / area], dtype, dst, anchor, 0, borderType, "boxFilter")
    # The exact sum, then one division: 1 / area is no floating point number.
    target = output(dst, src.shape, dtype)
    sums = correlate(src, window.astype(np.int16), axes=(0, 1), origin=origin_of(anchor, window.shape),
                     boundary=boundary(borderType, "boxFilter"), dtype=np.float64)
    cast(arithmetic.divide(sums, area, out=sums), dtype, out=target, rule="saturate")
    return returned(target, dst)


def _rounds_right(dtype, area):
    """Whether a float32 sum of 8-bit numbers times 1 / area is never rounded to another whole number than the exact mean."""
    if dtype.itemsize > 1:
        return False
    if area & (area - 1) == 0:
        return area <= 1 << 16  # nothing is rounded before the end
    # With an odd area the mean is at least 1 / (2 area) from a tie.
    return area % 2 == 1 and (area + 2) * 2.0**-24 * 256 < 1 / (2 * area)


def getDerivKernels(dx, dy, ksize, kx=None, ky=None, normalize=False, ktype=CV_32F):
    """The two vectors of a derivative filter, as `cv2.getDerivKernels`.

    Parameters
    ----------
    dx, dy : int
        The orders of the derivative along the rows and the columns, not both 0.
    ksize : int
        Odd, at most 31; `FILTER_SCHARR` for Scharr's filter of 3.
    kx, ky
        Not looked at: the results are returned.
    normalize : bool, optional
        Divides by the sum of the smoothing weights.
    ktype : {CV_32F, CV_64F}, optional
        The depth.

    Returns
    -------
    kx, ky : numpy.ndarray, shape (n, 1)

    Examples
    --------
    >>> from bytestride.compat import cv2
    >>> kx, ky = cv2.getDerivKernels(1, 0, 5)
    >>> kx.ravel(), ky.ravel()
    (array([-1., -2.,  0.,  2.,  1.], dtype=float32), array([1., 4., 6., 4., 1.], dtype=float32))
    """
    dtype = _kernel_dtype(ktype)
    vectors = _derivative_vectors(dx, dy, ksize)
    if normalize:
        if ksize == FILTER_SCHARR:  # the smoothing weights alone, by 32, as in OpenCV
            vectors = [vector if order else vector / 32 for vector, order in zip(vectors, (dx, dy))]
        else:
            vectors = [vector / 2.0 ** (len(vector) - order - 1) for vector, order in zip(vectors, (dx, dy))]
    return tuple(vector[:, None].astype(dtype) for vector in vectors)


def _derivative_vectors(dx, dy, ksize):
    """The weights along the rows and the columns, as whole numbers."""
    dx, dy, ksize = operator.index(dx), operator.index(dy), operator.index(ksize)
    if dx < 0 or dy < 0 or dx + dy < 1:
        raise errors.option_error(f"arguments dx and dy are {dx} and {dy}; one must be above 0")
    if ksize == FILTER_SCHARR:
        if dx + dy != 1:
            raise errors.option_error(f"Scharr's filter is a first derivative; dx and dy are {dx} and {dy}")
        return [np.array([-1, 0, 1]) if order else np.array([3, 10, 3]) for order in (dx, dy)]
    if ksize % 2 == 0 or not 1 <= ksize <= LONGEST_DERIVATIVE:
        raise errors.option_error(f"argument ksize is {ksize}, must be odd and at most {LONGEST_DERIVATIVE}")
    vectors = []
    for order in (dx, dy):
        n = 3 if ksize == 1 and order else ksize
        if n <= order:
            raise errors.option_error(f"argument ksize is {ksize}, must be above the order of the derivative, {order}")
        vector = np.ones(1, np.int64)
        for step in range(n - 1):
            vector = np.convolve(vector, [-1, 1] if step < order else [1, 1])
        vectors.append(vector)
    return vectors


def Sobel(src, ddepth, dx, dy, dst=None, ksize=3, scale=1, delta=0, borderType=BORDER_DEFAULT):
    """A derivative of an image, as `cv2.Sobel`.

    Parameters
    ----------
    src, ddepth, dst, delta, borderType
        As in `filter2D`.
    dx, dy, ksize : int
        As in `getDerivKernels`.
    scale : float, optional
        What the result is multiplied by.

    Returns
    -------
    numpy.ndarray
        In the shape of `src`. See the module for what differs from OpenCV.

    Examples
    --------
    >>> import numpy as np
    >>> from bytestride.compat import cv2
    >>> cv2.Sobel(np.array([[0, 0, 50, 50]], np.uint8), cv2.CV_16S, 1, 0)
    array([[  0, 200, 200,   0]], dtype=int16)
    """
    src = image(src, "src", "Sobel")
    return _derived(src, ddepth, [_derivative_vectors(dx, dy, ksize)], dst, scale, delta, borderType, "Sobel")


def Scharr(src, ddepth, dx, dy, dst=None, scale=1, delta=0, borderType=BORDER_DEFAULT):
    """Scharr's first derivative of an image, as `cv2.Scharr`; the parameters are those of `Sobel`.

    Examples
    --------
    >>> import numpy as np
    >>> from bytestride.compat import cv2
    >>> cv2.Scharr(np.array([[0, 0, 5, 5]], np.uint8), cv2.CV_16S, 1, 0)
    array([[ 0, 80, 80,  0]], dtype=int16)
    """
    src = image(src, "src", "Scharr")
    return _derived(src, ddepth, [_derivative_vectors(dx, dy, FILTER_SCHARR)], dst, scale, delta, borderType, "Scharr")


def Laplacian(src, ddepth, dst=None, ksize=1, scale=1, delta=0, borderType=BORDER_DEFAULT):
    """The sum of the second derivatives of an image, as `cv2.Laplacian`; the parameters are those of `Sobel`.

    Examples
    --------
    >>> import numpy as np
    >>> from bytestride.compat import cv2
    >>> cv2.Laplacian(np.array([[0, 0, 9, 0, 0]], np.uint8), cv2.CV_16S)
    array([[  0,   9, -18,   9,   0]], dtype=int16)
    """
    src = image(src, "src", "Laplacian")
    if ksize not in LAPLACIANS:
        second, smooth = _derivative_vectors(2, 0, ksize)
        return _derived(src, ddepth, [(second, smooth), (smooth, second)], dst, scale, delta, borderType, "Laplacian")
    kernel = np.array(LAPLACIANS[ksize]) * float(scale)
    return filtered(src, [kernel], depth(ddepth, src.dtype), dst, None, delta, borderType, "Laplacian")


def spatialGradient(src, dx=None, dy=None, ksize=3, borderType=BORDER_DEFAULT):
    """Both first derivatives in int16, as `cv2.spatialGradient`; the parameters are those of `Sobel`.

    Examples
    --------
    >>> import numpy as np
    >>> from bytestride.compat import cv2
    >>> dx, dy = cv2.spatialGradient(np.array([[0, 0, 50, 50]], np.uint8))
    >>> dx
    array([[  0, 200, 200,   0]], dtype=int16)
    """
    return (Sobel(src, CV_16S, 1, 0, dx, ksize, borderType=borderType), Sobel(src, CV_16S, 0, 1, dy, ksize, borderType=borderType))


def _derived(src, ddepth, pairs, dst, scale, delta, border, peer):
    kernels = [np.multiply.outer(along_y, along_x) for along_x, along_y in pairs]
    if scale != 1:
        kernels = [kernel * float(scale) for kernel in kernels]
    return filtered(src, kernels, depth(ddepth, src.dtype), dst, None, delta, border, peer)


def transpose(src, dst=None):
    """Rows and columns of an image exchanged, as `cv2.transpose`.

    Parameters
    ----------
    src : array_like, shape (rows, columns) or (rows, columns, channels)
        Real numbers.
    dst : numpy.ndarray, optional
        As in `filter2D`, but not `src`.

    Returns
    -------
    numpy.ndarray, shape (columns, rows) or (columns, rows, channels)

    Examples
    --------
    >>> import numpy as np
    >>> from bytestride.compat import cv2
    >>> cv2.transpose(np.array([[1, 2, 3], [4, 5, 6]]))
    array([[1, 4],
           [2, 5],
           [3, 6]])
    """
    src = image(src, "src", "transpose")
    target = output(dst, (src.shape[1], src.shape[0], *src.shape[2:]), src.dtype)
    if np.may_share_memory(src, target):
        src = src.copy()
    _transpose(src, (1, 0, 2)[:src.ndim], out=target)
    return returned(target, dst)


def _kernel(value, name):
    kernel = np.asarray(value)
    if kernel.dtype.kind not in "biuf":
        raise errors.dtype_error(f"argument {name} has dtype {kernel.dtype}; real numbers are taken")
    if kernel.ndim == 1:
        kernel = kernel[:, None]
    if kernel.ndim != 2:
        raise errors.shape_error(f"argument {name} has {kernel.ndim} dimensions, must have 1 or 2")
    return kernel


def _vector(value, name):
    kernel = _kernel(value, name)
    if 1 not in kernel.shape or not kernel.size:
        raise errors.shape_error(f"argument {name} has shape {kernel.shape}, must be a row or a column")
    return kernel.ravel()


def _kernel_dtype(ktype):
    dtype = depth(ktype, None, "ktype")
    if dtype not in (np.float32, np.float64):
        raise errors.dtype_error(f"argument ktype is {ktype}, must be CV_32F or CV_64F")
    return dtype
