"""Element-by-element arithmetic with NumPy's broadcasting, promotion and results."""
from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Callable

import numpy as np

from . import _errors as errors
from . import _short as short
from ._arrays import SUPPORTED, as_input, as_output, require_dtype, result_of
from ._call import SHORT, call, raise_status
from ._library import ENTRIES, pointer_of

if TYPE_CHECKING:
    from ._typing import Array, ArrayLike, Out

SECONDS_PER_BYTE = 0.1e-9  # of the result
# Up to this many elements the call is so short that only its cost matters.
FEW = 32768

_ADD, _SUBTRACT, _MULTIPLY = ENTRIES["add"], ENTRIES["subtract"], ENTRIES["multiply"]
_DIVIDE, _MINIMUM, _MAXIMUM = ENTRIES["divide"], ENTRIES["minimum"], ENTRIES["maximum"]


def _short(entry: Any, *rules: str) -> Callable[[short.Function], short.Function]:
    return short.call(entry, SHORT / FEW, "out size", a=short.array("weak"), b=short.array("weak"), out=short.out,
                      result=short.Result("common"), rules=rules)


@_short(_ADD)
def add(a: ArrayLike, b: ArrayLike, /, out: Out | None = None, *, threads: int = 0) -> Array:
    """Sum of two arrays, element by element.

    Parameters
    ----------
    a, b : array_like
        Any dtypes of bool, int8..int64, uint8..uint64, float16..float64, complex64/128, with up to 8 dimensions,
        any strides, shapes that broadcast. Python scalars are weak, as in NumPy 2: they take the other
        operand's dtype.
    out : array, optional
        Written in place through any strides and returned. The operands broadcast to its shape, and
        its dtype must allow a ``same_kind`` cast of the result. It may be exactly `a` or `b`.
    threads : int, optional
        At most this many threads; 0 = the library's default.

    Returns
    -------
    numpy.ndarray or scalar
        ``a + b`` in ``numpy.result_type(a, b)``, bit for bit as `numpy.add` gives it: integers wrap around, two
        bools are or-ed, float16 is computed in float32 and rounded once.

    Raises
    ------
    ShapeError
        The shapes do not broadcast, or have more than 8 dimensions.
    DTypeError
        A dtype that is not taken, or an `out` that the result cannot be cast to.
    OverflowError
        A Python int does not fit the other operand's dtype.
    ReadOnlyError, OverlapError, OptionError
        `out` cannot be written, or shares memory with an operand without being the same view;
        `threads` is negative.

    Notes
    -----
    O(elements of the result), bound by memory; serial below about 200 us of work.

    Examples
    --------
    >>> import numpy as np, bytestride as bs
    >>> image = np.arange(6, dtype=np.uint8).reshape(2, 3)
    >>> bs.add(image, 250)
    array([[250, 251, 252],
           [253, 254, 255]], dtype=uint8)
    >>> bs.add(image[:, ::-1], image.astype(np.float32), out=np.empty((2, 3)))
    array([[2., 2., 2.],
           [8., 8., 8.]])
    """
    return _elementwise(_ADD, a, b, out, threads)


@_short(_SUBTRACT)
def subtract(a: ArrayLike, b: ArrayLike, /, out: Out | None = None, *, threads: int = 0) -> Array:
    """Difference of two arrays, element by element: ``a - b`` as `numpy.subtract` gives it.

    Parameters, results and errors are those of `add`; two bool arrays are a `DTypeError`, as in NumPy.

    Examples
    --------
    >>> import numpy as np, bytestride as bs
    >>> bs.subtract(np.array([1, 2, 3], dtype=np.uint8), np.array([3, 2, 1], dtype=np.uint8))
    array([254,   0,   2], dtype=uint8)
    """
    return _elementwise(_SUBTRACT, a, b, out, threads)


@_short(_MULTIPLY)
def multiply(a: ArrayLike, b: ArrayLike, /, out: Out | None = None, *, threads: int = 0) -> Array:
    """Product of two arrays, element by element: ``a * b`` as `numpy.multiply` gives it.

    Parameters, results and errors are those of `add`. Two bools are and-ed. Complex products are within
    4 u |z| of the exact one (u = 2**-24 or 2**-53).

    Examples
    --------
    >>> import numpy as np, bytestride as bs
    >>> bs.multiply(np.arange(3.0)[:, None], np.arange(3.0))
    array([[0., 0., 0.],
           [0., 1., 2.],
           [0., 2., 4.]])
    """
    return _elementwise(_MULTIPLY, a, b, out, threads)


@_short(_DIVIDE, "true_division")
def divide(a: ArrayLike, b: ArrayLike, /, out: Out | None = None, *, threads: int = 0) -> Array:
    """True quotient of two arrays, element by element: ``a / b`` as `numpy.divide` gives it.

    Parameters, results and errors are those of `add`; two integer or bool operands are divided as float64.
    Division by zero gives infinities and NaN, without a warning. Complex quotients are within 4 u |z|
    of the exact one (Smith's method, CACM 5, 1962).

    Examples
    --------
    >>> import numpy as np, bytestride as bs
    >>> bs.divide(np.array([1, -1, 0]), np.array([2, 0, 0]))
    array([ 0.5, -inf,  nan])
    """
    return _elementwise(_DIVIDE, a, b, out, threads)


@_short(_MINIMUM)
def minimum(a: ArrayLike, b: ArrayLike, /, out: Out | None = None, *, threads: int = 0) -> Array:
    """The smaller of two arrays, element by element, as `numpy.minimum` gives it.

    Parameters, results and errors are those of `add`. A NaN in either operand gives NaN; its payload and the sign
    of a zero result are unspecified. Complex numbers are ordered by real part, then imaginary part.

    Examples
    --------
    >>> import numpy as np, bytestride as bs
    >>> bs.minimum(np.array([1.0, np.nan, 3.0]), 2)
    array([ 1., nan,  2.])
    """
    return _elementwise(_MINIMUM, a, b, out, threads)


