"""The cost of views: every array of a call strided, negative, transposed or misaligned, or the first alone transposed or mirrored,
against the same call on contiguous arrays.

A view of every second element touches twice as many cache lines as it has elements, so where memory is the limit its time is
divided by the traffic: that is what may not exceed 1.5. Past the caches a result with gaps has four times the traffic: its lines are read
before they are written, and those of a contiguous one are not. Where arithmetic is the limit it is the plain ratio."""
from dataclasses import dataclass
from statistics import median
from typing import Callable

import bytestride as bs
import machine
import numpy as np
import race
import report

MOST = 1.5


# ---- Layouts: the same elements, elsewhere in memory ----------------------------------------------------

def strided(a):
    """Every second element of the last axis."""
    wide = np.zeros((*a.shape[:-1], 2 * a.shape[-1]), a.dtype)
    wide[..., ::2] = a
    return wide[..., ::2]


def rows_apart(a):
    """Every second row."""
    if a.ndim < 2:
        return a
    tall = np.zeros((2 * a.shape[0], *a.shape[1:]), a.dtype)
    tall[::2] = a
    return tall[::2]


def negative(a):
    backwards = (slice(None, None, -1),) * a.ndim
    return np.ascontiguousarray(a[backwards])[backwards]


def mirrored(a):
    """Each row from its end, as an image seen in a mirror."""
    backwards = (slice(None),) * min(a.ndim - 1, 1) + (slice(None, None, -1),)
    return np.ascontiguousarray(a[backwards])[backwards]


def transposed(a):
    return np.asfortranarray(a)


def misaligned(a):
    """One byte beyond an element's boundary; single bytes are always aligned."""
    if a.itemsize == 1:
        return a
    memory = np.zeros(a.nbytes + 64, np.uint8)
    first = -memory.ctypes.data % 64 + 1
    view = memory[first:first + a.nbytes].view(a.dtype).reshape(a.shape)
    view[...] = a
    return view


LAYOUTS = {"strided": (strided, 2), "rows apart": (rows_apart, 1), "negative": (negative, 1), "transposed": (transposed, 1),
           "misaligned": (misaligned, 1), "first transposed": (transposed, 1), "first mirrored": (mirrored, 1)}  # and the cache lines touched per line of elements


# ---- Calls ----------------------------------------------------------------------------------------------

@dataclass
class Case:
    name: str
    arrays: Callable  # -> the arrays that change their layout
    call: Callable    # (threads, *arrays) -> the result
    memory: bool = True  # memory is the limit
    result: bool = True  # the last array is only written


def random(*shape):
    return np.random.default_rng(0).random(shape)


def integers(dtype, most, *shape):
    return np.random.default_rng(0).integers(1, most, shape).astype(dtype)


def goal():
    return bs.distances(np.random.default_rng(0).standard_normal((1000, 10)))


KERNEL, WIDE = random(3, 3), random(7, 7).astype(np.float32)
CAMERA = (525.0, 525.0, 319.5, 239.5)
CASES = [
    Case("add float64, 4 M", lambda: (random(2048, 2048), random(2048, 2048), np.empty((2048, 2048))),
         lambda threads, a, b, out: bs.add(a, b, out=out, threads=threads)),
    Case("add float64, 2000^2", lambda: (random(2000, 2000), random(2000, 2000), np.empty((2000, 2000))),
         lambda threads, a, b, out: bs.add(a, b, out=out, threads=threads)),
    Case("add float64, 64 k", lambda: (random(256, 256), random(256, 256), np.empty((256, 256))),
         lambda threads, a, b, out: bs.add(a, b, out=out, threads=threads)),
    Case("add uint8, 4 M", lambda: (integers(np.uint8, 256, 2048, 2048), integers(np.uint8, 256, 2048, 2048), np.empty((2048, 2048), np.uint8)),
         lambda threads, a, b, out: bs.add(a, b, out=out, threads=threads)),
    Case("add uint8, 1080p", lambda: (integers(np.uint8, 256, 1080, 1920), integers(np.uint8, 256, 1080, 1920), np.empty((1080, 1920), np.uint8)),
         lambda threads, a, b, out: bs.add(a, b, out=out, threads=threads)),
    Case("copy float64, 4 M", lambda: (random(2048, 2048), np.empty((2048, 2048))), lambda threads, a, out: bs.copy(a, out=out, threads=threads)),
    Case("cast float64 to float32, 4 M", lambda: (random(2048, 2048), np.empty((2048, 2048), np.float32)),
         lambda threads, a, out: bs.cast(a, np.float32, out=out, threads=threads)),
    Case("transpose float64 to float32, 2048^2", lambda: (random(2048, 2048), np.empty((2048, 2048), np.float32)),
         lambda threads, a, out: bs.transpose(a, dtype=np.float32, out=out, threads=threads)),
    Case("convolve 3x3 float64, 1080p", lambda: (random(1080, 1920), np.empty((1080, 1920))),
         lambda threads, a, out: bs.convolve(a, KERNEL, out=out, threads=threads)),
    Case("convolve 3x3 uint8 by float32, 1080p", lambda: (integers(np.uint8, 28, 1080, 1920), np.empty((1080, 1920), np.uint8)),
         lambda threads, a, out: bs.convolve(a, KERNEL.astype(np.float32), dtype=np.uint8, out=out, threads=threads), memory=False),
    Case("convolve 7x7 float32, 480x640", lambda: (random(480, 640).astype(np.float32), np.empty((480, 640), np.float32)),
         lambda threads, a, out: bs.convolve(a, WIDE, out=out, threads=threads), memory=False),
    Case("neighbor_product uint8 RGBA, 535x950", lambda: (integers(np.uint8, 256, 535, 950, 4), np.zeros((535, 950, 4), np.uint8)),
         lambda threads, a, out: bs.neighbor_product(a, out=out, threads=threads), memory=False),
    Case("depth_to_points uint16, 960x1280", lambda: (integers(np.uint16, 6000, 960, 1280), np.empty((960, 1280, 3), np.float32)),
         lambda threads, a, out: bs.depth_to_points(a, *CAMERA, out=out, threads=threads)),
    Case("points_to_depth, 480x640", lambda: (bs.depth_to_points(integers(np.uint16, 6000, 480, 640), *CAMERA), np.empty((480, 640), np.uint16)),
         lambda threads, a, out: bs.points_to_depth(a, *CAMERA, (480, 640), out=out, threads=threads), memory=False),
    Case("distances float64, 2000 x 3", lambda: (random(2000, 3), np.empty((2000, 2000))),
         lambda threads, x, out: bs.distances(x, out=out, threads=threads)),
    Case("distances_from, 4096 x 3", lambda: (random(4096, 3), random(3), np.empty(4096)),
         lambda threads, x, point, out: bs.distances_from(x, point, out=out, threads=threads), memory=False),
    Case("update_distances, 1000 x 3", lambda: (random(1000, 3), np.zeros((1000, 1000))),
         lambda threads, x, d: bs.update_distances(x, d, 7, threads=threads)[7], result=False),
    Case("squared_error, 2000^2", lambda: (random(2000, 2000), random(2000, 2000)[::-1].copy()),
         lambda threads, a, b: bs.squared_error(a, b, threads=threads), result=False),
    Case("mds smacof, 1000 points", lambda: (goal(), random(1000, 2)),
         lambda threads, d, init: bs.mds(d, method="smacof", init=init, max_iter=3, eps=0, threads=threads).stress, memory=False),
    Case("searchsorted, 100 k table, 100 k", lambda: (np.sort(random(100_000)), random(100_000), np.empty(100_000, np.int64)),
         lambda threads, a, v, out: bs.searchsorted(a, v, out=out, threads=threads), memory=False),
    Case("binary_search, 100 k table, 100 k", lambda: (np.arange(100_000), integers(np.int64, 100_000, 100_000), np.empty(100_000, np.int64)),
         lambda threads, a, v, out: bs.binary_search(a, v, out=out, threads=threads), memory=False),
    Case("is_prime, 10 k", lambda: (integers(np.uint64, 2**63, 10_000),), lambda threads, n: bs.is_prime(n, threads=threads), memory=False),
    Case("sum_primes, 10 k limits", lambda: (integers(np.int64, 10**6, 10_000),), lambda threads, n: bs.sum_primes(n, threads=threads), memory=False),
]


