"""Both ways of a short call: the builtins of the helper library, and the Python functions that they stand for.

Every function is called both ways with the same arguments, drawn from plain and unusual ones, and must give the same
result or the same error.
"""
import inspect
import pickle
import random
import resource
import sys

import numpy as np
import pytest

import bytestride as bs
from bytestride import _call, _fastcall, _short
from bytestride import _generated as c
from programs import run_python

pytestmark = pytest.mark.skipif(_fastcall.LIBRARY is None, reason="the helper library for cheap calls is not there")

GENERAL = {function.__name__: function for function in _short.DECLARATIONS}
MISSING = object()  # an argument that is not given


def asked(call):
    """How often Python functions of the package were entered during a call."""
    codes, entered = {function.__code__ for function in GENERAL.values()}, []

    def note(frame, event, argument):
        if event == "call" and frame.f_code in codes:
            entered.append(frame.f_code.co_name)

    sys.setprofile(note)
    try:
        call()
    except (bs.Error, TypeError):
        pass
    finally:
        sys.setprofile(None)
    return len(entered)


# ---- The same results and errors -------------------------------------------------------------------------------------

def frozen(a):
    a.flags.writeable = False
    return a


def with_metadata(a):
    return a.astype(np.dtype(a.dtype, metadata={"unit": "m"}))


def array_like(shape, dtype="f8"):
    """Arrays in the place of one with this shape and dtype: plain ones first, then unusual ones."""
    plain = (np.arange(1, 1 + int(np.prod(shape))) % 97).reshape(shape).astype(dtype)
    doubled = np.repeat(plain, 2, -1)[..., ::2] if shape else plain
    other = "f4" if dtype != "f4" else "f8"
    return [plain, doubled, np.asfortranarray(plain), plain.astype(other)], [
        plain[..., ::-1] if shape else plain, plain.astype("i8"), plain.astype("u2"), plain.astype("?"), plain.astype("c16"), plain.astype("f2"),
        plain.astype("q"), frozen(plain.copy()), plain.astype(plain.dtype.newbyteorder()), plain.tolist(), plain.view(np.recarray), plain[None],
        plain.ravel()[:-1], plain[..., :0] if shape else plain, np.ma.masked_array(plain), memoryview(plain), plain.astype(object),
        pickle.loads(pickle.dumps(plain)), with_metadata(plain), plain.astype("U4"), plain.astype("g"), plain.reshape((1,) * 9 + plain.shape),
        np.broadcast_to(plain[..., :1], shape) if shape else plain, None, 3, 2.5, "word", np.float32(3), True,
        np.float64(2.5), np.int64(-3), np.uint64(2**63), np.bool_(True), np.complex64(1 - 2j), np.complex128(2j), np.float16(2), np.longlong(3),
        np.int8(-4), np.longdouble(1), np.str_("a"), np.datetime64("2000-01-01")]


NUMBERS = [0, 1, 2.5, -1, 2**40, -2**63], [2**64, float("nan"), float("inf"), True, "1", None, np.int16(3), np.array(2.0), 1j]
THREADS = [0, 1, 2], [-1, 2**40, 1.5, None, True, np.int8(1)]
DTYPES = ([np.float32, np.dtype("f8"), np.uint8, "float32", np.dtype("i8").name, float, "i8", "d", "?", np.dtype("f4").str, None],
          [int, bool, complex, str, "word", np.dtype(">f4"), ">f4", "=f4", "f5", "", np.complex64, "q", object, np.dtype("f4", metadata={"a": 1})])
SQUARE, ROW, IMAGE = (3, 3), (4,), (5, 6)


def words(names):
    return [*names], ["nonsense", None, 3, "".join(list(names[-1])), []]


def only(*values):
    return [*values], [None, 1, "x", (1, 0), False]


