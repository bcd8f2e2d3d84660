r"""For each limit :math:`n`, with :math:`p` prime:

.. math:: \mathrm{count}(n) = \sum_{\mathrm{start} \le p < n} 1 \qquad \mathrm{sum}(n) = \sum_{\mathrm{start} \le p < n} p

Only :math:`O(n^{3/4})` steps are needed, because the sums over multiples of a prime follow from those over smaller numbers.
"""
import bytestride as bs
import numpy as np
from pictures import show

CAPTION = "Ulam's spiral, 1 in the middle, primes dark; and the number of primes below n as a multiple of n / ln n, which falls to 1."
SIZE = (9, 3.4)


def spiral(side):
    """The numbers from 1 on, wound around the middle of an odd square."""
    row, column = np.indices((side, side)) - side // 2
    ring = np.maximum(abs(row), abs(column))
    corner = (2 * ring + 1) ** 2
    return np.select([row == ring, column == -ring, row == -ring],
                     [corner - (ring - column), corner - 3 * ring - row, corner - 5 * ring - column], corner - 7 * ring + row)


def draw(figure):
    squares, lines = figure.subplots(1, 2, width_ratios=(1, 1.5))
    show(squares, ~bs.is_prime(spiral(151)), "is_prime(spiral)")
    n = np.logspace(1, 11, 60).astype(np.int64)
    lines.plot(n, bs.count_primes(n) / (n / np.log(n)), color="#d1495b")
    lines.axhline(1, color="#6f8fab", linestyle="--")
    lines.set_xscale("log")
    lines.set_xlabel("n")
    lines.set_title("count_primes(n) / (n / ln n)")
