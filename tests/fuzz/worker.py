"""What each process of the fuzzer does."""
import time
import warnings

from families import FAMILIES, Case


def work(name, first, cases, seconds, current, done):
    """Runs calls until there were so many, or the time is over; the first that fails is told."""
    warnings.simplefilter("ignore")
    end = time.monotonic() + seconds if seconds else None
    while (time.monotonic() < end) if end else (done.value < cases):
        current.value = first + done.value
        case = Case(current.value)
        FAMILIES[name](case)
        case.finish()
        done.value += 1
