"""What is taken as an array: every rung of the ladder, without a copy, and what is refused."""
import array
import ctypes
import decimal
import mmap

import numpy as np
import pytest

import bytestride as bs
from bytestride import _generated as c
from bytestride._arrays import as_input, as_output
from layouts import DTYPES, REAL, Placed, assert_same, place, random_values


class ArrayStruct:
    """Exports `__array_struct__` and nothing else."""

    def __init__(self, values):
        self.values = values

    @property
    def __array_struct__(self):
        return self.values.__array_struct__


class DLTensor(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("device_type", ctypes.c_int32), ("device_id", ctypes.c_int32),
                ("ndim", ctypes.c_int32), ("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16),
                ("shape", ctypes.POINTER(ctypes.c_int64)), ("strides", ctypes.POINTER(ctypes.c_int64)),
                ("byte_offset", ctypes.c_uint64)]


class Managed(ctypes.Structure):
    _fields_ = [("tensor", DLTensor), ("context", ctypes.c_void_p), ("deleter", ctypes.c_void_p)]


class ManagedVersioned(ctypes.Structure):
    _fields_ = [("major", ctypes.c_uint32), ("minor", ctypes.c_uint32), ("context", ctypes.c_void_p),
                ("deleter", ctypes.c_void_p), ("flags", ctypes.c_uint64), ("tensor", DLTensor)]


new_capsule = ctypes.pythonapi.PyCapsule_New
new_capsule.restype, new_capsule.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]

CODES = {"b": 6, "i": 0, "u": 1, "f": 2, "c": 5}


