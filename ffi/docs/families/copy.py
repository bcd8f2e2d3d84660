r"""For a permutation :math:`\pi` of the axes:

.. math:: \mathrm{out}_{i_{\pi(1)}, \ldots, i_{\pi(n)}} = \mathrm{cast}\left(a_{i_1, \ldots, i_n}\right)

A float :math:`x` becomes an integer of :math:`b` bits as :math:`\mathrm{trunc}(x) \bmod 2^b` under ``wrap``, and as the nearest integer
(half to even) within the range of the dtype under ``saturate``.
"""
import bytestride as bs
import numpy as np
from photographs import astronaut
from pictures import show

CAPTION = "A transpose, and a photograph made twice as bright in float32 and cast back to bytes under both rules."
SIZE = (9, 2.5)


def draw(figure):
    photo = astronaut()
    bright = bs.multiply(photo, np.float32(2))
    panels = [("a, uint8", photo), ("transpose(a, (1, 0, 2))", bs.transpose(photo, (1, 0, 2))),
              ('cast(2 a, uint8, rule="wrap")', bs.cast(bright, np.uint8)),
              ('cast(2 a, uint8, rule="saturate")', bs.cast(bright, np.uint8, rule="saturate"))]
    for axes, (title, pixels) in zip(figure.subplots(1, 4), panels):
        show(axes, pixels, title)
