"""Writes the sources of the pages: one per family of the header, the C and Python references, the sections of the README.

What a page says stands in the header, the docstrings, the README and the modules of `families` and `coming`; here
it is only put together. A new section of the header, public module, section of the README or module here becomes a page.
"""
import ast
import importlib
import inspect
import pkgutil
import re
import sys
import textwrap
from pathlib import Path

import bytestride as bs

import comparison
import gallery
import pictures
from header import Manual, ROOT

HERE = Path(__file__).resolve().parent


def heading(text, line="="):
    return [text, line * max(len(text), 3), ""]


def table(head, rows, widths, kind=""):
    out = [".. list-table::", "   :header-rows: 1", f"   :widths: {widths}"] + ([f"   :class: {kind}"] if kind else []) + [""]
    for row in [head, *rows]:
        for number, cell in enumerate(row):
            first, *rest = cell.split("\n")
            out += [("   * - " if number == 0 else "     - ") + first] + ["       " + line if line else "" for line in rest]
    return out + [""]


def contents(names, caption=None, hidden=True):
    return [".. toctree::"] + ["   :hidden:"] * hidden + ([f"   :caption: {caption}"] if caption else []) + [""] + [f"   {name}" for name in names] + [""]


# ---- The Python package ----------------------------------------------------------------------------

def public_modules():
    """The modules of the package that users may import, by name without the package's."""
    found = {}
    for info in pkgutil.walk_packages(bs.__path__, "bytestride."):
        name = info.name.partition(".")[2]
        if not any(part.startswith("_") for part in name.split(".")):
            importlib.import_module(info.name)
            found[name] = sys.modules[info.name]
    return found


def defined(module):
    """The public names of the package that a module defines."""
    return [name for name in bs.__all__ if getattr(vars(module).get(name), "__module__", None) == module.__name__]


def python_entry(name):
    """The directive that shows a name of the package with its docstring."""
    thing = getattr(bs, name)
    if inspect.isclass(thing):
        members = ["   :members:"] if not issubclass(thing, Exception) else []
        return [f".. autoclass:: bytestride.{name}", "   :show-inheritance:"] + members + [""]
    return [f".. autofunction:: bytestride.{name}", ""]


# ---- Families --------------------------------------------------------------------------------------

def rust_link(name, rust):
    """A link into the pages of cargo, where they are."""
    for kind in ("fn", "struct"):
        path = f"rust/bytestride/{kind}.{name}.html"
        if rust and (rust / path[len("rust/"):]).exists():
            return f"`{name} <{path}>`__"
    return f"``{name}``" if not rust else "see the crate"


def family_page(manual, title, functions, module, folder, rust):
    stem = module.__name__.rpartition(".")[2]
    out = heading(title) + [inspect.getdoc(module), ""]
    own = pictures.family(stem)
    if own:
        out += [inspect.getdoc(own), ""]
        pictures.draw(own, folder / "pictures" / f"{stem}.png")
        out += [f".. figure:: pictures/{stem}.png", f"   :alt: {own.CAPTION}", "", f"   {own.CAPTION} *Computed when this page was built.*", ""]
    rows = []
    for function in functions:
        short = function.name[len("bytestride_"):]
        python = short if hasattr(bs, short) else next((name for name in defined(module) if short.startswith(name)), None)
        rows.append([f":py:func:`{python} <bytestride.{python}>`" if python else "", f":c:func:`{short} <{function.name}>`",
                     rust_link(python or short, rust), manual.flowing(manual.said(function, "Cost")), manual.flowing(manual.said(function, "Source"))])
    out += table(["Python", "C", "Rust", "cost", "source"], rows, "18 18 16 24 24", "glance")
    out += heading("In Python", "-")
    for name in defined(module):
        out += python_entry(name)
    return "\n".join(out + heading("In C", "-") + manual.section(title)) + "\n"


def write_families(manual, folder, rust):
    """The family pages, and the page that lists them; the stems of the modules that they show."""
    modules, stems, cards = public_modules(), [], [".. grid:: 1 2 2 3", "   :gutter: 3", ""]
    for title, functions in manual.families():
        shorts = {function.name[len("bytestride_"):] for function in functions}
        module = next(module for name, module in modules.items() if "." not in name and shorts & set(defined(module)))
        stem = module.__name__.rpartition(".")[2]
        write(folder / f"family-{stem}.rst", family_page(manual, title, functions, module, folder, rust))
        stems.append(stem)
        names = ", ".join(name for name in defined(module) if inspect.isroutine(getattr(bs, name)))
        cards += [f"   .. grid-item-card:: {title}", f"      :link: family-{stem}", "      :link-type: doc"]
        cards += [f"      :img-top: pictures/{stem}.png"] * (pictures.family(stem) is not None) + ["", f"      {names}", ""]
    write(folder / "cards.txt", "\n".join(cards) + "\n")
    write(folder / "families.rst", "\n".join(heading("Functions") + [
        "One page per family: what it computes, a picture, its options, errors, cost and source.", "", ".. include:: cards.txt", ""]
        + contents([f"family-{stem}" for stem in stems])) + "\n")
    return stems


