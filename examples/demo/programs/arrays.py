"""The array article: `array + 1`, and the talk's cast-copy-transpose."""
import bytestride as bs
import numpy as np

from case import Case, Picture
from photographs import astronaut, grey

ORDER = 2
TITLE = "Arrays: adding and transposing"
SOURCE = ("Seppke's talk on array processing in Python: a number added to a 256 × 256 × 256 array, and "
          "cast_copy_transpose of the examples of scipy.weave, which turns float64 into transposed float32.")
TEXT = ("Both are bound by memory: what counts is that every byte is moved once, and that the transpose does not jump through it. "
        "All forms write to an array that is already there, but for the case named new result, where getting the memory is the larger part. "
        "The data are the pixels of a photograph.")


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
               pictures=lambda data, result: [Picture("input, float64 (one of its tiles)", data[0][:512, :512]),
                                              Picture("transposed, float32", result[:512, :512])])


def cases(quick):
    photo = astronaut()
    yield from add_cases(quick, photo)
    yield from transpose_cases(quick, grey(photo))
