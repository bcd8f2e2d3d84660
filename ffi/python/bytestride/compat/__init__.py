"""Drop-in names: functions with the arguments, defaults, dtypes and shapes of SciPy's, OpenCV's and scikit-learn's.

A program changes one import and keeps its calls::

    from bytestride.compat import scipy_ndimage as ndimage     # for: from scipy import ndimage
    from bytestride.compat import scipy_signal as signal       # for: from scipy import signal
    from bytestride.compat.scipy_spatial import cdist          # for: from scipy.spatial.distance import cdist
    from bytestride.compat import cv2                          # for: import cv2
    from bytestride.compat.sklearn import MDS                  # for: from sklearn.manifold import MDS

What a function does not take (a metric, masked arrays, an exotic dtype) is an error that names the peer's function to use
instead. Where results differ from the peer's, the function's docstring says how. None of the peers is imported, but for
scikit-learn by its own module.
"""
import importlib

__all__ = ["scipy_ndimage", "scipy_signal", "scipy_spatial", "cv2", "sklearn"]


def __getattr__(name):
    # Loaded when first used: `import bytestride` stays short.
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *__all__])
