"""Copies, casts and transposes against NumPy."""
import bytestride as bs
import numpy as np
from race import Row


def rows(threads):
    random = np.random.default_rng(2)
    # 4096 is a power of two: its rows fall into the same cache sets, 4032 shows the difference.
    for side, goal in ((4096, 4.0 if threads > 1 else None), (4032, None), (150, None)):
        a = random.random((side, side))
        ours, theirs = np.empty((side, side), np.float32), np.empty((side, side), np.float32)
        yield Row(f"transpose float64 to float32, {side}^2, out=",
                  lambda: bs.transpose(a, dtype=np.float32, out=ours, threads=threads),
                  {"numpy": lambda: copied(theirs, a.T)}, threads, goal=goal)
    yield Row("transpose float64 to float32, 150^2, new result", lambda: bs.transpose(a, dtype=np.float32, threads=threads),
              {"numpy": lambda: a.T.astype(np.float32, order="C")}, threads)
    for dtype in (np.float64, np.float32, np.uint8):
        a = (255 * random.random((4096, 4096))).astype(dtype)
        ours, theirs = np.empty_like(a), np.empty_like(a)
        yield Row(f"transpose {np.dtype(dtype)}, 4096^2, out=", lambda: bs.transpose(a, out=ours, threads=threads),
                  {"numpy": lambda: copied(theirs, a.T)}, threads)
    inside = random.random((2048, 2048))
    before = inside.copy()
    yield Row("transpose_inplace float64, 2048^2, twice", lambda: twice(inside, threads),
              {"numpy": lambda: numpys_twice(before)}, threads)

    a = random.random(16_800_000)
    ours, theirs = np.empty(a.shape, np.float32), np.empty(a.shape, np.float32)
    yield Row("cast float64 to float32, 16.8 M, out=", lambda: bs.cast(a, np.float32, out=ours, threads=threads),
              {"numpy": lambda: copied(theirs, a)}, threads)
    b = (1000 * a).astype(np.float32)
    narrow, numpys = np.empty(a.shape, np.int16), np.empty(a.shape, np.int16)
    yield Row("cast float32 to int16, 16.8 M, out=", lambda: bs.cast(b, np.int16, out=narrow, threads=threads),
              {"numpy": lambda: copied(numpys, b)}, threads)
    result, other = np.empty(a.shape), np.empty(a.shape)
    yield Row("copy float64, 16.8 M, out=", lambda: bs.copy(a, out=result, threads=threads),
              {"numpy": lambda: copied(other, a)}, threads)
    image = random.integers(0, 255, (1080, 1920, 3)).astype(np.uint8)
    planes, numpys_planes = np.empty((3, 1080, 1920), np.float32), np.empty((3, 1080, 1920), np.float32)
    yield Row("transpose uint8 to float32, 1080 x 1920 x 3 to planes, out=",
              lambda: bs.transpose(image, (2, 0, 1), dtype=np.float32, out=planes, threads=threads),
              {"numpy": lambda: copied(numpys_planes, image.transpose(2, 0, 1))}, threads)


def copied(out, a):
    np.copyto(out, a, casting="unsafe")
    return out


def twice(a, threads):
    """Both transposes, so that the array is the same before every turn."""
    bs.transpose_inplace(a, threads=threads)
    return bs.transpose_inplace(a, threads=threads)


def numpys_twice(a):
    """NumPy has no transpose in place: it copies, and copies back."""
    a[...] = a.T.copy()
    a[...] = a.T.copy()
    return a
