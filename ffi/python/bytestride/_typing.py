"""The types of what the functions take; for type checkers alone, never imported by a program."""
from __future__ import annotations

from typing import Any, Callable, Protocol, Union

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class SupportsDLPack(Protocol):
    """An array of another library, in host memory."""

    def __dlpack__(self) -> Any: ...

    def __dlpack_device__(self) -> tuple[Any, Any]: ...


class SupportsArrayStruct(Protocol):
    """An array that shows its memory as NumPy's C interface describes it."""

    @property
    def __array_struct__(self) -> Any: ...


#: What a function reads: an array of any library, a buffer, a number, or nested sequences of numbers.
ArrayLike = Union[npt.ArrayLike, SupportsDLPack, SupportsArrayStruct]
#: What a function writes to, in place: an array of any library, or a writeable buffer.
Writeable = Union[Array, SupportsDLPack, SupportsArrayStruct, memoryview, bytearray, Any]
Progress = Callable[[int, int], object]
DTypeLike = npt.DTypeLike
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
UIntArray = npt.NDArray[np.uint64]
