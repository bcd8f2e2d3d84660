"""Points in space from depth images, and back."""
from __future__ import annotations

import ctypes
import functools
import math
import operator
from typing import TYPE_CHECKING, Literal

import numpy as np

from . import _errors as errors
from . import _generated as c
from . import _short as short
from ._arrays import as_dtype, as_input, as_output
from ._call import call, word
from ._library import ENTRIES, pointer_of

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

    from ._typing import Array, ArrayLike, Out

SECONDS_PER_PIXEL = 0.4e-9
SECONDS_PER_DISTORTED_PIXEL = 20e-9
SECONDS_PER_POINT = 2e-9

_DEPTH_TO_POINTS, _POINTS_TO_DEPTH = ENTRIES["depth_to_points"], ENTRIES["points_to_depth"]
_INVALID = {"nan": c.BYTESTRIDE_INVALID_NAN, "zero": c.BYTESTRIDE_INVALID_ZERO, "drop": c.BYTESTRIDE_INVALID_DROP}
_FRAMES = {"optical": c.BYTESTRIDE_FRAME_OPTICAL, "opengl": c.BYTESTRIDE_FRAME_OPENGL,
           "inverted": c.BYTESTRIDE_FRAME_INVERTED}

_camera_roles = dict(
    fx=short.scalar_real, fy=short.scalar_real, cx=short.scalar_real, cy=short.scalar_real, depth_scale=short.positive,
    frame=short.word(_FRAMES), skew=short.real, pose=short.array_option)

Invalid = Literal["nan", "zero", "drop"]
Frame = Literal["optical", "opengl", "inverted"]


@short.call(_DEPTH_TO_POINTS, SECONDS_PER_PIXEL, "depth size", depth=short.array(), **_camera_roles, min_depth=short.real, max_depth=short.positive,
            invalid=short.word({name: value for name, value in _INVALID.items() if name != "drop"}), radial=short.flag,
            stride=short.integer(1), mask=short.array_option, dtype=short.dtype, out=short.out,
            result=short.Result("points", "depth", np.float32), arrays=4, rules=["counts"])
