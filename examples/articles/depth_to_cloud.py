"""The article on depth images in Cython: a camera's 240 x 320 readings become a cloud of points.

Shows the article's loop, which appends a point per pixel, and `bs.depth_to_points`; `frame="inverted"` has the article's
signs (its code negates z, and x and y with it). Then readings as the camera sends them, uint16 millimetres: the article's
expression negates them in 16 bits and wraps around; here they are a case like any other, with the bits of the float32 one.

    python3 examples/articles/depth_to_cloud.py [--rows 240] [--columns 320]
"""
import bytestride as bs
import numpy as np

from _forms import Case, run, within

FX, FY, SCALE = 525.0, 525.0, 1000.0


def point_cloud(depth, cx, cy):
    """The article's form."""
    rows, columns = depth.shape
    points = []
    for v in range(rows):
        for u in range(columns):
            z = -float(depth[v, u]) / SCALE
            points.append([(u - cx) * z / FX, (v - cy) * z / FY, z])
    return np.array(points, np.float32)


def vectorized(depth, cx, cy):
    """What the article could have had from NumPy alone."""
    rows, columns = depth.shape
    z = depth.astype(np.float64) / -SCALE
    points = np.empty((rows, columns, 3), np.float32)
    points[..., 0] = (np.arange(columns) - cx) * z / FX
    points[..., 1] = (np.arange(rows)[:, None] - cy) * z / FY
    points[..., 2] = z
    return points.reshape(-1, 3)


def cases(rows=240, columns=320):
    cx, cy = (columns - 1) / 2, (rows - 1) / 2
    millimetres = np.random.default_rng(0).integers(400, 8000, (rows, columns), dtype=np.uint16)
    millimetres[::7, ::5] = 0  # no reading: the article's points of these pixels are zero
    points = np.empty((rows, columns, 3), np.float32)

    def ours(depth):
        result = bs.depth_to_points(depth, FX, FY, cx, cy, depth_scale=SCALE, frame="inverted", invalid="zero", out=points)
        return result.reshape(-1, 3)

    # Two roundings to float32 of values that agree to float64's last bits.
    bound = np.spacing(np.abs(point_cloud(millimetres, cx, cy)))
    for depth in (millimetres.astype(np.float32), millimetres):
        yield Case(f"{rows} x {columns}, {depth.dtype}", lambda: point_cloud(depth, cx, cy), lambda: ours(depth),
                   within(bound, "1 ulp of float32"), {"NumPy": lambda: vectorized(depth, cx, cy)})


if __name__ == "__main__":
    run(__doc__, cases)
