"""The talk on array processing in Python: sums of the primes below 49 limits, drained from a queue by eight workers.

The talk used it to show that threads gain nothing where the interpreter's lock is held, and that processes do. A call of
Bytestride gives the lock away; but a better algorithm gains more than any number of workers. The article's trial divisions
are too slow for the talk's limits, 100 000 to 4 900 000, and run here up to a small fraction of them; the talk's own are
summed by a sieve instead.

    python3 examples/articles/sum_primes.py [--step 200]
"""
import math
import multiprocessing
import queue
import threading
from concurrent.futures import ProcessPoolExecutor
from itertools import accumulate

import bytestride as bs
import numpy as np

from _forms import Case, Different, equal, run

WORKERS = 8


def is_prime(n):
    """The article's test: division by everything up to the root."""
    if n < 2:
        return False
    if n == 2:
        return True
    for divisor in range(2, math.ceil(math.sqrt(n)) + 1):
        if n % divisor == 0:
            return False
    return True


def sum_primes(n):
    return sum(candidate for candidate in range(2, n) if is_prime(candidate))


def in_threads(function, limits):
    """The sums; the talk's workers give up when the queue is empty."""
    waiting, sums = queue.Queue(), {}
    for limit in limits:
        waiting.put(limit)

    def work():
        while True:
            try:
                limit = waiting.get(block=False)
            except queue.Empty:
                return
            sums[limit] = function(limit)

    threads = [threading.Thread(target=work) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [sums[limit] for limit in limits]


def by_sieve(limits):
    """Crosses out the multiples of every prime, once for all limits."""
    most = max(limits)
    prime = bytearray([1]) * most
    prime[:2] = b"\0\0"
    for n in range(2, math.isqrt(most) + 1):
        if prime[n]:
            prime[n * n::n] = bytes(len(range(n * n, most, n)))
    sums = list(accumulate(n * is_one for n, is_one in enumerate(prime)))
    return [sums[limit - 1] for limit in limits]


def published(before, after):
    if sum(after.tolist() if hasattr(after, "tolist") else after) != 13_881_114_910_452:
        raise Different("the sums do not add up to 13 881 114 910 452")
    return equal(before, after)


def cases(step=200):
    few = range(step, 50 * step, step)
    # The processes are there before the time is taken.
    with ProcessPoolExecutor(WORKERS, multiprocessing.get_context("forkserver")) as processes:
        yield Case(f"49 limits to {few[-1]}", lambda: [sum_primes(limit) for limit in few], lambda: bs.sum_primes(np.array(few)),
                   others={f"the loops in {WORKERS} threads": lambda: in_threads(sum_primes, few),
                           f"the loops in {WORKERS} processes": lambda: list(processes.map(sum_primes, few))})
    many = range(100_000, 5_000_000, 100_000)
    yield Case(f"49 limits to {many[-1]}", lambda: by_sieve(many), lambda: bs.sum_primes(np.array(many)), published,
               {"Bytestride, a call per limit": lambda: [bs.sum_primes(limit) for limit in many],
                f"Bytestride, {WORKERS} threads": lambda: in_threads(bs.sum_primes, many)},
               before_name="a sieve in Python", after_name="Bytestride, an array of limits")


if __name__ == "__main__":
    run(__doc__, cases)