POINTS = array_like((3, 2))
CALLS = {
    **{name: dict(a=array_like((2, 3)), b=array_like((2, 3)), out=array_like((2, 3)), threads=THREADS)
       for name in ("add", "subtract", "multiply", "divide", "minimum", "maximum")},
    "copy": dict(a=array_like((2, 3)), out=array_like((2, 3)), order=words(["C", "F"]), threads=THREADS),
    "cast": dict(a=array_like((2, 3)), dtype=DTYPES, out=array_like((2, 3)), rule=words(["wrap", "saturate"]), order=words(["C", "F"]),
                 threads=THREADS),
    "transpose": dict(a=array_like((2, 3)), axes=([None, (1, 0), (-1, -2), (0, 1)], [[0, 1], (0,), (0, 0), (0, 2), (0, -3), (1, 0, 2), (0, 1.0), 1, "x"]), dtype=DTYPES, out=array_like((3, 2)),
                      rule=words(["wrap", "saturate"]), threads=THREADS),
    "transpose_inplace": dict(a=array_like(SQUARE), threads=THREADS),
    **{name: dict(input=array_like(IMAGE, "f4"), kernel=array_like(SQUARE, "f4"), out=array_like(IMAGE, "f4"),
                  boundary=words(["constant", "wrap", "nearest"]), fill=NUMBERS, region=words(["same", "valid", "full"]),
                  axes=([None, (0, 1), (1, 0), (-2, -1)], [0, (0,), (), (0, 0), (0, 2), [0, 1], (0, 1.0), (0, 2**40), (0,) * 9, "x", True]),
                  origin=only(0, 1), dtype=DTYPES, method=words(["auto", "direct"]), progress=only(None), threads=THREADS)
       for name in ("convolve", "correlate")},
    "neighbor_product": dict(image=array_like((4, 4, 3), "u1"), radius=NUMBERS, alpha=words(["opaque", "copy"]),
                             boundary=words(["zero", "keep", "wrap"]), out=array_like((4, 4, 3), "u1"), threads=THREADS),
    "depth_to_points": dict(
        depth=array_like((2, 3), "f4"), fx=NUMBERS, fy=NUMBERS, cx=NUMBERS, cy=NUMBERS, depth_scale=NUMBERS, min_depth=NUMBERS,
        max_depth=NUMBERS, invalid=words(["nan", "zero", "drop"]), frame=words(["optical", "inverted"]), skew=NUMBERS, radial=only(False, True),
        pose=only(None, np.eye(4)), stride=NUMBERS, mask=only(None, np.ones((2, 3), bool)), color=only(None), dtype=DTYPES,
        return_indices=only(False), out=array_like((2, 3, 3), "f4"), threads=THREADS),
    "points_to_depth": dict(points=array_like((4, 3)), fx=NUMBERS, fy=NUMBERS, cx=NUMBERS, cy=NUMBERS, shape=only((2, 3), [2, 3], (2, np.int8(3))),
                            depth_scale=NUMBERS, dtype=DTYPES, frame=words(["optical", "opengl"]), skew=NUMBERS, out=array_like((2, 3), "u2"),
                            threads=THREADS),
    "distances": dict(x=POINTS, y=array_like((3, 2)), metric=words(["euclidean", "cityblock"]), out=array_like(SQUARE), threads=THREADS),
    "distances_from": dict(x=POINTS, point=array_like((2,)), metric=words(["euclidean", "chebyshev"]), out=array_like((3,)), threads=THREADS),
    "update_distances": dict(x=POINTS, d=array_like(SQUARE), i=NUMBERS, metric=words(["euclidean", "cityblock"]), threads=THREADS),
    "squared_error": dict(goal=array_like(SQUARE), current=array_like(SQUARE), weights=array_like(SQUARE), rows=only(False, True), threads=THREADS),
    "searchsorted": dict(a=array_like((8,)), v=array_like(ROW), side=words(["left", "right"]), sorter=only(None, np.arange(8)),
                         out=array_like(ROW, "i8"), threads=THREADS),
    "binary_search": dict(a=array_like((8,)), v=array_like(ROW), out=array_like(ROW, "i8"), threads=THREADS),
    "is_prime": dict(n=([*NUMBERS[0], 97, 2**63 - 1, 2**64 - 59], [*NUMBERS[1], *array_like(ROW, "i4")[0], *array_like((), "u8")[1]]),
                     progress=only(None), threads=THREADS),
    **{name: dict(limits=([10, 0, -3, 10**5, 10**5 + 1, 10**6], [*NUMBERS[1], *array_like(ROW, "i4")[0]]), start=NUMBERS, progress=only(None),
                  threads=THREADS) for name in ("sum_primes", "count_primes")},
}


