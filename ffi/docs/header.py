"""What the header says, as reStructuredText: read by the strict reader of ffi/generate.py."""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "ffi"))
import generate  # noqa: E402

# The labels of a function's contract. `Shapes, dtypes: as ...` speaks of two at once.
LABELS = ("Shapes", "dtypes", "Scalars", "Result", "Boundary", "Failure", "Aliasing", "Threads", "Cost", "Memory", "Source", "Everything else")
LABEL = re.compile(rf"(?:^|(?<=[.] ))((?:{'|'.join(LABELS)})(?:, (?:{'|'.join(map(str.lower, LABELS))}))*): ", re.MULTILINE)


class Manual:
    """The declarations of the header by section, and its texts with links between them."""

    def __init__(self):
        header = generate.Reader((ROOT / generate.HEADER).read_text(encoding="utf-8")).header()
        self.doc, self.version = header.doc, generate.version_of(header)
        self.sections = {}
        for item in header.items:
            self.sections.setdefault(item.section, []).append(item)
        self.items = {item.name: item for item in header.items}
        self.common = {(field.name, field.type) for field in self.items["bytestride_options"].fields}

    def families(self):
        """(title, functions) of the sections whose functions take options: the operations on arrays."""
        for title, items in self.sections.items():
            functions = of_kind(items, generate.Function)
            if functions and all(function.parameters and function.parameters[-1].name == "options" for function in functions):
                yield title, functions

    def rest(self):
        """The titles of the other sections."""
        families = dict(self.families())
        return [title for title in self.sections if title not in families]

    # -- texts

    def rst(self, text):
        """A text of the header, line by line: code stays code, and the names of declarations become links."""
        parts = re.split(r"(`[^`\n]*`|\b(?:bytestride|BYTESTRIDE)_\w+)", text)
        for number, part in enumerate(parts):
            if number % 2 == 0:
                parts[number] = re.sub(r"[\\*|_`<>]", r"\\\g<0>", part)
            else:
                parts[number] = self.link(part.strip("`"), code=part.startswith("`"))
        return "".join(parts)

    def link(self, name, code=False):
        role = {generate.Constant: "macro", generate.Struct: "struct", generate.Alias: "type",
                generate.Function: "func"}.get(type(self.items.get(name.replace("()", ""))))
        if role:
            return f":c:{role}:`{name.replace('()', '')}`"
        return f"``{name}``" if code else re.sub("_", r"\\_", name)

    def contract(self, function):
        """(what it does, [(labels, text)]) of a function's documentation."""
        pieces = LABEL.split(function.doc)
        return pieces[0].strip(), [(pieces[i], pieces[i + 1].strip()) for i in range(1, len(pieces), 2)]

    def said(self, function, label):
        """What the header says of a function under a label, also where it points to another function's text."""
        for labels, text in self.contract(function)[1]:
            if label in labels or label.lower() in labels.split(", ") or labels == "Everything else":
                other = re.match(r"as `(bytestride_\w+)`", text)
                return self.said(self.items[other.group(1)], label) if other else text
        return ""

    # -- declarations

    def section(self, title):
        """The declarations of a section: constants in one table, then types, then functions."""
        items = self.sections[title]
        out = []
        if of_kind(items, generate.Constant):
            out += self.constants(of_kind(items, generate.Constant), hexadecimal=title.startswith("dtypes"))
        for item in items:
            if isinstance(item, generate.Struct):
                out += self.struct(item)
            elif isinstance(item, generate.Alias):
                out += [f".. c:type:: {item.target} {item.name}", "   :no-contents-entry:", "", f"   {self.flowing(item.doc)}", ""]
        for function in of_kind(items, generate.Function):
            out += self.function(function)
        return out

    def constants(self, constants, hexadecimal):
        out = []
        for item in constants:
            value = hex(item.value) if hexadecimal else item.value
            out += [f".. c:macro:: {item.name}", "   :no-contents-entry:", "", f"   ``{value}``: {self.flowing(item.doc)}", ""]
        return out

    def struct(self, struct):
        """A struct with a table of its fields; those that every options struct begins with are named once."""
        out = [f".. c:struct:: {struct.name}", "   :no-contents-entry:", ""] + indented(self.rst(struct.doc))
        fields = struct.fields
        own = [field for field in fields if (field.name, field.type) not in self.common]
        if struct.name != "bytestride_options" and len(own) < len(fields) - 2:
            fields = own
            out += ["", "   Begins with the fields of :c:struct:`bytestride_options`; then:"]
        out += ["", "   .. list-table::", "      :header-rows: 1", "      :widths: 22 22 56", "      :class: fields", "",
                "      * - field", "        - type", "        - meaning"]
        for field in fields:
            if field.name.startswith("padding"):
                continue
            out += [f"      * - ``{field.name}``", f"        - ``{c_type(field.type)}{f'[{field.count}]' if field.count else ''}``",
                    f"        - {self.flowing(field.doc)}"]
        return out + [""]

    def function(self, function):
        parameters = ", ".join(c_type(p.type) + ("" if p.type.pointer else " ") + p.name for p in function.parameters) or "void"
        result = c_type(function.result)
        what, fields = self.contract(function)
        out = [f".. c:function:: {result}{'' if function.result.pointer else ' '}{function.name}({parameters})", ""]
        out += indented(self.rst(what)) + [""]
        out += [f"   :{labels}: {self.flowing(text)}" for labels, text in fields]
        return out + [""]

    def flowing(self, text):
        """A text as one line, for cells and fields."""
        return self.rst(" ".join(text.split()))


def of_kind(items, kind):
    return [item for item in items if isinstance(item, kind)]


def c_type(kind):
    return ("const " if kind.const else "") + kind.base + (" *" if kind.pointer else "")


def indented(text):
    return [f"   {line}".rstrip() for line in text.split("\n")]
