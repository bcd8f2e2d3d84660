"""Products over windows of an image."""
from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Literal

import numpy as np

from . import _errors as errors
from . import _generated as c
from . import _short as short
from ._arrays import as_input, as_output
from ._call import call, word
from ._library import ENTRIES

if TYPE_CHECKING:
    from ._typing import Array, ArrayLike, Out

SECONDS_PER_ELEMENT = 0.5e-9

_NEIGHBOR_PRODUCT = ENTRIES["neighbor_product"]
_ALPHAS = {"opaque": c.BYTESTRIDE_ALPHA_OPAQUE, "copy": c.BYTESTRIDE_ALPHA_COPY, "channel": c.BYTESTRIDE_ALPHA_CHANNEL}
_BOUNDARIES = {
    "zero": c.BYTESTRIDE_BOUNDARY_ZERO,
    "copy": c.BYTESTRIDE_BOUNDARY_COPY,
    "keep": c.BYTESTRIDE_BOUNDARY_KEEP,
    "reflect": c.BYTESTRIDE_BOUNDARY_REFLECT,
    "mirror": c.BYTESTRIDE_BOUNDARY_MIRROR,
    "nearest": c.BYTESTRIDE_BOUNDARY_NEAREST,
    "wrap": c.BYTESTRIDE_BOUNDARY_WRAP,
}
_LARGEST_RADIUS = 3
_DTYPES = frozenset(map(np.dtype, (np.uint8, np.uint16, np.float32, np.float64)))

Alpha = Literal["opaque", "copy", "channel"]
Boundary = Literal["zero", "copy", "keep", "reflect", "mirror", "nearest", "wrap"]


@short.call(_NEIGHBOR_PRODUCT, _LARGEST_RADIUS * SECONDS_PER_ELEMENT, "image size", image=short.array(), out=short.out,
            radius=short.integer(1, _LARGEST_RADIUS), alpha=short.word(_ALPHAS),
            boundary=short.word({name: value for name, value in _BOUNDARIES.items() if name != "keep"}),
            result=short.Result("like", "image"))
def neighbor_product(image: ArrayLike, /, *, radius: int = 1, alpha: Alpha = "opaque", boundary: Boundary = "zero",
                     out: Out | None = None, threads: int = 0) -> Array:
    """Per pixel and channel the product over a window, the channels normalised to length 1.

    Parameters
    ----------
    image : array_like
        uint8, uint16, float32 or float64; (H, W) or (H, W, C) with 1 to 4 channels; any strides. With 2 or 4
        channels the last one is alpha.
    radius : int, optional
        1 to 3: the window has ``(2 * radius + 1) ** 2`` pixels.
    alpha : {"opaque", "copy", "channel"}, optional
        What the alpha channel becomes: the largest value of the dtype (1.0 for floats); the input's; or it takes part
        like a colour.
    boundary : {"zero", "copy", "keep", "reflect", "mirror", "nearest", "wrap"}, optional
        What the rim of `radius` pixels gets: 0; the input's pixels; what `out` held (needs `out`); or the product over
        a window that is continued as in `convolve`. The rule for alpha holds on the rim too, except under ``keep``.
    out : array, optional
        Of the shape and dtype of `image`; written in place through any strides and returned. It may not overlap `image`.
    threads : int, optional
        At most this many threads; 0 = the library's default.

    Returns
    -------
    numpy.ndarray
        With ``p[c]`` the product of the window's values of channel c: for integers ``floor(M * p[c] / norm(p))`` in
        exact arithmetic, where M is the largest value of the dtype; for floats ``p[c] / norm(p)`` with a relative error
        of ``(taps + 8) * u``, without overflow or underflow on the way. A vector of zeros gives 0.

    Raises
    ------
    ShapeError
        `image` has not 2 or 3 dimensions, or more than 4 channels; `out` has another shape.
    DTypeError, OptionError, ReadOnlyError, OverlapError, MemoryError
        As their names say; the message names the argument.

    Notes
    -----
    O(elements * radius); serial below about 200 us of work. Source: the article on image processing with a C extension
    ("pixel.transform"), whose rim was undefined and whose floor was off by one where a quotient is an integer.

    Examples
    --------
    >>> import numpy as np, bytestride as bs
    >>> image = np.ones((3, 3, 3), np.uint8)
    >>> image[1, 1] = 2, 2, 1
    >>> bs.neighbor_product(image)[1, 1].tolist()
    [170, 170, 85]
    >>> bs.neighbor_product(image, boundary="nearest", alpha="copy").shape
    (3, 3, 3)
    """
    x = as_input(image, "1 (image)")
    if x.dtype not in _DTYPES:
        raise errors.dtype_error(f"argument 1 (image) has dtype {x.dtype}; taken are uint8, uint16, float32 and float64"
                                 " in the machine's byte order")
    try:
        radius = operator.index(radius)
    except TypeError:
        raise errors.option_error(f"argument radius must be an int, is {radius!r}") from None
    if not 1 <= radius <= _LARGEST_RADIUS:
        raise errors.option_error(f"argument radius must be from 1 to {_LARGEST_RADIUS}, is {radius}")
    options = c.bytestride_neighbor_product_options(
        radius=radius, alpha=word(alpha, "alpha", _ALPHAS), boundary=word(boundary, "boundary", _BOUNDARIES))
    if out is None:
        if boundary == "keep":
            raise errors.option_error("argument boundary is 'keep', which needs out: there is nothing to keep without it")
        result = np.empty(x.shape, x.dtype)
    else:
        result = as_output(out)
    call(_NEIGHBOR_PRODUCT, (x, result), options, threads, x.size * radius * SECONDS_PER_ELEMENT)
    return result if out is None else out  # type: ignore[return-value]  # the very object that was given
