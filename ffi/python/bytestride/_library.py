"""Finds and loads libbytestride, and binds its functions once.

Every function is bound twice: `hold` keeps the interpreter lock during the call, which is cheaper for calls
of a few microseconds, and `release` gives it to other threads, which anything longer must do.
"""
import ctypes
import os

from . import _generated as c

NAMES = ("libbytestride.so", f"libbytestride.so.{c.BYTESTRIDE_VERSION_MAJOR}")


class Entry:
    """One function of the library, bound with and without the interpreter lock."""

    __slots__ = ("name", "hold", "release", "address", "options")

    def __init__(self, name, hold, release, address=None):
        self.name, self.hold, self.release, self.address = name, hold, release, address
        self.options = getattr(c, f"bytestride_{name}_options", None)  # the struct of its last argument


def candidates():
    """Where the library may be, in the order in which it is looked for."""
    chosen = os.environ.get("BYTESTRIDE_LIBRARY")
    if chosen:
        return [chosen]  # what the user names is loaded or is an error, never replaced by another one
    # os.path, because importing pathlib would take longer than everything else here.
    package = os.path.dirname(os.path.realpath(__file__))
    folders = [package]
    tree = os.path.dirname(os.path.dirname(os.path.dirname(package)))
    if os.path.exists(os.path.join(tree, "include", "bytestride.h")):
        folders.append(os.path.join(tree, "build"))  # the package runs from the source tree
    paths = [os.path.join(folder, name) for folder in folders for name in NAMES]
    found = [path for path in paths if os.path.exists(path)]
    return found[:1] or [NAMES[1]]  # the name alone asks the system's loader


def load(path):
    """The library at `path`, with the interpreter lock held and released during calls."""
    mode = os.RTLD_NOW | os.RTLD_LOCAL
    try:
        # PyPy's ctypes has one kind of library, which releases the lock.
        release, hold = ctypes.CDLL(path, mode=mode), getattr(ctypes, "PyDLL", ctypes.CDLL)(path, mode=mode)
    except OSError as error:
        raise ImportError(
            f"libbytestride cannot be loaded from {path!r}: {error}. Build it with `make lib`, install it, "
            "or name its file in the environment variable BYTESTRIDE_LIBRARY.") from None
    try:
        abi = release.bytestride_abi_version()
    except AttributeError:
        raise ImportError(f"{path} is not libbytestride: it has no bytestride_abi_version") from None
    if abi != c.BYTESTRIDE_ABI_VERSION:
        raise ImportError(f"{path} has binary interface {abi}, this package needs {c.BYTESTRIDE_ABI_VERSION}")
    return release, hold


def bind(path, release, hold):
    """name without its prefix -> Entry; types are set here once and never changed afterwards."""
    entries = {}
    for name, function in c.FUNCTIONS.items():
        pair = []
        for library in (hold, release):
            try:
                bound = getattr(library, name)
            except AttributeError:
                raise ImportError(f"{path} has no {name}: it is older than this package ({c.VERSION})") from None
            bound.restype, bound.argtypes = function.restype, function.argtypes
            pair.append(bound)
        short = name[len("bytestride_"):]
        entries[short] = Entry(short, *pair, ctypes.cast(pair[0], ctypes.c_void_p).value)
    return entries


PATH = candidates()[0]
ENTRIES = bind(PATH, *load(PATH))

def _capsule_reader():
    """PyCapsule_GetPointer: takes a capsule and its name, returns the address that the capsule holds."""
    if hasattr(ctypes, "pythonapi"):
        return ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(("PyCapsule_GetPointer", ctypes.pythonapi))
    # PyPy's ctypes cannot pass a Python object to C, but its capsules are C objects that show their address.
    read = ctypes.CDLL(None).PyPyCapsule_GetPointer
    read.restype, read.argtypes = ctypes.c_void_p, (ctypes.c_void_p, ctypes.c_char_p)
    return lambda capsule, name: read(int(repr(capsule).rpartition(" ")[2].rstrip(">"), 16), name)


# Takes the PyArrayInterface out of the capsule that is `__array_struct__`. The capsule must be in a variable
# until the C call has returned: it owns the memory that the pointer leads to.
pointer_of = _capsule_reader()
