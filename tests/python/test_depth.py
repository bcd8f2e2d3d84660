"""Depth images and points against the formulas in NumPy's float64: dtypes, every keyword, layouts, threads, round trips."""
import itertools
import math

import numpy as np
import pytest

import bytestride as bs
from layouts import LAYOUTS, Placed, assert_same, place

DEPTHS = [np.dtype(name) for name in ("uint16", "int32", "float32", "float64")]
POINTS = [np.dtype(name) for name in ("float32", "float64")]
SIGNS = {"optical": (1, 1, 1), "opengl": (1, -1, -1), "inverted": (-1, -1, -1)}
CAMERA = (523.7, -511.3, 318.6, 241.2)  # fy may be negative

# OpenCV's order: k1, k2, p1, p2, k3, k4, k5, k6.
BARREL = (-0.28, 0.07, 0.0012, -0.0005, 0.01)
RATIONAL = (0.12, -0.06, 0.001, 0.002, 0.01, 0.03, -0.02, 0.004)


def turned(angle=0.4, shift=(0.5, -1.25, 2.0)):
    """A camera-to-world pose."""
    c, s = math.cos(angle), math.sin(angle)
    pose = np.eye(4)
    pose[:3, :3] = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]) @ np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    pose[:3, 3] = shift
    return pose


def distorted(coefficients, x, y):
    """Where the lens shows the ray (x, y, 1): the Brown-Conrady model as OpenCV documents it."""
    k1, k2, p1, p2, k3, k4, k5, k6 = (*coefficients, *[0] * (8 - len(coefficients)))
    r2 = x * x + y * y
    radial = (1 + k1 * r2 + k2 * r2**2 + k3 * r2**3) / (1 + k4 * r2 + k5 * r2**2 + k6 * r2**3)
    return (x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x), y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y)


def undistorted(coefficients, x, y):
    """By fixed-point iteration of the definition alone, until it moves no more."""
    rx, ry = x.copy(), y.copy()
    for _ in range(150):
        dx, dy = distorted(coefficients, rx, ry)
        rx, ry = rx + (x - dx), ry + (y - dy)
    dx, dy = distorted(coefficients, rx, ry)
    assert np.allclose(dx, x, rtol=0, atol=1e-12) and np.allclose(dy, y, rtol=0, atol=1e-12)
    return rx, ry


def expected(depth, camera=CAMERA, *, depth_scale=1000.0, min_depth=0.0, max_depth=np.inf, invalid="nan", frame="optical",
             skew=0.0, distortion=None, radial=False, pose=None, stride=1, mask=None, color=None):
    """(points in float64, colours or None, indices)"""
    fx, fy, cx, cy = camera
    batch = depth if depth.ndim == 3 else depth[None]
    images, height, width = batch.shape
    reading = batch.astype(np.float64) / depth_scale
    valid = np.isfinite(reading) & (reading > min_depth) & (reading < max_depth)
    if mask is not None:
        valid &= mask
    v, u = np.mgrid[:height, :width].astype(np.float64)
    yn = (v - cy) / fy
    xn = ((u - cx) - skew * yn) / fx
    if distortion is not None and xn.size:
        xn, yn = undistorted(distortion, xn, yn)
    z = reading / np.sqrt(xn**2 + yn**2 + 1) if radial else reading
    points = np.stack([xn * z, yn * z, z], -1) * SIGNS[frame]
    if pose is not None:
        points = points @ np.asarray(pose)[:3, :3].T + np.asarray(pose)[:3, 3]
    indices = np.arange(batch.size).reshape(batch.shape)
    every = (slice(None), slice(None, None, stride), slice(None, None, stride))
    points, valid, indices = points[every], valid[every], indices[every]
    colors = None if color is None else color.reshape((*batch.shape, color.shape[-1]))[every]
    if invalid == "drop":
        return points[valid], None if colors is None else colors[valid], indices[valid]
    points = np.where(valid[..., None], points, np.nan if invalid == "nan" else 0.0)
    if colors is not None:
        colors = np.where(valid[..., None], colors, np.zeros((), colors.dtype))
    results = (points, colors, indices)
    return results if depth.ndim == 3 else tuple(None if r is None else r[0] for r in results)


def check_points(actual, exact, options):
    """Within 2 ulp per component, wider where a lens was undone or a pose cancels."""
    assert actual.shape == exact.shape, f"{actual.shape}, expected {exact.shape}"
    rounded = exact.astype(actual.dtype)
    error = 2 * np.spacing(np.abs(rounded)).astype(np.float64)
    if options.get("pose") is not None:
        error = error + 1e-14 * np.nanmax(np.abs(exact), initial=1.0)
    if options.get("distortion") is not None:
        error = error + 1e-6 * np.nanmax(np.abs(exact), initial=1.0)
    assert (np.isnan(actual) == np.isnan(exact)).all()
    fine = np.isnan(exact) | (np.abs(actual.astype(np.float64) - exact) <= error)
    if not fine.all():
        where = tuple(int(i) for i in np.argwhere(~fine)[0])
        raise AssertionError(f"{np.count_nonzero(~fine)} components are wrong, the first at {where}: {actual[where]!r}, {exact[where]!r}")


