"""The pages "Coming from ...": the call before and after. Both are run when the page is built, and their results compared.

A module of `coming` has PACKAGE, TEXT (reStructuredText), SETUP (code that both calls see; it is shown) and ROWS
of `Row`s; WIDTHS of the columns, if they are others.
"""
import ast
import contextlib
import importlib
import textwrap
from dataclasses import dataclass

import numpy as np


class Differs(Exception):
    """The two calls of a row have different results."""


@dataclass
class Row:
    """One call in two spellings. The value of each is that of its last line; `compare` may be a bound or a word."""

    what: str
    before: str
    after: str
    bound: float = 0.0  # the largest difference allowed, relative to the largest value; 0: equal
    note: str = ""  # where the two do differ, and which is right


def value(code, names):
    """Runs code in a copy of the names; the value of its last expression."""
    names = dict(names)
    *statements, last = ast.parse(textwrap.dedent(code).strip()).body
    exec(compile(ast.Module(statements, []), "<row>", "exec"), names)  # noqa: S102 - the code is that of the page
    return eval(compile(ast.Expression(last.value), "<row>", "eval"), names)  # noqa: S307


def difference(before, after):
    """The largest difference relative to the largest value; 0 where the results are equal bit for bit."""
    if isinstance(before, tuple):
        return max(difference(one, other) for one, other in zip(before, after, strict=True))
    before, after = np.asarray(before), np.asarray(after)
    if before.shape != after.shape:
        raise Differs(f"the shapes are {before.shape} and {after.shape}")
    if np.array_equal(before, after, equal_nan=before.dtype.kind in "fc"):
        return 0.0
    return float(np.nanmax(np.abs(before.astype(np.float64) - after)) / np.nanmax(np.abs(before)))


def outcome(row, names):
    """What the comparison found, as text for the page."""
    found = difference(value(row.before, names), value(row.after, names))
    if not found <= row.bound:
        raise Differs(f"{row.what}: the results differ by {found:.3g} of the largest value, allowed is {row.bound:g}")
    return "equal" if found == 0 else f"within {found:.1g}"


def code(text):
    return ".. code-block:: python\n\n" + textwrap.indent(textwrap.dedent(text).strip(), "   ")


def package(name):
    """What the package of a page is called."""
    return importlib.import_module(f"coming.{name}").PACKAGE


def page(name):
    module = importlib.import_module(f"coming.{name}")
    names, title = {}, f"Coming from {module.PACKAGE}"
    exec(module.SETUP, names)  # noqa: S102
    out = [":hide-toc:", "", title, "=" * len(title), "", textwrap.dedent(module.TEXT).strip(), "",
           "Every row was run when this page was built, with these names; the last column is what the comparison of the two results found: "
           "*equal* is bit for bit, a number is the largest difference relative to the largest value.", "", code(module.SETUP), ""]
    out += [".. list-table::", "   :header-rows: 1", f"   :widths: {getattr(module, 'WIDTHS', '14 36 36 14')}", "   :class: coming", "",
            "   * - ", "     - before", "     - after", "     - results", ""]
    for row in module.ROWS:
        with contextlib.redirect_stdout(None):
            result = outcome(row, names)
        for place, text in enumerate((row.what, code(row.before), code(row.after), result + (f". {row.note}" if row.note else ""))):
            first, *rest = text.split("\n")
            out += [("   * - " if place == 0 else "     - ") + first] + ["       " + line if line else "" for line in rest]
    return "\n".join(out) + "\n"
