"""The neighbourhood product against Numba and NumPy. The peers' floats may be off by one; ours is exact."""
from functools import partial

import bytestride as bs
import loops
import numpy as np
from race import Candidates, Row


def by_numpy(image, out):
    x = image[..., :3] * np.float64(1 / 255)
    down = x[:-2] * x[1:-1] * x[2:]
    product = down[:, :-2] * down[:, 1:-1] * down[:, 2:]
    norm = np.sqrt((product * product).sum(-1, keepdims=True))
    out[1:-1, 1:-1, :3] = np.divide(product, norm, out=np.zeros_like(product), where=norm > 0) * 255
    return out


def product(size, peer, threads):
    image = np.random.default_rng(13).integers(1, 256, (*size, 4)).astype(np.uint8)
    ours, theirs = np.zeros_like(image), np.zeros_like(image)
    theirs[..., 3] = 255
    compiled_loop = loops.neighbor_product(threads)
    peers = {"numba": lambda: compiled_loop(image, theirs)} if peer == "numba" else {"numpy": lambda: by_numpy(image, theirs)}
    return Candidates(lambda: bs.neighbor_product(image, out=ours, threads=threads), peers, 1.0)


ROWS = [Row(f"neighborhood product 3x3 uint8 RGBA, {size[0]}x{size[1]}, against {peer}, out=", partial(product, size, peer), target)
        for size in ((535, 950), (1080, 1920)) for peer, target in (("numba", (3.8, 3.5)), ("numpy", (35.0, 60.0)))]
