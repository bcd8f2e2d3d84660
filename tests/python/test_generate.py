"""The generator: its outputs are current, what it wrote is what the compiler sees, and nothing unknown passes it."""
import ctypes
import importlib.util
import os
import re
import shutil
import subprocess
import sys

import pytest

from bytestride import _generated as c
from conftest import ROOT

spec = importlib.util.spec_from_file_location("generate", ROOT / "ffi" / "generate.py")
generate = importlib.util.module_from_spec(spec)
spec.loader.exec_module(generate)

HEADER = (ROOT / "include" / "bytestride.h").read_text(encoding="utf-8")
STRUCTS = sorted(name for name, value in vars(c).items()
                 if isinstance(value, type) and issubclass(value, ctypes.Structure) and name.startswith("bytestride_"))
CONSTANTS = sorted(name for name in vars(c) if name.startswith("BYTESTRIDE_"))


def read(text):
    return generate.Reader(text).header()


def test_the_outputs_are_current():
    done = subprocess.run([sys.executable, str(ROOT / "ffi" / "generate.py"), "--check"], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_check_names_stale_files(tmp_path, monkeypatch, capsys):
    shutil.copytree(ROOT / "include", tmp_path / "include")
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    assert generate.main(["--check"]) == 1
    assert "_generated.py is stale" in capsys.readouterr().err
    assert generate.main([]) == 0 and generate.main(["--check"]) == 0
    header = tmp_path / "include" / "bytestride.h"
    header.write_text(HEADER.replace("BYTESTRIDE_VERSION_PATCH 0", "BYTESTRIDE_VERSION_PATCH 5"), encoding="utf-8")
    manifest = tmp_path / "ffi" / "rust" / "bytestride" / "Cargo.toml"
    manifest.parent.mkdir(parents=True)
    manifest.write_text('[package]\nname = "bytestride"\nversion = "1.0.0"\n\n[dependencies]\nndarray = { version = "0.16" }\n')
    capsys.readouterr()
    assert generate.main(["--check"]) == 1
    errors = capsys.readouterr().err
    assert "_generated.py" in errors and "generated.rs" in errors and "Cargo.toml" in errors
    assert generate.main([]) == 0
    assert 'version = "1.0.5"' in manifest.read_text() and 'version = "0.16"' in manifest.read_text()
    assert 'VERSION = "1.0.5"' in (tmp_path / "ffi/python/bytestride/_generated.py").read_text()


def test_an_array_that_the_manifest_does_not_describe(tmp_path, monkeypatch, capsys):
    shutil.copytree(ROOT / "include", tmp_path / "include")
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    header = tmp_path / "include" / "bytestride.h"
    header.write_text(HEADER.replace("const bytestride_array *image, const bytestride_array *out, const bytestride_neighbor",
                                     "const bytestride_array *picture, const bytestride_array *out, const bytestride_neighbor"), encoding="utf-8")
    assert generate.main([]) == 2
    assert "says nothing about picture of bytestride_neighbor_product" in capsys.readouterr().err


def test_everything_of_the_header_is_there():
    """Counted with expressions of their own, which know nothing of the reader."""
    text = re.sub(r"/\*.*?\*/", "", HEADER, flags=re.DOTALL)
    assert set(CONSTANTS) == set(re.findall(r"#define (BYTESTRIDE_\w+) +\S", text))
    assert set(c.FUNCTIONS) == set(re.findall(r"\b(bytestride_\w+)\(", text))
    assert set(STRUCTS) == set(re.findall(r"(\w+);", " ".join(re.findall(r"(?:^typedef \w+|^\}) \w+;", text, re.MULTILINE))))
    rust = (ROOT / "ffi/rust/bytestride-sys/src/generated.rs").read_text(encoding="utf-8")
    for name in [*CONSTANTS, *STRUCTS, *c.FUNCTIONS]:
        assert re.search(rf"pub (const|struct|type|fn) {name}\b", rust), name
    for function in c.FUNCTIONS.values():
        assert function.doc and len(function.names) == len(function.argtypes)


def test_values_and_layouts_against_the_compiler(tmp_path):
    """The C compiler says what every constant, size and offset is."""
    compiler = shutil.which(os.environ.get("CC", "cc").split()[0]) or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("no C compiler is installed")
    lines = [f'P("{name}", {name});' for name in CONSTANTS]
    for name in STRUCTS:
        lines.append(f'P("{name}", sizeof({name}));')
        for field, *_ in getattr(c, name)._fields_:
            lines.append(f'P("{name}.{field}", offsetof({name}, {field}));')
            lines.append(f'P("{name}.{field}.size", sizeof((({name} *)0)->{field}));')
    program = ("#include <stddef.h>\n#include <stdio.h>\n#include \"bytestride.h\"\n"
               "#define P(name, value) printf(\"%s %lld\\n\", name, (long long)(value))\n"
               "int main(void) {\n" + "\n".join(lines) + "\nreturn 0;\n}\n")
    (tmp_path / "facts.c").write_text(program)
    subprocess.run([compiler, "-I", str(ROOT / "include"), str(tmp_path / "facts.c"), "-o", str(tmp_path / "facts")], check=True)
    printed = subprocess.run([str(tmp_path / "facts")], check=True, capture_output=True, text=True).stdout
    said = {name: int(value) for name, value in (line.split() for line in printed.splitlines())}
    ours = {name: getattr(c, name) for name in CONSTANTS}
    for name in STRUCTS:
        struct = getattr(c, name)
        ours[name] = ctypes.sizeof(struct)
        for field, *_ in struct._fields_:
            ours[f"{name}.{field}"] = getattr(struct, field).offset
            ours[f"{name}.{field}.size"] = getattr(struct, field).size
    assert ours == said


# ---- Strictness --------------------------------------------------------------------------------------

PREFIX = "/* Manual. */\n#ifndef BYTESTRIDE_H\n#define BYTESTRIDE_H\n"
SUFFIX = "\n#endif\n"


def test_a_small_header():
    header = read(PREFIX + """/* ---- Things ---- */
/* A number. */
#define BYTESTRIDE_THING 0x10
/*
 * A struct.
 * With two lines.
 */
typedef struct bytestride_thing {
    uint32_t size;        /* its size */
    const double *values; /* where
                             they are */
    int64_t shape[8];     /* extents */
} bytestride_thing;
/* The same. */
typedef bytestride_thing bytestride_other;
/* Does something. */
BYTESTRIDE_API int32_t bytestride_do(const bytestride_other *thing, double x);
/* Says something. */
BYTESTRIDE_API const char *bytestride_say(void);""" + SUFFIX)
    constant, struct, alias, function, say = header.items
    assert header.doc == "Manual."
    assert constant == ("BYTESTRIDE_THING", 16, "A number.", "Things")
    assert struct.doc == "A struct.\nWith two lines."
    assert [(f.name, tuple(f.type), f.count, f.doc) for f in struct.fields] == [
        ("size", ("uint32_t", False, False), None, "its size"),
        ("values", ("double", True, True), None, "where\nthey are"),
        ("shape", ("int64_t", False, False), 8, "extents")]
    assert (alias.name, alias.target) == ("bytestride_other", "bytestride_thing")
    assert [(p.name, tuple(p.type)) for p in function.parameters] == [
        ("thing", ("bytestride_other", True, True)), ("x", ("double", False, False))]
    assert say.parameters == [] and tuple(say.result) == ("char", True, True)


WRONG = {
    "undocumented constant": ("#define BYTESTRIDE_A 1", 4, "not documented"),
    "undocumented function": ("BYTESTRIDE_API int32_t bytestride_a(void);", 4, "not documented"),
    "undocumented struct": ("typedef struct bytestride_a {\n int32_t x; /* x */\n} bytestride_a;", 4, "not documented"),
    "undocumented field": ("/* A. */\ntypedef struct bytestride_a {\n int32_t x;\n int32_t y; /* y */\n} bytestride_a;", 6,
                           "field x is not documented"),
    "empty documentation": ("/* */\n#define BYTESTRIDE_A 1", 5, "is empty"),
    "comment of nothing": ("/* A. */\n/* B. */\n#define BYTESTRIDE_A 1", 4, "documents nothing"),
    "comment at the end": ("/* A. */", 4, "documents nothing"),
    "macro with arguments": ("/* A. */\n#define BYTESTRIDE_A(x) x", 5, "unknown directive"),
    "expression": ("/* A. */\n#define BYTESTRIDE_A (1 + 2)", 5, "unknown directive"),
    "float constant": ("/* A. */\n#define BYTESTRIDE_A 1.5", 5, "unknown directive"),
    "wide constant": ("/* A. */\n#define BYTESTRIDE_A 0x100000000", 5, "32 bits"),
    "foreign name": ("/* A. */\n#define OTHER_A 1", 5, "does not begin with"),
    "declared twice": ("/* A. */\n#define BYTESTRIDE_A 1\n/* A. */\n#define BYTESTRIDE_A 1", 7, "already declared in line 5"),
    "include": ("#include <stdio.h>", 4, "unknown directive"),
    "condition": ("#ifdef __linux__\n#endif", 4, "unknown directive"),
    "pragma": ("#pragma once", 4, "unknown directive"),
    "enum": ("/* A. */\ntypedef enum bytestride_a { X } bytestride_a;", 5, "enum is not a struct"),
    "union": ("/* A. */\nunion bytestride_a { int32_t x; };", 5, "unexpected 'union'"),
    "global": ("/* A. */\nextern int32_t bytestride_a;", 5, "unexpected 'extern'"),
    "int": ("/* A. */\nBYTESTRIDE_API int bytestride_a(void);", 5, "'int'"),
    "size_t": ("/* A. */\nBYTESTRIDE_API int32_t bytestride_a(size_t n);", 5, "'size_t'"),
    "struct by value": ("/* A. */\ntypedef struct bytestride_a {\n int32_t x; /* x */\n} bytestride_a;\n/* B. */\n"
                        "BYTESTRIDE_API int32_t bytestride_b(bytestride_a a);", 9, "'bytestride_a'"),
    "unknown struct": ("/* A. */\nBYTESTRIDE_API int32_t bytestride_a(const bytestride_b *b);", 5, "bytestride_b"),
    "pointer to pointer": ("/* A. */\nBYTESTRIDE_API int32_t bytestride_a(const double **b);", 5, "expected a parameter"),
    "callback": ("/* A. */\nBYTESTRIDE_API int32_t bytestride_a(int32_t (*f)(void));", 5, "expected a parameter"),
    "variadic": ("/* A. */\nBYTESTRIDE_API int32_t bytestride_a(int32_t a, ...);", 5, "unexpected character"),
    "nameless parameter": ("/* A. */\nBYTESTRIDE_API int32_t bytestride_a(int32_t);", 5, "expected a parameter"),
    "parameter twice": ("/* A. */\nBYTESTRIDE_API int32_t bytestride_a(int32_t a, int32_t a);", 5, "two parameters"),
    "const scalar": ("/* A. */\nBYTESTRIDE_API int32_t bytestride_a(const int32_t a);", 5, "const int32_t"),
    "no API mark": ("/* A. */\nint32_t bytestride_a(void);", 5, "unexpected 'int32_t'"),
    "no semicolon": ("/* A. */\nBYTESTRIDE_API int32_t bytestride_a(void)", 6, "expected ';'"),
    "bitfield": ("/* A. */\ntypedef struct bytestride_a {\n int32_t x : 3; /* x */\n} bytestride_a;", 6, "unexpected character"),
    "empty struct": ("/* A. */\ntypedef struct bytestride_a {\n} bytestride_a;", 5, "no fields"),
    "field twice": ("/* A. */\ntypedef struct bytestride_a {\n int32_t x; /* x */\n int32_t x; /* x */\n} bytestride_a;", 7, "twice"),
    "other tag": ("/* A. */\ntypedef struct bytestride_a {\n int32_t x; /* x */\n} bytestride_b;", 7, "is called"),
    "array of nothing": ("/* A. */\ntypedef struct bytestride_a {\n int32_t x[0]; /* x */\n} bytestride_a;", 6, "length"),
    "alias of nothing": ("/* A. */\ntypedef bytestride_x bytestride_y;", 5, "not a struct"),
    "line comment": ("// A.\n", 4, "unexpected character"),
    "stray token": ("/* A. */\n#define BYTESTRIDE_A 1\n;", 6, "unexpected ';'"),
}


@pytest.mark.parametrize("text, line, message", WRONG.values(), ids=WRONG)
def test_what_the_reader_refuses(text, line, message):
    with pytest.raises(generate.HeaderError, match=re.escape(message)) as caught:
        read(PREFIX + text + SUFFIX)
    assert str(caught.value).startswith(f"include/bytestride.h:{line}:"), caught.value


def test_what_the_reader_refuses_of_the_whole():
    for text in ("#ifndef BYTESTRIDE_H\n#define BYTESTRIDE_H\n#endif\n", PREFIX, PREFIX + "/* A. */\n#define BYTESTRIDE_A 1\n"):
        with pytest.raises(generate.HeaderError):
            read(text)
    for number, line in enumerate(HEADER.split("\n")):
        if line.startswith("BYTESTRIDE_API"):  # no declaration of the real header can lose its documentation unnoticed
            start = HEADER.split("\n")[:number]
            end = max(i for i, text in enumerate(start) if text.startswith("/*"))
            with pytest.raises(generate.HeaderError):
                read("\n".join(start[:end] + HEADER.split("\n")[number:]))


def test_main_reports_where(tmp_path, monkeypatch, capsys):
    (tmp_path / "include").mkdir()
    (tmp_path / "include" / "bytestride.h").write_text(PREFIX + "#define BYTESTRIDE_A 1" + SUFFIX)
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    assert generate.main(["--check"]) == 2
    assert capsys.readouterr().err == "include/bytestride.h:4: BYTESTRIDE_A is not documented\n"
    assert not (tmp_path / "ffi").exists()


def test_generation_is_reproducible():
    header = read(HEADER)
    assert generate.outputs(header) == generate.outputs(read(HEADER))
    for text in generate.outputs(header).values():
        assert text.endswith("\n") and not any(line != line.rstrip() for line in text.split("\n"))
