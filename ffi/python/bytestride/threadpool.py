"""Makes this library known to threadpoolctl, the package that limits the threads of every numerical library at once.

Importing this module registers the library; that happens by itself where threadpoolctl was imported before bytestride.
From then on ``threadpoolctl.threadpool_info()`` lists the library as user_api "bytestride", and
``threadpoolctl.threadpool_limits(n)`` limits it, in the whole process, as `bytestride.set_num_threads` does.

Needs threadpoolctl 3.2 or newer, which scikit-learn brings.

Examples
--------
>>> import numpy as np, threadpoolctl, bytestride as bs, bytestride.threadpool
>>> with threadpoolctl.threadpool_limits(1):
...     bs.get_num_threads()
1
"""
from __future__ import annotations

import ctypes

import threadpoolctl

if not hasattr(threadpoolctl, "register"):
    raise ImportError(f"bytestride.threadpool needs threadpoolctl 3.2 or newer, not {threadpoolctl.__version__}")


class Controller(threadpoolctl.LibController):
    """What threadpoolctl calls for every libbytestride in the process; its attributes and methods are threadpoolctl's."""

    user_api = "bytestride"
    internal_api = "bytestride"
    filename_prefixes = ("libbytestride.so",)  # with its end: libbytestride_python.so has no threads
    check_symbols = ("bytestride_get_num_threads", "bytestride_set_num_threads", "bytestride_version")

    def get_num_threads(self) -> int:
        """How many threads a call may use."""
        return int(self.dynlib.bytestride_get_num_threads())

    def set_num_threads(self, num_threads: int) -> None:
        """Sets how many threads a call may use, in the whole process."""
        self.dynlib.bytestride_set_num_threads(int(num_threads))

    def get_version(self) -> str:
        """The version of the library."""
        version = self.dynlib.bytestride_version
        version.restype = ctypes.c_char_p
        return str(version(), "ascii")


threadpoolctl.register(Controller)
