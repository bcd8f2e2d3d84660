"""The exceptions: one class per kind of status, each also the built-in that Python users expect to catch."""
import builtins

from . import _generated as c


class Error(Exception):
    """Base class of everything that Bytestride raises about its arguments or its work.

    Attributes
    ----------
    status : int
        The status of the C interface (``BYTESTRIDE_ERROR_...`` in ``bytestride.h``).
    message : str
        What was wrong, naming the argument.

    Examples
    --------
    >>> import numpy as np, bytestride as bs
    >>> try:
    ...     bs.add(np.ones(3), np.ones(4))
    ... except bs.Error as error:
    ...     print(type(error).__name__, error.status, isinstance(error, ValueError))
    ShapeError -2 True
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, message)  # args rebuild the exception when it is unpickled
        self.status = status
        self.message = message

    def __str__(self) -> str:
        return self.message


class ShapeError(Error, ValueError):
    """A shape, or a number of dimensions, is wrong."""


class OptionError(Error, ValueError):
    """A keyword or scalar argument has a value that the function does not take."""


class IndexOutOfRangeError(OptionError, IndexError):
    """An index or an axis is out of range."""


class ReadOnlyError(Error, ValueError):
    """An output is not writeable."""


class OverlapError(Error, ValueError):
    """An output shares memory with an input, another output, or itself."""


class DTypeError(Error, TypeError):
    """A dtype, or a kind of object, that the function does not take."""


class DeviceError(Error, TypeError):
    """An array lives on a device that this library does not reach."""


class OverflowError(Error, builtins.OverflowError):  # noqa: A001 - also the built-in, as its name says
    """A number does not fit, or the exact result cannot be computed in the widest type there is."""


class MemoryError(Error, builtins.MemoryError):  # noqa: A001 - also the built-in, as its name says
    """Memory for the computation could not be had."""


class LoadError(Error, ImportError):
    """A library of own kernels cannot be loaded."""


class CompileError(Error, RuntimeError):
    """The source of own kernels cannot be compiled; the message is the compiler's."""


CLASSES = {
    c.BYTESTRIDE_ERROR_DTYPE: DTypeError,
    c.BYTESTRIDE_ERROR_SHAPE: ShapeError,
    c.BYTESTRIDE_ERROR_NDIM: ShapeError,
    c.BYTESTRIDE_ERROR_READONLY: ReadOnlyError,
    c.BYTESTRIDE_ERROR_OVERLAP: OverlapError,
    c.BYTESTRIDE_ERROR_MEMORY: MemoryError,
    c.BYTESTRIDE_ERROR_OPTION: OptionError,
    c.BYTESTRIDE_ERROR_OVERFLOW: OverflowError,
    c.BYTESTRIDE_ERROR_DEVICE: DeviceError,
}


def error_of(status, message):
    """The exception for a status of the C interface."""
    return CLASSES.get(status, Error)(status, message)


def shape_error(message):
    return ShapeError(c.BYTESTRIDE_ERROR_SHAPE, message)


def option_error(message):
    return OptionError(c.BYTESTRIDE_ERROR_OPTION, message)


def index_error(message):
    return IndexOutOfRangeError(c.BYTESTRIDE_ERROR_OPTION, message)


def dtype_error(message):
    return DTypeError(c.BYTESTRIDE_ERROR_DTYPE, message)


def device_error(message):
    return DeviceError(c.BYTESTRIDE_ERROR_DEVICE, message)


def overflow_error(message):
    return OverflowError(c.BYTESTRIDE_ERROR_OVERFLOW, message)


def load_error(message):
    return LoadError(c.BYTESTRIDE_ERROR_OPTION, message)


def compile_error(message):
    return CompileError(c.BYTESTRIDE_ERROR_OPTION, message)