def readings(random, dtype, shape):
    depth = random.integers(0, 6000, shape).astype(dtype)
    depth[random.random(shape) < 0.1] = 0
    if dtype.kind == "i":
        depth[random.random(shape) < 0.1] *= -1
    if dtype.kind == "f":
        depth += random.random(shape).astype(dtype)
        for special in (0, -1, np.nan, np.inf, -np.inf, np.finfo(dtype).smallest_subnormal):
            depth[random.random(shape) < 0.04] = special
    return depth


def everything(depth, **options):
    """All results of a call, as a tuple of (points, colours or None, indices)."""
    points, *others = bs.depth_to_points(depth, *CAMERA, return_indices=True, **options)
    return points, others[0] if len(others) == 2 else None, others[-1]


SETTINGS = {
    "plain": {},
    "scale": {"depth_scale": 256.0, "min_depth": 2.0, "max_depth": 15.5},
    "odd scale": {"depth_scale": 4997.3, "min_depth": 0.1, "max_depth": 1.1},
    "negative readings": {"min_depth": -3.0},
    "opengl": {"frame": "opengl"},
    "inverted": {"frame": "inverted", "skew": 7.25},
    "radial": {"radial": True},
    "stride 2": {"stride": 2},
    "stride 3, skew": {"stride": 3, "skew": -2.5, "frame": "opengl"},
    "large stride": {"stride": 10**12},
    "pose": {"pose": turned()},
    "3 x 4 pose, frame": {"pose": turned(1.1)[:3].astype(np.float32), "frame": "inverted", "radial": True},
    "distortion": {"distortion": BARREL},
    "four coefficients": {"distortion": BARREL[:4], "stride": 2},
    "rational, all": {"distortion": RATIONAL, "radial": True, "pose": turned(), "frame": "opengl", "skew": 1.0},
}


@pytest.mark.parametrize("dtype", POINTS, ids=str)
@pytest.mark.parametrize("reading", DEPTHS, ids=str)
@pytest.mark.parametrize("options", SETTINGS.values(), ids=SETTINGS)
def test_every_setting(options, reading, dtype, random):
    for shape in [(7, 11), (3, 5, 6), (3, 530), (1, 1), (0, 4), (4, 0), (0, 3, 4), (18, 2, 3)]:
        depth = readings(random, reading, shape)
        mask = random.random(shape if shape[0] % 2 else shape[-2:]) < 0.8
        color = random.integers(0, 256, (*shape, 3)).astype(np.uint8)
        for invalid, extra in itertools.product(("nan", "zero", "drop"), ({}, {"mask": mask, "color": color})):
            both = {"invalid": invalid, **options, **extra}
            points, colors, indices = everything(depth, dtype=dtype, **both)
            exact, exact_colors, exact_indices = expected(depth, **both)
            assert points.dtype == dtype
            check_points(points, exact, options)
            assert_same(indices, exact_indices)
            if extra:
                assert_same(colors, exact_colors)


# ---- Known results -----------------------------------------------------------------------------------

def test_the_article():
    """z = -d / 1000, x = (u - cx) z / fx, y = (v - cy) z / fy: the article's program, as `inverted`."""
    depth = np.array([[0, 1500], [1000, 65535]], np.uint16)
    points = bs.depth_to_points(depth, 500.0, 400.0, 1.0, 0.5, frame="inverted", invalid="zero")
    want = [[[0, 0, 0], [0, 0.5 * 1.5 / 400, -1.5]], [[1 / 500, -0.5 / 400, -1], [0, -0.5 * 65.535 / 400, -65.535]]]
    assert np.allclose(points, want, rtol=3e-7, atol=0)


def test_readings_in_metres_stay_as_they_are(random):
    depth = random.uniform(0.5, 8, (20, 30)).astype(np.float32)
    points = bs.depth_to_points(depth, *CAMERA, depth_scale=1.0)
    assert_same(np.ascontiguousarray(points[..., 2]), depth)


# Printed by cv2.undistortPoints of OpenCV 5.0.0 with an identity camera, 1000 iterations.
OPENCV = {
    BARREL[:4]: [(0.433776111, -0.3255951731), (-0.6148540248, 0.2230961325), (0.0, 0.0), (0.3673401755, 0.7329300646)],
    BARREL: [(0.4336348688, -0.3254889845), (-0.6141792541, 0.2228523633), (0.0, 0.0), (0.3655339565, 0.7293432361)],
    RATIONAL: [(0.3915958755, -0.2942848857), (-0.5380433741, 0.1950993183), (0.0, 0.0), (0.298685559, 0.5986687055)],
}