@_short(_MAXIMUM)
def maximum(a: ArrayLike, b: ArrayLike, /, out: Out | None = None, *, threads: int = 0) -> Array:
    """The larger of two arrays, element by element, as `numpy.maximum` gives it.

    Parameters, results and errors are those of `add`. A NaN in either operand gives NaN; its payload and the sign
    of a zero result are unspecified. Complex numbers are ordered by real part, then imaginary part.

    Examples
    --------
    >>> import numpy as np, bytestride as bs
    >>> bs.maximum(np.array([1.0, np.nan, 3.0]), 2)
    array([ 2., nan,  3.])
    """
    return _elementwise(_MAXIMUM, a, b, out, threads)


def _elementwise(entry, a, b, out, threads):
    if (type(a) is np.ndarray and type(b) is np.ndarray and type(out) is np.ndarray
            and type(threads) is int and threads == 0 and out.size <= FEW):
        # The cheapest way through ctypes; few elements are never divided among threads.
        x, y, z = a.__array_struct__, b.__array_struct__, out.__array_struct__
        status = entry.hold(pointer_of(x, None), pointer_of(y, None), pointer_of(z, None), None)
        if status:
            raise_status(status)
        return out
    x, y = _operands(entry, a, b)
    if out is None:
        result = np.empty(_broadcast_shape(x, y), _result_dtype(entry, x, y))
    else:
        result = as_output(out)
    call(entry, (x, y, result), threads=threads, seconds=result.nbytes * SECONDS_PER_BYTE)
    return result_of(result) if out is None else out


def _broadcast_shape(x, y):
    if x.shape == y.shape or not y.ndim:
        return x.shape
    if not x.ndim:
        return y.shape
    try:
        return np.broadcast_shapes(x.shape, y.shape)
    except ValueError:
        raise errors.shape_error(
            f"arguments 1 (a) and 2 (b) have the shapes {x.shape} and {y.shape}, which do not broadcast") from None


_result_dtypes: dict[tuple[bool, np.dtype[Any], np.dtype[Any]], np.dtype[Any]] = {}  # (divide or not, dtype of a, dtype of b) -> dtype; filled as needed, entries never change


def _result_dtype(entry, x, y):
    key = entry is _DIVIDE, x.dtype, y.dtype
    dtype = _result_dtypes.get(key)
    if dtype is None:
        require_dtype(x.dtype, "1 (a)")
        require_dtype(y.dtype, "2 (b)")
        dtype = np.result_type(x.dtype, y.dtype)
        if entry is _DIVIDE and dtype.kind in "biu":
            dtype = np.dtype(np.float64)
        _result_dtypes[key] = dtype
    return dtype


# ---- Python scalars: weak, as in NEP 50, under every NumPy ---------------------------------------------

def _operands(entry, a, b):
    """Both operands as arrays; a Python scalar takes its dtype from the other one."""
    weak_a, weak_b = _is_weak(a), _is_weak(b)
    if weak_a and not weak_b:
        y = as_input(b, "2 (b)")
        return _scalar(entry, a, y.dtype, "1 (a)"), y
    if weak_b and not weak_a:
        x = as_input(a, "1 (a)")
        return x, _scalar(entry, b, x.dtype, "2 (b)")
    if weak_a:
        return _scalar(entry, a, None, "1 (a)"), _scalar(entry, b, None, "2 (b)")
    return as_input(a, "1 (a)"), as_input(b, "2 (b)")


def _is_weak(value):
    """Whether it is a Python number; NumPy's scalars (some of which are subclasses) are arrays of their dtype."""
    return isinstance(value, (int, float, complex)) and not isinstance(value, np.generic)


def _scalar(entry, value, other, name):
    """`value` as a 0-d array of the dtype that it takes beside `other`; None: beside another Python scalar."""
    kind = "b" if other is None else other.kind
    if isinstance(value, bool):
        dtype = np.dtype(np.bool_)
    elif isinstance(value, int):
        if entry is _DIVIDE and kind in "biu":
            dtype = np.dtype(np.float64)
        else:
            dtype = np.dtype(np.int64) if kind == "b" else other
    elif isinstance(value, float):
        dtype = other if kind in "fc" else np.dtype(np.float64)
    elif kind == "c":
        dtype = other
    else:
        small = kind == "f" and other.itemsize <= 4
        dtype = np.dtype(np.complex64) if small else np.dtype(np.complex128)
    require_dtype(dtype, "2 (b)" if name == "1 (a)" else "1 (a)")  # only the other operand's can be unknown
    return _converted(value, dtype, name)


_LIMITS = {dtype: (int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)) for dtype in SUPPORTED if dtype.kind in "iu"}


def _converted(value, dtype, name):
    if dtype.kind in "iu":
        low, high = _LIMITS[dtype]
        if not low <= value <= high:
            raise errors.overflow_error(f"argument {name}: Python integer {value} out of bounds for {dtype}")
        return np.array(value, dtype)
    try:
        value = complex(value)
    except OverflowError:
        raise errors.overflow_error(f"argument {name}: Python integer too large for {dtype}") from None
    if dtype.kind != "c":
        value = value.real
    if abs(value) < 65504 or not math.isfinite(abs(value)):
        return np.array(value, dtype)
    with np.errstate(over="ignore"):  # a float beyond the dtype's range is an infinity, as in any cast
        return np.array(value, dtype)
