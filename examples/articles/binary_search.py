"""The talk on array processing in Python: 3000 binary searches in a sorted list of 100 000 numbers.

The talk compiled the loop and gained a factor of 1.4, since it still walked a Python list. The walk is worth compiling
over an array, for many values at once: `bs.binary_search` finds the index that the walk finds, also where a number is there
more than once. `bs.searchsorted` finds insertion points, as the standard library's bisect does.

    python3 examples/articles/binary_search.py [--size 100000] [--searches 3000]
"""
from bisect import bisect_left

import bytestride as bs
import numpy as np

from _forms import Case, run


def binary_search(sequence, target):
    """The article's function, in Python 3: the middle is rounded down with //."""
    low, high = 0, len(sequence) - 1
    while low <= high:
        middle = (low + high) // 2
        if sequence[middle] < target:
            low = middle + 1
        elif sequence[middle] > target:
            high = middle - 1
        else:
            return middle
    return -1


def cases(size=100_000, searches=3_000):
    numbers = np.sort(np.random.default_rng(0).integers(0, size, size))  # with duplicates
    wanted = np.random.default_rng(1).integers(-1, size + 1, searches)
    as_list, wanted_list = numbers.tolist(), wanted.tolist()
    yield Case(f"{searches} searches in {size} numbers", lambda: [binary_search(as_list, target) for target in wanted_list],
               lambda: bs.binary_search(numbers, wanted))
    yield Case("their insertion points", lambda: [bisect_left(as_list, target) for target in wanted_list],
               lambda: bs.searchsorted(numbers, wanted), others={"NumPy": lambda: np.searchsorted(numbers, wanted)},
               before_name="bisect_left, one by one")


if __name__ == "__main__":
    run(__doc__, cases)
