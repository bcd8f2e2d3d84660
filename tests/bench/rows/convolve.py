"""Convolution against OpenCV and SciPy."""
from functools import partial

import bytestride as bs
import cv2
import numpy as np
from machine import Work, amd_or_intel
from race import Candidates, Row
from scipy import ndimage, signal

SIZES = {"128^2": (128, 128), "1080p": (1080, 1920), "4096^2": (4096, 4096), "4032^2": (4032, 4032)}
SCIPY_UP_TO = 2e8  # pixels x taps: beyond it SciPy's loop takes seconds


def direct_work(image, taps):
    """One multiply-add per tap and pixel. Integers have instructions of their own, whose limit is not measured."""
    if image.dtype.kind != "f":
        return None
    return Work(read=image.nbytes, written=image.nbytes, **{f"multiply_adds{8 * image.itemsize}": float(image.size * taps)})


def random_kernel(dtype, taps):
    """No outer product."""
    random = np.random.default_rng(taps)
    if np.dtype(dtype).kind == "i":
        return random.integers(-3, 4, (taps, taps)).astype(dtype)
    return (random.random((taps, taps)) / taps**2).astype(dtype)


def random_image(dtype, size):
    return (255 * np.random.default_rng(0).random(SIZES[size])).astype(dtype)


def square(dtype, kernel_dtype, size, taps, threads):
    """OpenCV's border of the same name as ours has another meaning: BORDER_REFLECT is `reflect`."""
    image, kernel = random_image(dtype, size), random_kernel(kernel_dtype, taps)
    ours, theirs = np.empty_like(image), np.empty_like(image)
    for_opencv = kernel if kernel.dtype == np.float64 else kernel.astype(np.float32)
    peers = {"opencv": lambda: cv2.filter2D(image, -1, for_opencv, theirs, borderType=cv2.BORDER_REFLECT)}
    if image.dtype.kind == "f" and image.size * kernel.size < SCIPY_UP_TO:
        scipys = np.empty_like(image)
        peers["scipy"] = lambda: ndimage.correlate(image, kernel, scipys, mode="reflect")
    # Integer results may fall on either side of a tie; OpenCV's transform of large float kernels is less accurate.
    bound = 1.0 if image.dtype.kind == "u" else 255 * 64 * kernel.size * float(np.finfo(dtype).eps)
    return Candidates(lambda: bs.correlate(image, kernel, boundary="reflect", out=ours, threads=threads), peers, bound,
                      direct_work(image, kernel.size))


def large(dtype, taps, method, threads):
    """Zeros outside, so that SciPy's blocks of Fourier transforms can take part."""
    image, kernel = random_image(dtype, "1080p"), random_kernel(dtype, taps)
    ours, theirs = np.empty_like(image), np.empty_like(image)
    turned = kernel[::-1, ::-1].copy()
    peers = {"opencv": lambda: cv2.filter2D(image, -1, kernel, theirs, borderType=cv2.BORDER_CONSTANT),
             "scipy oaconvolve": lambda: signal.oaconvolve(image, turned, mode="same")}
    return Candidates(lambda: bs.correlate(image, kernel, method=method, out=ours, threads=threads), peers,
                      255 * 64 * taps * float(np.finfo(dtype).eps))


def separable(dtype, taps, threads):
    steps = np.arange(taps) - taps // 2
    factor = np.exp(-(steps**2) / (2 * (taps / 5) ** 2))
    factor = (factor / factor.sum()).astype(dtype)
    kernel, image = np.outer(factor, factor), random_image(dtype, "1080p")
    ours, theirs, between, scipys = (np.empty_like(image) for _ in range(4))

    def by_scipy():
        ndimage.correlate1d(image, factor, 1, between, mode="reflect")
        return ndimage.correlate1d(between, factor, 0, scipys, mode="reflect")

    peers = {"opencv": lambda: cv2.sepFilter2D(image, -1, factor, factor, theirs, borderType=cv2.BORDER_REFLECT), "scipy": by_scipy}
    return Candidates(lambda: bs.correlate(image, kernel, boundary="reflect", out=ours, threads=threads), peers,
                      255 * 8 * taps * float(np.finfo(dtype).eps), direct_work(image, 2 * taps))


f32, f64, u8, u16, i16 = np.float32, np.float64, np.uint8, np.uint16, np.int16
ROWS = [Row(f"convolve {taps}x{taps} {np.dtype(dtype)} by {np.dtype(kernel)}, {size}, out=", partial(square, dtype, kernel, size, taps), target)
        for dtype, kernel, size, taps, target in (
            (f32, f32, "128^2", 3, (1.5, 1.5)), (f32, f32, "128^2", 5, (1.6, 2.3)),
            (f64, f64, "128^2", 3, (amd_or_intel(1.6, 2.2), 2.5)), (f64, f64, "128^2", 5, (2.5, 3.7)),
            (f32, f32, "1080p", 3, (1.2, 1.4)), (f32, f32, "1080p", 5, (1.6, 2.0)), (f32, f32, "1080p", 7, None),
            (f32, f32, "1080p", 9, (1.4, 1.6)), (f32, f32, "1080p", 15, (2.2, 4.4)),
            (f64, f64, "1080p", 3, (2.0, 3.5)), (f64, f64, "1080p", 5, (2.8, 3.6)), (f64, f64, "1080p", 7, (2.0, 1.8)),
            (f64, f64, "1080p", 9, (1.8, 3.4)), (f64, f64, "1080p", 15, (1.5, 2.4)),
            (f32, f32, "4096^2", 3, (1.7, 3.0)), (f32, f32, "4096^2", 5, (1.9, 3.6)), (f32, f32, "4032^2", 3, None),
            (f64, f64, "4096^2", 3, (2.3, 3.5)), (f64, f64, "4096^2", 5, (2.8, 4.0)), (f64, f64, "4032^2", 3, None),
            (u8, f32, "1080p", 3, (1.8, 1.8)), (u8, i16, "1080p", 3, (3.0, 3.3)), (u8, f32, "1080p", 5, (2.6, 2.4)),
            (u8, i16, "1080p", 5, (4.0, 4.0)), (u8, f32, "1080p", 15, (2.9, 5.5)), (u16, f32, "1080p", 5, (8.0, 8.0)),
            (u8, f32, "128^2", 3, None), (u8, f32, "128^2", 5, None))]
ROWS += [Row(f"convolve separable {taps}x{taps} {np.dtype(dtype)}, 1080p, out=", partial(separable, dtype, taps), target)
         for dtype, taps, target in ((f32, 7, (2.0, 2.0)), (f32, 15, (2.2, 2.7)), (f32, 63, (2.7, 3.3)), (f64, 15, None), (f64, 63, (2.5, 3.1)))]
ROWS += [Row(f"convolve by fft {taps}x{taps} {np.dtype(dtype)}, 1080p, out=", partial(large, dtype, taps, "fft"), target)
         for dtype, taps, target in ((f64, 15, (1.5, 2.4)), (f32, 31, (1.6, 2.8)), (f32, 63, (1.5, 2.3)), (f64, 31, (1.25, 2.2)), (f64, 63, (1.15, 2.0)))]
ROWS += [Row(f"convolve {taps}x{taps} {np.dtype(dtype)} by {np.dtype(dtype)}, 1080p, zeros outside, out=", partial(large, dtype, taps, "auto"))
         for dtype in (f32, f64) for taps in (31, 63)]
