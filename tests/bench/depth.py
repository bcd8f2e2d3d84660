"""Depth images to points against OpenCV, numba and NumPy, and back against NumPy."""
import bytestride as bs
import cv2
import numba
import numpy as np
from race import Row

CAMERA = (525.0, 525.0, 319.5, 239.5)
SIZES = ((240, 320), (480, 640), (960, 1280), (2160, 3840))
LENS = (-0.28, 0.07, 0.0012, -0.0005, 0.01)


@numba.njit(parallel=True, fastmath=True)
def by_numba(depth, fx, fy, cx, cy, scale, out):
    """What a careful user compiles: float32, factors that are multiplied with, 0 where nothing was measured."""
    rows, columns = depth.shape
    fx, fy, scale, cx, cy = np.float32(1 / fx), np.float32(1 / fy), np.float32(1 / scale), np.float32(cx), np.float32(cy)
    for v in numba.prange(rows):
        y = (np.float32(v) - cy) * fy
        for u in range(columns):
            reading = np.float32(depth[v, u])
            z = reading * scale if reading > np.float32(0) else np.float32(0)
            out[v, u, 0] = (np.float32(u) - cx) * fx * z
            out[v, u, 1] = y * z
            out[v, u, 2] = z
    return out


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


def by_opencv(depth, matrix):
    """A fourth number per point, and its own memory; in millimetres for 16-bit readings, as OpenCV means them."""
    return cv2.depthTo3d(depth, matrix)[..., :3]


class Formula:
    """NumPy, with the rays made beforehand."""

    def __init__(self, shape):
        fx, fy, cx, cy = CAMERA
        v, u = np.mgrid[:shape[0], :shape[1]]
        self.x, self.y = ((u - cx) / fx).astype(np.float32), ((v - cy) / fy).astype(np.float32)

    def organised(self, depth, out):
        z = out[..., 2]
        np.multiply(depth, np.float32(0.001), out=z, casting="same_kind")
        np.copyto(z, np.float32(0), where=~(z > 0))
        np.multiply(self.x, z, out=out[..., 0])
        np.multiply(self.y, z, out=out[..., 1])
        return out

    def listed(self, depth):
        valid = depth > 0
        z = depth[valid] * np.float32(0.001)
        return np.column_stack([self.x[valid] * z, self.y[valid] * z, z])


def rows(threads):
    cv2.setNumThreads(threads)
    numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
    random = np.random.default_rng(11)
    matrix = np.array([[CAMERA[0], 0, CAMERA[2]], [0, CAMERA[1], CAMERA[3]], [0, 0, 1]], np.float32)
    for size in SIZES:
        formula = Formula(size)
        for dtype in (np.float32, np.uint16):
            depth = random.integers(300, 6000, size).astype(dtype)
            ours, compiled, plain = (np.empty((*size, 3), np.float32) for _ in range(3))
            peers = {"numba": lambda: by_numba(depth, *CAMERA, 1000.0, compiled), "numpy": lambda: formula.organised(depth, plain)}
            if dtype is np.uint16:  # OpenCV takes float readings for metres
                peers["opencv, 4 numbers"] = lambda: by_opencv(depth, matrix)
            yield Row(f"depth {np.dtype(dtype)} {size[0]}x{size[1]}, out=",
                      lambda: bs.depth_to_points(depth, *CAMERA, invalid="zero", out=ours, threads=threads), peers, threads, bound=1e-4, goal=1.0)
    size = (480, 640)
    formula = Formula(size)
    for dtype in (np.float32, np.uint16):
        depth = random.integers(300, 6000, size).astype(dtype)
        depth[random.random(size) < 0.3] = 0
        ours, compiled = (np.empty((depth.size + 1, 3), np.float32) for _ in range(2))
        yield Row(f"depth {np.dtype(dtype)} 480x640, drop, out=",
                  lambda: bs.depth_to_points(depth, *CAMERA, invalid="drop", out=ours, threads=threads),
                  {"numba, one thread": lambda: listed_by_numba(depth, *CAMERA, 1000.0, compiled), "numpy, mask": lambda: formula.listed(depth)},
                  threads, bound=1e-4)
    depth = random.integers(300, 6000, size).astype(np.float64)
    fx, fy, cx, cy = CAMERA
    pixels = np.stack(np.meshgrid(np.arange(640.0), np.arange(480.0)), -1).reshape(-1, 1, 2)
    ours = np.empty((*size, 3))

    def undistorted():
        xy = cv2.undistortPoints(pixels, matrix.astype(np.float64), np.array(LENS)).reshape(*size, 2)
        z = depth * 0.001
        return np.concatenate([xy * z[..., None], z[..., None]], -1)

    yield Row("depth float64 480x640 through a lens, out=",
              lambda: bs.depth_to_points(depth, *CAMERA, distortion=LENS, dtype=np.float64, out=ours, threads=threads),
              {"opencv undistortPoints, numpy": undistorted}, threads, bound=1e-2, goal=1.0)
    points = bs.depth_to_points(depth, *CAMERA)
    image = np.empty(size, np.uint16)

    def nearest():
        x, y, z = points.reshape(-1, 3).T
        u, v = np.floor(fx * x / z + cx + 0.5).astype(np.int64), np.floor(fy * y / z + cy + 0.5).astype(np.int64)
        inside = (z > 0) & (u >= 0) & (u < 640) & (v >= 0) & (v < 480)
        best = np.full(size, np.inf, np.float32)
        np.minimum.at(best, (v[inside], u[inside]), z[inside])
        best[np.isinf(best)] = 0
        return np.rint(best * 1000).astype(np.uint16)

    yield Row("depth from 307,200 float32 points, out=",
              lambda: bs.points_to_depth(points, *CAMERA, size, out=image, threads=threads), {"numpy": nearest}, threads, bound=1.0, goal=1.0)
