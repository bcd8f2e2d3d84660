"""Every function on data of every kind, at the level of this process: prints nothing, writes an archive of arrays.

    python families.py FOLDER_OF_THE_PACKAGE FOLDER_OF_THE_TESTS OUT.npz

The name of an array says how it may differ between levels: `exact ...` not at all, `bound ...` by twice the array of the
same name behind `error ...`. Each call is made on one thread and on three, and over another layout, and gives the same bits.
"""
import sys

sys.path[:0] = sys.argv[1:3]

import numpy as np  # noqa: E402

import bytestride as bs  # noqa: E402
import layouts  # noqa: E402
from test_accuracy import KINDS, data, least, unit  # noqa: E402

found = {}


def keep(name, call, *arrays, error=None):
    """The result of call(*arrays, threads=...) under a name."""
    result = np.asarray(call(*arrays, threads=1))
    for other in (call(*arrays, threads=3), call(*(layouts.place(a, "negative") for a in arrays), threads=3)):
        layouts.assert_same(np.asarray(other), result)
    found[("exact " if error is None else "bound ") + name] = result
    if error is not None:
        found["error " + name] = np.broadcast_to(np.asarray(error, float), result.shape)


def integers(random):
    for a in layouts.DTYPES:
        values = np.concatenate([layouts.special_values(a), layouts.random_values(random, a, 1000)])
        for b in layouts.DTYPES:
            if not (a.kind == "c" and b.kind != "c"):
                for rule in ("wrap", "saturate"):
                    keep(f"cast {a} {b} {rule}", lambda x, threads: bs.cast(x, b, rule=rule, threads=threads), values)
            others = np.resize(layouts.random_values(random, b, 999), values.shape)
            complex_numbers = "c" in (a.kind, b.kind)
            for name in ("add", "subtract", "minimum", "maximum") + (() if complex_numbers else ("multiply", "divide")):
                if not (name == "subtract" and a.kind == b.kind == "b"):
                    keep(f"{name} {a} {b}", lambda x, y, threads: getattr(bs, name)(x, y, threads=threads), values, others)
    image = random.integers(0, 256, (301, 257), dtype=np.uint8)
    for n in (3, 5, 9):
        keep(f"convolve uint8 {n}", lambda x, threads: bs.convolve(x, random_taps[:n, :n], boundary="mirror", threads=threads), image)
        wide = image.astype(np.int64) * 2**40
        keep(f"convolve int64 {n}", lambda x, threads: bs.convolve(x, random_taps[:n, :n], boundary="wrap", threads=threads), wide)
    for dtype in (np.uint8, np.uint16):
        picture = random.integers(0, np.iinfo(dtype).max, (90, 120, 4), dtype, endpoint=True)
        for radius in (1, 2, 3):
            keep(f"neighbor_product {dtype.__name__} {radius}", lambda x, threads: bs.neighbor_product(x, radius=radius, threads=threads), picture)
    for dtype in ("int32", "uint64", "float32", "float64"):
        table, keys = np.sort(layouts.random_values(random, dtype, 30_000)), layouts.random_values(random, dtype, 20_000)
        keys[::3] = table[:len(keys[::3])]
        keep(f"searchsorted {dtype}", bs.searchsorted, table, keys)
        keep(f"binary_search {dtype}", bs.binary_search, np.unique(table), keys)
    keep("is_prime", bs.is_prime, np.concatenate([np.arange(5000), np.arange(2**62, 2**62 + 3000)]).astype(np.uint64))
    limits = np.concatenate([np.arange(0, 3000, 7), 10 ** np.arange(3, 10)])
    keep("sum_primes", bs.sum_primes, limits)
    keep("count_primes", lambda x, threads: bs.count_primes(x, start=500, threads=threads), limits)


random_taps = np.random.default_rng(9).integers(-9, 10, (9, 9)).astype(np.int8)


