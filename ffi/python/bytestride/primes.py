"""Prime numbers: tests, counts and sums."""
from __future__ import annotations

import ctypes
import math
import operator
from functools import partial
from typing import TYPE_CHECKING, overload

import numpy as np

from . import _errors as errors
from . import _short as short
from ._arrays import REAL, as_input, require_dtype, result_of
from ._call import call
from ._library import ENTRIES, Entry

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ._typing import ArrayLike, Progress

SECONDS_PER_TEST = 10e-9
# Of one limit n on its own, by n^(3/4), and of a pass through a range, by its length.
SECONDS_PER_STEP, SECONDS_PER_NUMBER = 0.1e-9, 0.2e-9
BEYOND = 2**64
INTEGERS = frozenset(dtype for dtype in REAL if dtype.kind in "biu")

_IS_PRIME, _COUNT_PRIMES, _SUM_PRIMES = ENTRIES["is_prime"], ENTRIES["count_primes"], ENTRIES["sum_primes"]
_SUM_PRIMES_128 = ENTRIES["sum_primes_128"]

# Of one limit the sum is below 2**64 and the call is short.
_limit = dict(limits=short.whole(high=10**5), start=short.integer(0), result=short.Result("like", "limits", np.uint64))


@overload
def is_prime(n: int, /, *, progress: Progress | None = None, threads: int = 0) -> bool: ...
@overload
def is_prime(n: ArrayLike, /, *, progress: Progress | None = None, threads: int = 0) -> NDArray[np.bool_]: ...
@short.call(_IS_PRIME, SECONDS_PER_TEST, "n size", n=short.whole(arrays_too=True), result=short.Result("like", "n", np.bool_))
def is_prime(n: int | ArrayLike, /, *, progress: Progress | None = None, threads: int = 0) -> bool | NDArray[np.bool_]:
    """Whether numbers are prime; exact for every number below 2**64.

    Parameters
    ----------
    n : int or array_like
        A Python int below 2**64, or any integer dtype, shape and strides. Negative numbers are not prime.
    progress : callable, optional
        Called about 20 times a second as ``progress(done, total)``, and once more at the end. What it raises
        ends the call.
    threads : int, optional
        At most this many threads; 0 = the library's default.

    Returns
    -------
    bool or numpy.ndarray
        A Python bool for a Python int, else bool of the shape of `n`.

    Raises
    ------
    OverflowError
        A Python int is 2**64 or more.
    DTypeError
        `n` is no integer, or an array of another dtype.
    OptionError
        `threads` is negative, or `progress` cannot be called.

    Notes
    -----
    O(log n) multiplications per number: division by the primes up to 53, then strong probable prime tests to base 2 and,
    for what passes, to the bases that leave no exception below 2**64 (J. Sinclair, 2011) or 2**32
    (G. Jaeschke, Math. Comp. 61, 1993).

    Examples
    --------
    >>> import numpy as np, bytestride as bs
    >>> bs.is_prime(2**61 - 1)
    True
    >>> bs.is_prime(np.arange(8))
    array([False, False,  True,  True, False,  True, False,  True])
    """
    number = _python_int(n, "1 (n)")
    numbers = _integers(n, "1 (n)") if number is None else np.array(number, np.uint64)
    result = np.empty(numbers.shape, np.bool_)
    call(_IS_PRIME, (numbers, result), None, threads, numbers.size * SECONDS_PER_TEST, _callable(progress))
    return result_of(result) if number is None else bool(result)


