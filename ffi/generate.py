#!/usr/bin/env python3
"""Writes the language bindings and the library's manifest from include/bytestride.h, or tells which of them are stale.

    python3 ffi/generate.py            write the files that differ
    python3 ffi/generate.py --check    write nothing; exit 1 and name the files that differ

The reader knows the dialect of our own header and nothing more: comments, `#define NAME number`,
`typedef struct`, `typedef old new`, and `BYTESTRIDE_API` declarations. Every token is consumed and every
constant, struct, field and function must have its documentation, or the reader stops with the line.
So nothing of the header can be missing from a binding without notice.

The result is the model of the header (`Header`), and one writer per language turns it into text: declarations for
Python and Rust here; for Go, Java and Node, whole operations with their options, in `ffi/writers/`.
Needs Python 3.9 or newer, nothing else.
"""
import argparse
import re
import sys
from collections import namedtuple
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.dont_write_bytecode = True  # nothing is built beside the sources
import manifest  # noqa: E402
from writers import go, java, model, node  # noqa: E402  (beside this file, from wherever it is loaded)

ROOT = Path(__file__).resolve().parent.parent
HEADER = "include/bytestride.h"

Constant = namedtuple("Constant", "name value doc section")
Field = namedtuple("Field", "name type count doc")           # count: None, or the length of an inline array
Struct = namedtuple("Struct", "name fields doc section")
Alias = namedtuple("Alias", "name target doc section")
Parameter = namedtuple("Parameter", "name type")
Function = namedtuple("Function", "name result parameters doc section")
Header = namedtuple("Header", "doc items")                   # items in the order of the header
Type = namedtuple("Type", "base const pointer")              # `const double *` = ("double", True, True)

SCALARS = ("int32_t", "uint32_t", "int64_t", "uint64_t", "float", "double")
POINTED = SCALARS + ("char", "void")


class HeaderError(Exception):
    """The header says something that the reader does not know, or leaves something undocumented."""

    def __init__(self, line, message):
        super().__init__(f"{HEADER}:{line}: {message}")


# ---- Tokens ---------------------------------------------------------------------------------------

Token = namedtuple("Token", "kind text line")

PATTERN = re.compile(r"""
    (?P<space>\s+)
  | (?P<comment>/\*.*?\*/)
  | (?P<directive>\#[^\n]*)
  | (?P<word>[A-Za-z_][A-Za-z_0-9]*)
  | (?P<number>[0-9]+)
  | (?P<string>"[^"\n]*")
  | (?P<sign>[{}()\[\];,*])
""", re.VERBOSE | re.DOTALL)


def tokens_of(text):
    """The tokens of the header, without white space."""
    result, position, line = [], 0, 1
    while position < len(text):
        match = PATTERN.match(text, position)
        if match is None:
            raise HeaderError(line, f"unexpected character {text[position]!r}")
        if match.lastgroup != "space":
            result.append(Token(match.lastgroup, match.group(), line))
        line += match.group().count("\n")
        position = match.end()
    return result


def comment_text(token):
    """What a comment says: without its marks, its stars at line starts, and the empty lines around it."""
    lines = token.text[2:-2].split("\n")
    lines = [lines[0].strip()] + [re.sub(r"^\s*\* ?|^\s+", "", line).rstrip() for line in lines[1:]]
    return "\n".join(lines).strip("\n").strip()


# ---- Reader ---------------------------------------------------------------------------------------

