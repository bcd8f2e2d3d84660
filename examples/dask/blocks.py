"""Bytestride on Dask arrays: block by block, with the bits of the whole array.

An element of a result depends on the values it is computed from, never on where it lies in an array. So a block with the
right halo gives the same bits as the whole array, whatever the chunks are. (Not so with `method="fft"`, whose rounding
depends on the tile.) The dtype of the result must be the same for every block: it follows from the dtypes, not from values.
"""
import bytestride as bs
import dask.array as da
import numpy as np

# Dask's words for Bytestride's boundaries. It has none for "mirror".
BOUNDARIES = {"reflect": "reflect", "nearest": "nearest", "wrap": "periodic"}


def convolve(image, kernel, boundary="constant", fill=0, threads=0):
    """`bs.convolve(image, kernel, boundary=boundary, fill=fill)` for a Dask array, of the same shape and bits.

    The kernel has as many dimensions as the image, and may have any extents; a chunk smaller than its halo is joined with
    its neighbours.
    """
    kernel = np.asarray(kernel)
    outside = fill if boundary == "constant" else BOUNDARIES[boundary]
    halo = tuple(extent // 2 for extent in kernel.shape)
    chunks = tuple(da.overlap.ensure_minimum_chunksize(max(depth, 1), sizes) for depth, sizes in zip(halo, image.chunks))
    dtype = bs.convolve(np.empty((1,) * image.ndim, image.dtype), kernel).dtype
    # The halo has the boundary already, so each block needs only the inside of its own.
    return da.map_overlap(_inside, image.rechunk(chunks), kernel=kernel, threads=threads, depth=dict(enumerate(halo)),
                          boundary=dict.fromkeys(range(image.ndim), outside), trim=False, allow_rechunk=False,
                          chunks=chunks, dtype=dtype, meta=np.empty((0,) * image.ndim, dtype))


def _inside(block, kernel, threads):
    """The convolution where the kernel lies inside; of an even extent one element too many, which is the last."""
    result = bs.convolve(block, kernel, region="valid", threads=threads)
    return result[tuple(slice(None, None if extent % 2 else -1) for extent in kernel.shape)]


def distances(x, y=None, metric="euclidean", threads=0):
    """`bs.distances(x, y, metric=metric)` for Dask arrays of points in rows: one block for each pair of chunks of rows."""
    y = x if y is None else y
    x, y = (points.rechunk({1: -1}) for points in (x, y))
    few = [np.zeros((1, points.shape[1]), points.dtype) for points in (x, y)]
    return da.blockwise(bs.distances, "ij", x, "id", y, "jd", concatenate=True, metric=metric, threads=threads,
                        dtype=bs.distances(*few, metric=metric).dtype)