def drawn(draw, name):
    """Arguments of a function: mostly plain, one in five unusual or missing, given by position or by name."""
    positional, keywords = [], {}
    parameters = inspect.signature(GENERAL[name]).parameters
    usual = draw.random() < 0.5
    for key, parameter in parameters.items():
        if key not in CALLS[name]:
            continue
        plain, unusual = CALLS[name][key]
        if parameter.default is not inspect.Parameter.empty and key != "out" and draw.random() < 0.75:
            value = MISSING
        elif usual or draw.random() < 0.8:
            value = draw.choice(plain[:1] if draw.random() < 0.5 else plain)
        else:
            value = draw.choice([*unusual, MISSING])
        if value is MISSING:
            continue
        by_position = parameter.kind is parameter.POSITIONAL_ONLY or (
            parameter.kind is parameter.POSITIONAL_OR_KEYWORD and draw.random() < 0.5)
        if by_position and len(positional) == list(parameters).index(key):
            positional.append(value)
        elif parameter.kind is not parameter.POSITIONAL_ONLY or draw.random() < 0.1:
            keywords[key] = value
    if draw.random() < 0.03:
        keywords[draw.choice(["nonsense", *parameters])] = 1
    return positional, keywords


def outcome(function, positional, keywords):
    """All that can be seen of a call; the arguments are then as they were."""
    values = [*positional, *keywords.values()]
    arrays = [np.asarray(value) for value in values if isinstance(value, (np.ndarray, memoryview))]
    before = [a.copy() for a in arrays]
    try:
        with np.errstate(all="ignore"):
            result = function(*positional, **keywords)
    except Exception as error:
        told = type(error), getattr(error, "status", None), str(error)
    else:
        parts = result if isinstance(result, tuple) else (result,)
        told = [result is value for value in values], [
            (type(part), getattr(part, "dtype", None), getattr(part, "shape", None), getattr(part, "strides", None), np.asarray(part).tobytes())
            for part in parts]
    left = [a.tobytes() for a in arrays if a.dtype != object]
    for a, content in zip(arrays, before):
        if a.flags.writeable:
            a[...] = content
    return told, left


@pytest.mark.parametrize("name", CALLS)
def test_both_ways_give_the_same(name):
    draw, served = random.Random(name), 0
    for _ in range(600):
        positional, keywords = drawn(draw, name)
        fast, general = (outcome(f, positional, keywords) for f in (getattr(bs, name), GENERAL[name]))
        assert fast == general, (positional, keywords)
        served += not asked(lambda: outcome(getattr(bs, name), positional, keywords))
    assert 20 < served < 580, served


def test_every_declared_function_is_called_both_ways():
    assert set(CALLS) == set(GENERAL)


def test_memory_that_overlaps():
    a, points = np.arange(12.0), np.ones((4, 3))
    for name, *arguments, out in [("add", a[1:], a[1:], a[:-1]), ("copy", a[2:], a[:-2]), ("distances", points, points), ("searchsorted", a, a, a),
                                  ("add", a, a, a), ("copy", a, a), ("add", a[:3], 1, np.lib.stride_tricks.as_strided(a, (3,), (0,)))]:
        told = []
        for function in (getattr(bs, name), GENERAL[name]):
            before = a.copy()
            try:
                told.append(np.asarray(function(*arguments, out=out)).tolist())
            except bs.Error as error:
                told.append((type(error), str(error)))
            a[:] = before
        assert told[0] == told[1]


# ---- Who serves what -------------------------------------------------------------------------------------------------

