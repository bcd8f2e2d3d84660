"""What a careful user would compile by Numba instead of calling Bytestride: used by the rows and by the whole programs."""
import numba
import numpy as np


def compiled(function):
    """A version for one thread and one for more, since a parallel call costs 3 microseconds more: a function of the number of threads."""
    serial = numba.njit(fastmath=True, cache=True)(function)
    parallel = numba.njit(parallel=True, fastmath=True, cache=True)(function)
    return lambda threads: parallel if threads > 1 else serial


@compiled
def neighbor_product(image, out):
    """Products down the columns, then along the row, in float32."""
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


@compiled
def depth_to_points(depth, fx, fy, cx, cy, scale, out):
    """In float32, with factors that are multiplied with, 0 where nothing was measured."""
    rows, columns = depth.shape
    fx, fy, scale, cx, cy = np.float32(1 / fx), np.float32(1 / fy), np.float32(1 / scale), np.float32(cx), np.float32(cy)
    for v in numba.prange(rows):
        y = (np.float32(v) - cy) * fy
        for u in range(columns):
            reading = np.float32(depth[v, u])
            z = reading * scale if reading > np.float32(0) else np.float32(0)
            out[v, u, 0] = (np.float32(u) - cx) * fx * z
            out[v, u, 1] = y * z
            out[v, u, 2] = z
    return out


@numba.njit(cache=True)
def pattern_search(goal, start, sweeps, radius, least):
    """The published schedule as plain loops that keep the distances up to date: the points, their stress, the sweeps made."""
    x, n, components = start.copy(), goal.shape[0], start.shape[1]
    d = np.empty((n, n))
    error, before = 0.0, np.inf
    for i in range(n):
        for j in range(n):
            square = 0.0
            for k in range(components):
                square += (x[i, k] - x[j, k])**2
            d[i, j] = np.sqrt(square)
            if j < i:
                error += (goal[i, j] - d[i, j])**2
    errors = np.empty(2 * components)
    made = 0
    while made < sweeps and radius > least:
        made += 1
        if error >= before or before - error <= error * 1e-4:
            radius *= 0.5
        before = error
        for i in range(n):
            here = 0.0
            for j in range(n):
                here += (goal[i, j] - d[i, j])**2
            for m in range(2 * components):
                k, step = m % components, radius if m < components else -radius
                total = 0.0
                for j in range(n):
                    if j != i:
                        apart = x[i, k] - x[j, k]
                        total += (goal[i, j] - np.sqrt(max(d[i, j]**2 - apart * apart + (apart + step)**2, 0.0)))**2
                errors[m] = total
            best = np.argmin(errors)
            error -= here - errors[best]
            x[i, best % components] += radius if best < components else -radius
            for j in range(n):
                square = 0.0
                for k in range(components):
                    square += (x[i, k] - x[j, k])**2
                d[i, j] = d[j, i] = np.sqrt(square)
    return x, error, made
