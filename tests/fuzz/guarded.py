"""Arrays whose memory ends at a page that nobody may touch, and random ways to lay arrays out in it."""
import ctypes
import mmap

import numpy as np

PAGE = mmap.PAGESIZE
_libc = ctypes.CDLL(None, use_errno=True)
_libc.mmap.restype = ctypes.c_void_p
_libc.mmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long)
_libc.munmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t)
_libc.mprotect.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
GUARD = 0xA5


class Memory:
    """So many bytes with a forbidden page before and behind; they end at the one behind, or begin at the one before."""

    def __init__(self, size, at_the_end):
        whole = -(-size // PAGE) * PAGE + 2 * PAGE
        self.start, self.length = _libc.mmap(None, whole, mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1, 0), whole
        for page in (self.start, self.start + whole - PAGE):
            if _libc.mprotect(page, PAGE, 0):
                raise OSError(ctypes.get_errno(), "mprotect")
        self.address = self.start + (whole - PAGE - size if at_the_end else PAGE)

    def __del__(self):
        _libc.munmap(self.start, self.length)


class View:
    """An array of random strides in guarded memory; `check()` fails when a byte between its elements has changed."""

    def __init__(self, random, shape, dtype):
        shape, dtype = tuple(shape), np.dtype(dtype)
        strides = _strides(random, shape, dtype.itemsize)
        spans = [stride * (extent - 1) for stride, extent in zip(strides, shape)] if all(shape) else []
        lowest, highest = sum(min(0, span) for span in spans), sum(max(0, span) for span in spans)
        size = highest - lowest + dtype.itemsize if all(shape) else 1
        memory = Memory(size, random.random() < 0.6)
        buffer = (ctypes.c_ubyte * size).from_address(memory.address)
        buffer.memory = memory  # lives as long as the array
        self.bytes = np.frombuffer(buffer, np.uint8)
        self.bytes[:] = GUARD
        self.array = np.ndarray(shape, dtype, buffer, -lowest, strides)
        self.gaps = np.ones(size, bool)
        elements = np.ndarray((*shape, dtype.itemsize), bool, self.gaps, -lowest, (*strides, 1)) if all(shape) else None
        if elements is not None:
            elements[...] = False

    def check(self):
        changed = np.flatnonzero(self.gaps & (self.bytes != GUARD))
        assert not changed.size, f"bytes between the elements were written: {changed[:8]} of strides {self.array.strides}"


def _strides(random, shape, itemsize):
    """Axes in any order and direction, with gaps, and sometimes off the dtype's alignment."""
    axes = list(range(len(shape)))[::-1]
    if random.random() < 0.5:
        random.shuffle(axes)
    step = itemsize if random.random() < 0.8 else itemsize + random.randint(0, 3)
    strides = [0] * len(shape)
    for axis in axes:
        step *= random.choice((1, 1, 1, 1, 2, 3))
        strides[axis] = step * random.choice((1, 1, 1, -1))
        step *= max(shape[axis], 1)
        if random.random() < 0.2:
            step += random.randint(0, 9) * (itemsize if random.random() < 0.7 else 1)
    return tuple(strides)
