"""Primes against primesieve, SymPy and a sieve in NumPy."""
import math
from functools import partial

import bytestride as bs
import numpy as np
import sympy
from race import Candidates, Row

try:
    import primesieve
except ImportError:  # its package compiles against the C++ library of that name, which not every machine has
    primesieve = None


def sums_by_sieve(limits):
    """One sieve of the odd numbers and its running sums answer all limits."""
    largest = int(limits.max())
    prime = np.ones(largest // 2, bool)
    prime[0] = False
    for p in range(3, math.isqrt(largest) + 1, 2):
        if prime[p // 2]:
            prime[p * p // 2::p] = False
    return below(np.concatenate([[2], 2 * np.flatnonzero(prime) + 1]), limits)


def sums_by_primesieve(limits):
    return below(np.asarray(primesieve.primes(int(limits.max()) - 1)), limits)


def below(primes, limits):
    sums = np.concatenate([[0], np.cumsum(primes, dtype=np.uint64)]).astype(np.uint64)
    return sums[np.searchsorted(primes, limits)]


def many_sums(limits, threads):
    peers = {"primesieve": lambda: sums_by_primesieve(limits)} if primesieve else {}
    return Candidates(lambda: bs.sum_primes(limits, threads=threads), {**peers, "numpy": lambda: sums_by_sieve(limits)})


def one_sum(limit, threads):
    return Candidates(lambda: bs.sum_primes(limit, threads=threads),
                      {"primesieve": lambda: int(np.asarray(primesieve.primes(limit - 1)).sum(dtype=np.uint64))})


def count(limit, threads):
    return Candidates(lambda: bs.count_primes(limit, threads=threads), {"primesieve": lambda: primesieve.count_primes(limit)})


def tests(numbers, threads):
    listed = numbers.tolist()
    return Candidates(lambda: bs.is_prime(numbers, threads=threads), {"sympy": lambda: [sympy.isprime(n) for n in listed]})


def one_test(n, threads):
    return Candidates(lambda: bs.is_prime(n, threads=threads), {"sympy": lambda: sympy.isprime(n)})


random = np.random.default_rng(4)
ROWS = [Row("sum_primes, the talk's 49 limits", partial(many_sums, np.arange(100_000, 5_000_000, 100_000)), (1.8, 1.8)),
        Row("sum_primes, 100 k limits below 1e7", partial(many_sums, random.integers(0, 10**7, 100_000))),
        Row("is_prime, 2000 odd numbers of 63 bits", partial(tests, random.integers(2**62, 2**63, 2_000, np.int64) | 1), (15.0, 15.0)),
        Row(f"is_prime, {2**64 - 59}", partial(one_test, 2**64 - 59), threaded=False),
        Row(f"is_prime, {2**32 - 5}", partial(one_test, 2**32 - 5), threaded=False)]
if primesieve:
    ROWS += [Row("sum_primes, limit 5e+06", partial(one_sum, 5_000_000)),
             Row("sum_primes, limit 1e+08", partial(one_sum, 10**8), (200.0, 200.0)),
             Row("sum_primes, limit 1e+09", partial(one_sum, 10**9), (200.0, 200.0)),
             # Counting only, in C: what primesieve does best.
             Row("count_primes, limit 1e+08", partial(count, 10**8)),
             Row("count_primes, limit 1e+09", partial(count, 10**9)),
             Row("count_primes, limit 1e+10", partial(count, 10**10))]
