"""Convolves a strided view, adds into a view, and shows an error.

Needs the package and the library, for example from an installed copy:

    PYTHONPATH=<the folder of the package bytestride> BYTESTRIDE_LIBRARY=<prefix>/lib/libbytestride.so python3 quickstart.py
"""
import numpy as np

import bytestride as bs

image = np.arange(5 * 6 * 3, dtype=np.uint8).reshape(5, 6, 3)  # rows, columns, channels
sharpen = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], dtype=np.float32)

# The green channel from right to left: strides (18, -3), and nothing is copied.
view = image[:, ::-1, 1]
sharpened = bs.convolve(view, sharpen, boundary="mirror")
print(f"convolve: {sharpened.shape} {sharpened.dtype} from a view with the strides {view.strides}")
print(sharpened)

# All channels at once, rounded and saturated to bytes, into every second row of a larger array.
canvas = np.zeros((10, 6, 3), dtype=np.uint8)
bs.convolve(image, sharpen, axes=(0, 1), boundary="mirror", out=canvas[::2])
print("canvas rows:", canvas[:, 0, 0].tolist())

# Elementwise, in place.
bs.add(image, 1, out=image)
print("image + 1:", image[0, 0].tolist())

# Errors name the argument, and leave the output as it was.
try:
    bs.convolve(view, sharpen, out=np.zeros((5, 5)))
except bs.ShapeError as error:
    print(f"ShapeError: {error} (status {error.status})")
