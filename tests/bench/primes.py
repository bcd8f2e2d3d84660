"""Primes against primesieve (where it is installed), SymPy and a sieve in NumPy."""
import math

import bytestride as bs
import numpy as np
from race import Row

try:
    import primesieve
except ImportError:
    primesieve = None
try:
    import sympy
except ImportError:
    sympy = None


def rows(threads):
    if primesieve:
        primesieve.set_num_threads(threads)
    limits = np.arange(100_000, 5_000_000, 100_000)
    yield Row("sum_primes, the talk's 49 limits", lambda: bs.sum_primes(limits, threads=threads), peers(sums_by_sieve, sums_by_primesieve, limits), threads,
              goal=1.8)
    for limit, goal in ((5_000_000, 2), (10**8, 30)):
        yield Row(f"sum_primes, limit {limit:.0e}", lambda: bs.sum_primes(limit, threads=threads),
                  peers(lambda n: int(sums_by_sieve(np.array([n]))[0]), lambda n: int(sums_by_primesieve(np.array([n]))[0]), limit), threads, goal=goal)
    for limit in (10**8, 10**9):
        if primesieve:
            yield Row(f"count_primes, limit {limit:.0e}", lambda: bs.count_primes(limit, threads=threads),
                      {"primesieve": lambda: primesieve.count_primes(limit)}, threads, goal=1.0)
    random = np.random.default_rng(4)
    many = random.integers(0, 10**7, 100_000)
    yield Row("sum_primes, 100 k limits below 1e7", lambda: bs.sum_primes(many, threads=threads), peers(sums_by_sieve, sums_by_primesieve, many), threads,
              goal=1.0)
    if sympy:
        numbers = random.integers(2**62, 2**63, 2_000, np.int64) | 1
        listed = numbers.tolist()
        yield Row("is_prime, 2000 odd numbers of 63 bits", lambda: bs.is_prime(numbers, threads=threads),
                  {"sympy": lambda: [sympy.isprime(n) for n in listed]}, threads, goal=15)
        for n in (2**64 - 59, 2**32 - 5):
            yield Row(f"is_prime, {n}", lambda: bs.is_prime(n, threads=threads), {"sympy": lambda: sympy.isprime(n)}, threads, goal=1.0)


def peers(by_sieve, by_primesieve, limits):
    found = {"numpy": lambda: by_sieve(limits)}
    if primesieve:
        found["primesieve"] = lambda: by_primesieve(limits)
    return found


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
