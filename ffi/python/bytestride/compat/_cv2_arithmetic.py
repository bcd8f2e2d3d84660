"""Elementwise arithmetic with OpenCV's arguments: integers saturate, where `bytestride.add` wraps around as NumPy does."""
import numpy as np

from .. import _errors as errors
from .. import arithmetic
from ..copy import cast
from ._cv2_arrays import depth, image, output, returned
from ._peers import unsupported

# A dtype in which sums, differences and (but for 64 bits) products of whole numbers are exact.
WIDER = {"u1": np.int16, "i1": np.int16, "u2": np.int32, "i2": np.int32, "u4": np.int64, "i4": np.int64}
WIDER_PRODUCT = {**WIDER, "u1": np.int32, "i1": np.int32, "u2": np.int64}


def add(src1, src2, dst=None, mask=None, dtype=-1):
    """The sum of two images, or of an image and a scalar, as `cv2.add`.

    Parameters
    ----------
    src1, src2 : array_like or scalar
        Images of one shape, or one image and a number for all its channels, or a tuple of up to 4 numbers, one for each channel
        and 0 for the others. For `min` and `max` a number is a tuple of one, as in OpenCV. Unlike there a fraction counts as it is.
    dst : numpy.ndarray, optional
        Written and returned where its shape and dtype are those of the result; it may be an input.
    mask : array_like of uint8, optional
        Only where it is not 0 the result is written; a new result is 0 elsewhere.
    dtype : int, optional
        The depth of the result; needed where the images' dtypes differ.

    Returns
    -------
    numpy.ndarray
        Rounded half to even and saturated; float results as in IEEE 754.

    Examples
    --------
    >>> import numpy as np
    >>> from bytestride.compat import cv2
    >>> cv2.add(np.array([[250, 10]], np.uint8), np.array([[10, 10]], np.uint8))
    array([[255,  20]], dtype=uint8)
    """
    return _combined(arithmetic.add, "add", src1, src2, dst, mask, dtype, WIDER)


def subtract(src1, src2, dst=None, mask=None, dtype=-1):
    """The difference of two images, or of an image and a scalar, as `cv2.subtract`; the parameters are those of `add`.

    Examples
    --------
    >>> import numpy as np
    >>> from bytestride.compat import cv2
    >>> cv2.subtract(np.array([[250, 10]], np.uint8), np.array([[10, 20]], np.uint8))
    array([[240,   0]], dtype=uint8)
    """
    return _combined(arithmetic.subtract, "subtract", src1, src2, dst, mask, dtype, WIDER)


def multiply(src1, src2, dst=None, scale=1, dtype=-1):
    """The product of two images, times `scale`, as `cv2.multiply`; the other parameters are those of `add`.

    Examples
    --------
    >>> import numpy as np
    >>> from bytestride.compat import cv2
    >>> cv2.multiply(np.array([[25, 100]], np.uint8), np.array([[3, 3]], np.uint8))
    array([[ 75, 255]], dtype=uint8)
    """
    return _combined(arithmetic.multiply, "multiply", src1, src2, dst, None, dtype, WIDER_PRODUCT, scale)


def divide(src1, src2, dst=None, scale=1, dtype=-1):
    """The quotient of two images, times `scale`, as `cv2.divide`; the other parameters are those of `add`.

    Whole numbers divided by 0 give 0.

    Examples
    --------
    >>> import numpy as np
    >>> from bytestride.compat import cv2
    >>> cv2.divide(np.array([[25, 100]], np.uint8), np.array([[10, 0]], np.uint8))
    array([[2, 0]], dtype=uint8)
    """
    return _combined(arithmetic.divide, "divide", src1, src2, dst, None, dtype, None, scale)


def absdiff(src1, src2, dst=None):
    """The absolute difference of two images, or of an image and a scalar, as `cv2.absdiff`; the parameters are those of `add`.

    Examples
    --------
    >>> import numpy as np
    >>> from bytestride.compat import cv2
    >>> cv2.absdiff(np.array([[250, 10]], np.uint8), np.array([[10, 250]], np.uint8))
    array([[240, 240]], dtype=uint8)
    """
    return _combined(_distance, "absdiff", src1, src2, dst, None, -1, WIDER)


