"""What the modules of this package share: arrays as the peers take them, and errors that name the peer."""
import numpy as np

from .. import _errors as errors
from .. import _generated as c
from .._arrays import REAL, SUPPORTED, as_input


class RuntimeOptionError(errors.OptionError, RuntimeError):
    """What SciPy refuses with a RuntimeError."""


def runtime_error(message):
    return RuntimeOptionError(c.BYTESTRIDE_ERROR_OPTION, message)


def unsupported(what, peer):
    """The error for what a peer's function does and ours does not."""
    return errors.option_error(f"{what} is not supported here; {peer} takes it")


def as_array(value, name, peer, allowed=SUPPORTED):
    """`value` as an ndarray of a dtype that the library has, in native byte order."""
    array = as_input(value, name)
    if array.dtype not in allowed:
        native = array.dtype.newbyteorder("=")
        if native not in allowed:
            takes = "real" if allowed is REAL else "real and complex"
            raise errors.dtype_error(f"argument {name} has dtype {array.dtype}; {takes} numbers of the C sizes are taken "
                                     f"here, see {peer} for others")
        array = array.astype(native)
    return array


def axis_index(axis, ndim):
    """An axis that is not negative."""
    if not -ndim <= axis < ndim:
        raise errors.index_error(f"axis {axis} is out of bounds for array of dimension {ndim}")
    return axis % ndim


def whole(weights):
    """`weights` in the narrowest signed integer dtype if all of them are whole numbers, else None."""
    if weights.dtype.kind not in "biu":
        # Sums of such weights stay far below the 127 bits in which the library sums exactly.
        if not np.isfinite(weights).all() or (np.trunc(weights) != weights).any() or np.abs(weights).sum() >= 2.0**53:
            return None
    largest = max(abs(int(weights.min())), abs(int(weights.max())))
    if largest >= 2**53:
        return None
    return weights.astype(np.int16 if largest < 2**15 else np.int32 if largest < 2**31 else np.int64)
