"""Depth images to points against OpenCV, Numba and NumPy, and back against NumPy."""
from functools import partial

import bytestride as bs
import cv2
import loops
import numba
import numpy as np
from machine import Work
from race import Candidates, Row

CAMERA = (525.0, 525.0, 319.5, 239.5)
MATRIX = np.array([[CAMERA[0], 0, CAMERA[2]], [0, CAMERA[1], CAMERA[3]], [0, 0, 1]], np.float32)
LENS = (-0.28, 0.07, 0.0012, -0.0005, 0.01)


@numba.njit
def listed_by_numba(depth, fx, fy, cx, cy, scale, out):
    rows, columns = depth.shape
    fx, fy, scale, cx, cy = np.float32(1 / fx), np.float32(1 / fy), np.float32(1 / scale), np.float32(cx), np.float32(cy)
    count = 0
    for v in range(rows):
        y = (np.float32(v) - cy) * fy
        for u in range(columns):
            z = np.float32(depth[v, u]) * scale
            out[count, 0] = (np.float32(u) - cx) * fx * z
            out[count, 1] = y * z
            out[count, 2] = z
            count += np.float32(0) < z < np.float32(np.inf)
    return out[:count]


class Formula:
    """NumPy, with the rays made beforehand."""

    def __init__(self, shape):
        fx, fy, cx, cy = CAMERA
        v, u = np.mgrid[:shape[0], :shape[1]]
        self.x, self.y = ((u - cx) / fx).astype(np.float32), ((v - cy) / fy).astype(np.float32)

    def organised(self, depth, scale, out):
        z = out[..., 2]
        np.multiply(depth, np.float32(1 / scale), out=z, casting="same_kind")
        np.copyto(z, np.float32(0), where=~(z > 0))
        np.multiply(self.x, z, out=out[..., 0])
        np.multiply(self.y, z, out=out[..., 1])
        return out

    def listed(self, depth, scale):
        valid = depth > 0
        z = depth[valid] * np.float32(1 / scale)
        return np.column_stack([self.x[valid] * z, self.y[valid] * z, z])


def readings(dtype, size):
    """Metres as float32, millimetres as uint16, and what a metre is: so OpenCV takes them."""
    millimetres = np.random.default_rng(11).integers(300, 6000, size)
    return (millimetres.astype(np.uint16), 1000.0) if dtype is np.uint16 else ((millimetres / 1000).astype(dtype), 1.0)


def points(dtype, size, threads):
    depth, scale = readings(dtype, size)
    ours, compiled_out, plain = (np.empty((*size, 3), np.float32) for _ in range(3))
    formula, loop = Formula(size), loops.depth_to_points(threads)
    return Candidates(
        lambda: bs.depth_to_points(depth, *CAMERA, depth_scale=scale, invalid="zero", out=ours, threads=threads),
        {"numba": lambda: loop(depth, *CAMERA, scale, compiled_out), "numpy": lambda: formula.organised(depth, scale, plain),
         "opencv, 4 numbers": lambda: cv2.depthTo3d(depth, MATRIX)[..., :3]},
        1e-4, Work(read=depth.nbytes, written=ours.nbytes))


def valid_points(dtype, peer, threads):
    size = (480, 640)
    depth, scale = readings(dtype, size)
    depth[np.random.default_rng(12).random(size) < 0.3] = 0
    ours, compiled_out = (np.empty((depth.size + 1, 3), np.float32) for _ in range(2))
    formula = Formula(size)
    peers = {"numpy": {"numpy, mask": lambda: formula.listed(depth, scale)},
             "numba": {"numba, one thread": lambda: listed_by_numba(depth, *CAMERA, scale, compiled_out)}}
    return Candidates(lambda: bs.depth_to_points(depth, *CAMERA, depth_scale=scale, invalid="drop", out=ours, threads=threads), peers[peer], 1e-4)


def through_lens(threads):
    size = (480, 640)
    depth = readings(np.float64, size)[0]
    pixels = np.stack(np.meshgrid(np.arange(640.0), np.arange(480.0)), -1).reshape(-1, 1, 2)
    ours = np.empty((*size, 3))

    def undistorted():
        xy = cv2.undistortPoints(pixels, MATRIX.astype(np.float64), np.array(LENS)).reshape(*size, 2)
        return np.concatenate([xy * depth[..., None], depth[..., None]], -1)

    return Candidates(lambda: bs.depth_to_points(depth, *CAMERA, depth_scale=1.0, distortion=LENS, dtype=np.float64, out=ours, threads=threads),
                      {"opencv undistortPoints, numpy": undistorted}, 1e-2)


def back(threads):
    size = (480, 640)
    cloud = bs.depth_to_points(readings(np.float64, size)[0], *CAMERA, depth_scale=1.0)
    image = np.empty(size, np.uint16)
    fx, fy, cx, cy = CAMERA

    def nearest():
        x, y, z = cloud.reshape(-1, 3).T
        u, v = np.floor(fx * x / z + cx + 0.5).astype(np.int64), np.floor(fy * y / z + cy + 0.5).astype(np.int64)
        inside = (z > 0) & (u >= 0) & (u < 640) & (v >= 0) & (v < 480)
        best = np.full(size, np.inf, np.float32)
        np.minimum.at(best, (v[inside], u[inside]), z[inside])
        best[np.isinf(best)] = 0
        return np.rint(best * 1000).astype(np.uint16)

    return Candidates(lambda: bs.points_to_depth(cloud, *CAMERA, size, out=image, threads=threads), {"numpy": nearest}, 1.0)


f32, u16 = np.float32, np.uint16
ROWS = [Row(f"depth {np.dtype(dtype)} {rows}x{columns}, out=", partial(points, dtype, (rows, columns)), target)
        for rows, columns, dtype, target in (
            (240, 320, f32, (3.3, 4.0)), (240, 320, u16, (4.5, 5.5)), (480, 640, f32, (2.4, 2.6)), (480, 640, u16, (3.7, 3.7)),
            (960, 1280, f32, (1.9, 1.9)), (960, 1280, u16, (3.6, 3.6)), (2160, 3840, f32, (2.1, 2.1)), (2160, 3840, u16, (3.5, 4.0)))]
ROWS += [Row(f"depth {np.dtype(dtype)} 480x640, drop, against {peer}, out=", partial(valid_points, dtype, peer), target)
         for dtype in (f32, u16) for peer, target in (("numpy", (3.0, 4.0)), ("numba", None))]
ROWS += [Row("depth float64 480x640 through a lens, out=", through_lens), Row("points_to_depth, 307,200 float32 points, out=", back)]
