"""Sphinx's settings. `build.py` writes the sources of the pages and calls Sphinx."""
import re
import sys
from pathlib import Path

from docutils import nodes
from latex2mathml.converter import convert

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

project = "Bytestride"
author = "the Bytestride authors"
extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.doctest", "myst_parser", "sphinx_copybutton", "sphinx_design"]
# What does not name its language is for a shell.
highlight_language = "text"
html_theme = "furo"
html_title = "Bytestride"
html_static_path = [str(HERE / "static")]
html_css_files = ["bytestride.css"]
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False
# A prompt is not copied.
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

# A reference to nothing is a warning, and a warning is an error. Types in docstrings are words for readers, and single backquotes
# name other packages' functions too: these become links only where there is something to link to.
nitpicky = True
default_role = "py:obj"
nitpick_ignore_regex = [("py:(class|obj|exc|meth|attr|data|mod)", ".*"), ("c:identifier", r"u?int(8|16|32|64)_t|size_t")]
myst_heading_anchors = 3

napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_default_options = {"exclude-members": "with_traceback, add_note"}


def escape_bars(app, what, name, thing, options, lines):
    """`|w||x|` in a docstring is a product of magnitudes, not a substitution; code stays as it is."""
    for number, line in enumerate(lines):
        if not line.lstrip().startswith((">>>", "...")):
            parts = re.split(r"(``.*?``)", line)
            parts[::2] = [part.replace("|", r"\|") for part in parts[::2]]
            lines[number] = "".join(parts)


def skip_requests(app, what, name, thing, skip, options):
    """What scikit-learn adds to every estimator is described there."""
    return True if re.fullmatch(r"set_\w+_request|get_metadata_routing", name) else None


def mathml(source, display):
    """A formula as MathML, which browsers draw by themselves."""
    return convert(source, display="block" if display else "inline")


def visit_math(self, node):
    self.body.append(mathml(node.astext(), False))
    raise nodes.SkipNode


def visit_displaymath(self, node):
    self.body.append(f'<div class="math">{mathml(node.astext(), True)}</div>')
    raise nodes.SkipNode


def setup(app):
    app.connect("autodoc-process-docstring", escape_bars)
    app.connect("autodoc-skip-member", skip_requests)
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_displaymath, None))


html_math_renderer = "mathml"
