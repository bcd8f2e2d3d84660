"""The optional helper library for the cost of short calls: it makes the elementwise functions builtins, and calls the
library's other functions without ctypes.

It is looked for beside libbytestride and beside the package. Without it (or on PyPy, on a free-threaded build, or with BYTESTRIDE_FASTCALL=0 in
the environment) the functions stay the Python functions of arithmetic.py, which give the same results and
errors.
"""
import ctypes
import inspect
import json
import os
import sys

import numpy as np

from . import _call
from . import _generated as c
from ._library import ENTRIES
from ._runtime import context_listeners

NAME = "libbytestride_python.so"
FUNCTIONS = ("add", "subtract", "multiply", "divide", "minimum", "maximum")
VERSION = c.BYTESTRIDE_VERSION_MAJOR * 10000 + c.BYTESTRIDE_VERSION_MINOR * 100 + c.BYTESTRIDE_VERSION_PATCH


def _load():
    """The helper library, started, or None."""
    if sys.implementation.name != "cpython" or "t" in sys.abiflags or os.environ.get("BYTESTRIDE_FASTCALL") == "0":
        return None
    beside = json.loads(ENTRIES["build_info"].hold().decode())["library"]
    if os.sep in beside:  # a path may be relative; a bare name is nobody's folder
        beside = os.path.abspath(beside)
    for folder in (os.path.dirname(beside), os.path.dirname(os.path.realpath(__file__))):
        path = os.path.join(folder, NAME)
        if not os.path.isabs(path) or not os.path.exists(path):
            continue
        try:
            library = ctypes.PyDLL(path, mode=os.RTLD_NOW | os.RTLD_LOCAL)
            version = library.bytestride_python_version
            start, define = library.bytestride_python_start, library.bytestride_python_define
            context_used, call_arrays = library.bytestride_python_context_used, library.bytestride_python_call_arrays
        except (OSError, AttributeError):
            continue
        version.restype, version.argtypes = ctypes.c_int32, ()
        start.restype, start.argtypes = ctypes.c_int32, (ctypes.py_object,) * 3
        define.restype, define.argtypes = ctypes.c_void_p, (
            ctypes.c_int32, ctypes.c_void_p, ctypes.py_object, ctypes.c_int32, ctypes.c_char_p, ctypes.c_char_p)
        context_used.restype, context_used.argtypes = None, ()
        call_arrays.restype, call_arrays.argtypes = ctypes.c_void_p, ()
        if version() == VERSION and start(np.ndarray, np.empty, None):
            context_listeners.append(context_used)
            return library
    return None


def _builtin(method, module):
    """The builtin function of a definition (an address) in C."""
    make = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.c_void_p, ctypes.py_object)(
        ("PyCFunction_NewEx", ctypes.pythonapi))
    return make(method, None, module)


LIBRARY = _load()
if LIBRARY is not None:
    _call.quick = _builtin(LIBRARY.bytestride_python_call_arrays(), __name__)
_texts = []  # names and docs: C keeps pointers to them


def accelerate(names):
    """Replaces the elementwise functions in the namespace `names` by builtins with the same signature and docs."""
    if LIBRARY is None:
        return
    for index, name in enumerate(FUNCTIONS):
        general = names[name]
        signature = inspect.signature(general)
        plain = signature.replace(
            parameters=[p.replace(annotation=p.empty) for p in signature.parameters.values()],
            return_annotation=signature.empty)
        # CPython reads the signature of a builtin from the first line of its documentation.
        texts = name.encode(), f"{name}{plain}\n--\n\n{inspect.getdoc(general)}".encode()
        _texts.extend(texts)
        method = LIBRARY.bytestride_python_define(index, ENTRIES[name].address, general, name == "divide", *texts)
        names[name] = _builtin(method, names["__name__"])
