r"""With :math:`\circ` one of :math:`+, -, \cdot, /, \min, \max`, and :math:`a`, :math:`b` broadcast to the shape of the result:

.. math:: \mathrm{out}_i = \mathrm{cast}\left(a_i \circ b_i\right)
"""
import bytestride as bs
from photographs import astronaut
from pictures import show

CAPTION = "Operands of different dtypes and layouts: bytes with doubles, and a photograph with a mirrored view of itself."
SIZE = (9, 2.5)


def draw(figure):
    photo = astronaut()
    mirrored = photo[:, ::-1]
    panels = [("a: a photograph, uint8", photo), ("minimum(a, a[:, ::-1])", bs.minimum(photo, mirrored)),
              ("add(a / 2, a[:, ::-1] / 2)", bs.add(bs.divide(photo, 2), bs.divide(mirrored, 2)) / 255),
              ("subtract(255, a)", bs.subtract(255, photo))]
    for axes, (title, pixels) in zip(figure.subplots(1, 4), panels):
        show(axes, pixels, title)
