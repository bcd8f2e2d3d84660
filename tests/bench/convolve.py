"""Convolution against OpenCV and SciPy."""
import bytestride as bs
import cv2
import numpy as np
from race import Row
from scipy import ndimage

SIZES = {"128^2": (128, 128), "1080p": (1080, 1920), "4096^2": (4096, 4096), "4032^2": (4032, 4032)}
SCIPY_UP_TO = 2e8  # pixels x taps: beyond it SciPy's loop takes seconds


def rows(threads):
    cv2.setNumThreads(threads)
    float32, float64, uint8 = np.float32, np.float64, np.uint8
    for size in ("128^2", "1080p", "4096^2"):
        for dtype in (float32, float64):
            for taps in (3, 5):
                goal = 1.5 if (size, dtype, taps) == ("128^2", float64, 3) else 1.0
                yield square(size, dtype, dtype, taps, threads, goal)
    for dtype in (float32, float64):
        # 4096 is a power of two: its rows fall into the same cache sets, 4032 shows the difference.
        yield square("4032^2", dtype, dtype, 3, threads)
        for taps, goal in ((7, None), (9, None), (15, 1.0)):
            yield square("1080p", dtype, dtype, taps, threads, goal)
    for taps in (3, 5, 15):
        yield square("1080p", uint8, float32, taps, threads, 1.0)
    for taps in (3, 5):
        yield square("1080p", uint8, np.int16, taps, threads, 1.0)
        yield square("128^2", uint8, float32, taps, threads)
    yield square("1080p", np.uint16, float32, 5, threads)
    for dtype, taps, goal in ((float32, 15, 1.6), (float32, 31, 1.6), (float32, 63, 1.5), (float64, 15, 1.5), (float64, 31, 1.25), (float64, 63, 1.15)):
        yield square("1080p", dtype, dtype, taps, threads, goal, method="fft")
    for dtype in (float32, float64):
        for taps in (7, 15, 63):
            yield separable("1080p", dtype, taps, threads)
    yield from views(threads)


def square(size, dtype, kernel_dtype, taps, threads, goal=None, method="auto"):
    """A kernel that is not separable. OpenCV's border of the same name as ours has another meaning: BORDER_REFLECT is `reflect`."""
    random = np.random.default_rng(taps)
    exact = np.dtype(kernel_dtype).kind == "i"
    kernel = random.integers(-3, 4, (taps, taps)) if exact else random.random((taps, taps)) / taps**2
    kernel = kernel.astype(kernel_dtype)
    image = (255 * random.random(SIZES[size])).astype(dtype)
    ours, theirs = np.empty_like(image), np.empty_like(image)
    for_opencv = kernel if kernel.dtype == np.float64 else kernel.astype(np.float32)
    peers = {"opencv": lambda: cv2.filter2D(image, -1, for_opencv, theirs, borderType=cv2.BORDER_REFLECT)}
    if np.dtype(dtype).kind == "f" and image.size * kernel.size < SCIPY_UP_TO:
        scipys = np.empty_like(image)
        peers["scipy"] = lambda: ndimage.correlate(image, kernel, scipys, mode="reflect")
    # Integer results may fall on either side of a tie; OpenCV's transform of large float kernels is less accurate.
    bound = 1.0 if np.dtype(dtype).kind == "u" else 255 * 64 * kernel.size * float(np.finfo(dtype).eps)
    name = f"convolve {taps}x{taps} {np.dtype(dtype)} by {np.dtype(kernel_dtype)}, {size}, {'' if method == 'auto' else method + ', '}out="
    return Row(name, lambda: bs.correlate(image, kernel, boundary="reflect", method=method, out=ours, threads=threads), peers, threads, bound,
               goal)


def separable(size, dtype, taps, threads):
    random = np.random.default_rng(taps)
    steps = np.arange(taps) - taps // 2
    factor = np.exp(-(steps**2) / (2 * (taps / 5) ** 2))
    factor = (factor / factor.sum()).astype(dtype)
    kernel = np.outer(factor, factor)
    image = (255 * random.random(SIZES[size])).astype(dtype)
    ours, theirs, between, scipys = (np.empty_like(image) for _ in range(4))

    def by_scipy():
        ndimage.correlate1d(image, factor, 1, between, mode="reflect")
        return ndimage.correlate1d(between, factor, 0, scipys, mode="reflect")

    peers = {"opencv": lambda: cv2.sepFilter2D(image, -1, factor, factor, theirs, borderType=cv2.BORDER_REFLECT), "scipy": by_scipy}
    return Row(f"convolve separable {taps}x{taps} {np.dtype(dtype)}, {size}, out=",
               lambda: bs.correlate(image, kernel, boundary="reflect", out=ours, threads=threads), peers, threads,
               255 * 8 * taps * float(np.finfo(dtype).eps), 1.0)


def views(threads):
    """A view against the contiguous array: it may cost 1.5 times as much."""
    height, width = SIZES["1080p"]
    random = np.random.default_rng(3)
    kernel = random.random((3, 3)).astype(np.float32)
    for dtype in (np.float32, np.uint8):
        image = (28 * random.random((height, width))).astype(dtype)
        channels = np.zeros((height, width, 2), dtype)
        channels[..., 0] = image
        forms = {"negative strides": np.ascontiguousarray(image[::-1, ::-1])[::-1, ::-1],
                 "transposed": np.ascontiguousarray(image.T).T, "one channel of two": channels[..., 0]}
        ours, contiguous = np.empty_like(image), np.empty_like(image)
        for form, view in forms.items():
            yield Row(f"convolve 3x3 {np.dtype(dtype)}, 1080p, {form}, out=", lambda: bs.correlate(view, kernel, out=ours, threads=threads),
                      {"contiguous": lambda: bs.correlate(image, kernel, out=contiguous, threads=threads)}, threads, goal=1 / 1.5)