@dataclass
class Result:
    name: str
    threads: int
    contiguous: float
    costs: dict  # layout -> times the contiguous call, at equal traffic
    differs: list  # layouts whose result is another one


def traffic_of(case, arrays, moved, lines):
    """Bytes that a call moves between memory, or a cache, and the processor. `lines` per line of elements, where an array has moved."""
    total = sum(a.nbytes for a in arrays)
    past_caches = total >= machine.last_level_cache() * 2 / 3  # as the library has it
    traffic = 0
    for a, far in zip(arrays, moved):
        touched = a.nbytes * (lines if far else 1)
        written_only = case.result and a is arrays[-1] and past_caches and touched == a.nbytes
        traffic += touched * (2 if case.result and a is arrays[-1] and not written_only else 1)
    return traffic


def of(case, threads):
    plain = case.arrays()

    def call(arrays):
        return lambda: case.call(threads, *arrays)

    calls, differs, traffic = {"contiguous": call(plain)}, [], {}
    expected = np.array(calls["contiguous"]())
    least = traffic_of(case, plain, [False] * len(plain), 1)
    for name, (arrange, lines) in LAYOUTS.items():
        views = [a if number and name.startswith("first") else arrange(a) for number, a in enumerate(plain)]
        moved = [view is not a and (view.strides, view.ctypes.data % 64) != (a.strides, a.ctypes.data % 64) for view, a in zip(views, plain)]
        if not any(moved):
            continue
        calls[name] = call(views)
        if not np.allclose(calls[name](), expected, rtol=1e-12, atol=0):  # reductions may add in another order
            differs.append(name)
        traffic[name] = traffic_of(case, plain, moved, lines) / least if case.memory else 1.0
    times, _ = race.quietest(calls, threads)
    seconds = {name: median(values) for name, values in times.items()}
    return Result(case.name, threads, seconds["contiguous"],
                  {name: seconds[name] / seconds["contiguous"] / traffic[name] for name in traffic}, differs)


def measure(chosen, threads, say):
    results = []
    for case in CASES:
        if chosen(f"views {case.name}"):
            results.append(of(case, threads))
            say(f"views {case.name:<42} " + ", ".join(f"{name} {value:.2f}" for name, value in results[-1].costs.items()))
    return results


def section(results):
    def cell(result, layout):
        if layout not in result.costs:
            return ""
        text = f"{result.costs[layout]:.2f}" if result.costs[layout] <= MOST else f"**{result.costs[layout]:.2f}**"
        return text + (" DIFFERS" if layout in result.differs else "")

    rows = [[r.name, report.duration(r.contiguous), *(cell(r, layout) for layout in LAYOUTS)] for r in results]
    return (f"## Views\n\nTimes of one thread over those of contiguous arrays, at equal memory traffic; bold: above {MOST}. The peers' answer to most "
            "of these layouts is a copy, or an error.\n\n" + report.markdown(rows, ["call", "contiguous", *LAYOUTS]) + "\n\n![views](views.svg)\n")
