"""Own kernels, called through their manifest: results in every layout, and the errors of the package."""
import ctypes
import inspect
import json
import os
import signal
import subprocess
import threading

import numpy as np
import pytest

import bytestride as bs
from bytestride import _generated as c
from bytestride._library import pointer_of

from layouts import DTYPES, Placed, assert_same, place, random_values
from own_kernels import compiled, compiler
from programs import run_python


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    return compiled(tmp_path_factory.mktemp("own"))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_every_dtype_in_every_layout(own, layout, dtype, random):
    values = random_values(random, dtype, (7, 5))
    expected = values if dtype.kind == "b" else values + values
    placed = Placed((7, 5), dtype, layout)
    placed.array[...] = 0
    assert own.twice(place(values, layout), out=placed.array) is placed.array
    assert_same(placed.array, expected)
    placed.check()
    assert_same(own.twice(values), expected)


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (5, 0), (1, 1), (1, 9), (9, 1), (2000, 3)])
def test_every_extent(own, shape, random):
    a = random.standard_normal(shape)
    assert_same(own.twice(a), a + a)
    assert_same(own.twice(np.broadcast_to(a[:1], shape)), np.broadcast_to(a[:1] + a[:1], shape))


def test_float16_reads_and_rounds_every_value(own):
    every = np.arange(65536, dtype=np.uint16).view(np.float16).reshape(256, 256)
    assert_same(own.twice(every), every + every)


def test_bool_is_any_byte_but_zero(own):
    odd = np.array([[0, 1, 2, 255]], np.uint8)
    out = np.full((1, 4), 7, np.uint8)
    own.twice(odd.view(bool), out=out.view(bool))
    assert out.tolist() == [[0, 1, 1, 1]]


def test_numbers_and_their_defaults(own):
    image = np.arange(6, dtype=np.float32).reshape(2, 3)
    assert_same(own.scale(image), image * np.float32(2.5))
    assert_same(own.scale(image, 3), image * np.float32(3))
    assert_same(own.scale(image, factor=np.float32(0.5)), image * np.float32(0.5))
    a = np.arange(3)
    assert own.shift(a, -2) is a and a.tolist() == [-2, -1, 0]
    assert own.shift(a, by=1, last=2**40).tolist() == [2**40 - 1, 2**40, 2**40 + 1]
    for bad, error, text in (("1", bs.OptionError, "argument 1 (by) must be an int, is str"), (1.5, bs.OptionError, "argument 1 (by)"),
                             (2**31, bs.OverflowError, "argument 1 (by) is 2147483648, which is no int32")):
        with pytest.raises(error) as caught:
            own.shift(a, bad)
        assert text in str(caught.value)
    with pytest.raises(bs.OverflowError):
        own.shift(a, 0, last=-1)
    with pytest.raises(bs.OptionError, match="must be a number"):
        own.scale(image, "2.0")


def test_several_outputs(own):
    a = np.array([1.0, 2.0, 6.0])
    mean, both = own.moments(a)
    assert isinstance(mean, np.float64) and mean == 3 and both.tolist() == [9, 41]
    out = np.zeros(()), np.zeros(2)
    result = own.moments(a, out=out)
    assert result[0] is out[0] and result[1] is out[1] and out[0] == 3
    mean, _ = own.moments(a, out=(None, out[1]))
    assert mean == 3
    with pytest.raises(bs.OptionError, match="tuple of 2"):
        own.moments(a, out=out[0])


def test_shapes_follow_their_names(own, random):
    a, b = random.standard_normal((4, 3)), random.standard_normal((3, 6))
    np.testing.assert_allclose(own.product(a, b), a @ b, rtol=1e-12)
    with pytest.raises(bs.ShapeError) as caught:
        own.product(a, b[:2])
    assert str(caught.value) == "argument 2 (b): shape[0] is 2, must be 3 (k of a)" and caught.value.status == -2
    with pytest.raises(bs.ShapeError, match=r"argument 3 \(both\): shape\[0\] is 3, must be 2"):
        own.moments(a[0], out=(np.zeros(()), np.zeros(3)))
    with pytest.raises(bs.OptionError, match=r"argument 2 \(out\) must be given by out="):
        own.unknown_shape(np.ones(3))
    assert own.unknown_shape(np.ones(3), out=np.empty(5)).tolist() == [1, 1, 1, 0, 0]


