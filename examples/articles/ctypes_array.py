"""The talk's ctypes example, with the standard library alone: no NumPy, no package, arrays of the module `array`.

The talk handed bare pointers to a C function: it took the strides for granted, left types to chance and returned no errors. Here a
`bytestride_array` describes each buffer - address, dtype, shape, strides in bytes - and every call has a status. The data are
an interleaved stereo signal; the left channel, every second number, is added to the right one and smoothed where it lies.

    BYTESTRIDE_LIBRARY=build/libbytestride.so python3 examples/articles/ctypes_array.py [--size 20000]
"""
import ctypes
import os
from array import array

from _forms import Case, run

library = ctypes.CDLL(os.environ.get("BYTESTRIDE_LIBRARY", "libbytestride.so.1"))
library.bytestride_last_error.restype = ctypes.c_char_p

FLOAT64, WRITEABLE = 0x14002, 1  # BYTESTRIDE_FLOAT64, BYTESTRIDE_WRITEABLE


class Descriptor(ctypes.Structure):
    """bytestride_array of bytestride.h."""

    _fields_ = [("size", ctypes.c_uint32), ("dtype", ctypes.c_int32), ("ndim", ctypes.c_int32), ("flags", ctypes.c_uint32),
                ("data", ctypes.c_void_p), ("shape", ctypes.c_int64 * 8), ("strides", ctypes.c_int64 * 8)]


library.bytestride_add.argtypes = [ctypes.POINTER(Descriptor)] * 3 + [ctypes.c_void_p]
library.bytestride_convolve.argtypes = [ctypes.POINTER(Descriptor)] * 3 + [ctypes.c_void_p]


def described(numbers, first=0, step=1):
    """The descriptor of numbers[first::step]; the array must live, and keep its length, as long as it is used."""
    address, _ = numbers.buffer_info()
    view = Descriptor(ctypes.sizeof(Descriptor), FLOAT64, 1, WRITEABLE, address + first * numbers.itemsize)
    view.shape[0], view.strides[0] = len(range(first, len(numbers), step)), step * numbers.itemsize
    return view


def call(function, *arguments):
    status = function(*arguments, None)  # None: default options
    if status:
        raise ValueError(f"{library.bytestride_last_error().decode()} (status {status})")


def cases(size=20_000):
    stereo = array("d", (float(n * 7919 % 1000) for n in range(2 * size)))
    kernel = array("d", (1.0, 2.0, 4.0, 2.0, 1.0))
    left, right, weights = described(stereo, 0, 2), described(stereo, 1, 2), described(kernel)
    result = array("d", bytes(8 * size))
    out = described(result)

    def add():
        call(library.bytestride_add, left, right, out)
        return result

    def add_by_loop():
        return array("d", (stereo[2 * n] + stereo[2 * n + 1] for n in range(size)))

    def smooth():
        call(library.bytestride_convolve, left, weights, out)
        return result

    def smooth_by_loop():
        smoothed = array("d", bytes(8 * size))
        for n in range(size):
            for k in range(5):
                if 0 <= n + k - 2 < size:
                    smoothed[n] += stereo[2 * (n + k - 2)] * kernel[4 - k]
        return smoothed

    # Whole numbers: nothing is rounded.
    yield Case(f"left + right, {size} numbers", add_by_loop, add, before_name="a loop")
    yield Case(f"left smoothed by 5 weights, {size} numbers", smooth_by_loop, smooth, before_name="a loop")


if __name__ == "__main__":
    run(__doc__, cases)
