"""Binary searches of many values in a sorted table."""
from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from . import _generated as c
from . import _short as short
from ._arrays import REAL, as_input, as_output, require_dtype, result_of
from ._call import call, word
from ._library import ENTRIES, pointer_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ._typing import ArrayLike, Out

SECONDS_PER_STEP = 0.4e-9

_SEARCHSORTED, _BINARY_SEARCH = ENTRIES["searchsorted"], ENTRIES["binary_search"]
_SIDES = {"left": c.BYTESTRIDE_SIDE_LEFT, "right": c.BYTESTRIDE_SIDE_RIGHT}


@short.call(_SEARCHSORTED, SECONDS_PER_STEP, "v size", "a bits", a=short.array(), v=short.array("own"), side=short.word(_SIDES),
            out=short.out, result=short.Result("like", "v", np.int64))
def searchsorted(a: ArrayLike, v: ArrayLike, /, side: Literal["left", "right"] = "left", sorter: ArrayLike | None = None, *,
                 out: Out | None = None, threads: int = 0) -> NDArray[np.int64]:
    """The indices at which values could be inserted into a sorted array, as `numpy.searchsorted` gives them.

    Parameters
    ----------
    a : array_like
        The table: one dimension, any stride, ascending (or put into ascending order by `sorter`), NaN last. Bool,
        integers, float16 to float64. Where it is not ascending, the results are some numbers from 0 to ``len(a)``.
    v : array_like
        The values: any shape and strides, any of the same dtypes. Both are compared in ``numpy.result_type(a, v)``.
    side : {"left", "right"}, optional
        The first or the last possible index.
    sorter : array_like, optional
        The indices that sort `a`: any integer dtype, as long as `a`, each from 0 to ``len(a) - 1``.
    out : array, optional
        int64, of the shape of `v`; written in place through any strides and returned.
    threads : int, optional
        At most this many threads; 0 = the library's default.

    Returns
    -------
    numpy.ndarray or scalar
        int64, of the shape of `v`; bit for bit NumPy's where the table is ascending.

    Raises
    ------
    ShapeError
        `a` or `sorter` has not one dimension, `sorter` not the length of `a`, `out` not the shape of `v`.
    OptionError
        `side` is another word, or an index of `sorter` is out of range.
    DTypeError, ReadOnlyError, OverlapError, MemoryError
        As their names say; the message names the argument.

    Notes
    -----
    O(m log n) for m values in a table of n; O(n) more for the check of a `sorter`. The table is read in place. For many
    values in a table beyond the caches, a search tree of at most an eighth of the table's size is made. Serial below
    about 200 us of work. Source: the talk's binary search; semantics of `numpy.searchsorted`.

    Examples
    --------
    >>> import numpy as np, bytestride as bs
    >>> bs.searchsorted(np.array([1, 2, 2, 5]), [0, 2, 9])
    array([0, 1, 4])
    >>> bs.searchsorted([30.0, 10.0, 20.0], 20, side="right", sorter=[1, 2, 0])
    np.int64(2)
    """
    chosen = word(side, "side", _SIDES)
    order = capsule = None
    if sorter is not None:
        order = as_input(sorter, "4 (sorter)")
        capsule = order.__array_struct__
    options = None
    if chosen != c.BYTESTRIDE_SIDE_LEFT or sorter is not None:
        options = c.bytestride_searchsorted_options(side=chosen, sorter=None if capsule is None else pointer_of(capsule, None))
    return _searched(_SEARCHSORTED, a, v, out, options, threads, 0 if order is None else order.size)


@short.call(_BINARY_SEARCH, SECONDS_PER_STEP, "v size", "a bits", a=short.array(), v=short.array("own"),
            out=short.out, result=short.Result("like", "v", np.int64))
def binary_search(a: ArrayLike, v: ArrayLike, /, *, out: Out | None = None, threads: int = 0) -> NDArray[np.int64]:
    """For each value an index of a sorted array that holds it, else -1.

    The article's walk: from ``low, high = 0, len(a) - 1`` on, the middle ``(low + high) // 2`` is looked at until it holds
    the value. Where the value is there more than once, the result is the index that the walk meets first.

    Parameters
    ----------
    a : array_like
        The table: one dimension, any stride, ascending, NaN last. Bool, integers, float16 to float64.
    v : array_like
        The values: any shape and strides, any of the same dtypes. Both are compared in ``numpy.result_type(a, v)``.
    out : array, optional
        int64, of the shape of `v`; written in place through any strides and returned.
    threads : int, optional
        At most this many threads; 0 = the library's default.

    Returns
    -------
    numpy.ndarray or scalar
        int64, of the shape of `v`; a NaN is not found.

    Raises
    ------
    ShapeError, DTypeError, ReadOnlyError, OverlapError, OptionError
        As their names say; the message names the argument.

    Notes
    -----
    O(m log n) for m values in a table of n. Source: the talk's ``binary_search``.

    Examples
    --------
    >>> import numpy as np, bytestride as bs
    >>> bs.binary_search(np.array([1, 2, 2, 2, 3]), [1, 2, 4])
    array([ 0,  2, -1])
    """
    return _searched(_BINARY_SEARCH, a, v, out, None, threads, 0)


def _searched(entry, a, v, out, options, threads, checked):
    table, values = as_input(a, "1 (a)"), as_input(v, "2 (v)")
    if out is None:
        require_dtype(table.dtype, "1 (a)", REAL)
        require_dtype(values.dtype, "2 (v)", REAL)
        result = np.empty(values.shape, np.int64)
    else:
        result = as_output(out)
    steps = values.size * table.size.bit_length() + checked
    call(entry, (table, values, result), options, threads, steps * SECONDS_PER_STEP)
    return result_of(result) if out is None else out