@pytest.mark.parametrize("coefficients, rays", OPENCV.items(), ids=lambda value: str(len(value)))
def test_undistortion_against_opencv(coefficients, rays):
    """Pixels are made to lie where the points were shown: fx = fy = 100, with a stride of one pixel."""
    shown = [(0.4, -0.3), (-0.55, 0.2), (0.0, 0.0), (0.31, 0.62)]
    depth = np.ones((130, 121))
    points = bs.depth_to_points(depth, 100.0, 100.0, 60.0, 60.0, depth_scale=1.0, distortion=coefficients, dtype=np.float64)
    for (x, y), ray in zip(shown, rays):
        assert np.allclose(points[round(60 + 100 * y), round(60 + 100 * x), :2], ray, rtol=0, atol=1e-6)


def test_rays_beyond_the_lens_are_invalid():
    """x (1 - x^2) has its largest value, 0.385, at 0.577: no ray is shown further out."""
    depth = np.ones((1, 101))
    points = bs.depth_to_points(depth, 100.0, 100.0, 0.0, 0.0, depth_scale=1.0, distortion=(-1.0, 0, 0, 0), dtype=np.float64)[0]
    assert not np.isnan(points[:39]).any() and np.isnan(points[39:]).all()
    assert np.allclose(points[:39, 0] * (1 - points[:39, 0] ** 2), np.arange(39) / 100, atol=1e-9) and (points[:39, 0] < 0.578).all()
    assert len(bs.depth_to_points(depth, 100.0, 100.0, 0.0, 0.0, depth_scale=1.0, distortion=(-1.0, 0, 0, 0), invalid="drop")) == 39


def test_rays_come_back_through_wild_lenses(random):
    """Rays up to just before the fold of a lens, whose determinant is found by differences, are found again from where they are shown."""
    for trial in range(120):
        lens = [random.uniform(-.4, .4), random.uniform(-.15, .2), *random.uniform(-3e-3, 3e-3, 2), random.uniform(-.05, .05),
                random.uniform(-.2, .2), random.uniform(-.05, .05), random.uniform(-.02, .02)][:(4, 5, 8)[trial % 3]]
        angle, radius, h = np.linspace(0, 2 * np.pi, 64)[:, None], np.linspace(0, 1.2, 301)[None], 1e-6
        x, y = radius * np.cos(angle), radius * np.sin(angle)
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = (distorted(lens, x + i * h, y + j * h) for i, j in ((1, 0), (-1, 0), (0, 1), (0, -1)))
        folded = np.flatnonzero((((ax - bx) * (cy - dy) - (ay - by) * (cx - dx)) / (4 * h * h) <= 1e-2).any(0))
        limit = 0.95 * (radius[0, folded[0]] if len(folded) else 1.2)
        for _ in range(8):
            size, turn = limit * math.sqrt(random.random()), random.uniform(0, 2 * math.pi)
            ray = size * math.cos(turn), size * math.sin(turn)
            shown = distorted(lens, *ray)
            point = bs.depth_to_points(np.ones((1, 1)), 1.0, 1.0, -shown[0], -shown[1], depth_scale=1.0, distortion=lens, dtype=np.float64)
            assert np.allclose(point[0, 0, :2], ray, rtol=0, atol=1e-6), (lens, ray)


def test_against_open3d(random):
    """Its organised points of a 16-bit image, in the optical frame."""
    open3d = pytest.importorskip("open3d", reason="Open3D is not installed")
    depth = random.integers(0, 6000, (48, 64)).astype(np.uint16)
    depth[random.random(depth.shape) < 0.2] = 0
    camera = open3d.camera.PinholeCameraIntrinsic(64, 48, 52.5, 51.5, 31.5, 23.25)
    cloud = open3d.geometry.PointCloud.create_from_depth_image(open3d.geometry.Image(depth), camera, depth_scale=1000.0, depth_trunc=5.0)
    points = bs.depth_to_points(depth, 52.5, 51.5, 31.5, 23.25, max_depth=5.0, invalid="drop", dtype=np.float64)
    assert np.allclose(points, np.asarray(cloud.points), rtol=1e-6, atol=0)


@pytest.mark.parametrize("lens", [None, BARREL[:4], BARREL, RATIONAL], ids=str)
def test_projection_against_opencv(lens, random):
    """Every point falls on the pixel that cv2.projectPoints names."""
    cv2 = pytest.importorskip("cv2", reason="OpenCV is not installed")
    points = np.column_stack([random.uniform(-0.6, 0.6, (50, 2)), np.ones(50)]) * random.uniform(0.5, 3, (50, 1))
    matrix = np.array([[150.0, 0, 79.3], [0, 148.0, 60.7], [0, 0, 1]])
    pixels = cv2.projectPoints(points, np.zeros(3), np.zeros(3), matrix, None if lens is None else np.array(lens))[0].reshape(-1, 2)
    for point, pixel in zip(points, pixels):
        if np.abs(pixel - np.floor(pixel) - 0.5).min() < 1e-9:
            continue
        column, row = np.floor(pixel + 0.5).astype(int)
        image = bs.points_to_depth(point, 150.0, 148.0, 79.3, 60.7, (120, 160), distortion=lens, dtype=np.float64, depth_scale=1.0)
        inside = 0 <= row < 120 and 0 <= column < 160
        assert np.count_nonzero(image) == inside and (not inside or image[row, column] == point[2])


