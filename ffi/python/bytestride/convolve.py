"""Convolution and correlation over any axes."""
from __future__ import annotations

import ctypes
import math
import operator
from typing import TYPE_CHECKING, Literal

import numpy as np

from . import _errors as errors
from . import _generated as c
from . import _short as short
from ._arrays import REAL, as_dtype, as_input, as_output, require_dtype, result_of
from ._call import call, word
from ._library import ENTRIES
from ._threads import default_threads

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

    from ._typing import Array, ArrayLike, Axes, Out, Progress

SECONDS_PER_TAP = 1e-10
# Up to so many products (about 20 us) the interpreter lock is kept.
FEW_TAPS = 200_000

_CONVOLVE, _CORRELATE = ENTRIES["convolve"], ENTRIES["correlate"]
_BOUNDARIES = {
    "constant": c.BYTESTRIDE_BOUNDARY_CONSTANT,
    "reflect": c.BYTESTRIDE_BOUNDARY_REFLECT,
    "mirror": c.BYTESTRIDE_BOUNDARY_MIRROR,
    "nearest": c.BYTESTRIDE_BOUNDARY_NEAREST,
    "wrap": c.BYTESTRIDE_BOUNDARY_WRAP,
}
_REGIONS = {"same": c.BYTESTRIDE_REGION_SAME, "full": c.BYTESTRIDE_REGION_FULL, "valid": c.BYTESTRIDE_REGION_VALID}
_METHODS = {
    "auto": c.BYTESTRIDE_METHOD_AUTO,
    "direct": c.BYTESTRIDE_METHOD_DIRECT,
    "separable": c.BYTESTRIDE_METHOD_SEPARABLE,
    "fft": c.BYTESTRIDE_METHOD_FFT,
}

Boundary = Literal["constant", "reflect", "mirror", "nearest", "wrap"]
Region = Literal["same", "full", "valid"]
Method = Literal["auto", "direct", "separable", "fft"]

_short = dict(
    input=short.array(), kernel=short.array(), boundary=short.word(_BOUNDARIES), fill=short.zero, region=short.word(_REGIONS), axes=short.axes,
    origin=short.zero, dtype=short.dtype, method=short.word(_METHODS), out=short.out, result=short.Result("filtered", "input"), rules=["not_scalar"])


@short.call(_CONVOLVE, SECONDS_PER_TAP, "out size", "kernel size", **_short)
def convolve(input: ArrayLike, kernel: ArrayLike, /, *, boundary: Boundary = "constant", fill: float = 0.0,
             region: Region = "same", axes: Axes | None = None, origin: Axes = 0, dtype: DTypeLike | None = None, method: Method = "auto",
             out: Out | None = None, progress: Progress | None = None, threads: int = 0) -> Array:
    """The convolution of an array with a kernel; the kernel is flipped on all its axes.

    Parameters
    ----------
    input : array_like
        bool (counts as uint8), integers or floats; up to 8 dimensions, any strides.
    kernel : array_like
        bool, integers or floats; one dimension per convolved axis, not empty.
    boundary : {"constant", "reflect", "mirror", "nearest", "wrap"}, optional
        What lies outside the input, with `scipy.ndimage`'s names: ``constant`` is `fill`; ``reflect`` is
        d c b a | a b c d | d c b a; ``mirror`` is d c b | a b c d | c b a; ``nearest`` repeats the edge; ``wrap``
        continues periodically.
    fill : number, optional
        The value outside under ``constant``; must be representable in the dtype of `input`.
    region : {"same", "full", "valid"}, optional
        Which part of the result, with the shapes of `scipy.signal.convolve2d`. ``full`` with another boundary than
        ``constant`` is the input extended by the kernel's length - 1 on both sides, then ``valid``.
    axes : int or sequence of int, optional
        The axes of `input` that the kernel's axes run along; the others are independent (channels, batches).
        None: all of them, in order.
    origin : int or sequence of int, optional
        Shifts the kernel, for ``same`` only, one number for all convolved axes or one for each, as in
        `scipy.ndimage`; ``0 <= centre + origin < n``.
    dtype : dtype_like, optional
        The dtype of the result: the sum is formed in its natural dtype (integers exactly), then rounded once,
        half to even, and saturated for integers. None: the natural dtype, see Returns.
    method : {"auto", "direct", "separable", "fft"}, optional
        ``auto`` chooses, and keeps the bound of ``direct``. ``separable`` needs a kernel that is an outer product of vectors.
        ``fft`` is the fastest for other large ones, say from 11 x 11 on; its errors are bounded for a whole tile, see Returns.
    out : array, optional
        Written in place through any strides and returned; any real dtype (that of `dtype`, if both are
        given). It may not overlap an input.
    progress : callable, optional
        Called about 20 times a second as ``progress(done, total)``, and once more at the end. What it raises
        stops the call.
    threads : int, optional
        At most this many threads; 0 = the library's default.

    Returns
    -------
    numpy.ndarray or scalar
        Natural dtypes: ``numpy.result_type`` for a float input; 8- or 16-bit input with a float16 or float32
        kernel gives float32, other integers with a float kernel float64; integers with integers are exact,
        in int64, or uint64 when both are unsigned or bool.
        float32 sums are within (K + 2) u sum|w||x| of the exact ones, with K taps and u = 2**-24; float64 likewise with
        u = 2**-53. A zero tap times NaN is NaN. Under ``fft`` an error is in practice below (K + 2) u max(sum|w||x|), always below
        8 u log2(N) |x| |w| with the N elements under the tile and Euclidean norms; tiles over NaN or infinities, and kernels of
        less than 16 taps, are computed as under ``direct``. ``auto`` takes tiles too, from about 17 x 17 taps on in float32 and
        25 x 25 in float64, but only where every element is certain to keep the first bound; a block of the result computed
        apart then has other rounding errors.

    Raises
    ------
    ShapeError
        The kernel is empty, has another number of dimensions than `axes`, or is larger than the input under ``valid``;
        `out` has a wrong shape.
    OptionError
        An unknown word, a `fill` that the dtype of `input` cannot represent, an `origin` out of range,
        an axis twice, a kernel that is not separable, ``fft`` of integers with integers.
    IndexOutOfRangeError
        An axis is out of range.
    OverflowError
        The exact sum of integers could pass 127 bits.
    DTypeError, ReadOnlyError, OverlapError, MemoryError
        As their names say; the message names the argument.

    Notes
    -----
    O(result * taps); O(result * (k1 + k2 + ...)) for separable kernels, which ``auto`` finds by itself; O(result * log taps) by
    transforms for up to two convolved axes. Ctrl-C stops long calls. Under ``same`` an even kernel is centred as by ``scipy.signal.convolve2d(mode="same")``.

    Examples
    --------
    >>> import numpy as np, bytestride as bs
    >>> image = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    >>> bs.convolve(image, [[-1, -2, -1], [0, 0, 0], [1, 2, 1]])
    array([[-13, -20, -17],
           [-18, -24, -18],
           [ 13,  20,  17]])
    >>> bs.convolve(image[::-1, ::2], np.full((1, 2), 0.5), boundary="nearest", region="valid")
    array([[8.],
           [5.],
           [2.]])
    """
    return _filtered(_CONVOLVE, input, kernel, boundary, fill, region, axes, origin, dtype, method, out, progress,
                     threads)