def test_what_is_wrong_is_named_and_nothing_written(own):
    image, out = np.ones((3, 4), np.float32), np.full((3, 4), -1, np.float32)
    frozen = out.copy()
    frozen.flags.writeable = False
    strided = np.lib.stride_tricks.as_strided(np.zeros(20, np.float32), (3, 4), (8, 4))
    for arguments, wrong, error, text in (
            ((image.astype(np.float64),), out, bs.DTypeError, "argument 1 (image): dtype is float64, must be float32"),
            ((image,), out.astype(np.int16), bs.DTypeError, "argument 3 (out): dtype is int16, must be float32"),
            ((image.astype(">f4"),), out, bs.DTypeError, "argument 1 (image): is not in the machine's byte order"),
            ((image.astype(object),), out, bs.DTypeError, "argument 1 (image): dtype 'O8' is not"),
            ((image[0],), out, bs.ShapeError, "argument 1 (image): has 1 dimensions, must have 2"),
            ((np.ones((1,) * 9, np.float32),), out, bs.ShapeError, "argument 1 (image): has 9 dimensions, at most 8"),
            ((image,), out[:, :3], bs.ShapeError, "argument 3 (out): shape[1] is 3, must be 4 (columns of image)"),
            ((image,), frozen, bs.ReadOnlyError, "argument 3 (out): is read-only"),
            ((image,), image, bs.OverlapError, "argument 3 (out): overlaps image"),
            ((image,), strided, bs.OverlapError, "argument 3 (out): has elements that share memory"),
            ((image,), [[0.0] * 4] * 3, bs.DTypeError, "argument 3 (out) must be an array"),
            (([[1, 2], [3]],), out, bs.ShapeError, "argument 1 (image) is not an array"),
            ((np.ma.masked_array(image),), out, bs.DTypeError, "argument 1 (image) is a masked array")):
        before = np.array(wrong)
        with pytest.raises(error) as caught:
            own.scale(*arguments, out=wrong)
        assert text in str(caught.value)
        assert np.array_equal(before, np.array(wrong))
    with pytest.raises(bs.OptionError, match="threads must not be negative"):
        own.scale(image, threads=-1)
    with pytest.raises(bs.DTypeError, match=r"argument 2 \(out\): dtype is float64, must be int64"):
        own.twice(np.ones((2, 2), np.int64), out=np.ones((2, 2)))
    with pytest.raises(TypeError):
        own.scale()
    with pytest.raises(TypeError):
        own.scale(image, fctor=1)
    with pytest.raises(bs.ReadOnlyError, match=r"argument 2 \(a\): is read-only"):
        own.shift(np.broadcast_to(np.int64(1), 3), 1)


def test_interleaved_views_do_not_overlap(own):
    pixels = np.arange(24, dtype=np.float32).reshape(4, 3, 2)
    own.scale(pixels[..., 0], out=pixels[..., 1])
    assert_same(pixels[..., 1], pixels[..., 0] * np.float32(2.5))


def test_own_statuses_and_messages(own):
    with pytest.raises(bs.Error) as caught:
        own.shift(np.arange(3), 0, last=13)
    assert type(caught.value) is bs.Error
    assert (caught.value.status, caught.value.message) == (-1000, "thirteen is not taken: 100%")
    with pytest.raises(bs.Error) as caught:
        own.moments(np.empty(0))
    assert (caught.value.status, caught.value.message) == (-1002, "argument 1 (a): has no element, and so no mean")


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("kind, status, text", [
    (1, -1000, "thrown at an index"), (2, -1000, "an exception that is no std::exception"), (3, -6, "out of memory"),
    (4, -1234, "an error of a user's own kernel"), (5, -1005, "index 99"), (6, -1006, "an error of a user's own kernel"),
    (7, -8, "is 7, must be a failure"), (8, -1000, "thrown outside of a loop")])
