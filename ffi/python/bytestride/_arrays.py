"""What the functions take as arrays: everything becomes an `ndarray` over the same memory.

The ladder: `__array_struct__`, then `__dlpack__` on the CPU, then the buffer protocol, then `np.asarray`. Each rung
makes a view without a copy; only `np.asarray` may copy (a list has no memory to look at), so an output stops
before it.
"""
from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _errors as errors
from . import _generated as c
from ._library import ENTRIES, pointer_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

DTYPES: dict[int, np.dtype[Any]] = {
    c.BYTESTRIDE_BOOL: np.dtype(np.bool_),
    c.BYTESTRIDE_INT8: np.dtype(np.int8), c.BYTESTRIDE_UINT8: np.dtype(np.uint8),
    c.BYTESTRIDE_INT16: np.dtype(np.int16), c.BYTESTRIDE_UINT16: np.dtype(np.uint16),
    c.BYTESTRIDE_INT32: np.dtype(np.int32), c.BYTESTRIDE_UINT32: np.dtype(np.uint32),
    c.BYTESTRIDE_INT64: np.dtype(np.int64), c.BYTESTRIDE_UINT64: np.dtype(np.uint64),
    c.BYTESTRIDE_FLOAT16: np.dtype(np.float16), c.BYTESTRIDE_FLOAT32: np.dtype(np.float32),
    c.BYTESTRIDE_FLOAT64: np.dtype(np.float64),
    c.BYTESTRIDE_COMPLEX64: np.dtype(np.complex64), c.BYTESTRIDE_COMPLEX128: np.dtype(np.complex128),
}
SUPPORTED = frozenset(DTYPES.values())
REAL = frozenset(dtype for dtype in SUPPORTED if dtype.kind != "c")
HOST_DEVICES = (1, 3, 11)  # DLPack: CPU, CUDA pinned host memory, ROCm pinned host memory
DEVICE_NAMES = {2: "CUDA", 4: "OpenCL", 7: "Vulkan", 8: "Metal", 9: "VPI", 10: "ROCm", 13: "CUDA managed",
                14: "oneAPI", 15: "WebGPU", 16: "Hexagon", 17: "MAIA", 18: "Trainium"}


class _Exporter:
    """Carries one protocol attribute to `np.asarray`, and keeps the memory's owner alive as the view's base."""

    def __init__(self, owner, **protocol):
        self.owner = owner
        self.__dict__.update(protocol)


def as_input(value: Any, name: str) -> NDArray[Any]:
    """`value` as an ndarray, without a copy where its memory can be viewed; `name` is for the errors."""
    if type(value) is np.ndarray:
        return value
    if type(value) is float or type(value) is int:  # no memory to look at: asking for it costs more than a short call
        return np.asarray(value)
    view = _view(value, name)
    if view is not None:
        return view
    try:
        return np.asarray(value)
    except ValueError as error:
        raise errors.shape_error(f"argument {name} is not an array: {error}") from None


def as_output(value: Any, name: str = "out") -> NDArray[Any]:
    """`value` as an ndarray over the very memory of `value`; an error where that cannot be."""
    if type(value) is np.ndarray:
        return value
    view = None if isinstance(value, np.generic) else _view(value, name)
    if view is None or (view.flags.owndata and view is not value):
        raise errors.dtype_error(
            f"argument {name} must be an array whose memory can be written in place, is {type(value).__name__}")
    return view


def _view(value, name):
    """An ndarray over the memory of `value`, or None."""
    if isinstance(value, np.ma.MaskedArray):
        raise errors.dtype_error(f"argument {name} is a masked array, whose mask would be lost: pass .filled(...) or .data")
    if isinstance(value, type):
        return None
    for rung in (_from_array_struct, _from_dlpack, _from_buffer):
        view = rung(value, name)
        if view is not None:
            return view
    return None


def _from_array_struct(value, name):
    if isinstance(value, np.ndarray):
        return value.view(np.ndarray)
    capsule = getattr(value, "__array_struct__", None)
    if capsule is None:
        return None
    return np.asarray(_Exporter(value, __array_struct__=capsule))


def _from_dlpack(value, name):
    if not (hasattr(value, "__dlpack__") and hasattr(value, "__dlpack_device__")):
        return None
    device, number = (int(part) for part in value.__dlpack_device__())
    if device not in HOST_DEVICES:
        device = DEVICE_NAMES.get(device, f"DLPack type {device}")
        raise errors.device_error(f"argument {name} is on device {device}:{number}, not in host memory")
    capsule = _capsule_of(value)
    if capsule is None:
        return None
    # The capsule is not consumed: it is the view's base, and its destructor gives the tensor back.
    versioned = int('"dltensor_versioned"' in repr(capsule))
    tensor = pointer_of(capsule, b"dltensor_versioned" if versioned else b"dltensor")
    array = c.bytestride_array()
    status = ENTRIES["from_dltensor"].hold(tensor, versioned, ctypes.addressof(array))
    if status:
        what = ENTRIES["last_error"].hold().decode().split(": ", 1)[-1]  # without the C function's name for the tensor
        raise errors.error_of(status, f"argument {name}: {what}")
    return np.asarray(_Exporter(capsule, __array_interface__={
        "version": 3,
        "typestr": DTYPES[array.dtype].str,
        "shape": tuple(array.shape[:array.ndim]),
        "strides": tuple(array.strides[:array.ndim]),
        "data": (array.data or 0, not array.flags & c.BYTESTRIDE_WRITEABLE),
    }))


def _capsule_of(value):
    """The DLPack capsule of an array in host memory, or None where its exporter cannot say the array in DLPack."""
    # Exporters older than DLPack 1.0 do not know the keyword, and have more than one way to say so.
    for keywords in ({"max_version": (1, 1)}, {}):
        try:
            return value.__dlpack__(**keywords)
        except BufferError:
            return None
        except (TypeError, ValueError, NotImplementedError):
            continue
    return None


def _from_buffer(value, name):
    try:
        memory = memoryview(value)
    except (TypeError, BufferError):
        return None
    try:
        return np.asarray(memory)
    except ValueError:
        raise errors.dtype_error(f"argument {name} has the buffer format {memory.format!r}, which is no dtype") from None


def require_dtype(dtype, name, allowed=SUPPORTED):
    """A DTypeError unless `dtype` is one that the library has, in native byte order."""
    if dtype in allowed:
        return
    takes = "bool, integers, floats" + (", complex" if allowed is SUPPORTED else "")
    hint = " in the machine's byte order" if dtype.newbyteorder("=") in allowed else ""
    raise errors.dtype_error(f"argument {name} has dtype {dtype}; taken are {takes} of the C sizes{hint}")


def as_dtype(value, name="dtype", allowed=SUPPORTED):
    """`value` as a dtype that the library has."""
    if value is None:
        raise errors.dtype_error(f"argument {name} must be a dtype, is None")
    try:
        dtype = np.dtype(value)
    except TypeError as error:
        raise errors.dtype_error(f"argument {name} is not a dtype: {error}") from None
    require_dtype(dtype, name, allowed)
    return dtype


def result_of(out: NDArray[Any]) -> Any:
    """A fresh result as NumPy returns it: a 0-d array becomes a scalar."""
    return out if out.ndim else out[()]