def min(src1, src2, dst=None):
    """The smaller of two images, or of an image and a scalar, as `cv2.min`; the parameters are those of `add`.

    Examples
    --------
    >>> import numpy as np
    >>> from bytestride.compat import cv2
    >>> cv2.min(np.array([[250, 10]], np.uint8), np.array([[10, 20]], np.uint8))
    array([[10, 10]], dtype=uint8)
    """
    return _combined(arithmetic.minimum, "min", src1, src2, dst, None, -1, WIDER)


def max(src1, src2, dst=None):
    """The larger of two images, or of an image and a scalar, as `cv2.max`; the parameters are those of `add`.

    Examples
    --------
    >>> import numpy as np
    >>> from bytestride.compat import cv2
    >>> cv2.max(np.array([[250, 10]], np.uint8), np.array([[10, 20]], np.uint8))
    array([[250,  20]], dtype=uint8)
    """
    return _combined(arithmetic.maximum, "max", src1, src2, dst, None, -1, WIDER)


def _distance(a, b):
    return np.abs(arithmetic.subtract(a, b))


def _combined(function, name, src1, src2, dst, mask, dtype, wider, scale=1):
    first, second = (_scalar(value, spread=name not in ("min", "max")) for value in (src1, src2))
    if first is not None and second is not None:
        raise unsupported("two scalars", f"cv2.{name}")
    a = image(src1, "src1", name) if first is None else None
    b = image(src2, "src2", name) if second is None else None
    if a is not None and b is not None:
        if a.shape != b.shape:
            raise errors.shape_error(f"arguments src1 and src2 have the shapes {a.shape} and {b.shape}; broadcasting is NumPy's, see bytestride.{name}")
        if a.dtype != b.dtype and dtype < 0:
            raise errors.dtype_error(f"arguments src1 and src2 have dtypes {a.dtype} and {b.dtype}: dtype must be given")
    like = b if a is None else a
    result_dtype = depth(dtype, like.dtype, "dtype")
    target = output(dst, like.shape, result_dtype)
    if like.dtype.kind == "f":
        work = np.result_type(*(x.dtype for x in (a, b) if x is not None))
    elif wider is None or scale != 1 or any(not _is_whole(number) for number in (first, second) if number is not None):
        work = np.dtype(np.float64)
    else:
        work = np.dtype(WIDER.get(like.dtype.str[1:], np.int64) if wider is None else wider.get(like.dtype.str[1:], np.int64))
    if a is not None and b is not None and (a.dtype.kind == "f") != (b.dtype.kind == "f"):
        work = np.dtype(np.float64)
    channels = like.shape[2] if like.ndim == 3 else 1
    if a is not None and b is not None and a.dtype == b.dtype == work == result_dtype and scale == 1 and mask is None and function is not _distance:
        if not any(np.may_share_memory(target, x) for x in (a, b)):
            return returned(function(a, b, out=target), dst)
    operands = [(x if x.dtype == work else cast(x, work)) if number is None else _per_channel(number, channels, work, name) for x, number in ((a, first), (b, second))]
    result = function(*operands)
    if scale != 1:
        result = arithmetic.multiply(result, float(scale))
    if name == "divide" and like.dtype.kind in "iu" and result_dtype.kind in "iu":
        result[np.broadcast_to(operands[1] == 0, result.shape)] = 0
    if mask is None:
        cast(result, result_dtype, out=target, rule="saturate")
    else:
        chosen = np.asarray(mask) != 0
        if chosen.shape != like.shape[:2]:
            raise errors.shape_error(f"argument mask has shape {chosen.shape}, must have {like.shape[:2]}")
        if not (isinstance(dst, np.ndarray) and np.may_share_memory(target, dst)):
            target[...] = 0
        np.copyto(target, cast(result, result_dtype, rule="saturate"), where=chosen if like.ndim == 2 else chosen[:, :, None])
    return returned(target, dst)


def _scalar(value, spread):
    """The numbers of a scalar, one for each channel or one for all; None for an image."""
    if isinstance(value, (int, float, np.number)):
        if spread:
            return (float(value),)
        value = (value,)
    if isinstance(value, tuple) and len(value) <= 4 and all(isinstance(number, (int, float, np.number)) for number in value):
        return (tuple(float(number) for number in value) + (0.0,) * 4)[:4]
    return None


def _is_whole(numbers):
    return all(number.is_integer() for number in numbers)


def _per_channel(numbers, channels, dtype, name):
    if channels == 1 or len(numbers) == 1:
        return np.array(numbers[0], dtype)
    if channels > 4:
        raise unsupported(f"a scalar of 4 numbers for {channels} channels", f"cv2.{name}")
    return np.array(numbers[:channels], dtype)
