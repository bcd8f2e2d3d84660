"""Checks of the public surface: each function of the header is documented, bound and tested."""
import ast
import re
import sys

from common import ROOT, files, shown

sys.path.insert(0, str(ROOT / "ffi"))
sys.dont_write_bytecode = True
import generate  # noqa: E402  (the reader of the header)

# What a caller must be told about every operation on arrays; a text may point to another function's.
SECTIONS = ("shapes:", "dtypes:", "failure:", "overlap", "threads:", "cost:", "source:")


def functions():
    header = generate.Reader((ROOT / generate.HEADER).read_text()).header()
    return [item for item in header.items if isinstance(item, generate.Function)]


def kernel_functions():
    """The names in kernel.h, which no binding is generated from: it takes a function pointer."""
    text = re.sub(r"/\*.*?\*/", "", (ROOT / "include/bytestride/kernel.h").read_text(), flags=re.DOTALL)
    return re.findall(r"^BYTESTRIDE_API [^;]*?\b(bytestride_\w+)\(", text, re.MULTILINE)


def name_in_languages(function):
    """What Python and Rust call it: there the sums of primes beyond 64 bits are a part of sum_primes."""
    return function.name[len("bytestride_"):].replace("sum_primes_128", "sum_primes")


def takes_options(function):
    return any(parameter.name == "options" for parameter in function.parameters)


def check_documented(context):
    """every operation says its shapes, dtypes, failures, overlap, threads, cost and source"""
    for function in functions():
        if not takes_options(function):
            continue
        text = function.doc.lower()
        for section in SECTIONS:
            elsewhere = "as `bytestride_" in text and section != "source:"
            if section not in text and not elsewhere:
                yield f"{function.name}: nothing about {section.rstrip(':')}"


def check_tested(context):
    """every function is named in a test, and every operation in the Python tests"""
    native = "\n".join(path.read_text() for path in files("tests", suffixes={".c", ".cpp", ".hpp", ".py", ".rs"})
                       if not shown(path).startswith(("tests/check/", "tests/bench/")))
    python = "\n".join(path.read_text() for path in files("tests/python", "tests/process", suffixes={".py"}))
    yield from (f"{name} is named in no test" for name in kernel_functions() if not re.search(rf"\b{name}\b", native))
    for function in functions():
        short = name_in_languages(function)
        if not re.search(rf"\b{function.name}\b", native) and not re.search(rf"\bbs\.{short}\b", python):
            yield f"{function.name} is named in no test"
        elif takes_options(function) and not re.search(rf"\b{short}\b", python):
            yield f"bs.{short} is named in no Python test"


def check_tested_elsewhere(context):
    """every operation is called in the tests of Go, Java and Node"""
    for folder, suffix, spelled in (("ffi/go", "_test.go", generate.go.exported), ("ffi/java", "Test.java", generate.model.lower_camel),
                                    ("ffi/node", ".test.js", generate.model.lower_camel)):
        paths = [path for path in files(folder, suffixes={".go", ".java", ".js"}) if path.name.endswith(suffix)]
        words = set(re.findall(r"\w+", "\n".join(path.read_text() for path in paths)))
        for function in functions():
            name = spelled(function.name[len("bytestride_"):].replace("sum_primes_128", "sum_primes_below"))
            if takes_options(function) and name not in words:
                yield f"{function.name} is not called in the tests of {folder}"


def check_bound(context):
    """every operation is public in the Python package and the Rust crate, and in a code span of the README"""
    init = ast.parse((ROOT / "ffi/python/bytestride/__init__.py").read_text())
    python = next((ast.literal_eval(node.value) for node in init.body
                   if isinstance(node, ast.Assign) and node.targets[0].id == "__all__"), [])
    crate = (ROOT / "ffi/rust/bytestride/src/lib.rs").read_text()
    rust = re.findall(r"\w+", " ".join(re.findall(r"^pub use ([^;]+);", crate, re.MULTILINE)))
    path = ROOT / "README.md"
    readme = re.findall(r"\w+", " ".join(re.findall(r"`([^`\n]+)`", path.read_text()))) if path.exists() else []
    for function in functions():
        short = name_in_languages(function)
        for place, names in (("ffi/python/bytestride/__init__.py", python), ("ffi/rust/bytestride/src/lib.rs", rust), ("README.md", readme)):
            if takes_options(function) and short not in names and function.name not in names:
                yield f"{function.name} is missing in {place}"
