"""What the programs of this folder share: their arguments, the comparison of the forms, and the times.

A program yields cases, each in two forms: the article's ("before") and Bytestride's ("after"). By default both run once
and must agree, or the program ends with status 1; then they are timed. `--form before --seconds 5` repeats one form for
a profiler, as `make profile` does. Nothing here needs NumPy.
"""
import argparse
import inspect
import sys
import time
from dataclasses import dataclass, field
from typing import Callable


class Different(Exception):
    """Two forms disagree."""


class CannotRun(Exception):
    """What the program needs is not here; the text says what."""


def equal(before, after):
    """The same elements and, where both are arrays, the same dtype."""
    a, b = (value.tolist() if hasattr(value, "tolist") else value for value in (before, after))
    if a != b:
        raise Different("the results are not equal")
    if hasattr(before, "dtype") and hasattr(after, "dtype") and before.dtype != after.dtype:
        raise Different(f"the dtypes {before.dtype} and {after.dtype} differ")
    return "equal"


def within(bound, name="the bound"):
    """A comparison: no element differs by more than `bound`, which is a number or an array."""
    def compare(before, after):
        if before.shape != after.shape:
            raise Different(f"the shapes {before.shape} and {after.shape} differ")
        if not (abs(before - after) <= bound).all():
            raise Different(f"the results differ by {abs(before - after).max():.3g}, beyond {name}")
        return f"within {name}"
    return compare


@dataclass
class Case:
    name: str
    before: Callable[[], object]
    after: Callable[[], object]
    compare: Callable = equal  # (before, after) -> what to say, or raises Different
    others: dict = field(default_factory=dict)  # name -> further forms, compared in the same way
    before_name: str = "the article's loops"
    after_name: str = "Bytestride"


def best_time(form, seconds=0.1):
    """The shortest time of a call in milliseconds, from at least three calls unless one takes longer than `seconds`."""
    times, stop = [], time.perf_counter() + seconds
    while time.perf_counter() < stop or (len(times) < 3 and min(times, default=0) < seconds):
        start = time.perf_counter()
        form()
        times.append(time.perf_counter() - start)
    return min(times) * 1e3


def show(case):
    result = case.after()
    verdict = case.compare(case.before(), result)
    for form in case.others.values():
        case.compare(form(), result)
    print(f"{case.name}: {verdict}")
    for name, form in {case.before_name: case.before, **case.others, case.after_name: case.after}.items():
        print(f"  {name:<36} {best_time(form):12.3f} ms", flush=True)


def repeat(cases, form, seconds):
    """One form of every case, again and again."""
    calls, stop = 0, time.perf_counter() + seconds
    while time.perf_counter() < stop:
        for case in cases:
            getattr(case, form)()
            calls += 1
    print(f"{form}: {calls} calls in {seconds:g} seconds")


def run(document, cases):
    """The program: `cases` is a function that yields cases; its parameters are whole numbers with defaults, and become options."""
    parser = argparse.ArgumentParser(description=document, formatter_class=argparse.RawDescriptionHelpFormatter)
    numbers = inspect.signature(cases).parameters
    for name, parameter in numbers.items():
        parser.add_argument(f"--{name}", type=int, default=parameter.default, help=f"default {parameter.default}")
    parser.add_argument("--form", choices=("both", "before", "after"), default="both", help="both: compare and time; else repeat one")
    parser.add_argument("--seconds", type=float, default=2, help="how long one form is repeated; default 2")
    options = vars(parser.parse_args())
    try:
        chosen = cases(**{name: options[name] for name in numbers})
        if options["form"] == "both":
            for case in chosen:
                show(case)
        else:
            repeat(list(chosen), options["form"], options["seconds"])
    except CannotRun as reason:
        print(reason)
    except Different as difference:
        sys.exit(f"{sys.argv[0]}: {difference}")
