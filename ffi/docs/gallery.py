"""The gallery: what the programs of the demo compute and show, with Bytestride alone and at their full size."""
import importlib
import sys
from pathlib import Path

DEMO = Path(__file__).resolve().parents[2] / "examples/demo"
sys.path.insert(0, str(DEMO))
import case as kinds  # noqa: E402
import page as demo  # noqa: E402


def programs():
    modules = [importlib.import_module(f"programs.{path.stem}") for path in (DEMO / "programs").glob("*.py")]
    return sorted(modules, key=lambda module: module.ORDER)


def page(folder):
    """The source of the page; the pictures go to `folder`/gallery."""
    (folder / "gallery").mkdir(parents=True, exist_ok=True)
    out = ["Gallery", "=======", "", "What the programs of ``make demo`` compute, drawn when this page was built. The demo also runs the same computations as the",
           "articles had them, and through the best of other packages, compares the results and shows the times.", ""]
    for module in programs():
        out += [module.TITLE, "-" * len(module.TITLE), "", module.SOURCE, "", module.TEXT, ""]
        for number, item in enumerate(module.cases(False)):
            shows = item.shows(item.data, item.ours(*item.data, item.make_out(*item.data)))
            pictures = [show for show in shows if isinstance(show, kinds.Picture)]
            if pictures:
                out += [".. grid:: 1 2 2 2", "   :gutter: 2", ""]
            for place, show in enumerate(pictures):
                name = f"gallery/{module.__name__.rpartition('.')[2]}-{number}-{place}.jpg"
                (folder / name).write_bytes(demo.picture_jpeg(show))
                out += ["   .. grid-item::", "", f"      .. figure:: {name}", f"         :alt: {show.title}", "", f"         {item.name}: {show.title}", ""]
            for place, show in enumerate(show for show in shows if isinstance(show, kinds.Drawing)):
                name = f"gallery/{module.__name__.rpartition('.')[2]}-{number}-drawing-{place}.svg"
                (folder / name).write_bytes(demo.drawing_svg(show.draw, show.height))
                out += [f".. figure:: {name}", f"   :alt: {show.title}", "", f"   {item.name}: {show.title}", ""]
    return "\n".join(out) + "\n"