@short.call(_CORRELATE, SECONDS_PER_TAP, "out size", "kernel size", **_short)
def correlate(input: ArrayLike, kernel: ArrayLike, /, *, boundary: Boundary = "constant", fill: float = 0.0,
              region: Region = "same", axes: Axes | None = None, origin: Axes = 0, dtype: DTypeLike | None = None, method: Method = "auto",
              out: Out | None = None, progress: Progress | None = None, threads: int = 0) -> Array:
    """The correlation of an array with a kernel, which is not flipped.

    Under ``same`` the kernel is centred at index n // 2, as by `scipy.ndimage.correlate` and OpenCV's filter2D.
    Everything else is as in `convolve`.

    Examples
    --------
    >>> import numpy as np, bytestride as bs
    >>> bs.correlate(np.array([1.0, 2.0, 4.0, 8.0]), [-1, 1], region="valid")
    array([1., 2., 4.])
    """
    return _filtered(_CORRELATE, input, kernel, boundary, fill, region, axes, origin, dtype, method, out, progress,
                     threads)


_plain_options: dict[tuple[str, str, str], object] = {}  # (boundary, region, method) -> options with nothing else set; shared, and never changed


def _is_zero(value):
    return type(value) in (int, float) and not value


def _plain(boundary, region, method):
    """The options of a call that sets these words alone."""
    key = boundary, region, method
    options = _plain_options.get(key)
    if options is None:
        options = c.bytestride_convolve_options(
            size=ctypes.sizeof(c.bytestride_convolve_options), boundary=word(boundary, "boundary", _BOUNDARIES),
            region=word(region, "region", _REGIONS), method=word(method, "method", _METHODS))
        _plain_options[key] = options
    return options


