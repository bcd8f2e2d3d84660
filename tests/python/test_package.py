"""The package as its users meet it: names, signatures, documentation and its examples, loading, the cheap calls."""
import doctest
import importlib
import inspect
import os
import pkgutil
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import bytestride as bs
import bytestride.arithmetic
from bytestride import _call, _fastcall
from bytestride import _generated as c
from conftest import ROOT
from programs import run_python

SIGNATURES = {
    "add": "(a, b, /, out=None, *, threads=0)",
    "subtract": "(a, b, /, out=None, *, threads=0)",
    "multiply": "(a, b, /, out=None, *, threads=0)",
    "divide": "(a, b, /, out=None, *, threads=0)",
    "minimum": "(a, b, /, out=None, *, threads=0)",
    "maximum": "(a, b, /, out=None, *, threads=0)",
    "copy": "(a, /, *, out=None, order='C', threads=0)",
    "cast": "(a, /, dtype, *, out=None, order='C', rule='wrap', threads=0)",
    "transpose": "(a, /, axes=None, *, out=None, dtype=None, rule='wrap', threads=0)",
    "transpose_inplace": "(a, /, *, threads=0)",
    "convolve": "(input, kernel, /, *, boundary='constant', fill=0.0, region='same', axes=None, origin=0, dtype=None, "
                "method='auto', out=None, progress=None, threads=0)",
    "correlate": "(input, kernel, /, *, boundary='constant', fill=0.0, region='same', axes=None, origin=0, dtype=None, "
                 "method='auto', out=None, progress=None, threads=0)",
    "load": "(path)",
    "compile": "(source, *, flags=())",
    "set_num_threads": "(n)",
    "get_num_threads": "()",
    "threads": "(n)",
    "build_info": "()",
}


def plain(function):
    signature = inspect.signature(function)
    parameters = [p.replace(annotation=p.empty) for p in signature.parameters.values()]
    return str(signature.replace(parameters=parameters, return_annotation=signature.empty))


@pytest.mark.parametrize("name", SIGNATURES)
def test_signatures(name):
    assert plain(getattr(bs, name)) == SIGNATURES[name]


def test_every_public_name_is_documented():
    assert set(SIGNATURES) < set(bs.__all__)
    for name in bs.__all__:
        value = getattr(bs, name)
        if callable(value):
            assert value.__doc__ and value.__doc__.strip(), name
            assert inspect.isclass(value) or ">>>" in value.__doc__, f"{name} has no example"
            assert value.__module__.split(".")[0] == "bytestride"
    assert "module bytestride" in str(importlib.import_module("pydoc").render_doc(bs.add)) and "Parameters" in bs.add.__doc__


MODULES = sorted(name for _, name, _ in pkgutil.iter_modules(bs.__path__, "bytestride.") if not name.endswith("__main__"))


@pytest.mark.parametrize("name", ["bytestride", *MODULES])
def test_examples_in_the_documentation(name):
    module = importlib.import_module(name)
    options = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    failed, _ = doctest.testmod(module, optionflags=options)
    assert failed == 0


def test_positional_and_keyword_arguments():
    a = np.ones(2)
    for call in (lambda: bs.add(a=a, b=a), lambda: bs.add(a, a, None, 2), lambda: bs.add(a), lambda: bs.add(a, a, nonsense=1),
                 lambda: bs.copy(a, a), lambda: bs.convolve(a, a, "constant"), lambda: bs.convolve(input=a, kernel=a),
                 lambda: bs.add(), lambda: bs.add(a, a, a, out=a)):
        with pytest.raises(TypeError):
            call()
    assert bs.add(a, a, None).tolist() == bs.add(a, a, out=None, threads=1).tolist() == [2, 2]
    out = np.empty(2)
    assert bs.add(a, a, out) is out and bs.transpose(np.ones((2, 3)), (0, 1)).shape == (2, 3)


# ---- Loading -----------------------------------------------------------------------------------------