def test_drop_in_long_rows(random):
    """Points are brought together in vectors: every pattern of 16, and rows that end within one."""
    depth = random.integers(1, 9000, (70, 1031))
    depth[random.random(depth.shape) < np.linspace(0, 1, 70)[:, None]] = 0
    mask = random.random(depth.shape) < 0.5
    for reading in DEPTHS:
        for options in ({}, {"mask": mask}, {"stride": 2}):
            image = depth.astype(reading)
            listed, _, indices = everything(image, invalid="drop", **options)
            whole, _, places = everything(image, **options)
            valid = ~np.isnan(whole[..., 0])
            assert_same(listed, whole[valid])
            assert_same(indices, places[valid])


def test_poses_of_any_scale():
    for scale in (1e-200, 1e-9, 1.0, 1e9, 1e200):
        pose = np.diag([scale, scale, scale, 1.0])
        points = bs.depth_to_points(DEPTH, 2.0, 2.0, 1.0, 1.0, pose=pose, dtype=np.float64)
        assert_same(bs.points_to_depth(points, 2.0, 2.0, 1.0, 1.0, DEPTH.shape, pose=pose), DEPTH)


def test_bounds_compare_the_quotient(random):
    """Every 16-bit reading, and the floats next to each bound, on the side that float64 division says."""
    every = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    for scale in (1000.0, 999.9, 3.0, 1e-3, 0.1, 65535.0):
        for least, most in ((0.3, 1.7), (0.0, np.inf), (7 / scale, 70 / scale), (2.0, 2.0), (-1.0, 1e-9)):
            quotient = every / scale
            want = np.flatnonzero((quotient > least) & (quotient < most))
            for depth in (every, every.astype(np.int32), every.astype(np.float32), every.astype(np.float64)):
                indices = bs.depth_to_points(depth, *CAMERA, depth_scale=scale, min_depth=least, max_depth=most, invalid="drop", return_indices=True)[1]
                assert_same(indices, want)
    for dtype in POINTS:
        centre = random.uniform(0.5, 3, 20).astype(dtype) * dtype.type(1000)
        near = np.concatenate([np.nextafter(centre, dtype.type(0)), centre, np.nextafter(centre, dtype.type(1e6))])[None]
        for bound in (centre[0] / 1000.0, centre[7].astype(np.float64) / 1000.0):
            quotient = near.astype(np.float64) / 1000.0
            _, low = bs.depth_to_points(near, *CAMERA, min_depth=bound, invalid="drop", return_indices=True)
            _, high = bs.depth_to_points(near, *CAMERA, max_depth=bound, invalid="drop", return_indices=True)
            assert_same(low, np.flatnonzero(quotient > bound))
            assert_same(high, np.flatnonzero(quotient < bound))


# ---- Results: layouts, threads, out ----------------------------------------------------------------------

@pytest.mark.parametrize("layout_out", LAYOUTS)
def test_layouts(layout, layout_out, random):
    for reading, dtype, shape in itertools.product(DEPTHS, POINTS, [(9, 14), (3, 4, 5)]):
        depth, color = readings(random, reading, shape), random.random((*shape, 2))
        mask = random.random(shape) < 0.8
        for options in ({}, {"stride": 2, "pose": turned()}):
            want, want_colors, _ = everything(depth, dtype=dtype, mask=mask, color=color, **options)
            out = Placed(want.shape, dtype, layout_out)
            points, colors = bs.depth_to_points(place(depth, layout), *CAMERA, mask=place(mask, layout), color=place(color, layout_out),
                                                out=out.array, **options)
            assert points is out.array
            assert_same(points, want)
            assert_same(colors, want_colors)
            out.check()
            listed, _, _ = everything(depth, dtype=dtype, invalid="drop", **options)
            out = Placed((listed.shape[0] + 2, 3), dtype, layout_out)
            points = bs.depth_to_points(place(depth, layout), *CAMERA, out=out.array, invalid="drop", **options)
            assert points.shape == listed.shape and np.shares_memory(points, out.array)
            assert_same(points, listed)
            out.check()


