"""The neighbourhood product against numba and NumPy. The peers' floats may be off by one; ours is exact."""
import bytestride as bs
import numba
import numpy as np
from race import Row


@numba.njit(parallel=True, fastmath=True)
def separable_by_numba(image, out):
    """What a careful user compiles: products down the columns, then along the row, in float32."""
    rows, columns = image.shape[:2]
    half, small = np.float32(0.5), np.float32(2.0**-55)
    for y in numba.prange(1, rows - 1):
        down = np.empty((columns, 3), np.float32)
        for x in range(columns):
            for c in range(3):
                down[x, c] = (image[y - 1, x, c] * half) * (image[y, x, c] * half) * (image[y + 1, x, c] * half)
        for x in range(1, columns - 1):
            r = down[x - 1, 0] * down[x, 0] * down[x + 1, 0] * small
            g = down[x - 1, 1] * down[x, 1] * down[x + 1, 1] * small
            b = down[x - 1, 2] * down[x, 2] * down[x + 1, 2] * small
            squares = r * r + g * g + b * b
            factor = np.float32(255) / np.sqrt(squares) if squares > 0 else np.float32(0)
            out[y, x, 0], out[y, x, 1], out[y, x, 2] = np.uint8(r * factor), np.uint8(g * factor), np.uint8(b * factor)
            out[y, x, 3] = 255
    return out


def by_numpy(image, out):
    x = image[..., :3] * np.float64(1 / 255)
    down = x[:-2] * x[1:-1] * x[2:]
    products = down[:, :-2] * down[:, 1:-1] * down[:, 2:]
    norm = np.sqrt((products * products).sum(-1, keepdims=True))
    out[1:-1, 1:-1, :3] = np.divide(products, norm, out=np.zeros_like(products), where=norm > 0) * 255
    return out


def rows(threads):
    numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
    random = np.random.default_rng(13)
    for size in ((535, 950), (1080, 1920)):
        image = random.integers(1, 256, (*size, 4)).astype(np.uint8)
        ours, compiled, plain = np.zeros_like(image), np.zeros_like(image), np.zeros_like(image)
        compiled[..., 3] = plain[..., 3] = 255
        yield Row(f"neighborhood product 3x3 uint8 RGBA, {size[0]}x{size[1]}, out=",
                  lambda: bs.neighbor_product(image, out=ours, threads=threads),
                  {"numba, separable": lambda: separable_by_numba(image, compiled), "numpy, separable": lambda: by_numpy(image, plain)},
                  threads, bound=1.0, goal=1.0)
