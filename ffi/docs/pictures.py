"""The pictures of the family pages: each is drawn by its module of `families`, through Bytestride, on real data."""
import importlib
import sys
from pathlib import Path

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt  # noqa: E402

HERE = Path(__file__).resolve().parent
# The photographs and the cities are the demo's.
sys.path.insert(0, str(HERE.parents[1] / "examples/demo"))

# Pictures are transparent, and their text can be read on white and on black.
INK = "#7c828a"
STYLE = {"font.size": 9, "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": INK, "axes.titlecolor": INK, "axes.titlesize": 9.5,
         "axes.facecolor": "none", "xtick.color": INK, "ytick.color": INK, "axes.spines.top": False, "axes.spines.right": False,
         "legend.frameon": False, "lines.linewidth": 1.8}


def family(stem):
    """The module that draws a family's picture, or None."""
    return importlib.import_module(f"families.{stem}") if (HERE / "families" / f"{stem}.py").exists() else None


def draw(module, path):
    """`module.draw(figure)` into a PNG file; `module.SIZE` in inches, if it is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with plt.rc_context(STYLE):
        figure = plt.figure(figsize=getattr(module, "SIZE", (9, 3)), layout="constrained")
        module.draw(figure)
        figure.savefig(path, dpi=160, transparent=True, metadata={"Software": None})
        plt.close(figure)


def show(axes, pixels, title, **options):
    """An image without ticks."""
    axes.imshow(pixels, **{"cmap": "gray", **options})
    axes.set_title(title)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
