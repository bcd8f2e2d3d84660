"""pycparser, a C parser that knows nothing of our reader, against the generated ctypes and Rust bindings."""
import ctypes
import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from pycparser import c_ast, c_parser

ROOT = Path(__file__).resolve().parents[2]
HEADER = ROOT / "include/bytestride.h"
RUST = (ROOT / "ffi/rust/bytestride-sys/src/generated.rs").read_text()
# Enough of <stdint.h> for the parser: the real one is full of extensions.
PREAMBLE = "".join(f"typedef {kind} {name};\n" for name, kind in (
    ("int8_t", "signed char"), ("uint8_t", "unsigned char"), ("int16_t", "short"), ("uint16_t", "unsigned short"),
    ("int32_t", "int"), ("uint32_t", "unsigned int"), ("int64_t", "long"), ("uint64_t", "unsigned long")))
# The generated module alone: it needs no library.
_spec = importlib.util.spec_from_file_location("generated", ROOT / "ffi/python/bytestride/_generated.py")
generated = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(generated)

IN_RUST = {"int32_t": "i32", "uint32_t": "u32", "int64_t": "i64", "uint64_t": "u64", "double": "f64", "float": "f32",
           "char": "c_char", "void": "c_void"}
IN_CTYPES = {"int32_t": ctypes.c_int32, "uint32_t": ctypes.c_uint32, "int64_t": ctypes.c_int64, "uint64_t": ctypes.c_uint64,
             "double": ctypes.c_double, "float": ctypes.c_float}


def constants():
    """Every macro with a value, as the compiler sees it."""
    text = HEADER.read_text()
    names = re.findall(r"^\s*#\s*define\s+(BYTESTRIDE_\w+)[ \t]+\S", text, re.MULTILINE)
    program = text + "\n#include <stdio.h>\nint main(void) {" + "".join(
        f'printf("{name} %lld\\n", (long long)({name}));' for name in names) + "}\n"
    return names, program


@pytest.fixture(scope="module")
def tree():
    text = re.sub(r"/\*.*?\*/", "", HEADER.read_text(), flags=re.DOTALL)
    text = re.sub(r'#ifdef __cplusplus\n.*?#endif', "", text, flags=re.DOTALL)
    text = re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE).replace("BYTESTRIDE_API", "")
    return c_parser.CParser().parse(PREAMBLE + text, "bytestride.h")


def rust_type(node):
    """The Rust spelling of a C type."""
    if isinstance(node, c_ast.PtrDecl):
        inner = node.type
        const = "const" in (inner.quals if isinstance(inner, (c_ast.TypeDecl, c_ast.PtrDecl)) else [])
        return f"*{'const' if const else 'mut'} {rust_type(inner)}"
    if isinstance(node, c_ast.ArrayDecl):
        # An array parameter is a pointer.
        return f"[{rust_type(node.type)}; {node.dim.value}]"
    name = node.type.names[0]
    return IN_RUST.get(name, name)


def structs(tree):
    for item in tree.ext:
        if isinstance(item, c_ast.Typedef) and isinstance(item.type.type, c_ast.Struct):
            yield item.name, [(field.name, field.type) for field in item.type.type.decls]


def functions(tree):
    for item in tree.ext:
        if isinstance(item, c_ast.Decl) and isinstance(item.type, c_ast.FuncDecl):
            yield item.name, item.type


def rust_parameter(node):
    return f"*mut {rust_type(node.type)}" if isinstance(node, c_ast.ArrayDecl) else rust_type(node)


def test_functions_in_rust(tree):
    found = {name: (re.sub(r"\s+", " ", parameters).strip().rstrip(","), result or "")
             for name, parameters, result in re.findall(r"pub fn (\w+)\(([^)]*)\)(?: -> ([^;]+))?;", RUST)}
    wanted = {}
    for name, kind in functions(tree):
        parameters = [] if kind.args is None else [
            f"{parameter.name}: {rust_parameter(parameter.type)}" for parameter in kind.args.params if parameter.name]
        wanted[name] = (", ".join(parameters), rust_type(kind.type))
    assert found == wanted
    assert len(wanted) > 15


def test_structs_in_rust(tree):
    found = {name: re.findall(r"pub (\w+): ([^\n]+),$", body, re.MULTILINE)
             for name, body in re.findall(r"pub struct (\w+) \{(.*?)\n\}", RUST, re.DOTALL)}
    wanted = {name: [(field, rust_type(kind)) for field, kind in fields] for name, fields in structs(tree)}
    assert found == wanted
    assert "bytestride_array" in wanted


def test_aliases_in_rust(tree):
    found = dict(re.findall(r"pub type (\w+) = (\w+);", RUST))
    wanted = {item.name: item.type.type.names[0] for item in tree.ext
              if isinstance(item, c_ast.Typedef) and isinstance(item.type.type, c_ast.IdentifierType)
              and item.name.startswith("bytestride_")}
    assert found == wanted


def test_constants_in_rust_and_python(tmp_path):
    compiler = shutil.which("cc") or shutil.which("gcc")
    assert compiler, "a C compiler is needed"
    names, program = constants()
    source = tmp_path / "constants.c"
    source.write_text(program)
    subprocess.run([compiler, source, "-o", tmp_path / "constants"], check=True)
    output = subprocess.run([tmp_path / "constants"], check=True, text=True, capture_output=True).stdout
    wanted = {name: int(value) for name, value in (line.split() for line in output.splitlines())}
    found = {name: int(value, 0) for name, value in re.findall(r"pub const (\w+): [iu]\d+ = ([^;]+);", RUST)}
    assert found == wanted and len(wanted) == len(names) > 40
    assert {name: value for name, value in vars(generated).items() if name.startswith("BYTESTRIDE_")} == wanted


def test_structs_in_ctypes(tree):
    for name, fields in structs(tree):
        struct = getattr(generated, name)
        assert [field[0] for field in struct._fields_] == [field for field, _ in fields]
        for (field, kind), declared in zip(fields, struct._fields_):
            if isinstance(kind, c_ast.PtrDecl):
                assert ctypes.sizeof(declared[1]) == 8, (name, field)
                continue
            count = int(kind.dim.value) if isinstance(kind, c_ast.ArrayDecl) else None
            base = (kind.type if count else kind).type.names[0]
            wanted = IN_CTYPES[base] * count if count else IN_CTYPES[base]
            assert declared[1] is wanted, (name, field)


def ctypes_type(node):
    """What ctypes must pass for a C parameter or result."""
    if isinstance(node, (c_ast.PtrDecl, c_ast.ArrayDecl)):
        text = isinstance(node, c_ast.PtrDecl) and isinstance(node.type, c_ast.TypeDecl) and node.type.type.names == ["char"]
        return ctypes.c_char_p if text else ctypes.c_void_p
    return IN_CTYPES[node.type.names[0]]


def test_functions_in_ctypes(tree):
    wanted = {}
    for name, kind in functions(tree):
        parameters = [] if kind.args is None else [parameter for parameter in kind.args.params if parameter.name]
        wanted[name] = (ctypes_type(kind.type), tuple(ctypes_type(parameter.type) for parameter in parameters),
                        tuple(parameter.name for parameter in parameters))
    assert {name: (function.restype, function.argtypes, function.names) for name, function in generated.FUNCTIONS.items()} == wanted
