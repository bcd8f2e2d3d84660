"""The optional helper library for the cost of short calls: it makes the functions that _short.py knows builtins, and calls
the library without ctypes for all of them.

It is looked for beside libbytestride and beside the package. Without it (or on PyPy, on a free-threaded build, on a NumPy after 2,
or with BYTESTRIDE_FASTCALL=0 in the environment) the functions stay Python functions, which give the same results and errors.
"""
import ctypes
import inspect
import json
import os
import sys
from ctypes import c_char, c_char_p, c_double, c_int32, c_int64, c_void_p, py_object

import numpy as np

from . import _call
from . import _generated as c
from . import _short as short
from ._arrays import SUPPORTED
from ._library import ENTRIES, pointer_of
from ._threads import context_listeners

NAME = "libbytestride_python.so"
VERSION = c.BYTESTRIDE_VERSION_MAJOR * 10000 + c.BYTESTRIDE_VERSION_MINOR * 100 + c.BYTESTRIDE_VERSION_PATCH
DTYPES, DTYPE_NAMES, FACTORS = 24, 4, 3  # lengths of arrays in C
# What stands in the options, and its size.
OPTIONS = {short.WORD: 4, short.FLAG: 4, short.INTEGER: 8, short.REAL: 8, short.POSITIVE: 8, short.ARRAY_OPTION: 8}


# ---- The structs of fastcall_python.h and fastcall_arguments.h -------------------------------------------------------

class _Dtype(ctypes.Structure):
    _fields_ = [("descr", c_void_p), ("type", c_void_p), ("names", c_void_p * DTYPE_NAMES), ("builtin", c_void_p), ("itemsize", c_int32),
                ("kind", c_char)]


class _Surroundings(ctypes.Structure):
    _fields_ = [*((name, c_void_p) for name in ("ndarray", "int", "float", "complex", "str", "tuple", "none", "yes", "no", "new_array", "new_scalar")),
                ("head", c_int64), ("dtypes", _Dtype * DTYPES), ("promoted", ctypes.c_int8 * DTYPES * DTYPES)]


class _Word(ctypes.Structure):
    _fields_ = [("text", c_void_p), ("value", c_int64)]


class _Parameter(ctypes.Structure):
    _fields_ = [("name", c_void_p), ("fallback", c_void_p), ("words", ctypes.POINTER(_Word)), ("words_count", c_int64), ("low", c_int64),
                ("high", c_int64), *((name, c_int32) for name in ("role", "at", "required", "number", "arrays_too"))]


class _Factor(ctypes.Structure):
    _fields_ = [("array", c_int32), ("measure", c_int32)]


class _Description(ctypes.Structure):
    _fields_ = [("function", c_void_p), ("general", c_void_p), ("parameters", ctypes.POINTER(_Parameter)), ("options", c_void_p),
                ("name", c_char_p), ("doc", c_char_p), ("seconds", c_double), ("factors", _Factor * FACTORS),
                *((name, c_int32) for name in (
                    "factors_count", "parameters_count", "positional_count", "arrays", "floats", "integers", "options_size",
                    "options_needed", "result", "shape", "like", "dtype", "exact", "reversed", "square", "true_division", "not_scalar",
                    "counts"))]


_kept = []  # what C points to


def _address(value):
    """The address of an object that lives as long as the process from now on."""
    _kept.append(value)
    return id(value)


# ---- Start -----------------------------------------------------------------------------------------------------------