@pytest.mark.parametrize("reversed_axes", [(), (0,), (1,), (2,), (0, 1), (0, 1, 2)], ids=str)
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
@pytest.mark.parametrize("dtype", POINTS, ids=str)
def test_points_in_every_order_of_their_axes(dtype, order, reversed_axes, random):
    """In memory rows, columns and components may follow each other in any order, each of them from either end."""
    flips = tuple(slice(None, None, -1 if axis in reversed_axes else 1) for axis in range(3))
    for reading, options in ((DEPTHS[0], {}), (DEPTHS[0], {"stride": 2, "frame": "opengl"}), (DEPTHS[1], {"pose": turned()}),
                             (DEPTHS[2], {"distortion": BARREL, "skew": 2.0, "radial": True})):
        depth, color = readings(random, reading, (11, 530)), random.random((11, 530, 2))
        mask = random.random((11, 530)) < 0.8
        step = options.get("stride", 1)
        shape = (len(range(0, 11, step)), len(range(0, 530, step)), 3)
        for extra in ({}, {"mask": mask, "color": color, "invalid": "zero"}):
            memory = np.zeros([shape[axis] for axis in order], dtype)
            out = memory.transpose(np.argsort(order))[flips]
            results = bs.depth_to_points(depth, *CAMERA, out=out, return_indices=True, **options, **extra)
            exact, colors, indices = expected(depth, CAMERA, **options, **extra)
            assert results[0] is out
            check_points(out, exact, options)
            assert_same(results[-1], indices)
            if extra:
                assert_same(results[1], colors)


@pytest.mark.parametrize("options", [{}, {"skew": 1.0}, {"pose": turned(), "invalid": "zero"}, {"frame": "opengl", "radial": True}], ids=str)
@pytest.mark.parametrize("reading, dtype", list(itertools.product(("uint16", "float32", "float64"), POINTS)), ids=str)
def test_points_with_gaps_after_each(reading, dtype, options, random):
    """As in clouds whose points have four or eight numbers; in any order, up- and downwards, and at odd addresses."""
    for columns in (1, 7, 8, 15, 16, 17, 33, 530):
        depth = random.integers(0, 3, (2, columns)).astype(reading) * 700
        exact, _, _ = expected(depth, CAMERA, **options)
        dense = bs.depth_to_points(depth, *CAMERA, dtype=dtype, **options)
        size = dense.itemsize
        for pitch, step, first in [(4 * size, size, 0), (4 * size, -size, 2 * size), (8 * size, size, 4 * size), (3 * size + 1, size, 0),
                                   (-4 * size, size, 0), (6 * size, size, 1)]:
            length = 2 * columns * abs(pitch)
            memory = np.full(length + 64, 0xA5, np.uint8)
            begin = first + (length - abs(pitch) if pitch < 0 else 0)
            out = np.ndarray((2, columns, 3), dtype, memory, begin, (columns * pitch, pitch, step))
            bs.depth_to_points(depth, *CAMERA, out=out, **options)
            check_points(out, exact, options)
            assert_same(out, dense)  # bit for bit, as in every layout
            gaps = np.ones(len(memory), bool)
            for axis in range(3):
                starts = begin + pitch * np.arange(2 * columns) + step * axis
                gaps[(starts[:, None] + np.arange(size)).ravel()] = False
            assert (memory[gaps] == 0xA5).all()


@pytest.mark.parametrize("options", [{}, {"invalid": "drop"}, {"invalid": "drop", "distortion": BARREL, "pose": turned()}, {"stride": 3, "radial": True}],
                         ids=str)
def test_threads_do_not_change_a_bit(options, random):
    for shape in [(480, 640), (20, 67, 53)]:
        for reading in DEPTHS:
            depth, color = readings(random, reading, shape), random.integers(0, 9, (*shape, 1))
            one = everything(depth, color=color, threads=1, **options)
            for threads in (2, 5):
                for a, b in zip(everything(depth, color=color, threads=threads, **options), one):
                    assert_same(a, b)


def test_a_batch_is_its_images(random):
    depth, mask = readings(random, DEPTHS[2], (5, 13, 17)), random.random((13, 17)) < 0.7
    for options in ({}, {"distortion": RATIONAL}, {"stride": 2, "skew": 1.5}):
        whole = bs.depth_to_points(depth, *CAMERA, mask=mask, **options)
        apart = [bs.depth_to_points(image, *CAMERA, mask=mask, **options) for image in depth]
        assert_same(whole, np.stack(apart))
        listed = [bs.depth_to_points(image, *CAMERA, mask=mask, invalid="drop", **options) for image in depth]
        assert_same(bs.depth_to_points(depth, *CAMERA, mask=mask, invalid="drop", **options), np.concatenate(listed))


def test_colors_of_every_dtype(random):
    depth = readings(random, DEPTHS[0], (6, 7))
    valid = depth > 0
    for name in ("bool", "uint8", "int16", "float16", "float64", "complex128"):
        for channels in (0, 1, 4, 37):
            color = (random.random((6, 7, channels)) * 100).astype(name)
            _, colors = bs.depth_to_points(depth, *CAMERA, color=color)
            assert_same(colors, np.where(valid[..., None], color, np.zeros((), name)))
            _, colors = bs.depth_to_points(depth, *CAMERA, color=color, invalid="drop")
            assert_same(colors, color[valid])