def test_failures_in_a_kernel(own, kind, status, text, threads):
    with pytest.raises(bs.Error) as caught:
        own.trouble(kind, out=np.zeros(40), threads=threads)
    assert caught.value.status == status and text in caught.value.message
    own.trouble(0, out=np.zeros(3))


def test_threads_of_the_team(own):
    out = np.zeros(30, np.int64)
    assert len(set(own.workers(out=out, threads=1).tolist())) == 1
    assert len(set(own.workers(out=out, threads=2).tolist())) == 2
    with bs.threads(1):
        assert len(set(own.workers(out=out).tolist())) == 1


def test_a_kernel_calls_the_library(own, random):
    a = random.standard_normal((3, 4))
    assert_same(own.doubled_by_library(a[:, ::2]), a[:, ::2] * 2)


def test_progress(own):
    seen = []
    own.sleep_rows(2000, out=np.zeros(200, np.int64), progress=lambda done, total: seen.append((done, total)), threads=1)
    assert seen[-1] == (200, 200) and all(total == 200 for _, total in seen)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen) and len(seen) > 2


@pytest.mark.parametrize("before", ["", "own.sleep_rows(1, out=out[:3]);"], ids=["the first call", "after a short call"])
def test_interrupts_end_a_call(own, before):
    code = f"""
        import signal, threading, time, os
        import numpy as np, bytestride as bs
        own, out = bs.load({own.path!r}), np.full(100000, -1)
        {before}
        threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
        start = time.monotonic()
        try:
            own.sleep_rows(1000, out=out)
        except KeyboardInterrupt:
            done = out.copy()
            time.sleep(0.1)
            print("interrupted", time.monotonic() - start < 30, np.array_equal(out, done), (out == -1).any())
    """
    done = run_python(code)
    assert done.stdout.split() == ["interrupted", "True", "True", "True"], done.stderr