class Reader:
    """Reads the tokens from front to back; every method consumes what it has understood."""

    def __init__(self, text):
        self.tokens = tokens_of(text)
        self.position = 0
        self.names = {}              # every declared name -> its line
        self.structs = set()         # names that may follow `const` and precede `*`
        self.conditions = []         # the open #if directives
        self.section = None
        self.doc = None              # the comment that waits for its declaration

    # -- the smallest steps

    def peek(self):
        if self.position == len(self.tokens):
            return Token("end", "the end of the file", self.tokens[-1].line)
        return self.tokens[self.position]

    def next(self):
        token = self.peek()
        self.position += 1
        return token

    def expect(self, text):
        token = self.next()
        if token.text != text:
            raise HeaderError(token.line, f"expected {text!r}, found {token.text!r}")
        return token

    def word(self, what):
        token = self.next()
        if token.kind != "word":
            raise HeaderError(token.line, f"expected {what}, found {token.text!r}")
        return token

    def declare(self, token):
        if not token.text.lower().startswith("bytestride_"):
            raise HeaderError(token.line, f"{token.text} does not begin with bytestride_")
        if token.text in self.names:
            raise HeaderError(token.line, f"{token.text} is already declared in line {self.names[token.text]}")
        self.names[token.text] = token.line
        return token.text

    def take_doc(self, token):
        """The text of the comment before a declaration; each comment documents exactly one."""
        if self.doc is None:
            raise HeaderError(token.line, f"{token.text} is not documented")
        doc, self.doc = comment_text(self.doc), None
        if not doc:
            raise HeaderError(token.line, f"the documentation of {token.text} is empty")
        return doc

    # -- the whole

    def header(self):
        first = self.next()
        if first.kind != "comment":
            raise HeaderError(first.line, "the header must begin with its documentation")
        items = []
        while self.peek().kind != "end":
            token = self.next()
            if token.kind == "comment":
                self.comment(token)
                continue
            item = self.item(token)
            if item is not None:
                items.append(item)
        if self.doc is not None:
            raise HeaderError(self.doc.line, "this comment documents nothing")
        if self.conditions:
            raise HeaderError(self.peek().line, f"{self.conditions[-1]} is not closed")
        return Header(comment_text(first), items)

    def comment(self, token):
        if self.doc is not None:
            raise HeaderError(self.doc.line, "this comment documents nothing")
        section = re.fullmatch(r"---- (.+?) -+", comment_text(token))
        if section:
            self.section = section.group(1)
        else:
            self.doc = token

    def item(self, token):
        """One declaration, or None for the frame around the declarations (guards, includes)."""
        if token.kind == "directive":
            return self.directive(token)
        if token.text == "extern" and self.conditions[-1:] == ["#ifdef __cplusplus"]:
            self.expect('"C"')
            self.expect("{")
            return None
        if token.text == "}" and self.conditions[-1:] == ["#ifdef __cplusplus"]:
            return None
        if self.conditions != ["#ifndef BYTESTRIDE_H"]:
            raise HeaderError(token.line, "declarations stand inside the include guard and no other condition")
        if token.text == "typedef":
            return self.typedef()
        if token.text == "BYTESTRIDE_API":
            return self.function()
        raise HeaderError(token.line, f"unexpected {token.text!r}")

    def directive(self, token):
        text = " ".join(token.text.split())
        if text in ("#ifndef BYTESTRIDE_H", "#ifdef __cplusplus", "#ifndef BYTESTRIDE_API"):
            self.conditions.append(text)
            return None
        if text == "#endif" and self.conditions:
            self.conditions.pop()
            return None
        if text in ("#define BYTESTRIDE_H", "#define BYTESTRIDE_API"):
            if self.conditions[-1:] != ["#ifndef " + text.split()[1]]:
                raise HeaderError(token.line, f"{text} without its #ifndef")
            if text == "#define BYTESTRIDE_API":
                self.take_doc(token)
            return None
        if text == "#include <stdint.h>":
            return None
        match = re.fullmatch(r"#define ([A-Z][A-Z_0-9]*) (-?[0-9]+|0x[0-9a-fA-F]+)", text)
        if match is None:
            raise HeaderError(token.line, f"unknown directive {text!r}")
        name, value = Token("word", match.group(1), token.line), int(match.group(2), 0)
        if not -2**31 <= value < 2**31:
            raise HeaderError(token.line, f"{name.text} does not fit into 32 bits")
        return Constant(self.declare(name), value, self.take_doc(name), self.section)

    def typedef(self):
        if self.peek().text == "struct":
            return self.struct()
        target, name = self.word("a struct"), self.word("a name")
        if target.text not in self.structs:
            raise HeaderError(target.line, f"{target.text} is not a struct of this header")
        self.expect(";")
        self.structs.add(self.declare(name))
        return Alias(name.text, target.text, self.take_doc(name), self.section)

    def struct(self):
        self.expect("struct")
        name = self.word("the struct's name")
        doc = self.take_doc(name)
        self.declare(name)
        self.structs.add(name.text)
        self.expect("{")
        fields = []
        while self.peek().text != "}":
            kind, field = self.type(), self.word("a field")
            if field.text in [f.name for f in fields]:
                raise HeaderError(field.line, f"{name.text}.{field.text} is declared twice")
            count = None
            if self.peek().text == "[":
                self.next()
                number = self.next()
                if number.kind != "number" or int(number.text) == 0:
                    raise HeaderError(number.line, f"expected the length of {field.text}")
                count = int(number.text)
                self.expect("]")
            end = self.expect(";")
            comment = self.peek()
            if comment.kind != "comment" or comment.line != end.line:
                raise HeaderError(field.line, f"field {field.text} is not documented in its line")
            self.next()
            fields.append(Field(field.text, kind, count, comment_text(comment)))
        self.expect("}")
        if not fields:
            raise HeaderError(name.line, f"{name.text} has no fields")
        again = self.word("the struct's name")
        if again.text != name.text:
            raise HeaderError(again.line, f"struct {name.text} is called {again.text}")
        self.expect(";")
        return Struct(name.text, fields, doc, self.section)

    def function(self):
        result, name = self.type(), self.word("a function")
        doc = self.take_doc(name)
        self.declare(name)
        self.expect("(")
        parameters = []
        if self.peek().text == "void" and self.tokens[self.position + 1].text == ")":
            self.next()
        else:
            while True:
                kind, parameter = self.type(), self.word("a parameter")
                if parameter.text in [p.name for p in parameters]:
                    raise HeaderError(parameter.line, f"{name.text}: two parameters {parameter.text}")
                parameters.append(Parameter(parameter.text, kind))
                if self.peek().text != ",":
                    break
                self.next()
        self.expect(")")
        self.expect(";")
        return Function(name.text, result, parameters, doc, self.section)

    def type(self):
        token = self.word("a type")
        const = token.text == "const"
        if const:
            token = self.word("a type")
        pointer = self.peek().text == "*"
        if pointer:
            self.next()
        known = token.text in (POINTED if pointer else SCALARS) or (pointer and token.text in self.structs)
        if not known or (const and not pointer):
            text = ("const " if const else "") + token.text + (" *" if pointer else "")
            raise HeaderError(token.line, f"the type {text!r} is not one that every language can pass")
        return Type(token.text, const, pointer)