LIBRARY = Path(bs.build_info()["library"])
SHOW = "import bytestride as bs; i = bs.build_info(); print(i['library'], i['calls'])"


def test_the_library_that_the_environment_names(tmp_path):
    copy = tmp_path / "renamed.so"
    shutil.copy(LIBRARY, copy)
    done = run_python(SHOW, BYTESTRIDE_LIBRARY=str(copy))
    assert done.stdout.split() == [str(copy), "ctypes"], done.stderr  # no helper library lies beside it
    done = run_python(SHOW, BYTESTRIDE_LIBRARY=str(tmp_path / "missing.so"))
    assert done.returncode == 1 and "ImportError" in done.stderr and "missing.so" in done.stderr and "make lib" in done.stderr


def test_the_library_beside_the_package(tmp_path):
    shutil.copytree(Path(bs.__file__).parent, tmp_path / "bytestride", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(LIBRARY, tmp_path / "bytestride" / "libbytestride.so.1")
    done = run_python(SHOW, PYTHONPATH=str(tmp_path), BYTESTRIDE_LIBRARY="")
    assert done.stdout.split()[0] == str(tmp_path / "bytestride" / "libbytestride.so.1"), done.stderr


def test_the_library_of_the_system(tmp_path):
    shutil.copytree(Path(bs.__file__).parent, tmp_path / "bytestride", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "lib").mkdir()
    shutil.copy(LIBRARY, tmp_path / "lib" / "libbytestride.so.1")
    done = run_python(SHOW, PYTHONPATH=str(tmp_path), BYTESTRIDE_LIBRARY="", LD_LIBRARY_PATH=str(tmp_path / "lib"))
    assert done.stdout.split()[0] == str(tmp_path / "lib" / "libbytestride.so.1"), done.stderr
    done = run_python(SHOW, PYTHONPATH=str(tmp_path), BYTESTRIDE_LIBRARY="", LD_LIBRARY_PATH=str(tmp_path))
    if done.returncode:  # no library is installed on this machine
        assert "ImportError" in done.stderr and "BYTESTRIDE_LIBRARY" in done.stderr


def compiled(path, text):
    compiler = shutil.which(os.environ.get("CC", "cc").split()[0]) or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("no C compiler is installed")
    path.with_suffix(".c").write_text(text)
    subprocess.run([compiler, "-shared", "-fPIC", str(path.with_suffix(".c")), "-o", str(path)], check=True)
    return str(path)


def test_libraries_that_are_refused(tmp_path):
    for name, text, message in [
            ("other", "int something(void) { return 1; }", "is not libbytestride"),
            ("future", "int bytestride_abi_version(void) { return 2; }", "binary interface 2"),
            ("old", "int bytestride_abi_version(void) { return 1; }", "older than this package")]:
        done = run_python("import bytestride", BYTESTRIDE_LIBRARY=compiled(tmp_path / f"{name}.so", text))
        assert done.returncode == 1 and "ImportError" in done.stderr and message in done.stderr


# ---- The builtins ------------------------------------------------------------------------------------

needs_builtins = pytest.mark.skipif(_fastcall.LIBRARY is None, reason="the helper library for cheap calls is not there")


def test_the_builtins_can_be_switched_off():
    done = run_python("import bytestride as bs, inspect; print(inspect.isfunction(bs.add), bs.add([1], 2)[0])", BYTESTRIDE_FASTCALL="0")
    assert done.stdout.split() == ["True", "3"], done.stderr


def test_a_helper_library_of_another_version_is_not_used(tmp_path):
    shutil.copy(LIBRARY, tmp_path / "libbytestride.so")
    compiled(tmp_path / _fastcall.NAME, "int bytestride_python_version(void) { return 99; } int bytestride_python_start(void) "
                                        "{ return 1; } int bytestride_python_define(void) { return 0; }")
    done = run_python(SHOW, BYTESTRIDE_LIBRARY=str(tmp_path / "libbytestride.so"))
    assert done.stdout.split()[1] == "ctypes", done.stderr


@needs_builtins
def test_the_builtins_are_in_use():
    for name in _fastcall.FUNCTIONS:
        function = getattr(bs, name)
        assert inspect.isbuiltin(function) and function.__name__ == name and function.__module__ == "bytestride"
        assert function.__doc__ == inspect.getdoc(getattr(bytestride.arithmetic, name))


@needs_builtins
def test_the_builtins_serve_the_simple_case_alone():
    """The general function must not be asked for it, and must be asked for everything else."""
    code = """
        import numpy as np
        import bytestride.arithmetic as general

        asked = []
        plain = general._elementwise
        def counted(*arguments):
            asked.append(1)
            return plain(*arguments)
        general._elementwise = counted
        import bytestride as bs

        a, b = np.arange(6.0).reshape(2, 3), np.ones((2, 3))
        def times(call):
            asked.clear()
            call()
            return len(asked)
        assert times(lambda: bs.add(a, b)) == times(lambda: bs.add(a, b, a)) == times(lambda: bs.add(a.T, b.T, out=a.T)) == 0
        assert times(lambda: bs.add(a, b[0], out=a)) == times(lambda: bs.divide(a, b, None)) == 0
        assert times(lambda: bs.add(np.zeros(0), np.zeros(0))) == 0
        small, whole = np.ones(3, np.int8), np.arange(3)
        for call in (lambda: bs.add(a, 1), lambda: bs.add(2.5, a, out=b), lambda: bs.add(small, -128), lambda: bs.divide(a, True + 1),
                     lambda: bs.add(a, b, threads=1), lambda: bs.add(a, b, threads=2, out=a), lambda: bs.add(whole, -2**63)):
            assert times(call) == 0, call
        for call in (lambda: bs.add(a, 1j), lambda: bs.add(a, True), lambda: bs.add(whole, 1.5), lambda: bs.add(a, 2**53 + 1),
                     lambda: bs.divide(whole, 2), lambda: bs.add(a.astype(">f8").astype("f2"), 1.0), lambda: bs.add(a, b[0]),
                     lambda: bs.add(a, b.astype("f4")), lambda: bs.add([1], b), lambda: bs.add(np.matrix(a), b),
                     lambda: bs.divide(a.astype(int), a.astype(int)), lambda: bs.add(a, b, out=memoryview(a)),
                     lambda: bs.add(np.ones(40000), np.ones(40000)), lambda: bs.add(a[0, 0], a[0, 0]),
                     lambda: bs.add(np.ones(()), np.ones(()))):
            assert times(call) == 1, call
        # Larger results without the interpreter lock, until a context has a number of threads to say.
        large, largest = np.ones(40000), np.ones(2**22 + 1, np.int8)
        assert times(lambda: bs.add(large, large, out=large)) == 0 and large[-1] == 2
        assert times(lambda: bs.add(largest, largest, out=largest)) == 1 and largest[-1] == 2
        with bs.threads(1):
            assert times(lambda: bs.add(large, large, out=large)) == 1 and large[-1] == 4
        assert times(lambda: bs.add(a, b)) == 0
        print("fine")
    """
    done = run_python(code)
    assert done.stdout == "fine\n", done.stderr


@needs_builtins
def test_the_builtins_do_not_leak_or_lose_references():
    a, b, out, mixed = np.ones(5), np.ones(5), np.ones(5), np.ones(5, np.float32)
    wrong = np.ones(4)
    objects = [a, b, out, mixed, wrong, None, np.ndarray, np.empty, a.dtype]

    def round_of_calls():
        bs.add(a, b), bs.add(a, b, out), bs.add(a, b, out=out), bs.add(a, mixed), bs.add(a, 1), bs.divide(a, b, threads=1)
        for arguments in ((a, wrong), (a, wrong, out), (a, b, wrong), (a, None)):
            with pytest.raises((ValueError, TypeError)):
                bs.add(*arguments)

    round_of_calls()
    before = [sys.getrefcount(x) for x in objects]
    for _ in range(200):
        round_of_calls()
    after = [sys.getrefcount(x) for x in objects]
    assert all(abs(x - y) < 100 for x, y in zip(before, after)), list(zip(before, after))


@needs_builtins
def test_errors_of_the_builtins_are_those_of_the_functions():
    a = np.ones(3)
    frozen = np.ones(3)
    frozen.flags.writeable = False
    for arguments in [(a, np.ones(4), np.ones(3)), (a, a, np.ones(3, int)), (a, a, frozen), (np.ones(4)[:3], np.ones(3), a[::-1][:2]),
                      (a, a.astype(">f8"), a), (a, a, np.ones((2, 2)))]:
        said = []
        for module in (bs, bytestride.arithmetic):
            with pytest.raises(bs.Error) as caught:
                module.add(*arguments)
            said.append((type(caught.value), caught.value.status, caught.value.message))
        assert said[0] == said[1]


@needs_builtins
def test_short_calls_of_all_functions_go_by_the_helper_library(monkeypatch):
    """It must be asked first, refuse what is no plain array, and say what ctypes says."""
    table, keys, found = np.arange(10.0), np.array([2.5, 7.0]), np.empty(2, np.int64)
    calls = [
        lambda: bs.searchsorted(table, keys, out=found),
        lambda: bs.copy(table[::-1]),
        lambda: bs.transpose_inplace(np.arange(9).reshape(3, 3)),
        lambda: bs.distances(keys[:, None], table[:, None]),
        lambda: bs.distances_from(table[:, None], [3]),
        lambda: bs.squared_error(table, table[::-1]),
        lambda: bs.convolve(table, keys, out=np.empty(10), boundary="wrap"),
        lambda: bs.is_prime([4, 97]),
        lambda: bs.copy(np.arange(4).view(np.matrix)),  # not a plain array: by ctypes
    ]
    wrong = [lambda: bs.searchsorted(table, keys, out=np.empty(3, np.int64)), lambda: bs.distances(table[:, None], table)]
    answers = []
    quick, asked = _call.quick, []

    def counted(*arguments):
        asked.append(quick(*arguments))
        return asked[-1]

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
    assert asked[:8] == [0] * 8 and len(asked) >= 9


@needs_builtins
def test_short_calls_do_not_leak_or_lose_references():
    table, keys, found, wrong = np.arange(10.0), np.array([2.5]), np.empty(1, np.int64), np.empty(3, np.int64)
    objects = [table, keys, found, wrong, None]

    def round_of_calls():
        bs.searchsorted(table, keys, out=found)
        bs.copy(table.view(np.recarray))
        with pytest.raises(bs.ShapeError):
            bs.searchsorted(table, keys, out=wrong)

    round_of_calls()
    before = [sys.getrefcount(x) for x in objects]
    for _ in range(200):
        round_of_calls()
    assert all(abs(sys.getrefcount(x) - y) < 100 for x, y in zip(objects, before))


# ---- Packaging ---------------------------------------------------------------------------------------

def test_the_package_is_typed_and_has_one_version():
    assert (Path(bs.__file__).parent / "py.typed").exists()
    assert bs.__version__ == f"{c.BYTESTRIDE_VERSION_MAJOR}.{c.BYTESTRIDE_VERSION_MINOR}.{c.BYTESTRIDE_VERSION_PATCH}"
    project = (ROOT / "ffi" / "python" / "pyproject.toml").read_text(encoding="utf-8")
    assert bs.__version__ not in project and "bytestride._generated.VERSION" in project


def test_numpy_is_all_that_is_imported():
    done = run_python("""
        import sys
        import numpy
        before = set(sys.modules)
        import bytestride
        new = {name.split(".")[0] for name in set(sys.modules) - before}
        foreign = {name for name in new if name not in sys.stdlib_module_names and name != "bytestride"}
        print(sorted(foreign))
    """)
    assert done.stdout in ("[]\n", "['numpy']\n"), done.stdout + done.stderr
