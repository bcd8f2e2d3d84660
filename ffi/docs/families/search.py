r"""In an ascending table :math:`a`:

.. math:: \mathrm{left}_i = \left|\{j : a_j < v_i\}\right| \qquad \mathrm{right}_i = \left|\{j : a_j \le v_i\}\right|

and :math:`\mathrm{binary\_search}_i` is a :math:`j` with :math:`a_j = v_i`, or -1.
"""
import bytestride as bs
import numpy as np
from photographs import astronaut, grey
from pictures import show

CAPTION = "The rank of each pixel among all pixels, found by searching the sorted ones: the histogram becomes flat."
SIZE = (9, 3)


def draw(figure):
    brightness = grey(astronaut())
    table = np.sort(brightness, axis=None)
    ranks = bs.searchsorted(table, brightness) / table.size
    before, after, lines = figure.subplots(1, 3, width_ratios=(1, 1, 1.2))
    show(before, brightness, "v: brightness")
    show(after, ranks, "searchsorted(sort(v), v) / v.size")
    lines.hist(brightness.ravel() / 255, 64, histtype="step", color="#6f8fab", label="before")
    lines.hist(ranks.ravel(), 64, histtype="step", color="#d1495b", label="after")
    lines.set_xlabel("value")
    lines.set_ylabel("pixels")
    lines.legend()
