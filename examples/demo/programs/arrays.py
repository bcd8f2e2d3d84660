"""The talk on arrays: `array + 1`, cast-copy-transpose, binary search, and sums of primes in threads and processes."""
import math
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import bytestride as bs
import numpy as np

from case import Case, Picture, Table
from page import duration
from photographs import astronaut, grey

ORDER = 5
TITLE = "Arrays: adding, transposing, searching, primes"
SOURCE = ("Seppke's talk on array processing in Python: a number added to a 256 × 256 × 256 array; cast_copy_transpose and "
          "binary_search of the examples of scipy.weave; and 49 sums of primes, below 100 000 to 4 900 000, shared among workers.")
TEXT = ("Adding and transposing are bound by memory: every byte has to be moved once, and the transpose must not jump through it; "
        "all forms write to an array that is already there, but for the case named new result. Searching is bound by waiting for "
        "memory, so many searches go on at the same time. For the primes what counts is the algorithm, and that one call "
        "answers all 49 questions. The arrays are made of the pixels of a photograph.")

PRIME_LIMITS = range(100_000, 5_000_000, 100_000)


def add_by_loops(volume, out):
    """The talk's form: three nested loops over a NumPy array."""
    depth, rows, columns = volume.shape
    with np.errstate(over="ignore"):  # 255 + 1 = 0 is meant
        for i in range(depth):
            for j in range(rows):
                for k in range(columns):
                    out[i, j, k] = volume[i, j, k] + 1
    return out


def transpose_by_loops(matrix, out):
    rows, columns = matrix.shape
    for i in range(columns):
        for j in range(rows):
            out[i, j] = matrix[j, i]
    return out


def transpose_by_copyto(matrix, out):
    np.copyto(out, matrix.T, casting="same_kind")
    return out


def transpose_after_cast(matrix, out):
    np.copyto(out, matrix.astype(np.float32).T)
    return out


def add_cases(quick, pixels):
    side = 64 if quick else 256
    for dtype in (np.uint8, np.float32, np.float64):
        volume = np.resize(pixels, (side, side, side)).astype(dtype)
        piece = {"part": (volume[:16, :32, :32],), "part_name": f"16 × 32 × 32 of {side}³ elements", "scale": side**3 / (16 * 32 * 32)}
        yield Case(f"array + 1, {side}³ {np.dtype(dtype)}", (volume,), add_by_loops, {"numpy.add, out=": lambda a, out: np.add(a, 1, out=out)},
                   lambda a, out: bs.add(a, 1, out=out), np.empty_like, **piece)
    yield Case(f"array + 1, {side}³ {np.dtype(dtype)}, new result", (volume,), add_by_loops, {"array + 1": lambda a, out: a + 1},
               lambda a, out: bs.add(a, 1), np.empty_like, **piece)


def transpose_cases(quick, brightness):
    peers = {"numpy.copyto(out, a.T)": transpose_by_copyto, "a.astype, then copyto": transpose_after_cast}
    forms = (transpose_by_loops, peers, lambda a, out: bs.transpose(a, dtype=np.float32, out=out),
             lambda a: np.empty(a.shape[::-1], np.float32))
    small = np.ascontiguousarray(brightness[60:210, 150:300])
    yield Case("cast, copy, transpose, 150 × 150", (small,), *forms)
    times = 2 if quick else 8
    large = np.tile(brightness, (times, times))
    side, cut = large.shape[0], 64
    yield Case(f"cast, copy, transpose, {side} × {side}", (large,), *forms, part=(large[:cut, :cut],),
               part_name=f"{cut} × {cut} of {side} × {side} elements", scale=(side / cut) ** 2,
               shows=lambda data, result: [Picture("input, float64 (one of its tiles)", data[0][:512, :512]),
                                              Picture("transposed, float32", result[:512, :512])])


def walk(sequence, target):
    """The talk's binary search."""
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


def found_by_walks(table, values, out):
    listed = table.tolist()
    out[...] = [walk(listed, value) for value in values.tolist()]
    return out


def found_by_numpy(table, values, out):
    places = np.searchsorted(table, values)
    return np.where(table[np.minimum(places, table.size - 1)] == values, places, -1)


def ranks_by_walks(table, values, out):
    """The same walk, to the first place that is not below the value."""
    listed = table.tolist()
    for place, value in np.ndenumerate(values):
        low, high = 0, len(listed)
        while low < high:
            middle = (low + high) // 2
            if listed[middle] < value:
                low = middle + 1
            else:
                high = middle
        out[place] = low
    return out


