"""The talk's case: 3000 binary searches in 100 000 sorted numbers; -1 where a number is not there."""
from array import array

import forms

SIZE, SEARCHES = 100_000, 3_000


def wanted():
    return [int(2 * SIZE * forms.golden(i)) for i in range(SEARCHES)]


def python(part):
    numbers, targets = [2 * i for i in range(SIZE)], wanted()
    result = array("q", bytes(8 * SEARCHES))

    def find(target):
        low, high = 0, SIZE - 1
        while low <= high:
            middle = (low + high) // 2
            if numbers[middle] < target:
                low = middle + 1
            elif numbers[middle] > target:
                high = middle - 1
            else:
                return middle
        return -1

    def compute():
        for i, target in enumerate(targets):
            result[i] = find(target)
    return compute, result


def arrays():
    import numpy as np
    return np.arange(0, 2 * SIZE, 2), np.array(wanted()), np.empty(SEARCHES, np.int64)


def numpy(part):
    import numpy as np
    numbers, targets, result = arrays()

    def compute():
        places = np.searchsorted(numbers, targets)
        np.copyto(result, np.where(numbers[np.minimum(places, SIZE - 1)] == targets, places, -1))
    return compute, result


def bytestride(part):
    import bytestride as bs
    numbers, targets, result = arrays()
    return lambda: bs.binary_search(numbers, targets, out=result), result


forms.main({"python": python, "peer": numpy, "bytestride": bytestride})
