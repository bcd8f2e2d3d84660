"""The one filter under all functions of `scipy_ndimage`: correlation with vectors or a kernel, stored as SciPy stores it."""
import operator
import warnings

import numpy as np

from .. import _errors as errors
from .._arrays import REAL, SUPPORTED
from ..arithmetic import add, subtract
from ..convolve import correlate
from ._peers import as_array, axis_index, runtime_error, unsupported, whole
from ._truncate import largest_of, rounding_of, store_truncated

BOUNDARIES = {
    "constant": "constant", "grid-constant": "constant", "reflect": "reflect", "grid-mirror": "reflect",
    "mirror": "mirror", "nearest": "nearest", "wrap": "wrap", "grid-wrap": "wrap",
}
# Up to so many entries an outer product of vectors is made, so that one call runs all its passes.
MOST_TAPS = 1 << 17


def as_input(value):
    return as_array(value, "input", "scipy.ndimage")


def as_weights(value):
    return as_array(value, "weights", "scipy.ndimage")


def boundary_of(mode):
    if not isinstance(mode, str) or mode not in BOUNDARIES:
        if not isinstance(mode, str) and np.iterable(mode):
            raise runtime_error("A sequence of modes is not supported")
        raise runtime_error(f"boundary mode not supported: {mode!r}")
    return BOUNDARIES[mode]


def per_axis(value, count):
    """One entry per axis."""
    if isinstance(value, str) or not np.iterable(value):
        return [value] * count
    values = list(value)
    if len(values) != count:
        raise runtime_error("sequence argument must have length equal to input rank")
    return values


def axes_of(axes, ndim):
    """The axes as a tuple of numbers from 0 on; None is all of them."""
    if axes is None:
        return tuple(range(ndim))
    if np.isscalar(axes):
        axes = (operator.index(axes),)
    elif not np.iterable(axes):
        raise errors.option_error("axes must be an integer, iterable of integers, or None")
    axes = tuple(operator.index(axis) for axis in axes)
    for axis in axes:
        if not -ndim <= axis < ndim:
            raise errors.index_error(f"specified axis: {axis} is out of range")
    axes = tuple(axis % ndim for axis in axes)
    if len(set(axes)) != len(axes):
        raise errors.option_error("axes must be unique")
    return axes


def result_array(output, x, complex_result=False):
    """The array to write, for an `output` that is None, a dtype or an array."""
    wanted = None
    if output is None:
        wanted = np.promote_types(x.dtype, np.complex64) if complex_result else x.dtype
    elif isinstance(output, (type, np.dtype)):
        wanted = np.dtype(output)
        if complex_result and wanted.kind != "c":
            warnings.warn("promoting specified output dtype to complex", stacklevel=4)
            wanted = np.promote_types(wanted, np.complex64)
    elif isinstance(output, str):
        wanted = np.dtype(output)
        if complex_result and wanted.kind != "c":
            raise runtime_error("output must have complex dtype")
        if not issubclass(wanted.type, np.number):
            raise runtime_error("output must have numeric dtype")
    if wanted is not None:
        if wanted.newbyteorder("=") not in SUPPORTED:
            raise errors.dtype_error(f"argument output is dtype {wanted}; numbers of the C sizes are taken")
        return np.empty(x.shape, wanted)
    if isinstance(output, np.ma.MaskedArray):
        raise errors.dtype_error("argument output is a masked array, whose mask would be lost: pass its .data")
    array = np.asarray(output)
    if array.shape != x.shape:
        raise runtime_error("output shape not correct")
    if complex_result and array.dtype.kind != "c":
        raise runtime_error("output must have complex dtype")
    if array.dtype.newbyteorder("=") not in SUPPORTED:
        raise errors.dtype_error(f"argument output has dtype {array.dtype}; numbers of the C sizes are taken")
    if x.dtype.kind == "c" and array.dtype.kind != "c":
        raise runtime_error("output must have complex dtype")
    if array.dtype.kind == "c" and not complex_result:
        raise unsupported("a complex output of real numbers", "scipy.ndimage")
    return array


def parts(run, x, out, cval):
    """`run(x, out, cval)` of real arrays, for complex ones on the real and the imaginary parts."""
    if x.dtype.kind == "c":
        run(x.real, out.real, np.real(cval))
        run(x.imag, out.imag, np.imag(cval))
    else:
        if np.iscomplexobj(cval):
            raise errors.option_error("Cannot provide a complex-valued cval when the input is real.")
        run(x, out, cval)
    return out


