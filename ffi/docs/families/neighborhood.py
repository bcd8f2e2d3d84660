r"""Per pixel and channel :math:`c`, over a window :math:`W` of :math:`(2r + 1)^2` pixels, with :math:`M` the largest value of the dtype:

.. math:: p_c = \prod_{j \in W} x_{j, c} \qquad \mathrm{out}_c = \left\lfloor M \, \frac{p_c}{\lVert p \rVert_2} \right\rfloor

for integers, decided exactly; floats are :math:`p_c / \lVert p \rVert_2`.
"""
import bytestride as bs
from photographs import astronaut
from pictures import show

CAPTION = "The strongest channel of a neighbourhood wins, whatever its brightness."
SIZE = (9, 3.2)


def draw(figure):
    photo = astronaut()
    panels = [("input, uint8", photo)] + [(f'radius={radius}, boundary="nearest"', bs.neighbor_product(photo, radius=radius, boundary="nearest"))
                                           for radius in (1, 3)]
    for axes, (title, pixels) in zip(figure.subplots(1, 3), panels):
        show(axes, pixels, title)