def _surroundings():
    """What C cannot find by itself."""
    multiarray = np._core.multiarray if hasattr(np, "_core") else np.core.multiarray
    functions = ctypes.cast(pointer_of(multiarray._ARRAY_API, None), ctypes.POINTER(c_void_p))
    found = _Surroundings(
        *map(_address, (np.ndarray, int, float, complex, str, tuple, None, True, False)),
        new_array=functions[94], new_scalar=functions[60], head=object.__basicsize__)
    builtins = {np.dtype(kind): _address(kind) for kind in (bool, int, float, complex)}
    dtypes = [dtype for dtype in map(np.dtype, "?bBhHiIlLqQefdFD") if dtype in SUPPORTED]
    for dtype in dtypes:
        names = (_address(sys.intern(name)) for name in (dtype.name, dtype.char, dtype.str[1:], dtype.str))
        found.dtypes[dtype.num] = _Dtype(_address(dtype), _address(dtype.type), (c_void_p * DTYPE_NAMES)(*names), builtins.get(dtype),
                                         dtype.itemsize, dtype.kind.encode())
        for other in dtypes:
            found.promoted[dtype.num][other.num] = np.promote_types(dtype, other).num
    return found


def _fields_are_known(library):
    """Whether arrays and dtypes have the fields that C reads, which NumPy 1 and 2 promise."""
    if int(np.__version__.partition(".")[0]) not in (1, 2):
        return False
    words = (np.ndarray.__basicsize__ - object.__basicsize__, np.dtype.__basicsize__ - object.__basicsize__)
    frozen = np.arange(6, dtype=np.int16)
    frozen.flags.writeable = False
    probes = [np.zeros((2, 3, 4))[::-1, :, 1], np.ones((), np.float32), frozen, np.ones(3, ">i4"), np.ones((0, 2), np.complex64)]
    numbers = [np.ones(1, bool), *(np.frombuffer(bytes(range(1, 17)), t)[:1] for t in SUPPORTED if t.kind != "b")]
    return (min(words) >= 16 and words[0] >= 56 and all(library.bytestride_python_reads(p, p.dtype, p.dtype.num) for p in probes)
            and all(library.bytestride_python_reads_scalar(n[0], n) for n in numbers))


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
            version, start, reads, reads_scalar = (library.bytestride_python_version, library.bytestride_python_start,
                                                   library.bytestride_python_reads, library.bytestride_python_reads_scalar)
            define, context_used, call_arrays = (
                library.bytestride_python_define, library.bytestride_python_context_used, library.bytestride_python_call_arrays)
        except (OSError, AttributeError):
            continue
        version.restype, version.argtypes = c_int32, ()
        start.restype, start.argtypes = c_int32, (ctypes.POINTER(_Surroundings),)
        reads.restype, reads.argtypes = c_int32, (py_object, py_object, c_int32)
        reads_scalar.restype, reads_scalar.argtypes = c_int32, (py_object, py_object)
        define.restype, define.argtypes = c_void_p, (ctypes.POINTER(_Description),)
        context_used.restype, context_used.argtypes = None, ()
        call_arrays.restype, call_arrays.argtypes = c_void_p, ()
        if version() == VERSION and start(_surroundings()) and _fields_are_known(library):
            context_listeners.append(context_used)
            return library
    return None


def _builtin(method, module):
    """The builtin function of a definition (an address) in C."""
    make = ctypes.PYFUNCTYPE(py_object, c_void_p, c_void_p, py_object)(("PyCFunction_NewEx", ctypes.pythonapi))
    return make(method, None, module)


LIBRARY = _load()
if LIBRARY is not None:
    _call.quick = _builtin(LIBRARY.bytestride_python_call_arrays(), __name__)


# ---- Descriptions ----------------------------------------------------------------------------------------------------

def accelerate(names):
    """Replaces the declared functions in the namespace `names` by builtins with the same signatures and docs."""
    if LIBRARY is None:
        return
    for general, declared in short.DECLARATIONS.items():
        method = LIBRARY.bytestride_python_define(_described(general, declared))
        if method is not None:
            names[general.__name__] = _builtin(method, names["__name__"])


class _Literal:
    """A default as `inspect.signature` can read it in a builtin's documentation: a class by its name, infinity by a number."""

    def __init__(self, value):
        self.value = value

    def __repr__(self):
        if isinstance(self.value, type):
            return repr(self.value.__name__)
        return "1e999" if self.value == float("inf") else repr(self.value)


