"""How many threads a call may use: of this process, of this context."""
from __future__ import annotations

import operator
from contextlib import _GeneratorContextManager, contextmanager
from contextvars import ContextVar
from typing import Callable, Iterator

from . import _errors as errors
from ._library import ENTRIES

# What `with threads(n)` has set for the calls of this context; 0 = the library's default.
default_threads = ContextVar("bytestride_threads", default=0)


def thread_count(value, name="threads"):
    """A number of threads as the library takes it; 0 = the default."""
    if type(value) is not int:
        try:
            value = operator.index(value)
        except TypeError:
            raise errors.option_error(f"argument {name} must be an int, is {type(value).__name__}") from None
    if value < 0:
        raise errors.option_error(f"argument {name} must not be negative, is {value}")
    return min(value, 2**31 - 1)


def set_num_threads(n: int) -> None:
    """Sets how many threads a call may use in this process.

    Parameters
    ----------
    n : int
        At most this many threads; 0 returns to the default (CPU affinity, cgroup quota,
        ``BYTESTRIDE_NUM_THREADS``, ``OMP_NUM_THREADS``). A forked child forgets it.

    Raises
    ------
    OptionError
        `n` is negative or not an integer.

    See Also
    --------
    threads : the same for the calls of one ``with`` block.

    Examples
    --------
    >>> import bytestride as bs
    >>> bs.set_num_threads(2)
    >>> bs.get_num_threads()
    2
    >>> bs.set_num_threads(0)
    """
    status = ENTRIES["set_num_threads"].release(thread_count(n, "n"))
    if status:
        raise errors.error_of(status, ENTRIES["last_error"].hold().decode())


def get_num_threads() -> int:
    """How many threads a call may use when neither it nor ``with threads(n)`` says otherwise; at least 1.

    Examples
    --------
    >>> import bytestride as bs
    >>> bs.get_num_threads() >= 1
    True
    """
    number: int = ENTRIES["get_num_threads"].release()
    return number


def threads(n: int) -> _GeneratorContextManager[None]:
    """A context in which calls without ``threads=`` use at most `n` threads.

    The number belongs to the context (thread, asyncio task) and not to the process. It can also be used as
    a decorator.

    Parameters
    ----------
    n : int
        At most this many threads; 0 = the library's default.

    Raises
    ------
    OptionError
        `n` is negative or not an integer.

    Examples
    --------
    >>> import numpy as np, bytestride as bs
    >>> with bs.threads(1):
    ...     total = bs.add(np.arange(3), 10)
    >>> total.tolist()
    [10, 11, 12]
    """
    return _threads(thread_count(n, "n"))


context_listeners: list[Callable[[], object]] = []  # called whenever a context is opened


@contextmanager
def _threads(n: int) -> Iterator[None]:
    for note in context_listeners:
        note()
    token = default_threads.set(n)
    try:
        yield
    finally:
        default_threads.reset(token)
