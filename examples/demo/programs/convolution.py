"""The convolution article: filters on a photograph, and its own 128 x 128 case."""
import bytestride as bs
import cv2
import numpy as np
from scipy import ndimage, signal

from case import Case, Picture
from photographs import astronaut, grey

ORDER = 1
TITLE = "Convolution"
SOURCE = ("The article speeds up a two-dimensional convolution, from loops in Python to Cython "
          "(module convolution of the project liamdalg/imgproc).")
TEXT = ("Every output pixel is the weighted sum of its neighbours, with the kernel flipped and zero outside of the image. "
        "The article's form is four nested loops that read one element of a NumPy array at a time. All forms compute in float64, "
        "but for the case named uint8, which goes from bytes to bytes.")

SHARPEN = np.array([[0.0, -1.0, 0.0], [-1.0, 5.0, -1.0], [0.0, -1.0, 0.0]])
OUTLINE = np.array([[-1.0, -1.0, -1.0], [-1.0, 8.0, -1.0], [-1.0, -1.0, -1.0]])
SOBEL = np.array([[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]])
BELL = np.exp(-0.5 * (np.arange(-7, 8) / 3.0) ** 2)
BELL /= BELL.sum()
BLUR = np.outer(BELL, BELL)


def by_loops(image, kernel):
    """The article's form: one plane, one tap at a time."""
    rows, columns = image.shape
    height, width = kernel.shape
    result = np.zeros(image.shape)
    for i in range(rows):
        for j in range(columns):
            total = 0.0
            for k in range(height):
                for m in range(width):
                    y, x = i + (height - 1) // 2 - k, j + (width - 1) // 2 - m
                    if 0 <= y < rows and 0 <= x < columns:
                        total += image[y, x] * kernel[k, m]
            result[i, j] = total
    return result


def channels_by_loops(image, kernel, out):
    for channel in range(image.shape[2]):
        out[..., channel] = by_loops(image[..., channel], kernel)
    return out


def bytes_by_loops(image, kernel, out):
    for channel in range(image.shape[2]):
        out[..., channel] = np.clip(by_loops(image[..., channel].astype(float), kernel), 0, 255)
    return out


def sobel_by_loops(image, out):
    across, down = by_loops(image, SOBEL), by_loops(image, SOBEL.T)
    for i, j in np.ndindex(image.shape):
        out[i, j] = (across[i, j] ** 2 + down[i, j] ** 2) ** 0.5
    return out


