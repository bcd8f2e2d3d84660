"""The talk's binary search: 3000 searches in a sorted list of 100 000 numbers.

The talk compiled the loop and gained a factor of 1.4, since it still walked a Python list. The walk is worth compiling
over an array, for many values at once.
"""
import time

import bytestride as bs
import numpy as np


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


def timed(function, *arguments):
    start = time.perf_counter()
    result = function(*arguments)
    return result, (time.perf_counter() - start) * 1e3


numbers = np.sort(np.random.default_rng(0).integers(0, 100_000, 100_000))  # with duplicates
wanted = np.random.default_rng(1).integers(-1, 100_001, 3_000)

as_list = numbers.tolist()
one_by_one, before = timed(lambda: [binary_search(as_list, target) for target in wanted.tolist()])
all_at_once, after = timed(bs.binary_search, numbers, wanted)
# Where a number is there more than once, both find the one that the walk meets first.
assert all_at_once.tolist() == one_by_one
assert binary_search(as_list, -1) == bs.binary_search(numbers, -1) == -1

first, sorted_in = timed(bs.searchsorted, numbers, wanted)
assert (first == np.searchsorted(numbers, wanted)).all()

print(f"{np.count_nonzero(all_at_once >= 0)} of {wanted.size} numbers found")
print(f"the article's loop       {before:8.3f} ms")
print(f"bs.binary_search         {after:8.3f} ms")
print(f"bs.searchsorted          {sorted_in:8.3f} ms")
