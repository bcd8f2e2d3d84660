r"""For the pixel in column :math:`u` and row :math:`v` with the reading :math:`d`, focal lengths :math:`f_x, f_y`, principal point
:math:`(c_x, c_y)` and scale :math:`s`:

.. math:: z = \frac{d}{s} \qquad x = \frac{(u - c_x)\, z}{f_x} \qquad y = \frac{(v - c_y)\, z}{f_y}

then, where they are asked for, the inverse of the lens distortion, the frame's signs and the camera's pose.
"""
import bytestride as bs
import numpy as np
from pictures import show
from programs.depth import CENTRE, FOCAL, scene, view

CAPTION = "The measured depth of a photograph (Middlebury stereo data, in the scikit-image package) as a coloured cloud, seen from two other places."
SIZE = (9, 6.1)


def draw(figure):
    photo, distance, _ = scene(False)
    millimetres = np.nan_to_num(distance * 1000).round().astype(np.uint16)
    points, colors = bs.depth_to_points(millimetres, FOCAL, FOCAL, *CENTRE, invalid="drop", color=photo)
    panels = [("the photograph", photo, {}), ("its depth, uint16 millimetres", np.where(millimetres, millimetres, np.nan), {"cmap": "turbo_r"}),
              (f"{len(points):,} points, from the right", view(points, colors, 24, 14), {}), ("the same from the left", view(points, colors, -28, 20), {})]
    for axes, (title, pixels, options) in zip(figure.subplots(2, 2).flat, panels):
        show(axes, pixels, title, **options)
