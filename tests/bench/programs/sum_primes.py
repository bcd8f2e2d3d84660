"""The talk's case: the sums of the primes below 49 limits, 100 000 to 4 900 000."""
import math
from array import array

import forms

LIMITS = range(100_000, 5_000_000, 100_000)


def python(part):
    """Trial division, as in the talk, for so many of the first limits."""
    limits = LIMITS[:int(len(LIMITS) * part)]
    result = array("Q", bytes(8 * len(limits)))

    def is_prime(n):
        if n < 2:
            return False
        if n == 2:
            return True
        for divisor in range(2, math.ceil(math.sqrt(n)) + 1):
            if n % divisor == 0:
                return False
        return True

    def compute():
        for i, limit in enumerate(limits):
            result[i] = sum(n for n in range(2, limit) if is_prime(n))
    return compute, result


def primesieve(part):
    """One pass for all limits: what a Python user would write today."""
    import numpy as np
    import primesieve
    limits, result = np.array(LIMITS), np.empty(len(LIMITS), np.uint64)

    def compute():
        primes = np.asarray(primesieve.primes(LIMITS[-1] - 1))
        np.copyto(result, np.cumsum(primes)[np.searchsorted(primes, limits) - 1])
    return compute, result


def bytestride(part):
    import bytestride as bs
    import numpy as np
    limits, result = np.array(LIMITS), np.empty(len(LIMITS), np.uint64)

    def compute():
        np.copyto(result, bs.sum_primes(limits))
    return compute, result


forms.main({"python": python, "peer": primesieve, "bytestride": bytestride})