def search_cases(quick, brightness):
    random = np.random.default_rng(0)
    table = np.sort(random.choice(10**6, 100_000, replace=False))
    yield Case("3000 searches among 100 000 numbers", (table, random.integers(0, 10**6, 3000)), found_by_walks,
               {"numpy.searchsorted, compared": found_by_numpy}, lambda table, values, out: bs.binary_search(table, values, out=out),
               lambda table, values: np.empty(values.shape, np.int64))
    picture = brightness[:128, 128:256] if quick else brightness
    part = picture[:64, :64]
    yield Case(f"ranks of {picture.size:,} pixels by brightness", (np.sort(picture, axis=None), picture), ranks_by_walks,
               {"numpy.searchsorted": lambda table, values, out: np.searchsorted(table, values)},
               lambda table, values, out: bs.searchsorted(table, values, out=out), lambda table, values: np.empty(values.shape, np.int64),
               part=(np.sort(picture, axis=None), part), part_name=f"{part.size:,} of {picture.size:,} pixels", scale=picture.size / part.size,
               shows=lambda data, result: [Picture("input: brightness", picture),
                                              Picture("the ranks: every grey is as frequent as any other", result * (255 / picture.size))])


def is_prime_by_division(n):
    for divisor in range(2, math.ceil(math.sqrt(n)) + 1):
        if n % divisor == 0:
            return n == divisor
    return n >= 2


def sum_by_division(limit):
    """The talk's sum_primes."""
    return sum(n for n in range(2, limit) if is_prime_by_division(n))


def sum_by_library(limit):
    return int(bs.sum_primes(limit, threads=1))


def divisions(limits):
    """How many divisions `sum_by_division` makes for all the limits."""
    largest = max(limits)
    steps = np.ceil(np.sqrt(np.arange(largest))) - 1
    for p in range(math.isqrt(largest), 1, -1):  # downwards, so that the smallest factor has the last word
        if bs.is_prime(p):
            steps[p * p::p] = p - 1
    steps[:3] = 0
    return steps.cumsum()[np.array(limits) - 1].sum()


def sums_by_division(limits, out):
    return np.array([sum_by_division(limit) for limit in limits.tolist()], np.uint64)


def sums_by_sieve(limits, out):
    """NumPy: one sieve of the odd numbers, and the running sums of the primes in it."""
    largest = int(limits.max())
    prime = np.ones(largest // 2, bool)
    prime[0] = False
    for p in range(3, math.isqrt(largest) + 1, 2):
        if prime[p // 2]:
            prime[p * p // 2::p] = False
    primes = np.concatenate([[2], 2 * np.flatnonzero(prime) + 1])
    return np.concatenate([[0], primes.cumsum()])[np.searchsorted(primes, limits)].astype(np.uint64)


def shared(function, limits, pool):
    """Seconds for the limits, drained by the workers of a pool one by one; without a pool, one after another."""
    if pool:
        list(pool.map(function, [10] * 50))  # the workers have started
    start = time.perf_counter()
    list((pool.map if pool else map)(function, limits))
    return time.perf_counter() - start


def workers_table(quick):
    """Threads and processes: who holds the interpreter's lock, and who does not."""
    count = min(8, max(2, bs.get_num_threads()))  # the talk had 8 workers
    rows = [[f"{10 if quick else 49} calls", "one after another", f"in {count} threads", f"in {count} processes"]]
    # A process of its own for each worker, without the threads of this one: they would not survive a fork.
    with ThreadPoolExecutor(count) as threads, ProcessPoolExecutor(count, multiprocessing.get_context("spawn")) as processes:
        for name, function, limits in (("trial division in Python, up to 24 500", sum_by_division, range(500, 25_000, 500)),
                                       ("Bytestride, up to 4 900 000, one thread a call", sum_by_library, PRIME_LIMITS),
                                       ("the same, up to 4 900 000 000", sum_by_library, range(10**8, 5 * 10**9, 10**8))):
            limits = limits[:10] if quick else limits
            rows.append([name] + [duration(min(shared(function, limits, pool) for _ in range(1 if quick else 3))) for pool in (None, threads, processes)])
    return Table("Why threads did not help the talk: while a thread of Python computes, it holds the interpreter's lock, so others "
                 "wait, and only processes share the work. A call of Bytestride gives the lock away, so threads do; "
                 "short calls gain from neither, for handing them out costs more than they do.", rows)


def prime_cases(quick):
    limits, part = np.array(PRIME_LIMITS), np.array(range(1000, 20_000, 1000))
    if quick:
        limits = limits[:9]
    yield Case(f"{limits.size} sums of primes, below {limits[0]:,} to {limits[-1]:,}", (limits,), sums_by_division,
               {"NumPy sieve, running sums": sums_by_sieve},
               lambda limits, out: bs.sum_primes(limits), part=(part,), part_name=f"limits up to {part[-1]:,}", scale=divisions(limits) / divisions(part),
               measures=lambda: [workers_table(quick)],
               remark=lambda outcome: f"All {limits.size} in one call. The primes below {limits[-1]:,} add up to {bs.sum_primes(int(limits[-1])):,}.")


def cases(quick):
    photo = astronaut()
    yield from add_cases(quick, photo)
    yield from transpose_cases(quick, grey(photo))
    yield from search_cases(quick, grey(photo))
    yield from prime_cases(quick)
