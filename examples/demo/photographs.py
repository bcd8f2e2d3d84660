"""The photographs: files that are inside the scikit-image package, so nothing is downloaded."""
from importlib.resources import as_file, files

import numpy as np
from PIL import Image


def resource(name):
    """A context with the path of a file."""
    return as_file(files("skimage.data") / name)


def photograph(name):
    """A photograph as uint8 (H, W, 3)."""
    with resource(name) as path, Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def astronaut():
    """Eileen Collins, 512 x 512; photograph by NASA, in the public domain."""
    return photograph("astronaut.png")


def grey(pixels):
    """The brightness of an RGB image, float64, 0 to 255 (ITU-R BT.709 weights)."""
    return pixels @ np.array([0.2126, 0.7152, 0.0722])