# ---- Python ---------------------------------------------------------------------------------------

PYTHON = {"int32_t": "c_int32", "uint32_t": "c_uint32", "int64_t": "c_int64", "uint64_t": "c_uint64",
          "float": "c_float", "double": "c_double"}

PYTHON_START = '''\
# Generated by ffi/generate.py from include/bytestride.h; do not edit.
"""The C declarations of libbytestride for ctypes: constants, structs, functions, with their documentation."""
from collections import namedtuple
from ctypes import Structure, IMPORTS

Function = namedtuple("Function", "restype argtypes names doc")
'''


def python_type(kind, result=False):
    """Pointers are c_void_p, which takes addresses, bytes, ctypes arrays and None at the least cost."""
    if not kind.pointer:
        return PYTHON[kind.base]
    return "c_char_p" if result and kind.base == "char" else "c_void_p"


def python_text(doc):
    return doc.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')


def python_doc(doc, indent):
    lines = python_text(doc).split("\n")
    if len(lines) == 1:
        return f'{indent}"""{lines[0]}"""'
    return f'{indent}"""' + ("\n" + indent).join(lines).replace("\n" + indent + "\n", "\n\n") + f'\n{indent}"""'


def python_bindings(header):
    out = [PYTHON_START, f"VERSION = \"{version_of(header)}\"", ""]
    section = None
    for item in header.items:
        if item.section != section and isinstance(item, (Constant, Struct, Alias)):
            section = item.section
            out += ["", f"# ---- {section}", ""]
        if isinstance(item, Constant):
            value = f"0x{item.value:x}" if item.section.startswith("dtypes") else str(item.value)
            out += [f"#: {line}" for line in item.doc.split("\n")]
            out += [f"{item.name} = {value}"]
        elif isinstance(item, Struct):
            out += ["", "", f"class {item.name}(Structure):", python_doc(item.doc, "    "), "", "    _fields_ = ["]
            for field in item.fields:
                kind = python_type(field.type) + (f" * {field.count}" if field.count else "")
                out += [f"        # {line}" for line in field.doc.split("\n")]
                out += [f'        ("{field.name}", {kind}),']
            out += ["    ]", ""]
        elif isinstance(item, Alias):
            out += [f"#: {line}" for line in item.doc.split("\n")]
            out += [f"{item.name} = {item.target}"]
    out += ["", "# ---- Functions", "", "FUNCTIONS = {"]
    for item in header.items:
        if isinstance(item, Function):
            argtypes = "".join(python_type(p.type) + ", " for p in item.parameters).rstrip()
            names = "".join(f'"{p.name}", ' for p in item.parameters).rstrip()
            out += [f'    "{item.name}": Function(', f"        {python_type(item.result, result=True)},",
                    f"        ({argtypes}),", f"        ({names}),", python_doc(item.doc, " " * 8) + "),"]
    out += ["}"]
    used = sorted({name for line in out for name in re.findall(r"\bc_[a-z]+[0-9]*(?:_p)?\b", line)})
    return squeeze(out).replace("IMPORTS", ", ".join(used), 1)