def filter_complex(run, x, w, out, cval):
    """`run(x, w, out, cval)` of real arrays, for complex weights."""
    if w.dtype.kind != "c":
        return parts(lambda x, out, cval: run(x, w, out, cval), x, out, cval)
    real, imag = np.ascontiguousarray(w.real), np.ascontiguousarray(w.imag)
    if x.dtype.kind != "c":
        if np.iscomplexobj(cval):
            raise errors.option_error("Cannot provide a complex-valued cval when the input is real.")
        run(x, real, out.real, cval)
        run(x, imag, out.imag, cval)
        return out
    if np.may_share_memory(x, out):
        x = x.copy()
    rest = np.empty(x.shape)
    for first, second, target, combine in ((real, imag, out.real, subtract), (imag, real, out.imag, add)):
        run(x.real, first, target, np.real(cval))
        run(x.imag, second, rest, np.imag(cval))
        combine(target, rest, out=target)
    return out


def filter_axes(x, out, passes, cval):
    """Correlates along one axis after the other and stores the result as `store` does.

    `passes` is a list of (axis, weights, mode, origin) with vectors for weights. What is between the passes is float64, or
    int64 where input and weights are whole numbers; nothing is rounded before the end.
    """
    boundaries = [boundary_of(mode) for _, _, mode, _ in passes]
    # Where what lies outside is not made from the input, the second pass does not see what the first one would make of it.
    alike = len(set(boundaries)) == 1 and (boundaries[0] != "constant" or not cval)
    size = 1
    for _, vector, _, _ in passes:
        size *= len(vector)
    if len(passes) > 1 and alike and size <= MOST_TAPS:
        passes = sorted(passes, key=operator.itemgetter(0))
        kernel = passes[0][1]
        for _, vector, _, _ in passes[1:]:
            kernel = np.multiply.outer(kernel, vector)
        store(x, kernel, [axis for axis, _, _, _ in passes], [origin for _, _, _, origin in passes], boundaries[0], cval, out)
        return out
    for (axis, vector, _, origin), boundary in zip(passes[:-1], boundaries):
        x, vector, fill = prepared(x, vector, boundary, cval)
        x = correlate(x, vector, axes=axis, origin=origin, boundary=boundary, fill=fill)
    axis, vector, _, origin = passes[-1]
    store(x, vector, [axis], [origin], boundaries[-1], cval, out)
    return out


def prepared(x, w, boundary, cval):
    """Input, weights and fill in the dtypes in which the sum is formed: exactly for whole numbers, else in float64."""
    fill = cval if boundary == "constant" else 0.0
    if x.dtype.kind in "biu":
        if fill:
            limits = (0, 1) if x.dtype.kind == "b" else (np.iinfo(x.dtype).min, np.iinfo(x.dtype).max)
            if not limits[0] <= fill <= limits[1] or int(fill) != fill:
                x = x.astype(np.float64)  # what lies outside is no number of the input's dtype
    if x.dtype.kind in "biu":
        exact = whole(w)
        if exact is not None:
            return x, exact, int(fill)
    if w.dtype != np.float64:
        w = w.astype(np.float64)
    return x, w, float(fill)


def store(x, w, axes, origins, boundary, cval, out):
    """The correlation of real arrays, in `out` of any real dtype; `out` may overlap `x`."""
    if not x.size:
        return
    x, w, fill = prepared(x, w, boundary, cval)
    if out.dtype.kind in "biu" and (w.dtype.kind == "f" or out.dtype.kind == "b"):
        sums = correlate(x, w, axes=axes, origin=origins, boundary=boundary, fill=fill, dtype=np.float64)
        taps = sum(w.shape) if w.ndim > 1 else w.size
        rounding = rounding_of(taps, float(np.abs(w).sum()), largest_of(x))
        assign(sums, out, rounding)
        return
    if out.dtype not in REAL or np.may_share_memory(x, out):
        out[...] = correlate(x, w, axes=axes, origin=origins, boundary=boundary, fill=fill,
                             dtype=out.dtype.newbyteorder("="))
        return
    correlate(x, w, axes=axes, origin=origins, boundary=boundary, fill=fill, out=out)


def assign(sums, out, rounding=0.0):
    """`sums`, float64 and overwritten, into an array of any real dtype."""
    if out.dtype.kind not in "biu":
        out[...] = sums
    elif out.dtype.isnative:
        store_truncated(sums, out, rounding)
    else:
        native = np.empty(out.shape, out.dtype.newbyteorder("="))
        store_truncated(sums, native, rounding)
        out[...] = native


def axis_of(axis, ndim):
    return axis_index(operator.index(axis), ndim)
