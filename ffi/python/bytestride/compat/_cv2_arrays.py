"""Images as OpenCV takes and returns them: depths, channels, borders, `dst`."""
import operator

import numpy as np

from .. import _errors as errors
from .._arrays import REAL
from ..arithmetic import add
from ..convolve import correlate
from ..copy import cast
from ._peers import as_array, unsupported, whole

# OpenCV 5's numbers of the depths.
DEPTHS = {
    0: np.dtype(np.uint8), 1: np.dtype(np.int8), 2: np.dtype(np.uint16), 3: np.dtype(np.int16), 4: np.dtype(np.int32),
    5: np.dtype(np.float32), 6: np.dtype(np.float64), 7: np.dtype(np.float16), 9: np.dtype(np.bool_), 10: np.dtype(np.uint64),
    11: np.dtype(np.int64), 12: np.dtype(np.uint32),
}
BOUNDARIES = {0: "constant", 1: "nearest", 2: "reflect", 3: "wrap", 4: "mirror"}
ISOLATED = 16


def image(value, name, peer):
    """An image of (rows, columns) or (rows, columns, channels); a single channel is dropped, as OpenCV does."""
    array = as_array(value, name, f"cv2.{peer}", REAL)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim not in (2, 3):
        raise errors.shape_error(f"argument {name} has {array.ndim} dimensions, must have 2, or 3 with channels")
    if not array.size:
        raise errors.shape_error(f"argument {name} is empty")
    return array


def depth(number, default, name="ddepth"):
    """The dtype of a depth; a type with channels counts as its depth."""
    number = operator.index(number)
    if number < 0:
        return default
    if number & 31 not in DEPTHS:
        raise errors.dtype_error(f"argument {name} is {number}, which is no depth of an array here")
    return DEPTHS[number & 31]


def boundary(number, peer):
    """The library's word for a border; whether an image is a part of another one cannot be seen from an array."""
    word = BOUNDARIES.get(operator.index(number) & ~ISOLATED)
    if word is None:
        raise unsupported(f"borderType {number}", f"cv2.{peer}")
    return word


def output(dst, shape, dtype):
    """`dst` where it fits, else a new array, as in OpenCV."""
    if isinstance(dst, np.ndarray) and dst.dtype == dtype and dst.shape in (shape, (*shape, 1)) and dst.flags.writeable:
        return dst[:, :, 0] if dst.ndim > len(shape) else dst
    return np.empty(shape, dtype)


def returned(target, dst):
    """What the caller gets: `dst` itself where that was written."""
    return dst if dst is not None and np.may_share_memory(target, dst) and dst.shape == target.shape else target


def origin_of(anchor, shape):
    """The library's origins for an anchor (x, y) in a kernel of a shape (rows, columns); -1 is the middle."""
    x, y = (-1, -1) if anchor is None else (operator.index(number) for number in anchor)
    origins = []
    for place, n in ((y, shape[0]), (x, shape[1])):
        if not -1 <= place < n:
            raise errors.option_error(f"argument anchor is {anchor}, outside of a kernel of {shape[1]} x {shape[0]}")
        origins.append(0 if place < 0 else place - n // 2)
    return origins


def weights_for(src, dtype, kernel):
    """A kernel in the dtype in which the sum is formed: exactly for whole numbers, else in float32 unless that is too short."""
    if src.dtype.kind in "biu":
        exact = whole(kernel)
        if exact is not None:
            return exact
    short = src.dtype.itemsize <= 2 or src.dtype == np.float32
    return kernel.astype(np.float32 if short and dtype.itemsize < 8 else np.float64)


def filtered(src, kernels, dtype, dst, anchor, delta, border, peer):
    """The sum of the correlations of an image with `kernels`, plus `delta`: rounded once, half to even, and saturated."""
    word = boundary(border, peer)
    target = output(dst, src.shape, dtype)
    kernels = [weights_for(src, dtype, kernel) for kernel in kernels]
    options = dict(axes=(0, 1), origin=origin_of(anchor, kernels[0].shape), boundary=word)
    if len(kernels) == 1 and not delta and not np.may_share_memory(src, target):
        correlate(src, kernels[0], out=target, **options)
        return returned(target, dst)
    sums = correlate(src, kernels[0], **options)
    for kernel in kernels[1:]:
        add(sums, correlate(src, kernel, **options), out=sums)
    if delta:
        sums = sums.astype(np.float64, copy=False)
        add(sums, float(delta), out=sums)
    cast(sums, dtype, out=target, rule="saturate")
    return returned(target, dst)
