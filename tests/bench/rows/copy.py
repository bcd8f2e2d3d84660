"""Copies, casts and transposes against NumPy, OpenCV and loops compiled by Numba."""
from functools import partial

import bytestride as bs
import cv2
import numba
import numpy as np
from loops import compiled
from machine import Work, amd_or_intel
from race import Candidates, Row


@compiled
def transposed(a, out):
    for i in numba.prange(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = a[j, i]
    return out


@compiled
def casted(a, out):
    for i in numba.prange(a.size):
        out[i] = a[i]
    return out


def copied(out, a):
    np.copyto(out, a, casting="unsafe")
    return out


def transpose(source, result, side, threads):
    a = (255 * np.random.default_rng(2).random((side, side))).astype(source)
    out = [np.empty((side, side), result) for _ in range(4)]
    by_numba = transposed(threads)
    peers = {"numpy": lambda: copied(out[1], a.T), "numba": lambda: by_numba(a, out[2])}
    if source == result:
        peers["opencv"] = lambda: cv2.transpose(a, dst=out[3])
    return Candidates(lambda: bs.transpose(a, dtype=result, out=out[0], threads=threads), peers,
                      work=Work(read=a.nbytes, written=out[0].nbytes))


def transpose_new(side, threads):
    a = np.random.default_rng(2).random((side, side))
    return Candidates(lambda: bs.transpose(a, dtype=np.float32, threads=threads), {"numpy": lambda: a.T.astype(np.float32, order="C")})


def in_place(side, threads):
    ours = np.random.default_rng(2).random((side, side))
    numpys = ours.copy()

    def twice():  # so that the array is the same before every turn
        bs.transpose_inplace(ours, threads=threads)
        return bs.transpose_inplace(ours, threads=threads)

    def twice_by_numpy():  # it has no transpose in place: it copies, and copies back
        numpys[...] = numpys.T.copy()
        numpys[...] = numpys.T.copy()
        return numpys
    return Candidates(twice, {"numpy": twice_by_numpy})


def cast(source, result, size, threads):
    a = (1000 * np.random.default_rng(2).random(size)).astype(source)
    out = [np.empty(size, result) for _ in range(3)]
    by_numba = casted(threads)
    return Candidates(lambda: bs.cast(a, result, out=out[0], threads=threads),
                      {"numpy": lambda: copied(out[1], a), "numba": lambda: by_numba(a, out[2])}, work=Work(read=a.nbytes, written=out[0].nbytes))


def copy(size, threads):
    a = np.random.default_rng(2).random(size)
    ours, theirs = np.empty(size), np.empty(size)
    return Candidates(lambda: bs.copy(a, out=ours, threads=threads), {"numpy": lambda: copied(theirs, a)},
                      work=Work(read=a.nbytes, written=a.nbytes))


def planes(threads):
    image = np.random.default_rng(2).integers(0, 255, (1080, 1920, 3)).astype(np.uint8)
    ours, theirs = (np.empty((3, 1080, 1920), np.float32) for _ in range(2))
    return Candidates(lambda: bs.transpose(image, (2, 0, 1), dtype=np.float32, out=ours, threads=threads),
                      {"numpy": lambda: copied(theirs, image.transpose(2, 0, 1))}, work=Work(read=image.nbytes, written=ours.nbytes))


f32, f64 = np.float32, np.float64
ROWS = [  # 4096 is a power of two: its rows fall into the same cache sets, 4032 shows the difference
    Row("transpose float64 to float32, 4096^2, out=", partial(transpose, f64, f32, 4096), (7, 7.5)),
    Row("transpose float64 to float32, 4032^2, out=", partial(transpose, f64, f32, 4032), (7, 7)),
    Row("transpose float64 to float32, 150^2, out=", partial(transpose, f64, f32, 150), (1.3, 1.3)),
    Row("transpose float64, 4096^2, out=", partial(transpose, f64, f64, 4096), (1.4, 2.5)),
    Row("transpose float64, 4000^2, out=", partial(transpose, f64, f64, 4000), (2.7, 4.3)),
    Row("cast float64 to float32, 16.8 M, out=", partial(cast, f64, f32, 4096 * 4096), (1.05, amd_or_intel(1.35, 1.8))),
    Row("transpose float32, 4096^2, out=", partial(transpose, f32, f32, 4096)),
    Row("transpose uint8, 4096^2, out=", partial(transpose, np.uint8, np.uint8, 4096)),
    Row("transpose float64 to float32, 150^2, new result", partial(transpose_new, 150)),
    Row("transpose uint8 to float32, 1080 x 1920 x 3 to planes, out=", planes),
    Row("transpose_inplace float64, 2048^2, twice", partial(in_place, 2048)),
    Row("cast float32 to int16, 16.8 M, out=", partial(cast, f32, np.int16, 4096 * 4096)),
    Row("copy float64, 16.8 M, out=", partial(copy, 4096 * 4096)),
]