def test_too_few_rows(random):
    depth = readings(random, DEPTHS[0], (9, 9))
    needed = np.count_nonzero(depth)
    out = np.full((needed - 1, 3), 7, np.float32)
    with pytest.raises(bs.ShapeError, match=f"{needed - 1} rows, {needed} are needed"):
        bs.depth_to_points(depth, *CAMERA, invalid="drop", out=out)
    assert (out == 7).all()
    out = np.full((needed, 3), 7, np.float32)
    assert bs.depth_to_points(depth, *CAMERA, invalid="drop", out=out).shape == (needed, 3)
    assert bs.depth_to_points(np.zeros((4, 5), np.uint16), *CAMERA, invalid="drop").shape == (0, 3)


# ---- Back again ----------------------------------------------------------------------------------------

@pytest.mark.parametrize("options", [{}, {"frame": "opengl", "pose": turned()}, {"frame": "inverted", "skew": 3.0},
                                     {"distortion": BARREL, "depth_scale": 512.0}, {"distortion": RATIONAL, "pose": turned()[:3]}], ids=str)
@pytest.mark.parametrize("dtype", POINTS, ids=str)
def test_round_trip(options, dtype, random):
    for reading in DEPTHS:
        depth = random.integers(0, 65536, (120, 160)).astype(reading)
        camera = (180.0, 175.0, 80.2, 60.1)
        for invalid in ("nan", "zero", "drop"):
            if invalid == "zero" and "pose" in options:
                continue  # (0, 0, 0) is a place like any other then
            points = bs.depth_to_points(depth, *camera, invalid=invalid, dtype=dtype, **options)
            back = bs.points_to_depth(points, *camera, depth.shape, dtype=reading, **options)
            assert back.dtype == reading
            if reading.kind in "iu":
                off = np.abs(back.astype(int) - depth.astype(int))
                assert off.max() <= (0 if dtype == np.float64 else 1) and np.count_nonzero(off) < 60
            else:
                assert np.allclose(back, depth, rtol=1e-5, atol=5e-3) if dtype == np.float32 else np.allclose(back, depth, rtol=1e-7)


def nearest_points(points, camera, shape, depth_scale=1000.0):
    fx, fy, cx, cy = camera
    best = np.full(shape, np.inf)
    for x, y, z in points.reshape(-1, 3).astype(np.float64):
        if not z > 0:
            continue
        u, v = fx * (x / z) + cx, fy * (y / z) + cy
        if not (np.isfinite(u) and np.isfinite(v)):
            continue
        column, row = math.floor(u + 0.5), math.floor(v + 0.5)
        if 0 <= column < shape[1] and 0 <= row < shape[0]:
            best[row, column] = min(best[row, column], z)
    return np.where(np.isinf(best), 0, best * depth_scale)


@pytest.mark.parametrize("dtype", POINTS, ids=str)
def test_nearest_points_win(dtype, random):
    camera = (10.0, 12.0, 4.0, 3.0)
    for shape in [(400, 3), (20, 30, 3), (4, 5, 6, 3), (0, 3), (3,)]:
        points = (random.standard_normal(shape) * 3).astype(dtype)
        points[random.random(shape) < 0.03] = np.nan
        exact = nearest_points(points, camera, (7, 9))
        for reading in DEPTHS:
            want = np.clip(np.rint(exact), None, 65535) if reading == np.uint16 else np.rint(exact) if reading.kind == "i" else exact
            result = bs.points_to_depth(points, *camera, (7, 9), dtype=reading)
            assert np.allclose(result, want, rtol=1e-6, atol=0)
        for layout in LAYOUTS:
            out = Placed((7, 9), "uint16", layout)
            assert bs.points_to_depth(place(points, layout), *camera, (7, 9), out=out.array) is out.array
            assert_same(out.array, bs.points_to_depth(points, *camera, (7, 9)))
            out.check()


@pytest.mark.parametrize("shape", [(48, 64), (7, 9), (1000, 1500)])  # more points than pixels, and fewer than a fourth
def test_nearest_points_of_all_threads(shape, random):
    camera = (30.0, 31.0, shape[1] / 2, shape[0] / 2)
    points = random.standard_normal((100_000, 3)) * [1, 1, 3]
    x, y, z = (points[points[:, 2] > 0]).T
    column, row = (np.floor(f * along / z + center + 0.5) for f, along, center in ((camera[0], x, camera[2]), (camera[1], y, camera[3])))
    inside = (column >= 0) & (column < shape[1]) & (row >= 0) & (row < shape[0])
    nearest = np.full(shape, np.inf)
    np.minimum.at(nearest, (row[inside].astype(int), column[inside].astype(int)), z[inside])
    for threads in (1, 2, 5):
        assert_same(bs.points_to_depth(points, *camera, shape, dtype=np.float64, depth_scale=1.0, threads=threads),
                    np.where(nearest == np.inf, 0, nearest))


