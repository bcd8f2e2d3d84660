"""Copies, casts and transposes."""
from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Literal, Sequence

import numpy as np

from . import _errors as errors
from . import _generated as c
from . import _short as short
from ._arrays import as_dtype, as_input, as_output, require_dtype, result_of
from ._call import call, word
from ._library import ENTRIES

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

    from ._typing import Array, ArrayLike, Out

SECONDS_PER_BYTE = 0.06e-9  # of the result
SECONDS_PER_SWAP = 10e-9  # following cycles jumps through memory

_COPY, _TRANSPOSE_INPLACE = ENTRIES["copy"], ENTRIES["transpose_inplace"]
_ORDERS = {"C": "C", "F": "F"}
_RULES = {"wrap": c.BYTESTRIDE_RULE_WRAP, "saturate": c.BYTESTRIDE_RULE_SATURATE}


@short.call(_COPY, SECONDS_PER_BYTE, "out bytes", a=short.array(), out=short.out, result=short.Result("like", "a", exact=True))
def copy(a: ArrayLike, /, *, out: Out | None = None, order: Literal["C", "F"] = "C", threads: int = 0) -> Array:
    """A copy of an array, element by element, in its own dtype.

    Parameters
    ----------
    a : array_like
        Any dtype of bool, integers, floats, complex; up to 8 dimensions, any strides.
    out : array, optional
        Of the shape and dtype of `a`; written in place through any strides and returned. It may be exactly `a`.
    order : {"C", "F"}, optional
        Memory order of a fresh result: last or first dimension contiguous. Without meaning where `out` is given.
    threads : int, optional
        At most this many threads; 0 = the library's default.

    Returns
    -------
    numpy.ndarray or scalar
        The copy.

    Raises
    ------
    ShapeError, DTypeError, ReadOnlyError, OverlapError, OptionError
        As their names say; the message names the argument.

    Notes
    -----
    O(elements), bound by memory; serial below about 200 us of work.

    Examples
    --------
    >>> import numpy as np, bytestride as bs
    >>> bs.copy(np.arange(10)[::-3])
    array([9, 6, 3, 0])
    >>> bs.copy(np.ones((2, 3)), order="F").flags.f_contiguous
    True
    """
    x = as_input(a, "1 (a)")
    return _copied(x, x.dtype, out, order, "wrap", threads)


@short.call(_COPY, SECONDS_PER_BYTE, "out bytes", a=short.array(), dtype=short.dtype, rule=short.word(_RULES), out=short.out,
            result=short.Result("like", "a", exact=True))
def cast(a: ArrayLike, /, dtype: DTypeLike, *, out: Out | None = None, order: Literal["C", "F"] = "C",
         rule: Literal["wrap", "saturate"] = "wrap", threads: int = 0) -> Array:
    """A copy of an array in another dtype.

    Parameters
    ----------
    a : array_like
        Any dtype of bool, integers, floats, complex; up to 8 dimensions, any strides.
    dtype : dtype_like
        What the result has. Complex to real or bool is a `DTypeError`.
    out : array, optional
        Of the shape of `a` and of `dtype`; written in place through any strides and returned.
    order : {"C", "F"}, optional
        Memory order of a fresh result.
    rule : {"wrap", "saturate"}, optional
        How numbers become integers. ``wrap``: floats are truncated toward zero and wrapped modulo 2**bits, NaN and
        infinities give 0; integers wrap. ``saturate``: floats are rounded half to even and clamped, NaN gives 0;
        integers are clamped. To a float there is one rounding, to nearest even; to bool, ``x != 0``.
    threads : int, optional
        At most this many threads; 0 = the library's default.

    Returns
    -------
    numpy.ndarray or scalar
        The result, of `dtype`.

    Raises
    ------
    ShapeError, DTypeError, ReadOnlyError, OverlapError, OptionError
        As their names say; the message names the argument.

    Notes
    -----
    O(elements), bound by memory; serial below about 200 us of work.

    Examples
    --------
    >>> import numpy as np, bytestride as bs
    >>> x = np.array([-1.0, 2.5, 300.0, np.nan])
    >>> bs.cast(x, np.uint8)
    array([255,   2,  44,   0], dtype=uint8)
    >>> bs.cast(x, np.uint8, rule="saturate")
    array([  0,   2, 255,   0], dtype=uint8)
    """
    return _copied(as_input(a, "1 (a)"), as_dtype(dtype), out, order, rule, threads)


@short.call(_COPY, SECONDS_PER_BYTE, "out bytes", a=short.array(), axes=short.order, dtype=short.dtype, rule=short.word(_RULES), out=short.out,
            result=short.Result("like", "a", exact=True), rules=["reversed"])
