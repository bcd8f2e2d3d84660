"""A function of a library of own kernels, made from its description in the manifest."""
import ctypes
import inspect
import keyword
import operator
import threading
import time
from types import SimpleNamespace

import numpy as np

from . import _errors as errors
from . import _generated as c
from ._arrays import as_input, as_output, result_of
from ._call import _call_watched, raise_status
from ._library import pointer_of
from ._threads import default_threads, thread_count

ARRAYS = ("input", "output", "inout")
NUMBERS = {"float64": ctypes.c_double, "float32": ctypes.c_float, "int32": ctypes.c_int32, "uint32": ctypes.c_uint32,
           "int64": ctypes.c_int64, "uint64": ctypes.c_uint64}

# What an own kernel costs is not known before it has run. Calls on the main thread run beside it, so that Ctrl-C works, which
# costs some 50 us - unless one with such arguments took less than this many seconds.
SHORT = 1e-3


class OwnFunction:
    """Binds the C function once; `as_function` is what users call."""

    def __init__(self, entry, description):
        self.name, self.doc, self.paired = description["name"], description["doc"], description["paired"]
        self.arguments = [dict(argument) for argument in description["arguments"] if argument["role"] != "options"]
        for position, argument in enumerate(self.arguments, 1):
            argument["keyword"] = argument["name"] + "_" * keyword.iskeyword(argument["name"])
            argument["shown"] = f"{position} ({argument['name']})"
        self.arrays = [argument for argument in self.arguments if argument["role"] in ARRAYS]
        self.outputs = [argument for argument in self.arguments if argument["role"] == "output"]
        self.options_size = description["arguments"][-1]["size"]
        entry.restype = ctypes.c_int32
        entry.argtypes = [NUMBERS[argument["type"]] if argument["role"] == "scalar" else ctypes.c_void_p
                          for argument in self.arguments] + [ctypes.c_void_p]
        self.entry = SimpleNamespace(release=entry)
        try:
            self.signature = self._signature()
        except ValueError as error:  # two arguments of one name, or one of the names that every function has
            raise errors.load_error(f"{self.name}: {error}") from None
        self.short = None  # the sizes and numbers of calls that were short

    def as_function(self):
        """A plain function with a name, a signature and documentation."""
        def function(*args, **kwargs):
            return self.call(*args, **kwargs)
        function.__name__ = function.__qualname__ = self.name
        function.__doc__, function.__signature__ = self._documentation(), self.signature
        return function

    def call(self, *args, **kwargs):
        bound = self.signature.bind(*args, **kwargs)
        bound.apply_defaults()
        given, values = bound.arguments, {}
        for argument in self.arguments:
            if argument["role"] == "scalar":
                values[argument["name"]] = _number(given[argument["keyword"]], argument)
            elif argument["role"] != "output":
                value = given[argument["keyword"]]
                take = as_input if argument["role"] == "input" else as_output
                values[argument["name"]] = None if value is None and argument.get("optional") else take(value, argument["shown"])
        outs = self._outs(given.get("out"))
        for argument, out in zip(self.outputs, outs):
            if out is not None:
                values[argument["name"]] = as_output(out, argument["shown"])
        for argument, out in zip(self.outputs, outs):
            if out is None:
                values[argument["name"]] = self._fresh(argument, values)
        self._run([values[argument["name"]] for argument in self.arguments], given["threads"], given["progress"])
        if self.outputs:
            results = [result_of(values[argument["name"]]) if out is None else out for argument, out in zip(self.outputs, outs)]
        else:
            results = [given[argument["keyword"]] for argument in self.arrays if argument["role"] == "inout"]
        return results[0] if len(results) == 1 else tuple(results) or None

    # -- outputs

    def _outs(self, out):
        """What was given for each output, or None."""
        if len(self.outputs) <= 1:
            return [out] * len(self.outputs)
        if out is None:
            return [None] * len(self.outputs)
        if not isinstance(out, tuple) or len(out) != len(self.outputs):
            raise errors.option_error(f"argument out must be a tuple of {len(self.outputs)} arrays")
        return out

    def _fresh(self, argument, values):
        """An array for an output that was not given."""
        arrays = [(other, values[other["name"]]) for other in self.arrays if values.get(other["name"]) is not None]
        kernels = [k for k in range(len(argument["dtypes"]))
                   if self.paired and all(str(array.dtype) == other["dtypes"][k] for other, array in arrays)]
        shape = [] if argument["ndim"] == 0 else argument["shape"]
        named = {name for other in self.arrays if other["role"] != "output" for name in other["shape"] or ()}
        if shape is None or not self.paired or any(isinstance(extent, str) and extent not in named - {"_"} for extent in shape):
            raise errors.option_error(f"argument {argument['shown']} must be given by out=: the function does not tell its "
                                      + ("shape" if self.paired else "shape and dtype"))
        extents = {}
        for other, array in arrays:
            if array.ndim == other["ndim"]:
                extents.update(zip(other["shape"] or (), array.shape))
        # Where an input has another dtype or rank than any kernel takes, the library's check finds it: it looks at all inputs.
        shape = [extent if isinstance(extent, int) else extents.get(extent, 0) for extent in shape]
        return np.empty(shape, argument["dtypes"][kernels[0] if kernels else 0])

    # -- the call

    def _run(self, values, threads, progress):
        buffer = bytearray(self.options_size)
        options = c.bytestride_options.from_buffer(buffer)
        options.size, options.threads = self.options_size, thread_count(threads) or default_threads.get()
        # The capsules own what the pointers lead to, until the return.
        capsules = [value.__array_struct__ if isinstance(value, np.ndarray) else None for value in values]
        pointers = [value if capsule is None else pointer_of(capsule, None) for value, capsule in zip(values, capsules)]
        extents = [value.size if isinstance(value, np.ndarray) else abs(value or 0) for value in values]
        short = self.short is not None and all(extent <= 2 * known for extent, known in zip(extents, self.short))
        start = time.perf_counter()
        if progress is not None or (not short and threading.get_ident() == threading.main_thread().ident):
            _call_watched(self.entry, capsules, pointers, options, progress)
        else:
            status = self.entry.release(*pointers, ctypes.addressof(options))
            if status:
                raise_status(status)
        if time.perf_counter() - start >= SHORT:
            self.short = None
        elif not short or self.short is None:
            self.short = extents

    # -- what Python tells about it

    def _signature(self):
        kinds, empty = inspect.Parameter, inspect.Parameter.empty
        parameters = [kinds(argument["keyword"], kinds.POSITIONAL_ONLY, default=None if argument.get("optional") else empty)
                      for argument in self.arrays if argument["role"] != "output"]
        scalars = [argument for argument in self.arguments if argument["role"] == "scalar"]
        # Python wants those without a default first; behind an optional array they can be keywords only.
        kind = kinds.KEYWORD_ONLY if any(p.default is None for p in parameters) else kinds.POSITIONAL_OR_KEYWORD
        for argument in sorted(scalars, key=lambda argument: "default" in argument):
            parameters.append(kinds(argument["keyword"], kind, default=argument.get("default", empty)))
        if self.outputs:
            parameters.append(kinds("out", kinds.KEYWORD_ONLY, default=None))
        parameters.append(kinds("threads", kinds.KEYWORD_ONLY, default=0))
        parameters.append(kinds("progress", kinds.KEYWORD_ONLY, default=None))
        return inspect.Signature(parameters)

    def _documentation(self):
        lines = [self.doc, "", "Parameters", "----------"]
        for argument in self.arguments:
            if argument["role"] == "output":
                continue
            if argument["role"] == "scalar":
                default = f", default {argument['default']}" if "default" in argument else ""
                lines.append(f"{argument['keyword']} : {argument['type']}{default}")
            else:
                lines.append(f"{argument['keyword']} : {_array_text(argument)}" + ", changed in place" * (argument["role"] == "inout"))
        if self.outputs:
            what = [_array_text(argument) for argument in self.outputs]
            lines.append("out : " + (f"{what[0]}, optional" if len(what) == 1 else f"tuple of {'; '.join(what)}, optional"))
        lines += ["threads : int, optional", "    At most this many threads; 0 = the library's default.",
                  "progress : callable, optional", "    Called with the work done and the work in all, about 20 times a second."]
        return "\n".join(lines)


def _array_text(argument):
    if argument["shape"] is not None:
        shape = "(" + ", ".join(map(str, argument["shape"])) + ("," if len(argument["shape"]) == 1 else "") + ")"
    else:
        shape = "any shape" if argument["ndim"] is None else f"{argument['ndim']} dimensions"
    return f"array, {shape} of {', '.join(argument['dtypes'])}"


def _number(value, argument):
    """A number as C takes it, or an exception that names the argument."""
    kind, floating = argument["type"], argument["type"].startswith("float")
    try:
        if floating and not isinstance(value, (str, bytes)):  # float() reads numbers from text, a function should not
            return float(value)
        value = operator.index(value)
    except TypeError:
        raise errors.option_error(f"argument {argument['shown']} must be {'a number' if floating else 'an int'}, "
                                  f"is {type(value).__name__}") from None
    limits = np.iinfo(kind)
    if not limits.min <= value <= limits.max:
        raise errors.overflow_error(f"argument {argument['shown']} is {value}, which is no {kind}")
    return value