def test_plain_calls_are_served():
    a, b, m = np.arange(6.0).reshape(2, 3), np.ones((2, 3)), np.arange(9.0).reshape(3, 3)
    f4, row, found = np.empty((2, 3), np.float32), np.arange(3.0), np.empty(3, np.int64)
    image, kernel, pixels = np.ones((8, 8), np.float32), np.ones((3, 3), np.float32), np.ones((4, 4, 3), np.uint8)
    for call in [lambda: bs.add(a, b), lambda: bs.add(a, b, a), lambda: bs.add(a.T, b.T, out=a.T), lambda: bs.add(a, b[0], out=a), lambda: bs.add(a, b[0]), lambda: bs.add(b[:, :1], row),
                 lambda: bs.add(a, f4), lambda: bs.multiply(f4, found), lambda: bs.divide(found, found), lambda: bs.divide(pixels, found),
                 lambda: bs.divide(a, b, None), lambda: bs.add(np.zeros(0), np.zeros(0)), lambda: bs.add(a, 1), lambda: bs.add(2.5, a, out=b),
                 lambda: bs.add(np.ones(3, np.int8), -128), lambda: bs.divide(a, 2), lambda: bs.divide(2, a.astype(complex)),
                 lambda: bs.multiply(a.astype("c8"), 1.5 - 2j), lambda: bs.add(1j, a.astype(complex)), lambda: bs.add(a, b, threads=2, out=a),
                 lambda: bs.add(np.arange(3), -2**63), lambda: bs.add(np.ones(()), np.ones(())),
                 lambda: bs.add(a, np.float64(2)), lambda: bs.add(np.int8(3), np.ones(3, np.int8)), lambda: bs.add(f4, np.float64(2), out=a),
                 lambda: bs.add(np.float32(1), 2), lambda: bs.add(np.complex128(1j), np.ones(2, complex)), lambda: bs.searchsorted(row, np.float64(1)),
                 lambda: bs.copy(a), lambda: bs.copy(a[::-1], out=b), lambda: bs.cast(a, np.float32), lambda: bs.cast(a, "float32"), lambda: bs.cast(a, f4.dtype, out=f4, rule="saturate"),
                 lambda: bs.cast(a, f4.dtype.name, rule="".join(["satu", "rate"])), lambda: bs.cast(a, float, out=b), lambda: bs.cast(a, bool),
                 lambda: bs.cast(a, "f"), lambda: bs.cast(a, "f4"), lambda: bs.cast(a, "".join("f4")), lambda: bs.cast(a, f4.dtype.str),
                 lambda: bs.transpose(m), lambda: bs.transpose(pixels, (2, 0, -2)), lambda: bs.transpose(a, dtype=np.float32, out=f4.T.copy()), lambda: bs.transpose_inplace(m),
                 lambda: bs.convolve(image, kernel, out=image.copy(), boundary="nearest", origin=0, fill=0.0),
                 lambda: bs.correlate(row, row[:2], out=row.copy()), lambda: bs.convolve(image, kernel[0], out=image.copy(), axes=-1),
                 lambda: bs.convolve(pixels, kernel, out=pixels.copy(), axes=(0, 1)), lambda: bs.convolve(image, kernel), lambda: bs.convolve(image, kernel, region="full"), lambda: bs.correlate(image, kernel, region="valid"),
                 lambda: bs.convolve(pixels, pixels),
                 lambda: bs.correlate(pixels, kernel, axes=(0, 1)), lambda: bs.convolve(pixels, pixels, dtype="float32"), lambda: bs.neighbor_product(pixels, radius=2),
                 lambda: bs.depth_to_points(image, 1, 1.0, 2.0, 2.0, max_depth=3, out=np.empty((8, 8, 3), np.float32)),
                 lambda: bs.depth_to_points(image, 1, 1.0, 2.0, 2.0, stride=2, dtype=np.float64), lambda: bs.depth_to_points(image, 1, 1.0, 2.0, 2.0, pose=np.eye(4), mask=image > 0),
                 lambda: bs.points_to_depth(m, 1.0, 1.0, 1.0, 1.0, (2, 2), out=np.empty((2, 2))), lambda: bs.points_to_depth(m, 1.0, 1.0, 1.0, 1.0, (2, 2)),
                 lambda: bs.squared_error(m, m, rows=True), lambda: bs.squared_error(m, m, threads=1),
                 lambda: bs.distances(m, out=m.copy()), lambda: bs.distances(a), lambda: bs.distances(a.astype(int), m), lambda: bs.distances_from(f4, row), lambda: bs.distances(a, m, metric="cityblock", out=np.empty((2, 3))),
                 lambda: bs.distances_from(m, row, out=row.copy()), lambda: bs.update_distances(m, m.copy(), 1), lambda: bs.squared_error(m, m, weights=m),
                 lambda: bs.searchsorted(row, row, side="right", out=found), lambda: bs.searchsorted(row, 1.5), lambda: bs.binary_search(row, a),
                 lambda: bs.is_prime(97), lambda: bs.is_prime(found), lambda: bs.sum_primes(100, start=3), lambda: bs.count_primes(100)]:
        assert asked(call) == 0, inspect.getsource(call)


