"""What the helper library must know of a function to serve its short calls: declared beside the function, read by
_fastcall.py, and without any meaning where there is no helper library.

    @short.call(ENTRY, 1e-9, "a size", a=short.array(), side=short.word(SIDES), out=short.out, result=short.Result("like", "a", np.int64))
    def function(a, /, side="left", sorter=None, *, out=None, threads=0):

A parameter that is not named (`sorter`) is served with its default alone; `threads` needs no name.
"""
from __future__ import annotations

from typing import Any, Callable, Iterable, NamedTuple, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

DECLARATIONS = {}  # function -> Declaration

# Roles, kinds of numbers, shapes and measures have the numbers of the enums in fastcall_arguments.h.
(FIXED, ARRAY, OUT, ARRAY_OPTION, WORD, INTEGER, REAL, POSITIVE, FLAG, ZERO, SCALAR_REAL, SCALAR_INTEGER, DTYPE, SHAPE, AXES, ORDER,
 THREADS, BY_ROWS) = range(18)
NUMBERS = {None: 0, "weak": 1, "own": 2, "unsigned": 3}
SHAPES = {None: 0, "like": 1, "common": 2, "scalar": 3, "filtered": 4, "pairs": 5, "rows": 6, "points": 7, "named": 8}
MEASURES = {"size": 0, "last": 1, "bits": 2, "bytes": 3}


class Role(NamedTuple):
    """What an argument is for."""

    kind: int
    words: dict[str, int] = {}
    low: int = -2**63
    high: int = 2**63 - 1
    number: str | None = None
    arrays_too: bool = True


class Result(NamedTuple):
    """The array that is returned, and what a fresh one is."""

    shape: str | None = None  # of SHAPES
    like: str | None = None   # the parameter whose shape and dtype it has
    dtype: object = None      # where it has another one
    exact: bool = False       # a given one must have the very dtype
    to: str | None = None     # the parameter that is returned, where there is no `out`


class Declaration(NamedTuple):
    """All of it."""

    entry: object
    seconds: float
    factors: tuple[str, ...]
    roles: dict[str, Role]
    result: Result
    arrays: int | None  # of the C function, where some of the last ones are always NULL
    rules: dict[str, int]


def array(number=None):
    """An array; or a Python number, which takes the ``weak`` dtype of the other operand, or its ``own``."""
    return Role(ARRAY, number=number)


def whole(low=0, high=2**63 - 1, arrays_too=False):
    """A Python int, seen as uint64 without dimensions; the result is a Python object too."""
    return Role(ARRAY, number="unsigned", low=low, high=high, arrays_too=arrays_too)


def word(words):
    """One of the keys of `words`."""
    return Role(WORD, words=words)


def integer(low, high=2**63 - 1):
    """An int in the options."""
    return Role(INTEGER, low=low, high=high)


array_option, real, positive, flag, zero = Role(ARRAY_OPTION), Role(REAL), Role(POSITIVE), Role(FLAG), Role(ZERO)
scalar_real, scalar_integer, dtype, shape = Role(SCALAR_REAL), Role(SCALAR_INTEGER), Role(DTYPE), Role(SHAPE)
axes, order, by_rows = Role(AXES), Role(ORDER), Role(BY_ROWS)
out, fixed, threads = Role(OUT), Role(FIXED), Role(THREADS)


def call(entry: Any, seconds: float, *factors: str, result: Result, arrays: int | None = None, rules: Iterable[str] = (),
         **roles: Role) -> Callable[[Function], Function]:
    """Declares the function below it. Its work, in the best case, is `seconds` times the product of `factors`: "a size", "a last"
    (extent), "a bits" (of the size), "out bytes". `rules`: "reversed", "square", "true_division", "not_scalar", "counts"."""
    def declare(function: Function) -> Function:
        DECLARATIONS[function] = Declaration(entry, seconds, factors, roles, result, arrays, dict.fromkeys(rules, 1))
        return function
    return declare
