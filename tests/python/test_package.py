"""The package as its users meet it: names, signatures, documentation and its examples, loading, the cheap calls."""
import doctest
import importlib
import inspect
import os
import pkgutil
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import bytestride as bs
import bytestride.arithmetic
from bytestride import _fastcall, _short
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


def test_help_says_all():
    text = importlib.import_module("pydoc").plain(importlib.import_module("pydoc").render_doc(bs))
    for name in set(bs.__all__) - {"__version__"}:
        assert re.search(rf"^    (class )?{name}\b", text, re.MULTILINE), f"help(bytestride) does not show {name}"


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
    declared = {function.__name__: function for function in _short.DECLARATIONS}
    assert set(declared) == {name for name in bs.__all__ if inspect.isroutine(getattr(bs, name))} - {
        "mds", "classical_mds", "load", "compile", "set_num_threads", "get_num_threads", "threads", "build_info"}
    for name, general in declared.items():
        function = getattr(bs, name)
        assert inspect.isbuiltin(function) and function.__name__ == name and function.__module__ == "bytestride"
        assert function.__doc__ == inspect.getdoc(general)
        # A builtin's signature has literals alone.
        assert plain(function) == plain(general).replace("<class 'numpy.float32'>", "'float32'").replace("<class 'numpy.uint16'>", "'uint16'")


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