def floats(random):
    for dtype in ("float32", "float64"):
        u, eta = float(unit(dtype)), float(least(dtype))
        for kind in KINDS:
            special = kind == "special"
            x, y = data(random, kind, dtype, (210, 190)), data(random, kind, dtype, (210, 190))
            for n in (3, 7, 15):
                w = data(random, "random" if special or kind == "subnormal" else kind, dtype, (n, n))
                size = bs.convolve(abs(x).astype(float), abs(w).astype(float)) * 1.001
                keep(f"convolve {dtype} {kind} {n}", lambda a, b, threads: bs.convolve(a, b, method="direct", threads=threads), x, w,
                     error=(w.size + 2) * u * size + w.size * eta)
                if not special:
                    keep(f"convolve {dtype} {kind} {n} fft", lambda a, b, threads: bs.convolve(a, b, method="fft", threads=threads), x, w,
                         error=8 * u * np.log2(x.size) * np.linalg.norm(x.astype(float)) * np.linalg.norm(w.astype(float)) + w.size * eta)
            for d in (2, 3, 100):
                for metric, bound in (("euclidean", d / 2 + 4), ("sqeuclidean", d + 3), ("cityblock", d + 3), ("chebyshev", 1)):
                    def call(a, threads):
                        return bs.distances(a, metric=metric, threads=threads)
                    points = np.ascontiguousarray(x[:, :d])
                    wide = abs(bs.distances(points.astype(float), metric=metric)) * 1.001
                    lost = {"sqeuclidean": d * eta, "euclidean": (d * eta) ** 0.5}.get(metric, 0) if kind == "subnormal" else 0
                    keep(f"distances {metric} {dtype} {kind} {d}", call, points, error=bound * u * wide + lost)
            total = float(bs.squared_error(x.astype(float), y.astype(float)))
            lost = x.size * least("float64") if kind == "subnormal" else 0
            keep(f"squared_error {dtype} {kind}", bs.squared_error, x, y,
                 error=(np.log2(max(x.size / 8192, 1)) + 12) * 2.0**-53 * total * 1.001 + lost)
            if kind in ("random", "huge", "tiny"):
                picture = data(random, kind, dtype, (60, 70, 3))
                for radius in (1, 2):
                    keep(f"neighbor_product {dtype} {kind} {radius}",
                         lambda a, threads: bs.neighbor_product(a, radius=radius, threads=threads), picture,
                         error=((2 * radius + 1) ** 2 + 8) * u * 1.001 * abs(bs.neighbor_product(picture, radius=radius)) + eta)
                a, b = (data(random, kind, dtype, 4000) + 1j * data(random, kind, dtype, 4000) for _ in range(2))
                a, b = (z.astype("complex64" if dtype == "float32" else "complex128") for z in (a, b))
                b[b == 0] = 1
                size_a, size_b = abs(a.astype(complex)), abs(b.astype(complex))
                for name, size in (("multiply", size_a * size_b), ("divide", size_a / size_b)):
                    for part in ("real", "imag"):
                        keep(f"{name} {dtype} {kind} {part}",
                             lambda p, q, threads: np.array(getattr(getattr(bs, name)(p, q, threads=threads), part)),
                             a, b, error=4 * u * size * 1.001)
    camera = dict(fx=500.0, fy=510.0, cx=320.5, cy=240.25)
    for dtype in ("uint16", "int32", "float32", "float64"):
        depth = (random.random((200, 333)) * 5000).astype(dtype)
        cloud = bs.depth_to_points(depth, **camera, invalid="zero")
        ulp = np.spacing(abs(cloud)) * 2
        keep(f"depth_to_points {dtype}", lambda a, threads: bs.depth_to_points(a, **camera, invalid="zero", threads=threads), depth, error=ulp)
    points = random.random((120, 5))
    goal, start = bs.distances(points, threads=1), random.random((120, 2))
    some = random.random((120, 120))
    for name, weights in (("smacof", None), ("weighted smacof", some + some.T)):
        options = dict(method="smacof", init=start, weights=weights, max_iter=10, eps=1e-30)
        keep(name, lambda a, threads: bs.mds(a, threads=threads, **options).points, goal, error=1e-9 * goal.max())
    keep("classical_mds", lambda a, threads: bs.classical_mds(a, n_components=5, threads=threads)[1], goal, error=1e-10 * (goal**2).sum())


if __name__ == "__main__":
    with np.errstate(all="ignore"):
        integers(np.random.default_rng(5))
        floats(np.random.default_rng(6))
    np.savez(sys.argv[3], **found)