def _described(general, declared):
    signature = inspect.signature(general)
    roles = {name: short.threads if name == "threads" else declared.roles.get(name, short.fixed) for name in signature.parameters}
    assert set(declared.roles) <= set(roles), f"{general.__name__} has no such parameter"
    at = {}  # parameter -> number of its array, scalar, or offset of its option
    for kinds in ((short.ARRAY, short.OUT), (short.SCALAR_REAL,), (short.SCALAR_INTEGER,)):
        at.update((name, i) for i, name in enumerate(name for name, role in roles.items() if role.kind in kinds))
    struct = declared.entry.options
    options = struct(size=ctypes.sizeof(struct))
    parameters = [_parameter(given, roles[given.name], at, struct, options) for given in signature.parameters.values()]
    result, numbers = declared.result, [role.kind for role in roles.values()]
    returned = result.to or ("out" if "out" in at else None)
    arrays = declared.arrays or sum(kind in (short.ARRAY, short.OUT) for kind in numbers) + (returned is None)
    description = _Description(
        function=declared.entry.address, general=_address(general), seconds=declared.seconds,
        parameters=_keep((_Parameter * len(parameters))(*parameters)), parameters_count=len(parameters),
        positional_count=sum(given.kind is not given.KEYWORD_ONLY for given in signature.parameters.values()),
        options=ctypes.addressof(_keep(options)), options_size=ctypes.sizeof(options), options_needed=any(bytes(options)[4:]),
        arrays=arrays, floats=numbers.count(short.SCALAR_REAL),
        integers=numbers.count(short.SCALAR_INTEGER) + declared.rules.get("counts", 0),
        result=arrays - 1 if returned is None else at[returned], shape=short.SHAPES[result.shape],
        like=at[result.like] if result.like else 0, dtype=-1 if result.dtype is None else np.dtype(result.dtype).num,
        exact=result.exact, factors_count=len(declared.factors), **declared.rules)
    for i, (name, measure) in enumerate(factor.split() for factor in declared.factors):
        description.factors[i] = _Factor(at[name], short.MEASURES[measure])
    # CPython reads the signature of a builtin from the first line of its documentation.
    plain = signature.replace(return_annotation=signature.empty, parameters=[
        p.replace(annotation=p.empty, default=_Literal(p.default)) if p.default is not p.empty else p.replace(annotation=p.empty)
        for p in signature.parameters.values()])
    description.name = _keep(general.__name__.encode())
    description.doc = _keep(f"{general.__name__}{plain}\n--\n\n{inspect.getdoc(general)}".encode())
    return description


def _keep(value):
    _kept.append(value)
    return value


def _parameter(given, role, at, struct, options):
    """One parameter; its default goes into `options` where it is one."""
    field = getattr(struct, given.name, None)
    if role.kind in OPTIONS and role.kind != short.ARRAY_OPTION:
        setattr(options, given.name, role.words[given.default] if role.words else given.default)
    assert role.kind not in OPTIONS or field.size == OPTIONS[role.kind], f"option {given.name} has another size in C"
    if role.kind == short.AXES:
        field = getattr(struct, f"{given.name}_count")
        assert getattr(struct, given.name).offset == field.offset + field.size
    place = at.get(given.name, field.offset if field is not None else 0)
    words = _keep((_Word * len(role.words))(*((_address(sys.intern(text)), value) for text, value in role.words.items())))
    return _Parameter(
        name=None if given.kind is given.POSITIONAL_ONLY else _address(sys.intern(given.name)),
        fallback=_address(given.default), words=words, words_count=len(words), low=role.low, high=role.high,
        role=role.kind, at=place, required=given.default is given.empty, number=short.NUMBERS[role.number], arrays_too=role.arrays_too)