@overload
def sum_primes(limits: int, /, *, start: int = 0, progress: Progress | None = None, threads: int = 0) -> int: ...
@overload
def sum_primes(limits: ArrayLike, /, *, start: int = 0, progress: Progress | None = None, threads: int = 0) -> NDArray[np.uint64]: ...
@short.call(_SUM_PRIMES, SECONDS_PER_TEST, **_limit)
def sum_primes(limits: int | ArrayLike, /, *, start: int = 0, progress: Progress | None = None,
               threads: int = 0) -> int | NDArray[np.uint64]:
    """The sum of the primes p with start <= p < limit.

    Parameters
    ----------
    limits : int or array_like
        A Python int below 2**64, or any integer dtype, shape and strides. Below a negative limit there is no prime.
    start : int, optional
        Primes below it are left out; below 2**64.
    progress : callable, optional
        Called about 20 times a second as ``progress(done, total)``, and once more at the end. What it raises
        ends the call.
    threads : int, optional
        At most this many threads; 0 = the library's default.

    Returns
    -------
    int or numpy.ndarray
        An exact Python int for a Python int, else uint64 of the shape of `limits`.

    Raises
    ------
    OverflowError
        A sum in an array is 2**64 or more (from limits of about 2.9e10 on), or a Python int is.
    DTypeError
        `limits` is no integer, or an array of another dtype; `start` is no integer.
    MemoryError
        The O(sqrt(limit)) memory for one limit, or that for many, could not be had.
    OptionError
        `threads` is negative, or `progress` cannot be called.

    Notes
    -----
    One limit n costs O(n^(3/4)) time and O(sqrt(n)) memory (Lagarias, Miller and Odlyzko, Math. Comp. 44, 1985, in its
    simplest form); the limits of an array are answered together, by one pass of a sieve where that is less work, and
    short ranges by a sieve or by tests of each number. Source: the talk's ``sum_primes``, after the Parallel Python demo.

    Examples
    --------
    >>> import bytestride as bs
    >>> bs.sum_primes(10)
    17
    >>> bs.sum_primes([10, 100, 1000])
    array([   17,  1060, 76127], dtype=uint64)
    >>> bs.sum_primes(10**11)
    201467077743744681014
    """
    number, start = _python_int(limits, "1 (limits)"), _start(start)
    if number is None:
        return _totals(_SUM_PRIMES, limits, start, progress, threads)
    words = (ctypes.c_uint64 * 2)()
    scalars = start, number, ctypes.addressof(words)
    entry = Entry("sum_primes_128", partial(_SUM_PRIMES_128.hold, *scalars), partial(_SUM_PRIMES_128.release, *scalars))
    call(entry, (), None, threads, _seconds(1, number, number, start), _callable(progress))
    return words[0] + (words[1] << 64)


@overload
def count_primes(limits: int, /, *, start: int = 0, progress: Progress | None = None, threads: int = 0) -> int: ...
@overload
def count_primes(limits: ArrayLike, /, *, start: int = 0, progress: Progress | None = None, threads: int = 0) -> NDArray[np.uint64]: ...
@short.call(_COUNT_PRIMES, SECONDS_PER_TEST, **_limit)
def count_primes(limits: int | ArrayLike, /, *, start: int = 0, progress: Progress | None = None,
                 threads: int = 0) -> int | NDArray[np.uint64]:
    """The number of the primes p with start <= p < limit.

    Parameters, results, errors and cost are those of `sum_primes`; counts do not overflow.

    Examples
    --------
    >>> import bytestride as bs
    >>> bs.count_primes(10**9)
    50847534
    >>> bs.count_primes([10, 100, 1000], start=11)
    array([  0,  21, 164], dtype=uint64)
    """
    number, start = _python_int(limits, "1 (limits)"), _start(start)
    if number is None:
        return _totals(_COUNT_PRIMES, limits, start, progress, threads)
    return int(_totals(_COUNT_PRIMES, np.array(number, np.uint64), start, progress, threads))


def _totals(entry, limits, start, progress, threads):
    x = _integers(limits, "1 (limits)")
    result = np.empty(x.shape, np.uint64)
    seconds = _seconds(x.size, x.mean(), int(x.max()), start) if x.size else 0.0
    call(entry, (x, result), entry.options(start=start), threads, seconds, _callable(progress))
    return result_of(result)


def _seconds(count, mean, largest, start):
    """The least that so many limits can cost."""
    if largest <= start:
        return 0.0
    return min(count * SECONDS_PER_STEP * max(mean, 0)**0.75, SECONDS_PER_NUMBER * (largest - start + math.isqrt(largest)))


def _python_int(value, name):
    """A Python int as a number from 0 on, since nothing is below a negative one and no such number is prime; None for all else."""
    if not isinstance(value, int):
        return None
    return _below_2_64(value, name)


def _below_2_64(value, name):
    if value >= BEYOND:
        raise errors.overflow_error(f"argument {name} is {value}, must be below 2**64")
    return max(int(value), 0)


def _start(value):
    try:
        return _below_2_64(operator.index(value), "start")
    except TypeError:
        raise errors.dtype_error(f"argument start must be an integer, is {type(value).__name__}") from None


def _integers(value, name):
    x = as_input(value, name)
    if isinstance(value, (list, tuple)) and x.dtype.kind in "fO":
        # NumPy makes floats or objects of Python ints that fit no common dtype, and floats of an empty list.
        items = np.array(value, object)
        if all(isinstance(item, int) for item in items.flat):
            numbers = [_below_2_64(item, name) for item in items.flat]
            return np.array(numbers, np.uint64).reshape(items.shape)
    require_dtype(x.dtype, name, INTEGERS)
    return x


def _callable(progress):
    if progress is not None and not callable(progress):
        raise errors.option_error(f"argument progress must be callable or None, is {type(progress).__name__}")
    return progress
