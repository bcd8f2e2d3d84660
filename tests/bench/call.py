"""What a call costs before any work is done: one element."""
import bytestride as bs
import numpy as np
from race import Row


def rows(threads):
    if threads > 1:  # one element has one thread
        return
    a, b = np.array([1.5]), np.array([2.25])
    ours, theirs = np.empty(1), np.empty(1)
    # At most 3.5 times NumPy's cost.
    yield Row("call: add float64, 1 element, out=", lambda: bs.add(a, b, out=ours), {"numpy": lambda: np.add(a, b, out=theirs)},
              goal=1 / 3.5)
    yield Row("call: add float64, 1 element", lambda: bs.add(a, b), {"numpy": lambda: np.add(a, b)})
    yield Row("call: add float64, 1 element and a Python number", lambda: bs.add(a, 1.0), {"numpy": lambda: np.add(a, 1.0)})
    image, kernel = np.ones((8, 8), np.float32), np.ones((3, 3), np.float32)
    result, padded = np.empty_like(image), np.empty_like(image)
    import cv2
    yield Row("call: convolve float32, 8 x 8 with 3 x 3, out=", lambda: bs.convolve(image, kernel, out=result),
              {"opencv": lambda: cv2.filter2D(image, -1, kernel, dst=padded, borderType=cv2.BORDER_CONSTANT)}, bound=1e-5)