def test_pixels_rounding_saturation():
    def image(points, **options):
        return bs.points_to_depth(np.array(points, np.float64), 1.0, 1.0, 0.0, 0.0, (2, 2), **options).tolist()
    assert image([[0.5, 0, 1]]) == [[0, 1000], [0, 0]]          # half up
    assert image([[-0.5, -0.5, 1]]) == [[1000, 0], [0, 0]]
    assert image([[0.49999999999999994, 0, 1]]) == [[1000, 0], [0, 0]]
    assert image([[1.5, 0, 1], [-0.51, 0, 1], [0, 0, -1], [0, 0, 0], [0, 0, np.nan], [np.nan, 0, 1]]) == [[0, 0], [0, 0]]
    assert image([[0, 0, 70.0]]) == [[65535, 0], [0, 0]]
    assert image([[0, 0, 3e9]], dtype=np.int32) == [[2**31 - 1, 0], [0, 0]]
    assert image([[0, 0, 0.0005], [0, 0, 0.0015], [0, 1e-3, 0.0025]]) == [[0, 0], [0, 0]]  # the nearest rounds to 0
    assert image([[0, 0, 0.0015]]) == [[2, 0], [0, 0]]          # half to even
    assert image([[0, 0, 0.0025]]) == [[2, 0], [0, 0]]
    assert image([[0, 0, 1e300]], dtype=np.float32) == [[float(np.finfo(np.float32).max), 0], [0, 0]]
    assert image([[0, 0, 1e306]], dtype=np.float64) == [[float(np.finfo(np.float64).max), 0], [0, 0]]
    assert bs.points_to_depth(np.zeros((0, 3)), 1, 1, 0, 0, (0, 5)).shape == (0, 5)


# ---- Errors ----------------------------------------------------------------------------------------------

DEPTH = np.full((4, 5), 1000, np.uint16)


def convert(out=None, depth=DEPTH, camera=(1.0, 1.0, 0.0, 0.0), **options):
    return bs.depth_to_points(depth, *camera, out=out, **options)


NOT_NUMBERS = [np.nan, np.inf, -np.inf, "1", None, 10**400]
ERRORS = {
    "one dimension": ({"depth": DEPTH[0]}, bs.ShapeError, "depth"),
    "four dimensions": ({"depth": DEPTH[None, None]}, bs.ShapeError, "depth"),
    "int64": ({"depth": DEPTH.astype(np.int64)}, bs.DTypeError, "uint16, int32, float32"),
    "uint8": ({"depth": DEPTH.astype(np.uint8)}, bs.DTypeError, "depth"),
    "float16": ({"depth": DEPTH.astype(np.float16)}, bs.DTypeError, "depth"),
    "byte order": ({"depth": DEPTH.astype(DEPTH.dtype.newbyteorder())}, bs.DTypeError, "byte order"),
    **{f"fx {value!r:.5}": ({"camera": (value, 1, 0, 0)}, bs.OptionError, "fx") for value in [0, *NOT_NUMBERS]},
    **{f"fy {value!r:.5}": ({"camera": (1, value, 0, 0)}, bs.OptionError, "fy") for value in [0, *NOT_NUMBERS]},
    **{f"cx {value!r:.5}": ({"camera": (1, 1, value, 0)}, bs.OptionError, "cx") for value in NOT_NUMBERS},
    **{f"cy {value!r:.5}": ({"camera": (1, 1, 0, value)}, bs.OptionError, "cy") for value in NOT_NUMBERS},
    **{f"skew {value!r:.5}": ({"skew": value}, bs.OptionError, "skew") for value in NOT_NUMBERS},
    **{f"scale {value!r:.5}": ({"depth_scale": value}, bs.OptionError, "depth_scale") for value in [0, -1000.0, *NOT_NUMBERS]},
    **{f"stride {value!r:.5}": ({"stride": value}, bs.OptionError, "stride") for value in [0, -1, 1.5, None, 10**30]},
    "min_depth": ({"min_depth": np.nan}, bs.OptionError, "min_depth"),
    "max_depth": ({"max_depth": np.nan}, bs.OptionError, "max_depth"),
    "max_depth 0": ({"max_depth": 0}, bs.OptionError, "max_depth"),
    "invalid": ({"invalid": "skip"}, bs.OptionError, "invalid.*'nan', 'zero', 'drop'"),
    "invalid list": ({"invalid": ["nan"]}, bs.OptionError, "invalid"),
    "frame": ({"frame": "ros"}, bs.OptionError, "frame.*'optical', 'opengl', 'inverted'"),
    "pose shape": ({"pose": np.eye(3)}, bs.ShapeError, "pose"),
    "pose dimensions": ({"pose": np.eye(4).ravel()}, bs.ShapeError, "pose"),
    "pose NaN": ({"pose": np.full((3, 4), np.nan)}, bs.OptionError, "pose"),
    "pose last row": ({"pose": np.ones((4, 4))}, bs.OptionError, "pose"),
    "pose dtype": ({"pose": np.eye(4) + 0j}, bs.DTypeError, "pose"),
    "coefficients": ({"distortion": [0.1, 0.2, 0.3]}, bs.ShapeError, "distortion"),
    "coefficient shape": ({"distortion": np.zeros((1, 5))}, bs.ShapeError, "distortion"),
    "coefficient NaN": ({"distortion": [0, 0, np.nan, 0]}, bs.OptionError, "distortion"),
    "mask shape": ({"mask": np.ones((5, 4), bool)}, bs.ShapeError, "mask"),
    "mask dimensions": ({"mask": np.ones((1, 4, 5), bool)}, bs.ShapeError, "mask"),
    "mask dtype": ({"mask": DEPTH}, bs.DTypeError, "mask"),
    "color shape": ({"color": np.zeros((4, 6, 3), np.uint8)}, bs.ShapeError, "color"),
    "color dimensions": ({"color": DEPTH}, bs.ShapeError, "color"),
    "dtype": ({"dtype": np.float16}, bs.DTypeError, "dtype.*float32, float64"),
    "dtype and out": ({"dtype": np.float64}, bs.DTypeError, "out"),
    "threads": ({"threads": -1}, bs.OptionError, "threads"),
}