def test_any_thread_may_call(own, random):
    a = random.standard_normal((300, 300))
    results = [None] * 6

    def work(i):
        results[i] = own.product(a[:40 + i], a)
    workers = [threading.Thread(target=work, args=(i,)) for i in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for i, result in enumerate(results):
        np.testing.assert_allclose(result, a[:40 + i] @ a, rtol=1e-9, atol=1e-9)


def test_a_forked_child_works(own, random):
    a = random.standard_normal((50, 50))
    own.workers(out=np.zeros(30, np.int64), threads=2)
    child = os.fork()
    if child == 0:
        signal.alarm(60)  # a hang ends the child
        fine = np.array_equal(own.twice(a), a + a) and len(set(own.workers(out=np.zeros(9, np.int64), threads=2).tolist())) == 1
        os._exit(0 if fine else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_what_python_tells(own):
    assert str(inspect.signature(own.scale)) == "(image, /, factor=2.5, *, out=None, threads=0, progress=None)"
    assert str(inspect.signature(own.shift)) == "(a, /, by, last=0, *, threads=0, progress=None)"
    assert own.scale.__name__ == "scale" and own.scale.__doc__.startswith('Every "element" \\ times a factor.\n')
    assert "image : array, (rows, columns) of float32" in own.scale.__doc__
    assert own.functions["scale"] is own.scale and "scale" in repr(own)
    scale = own.manifest["functions"][0]
    assert own.manifest["bytestride"] == 1 and scale["name"] == "scale"
    assert scale["arguments"] == [
        {"name": "image", "role": "input", "dtypes": ["float32"], "ndim": 2, "shape": ["rows", "columns"]},
        {"name": "factor", "role": "scalar", "type": "float64", "default": 2.5},
        {"name": "out", "role": "output", "dtypes": ["float32"], "ndim": 2, "shape": ["rows", "columns"]},
        {"name": "options", "role": "options", "type": "bytestride_options", "size": 64}]


def test_what_cannot_be_loaded(tmp_path):
    with pytest.raises(bs.LoadError) as caught:
        bs.load(tmp_path / "missing.so")
    assert isinstance(caught.value, ImportError) and "missing.so" in str(caught.value)
    with pytest.raises(bs.LoadError, match="no bytestride_manifest"):
        bs.load("libm.so.6")
    library = bs.build_info()["library"]
    for text, flags, message in (
            ('const char *bytestride_manifest(void) { return "{\\"bytestride\\": 99, \\"functions\\": []}"; }', [], "binary interface 99"),
            ('const char *bytestride_manifest(void) { return "not JSON"; }', [], "cannot be read"),
            # The manifest of libbytestride is not that of a library that needs it.
            ("int bytestride_abi_version(void); int own(void) { return bytestride_abi_version(); }", [library], "no bytestride_manifest")):
        source, path = tmp_path / "a.c", tmp_path / f"{abs(hash(text))}.so"
        source.write_text(text)
        subprocess.run([compiler(), "-x", "c", "-shared", "-fPIC", source, "-x", "none", *flags, "-o", path], check=True)
        with pytest.raises(bs.LoadError, match=message):
            bs.load(path)


# ---- The library's own manifest

def own_manifest():
    library = ctypes.CDLL(bs.build_info()["library"])
    library.bytestride_manifest.restype = ctypes.c_char_p
    return json.loads(library.bytestride_manifest().decode())


FUNCTIONS = own_manifest()["functions"]


@pytest.mark.parametrize("description", FUNCTIONS, ids=[function["name"] for function in FUNCTIONS])
def test_the_manifest_tells_the_dtypes_that_are_taken(description):
    """Each array of a function gets every dtype in turn, the others one that they take. The library looks at dtypes before
    anything is computed, so DTYPE is the answer exactly where the manifest says so - or where two dtypes do not go together,
    which another one beside it settles."""
    entry = getattr(ctypes.CDLL(bs.build_info()["library"]), description["name"])
    arguments = description["arguments"][:-1]
    for tried, argument in enumerate(arguments):
        if "dtypes" not in argument or argument["name"] == "colors":  # colours need an option
            continue
        for dtype in DTYPES:
            statuses = {status_of(entry, arguments, tried, dtype, beside) for beside in ("float64", "uint8", "complex128", "bool", "same")}
            taken = statuses != {-1}
            assert taken == (str(dtype) in argument["dtypes"]), (argument["name"], str(dtype), statuses)


# Where a rank is looked at before the dtype.
NDIMS = {("bytestride_squared_error", "out"): 1, ("bytestride_depth_to_points", "points"): 3}


def status_of(entry, arguments, tried, dtype, beside):
    values, keep = [], []
    for number, argument in enumerate(arguments):
        if "dtypes" in argument and argument["name"] != "colors":
            fitting = str(dtype) if beside == "same" else beside
            name = str(dtype) if number == tried else fitting if fitting in argument["dtypes"] else argument["dtypes"][-1]
            ndim = 2 if argument["ndim"] is None else argument["ndim"]
            ndim = NDIMS.get((entry.__name__, argument["name"]), ndim)
            array = np.zeros((3,) * ndim, name)
            keep.append(array.__array_struct__)
            values.append(pointer_of(keep[-1], None))
        elif argument["role"] == "scalar":
            values.append(ctypes.c_double(1) if argument["type"] == "float64" else ctypes.c_int64(1))
        else:
            values.append(None)
    return entry(*(ctypes.c_void_p(value) if value is None or isinstance(value, int) else value for value in values), None)


def test_the_manifest_is_complete():
    with_options = {name: function for name, function in c.FUNCTIONS.items() if "options" in function.names}
    assert {function["name"]: tuple(a["name"] for a in function["arguments"]) for function in FUNCTIONS} \
        == {name: tuple(function.names) for name, function in with_options.items()}
    for function in FUNCTIONS:
        options = function["arguments"][-1]
        assert options["role"] == "options" and options["size"] == ctypes.sizeof(getattr(c, options["type"]))


def test_libbytestride_can_be_loaded(random):
    library = bs.load(bs.build_info()["library"])
    a, b = random.standard_normal((2, 5))
    assert_same(library.bytestride_add(a, b, out=np.empty(5)), a + b)
    assert_same(library.bytestride_distances(a[:, None], None, out=np.empty((5, 5))), bs.distances(a[:, None]))
    assert "bytestride_mds" not in library.functions  # its result is a struct
    with pytest.raises(bs.OptionError, match="does not tell its shape and dtype"):
        library.bytestride_add(a, b)
