"""The article on depth images: a cloud of points from the depth of a photograph."""
import io

import bytestride as bs
import cv2
import matplotlib
import numpy as np
from plyfile import PlyData, PlyElement

from case import Case, File, Picture
from photographs import photograph, resource

ORDER = 3
TITLE = "Depth image to point cloud"
SOURCE = "The article turns depth images of a robot's camera into clouds of points, first in Python, then in Cython."
TEXT = ("Each pixel has a distance; with the camera's focal length f and centre c, that is a point in space: x = (u - cx) z / f, "
        "y = (v - cy) z / f. The photograph and its measured disparities d are of the Middlebury stereo data in the "
        "scikit-image package, z = 994.978 · 193.001 / (d + 31.086) mm. Some pixels have none: as float32 they are NaN, as the whole "
        "millimetres of a depth camera 0, and the coloured cloud leaves them out.")

FOCAL, BASELINE, OFFSET, CENTRE = 994.978, 193.001, 31.086, (311.193, 254.877)  # pixels, mm, pixels, pixels
BACKGROUND = (24, 26, 30)


def scene(quick):
    """The photograph (H, W, 3), and the distances in metres, float32, NaN where there is none."""
    with resource("motorcycle_disp.npz") as path, np.load(path) as file:
        disparity = file["arr_0"]
    distance = np.where(np.isfinite(disparity), FOCAL * BASELINE / 1000 / (disparity + OFFSET), np.nan).astype(np.float32)
    step = 4 if quick else 1
    return np.ascontiguousarray(photograph("motorcycle_left.png")[::step, ::step]), np.ascontiguousarray(distance[::step, ::step]), step


def by_loops(depth, camera, out):
    """The article's form: one pixel at a time."""
    f, cx, cy = camera
    for v in range(depth.shape[0]):
        for u in range(depth.shape[1]):
            z = depth[v, u]
            out[v, u, 0] = (u - cx) * z / f
            out[v, u, 1] = (v - cy) * z / f
            out[v, u, 2] = z
    return out


def rays(shape, camera):
    f, cx, cy = camera
    return (np.arange(shape[1], dtype=np.float32) - cx) / f, (np.arange(shape[0], dtype=np.float32)[:, None] - cy) / f


def by_numpy(depth, camera, out):
    x, y = rays(depth.shape, np.float32(camera))
    np.multiply(depth, x, out=out[..., 0])
    np.multiply(depth, y, out=out[..., 1])
    out[..., 2] = depth
    return out


def by_opencv(depth, camera, out):
    f, cx, cy = camera
    return cv2.depthTo3d(depth, np.array([[f, 0, cx], [0, f, cy], [0, 0, 1]], np.float32))[..., :3]


def ours(depth, camera, out):
    f, cx, cy = camera
    return bs.depth_to_points(depth, f, f, cx, cy, depth_scale=1.0, out=out)


def cloud_by_loops(depth, photo, camera, out):
    f, cx, cy = camera
    points, colors = [], []
    for v in range(depth.shape[0]):
        for u in range(depth.shape[1]):
            if depth[v, u] > 0:
                z = depth[v, u] / 1000
                points.append(((u - cx) * z / f, (v - cy) * z / f, z))
                colors.append(photo[v, u])
    return np.array(points, np.float32), np.array(colors)


def cloud_by_numpy(depth, photo, camera, out):
    x, y = rays(depth.shape, np.float32(camera))
    metres = depth * np.float32(0.001)
    valid = depth > 0
    return np.stack([metres * x, metres * y, metres], axis=-1)[valid], photo[valid]


def cloud_by_opencv(depth, photo, camera, out):
    valid = depth > 0
    return by_opencv(depth, camera, None)[valid], photo[valid]


def our_cloud(depth, photo, camera, out):
    f, cx, cy = camera
    return bs.depth_to_points(depth, f, f, cx, cy, invalid="drop", color=photo, out=out)


