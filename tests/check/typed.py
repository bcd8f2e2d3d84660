"""Checks of the Python package's types."""
import os

from common import ROOT, Skip, run

UNTYPED = """
import inspect
import bytestride as bs
for name in bs.__all__:
    function = getattr(bs, name)
    if inspect.isfunction(function):
        signature = inspect.signature(function)
        missing = [p.name for p in signature.parameters.values() if p.annotation is p.empty]
        if signature.return_annotation is signature.empty:
            missing.append("the result")
        if missing:
            print(f"{name}: no type for {', '.join(missing)}")
"""


def python(context, *words):
    """Runs the tests' Python over the package in the source tree, the functions in their plain form."""
    own = context.build / "venv/bin/python"
    if not own.exists():
        raise Skip("mypy is not installed (make test installs it from tests/requirements.txt)")
    return run(own, *words, env={**os.environ, "PYTHONPATH": str(ROOT / "ffi/python"), "MYPYPATH": str(ROOT / "ffi/python"),
                                 "PYTHONDONTWRITEBYTECODE": "1", "BYTESTRIDE_LIBRARY": str(context.library), "BYTESTRIDE_FASTCALL": "0"})


def mypy(context, *words):
    status, output, problems = python(context, "-m", "mypy", "--config-file", ROOT / "ffi/python/pyproject.toml",
                                      "--cache-dir", context.build / "mypy", "--no-error-summary", *words)
    if status:
        yield from (output + problems).splitlines()


def check_types(context):
    """mypy finds nothing in the Python package"""
    yield from mypy(context, "-p", "bytestride")


def check_typed_uses(context):
    """mypy --strict sees the uses of tests/typing as they are meant, and they run"""
    for path in sorted((ROOT / "tests/typing").glob("*.py")):
        # What a user's checker says of their program, not of the package.
        yield from mypy(context, "--strict", "--follow-imports=silent", path)
        status, output, problems = python(context, path)
        if status or output:
            yield from (output + problems).splitlines()


def check_annotations(context):
    """every public Python function has a type for each argument and its result"""
    status, output, problems = python(context, "-c", UNTYPED)
    yield from (output + (problems if status else "")).splitlines()
