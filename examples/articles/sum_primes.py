"""The talk's sums of primes below 100 000, 200 000, ... 4 900 000, drained from a queue by eight workers.

The talk used it to show that threads gain nothing where the interpreter's lock is held, and processes do. A call of
Bytestride gives the lock away; but a better algorithm gains more than any number of workers.
"""
import math
import queue
import threading
import time

import bytestride as bs
import numpy as np


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


def drained(function, limits, workers):
    """The sums by limit, and the time in milliseconds. The talk's workers gave up when the queue was empty."""
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

    start = time.perf_counter()
    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sums, (time.perf_counter() - start) * 1e3


few = range(1_000, 50_000, 1_000)  # the article's own loop is too slow for the talk's limits: a hundredth of them
slow, alone = drained(sum_primes, few, 1)
slow_again, together = drained(sum_primes, few, 8)
assert slow == slow_again == {limit: bs.sum_primes(limit) for limit in few}
print(f"the article's loop, 49 limits below    50 000: one worker {alone:9.3f} ms, eight {together:9.3f} ms")

many = range(100_000, 5_000_000, 100_000)
fast, alone = drained(bs.sum_primes, many, 1)
fast_again, together = drained(bs.sum_primes, many, 8)
assert fast == fast_again
print(f"bs.sum_primes,      49 limits below 5 000 000: one worker {alone:9.3f} ms, eight {together:9.3f} ms")

start = time.perf_counter()
sums = bs.sum_primes(np.array(many))
print(f"bs.sum_primes of an array of the same limits:  one call   {(time.perf_counter() - start) * 1e3:9.3f} ms")
assert sums.tolist() == [fast[limit] for limit in many]
assert int(sums.sum()) == 13_881_114_910_452
print(f"the primes below {many[-1]:,} add up to {sums[-1]:,}")