# ---- Rust -----------------------------------------------------------------------------------------

RUST = {"int32_t": "i32", "uint32_t": "u32", "int64_t": "i64", "uint64_t": "u64", "float": "f32", "double": "f64",
        "char": "c_char", "void": "c_void"}

RUST_START = """\
// Generated by ffi/generate.py from include/bytestride.h; do not edit.
use core::ffi::{c_char, c_void};
"""


def rust_type(kind):
    base = RUST.get(kind.base, kind.base)
    return base if not kind.pointer else ("*const " if kind.const else "*mut ") + base


def rust_doc(doc, indent=""):
    """Markdown would flow `Shapes: ...` and `Result: ...` together, so each begins a paragraph there."""
    lines, out = doc.split("\n"), []
    for number, line in enumerate(lines):
        if number and lines[number - 1] and re.match(r"(dtypes|[A-Z][a-z]+(, [a-z]+)*): |- ", line):
            out.append(f"{indent}///")
        # Outside code spans a bracket would begin a link.
        spans = re.split(r"(`[^`]*`)", line)
        spans[::2] = [re.sub(r"([\[\]])", r"\\\1", text) for text in spans[::2]]
        out.append(f"{indent}/// {''.join(spans)}".rstrip())
    return out


def rust_bindings(header):
    out, section = [RUST_START], None
    functions = [item for item in header.items if isinstance(item, Function)]
    for item in header.items:
        if isinstance(item, Function):
            continue
        if item.section != section:
            section = item.section
            out += ["", f"// ---- {section}"]
        out += [""] + rust_doc(item.doc)
        if isinstance(item, Constant):
            # Flags are or-ed into an unsigned word; every other number is compared with a signed one.
            kind = "u32" if item.doc.startswith("Flag ") else "i32"
            value = f"0x{item.value:x}" if item.section.startswith("dtypes") else str(item.value)
            out += [f"pub const {item.name}: {kind} = {value};"]
        elif isinstance(item, Alias):
            out += [f"pub type {item.name} = {item.target};"]
        else:
            out += ["#[repr(C)]", "#[derive(Clone, Copy, Debug)]", f"pub struct {item.name} {{"]
            for field in item.fields:
                kind = rust_type(field.type)
                out += rust_doc(field.doc, "    ")
                out += [f"    pub {field.name}: " + (f"[{kind}; {field.count}]," if field.count else f"{kind},")]
            out += ["}"]
    out += ["", "// ---- Functions", "", 'unsafe extern "C" {']
    for number, item in enumerate(functions):
        out += [""] * (number > 0) + rust_doc(item.doc, "    ")
        result = f" -> {rust_type(item.result)};"
        parameters = [f"{p.name}: {rust_type(p.type)}" for p in item.parameters]
        line = f"    pub fn {item.name}({', '.join(parameters)}){result}"
        if len(line) <= 100:
            out += [line]
        else:
            out += [f"    pub fn {item.name}("] + [f"        {p}," for p in parameters] + [f"    ){result}"]
    out += ["}"]
    return squeeze(out)


