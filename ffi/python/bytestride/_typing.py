"""The types in the signatures; for type checkers and documentation, imported by no other module when it runs."""
from __future__ import annotations

import sys
from typing import Any, Callable, Protocol, Sequence, Union

import numpy.typing as npt

__all__ = ["Array", "ArrayLike", "Axes", "Out", "Progress"]

#: What the functions return.
Array = npt.NDArray[Any]


class SupportsDLPack(Protocol):
    """An array of another library, in host memory."""

    def __dlpack__(self) -> Any: ...

    def __dlpack_device__(self) -> tuple[Any, Any]: ...


class SupportsArrayStruct(Protocol):
    """An object that shows its memory as NumPy's C interface describes it."""

    @property
    def __array_struct__(self) -> Any: ...


if sys.version_info >= (3, 12):
    from collections.abc import Buffer
else:
    class Buffer(Protocol):
        """bytes, bytearray, memoryview, array.array, mmap, ..."""

        def __buffer__(self, flags: int, /) -> memoryview: ...


#: What a function reads: an array of any library, a buffer, a number, or nested sequences of numbers.
ArrayLike = Union[npt.ArrayLike, SupportsDLPack, SupportsArrayStruct, Buffer]
#: What a function writes to, in place: an array of any library, or a writeable buffer.
Out = Union[Array, SupportsDLPack, SupportsArrayStruct, Buffer]
Axes = Union[int, Sequence[int]]
#: Called with the work done and the work in all.
Progress = Callable[[int, int], object]
