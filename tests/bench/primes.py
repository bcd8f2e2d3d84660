"""Primes against primesieve, SymPy and a sieve in NumPy."""
import math

import bytestride as bs
import numpy as np
import primesieve
import sympy
from race import Row


def rows(threads):
    primesieve.set_num_threads(threads)
    limits = np.arange(100_000, 5_000_000, 100_000)
    yield Row("sum_primes, the talk's 49 limits", lambda: bs.sum_primes(limits, threads=threads),
              {"numpy": lambda: sums_by_sieve(limits), "primesieve": lambda: sums_by_primesieve(limits)}, threads, goal=1.8)
    for limit, goal in ((5_000_000, 2), (10**8, 200), (10**9, 200)):
        only = np.array([limit])
        yield Row(f"sum_primes, limit {limit:.0e}", lambda: bs.sum_primes(limit, threads=threads),
                  {"primesieve": lambda: int(sums_by_primesieve(only)[0])}, threads, goal=goal)
    for limit in (10**8, 10**9, 10**10):
        yield Row(f"count_primes, limit {limit:.0e}", lambda: bs.count_primes(limit, threads=threads),
                  {"primesieve": lambda: primesieve.count_primes(limit)}, threads, goal=1.0)
    random = np.random.default_rng(4)
    many = random.integers(0, 10**7, 100_000)
    yield Row("sum_primes, 100 k limits below 1e7", lambda: bs.sum_primes(many, threads=threads),
              {"numpy": lambda: sums_by_sieve(many), "primesieve": lambda: sums_by_primesieve(many)}, threads, goal=1.0)
    numbers = random.integers(2**62, 2**63, 2_000, np.int64) | 1
    listed = numbers.tolist()
    yield Row("is_prime, 2000 odd numbers of 63 bits (primes)", lambda: bs.is_prime(numbers, threads=threads),
              {"sympy": lambda: [sympy.isprime(n) for n in listed]}, threads, goal=15)
    for n in (2**64 - 59, 2**32 - 5):
        yield Row(f"is_prime, {n} (primes)", lambda: bs.is_prime(n, threads=threads), {"sympy": lambda: sympy.isprime(n)}, threads, goal=1.0)
    # A hundred times the limit may take 40 times as long.
    for limit in (10**8, 10**9):
        yield Row(f"growth: sum_primes, {limit:.0e} to {100 * limit:.0e}", lambda: bs.sum_primes(100 * limit, threads=threads) > 0,
                  {"a hundredth": lambda: bs.sum_primes(limit, threads=threads) > 0}, threads, goal=1 / 40)


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
