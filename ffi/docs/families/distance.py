r"""For the rows of :math:`x` and :math:`y`, by the metric:

.. math::

   \sqrt{\textstyle\sum_k (x_{ik} - y_{jk})^2} \qquad \textstyle\sum_k (x_{ik} - y_{jk})^2 \qquad
   \textstyle\sum_k |x_{ik} - y_{jk}| \qquad \max_k |x_{ik} - y_{jk}|

(euclidean, sqeuclidean, cityblock, chebyshev). Differences come first: near points do not cancel.
"""
import bytestride as bs
import numpy as np
from pictures import show
from sklearn.datasets import load_digits

CAPTION = "500 handwritten digits of scikit-learn, sorted by what they show: like digits are near (dark), under all four metrics."
SIZE = (9, 2.6)


def draw(figure):
    digits = load_digits()
    order = np.argsort(digits.target[:500], kind="stable")
    pixels = digits.data[:500][order] / 16
    for axes, metric in zip(figure.subplots(1, 4), ("euclidean", "sqeuclidean", "cityblock", "chebyshev")):
        show(axes, bs.distances(pixels, metric=metric), metric, cmap="magma")