def by_slices(image, kernel, out):
    """NumPy alone: the image, shifted once for every tap that is not zero."""
    height, width = kernel.shape
    rows, columns = image.shape[:2]
    margins = [(height // 2, height // 2), (width // 2, width // 2)] + [(0, 0)] * (image.ndim - 2)
    padded = np.pad(image, margins)
    flipped = kernel[::-1, ::-1]
    out[...] = 0
    for (k, m), weight in np.ndenumerate(flipped):
        if weight:
            out += weight * padded[k:k + rows, m:m + columns]
    return out


def bytes_by_slices(image, kernel, out):
    wide = by_slices(image.astype(np.int16), kernel, np.empty(image.shape, np.int16))
    return np.clip(wide, 0, 255, out=out, casting="unsafe")


def bytes_by_ndimage(image, kernel, out):
    wide = ndimage.convolve(image, kernel[:, :, None], output=np.int16, mode="constant")
    return np.clip(wide, 0, 255, out=out, casting="unsafe")


def by_ndimage(image, kernel, out):
    return ndimage.convolve(image, kernel if image.ndim == 2 else kernel[:, :, None], output=out, mode="constant")


def by_convolve2d(image, kernel, out):
    return signal.convolve2d(image, kernel, mode="same")


def by_one_dimension(image, kernel, out):
    """SciPy, told that the kernel is an outer product."""
    middle = ndimage.convolve1d(image, BELL, axis=0, mode="constant")
    return ndimage.convolve1d(middle, BELL, axis=1, mode="constant", output=out)


def by_fourier(image, kernel, out):
    return signal.oaconvolve(image, kernel[:, :, None], mode="same", axes=(0, 1))


def by_opencv(image, kernel, out):
    return cv2.filter2D(image, -1, kernel[::-1, ::-1].astype(float), dst=out, borderType=cv2.BORDER_CONSTANT)


def by_one_dimension_of_opencv(image, kernel, out):
    return cv2.sepFilter2D(image, -1, BELL, BELL, dst=out, borderType=cv2.BORDER_CONSTANT)


def sobel_by_opencv(image, out):
    across, down = (cv2.Sobel(image, -1, *order, borderType=cv2.BORDER_CONSTANT) for order in ((1, 0), (0, 1)))
    return cv2.magnitude(across, down, magnitude=out)


def sobel_by_ndimage(image, out):
    across, down = (ndimage.sobel(image, axis=axis, mode="constant") for axis in (1, 0))
    return np.sqrt(across * across + down * down, out=out)


def sobel_by_slices(image, out):
    across, down = (by_slices(image, kernel, np.empty_like(image)) for kernel in (SOBEL, SOBEL.T))
    return np.sqrt(across * across + down * down, out=out)


def ours(image, kernel, out):
    return bs.convolve(image, kernel, axes=(0, 1), out=out)


def sobel(image, out):
    across, down = bs.convolve(image, SOBEL), bs.convolve(image, SOBEL.T)
    bs.multiply(across, across, out=across)
    bs.multiply(down, down, out=down)
    return np.sqrt(bs.add(across, down, out=out), out=out)


def bound(image, kernel):
    """What rounding may make of the sum of all |weight| |pixel|, with room for the Fourier form."""
    return 1e-12 * np.abs(kernel).sum() * np.abs(image).max()


def cases(quick):
    photo = astronaut()
    if quick:
        photo = photo[:256, 128:384]
    colour, brightness = photo.astype(np.float64), grey(photo)
    rows, columns = brightness.shape
    side = 32
    corner = np.s_[96:96 + side, 96:96 + side]
    share = {"part_name": f"{side} × {side} of {rows} × {columns} pixels", "scale": rows * columns / side**2}
    peers = {"cv2.filter2D": by_opencv, "scipy.ndimage.convolve": by_ndimage, "NumPy slices": by_slices}

    yield Case("sharpen, 3 × 3, colour", (colour, SHARPEN), channels_by_loops, peers, ours, empty_like, bound(colour, SHARPEN),
               (colour[corner], SHARPEN), **share,
               shows=lambda data, result: [Picture("input", photo), Picture("sharpened", result),
                                              Picture("input, a detail", photo[corner_of(photo)], 4),
                                              Picture("sharpened, the same detail", result[corner_of(photo)], 4)])
    small = photo.astype(np.uint8)
    kernel = SHARPEN.astype(np.int16)
    yield Case("sharpen, 3 × 3, colour, uint8", (small, kernel), bytes_by_loops,
               {"cv2.filter2D": by_opencv, "scipy.ndimage.convolve": bytes_by_ndimage, "NumPy slices": bytes_by_slices}, ours, empty_like, 0,
               (small[corner], kernel), **share)
    yield Case("blur, 15 × 15 Gaussian, colour", (colour, BLUR), channels_by_loops,
               {"cv2.sepFilter2D": by_one_dimension_of_opencv, "scipy.ndimage.convolve1d, twice": by_one_dimension,
                "scipy.signal.oaconvolve": by_fourier}, ours, empty_like,
               bound(colour, BLUR), (colour[corner], BLUR), **share,
               shows=lambda data, result: [Picture("input", photo), Picture("blurred", result)])
    yield Case("edges, Sobel magnitude, grey", (brightness,), sobel_by_loops,
               {"cv2.Sobel, cv2.magnitude": sobel_by_opencv, "scipy.ndimage.sobel": sobel_by_ndimage, "NumPy slices": sobel_by_slices}, sobel, empty_like,
               2 * bound(brightness, SOBEL), (brightness[corner],), **share,
               shows=lambda data, result: [Picture("input, brightness", brightness), Picture("edges", result / 2)])
    square = np.ascontiguousarray(brightness[64:192, 64:192])
    yield Case("the article's own case, 128 × 128, 3 × 3", (square, OUTLINE), lambda image, weights, out: by_loops(image, weights),
               {**peers, "scipy.signal.convolve2d": by_convolve2d}, ours, empty_like, bound(square, OUTLINE))


def corner_of(photo):
    """A detail around the face, in the whole photograph and in the cut of the quick mode."""
    return np.s_[70:198, 150:278] if photo.shape[0] == 512 else np.s_[70:198, 22:150]


def empty_like(image, *rest):
    return np.empty_like(image)