# ---- The library's own manifest -------------------------------------------------------------------

MANIFEST_START = "// Generated by ffi/generate.py from include/bytestride.h and ffi/manifest.py; do not edit.\n"


def own_manifest(header):
    """A C++ string literal; compilers must take 64 KiB in one, and a function is a piece of it."""
    structs = {item.name: item.fields if isinstance(item, Struct) else item.target
               for item in header.items if isinstance(item, (Struct, Alias))}
    values = {item.name: item.value for item in header.items if isinstance(item, Constant)}
    functions = [item for item in header.items if isinstance(item, Function)]
    text = manifest.manifest(functions, structs, values["BYTESTRIDE_ABI_VERSION"])
    return MANIFEST_START + "".join(f'R"json({line}\n)json"\n' for line in text.split("\n"))


# ---- Files ----------------------------------------------------------------------------------------

def squeeze(lines):
    """The lines as a text with one newline at its end and at most two empty lines in a row."""
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines)).rstrip("\n") + "\n"


def version_of(header):
    values = {item.name: item.value for item in header.items if isinstance(item, Constant)}
    return ".".join(str(values[f"BYTESTRIDE_VERSION_{part}"]) for part in ("MAJOR", "MINOR", "PATCH"))


def with_version(path, version):
    """A Cargo manifest must spell the version, its own and that of the crate beside it; both follow the header."""
    text = re.sub(r'(?m)^version = "[^"]*"', f'version = "{version}"', path.read_text(encoding="utf-8"), count=1)
    return re.sub(r'(?m)^(bytestride-sys = .*version = )"[^"]*"', rf'\g<1>"{version}"', text)


def package_files(header):
    """The packages for Go, Java and Node: what the writers write, and the manifests that spell the version."""
    result, version = {}, version_of(header)
    for writer in (go, java, node):
        result.update(writer.files(model.build(header, version)))
    # The first such places of a file are the package's own; a lock repeats it once.
    for name, place, count in (("ffi/java/pom.xml", r"(?<=<version>)[^<]*", 1), ("ffi/node/package.json", r'(?<="version": ")[^"]*', 1),
                               ("ffi/node/package-lock.json", r'(?<="version": ")[^"]*', 2)):
        if (ROOT / name).exists():
            result[name] = re.sub(place, version, (ROOT / name).read_text(encoding="utf-8"), count=count)
    return result


def outputs(header):
    """Every file that follows from the header: path relative to the root -> text."""
    result = {
        "ffi/python/bytestride/_generated.py": python_bindings(header),
        "ffi/rust/bytestride-sys/src/generated.rs": rust_bindings(header),
        "src/api/manifest.inc": own_manifest(header),
    }
    for manifest in sorted(ROOT.glob("ffi/rust/*/Cargo.toml")):
        result[manifest.relative_to(ROOT).as_posix()] = with_version(manifest, version_of(header))
    result.update(package_files(header))
    return result


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Writes the language bindings from include/bytestride.h.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a file is stale")
    check = parser.parse_args(arguments).check
    try:
        files = outputs(Reader((ROOT / HEADER).read_text(encoding="utf-8")).header())
    except (HeaderError, manifest.ManifestError, model.ModelError) as error:
        print(error, file=sys.stderr)
        return 2
    stale = 0
    for name, text in files.items():
        path = ROOT / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale = 1
        if check:
            print(f"{name} is stale: run python3 ffi/generate.py", file=sys.stderr)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"wrote {name}")
    return stale if check else 0


if __name__ == "__main__":
    sys.exit(main())