def _filtered(entry, input, kernel, boundary, fill, region, axes, origin, dtype, method, out, progress, threads):
    if (type(input) is np.ndarray and type(kernel) is np.ndarray and type(out) is np.ndarray and input.ndim
            and axes is None and dtype is None and progress is None and _is_zero(fill) and _is_zero(origin)
            and _is_zero(threads) and type(boundary) is type(region) is type(method) is str and out.size * kernel.size <= FEW_TAPS and not default_threads.get()):
        # A small image with everything given: the library checks it all, and the call is most of the cost.
        call(entry, (input, kernel, out), _plain(boundary, region, method))
        return out
    x, w = as_input(input, "1 (input)"), as_input(kernel, "2 (kernel)")
    require_dtype(x.dtype, "1 (input)", REAL)
    require_dtype(w.dtype, "2 (kernel)", REAL)
    axes = _axes(axes, x, w)
    if not axes and x.ndim:
        # No axis is convolved, but in C a count of 0 means all: one tap along the first axis is the same.
        axes, w = [0], w.reshape(1)
    options = c.bytestride_convolve_options(
        boundary=word(boundary, "boundary", _BOUNDARIES),
        region=word(region, "region", _REGIONS),
        method=word(method, "method", _METHODS),
        axes_count=len(axes))
    options.axes[:len(axes)] = axes
    _set_fill(options, fill, x.dtype)
    _set_origin(options, origin, len(axes))
    if dtype is not None:
        dtype = as_dtype(dtype, allowed=REAL)
    shape = _result_shape(x.shape, w.shape, axes, region)
    if out is None:
        result = np.empty(shape, _natural_dtype(x.dtype, w.dtype) if dtype is None else dtype)
    else:
        result = as_output(out)
        if dtype is not None and result.dtype != dtype:
            raise errors.dtype_error(f"argument out has dtype {result.dtype}, dtype is {dtype}")
    if progress is not None and not callable(progress):
        raise errors.option_error(f"argument progress must be callable or None, is {type(progress).__name__}")
    call(entry, (x, w, result), options, threads, result.size * w.size * SECONDS_PER_TAP, progress)
    return result_of(result) if out is None else out


def _axes(axes, x, w):
    """The convolved axes of x, not negative, one for each dimension of the kernel w."""
    if axes is None:
        axes = list(range(x.ndim))
    else:
        axes = _integers(axes, "axes")
        for axis in axes:
            if not -x.ndim <= axis < x.ndim:
                raise errors.index_error(
                    f"argument axes: axis {axis} is out of range for an input with {x.ndim} dimensions")
        axes = [axis % x.ndim for axis in axes]
        if len(set(axes)) < len(axes):
            raise errors.option_error(f"argument axes names an axis twice: {tuple(axes)}")
    if w.ndim != len(axes):
        raise errors.shape_error(
            f"argument 2 (kernel) has {w.ndim} dimensions; {len(axes)} axes of the input are convolved")
    if len(axes) > c.BYTESTRIDE_MAX_NDIM:
        raise errors.shape_error(f"argument 1 (input) has {x.ndim} dimensions; at most {c.BYTESTRIDE_MAX_NDIM} are taken")
    return axes


def _integers(values, name):
    """An int or a sequence of int, as a list."""
    try:
        return [operator.index(values)]
    except TypeError:
        pass
    try:
        return [operator.index(value) for value in values]
    except TypeError:
        raise errors.option_error(f"argument {name} must be an int or a sequence of int, is {values!r}") from None


def _result_shape(shape, kernel, axes, region):
    result = list(shape)
    for axis, n in zip(axes, kernel):
        if n == 0:
            raise errors.shape_error(f"argument 2 (kernel) is empty: its shape is {kernel}")
        if region == "valid":
            if n > shape[axis]:
                raise errors.shape_error(
                    f"argument 2 (kernel) of shape {kernel} is larger than the input of shape {shape} along axis {axis}")
            result[axis] = shape[axis] - n + 1
        elif region == "full":
            result[axis] = shape[axis] + n - 1
    return tuple(result)


def _natural_dtype(x, w):
    """The dtype in which the sum is formed."""
    if x.kind == "f":
        return np.result_type(x, w)
    if w.kind == "f":
        return np.dtype(np.float32 if x.itemsize <= 2 and w.itemsize <= 4 else np.float64)
    return np.dtype(np.uint64 if x.kind in "bu" and w.kind in "bu" else np.int64)


def _set_fill(options, fill, dtype):
    if isinstance(fill, (int, float)) and not fill:
        return  # the default, of every type
    refused = errors.option_error(f"argument fill is {fill!r}, which the input's dtype {dtype} cannot represent")
    if isinstance(fill, (str, bytes)):
        raise refused  # float() would read them
    try:
        number = float(fill)
        if dtype.kind == "f":
            options.fill = number
            largest = float(np.finfo(dtype).max)
            if math.isfinite(number) and abs(number) > largest:
                raise refused
            return
        whole = int(fill)
        if whole != fill:
            raise refused
    except (TypeError, ValueError, OverflowError):
        raise refused from None
    limits = (0, 1) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    if not limits[0] <= whole <= limits[1]:
        raise refused
    options.fill_integer = whole  # ctypes keeps the low 64 bits, which the library reads as the dtype says


def _set_origin(options, origin, count):
    origins = _integers(origin, "origin")
    if not any(origins) and len(origins) in (1, count):
        return
    if len(origins) not in (1, count):
        raise errors.option_error(f"argument origin has {len(origins)} entries; 1 or {count} are taken")
    if max(abs(shift) for shift in origins) >= 2**31:
        raise errors.option_error(f"argument origin is out of range: {origin!r}")
    options.origin_count = len(origins)
    options.origin[:len(origins)] = origins