def transpose(a: ArrayLike, /, axes: Sequence[int] | None = None, *, out: Out | None = None, dtype: DTypeLike | None = None,
              rule: Literal["wrap", "saturate"] = "wrap", threads: int = 0) -> Array:
    """A transposed copy of an array, cast on the way where asked.

    A view with permuted strides is free in NumPy (``a.T``); this moves the elements.

    Parameters
    ----------
    a : array_like
        Any dtype of bool, integers, floats, complex; up to 8 dimensions, any strides.
    axes : sequence of int, optional
        The axes of `a` in the order of the result, as in `numpy.transpose`; None reverses them.
    out : array, optional
        Of the permuted shape and of `dtype`; written in place through any strides and returned.
    dtype : dtype_like, optional
        What the result has; None: the dtype of `a`.
    rule : {"wrap", "saturate"}, optional
        How numbers become integers, as in `cast`.
    threads : int, optional
        At most this many threads; 0 = the library's default.

    Returns
    -------
    numpy.ndarray or scalar
        The result, fresh ones in C order.

    Raises
    ------
    ShapeError, DTypeError, ReadOnlyError, OverlapError, OptionError
        As their names say; the message names the argument.
    IndexOutOfRangeError
        An axis is out of range.

    Notes
    -----
    O(elements), bound by memory; serial below about 200 us of work. The cast_copy_transpose of scipy.weave's
    ramp of examples is ``transpose(a, dtype=np.float32)``.

    Examples
    --------
    >>> import numpy as np, bytestride as bs
    >>> bs.transpose(np.array([[1, 2, 3], [4, 5, 6]]), dtype=np.float32)
    array([[1., 4.],
           [2., 5.],
           [3., 6.]], dtype=float32)
    """
    x = as_input(a, "1 (a)")
    view = x.T if axes is None else x.transpose(_permutation(axes, x.ndim))
    return _copied(view, x.dtype if dtype is None else as_dtype(dtype), out, "C", rule, threads)


@short.call(_TRANSPOSE_INPLACE, SECONDS_PER_SWAP, "a size", a=short.array(), result=short.Result(to="a"), rules=["square"])
def transpose_inplace(a: Out, /, *, threads: int = 0) -> Array:
    """Transposes a matrix in its own memory.

    Parameters
    ----------
    a : array
        Two dimensions, writeable, any dtype of bool, integers, floats, complex. A square matrix may have any strides,
        a rectangular one must be C-contiguous.
    threads : int, optional
        At most this many threads; 0 = the library's default. Rectangular matrices use one.

    Returns
    -------
    array
        `a` itself if it is square; else the (columns, rows) view of its memory. Do not use a rectangular `a` itself
        afterwards: its shape no longer fits what it holds.

    Raises
    ------
    ShapeError
        Not two dimensions, or rectangular and not C-contiguous.
    DTypeError, ReadOnlyError, OverlapError, OptionError
        As their names say; the message names the argument.
    MemoryError
        The scratch memory of a rectangular matrix, one bit per element, could not be had.

    Notes
    -----
    O(elements). Source: the talk's in-place transpose; for rectangular matrices cycle following after
    P. F. Windley, Computer Journal 2 (1959).

    Examples
    --------
    >>> import numpy as np, bytestride as bs
    >>> a = np.arange(6).reshape(2, 3)
    >>> bs.transpose_inplace(a)
    array([[0, 3],
           [1, 4],
           [2, 5]])
    """
    x = as_output(a, "1 (a)")
    call(_TRANSPOSE_INPLACE, (x,), threads=threads, seconds=x.size * SECONDS_PER_SWAP)
    return a if x.shape[0] == x.shape[1] else x.reshape(x.shape[::-1])  # type: ignore[return-value]  # the very object that was given


def _copied(x, dtype, out, order, rule, threads):
    order, rule = word(order, "order", _ORDERS), word(rule, "rule", _RULES)
    if out is None:
        require_dtype(dtype, "1 (a)")
        result = np.empty(x.shape, dtype, order)
    else:
        result = as_output(out)
        if result.dtype != dtype:
            raise errors.dtype_error(f"argument out has dtype {result.dtype}, the result has {dtype}")
    options = None
    if rule != c.BYTESTRIDE_RULE_WRAP:
        options = c.bytestride_copy_options(rule=rule)
    call(_COPY, (x, result), options, threads, result.nbytes * SECONDS_PER_BYTE)
    return result_of(result) if out is None else out


def _permutation(axes, ndim):
    """`axes` as a permutation of range(ndim)."""
    try:
        axes = [operator.index(axis) for axis in axes]
    except TypeError:
        raise errors.option_error(f"argument axes must be a sequence of int or None, is {axes!r}") from None
    for axis in axes:
        if not -ndim <= axis < ndim:
            raise errors.index_error(f"argument axes: axis {axis} is out of range for {ndim} dimensions")
    axes = [axis % ndim for axis in axes]
    if sorted(axes) != list(range(ndim)):
        raise errors.option_error(f"argument axes must name each of the {ndim} dimensions once, is {tuple(axes)}")
    return axes