def view(points, colors, across, down, shape=(500, 741), spot=3):
    """The cloud as seen from elsewhere, turned by two angles in degrees: near points are drawn over far ones."""
    a, b = np.radians((across, down))
    turn = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]]) @ \
        np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    middle = np.median(points, axis=0)
    x, y, z = ((points - middle) @ turn.T + (0, 0, middle[2])).T
    front = z > 0.1
    order = np.flatnonzero(front)[np.argsort(-z[front])]
    image = np.empty((*shape, 3), np.uint8)
    image[...] = BACKGROUND
    scale = 0.78 * FOCAL / z[order]
    columns, rows = (x[order] * scale + shape[1] / 2).astype(int), (y[order] * scale + shape[0] / 2).astype(int)
    near = (columns >= 0) & (rows >= 0) & (columns < shape[1] - spot) & (rows < shape[0] - spot)
    for i, j in np.ndindex(spot, spot):
        image[rows[near] + i, columns[near] + j] = colors[order[near]]
    return image


def ply(points, colors):
    """A binary PLY file, with y up and z towards the viewer, as programs that show such files expect."""
    vertices = np.empty(len(points), [(name, "<f4") for name in "xyz"] + [(name, "u1") for name in ("red", "green", "blue")])
    for i, (place, color) in enumerate((("x", "red"), ("y", "green"), ("z", "blue"))):
        vertices[place], vertices[color] = points[:, i] * (1, -1, -1)[i], colors[:, i]
    file = io.BytesIO()
    PlyData([PlyElement.describe(vertices, "vertex")], byte_order="<").write(file)
    return file.getvalue()


def shown(photo, distance, points, colors, spot):
    reach = np.nanmin(distance), np.nanmax(distance)
    tinted = matplotlib.colormaps["turbo_r"]((distance - reach[0]) / (reach[1] - reach[0]), bytes=True)[..., :3]
    tinted[np.isnan(distance)] = BACKGROUND
    return [Picture("input: the photograph", photo), Picture(f"input: distances, {reach[0]:.1f} m (red) to {reach[1]:.1f} m (blue)", tinted),
            Picture("the cloud, from the right and above", view(points, colors, 24, 14, spot=spot)),
            Picture("the cloud, from the left and above", view(points, colors, -28, 20, spot=spot)),
            File("motorcycle.ply", ply(points, colors), f"the cloud of {len(points):,} coloured points, for MeshLab, CloudCompare, Blender or Open3D")]


def cases(quick):
    photo, distance, step = scene(quick)
    rows, columns = distance.shape
    camera = (FOCAL / step, CENTRE[0] / step, CENTRE[1] / step)
    share = {"part_name": f"60 × 60 of {rows} × {columns} pixels", "scale": rows * columns / 60**2}
    corner = np.s_[:60, :60]
    yield Case(f"all pixels, float32, {columns} × {rows}, out=", (distance, camera), by_loops, {"NumPy": by_numpy, "OpenCV depthTo3d": by_opencv}, ours,
               lambda depth, _: np.empty((*depth.shape, 3), np.float32), 1e-5, part=(distance[corner], camera), **share,
               remark=lambda outcome: f"With out= reused: {1 / outcome.one_thread:,.0f} frames per second in one thread, {1 / outcome.time:,.0f} in all.")
    millimetres = np.nan_to_num(distance * 1000).round().astype(np.uint16)
    yield Case("coloured cloud of the pixels that have a distance, uint16", (millimetres, photo, camera), cloud_by_loops,
               {"NumPy, boolean mask": cloud_by_numpy, "OpenCV depthTo3d, boolean mask": cloud_by_opencv}, our_cloud,
               lambda depth, *_: np.empty((depth.size, 3), np.float32), 1e-5, part=(millimetres[corner], photo[corner], camera), **share,
               shows=lambda data, result: shown(photo, distance, *result, spot=8 if quick else 3))
