"""Fast loops over strided arrays: arithmetic, copies, convolution, depth images, distances and scaling, search, primes.

Examples
--------
>>> import numpy as np, bytestride as bs
>>> image = np.arange(12.0).reshape(3, 4)
>>> bs.convolve(image[:, ::-1], np.ones((3, 3)) / 9, boundary="nearest").shape
(3, 4)
"""
import sys

from ._errors import (CompileError, DeviceError, DTypeError, Error, IndexOutOfRangeError, LoadError, MemoryError, OptionError,
                      OverflowError, OverlapError, ReadOnlyError, ShapeError)
from ._facts import build_info
from ._fastcall import accelerate
from ._generated import VERSION as __version__
from ._threads import get_num_threads, set_num_threads, threads
from .arithmetic import add, divide, maximum, minimum, multiply, subtract
from .compile import compile
from .convolve import convolve, correlate
from .copy import cast, copy, transpose, transpose_inplace
from .depth import depth_to_points, points_to_depth
from .distance import distances, distances_from, squared_error, update_distances
from .load import Library, load
from .mds import MDSResult, classical_mds, mds
from .neighborhood import neighbor_product
from .primes import count_primes, is_prime, sum_primes
from .search import binary_search, searchsorted

__all__ = [
    "add", "subtract", "multiply", "divide", "minimum", "maximum",
    "copy", "cast", "transpose", "transpose_inplace",
    "convolve", "correlate",
    "neighbor_product", "depth_to_points", "points_to_depth",
    "distances", "distances_from", "update_distances", "squared_error",
    "mds", "classical_mds", "MDSResult",
    "searchsorted", "binary_search",
    "is_prime", "sum_primes", "count_primes",
    "load", "compile", "Library",
    "set_num_threads", "get_num_threads", "threads", "build_info", "__version__",
    "Error", "ShapeError", "OptionError", "IndexOutOfRangeError", "ReadOnlyError", "OverlapError", "DTypeError",
    "DeviceError", "OverflowError", "MemoryError", "LoadError", "CompileError",
]

accelerate(globals())
if hasattr(sys.modules.get("threadpoolctl"), "register"):
    from . import threadpool as _threadpool  # importing threadpoolctl for it would double the time of the import
del accelerate, sys


def __getattr__(name):
    # The drop-in names are loaded when first used.
    if name == "compat":
        import importlib
        return importlib.import_module(".compat", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
