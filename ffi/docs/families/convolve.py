r"""With the input :math:`x` continued beyond its bounds by the boundary rule, and :math:`c` the kernel's centre:

.. math:: \mathrm{convolve}_i = \sum_k w_k \, x_{i + c - k} \qquad \mathrm{correlate}_i = \sum_k w_k \, x_{i - c + k}
"""
import bytestride as bs
import numpy as np
from photographs import astronaut
from pictures import show
from programs.convolution import BLUR, SHARPEN

CAPTION = "A kernel applied to a photograph of bytes, and what lies outside under each boundary (the rim shown has 96 pixels)."
SIZE = (9, 5.2)
BOUNDARIES = ("constant", "reflect", "mirror", "nearest", "wrap")


def draw(figure):
    photo = astronaut()
    above, below = figure.subfigures(2, 1, height_ratios=(1.55, 1))
    filters = [("input, 512 x 512 x 3 uint8", photo),
               ('sharpen 3 x 3, boundary="mirror"', bs.convolve(photo, SHARPEN, axes=(0, 1), boundary="mirror", dtype=np.uint8)),
               ('Gaussian 15 x 15, boundary="nearest"', bs.convolve(photo, BLUR, axes=(0, 1), boundary="nearest", dtype=np.uint8))]
    for axes, (title, pixels) in zip(above.subplots(1, 3), filters):
        show(axes, pixels, title)
    # A kernel of one tap, under `full`, is the input with the rim that the boundary gives it.
    tap = np.zeros((193, 193), np.uint8)
    tap[96, 96] = 1
    small = photo[64:256, 128:320]
    for axes, boundary in zip(below.subplots(1, 5), BOUNDARIES):
        extended = bs.convolve(small, tap, axes=(0, 1), boundary=boundary, region="full")
        show(axes, extended, f'"{boundary}"')
        axes.plot([96, 288, 288, 96, 96], [96, 96, 288, 288, 96], color="#d1495b", linewidth=1)