def test_all_else_goes_to_the_python_functions():
    a, b, whole, f4 = np.arange(6.0).reshape(2, 3), np.ones((2, 3)), np.arange(3), np.ones((2, 3), np.float32)
    for call in [lambda: bs.add(a, 1j), lambda: bs.add(a, True), lambda: bs.add(whole, 1.5), lambda: bs.add(a, 2**53 + 1), lambda: bs.divide(whole, 2),
                 lambda: bs.add(a.astype("f2"), 1.0), lambda: bs.add(a, whole[:2]), lambda: bs.add(a, f4[0, 0, ...]), lambda: bs.add([1], b),
                 lambda: bs.add(np.matrix(a), b), lambda: bs.add(a, b, out=memoryview(a)),
                 lambda: bs.copy(a.astype(">f8")), lambda: bs.copy(a, order="F"), lambda: bs.transpose(a, [1, 0]), lambda: bs.copy(a, out=a[0]),
                 lambda: bs.sum_primes(10**6), lambda: bs.neighbor_product(a, boundary="keep"), lambda: bs.copy(a, **{"".join(["o", "ut"]): b}),
                 lambda: bs.copy(np.zeros(50_000_000, np.int8)), lambda: bs.add(a, b, out=frozen(b.copy()))]:
        assert asked(call) == 1, inspect.getsource(call)


def test_longer_calls_heed_contexts():
    """Beyond 20 us they run without the interpreter lock, until a context has a number of threads to say; then the Python functions look."""
    done = run_python("""
        import sys
        import numpy as np
        sys.path.insert(0, sys.argv[1])
        import bytestride as bs
        from test_short_calls import asked

        a, b, small = np.ones(100_000), np.ones(100_000), np.ones(3)
        assert asked(lambda: bs.add(a, b, out=b)) == asked(lambda: bs.copy(a, out=b)) == asked(lambda: bs.add(small, small)) == 0
        with bs.threads(1):
            assert asked(lambda: bs.add(a, b, out=b)) == asked(lambda: bs.copy(a, out=b)) == 1
            assert asked(lambda: bs.add(a, b, out=b, threads=1)) == asked(lambda: bs.add(small, small)) == 0
        assert b.tolist() == [2.0] * 100_000
        print("fine")
    """, str(__file__).rpartition("/")[0])
    assert done.stdout == "fine\n", done.stderr


def test_a_numpy_whose_fields_lie_elsewhere_is_left_alone():
    done = run_python("""
        import numpy
        numpy.__version__ = "3.0.0"
        import bytestride as bs
        print(bs.build_info()["calls"], bs.add(numpy.ones(2), 1)[0])
    """)
    assert done.stdout == "ctypes 2.0\n", done.stderr
    read = _fastcall.LIBRARY.bytestride_python_reads
    a, b = np.ones(3), np.ones((2, 2), np.int16)
    assert read(a, a.dtype, a.dtype.num) == 1
    assert read(a, b.dtype, a.dtype.num) == read(a, a.dtype, b.dtype.num) == 0


# ---- References and memory -------------------------------------------------------------------------------------------

PLAIN = {name: {key: values[0][0] for key, values in arguments.items() if key not in ("dtype", "pose", "mask", "color", "axes")}
         for name, arguments in CALLS.items()}