class DLPack:
    """Exports an array by DLPack and nothing else; every number in the tensor can be chosen."""

    def __init__(self, values, versioned=True, device=(1, 0), read_only=False, major=1, byte_offset=0, strides=True,
                 **changes):
        self.values, self.versioned, self.device = values, versioned, device
        self.asked = []
        self.shape = (ctypes.c_int64 * max(values.ndim, 1))(*values.shape)
        self.strides = (ctypes.c_int64 * max(values.ndim, 1))(*[s // values.itemsize for s in values.strides])
        tensor = DLTensor(values.ctypes.data - byte_offset, *device, values.ndim, CODES[values.dtype.kind],
                          values.itemsize * 8, 1, self.shape, self.strides if strides else None, byte_offset)
        for name, value in changes.items():
            setattr(tensor, name, value)
        self.managed = (ManagedVersioned(major, 1, None, None, int(read_only), tensor) if versioned
                        else Managed(tensor, None, None))

    def __dlpack_device__(self):
        return self.device

    def __dlpack__(self, **keywords):
        self.asked.append(keywords)
        if not self.versioned and keywords:
            raise TypeError("an old exporter does not know max_version")
        name = b"dltensor_versioned" if self.versioned else b"dltensor"
        return new_capsule(ctypes.addressof(self.managed), name, None)


class Interface:
    """Exports `__array_interface__`, which np.asarray reads."""

    def __init__(self, values):
        self.values = values
        self.__array_interface__ = values.__array_interface__


def address(view):
    return view.__array_interface__["data"][0]


RUNGS = {
    "ndarray": lambda a: a,
    "array_struct": ArrayStruct,
    "dlpack": DLPack,
    "dlpack_unversioned": lambda a: DLPack(a, versioned=False),
    "buffer": memoryview,
    "asarray": Interface,
}


@pytest.fixture(params=RUNGS)
def rung(request):
    return RUNGS[request.param]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_every_rung_sees_the_same_memory(dtype, rung, random):
    values = random_values(random, dtype, (6, 4))
    views = [values, values.T, values[::2, 1:], values[::-1, ::-3], values[0, 0:0], values[0], values[2, 3]]
    for view in map(np.asarray, views):
        seen = as_input(rung(view), "a")
        assert type(seen) is np.ndarray
        assert_same(seen, view)
        assert address(seen) == address(view) or view.size == 0
        assert_same(bs.copy(rung(view)), bs.copy(view))


def test_every_rung_gives_equal_bits(rung, random):
    a, b = random_values(random, "float32", (9, 7)), random_values(random, "float64", (9, 7))
    kernel = random_values(random, "float32", (3, 2))
    assert_same(bs.multiply(rung(a[::-1]), rung(b[::-1])), bs.multiply(a[::-1], b[::-1]))
    assert_same(bs.convolve(rung(a.T), rung(kernel)), bs.convolve(a.T, kernel))
    assert_same(bs.transpose(rung(a), dtype="int8"), bs.transpose(a, dtype="int8"))


def test_record_fields(random):
    """A field of packed records has strides that are no multiple of its size; three of the rungs can say that."""
    records = np.zeros(20, [("a", "u1"), ("b", "f8"), ("c", "c8")])
    records["b"], records["c"] = random.standard_normal(20), random.standard_normal(20)
    for rung in (RUNGS["ndarray"], RUNGS["array_struct"], RUNGS["buffer"], RUNGS["asarray"]):
        assert_same(bs.add(rung(records["b"]), rung(records["b"])), records["b"] * 2)
        assert_same(bs.copy(rung(records["c"][::-2])), records["c"][::-2].copy())


@pytest.mark.parametrize("name", ["ndarray", "array_struct", "dlpack", "buffer"])
def test_outputs_by_every_rung(name, random):
    for layout in ("c", "negative", "slice", "transposed"):
        placed = Placed((4, 5), "float32", layout)
        values = random_values(random, "float32", (4, 5))
        out = RUNGS[name](placed.array)
        assert bs.subtract(values, 1, out=out) is out
        assert_same(placed.array, values - np.float32(1))
        assert bs.cast(values, np.float32, out=out) is out
        assert bs.convolve(values, [[2]], out=out) is out
        assert_same(placed.array, values * 2)
        placed.check()


def test_read_only_outputs():
    values = np.ones(4)
    frozen = np.zeros(4)
    frozen.flags.writeable = False
    for out in (frozen, ArrayStruct(frozen), memoryview(frozen), DLPack(frozen, read_only=True),
                DLPack(frozen, versioned=False), bytes(32)):
        with pytest.raises((bs.ReadOnlyError, bs.DTypeError)):
            bs.add(values, values, out=out)
        assert not frozen.any()
    for out in (frozen, ArrayStruct(frozen), memoryview(frozen), DLPack(frozen, read_only=True), DLPack(frozen, versioned=False)):
        with pytest.raises(bs.ReadOnlyError, match="out"):
            bs.add(values, values, out=out)
        bs.add(out, values)  # as an input it is fine


@pytest.mark.parametrize("out", [[0.0, 0.0], (0.0, 0.0), 3.0, np.float64(3), "ab", Interface(np.zeros(2)), object(), np.ndarray,
                                 {}], ids=lambda out: type(out).__name__)
def test_outputs_are_never_silently_copies(out):
    for call in (lambda: bs.add([1.0, 2.0], 1, out=out), lambda: bs.copy([1.0, 2.0], out=out),
                 lambda: bs.convolve([1.0, 2.0], [1.0], out=out)):
        with pytest.raises(TypeError, match="out"):
            call()


# ---- DLPack ------------------------------------------------------------------------------------------

def test_dlpack_is_asked_for_a_version_first():
    new, old = DLPack(np.arange(3)), DLPack(np.arange(3), versioned=False)
    assert bs.add(new, 1).tolist() == bs.add(old, 1).tolist() == [1, 2, 3]
    assert new.asked == [{"max_version": (1, 1)}]
    assert old.asked == [{"max_version": (1, 1)}, {}]


def test_dlpack_offsets_and_missing_strides():
    a = np.arange(12.0).reshape(3, 4)
    assert_same(bs.copy(DLPack(a, byte_offset=16)), a)
    assert_same(bs.copy(DLPack(a, strides=False)), a)


@pytest.mark.parametrize("device, text", [((2, 1), "CUDA:1"), ((10, 0), "ROCm:0"), ((99, 3), "99:3")])
def test_dlpack_names_the_device(device, text):
    for versioned in (True, False):
        with pytest.raises(TypeError, match=text) as caught:
            bs.add(DLPack(np.ones(3), versioned=versioned, device=device), 1)
        assert isinstance(caught.value, bs.Error) and caught.value.status == c.BYTESTRIDE_ERROR_DEVICE


def test_dlpack_pinned_host_memory_is_host_memory():
    for device in (3, 11):
        assert bs.add(DLPack(np.arange(3), device=(device, 0)), 1).tolist() == [1, 2, 3]


@pytest.mark.parametrize("changes, kind", [({"major": 2}, bs.Error), ({"ndim": 9}, bs.ShapeError), ({"ndim": -1}, bs.ShapeError),
                                           ({"lanes": 2}, bs.DTypeError), ({"code": 4, "bits": 16}, bs.DTypeError),
                                           ({"bits": 4}, bs.DTypeError), ({"code": 77}, bs.DTypeError)], ids=str)
def test_dlpack_that_is_not_taken(changes, kind):
    with pytest.raises(kind, match="1 \\(a\\)"):
        bs.copy(DLPack(np.zeros((2, 2)), **changes))


def test_dlpack_that_cannot_be_exported_falls_through():
    class Refusing:
        def __dlpack_device__(self):
            return (1, 0)

        def __dlpack__(self, **keywords):
            raise BufferError("not today")

        def __array__(self, dtype=None, copy=None):
            return np.arange(3)

    assert bs.add(Refusing(), 1).tolist() == [1, 2, 3]


@pytest.mark.parametrize("problem", [TypeError, ValueError, NotImplementedError])
def test_dlpack_exporters_that_know_no_version(problem):
    class Old(DLPack):
        def __dlpack__(self, **keywords):
            if keywords:
                raise problem("no such keyword")
            return super().__dlpack__()

    assert bs.add(Old(np.arange(3), versioned=False), 1).tolist() == [1, 2, 3]

    class Unwilling(Old):
        def __dlpack__(self, **keywords):
            raise problem("no such dtype")

        def __array__(self, dtype=None, copy=None):
            return self.values

    assert bs.add(Unwilling(np.arange(3)), 1).tolist() == [1, 2, 3]


def test_the_view_keeps_the_exporter_alive():
    def view():
        return as_input(DLPack(np.arange(1000)), "a"), as_input(ArrayStruct(np.arange(1000)), "a")

    by_dlpack, by_struct = view()
    np.ones(1000)
    assert by_struct.tolist() == list(range(1000))
    assert by_dlpack.base is not None


@pytest.mark.parametrize("dtype", ["bool", "int16", "uint64", "float32", "float64", "complex64"])
def test_arrays_of_array_api_strict(dtype):
    """An array that has nothing of NumPy's but what the standard says."""
    xp = pytest.importorskip("array_api_strict", reason="array-api-strict is not installed")
    values = np.arange(24).reshape(2, 3, 4).astype(dtype)
    array = xp.asarray(values)
    for view, wanted in ((array, values), (array[1, ::-1, ::2], values[1, ::-1, ::2]), (array.mT, values.swapaxes(1, 2)), (array[0, 0, 0], values[0, 0, 0])):
        assert not isinstance(view, np.ndarray) and not hasattr(view, "__array_struct__")
        assert_same(bs.add(view, view), wanted + wanted)
        assert_same(bs.copy(view), wanted.copy())
    out = xp.zeros((2, 3, 4), dtype=array.dtype)
    assert bs.copy(array, out=out) is out and xp.all(out == array)
    assert address(as_input(array, "a")) == address(as_input(array[0, ...], "a"))  # no copy was made of it


def test_arrays_of_pytorch():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    tensor = torch.arange(12.0).reshape(3, 4)
    assert_same(bs.add(tensor.T, 1), tensor.T.numpy() + np.float32(1))


# ---- Buffers -----------------------------------------------------------------------------------------

def test_buffers():
    assert bs.add(bytearray(b"abc"), 1).tolist() == [98, 99, 100]
    assert bs.add(b"abc", 1).tolist() == [98, 99, 100]
    assert_same(bs.add(array.array("d", [1, 2]), 1), np.array([2.0, 3.0]))
    numbers = (ctypes.c_int16 * 3)(1, 2, 3)
    assert_same(bs.add(numbers, 1), np.array([2, 3, 4], np.int16))
    memory = mmap.mmap(-1, 16)
    out = memoryview(memory).cast("q")
    assert bs.add([1, 2], 3, out=out) is out
    assert memory[:16] == np.array([4, 5]).tobytes()
    out = bytearray(3)
    assert bs.copy(np.array([7, 8, 9], np.uint8), out=out) is out and out == bytes([7, 8, 9])


# ---- np.asarray --------------------------------------------------------------------------------------

def test_lists_and_what_numpy_takes():
    assert_same(bs.add([[1, 2], [3, 4]], [10, 20]), np.array([[11, 22], [13, 24]]))
    assert_same(bs.copy([]), np.array([]))
    assert_same(bs.copy(3.5), np.float64(3.5))
    assert_same(bs.cast(range(3), "float32"), np.arange(3, dtype=np.float32))
    assert_same(bs.convolve([1, 2, 3], (1, 1)), np.array([1, 3, 5]))


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_subclasses_are_plain_arrays(tmp_path):
    matrix = np.asmatrix(np.arange(4.0).reshape(2, 2))
    product = bs.multiply(matrix, matrix)
    assert type(product) is np.ndarray and product.tolist() == [[0, 1], [4, 9]]
    mapped = np.memmap(tmp_path / "numbers", np.int32, "w+", shape=(3,))
    assert bs.add([1, 2, 3], 1, out=mapped) is mapped and mapped.tolist() == [2, 3, 4]


# ---- What is refused ---------------------------------------------------------------------------------

FUNCTIONS = {
    "add": lambda a: bs.add(a, 1),
    "add_second": lambda a: bs.add(np.ones(2), a),
    "divide": lambda a: bs.divide(a, a),
    "copy": bs.copy,
    "cast": lambda a: bs.cast(a, np.float32),
    "transpose": bs.transpose,
    "convolve": lambda a: bs.convolve(a, [1.0]),
    "kernel": lambda a: bs.convolve([1.0, 2.0], a),
}


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
@pytest.mark.parametrize("value", [
    np.ones(2, ">f4"), np.ones(2, ">i2"), np.ones(2, ">c16"), np.array([1, None]), np.array(["a", "b"]), np.array([b"a", b"b"]),
    np.array(["2024-01-01"] * 2, "M8[D]"), np.array([1, 2], "m8[s]"), np.ones(2, np.longdouble), np.ones(2, np.clongdouble),
    np.zeros(2, "V4"), np.zeros(2, [("x", "i4")]), "ab", [None, 2], [2**70, 1], object(), decimal.Decimal(3), None, np.ndarray,
    {1: 2}], ids=lambda value: f"{type(value).__name__}-{getattr(value, 'dtype', '')}")
def test_dtypes_that_are_refused(function, value):
    with pytest.raises(bs.DTypeError, match="argument"):
        function(value)
    with pytest.raises(TypeError):
        function(value)


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_masked_arrays_are_refused(function):
    with pytest.raises(TypeError, match="mask"):
        function(np.ma.masked_array([1.0, 2.0], mask=[True, False]))
    with pytest.raises(TypeError, match="mask"):
        bs.copy([1.0, 2.0], out=np.ma.zeros(2))


def test_more_than_eight_dimensions():
    a = np.zeros((1,) * 9)
    for function in (lambda: bs.add(a, a), lambda: bs.add(a, 1), lambda: bs.add(a, a, out=np.zeros((1,) * 9)), lambda: bs.copy(a),
                     lambda: bs.cast(a, "int8"), lambda: bs.transpose(a), lambda: bs.convolve(a, a),
                     lambda: bs.convolve(a, [1.0], axes=0), lambda: bs.convolve(np.zeros(3), a)):
        with pytest.raises(bs.ShapeError):
            function()


def test_ragged_lists():
    with pytest.raises(ValueError):
        bs.add([[1, 2], [3]], 1)


def test_as_output_returns_the_array_itself():
    a = place(np.zeros((2, 3)), "slice")
    assert as_output(a) is a
    assert {dtype for dtype in REAL} <= set(DTYPES)
