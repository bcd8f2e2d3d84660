from comparison import Row

PACKAGE = "OpenCV"
TEXT = """
``cv2.filter2D`` is a correlation: `correlate` with ``boundary="mirror"``, which OpenCV calls ``BORDER_REFLECT_101`` and has as its default
(``BORDER_REFLECT`` is ``"reflect"``, ``BORDER_REPLICATE`` ``"nearest"``, ``BORDER_WRAP`` ``"wrap"``). The last axis of a picture is one of
channels only if ``axes=(0, 1)`` says so. The output's dtype is ``dtype=`` (``ddepth``); bytes saturate here too. Views need no
``np.ascontiguousarray``, whatever their strides.
"""
SETUP = """
import cv2
import numpy as np
import bytestride as bs

random = np.random.default_rng(0)
photo = random.integers(0, 256, (120, 160, 3), dtype=np.uint8)
other = random.integers(0, 256, (120, 160, 3), dtype=np.uint8)
gray = random.random((120, 160), dtype=np.float32)
kernel = random.random((5, 5), dtype=np.float32)
sharpen = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], np.int16)
bell = cv2.getGaussianKernel(15, 3.0, cv2.CV_32F)
depth = random.random((120, 160), dtype=np.float32) + 1
camera = np.array([[150, 0, 80], [0, 150, 60], [0, 0, 1]], np.float32)
"""
ROWS = [
    Row("filter2D", 'cv2.filter2D(gray, -1, kernel)', 'bs.correlate(gray, kernel, boundary="mirror")', 1e-6),
    Row("bytes in, bytes out", 'cv2.filter2D(photo, -1, sharpen)', 'bs.correlate(photo, sharpen, axes=(0, 1), boundary="mirror", dtype=np.uint8)'),
    Row("ddepth", 'cv2.filter2D(photo, cv2.CV_16S, sharpen)', 'bs.correlate(photo, sharpen, axes=(0, 1), boundary="mirror", dtype=np.int16)'),
    Row("a view", 'cv2.filter2D(np.ascontiguousarray(photo[::-1, ::2, 1]), -1, sharpen)',
        'bs.correlate(photo[::-1, ::2, 1], sharpen, boundary="mirror", dtype=np.uint8)'),
    Row("sepFilter2D", 'cv2.sepFilter2D(gray, -1, bell, bell)', 'bs.correlate(gray, bell * bell.T, boundary="mirror")', 1e-6),
    Row("GaussianBlur", 'cv2.GaussianBlur(gray, (15, 15), 3.0)', 'bs.convolve(gray, bell * bell.T, boundary="mirror")', 1e-6),
    Row("blur", 'cv2.blur(gray, (5, 5), borderType=cv2.BORDER_REPLICATE)',
        'bs.correlate(gray, np.full((5, 5), 1 / 25, np.float32), boundary="nearest")', 1e-6),
    Row("Sobel", 'cv2.Sobel(photo, cv2.CV_16S, 1, 0)',
        'bs.correlate(photo, np.outer([1, 2, 1], [-1, 0, 1]), axes=(0, 1), boundary="mirror", dtype=np.int16)'),
    Row("add, saturated", 'cv2.add(photo, other)', 'bs.cast(bs.add(bs.cast(photo, np.uint16), other), np.uint8, rule="saturate")'),
    Row("convertTo", 'cv2.convertScaleAbs(gray * 300)', 'bs.cast(gray * 300, np.uint8, rule="saturate")'),
    Row("transpose", 'cv2.transpose(photo)', 'bs.transpose(photo, (1, 0, 2))'),
    Row("depth to points", 'cv2.depthTo3d(depth, camera)[..., :3]',
        'bs.depth_to_points(depth, 150, 150, 80, 60, depth_scale=1.0)', 1e-6, "The fourth number of OpenCV's points is padding."),
]
