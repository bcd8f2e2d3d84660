"""Libraries of own kernels: their functions, as their manifest describes them."""
from __future__ import annotations

import ctypes
import json
import os

from . import _errors as errors
from . import _generated as c
from ._library import PATH
from ._own import ARRAYS, OwnFunction


class Library:
    """A library of own kernels: its functions are attributes.

    Attributes
    ----------
    path : str
        The file.
    functions : dict
        Name -> function.
    manifest : dict
        What the library says about itself, as ``bytestride_manifest`` in ``bytestride/kernel.h`` describes it.
    """

    def __init__(self, path, manifest, functions):
        self.path, self.manifest, self.functions = path, manifest, functions
        for name, function in functions.items():
            self.__dict__.setdefault(name, function)

    def __repr__(self):
        return f"<bytestride.Library {self.path}: {', '.join(self.functions) or 'no functions'}>"


def load(path: str | os.PathLike[str]) -> Library:
    """Loads a library of own kernels.

    Its functions check their arguments as those of this package do, raise the same exceptions, and take the same keywords.

    Parameters
    ----------
    path : path_like
        A shared library built with ``bytestride/kernel.hpp``, for example ``"./libmine.so"``. A name without a folder is
        looked for by the system's loader.

    Returns
    -------
    Library
        One attribute per function. Arrays that are read or changed in place are positional, numbers may be positional or
        keywords; then come ``out=`` (an array; a tuple where there are several outputs), ``threads=`` and
        ``progress=callable(done, total)``. Without ``out`` fresh arrays are made where the names of the extents tell
        their shape. A function returns its outputs, or the arrays it has changed in place if there are none.

    Raises
    ------
    LoadError
        The file cannot be loaded, has no manifest, or one of another version.

    See Also
    --------
    compile : builds the library too.

    Notes
    -----
    Ctrl-C ends a call between two parts of its loops. libbytestride can be loaded so too: every function but those with
    results by pointer, with ``out`` given and default options.

    Examples
    --------
    >>> import numpy as np, bytestride as bs
    >>> library = bs.load(bs.build_info()["library"])
    >>> library.bytestride_add(np.arange(3), np.ones(3), out=np.empty(3)).tolist()
    [1.0, 2.0, 3.0]
    """
    path = os.fspath(path)
    try:
        handle = ctypes.CDLL(path, mode=os.RTLD_NOW | os.RTLD_LOCAL)
    except OSError as error:
        raise errors.load_error(f"{path} cannot be loaded: {error}") from None
    manifest = _manifest_of(handle, path)
    functions = {}
    for description in manifest["functions"]:
        if all(argument["role"] in (*ARRAYS, "scalar", "options") for argument in description["arguments"]):
            functions[description["name"]] = OwnFunction(getattr(handle, description["name"]), description).as_function()
    return Library(path, manifest, functions)


def _manifest_of(handle, path):
    entry = getattr(handle, "bytestride_manifest", None)
    ours = ctypes.CDLL(PATH, mode=os.RTLD_NOW | os.RTLD_LOCAL)
    # The name is looked for in what the library needs, too, and libbytestride has one of its own.
    if entry is None or (_address(entry) == _address(ours.bytestride_manifest) and handle._handle != ours._handle):
        raise errors.load_error(f"{path} is no library of own kernels: it has no bytestride_manifest (bytestride/kernel.hpp writes one)")
    entry.restype, entry.argtypes = ctypes.c_char_p, ()
    try:
        manifest = json.loads(entry().decode())
        version = manifest["bytestride"]
    except (ValueError, KeyError, TypeError) as error:
        raise errors.load_error(f"the manifest of {path} cannot be read: {error}") from None
    if version != c.BYTESTRIDE_ABI_VERSION:
        raise errors.load_error(f"{path} is for binary interface {version}, this package has {c.BYTESTRIDE_ABI_VERSION}")
    return manifest


def _address(function):
    return ctypes.cast(function, ctypes.c_void_p).value
