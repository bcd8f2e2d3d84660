"""The library through bare ctypes, for programs that look at what it does to their process.

Independent of the Python package and of the generated bindings: what it knows comes from the header by hand.
"""
import ctypes
import json
import os
import sys

import numpy as np
import numpy.random  # now: an import may neither be interrupted by a fork nor come after a program gave up its rights

CODES = {"uint8": 0x10801, "int32": 0x12000, "float32": 0x12002, "float64": 0x14002}
OK, MEMORY = 0, -6


class Array(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint32), ("dtype", ctypes.c_int32), ("ndim", ctypes.c_int32), ("flags", ctypes.c_uint32),
                ("data", ctypes.c_void_p), ("shape", ctypes.c_int64 * 8), ("strides", ctypes.c_int64 * 8)]


class Options(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint32), ("threads", ctypes.c_int32), ("error", ctypes.c_char_p), ("error_size", ctypes.c_int64),
                ("cancel", ctypes.c_void_p), ("progress", ctypes.c_void_p), ("reserved", ctypes.c_uint64 * 3)]


def describe(a):
    fill = (0,) * (8 - a.ndim)
    return Array(152, CODES[a.dtype.name], a.ndim, 1, a.ctypes.data, (ctypes.c_int64 * 8)(*a.shape, *fill),
                 (ctypes.c_int64 * 8)(*a.strides, *fill))


class Library:
    """One loaded copy of the library."""

    def __init__(self, path=None):
        self.library = library = ctypes.CDLL(path or os.environ["BYTESTRIDE_LIBRARY"])
        pointer = ctypes.c_void_p
        library.bytestride_add.argtypes = [pointer] * 4
        library.bytestride_transpose_inplace.argtypes = [pointer] * 2
        library.bytestride_build_info.restype = ctypes.c_char_p
        library.bytestride_last_error.restype = ctypes.c_char_p

    def add(self, a, b, out, threads=0):
        arrays = [describe(x) for x in (a, b, out)]
        options = Options(size=64, threads=threads)
        return self.library.bytestride_add(*map(ctypes.byref, arrays), ctypes.byref(options))

    def transpose_inplace(self, a):
        return self.library.bytestride_transpose_inplace(ctypes.byref(describe(a)), None)

    def facts(self):
        return json.loads(self.library.bytestride_build_info())

    def set_threads(self, count):
        return self.library.bytestride_set_num_threads(count)

    def get_threads(self):
        return self.library.bytestride_get_num_threads()

    def compute(self, threads=0, elements=2_000_000, seed=1):
        """A call long enough for several threads; the result is checked."""
        a = np.random.default_rng(seed).random(elements)
        b = np.arange(elements, dtype=np.float64)
        out = np.full(elements, -1.0)
        status = self.add(a, b, out, threads)
        assert status == OK, (status, self.library.bytestride_last_error())
        assert np.array_equal(out, a + b)


def threads_now():
    return len(os.listdir("/proc/self/task"))


def threads_at_most(limit, attempts=2000):
    """A thread that was joined leaves /proc a moment later."""
    import time
    for _ in range(attempts):
        if threads_now() <= limit:
            return True
        time.sleep(0.001)
    print(f"{threads_now()} threads, expected at most {limit}", file=sys.stderr)
    return False


def wait_for(child):
    """The exit status of a child, which is killed when it hangs."""
    import signal
    import time
    for _ in range(6000):
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "hung"


def in_child(body):
    """Forks, runs body() in the child, and returns its exit status: 0 when nothing was raised."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            body()
            code = 0
        except BaseException:
            import traceback
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    return wait_for(child)