@pytest.mark.parametrize("arguments, kind, text", ERRORS.values(), ids=ERRORS)
def test_errors_leave_out_untouched(arguments, kind, text):
    out = np.full((4, 5, 3), 7, np.float32)
    with pytest.raises(kind, match=text) as caught:
        convert(out, **arguments)
    assert isinstance(caught.value, bs.Error)
    assert (out == 7).all()


@pytest.mark.parametrize("out, kind", [
    (np.zeros((4, 5, 2), np.float32), bs.ShapeError), (np.zeros((20, 3), np.float32), bs.ShapeError), (np.zeros((5, 4, 3), np.float32), bs.ShapeError),
    (np.zeros((4, 5, 3), np.int32), bs.DTypeError), (np.broadcast_to(np.float32(0), (4, 5, 3)), bs.ReadOnlyError)], ids=str)
def test_wrong_out(out, kind):
    with pytest.raises(kind, match="points|out"):
        convert(out)


def test_out_decides_the_dtype():
    out = np.empty((4, 5, 3))
    assert convert(out) is out and np.allclose(out[..., 2], 1)


def test_overlap():
    memory = np.ones((4, 5, 4), np.float32)
    with pytest.raises(bs.OverlapError, match="depth"):
        convert(memory[..., :3], memory[..., 1])
    convert(memory[..., :3], memory[..., 3])  # interleaved, without a common byte
    with pytest.raises(bs.OverlapError, match="color"):
        convert(memory[..., :3], color=memory)
    with pytest.raises(bs.OverlapError, match="points"):
        bs.points_to_depth(memory[..., :3], 1, 1, 0, 0, (4, 5), out=memory[..., 2])


@pytest.mark.parametrize("change, kind, text", [
    ({"points": np.zeros((4, 2))}, bs.ShapeError, "points"), ({"points": np.float64(3)}, bs.ShapeError, "points"),
    ({"points": np.zeros((4, 3), np.int64)}, bs.DTypeError, "points"), ({"shape": (4,)}, bs.ShapeError, "shape"),
    ({"shape": (4, -1)}, bs.ShapeError, "shape"), ({"shape": 4}, bs.ShapeError, "shape"), ({"shape": (4.0, 5)}, bs.ShapeError, "shape"),
    ({"dtype": np.uint8}, bs.DTypeError, "dtype"), ({"depth_scale": 0}, bs.OptionError, "depth_scale"), ({"fx": 0}, bs.OptionError, "fx"),
    ({"fy": np.nan}, bs.OptionError, "fy"), ({"cy": np.inf}, bs.OptionError, "cy"), ({"skew": np.nan}, bs.OptionError, "skew"),
    ({"frame": "x"}, bs.OptionError, "frame"), ({"pose": np.diag([1, 1, 0, 1.0])}, bs.OptionError, "pose"), ({"pose": np.eye(2)}, bs.ShapeError, "pose"),
    ({"out": np.zeros((4, 6), np.uint16)}, bs.ShapeError, "out"), ({"out": np.zeros((4, 5), np.uint8)}, bs.DTypeError, "out"),
    ({"distortion": [1, 2]}, bs.ShapeError, "distortion"), ({"threads": -2}, bs.OptionError, "threads")], ids=str)
def test_errors_of_the_way_back(change, kind, text):
    arguments = {"points": np.zeros((4, 3)), "fx": 1, "fy": 1, "cx": 0, "cy": 0, "shape": (4, 5), **change}
    with pytest.raises(kind, match=text):
        bs.points_to_depth(arguments.pop("points"), **arguments)