# ---- References ------------------------------------------------------------------------------------

def write_references(manual, folder, families, rust):
    c = heading("The C interface") + ["Generated from ``include/bytestride.h``; the functions of a family are on its page.", ""]
    c += [manual.rst(re.sub(r"(?m)^(?=[A-Z][\w ]+$)", "\n", manual.doc)), ""]
    for title in manual.rest():
        c += heading(title.partition(":")[0], "-")
        if ":" in title:
            c += [manual.rst(title.partition(":")[2].strip()) + ".", ""]
        c += manual.section(title)
    write(folder / "c.rst", "\n".join(c) + "\n")

    modules = public_modules()
    shown = {name for module in modules for name in defined(modules[module]) if "." not in module}
    rest = [name for name in bs.__all__ if name not in shown and not name.startswith("__")]
    python = heading("The Python package") + [inspect.getdoc(bs), "", "The functions of a family are on its page.", ""]
    for title, wanted in (("The library in this process", inspect.isroutine), ("Classes and exceptions", inspect.isclass)):
        names = [name for name in rest if wanted(getattr(bs, name))]
        python += heading(title, "-") + [line for name in names for line in python_entry(name)]
    others = [name for name in modules if name not in families]
    for name in others:
        write(folder / f"module-{name}.rst", "\n".join(heading(f"bytestride.{name}") + [
            f".. automodule:: bytestride.{name}", "   :members:", "   :undoc-members:"]) + "\n")
    write(folder / "python.rst", "\n".join(python + contents([f"module-{name}" for name in others], hidden=False) * bool(others)) + "\n")

    readme = (ROOT / "ffi/rust/bytestride/README.md").read_text(encoding="utf-8").partition("\n")[2]
    crates = (" and ".join(f"<a href='rust/{name}/index.html'>{name}</a>" for name in ("bytestride", "bytestride_sys")) if rust
              else "made by <code>cargo doc</code>, which was not there when these were built")
    write(folder / "rust.md", f"# The Rust crates\n{readme}\n<p>The crates' own pages: {crates}.</p>\n")
    return ["python", "c", "rust"]


# ---- The README ------------------------------------------------------------------------------------

def write_readme(folder):
    """The README: all before its table of functions is the page `start`, every later section a page of its own."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^```output$", "```text", text)
    text = re.sub(r"\]\(([^)#:]+)\)", lambda link: moved(link, folder), text)
    first, *rest = re.split(r"(?m)^## (?=Functions$)", text, maxsplit=1)
    lead, _, sections = first.partition("\n## ")
    write(folder / "lead.md", lead.partition("\n")[2].strip() + "\n")
    write(folder / "start.md", "# Getting started\n\n## " + sections)
    names = []
    for section in re.split(r"(?m)^## ", rest[0])[1:] if rest else ():
        title, _, body = section.partition("\n")
        name = re.sub(r"[^a-z]+", "-", title.lower()).strip("-")
        write(folder / f"{name}.md", f"# {title}\n{body}")
        names.append(name)
    return names


def write_dask(folder):
    """The example for arrays larger than memory: what its program says, and the two functions that others can take."""
    example = ROOT / "examples/dask"
    program, functions = ((example / name).read_text(encoding="utf-8") for name in ("mosaic.py", "blocks.py"))
    text = heading("Larger than memory") + [ast.get_docstring(ast.parse(program)), ""]
    text += [ast.get_docstring(ast.parse(functions)), "", ".. code-block:: python", "", textwrap.indent(functions.partition('"""\n')[2], "   ")]
    write(folder / "larger-than-memory.rst", "\n".join(text))
    return "larger-than-memory"


def moved(link, folder):
    """A file that the README shows or links to is put beside the pages."""
    source = ROOT / link.group(1)
    name = f"files/{source.name}"
    (folder / "files").mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(source.read_bytes())
    return f"]({name})"


# ---- All -------------------------------------------------------------------------------------------

def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def write_all(folder, rust):
    """All sources into `folder`; `rust` is the folder of cargo's pages, or None."""
    manual = Manual()
    depth = write_readme(folder)
    families = write_families(manual, folder, rust)
    references = write_references(manual, folder, families, rust)
    write(folder / "gallery.rst", gallery.page(folder))
    coming = []
    for path in sorted((HERE / "coming").glob("[!_]*.py")):
        write(folder / f"coming-{path.stem}.rst", comparison.page(path.stem))
        coming.append(f"{comparison.package(path.stem)} <coming-{path.stem}>")
    index = heading("Bytestride") + [".. include:: lead.md", "   :parser: myst_parser.sphinx_", "", ":doc:`Getting started <start>` has two commands and a first program "
                                     "in each language. What there is:", "", ".. include:: cards.txt", ""]
    index += contents(["start", "gallery"], "Start") + contents(["families", *references], "Reference")
    index += contents(coming, "Coming from") + contents([write_dask(folder), *depth], "In depth")
    write(folder / "index.rst", "\n".join(index) + "\n")
    return manual.version