for camera in ("depth_to_points", "points_to_depth"):
    PLAIN[camera].update(fx=1.5, fy=1.5, cx=1.0, cy=1.0, depth_scale=2.0, max_depth=9.0, stride=1)
PLAIN["points_to_depth"].pop("stride"), PLAIN["points_to_depth"].pop("max_depth")
PLAIN["neighbor_product"]["radius"], PLAIN["cast"]["dtype"] = 1, np.dtype("f8")


def split(name, arguments):
    """By position and by name."""
    parameters = inspect.signature(GENERAL[name]).parameters
    given = {key: arguments[key] for key in parameters if key in arguments}
    positional = [given.pop(key) for key in list(given) if parameters[key].kind is not inspect.Parameter.KEYWORD_ONLY]
    return positional, given


@pytest.mark.parametrize("name", CALLS)
def test_references_and_memory_stay(name):
    function = getattr(bs, name)
    positional, keywords = split(name, PLAIN[name])
    fresh = {key: value for key, value in keywords.items() if key != "out"}
    assert asked(lambda: function(*positional, **keywords)) == 0
    objects = [*positional, *keywords.values(), np.ndarray, None, True, False, float, int]
    wrong = [positional[0][..., :2], *positional[1:]] if isinstance(positional[0], np.ndarray) else [-1.5]

    def right(times):
        for _ in range(times):
            function(*positional, **keywords)
        for _ in range(times // 50):
            function(*positional, **fresh)

    def failing(times):
        for _ in range(times // 50):
            try:
                function(*wrong, **keywords)
            except bs.Error:
                pass

    def growth(calls, objects):
        calls(1000)
        before = [sys.getrefcount(x) for x in objects]
        calls(20000)
        return [sys.getrefcount(x) - y for x, y in zip(objects, before)]

    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert all(abs(grown) < 50 for grown in growth(right, [*objects, np.dtype("f8"), np.dtype("i8")]))
    # The dtype is left out here: NumPy 2.4's own `np.empty(())`, of the Python functions, loses a reference to float64.
    assert all(abs(grown) < 50 for grown in growth(failing, objects))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 4096  # KiB


# ---- The general functions' own calls --------------------------------------------------------------------------------

def test_python_functions_call_by_the_helper_library(monkeypatch):
    """It must be asked first, refuse what is no plain array, and say what ctypes says."""
    table, keys, found = np.arange(10.0), np.array([2.5, 7.0]), np.empty(2, np.int64)
    g = GENERAL
    calls = [
        lambda: g["searchsorted"](table, keys, out=found),
        lambda: g["copy"](table[::-1]),
        lambda: g["transpose_inplace"](np.arange(9).reshape(3, 3)),
        lambda: g["distances"](keys[:, None], table[:, None]),
        lambda: g["distances_from"](table[:, None], [3]),
        lambda: g["squared_error"](table, table[::-1]),
        lambda: g["convolve"](table, keys, out=np.empty(10), boundary="wrap"),
        lambda: g["is_prime"]([4, 97]),
        lambda: g["copy"](np.arange(4).view(np.matrix)),
    ]
    wrong = [lambda: g["searchsorted"](table, keys, out=np.empty(3, np.int64)), lambda: g["distances"](table[:, None], table)]
    answers = []
    quick, statuses = _call.quick, []

    def counted(*arguments):
        statuses.append(quick(*arguments))
        return statuses[-1]

    for function in (counted, None):
        monkeypatch.setattr(_call, "quick", function)
        said = [np.asarray(one()).tolist() for one in calls]
        for one in wrong:
            with pytest.raises(bs.ShapeError) as caught:
                one()
            said.append(caught.value.message)
        answers.append(said)
    assert answers[0] == answers[1]
    assert answers[0][0] == [3, 7]
    assert statuses[:8] == [0] * 8 and statuses[9:] == [c.BYTESTRIDE_ERROR_SHAPE]
    assert quick(0, None, None, None, [1.0]) is None and quick(0, None, None, None, table.astype(">f8")) is None
