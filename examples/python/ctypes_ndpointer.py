"""Calls the library through bare ctypes and numpy.ctypeslib.ndpointer, without the package.

A kernel that is given only a pointer and a shape reads the wrong elements as soon as the array is a view. Here
`ndpointer` checks dtype and dimensions, and the strides travel with the pointer in a `bytestride_array`, so any
view is right: slices, negative strides, transposes, fields of records.

    BYTESTRIDE_LIBRARY=<prefix>/lib/libbytestride.so python3 ctypes_ndpointer.py
"""
import ctypes
import os

import numpy as np
from numpy.ctypeslib import ndpointer

library = ctypes.CDLL(os.environ.get("BYTESTRIDE_LIBRARY", "libbytestride.so.1"))

FLOAT64, WRITEABLE = 0x14002, 1  # BYTESTRIDE_FLOAT64, BYTESTRIDE_WRITEABLE


class Array(ctypes.Structure):
    """bytestride_array of bytestride.h."""

    _fields_ = [("size", ctypes.c_uint32), ("dtype", ctypes.c_int32), ("ndim", ctypes.c_int32), ("flags", ctypes.c_uint32),
                ("data", ctypes.c_void_p), ("shape", ctypes.c_int64 * 8), ("strides", ctypes.c_int64 * 8)]


# Without argtypes, ctypes would pass an address as a 32-bit int. ndpointer refuses what is not a float64 array of
# two dimensions before anything is called; no flag asks for contiguity, because the strides are passed on.
matrix = ndpointer(dtype=np.float64, ndim=2)
int64s = ctypes.POINTER(ctypes.c_int64)

library.bytestride_array_init.restype = ctypes.c_int32
library.bytestride_array_init.argtypes = [
    ctypes.POINTER(Array), matrix, ctypes.c_int32, ctypes.c_int32, int64s, int64s, ctypes.c_uint32]
library.bytestride_convolve.restype = ctypes.c_int32
library.bytestride_convolve.argtypes = [ctypes.POINTER(Array)] * 3 + [ctypes.c_void_p]
library.bytestride_last_error.restype = ctypes.c_char_p
library.bytestride_last_error.argtypes = []


def check(status):
    if status != 0:
        raise ValueError(f"{library.bytestride_last_error().decode()} (status {status})")


def described(a):
    """The descriptor of a matrix; `a` must live as long as it is used."""
    array = Array()
    shape, strides = a.ctypes.shape_as(ctypes.c_int64), a.ctypes.strides_as(ctypes.c_int64)  # strides in bytes
    check(library.bytestride_array_init(array, a, FLOAT64, a.ndim, shape, strides, WRITEABLE * a.flags.writeable))
    return array


def convolve(image, kernel, out):
    check(library.bytestride_convolve(described(image), described(kernel), described(out), None))
    return out


image = np.arange(30.0).reshape(5, 6)
kernel = np.array([[-1.0, -2.0, -1.0], [0.0, 0.0, 0.0], [1.0, 2.0, 1.0]])

view = image[::-1, ::2]  # strides (-48, 16)
result = convolve(view, kernel, np.empty(view.shape))
print(f"strides {view.strides}:")
print(result)

# The same view as the plain sum says it: the kernel flipped, zeros around the image.
padded = np.pad(view, 1)
expected = sum(kernel[2 - k, 2 - m] * padded[k:k + 5, m:m + 3] for k in range(3) for m in range(3))
assert np.array_equal(result, expected)

# Into a view as well: the transposed half of a larger array.
canvas = np.zeros((6, 5))
convolve(view, kernel, canvas.T[:, ::2])
assert np.array_equal(canvas.T[:, ::2], expected) and not canvas.T[:, 1::2].any()

try:
    convolve(image, kernel, np.empty((4, 6)))
except ValueError as error:
    print("error:", error)
try:
    convolve(image.astype(np.float32), kernel, np.empty((5, 6)))
except ctypes.ArgumentError as error:
    print("error:", error)
