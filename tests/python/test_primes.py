"""Primes against published values, plain sieves and trial division, and the numbers that fool weak tests."""
import itertools
import math

import numpy as np
import pytest

import bytestride as bs
from layouts import assert_same, place
from programs import run_python

INTEGERS = [np.dtype(name) for name in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")]

# Sums of the primes below 10^k: OEIS A046731; numbers of primes: A006880.
SUMS = {10: 17, 10**2: 1060, 10**3: 76127, 10**4: 5736396, 10**5: 454396537, 10**6: 37550402023, 2 * 10**6: 142913828922,
        4_900_000: 806316986093, 5 * 10**6: 838596693108, 10**7: 3203324994356, 10**8: 279209790387276,
        10**9: 24739512092254535, 10**10: 2220822432581729238, 10**11: 201467077743744681014, 10**12: 18435588552550705911377}
COUNTS = {10: 4, 100: 25, 10**6: 78498, 5 * 10**6: 348513, 10**9: 50847534, 10**10: 455052511, 10**11: 4118054813, 10**12: 37607912018}

# Strong pseudoprimes: to base 2 (A001262); the least to the first 2 ... 13 prime bases (A014233); Carmichael numbers.
PSEUDOPRIMES = [2047, 3277, 4033, 4681, 8321, 15841, 29341, 42799, 49141, 52633, 65281, 74665, 80581, 85489, 88357, 90751,
                1373653, 25326001, 3215031751, 2152302898747, 3474749660383, 341550071728321, 3825123056546413051,
                561, 1105, 1729, 2465, 2821, 6601, 8911, 410041, 825265, 321197185, 9746347772161]
PRIMES = [2, 3, 5, 53, 59, 61, 67, 3481 - 12, 65521, 65537, 2**31 - 1, 2**32 - 5, 2**32 + 15, 2**61 - 1, 2**63 - 25, 2**64 - 59]


def sieve(limit):
    """Whether each number below `limit` is prime, the plain way."""
    prime = np.ones(limit, bool)
    prime[:2] = False
    for p in range(2, math.isqrt(limit) + 1):
        if prime[p]:
            prime[p * p::p] = False
    return prime


def is_prime_by_definition(n):
    return n > 1 and all(n % d for d in range(2, math.isqrt(n) + 1))


# ---- is_prime ------------------------------------------------------------------------------------------

def test_is_prime_of_small_numbers():
    expected = sieve(300_000)
    assert_same(bs.is_prime(np.arange(300_000)), expected)
    assert [n for n in range(100) if bs.is_prime(n)] == np.flatnonzero(expected[:100]).tolist()


def test_is_prime_of_known_numbers():
    for n in PRIMES:
        assert bs.is_prime(n) is True, n
    for n in [*PSEUDOPRIMES, *(p * p for p in PRIMES if p < 2**32), *(p * q for p, q in itertools.combinations(PRIMES[:-5], 2))]:
        assert bs.is_prime(n) is False, n
    assert_same(bs.is_prime(np.array(PRIMES, np.uint64)), np.ones(len(PRIMES), bool))
    assert_same(bs.is_prime(np.array(PSEUDOPRIMES, np.uint64)), np.zeros(len(PSEUDOPRIMES), bool))


def test_is_prime_of_products_of_near_primes(random):
    """p (2 p - 1) and the like pass many bases; small numbers are decided by division."""
    primes = np.flatnonzero(sieve(70_000))[10:]
    for a, b in ((1, 2), (1, 3), (2, 3), (1, 4), (1, 5)):
        factors = [(int(p), b * (int(p) - 1) // a + 1) for p in primes]
        products = np.array([p * q for p, q in factors if p < q], np.uint64)
        assert not bs.is_prime(products).any()
    numbers = random.integers(2**40, 2**41, 200) | 1
    assert bs.is_prime(numbers).tolist() == [is_prime_by_definition(int(n)) if n % 3 else False for n in numbers[:20]] + bs.is_prime(numbers[20:]).tolist()


def test_is_prime_around_powers_of_two():
    for bits in (8, 16, 31, 32, 33):
        numbers = np.arange(2**bits - 60, 2**bits + 60)
        assert bs.is_prime(numbers).tolist() == [is_prime_by_definition(int(n)) for n in numbers]


def test_is_prime_agrees_with_fermat(random):
    """Every prime passes Fermat's test for every base; a composite that passes for all of eight bases is rare."""
    for bits in range(34, 65):
        numbers = [int(n) | 1 << bits - 1 | 1 for n in random.integers(0, 2**(bits - 1), 60, np.uint64)]
        expected = [all(pow(base, n - 1, n) == 1 for base in (2, 3, 5, 7, 11, 13, 17, 19)) for n in numbers]
        assert bs.is_prime(np.array(numbers, np.uint64)).tolist() == expected


@pytest.mark.parametrize("dtype", INTEGERS, ids=str)
def test_is_prime_dtypes_and_layouts(dtype, layout):
    limits = np.iinfo(dtype)
    numbers = np.concatenate([np.arange(100, dtype=dtype), np.array([limits.min, limits.max, limits.max - 1], dtype)])
    expected = np.array([is_prime_by_definition(int(n)) if n < 2**32 else int(n) == 2**61 - 1 for n in numbers])
    assert_same(bs.is_prime(place(numbers, layout)), expected)
    assert_same(bs.is_prime(place(numbers[:99].reshape(3, 11, 3), layout)), expected[:99].reshape(3, 11, 3))


def test_is_prime_shapes_and_scalars():
    assert bs.is_prime(-7) is False and bs.is_prime(True) is False and bs.is_prime(0) is False
    assert type(bs.is_prime(np.int8(7))) is np.bool_ and bs.is_prime(np.int8(7))
    assert bs.is_prime([]).shape == (0,) and bs.is_prime(np.zeros((3, 0), int)).shape == (3, 0)
    assert bs.is_prime([True, False]).tolist() == [False, False]
    assert bs.is_prime([[2**63 + 29, 4], [2**63 - 25, 3]]).tolist() == [[bs.is_prime(2**63 + 29), False], [True, True]]


# ---- Sums and counts -------------------------------------------------------------------------------------

@pytest.mark.parametrize("limit", SUMS)
def test_published_sums(limit):
    assert bs.sum_primes(limit) == SUMS[limit]
    if limit <= 10**10:
        assert_same(bs.sum_primes(np.array([limit, 0])), np.array([SUMS[limit], 0], np.uint64))


@pytest.mark.parametrize("limit", COUNTS)
def test_published_counts(limit):
    assert bs.count_primes(limit) == COUNTS[limit]


def test_the_talks_queries():
    limits = np.arange(100_000, 5_000_000, 100_000)
    sums = bs.sum_primes(limits)
    assert limits.size == 49 and int(sums.sum()) == 13_881_114_910_452
    assert sums.tolist() == [bs.sum_primes(int(limit)) for limit in limits]
    assert sums.tolist() == bs.sum_primes(limits[::-1])[::-1].tolist()


def test_every_small_limit():
    """Strictly below the limit; singly and all at once."""
    prime = sieve(20_000)
    sums = np.concatenate([[0], np.cumsum(np.where(prime, np.arange(20_000), 0))]).astype(np.uint64)
    counts = np.concatenate([[0], np.cumsum(prime)]).astype(np.uint64)
    limits = np.arange(20_001)
    assert_same(bs.sum_primes(limits), sums)
    assert_same(bs.count_primes(limits), counts)
    for limit in [*range(0, 2000), *range(2000, 20_001, 37)]:
        assert bs.sum_primes(limit) == int(sums[limit]) and bs.count_primes(limit) == int(counts[limit])


def test_every_small_start():
    prime = sieve(600)
    for start, limit in itertools.product([*range(0, 70), 127, 128, 129, 255, 256, 500, 600, 700], [0, 1, 2, 3, 4, 30, 64, 127, 128, 129, 130, 257, 600]):
        expected = np.flatnonzero(prime[:limit])
        expected = expected[expected >= start]
        assert bs.sum_primes(limit, start=start) == expected.sum(), (start, limit)
        assert bs.count_primes(limit, start=start) == expected.size
        assert bs.count_primes([limit, limit + 1, 5], start=start).tolist() == [bs.count_primes(n, start=start) for n in (limit, limit + 1, 5)]


@pytest.mark.parametrize("start", [0, 10**6, 10**9, 10**12, 10**15, 10**18, 2**63, 2**64 - 3001])
def test_ranges_against_single_tests(start):
    """Wherever a range lies and however it is answered, it has the primes that is_prime finds."""
    numbers = np.arange(3000, dtype=np.uint64) + np.uint64(start)
    primes = [int(n) for n in numbers[bs.is_prime(numbers)]]
    assert bs.sum_primes(start + 3000, start=start) == sum(primes)
    limits = numbers[[0, 1, 2, 500, 1777, 2999]]
    assert bs.count_primes(limits, start=start).tolist() == [sum(p < limit for p in primes) for limit in limits.tolist()]


def test_additivity(random):
    """Counts and sums of adjoining ranges add up, over ranges that are sieved, tested and divided."""
    for top in (10**5, 10**7, 10**9, 10**11):
        for _ in range(6):
            low, middle, high = sorted(int(n) for n in random.integers(0, top, 3))
            for function in (bs.sum_primes, bs.count_primes):
                assert function(high, start=low) == function(middle, start=low) + function(high, start=middle)
                assert function(high, start=low) == function(high) - function(low)


def test_many_limits_far_apart(random):
    """Those of the one pass and those on their own, in any order, with repetitions."""
    limits = np.concatenate([random.integers(-100, 3_000_000, 3000), random.integers(0, 10**9, 5), [10**9] * 3, [0, 1, 2, 3]])
    limits = random.permutation(limits)
    for start in (0, 3, 100_000):
        for function in (bs.sum_primes, bs.count_primes):
            together = function(limits, start=start)
            for i in [*range(0, limits.size, 61), *np.flatnonzero(limits > 3_000_000)]:
                assert int(together[i]) == function(int(limits[i]), start=start)
            for threads in (1, 2, 5):
                assert_same(function(limits, start=start, threads=threads), together)


@pytest.mark.parametrize("dtype", INTEGERS, ids=str)
def test_limits_dtypes_and_layouts(dtype, layout):
    limits = np.array([0, 1, 2, 3, 10, 100, 127], dtype)
    assert_same(bs.sum_primes(place(limits, layout)), np.array([0, 0, 0, 2, 17, 1060, 1593], np.uint64))
    if dtype.kind == "i":
        assert bs.count_primes(place(-limits, layout)).tolist() == [0] * 7
    shaped = np.resize(limits, (5, 3, 7))
    assert_same(bs.count_primes(place(shaped, layout)), bs.count_primes(shaped.ravel()).reshape(shaped.shape))


def test_threads_do_not_change_a_result():
    assert len({bs.sum_primes(3 * 10**11, threads=threads) for threads in (1, 2, 5)}) == 1
    assert len({bs.count_primes(6 * 10**7, start=10**6, threads=threads) for threads in (1, 2, 5)}) == 1
    numbers = np.arange(10**15, 10**15 + 20_000)
    for threads in (2, 5):
        assert_same(bs.is_prime(numbers, threads=1), bs.is_prime(numbers, threads=threads))


def test_overflow():
    assert bs.sum_primes(3 * 10**10) > 2**64
    with pytest.raises(bs.OverflowError, match="limits"):
        bs.sum_primes(np.array([10, 3 * 10**10]))
    with pytest.raises(OverflowError):
        bs.sum_primes(np.int64(3 * 10**10))
    assert bs.sum_primes(np.array([3 * 10**10]), start=3 * 10**10 - 100).tolist() == [bs.sum_primes(3 * 10**10, start=3 * 10**10 - 100)]
    assert bs.count_primes(np.array([3 * 10**10])).tolist() == [1300005926]
    for function in (bs.is_prime, bs.sum_primes, bs.count_primes):
        for n in (2**64, 10**30):
            with pytest.raises(bs.OverflowError, match="2"):
                function(n)
            with pytest.raises(bs.OverflowError):
                function([1, n])
    for function in (bs.sum_primes, bs.count_primes):
        with pytest.raises(bs.OverflowError, match="start"):
            function(10, start=2**64)


def test_errors():
    for function in (bs.is_prime, bs.sum_primes, bs.count_primes):
        for bad in (1.0, np.ones(3), np.float16(2), 1j, np.array(["a"]), np.ones(2, "M8[s]"), np.array([2], ">i4"), None, np.array([None])):
            with pytest.raises(bs.DTypeError):
                function(bad)
        with pytest.raises(bs.OptionError, match="threads"):
            function(7, threads=-1)
        with pytest.raises(bs.OptionError, match="progress"):
            function(7, progress=1)
        with pytest.raises(bs.ShapeError):
            function(np.zeros((1,) * 9, int))
        with pytest.raises(TypeError, match="masked"):
            function(np.ma.array([1]))
    for function in (bs.sum_primes, bs.count_primes):
        assert function(-5) == 0 and function(10, start=-3) == function(10)
        with pytest.raises(bs.DTypeError, match="bool"):
            function(np.array([True]))
        for start in (1.5, "a", None, [1]):
            with pytest.raises(bs.DTypeError, match="start"):
                function(10, start=start)


def test_progress():
    for call in (lambda seen: bs.sum_primes(10**12, progress=seen), lambda seen: bs.count_primes(6 * 10**8, start=3, progress=seen),
                 lambda seen: bs.is_prime(np.arange(10**15, 10**15 + 300_000), progress=seen),
                 lambda seen: bs.count_primes(np.arange(0, 3 * 10**7, 1000), progress=seen)):
        calls = []
        call(lambda done, total: calls.append((done, total)))
        assert calls and calls[-1][0] == calls[-1][1] > 0
        assert all(before[0] <= after[0] for before, after in zip(calls, calls[1:]))


def test_interrupted_calls_end_soon():
    program = """
        import signal, sys, threading, time
        import numpy as np, bytestride as bs
        calls = {"single": lambda: bs.sum_primes(10**15), "range": lambda: bs.count_primes(10**15 + 10**10, start=10**15),
                 "many": lambda: bs.sum_primes(np.arange(10**10, 2 * 10**10, 10**6)),
                 "tests": lambda: bs.is_prime(np.full(30_000_000, 2**64 - 59, np.uint64))}
        call = calls[sys.argv[1]]
        threading.Timer(0.5, lambda: signal.raise_signal(signal.SIGINT)).start()
        try:
            call()
            print("finished")
        except KeyboardInterrupt:
            print("interrupted")
    """
    for name in ("single", "range", "many", "tests"):
        done = run_python(program, name)
        assert done.stdout.split() == ["interrupted"], (name, done.stdout, done.stderr)
