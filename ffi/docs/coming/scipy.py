from comparison import Row

PACKAGE = "SciPy"
TEXT = """
The words for boundaries are `scipy.ndimage`'s and the words for regions `scipy.signal`'s, so most calls keep their keywords. Three habits change:
``axes=`` lets a kernel run over a part of the axes, where a kernel with extents of 1 was needed; the default boundary is ``constant``,
as of `scipy.signal`, not ``reflect``; and integers are exact and saturate, where SciPy wraps around or truncates.
"""
SETUP = """
import numpy as np
import bytestride as bs
from scipy import ndimage, signal
from scipy.spatial import distance

random = np.random.default_rng(0)
image, kernel = random.random((120, 160)), random.random((5, 5))
photo = random.integers(0, 256, (120, 160, 3), dtype=np.uint8)
bell = np.exp(-0.5 * (np.arange(-8, 9) / 2.0) ** 2)
bell /= bell.sum()
x, y = random.random((200, 5)), random.random((150, 5))
"""
ROWS = [
    Row("convolve", 'ndimage.convolve(image, kernel)', 'bs.convolve(image, kernel, boundary="reflect")', 1e-14),
    Row("correlate", 'ndimage.correlate(image, kernel, mode="mirror")', 'bs.correlate(image, kernel, boundary="mirror")', 1e-14),
    Row("origin", 'ndimage.correlate(image, kernel, mode="wrap", origin=(1, -2))', 'bs.correlate(image, kernel, boundary="wrap", origin=(1, -2))', 1e-14),
    Row("a value outside", 'ndimage.convolve(image, kernel, mode="constant", cval=0.5)', 'bs.convolve(image, kernel, fill=0.5)', 1e-14),
    Row("channels", 'ndimage.correlate(photo.astype(float), kernel[..., None])',
        'bs.correlate(photo, kernel, axes=(0, 1), boundary="reflect")', 1e-14, "No float copy of the bytes is made."),
    Row("one axis", 'ndimage.correlate1d(image, bell, axis=1)', 'bs.correlate(image, bell, axes=1, boundary="reflect")', 1e-14),
    Row("Gaussian", 'ndimage.gaussian_filter(image, 2.0, radius=8)', 'bs.convolve(image, np.outer(bell, bell), boundary="reflect")', 1e-14,
        "An outer product is found, and run axis by axis."),
    Row("mean", 'ndimage.uniform_filter(image, 5)', 'bs.convolve(image, np.full((5, 5), 1 / 25), boundary="reflect")', 1e-13),
    Row("Sobel", 'ndimage.sobel(image, axis=0)', 'bs.correlate(image, np.outer([-1, 0, 1], [1, 2, 1]), boundary="reflect")', 1e-14),
    Row("Laplace", 'ndimage.laplace(image)', 'bs.convolve(image, [[0, 1, 0], [1, -4, 1], [0, 1, 0]], boundary="reflect")', 1e-14),
    Row("convolve2d, full", 'signal.convolve2d(image, kernel)', 'bs.convolve(image, kernel, region="full")', 1e-14),
    Row("convolve2d, same", 'signal.convolve2d(image, kernel, mode="same", boundary="symm")', 'bs.convolve(image, kernel, boundary="reflect")', 1e-14),
    Row("convolve2d, valid", 'signal.convolve2d(image, kernel, mode="valid")', 'bs.convolve(image, kernel, region="valid")', 1e-14),
    Row("correlate2d", 'signal.correlate2d(image, kernel, mode="valid")', 'bs.correlate(image, kernel, region="valid")', 1e-14),
    Row("n dimensions", 'signal.convolve(photo.astype(float), np.ones((2, 3, 2)))', 'bs.convolve(photo, np.ones((2, 3, 2)), region="full")', 1e-14),
    Row("large kernels", 'signal.fftconvolve(image, np.ones((31, 31)) * image[:31, :31], mode="same")',
        'bs.convolve(image, np.ones((31, 31)) * image[:31, :31], method="fft")', 1e-13, "Works on tiles: memory does not grow with the image."),
    Row("cdist", 'distance.cdist(x, y)', 'bs.distances(x, y)', 1e-15),
    Row("cdist, metric", 'distance.cdist(x, y, "cityblock")', 'bs.distances(x, y, metric="cityblock")', 1e-15),
    Row("pdist", 'distance.squareform(distance.pdist(x))', 'bs.distances(x)', 1e-15),
]