def depth_to_points(depth: ArrayLike, /, fx: float, fy: float, cx: float, cy: float, *, depth_scale: float = 1000.0,
                    min_depth: float = 0.0, max_depth: float = math.inf, invalid: Invalid = "nan",
                    frame: Frame = "optical", skew: float = 0.0, distortion: ArrayLike | None = None,
                    radial: bool = False, pose: ArrayLike | None = None, stride: int = 1,
                    mask: ArrayLike | None = None, color: ArrayLike | None = None, dtype: DTypeLike = np.float32,
                    return_indices: bool = False, out: Out | None = None, threads: int = 0) -> Array | tuple[Array, ...]:
    """Points in space from a depth image, or a batch of them.

    For column u and row v: ``z = depth / depth_scale``, ``yn = (v - cy) / fy``, ``xn = ((u - cx) - skew * yn) / fx``; the
    point is ``(xn * z, yn * z, z)``, brought into `frame`, then moved by `pose`.

    Parameters
    ----------
    depth : array_like
        uint16, int32, float32 or float64; (H, W), or a batch (N, H, W); any strides.
    fx, fy : float
        Focal lengths in pixels; finite, not 0.
    cx, cy : float
        Principal point in pixels; the centre of the first pixel is (0, 0).
    depth_scale : float, optional
        Readings per unit of length; positive. 1000 turns millimetres into metres.
    min_depth, max_depth : float, optional
        A reading is valid iff it is finite and ``min_depth < depth / depth_scale < max_depth`` in float64.
    invalid : {"nan", "zero", "drop"}, optional
        What invalid readings become: NaN points; (0, 0, 0), also after the pose; or nothing: the points are then a list in
        row-major order of their pixels, image after image.
    frame : {"optical", "opengl", "inverted"}, optional
        ``optical``: x right, y down, z forward; ``opengl``: (x, -y, -z); ``inverted``: (-x, -y, -z), as the article's
        program.
    skew : float, optional
        Of the camera matrix ``[[fx, skew, cx], [0, fy, cy], [0, 0, 1]]``.
    distortion : array_like, optional
        4, 5 or 8 Brown-Conrady coefficients in OpenCV's order (k1, k2, p1, p2, k3, k4, k5, k6), which are undone to
        1e-6 of a unit at z = 1. Pixels that no ray reaches through such a lens are invalid.
    radial : bool, optional
        The readings are distances along the rays, not along the optical axis.
    pose : array_like, optional
        (4, 4) or (3, 4) camera-to-world, applied last; the last row of a (4, 4) must be (0, 0, 0, 1).
    stride : int, optional
        Every stride-th row and column.
    mask : array_like of bool, optional
        Of the shape of one image or of the batch; False is invalid.
    color : array_like, optional
        The shape of `depth` + (channels,), any dtype. The colours of the points are then a second result, 0 where invalid.
    dtype : dtype_like, optional
        float32 or float64, of the points. Where `out` is given, its dtype counts.
    return_indices : bool, optional
        Append the flat row-major index of each point's pixel, in the full batch (int64).
    out : array, optional
        Receives the points: of their shape, or with ``drop`` (n, 3) with room for all of them.
    threads : int, optional
        At most this many threads; 0 = the library's default. Neither order nor number of the points depend on it.

    Returns
    -------
    numpy.ndarray, or tuple of them
        The points, (H', W', 3) or (N, H', W', 3) with ``H' = ceil(H / stride)``; with ``drop`` (n, 3), which with `out` is
        its filled front part. Then the colours if there is a `color`, then the indices if asked for.
        Components are within 2 ulp of the formula in float64, rounded to the dtype.

    Raises
    ------
    ShapeError
        A wrong number of dimensions or shape, or `out` has too few rows for ``drop``.
    OptionError
        A number out of its range, an unknown word.
    DTypeError, ReadOnlyError, OverlapError, MemoryError
        As their names say; the message names the argument.

    Notes
    -----
    O(pixels). Source: the article on depth images in Cython; conventions of ROS depth_image_proc and Open3D.

    Examples
    --------
    >>> import numpy as np, bytestride as bs
    >>> depth = np.array([[0, 1000], [2000, 500]], np.uint16)
    >>> bs.depth_to_points(depth, 1.0, 1.0, 0.5, 0.5, invalid="drop")
    array([[ 0.5 , -0.5 ,  1.  ],
           [-1.  ,  1.  ,  2.  ],
           [ 0.25,  0.25,  0.5 ]], dtype=float32)
    >>> bs.depth_to_points(depth, 1.0, 1.0, 0.5, 0.5).shape
    (2, 2, 3)
    """
    d = as_input(depth, "1 (depth)")
    if d.ndim not in (2, 3):
        raise errors.shape_error(f"argument 1 (depth) has {d.ndim} dimensions, must have 2, or 3 for a batch")
    options = _copy_of(_scalar_options, depth_scale, min_depth, max_depth, invalid, frame, skew, radial, stride)
    owners: list[Array] = []  # of what the options point to, until the return
    step, drops = options.stride, options.invalid == c.BYTESTRIDE_INVALID_DROP
    if not (distortion is pose is mask is color is None):
        _set_arrays(options, owners, distortion=_coefficients(distortion, "distortion"), pose=_coefficients(pose, "pose"),
                    mask=mask, color=color)
    camera = _camera(fx, fy, cx, cy)

    shape = (*d.shape[:-2], -(-d.shape[-2] // step), -(-d.shape[-1] // step))
    pixels = math.prod(shape)
    rows = (pixels,) if drops else shape
    points = _result(out, (*rows, 3), dtype, np.float32, (np.float32, np.float64))
    if out is not None and drops and points.ndim == 2:
        rows = points.shape[:1]
    colors = indices = None
    if color is not None:
        colored = owners[-1]
        colors = np.empty((*rows, colored.shape[-1] if colored.ndim else 0), colored.dtype)
    if return_indices:
        indices = np.empty(rows, np.int64)
    count = ctypes.c_int64()
    seconds = pixels * (SECONDS_PER_PIXEL if distortion is None else SECONDS_PER_DISTORTED_PIXEL)
    call(_DEPTH_TO_POINTS, (d, points, colors, indices), options, threads, seconds,
         scalars=(*camera, ctypes.addressof(count)))

    results = [result for result in (points, colors, indices) if result is not None]
    if drops:
        results = [result[:count.value] for result in results]
        if count.value < pixels // 2:  # a part of much memory is not kept for a small result
            results = [result if out is not None and i == 0 else result.copy() for i, result in enumerate(results)]
    elif out is not None:
        results[0] = out
    return results[0] if len(results) == 1 else tuple(results)


@short.call(_POINTS_TO_DEPTH, SECONDS_PER_POINT, "points size", points=short.array(), **_camera_roles, shape=short.shape, dtype=short.dtype, out=short.out,
            result=short.Result("named", dtype=np.uint16))
def points_to_depth(points: ArrayLike, /, fx: float, fy: float, cx: float, cy: float, shape: tuple[int, int], *,
                    depth_scale: float = 1000.0, dtype: DTypeLike = np.uint16, frame: Frame = "optical",
                    skew: float = 0.0, distortion: ArrayLike | None = None, pose: ArrayLike | None = None, out: Out | None = None,
                    threads: int = 0) -> Array:
    """A depth image from points: each is projected to its nearest pixel (half up), and the nearest point wins.

    Parameters
    ----------
    points : array_like
        float32 or float64, (..., 3); any strides. NaN, ``z <= 0`` and points off the image are skipped.
    fx, fy, cx, cy, skew : float
        The camera matrix, as in `depth_to_points`.
    shape : (int, int)
        Rows and columns of the image.
    depth_scale : float, optional
        Readings per unit of length; positive.
    dtype : dtype_like, optional
        uint16, int32, float32 or float64, of the image. Where `out` is given, its dtype counts.
    frame : {"optical", "opengl", "inverted"}, optional
        Of the points.
    distortion : array_like, optional
        As in `depth_to_points`.
    pose : array_like, optional
        As in `depth_to_points`: camera-to-world; the points are brought back by its inverse.
    out : array, optional
        Of `shape`; written in place through any strides and returned.
    threads : int, optional
        At most this many threads; 0 = the library's default. Each has an image of its own, up to 128 MiB of them together.

    Returns
    -------
    numpy.ndarray
        ``z * depth_scale``, rounded half to even and saturated for integers; 0 where there is no point.

    Raises
    ------
    ShapeError, DTypeError, OptionError, ReadOnlyError, OverlapError, MemoryError
        As their names say; the message names the argument.

    Notes
    -----
    O(points + pixels). The inverse of `depth_to_points`.

    Examples
    --------
    >>> import numpy as np, bytestride as bs
    >>> bs.points_to_depth([[0.5, -0.5, 1.0], [1.0, -1.0, 2.0]], 1.0, 1.0, 0.5, 0.5, (2, 2))
    array([[   0, 1000],
           [   0,    0]], dtype=uint16)
    """
    x = as_input(points, "1 (points)")
    extents = _extents(shape)
    options = c.bytestride_points_to_depth_options(
        depth_scale=_scale(depth_scale), frame=word(frame, "frame", _FRAMES), skew=_number(skew, "skew"))
    owners: list[Array] = []  # of what the options point to, until the return
    if not (distortion is pose is None):
        _set_arrays(options, owners, distortion=_coefficients(distortion, "distortion"), pose=_coefficients(pose, "pose"))
    camera = _camera(fx, fy, cx, cy)
    result = _result(out, extents, dtype, np.uint16, (np.uint16, np.int32, np.float32, np.float64))
    if result.shape != extents:
        raise errors.shape_error(f"argument out has shape {result.shape}, shape is {extents}")
    call(_POINTS_TO_DEPTH, (x, result), options, threads, (x.size / 3 + result.size) * SECONDS_PER_POINT, scalars=camera)
    return result if out is None else out  # type: ignore[return-value]  # the very object that was given


@functools.lru_cache(maxsize=64)
def _scalar_options(depth_scale, min_depth, max_depth, invalid, frame, skew, radial, stride):
    """The options of `depth_to_points` without its arrays; kept, since a camera's frames come with the same ones."""
    return c.bytestride_depth_to_points_options(
        depth_scale=_scale(depth_scale), min_depth=_number(min_depth, "min_depth"), max_depth=_largest(max_depth),
        invalid=word(invalid, "invalid", _INVALID), frame=word(frame, "frame", _FRAMES), skew=_number(skew, "skew"),
        radial=bool(radial), stride=_stride(stride))


def _copy_of(cached, *arguments):
    """A copy of the options that a cached function makes, for one call."""
    try:
        options = cached(*arguments)
    except TypeError:  # an argument that cannot be hashed
        options = cached.__wrapped__(*arguments)
    return type(options).from_buffer_copy(options)


def _camera(fx, fy, cx, cy):
    if type(fx) is type(fy) is type(cx) is type(cy) is float:
        return fx, fy, cx, cy
    return tuple(_number(value, name) for value, name in ((fx, "fx"), (fy, "fy"), (cx, "cx"), (cy, "cy")))


def _number(value, name):
    """A scalar argument as a float; the library says which values it takes."""
    if type(value) is float:
        return value
    if isinstance(value, (str, bytes)):
        raise errors.option_error(f"argument {name} must be a number, is {value!r}")
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise errors.option_error(f"argument {name} must be a number, is {value!r}") from None


def _scale(value):
    number = _number(value, "depth_scale")
    if not number > 0:  # in C a 0 is the default
        raise errors.option_error(f"argument depth_scale must be positive and finite, is {value!r}")
    return number


def _largest(value):
    number = _number(value, "max_depth")
    if number == 0:  # in C a 0 is the default
        raise errors.option_error("argument max_depth must not be 0: no reading would be valid")
    return number


def _stride(value):
    try:
        step = operator.index(value)
    except TypeError:
        raise errors.option_error(f"argument stride must be an int, is {value!r}") from None
    if not 1 <= step < 2**63:
        raise errors.option_error(f"argument stride must be at least 1, is {step}")
    return step


def _extents(shape):
    try:
        extents = tuple(operator.index(extent) for extent in shape)
    except TypeError:
        raise errors.shape_error(f"argument shape must be two ints, is {shape!r}") from None
    if len(extents) != 2 or min(extents) < 0:
        raise errors.shape_error(f"argument shape must be two ints that are not negative, is {shape!r}")
    return extents


def _coefficients(value, name):
    """Numbers of a camera: sequences and integers become float64."""
    if value is None:
        return None
    array = as_input(value, f"({name})")
    return array.astype(np.float64) if array.dtype.kind in "iu" else array


def _set_arrays(options, owners, **arrays):
    """Points the options to arrays; what must live as long as the call is kept by `options` and `owners`."""
    capsules = []
    for name, value in arrays.items():
        if value is None:
            continue
        array = as_input(value, f"({name})")
        capsules.append(array.__array_struct__)
        setattr(options, name, pointer_of(capsules[-1], None))
        owners.append(array)
    options.owners = capsules


def _result(out, shape, dtype, default, allowed):
    """`out`, or a fresh array."""
    if dtype is not default:
        dtype = as_dtype(dtype)
        if dtype not in allowed:
            names = ", ".join(np.dtype(kind).name for kind in allowed)
            raise errors.dtype_error(f"argument dtype is {dtype}; taken are {names}")
    if out is None:
        return np.empty(shape, dtype)
    result = as_output(out)
    if dtype is default:
        return result
    if result.dtype != dtype != default:
        raise errors.dtype_error(f"argument out has dtype {result.dtype}, dtype is {dtype}")
    return result
