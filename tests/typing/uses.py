"""Uses of the package as type checkers see them: `make check` runs mypy --strict over this file, and it runs as well.

An `assert_type` that does not hold is an error, and so is an ignored error that does not occur.
"""
from __future__ import annotations

import sys
from array import array
from typing import Any

import numpy as np
from numpy.typing import NDArray

import bytestride as bs

if sys.version_info >= (3, 11):
    from typing import assert_type
else:
    from typing_extensions import assert_type

image = np.zeros((6, 8, 3), np.uint8)
plane = image[..., 0]


class Exporter:
    """An array that only speaks DLPack."""

    def __dlpack__(self) -> object:
        return plane.__dlpack__()

    def __dlpack_device__(self) -> tuple[int, int]:
        return 1, 0


# Every kind of input, and outputs.
assert_type(bs.add(plane, 1), NDArray[Any])
bs.add([[1, 2], [3, 4]], (1, 2))
bs.add(Exporter(), memoryview(bytes(48)).cast("B", (6, 8)), out=plane, threads=1)
bs.copy(array("d", [1.0, 2.0]), order="F")
bs.copy(b"abc", out=bytearray(3))
assert_type(bs.cast(plane, np.float32, rule="saturate"), NDArray[Any])
assert_type(bs.transpose(image, (2, 0, 1), dtype="f4"), NDArray[Any])
bs.transpose_inplace(np.eye(3))

assert_type(bs.convolve(plane, [[1, 1]], boundary="nearest", axes=(0, 1), origin=0, dtype=np.uint8), NDArray[Any])
bs.correlate(plane, np.ones((3, 3)), region="valid", method="direct", progress=lambda done, total: None)
assert_type(bs.neighbor_product(image, alpha="opaque"), NDArray[Any])

# What depends on the arguments.
assert_type(bs.is_prime(7), bool)
assert_type(bs.is_prime(np.arange(7)), NDArray[np.bool_])
assert_type(bs.sum_primes(10), int)
assert_type(bs.count_primes([10, 20]), NDArray[np.uint64])
assert_type(bs.squared_error([1.0], [2.0]), np.float64)
assert_type(bs.squared_error([[1.0]], [[2.0]], rows=True), NDArray[np.float64])

points = bs.distances([[0.0, 0.0], [3.0, 4.0]], metric="euclidean")
assert_type(points, NDArray[Any])
result = bs.mds(points, method="smacof", init="classical", weights=np.ones((2, 2)))
assert_type(result.points, NDArray[Any])
assert_type(result.stress, float)
assert_type(bs.classical_mds(points), tuple[NDArray[Any], NDArray[Any]])
assert_type(bs.searchsorted([1.0, 2.0], [1.5], side="right"), NDArray[np.int64])

# The library in the process, and errors.
with bs.threads(1):
    assert_type(bs.get_num_threads(), int)
assert_type(bs.build_info(), dict[str, Any])
assert_type(bs.__version__, str)
try:
    bs.add(np.ones(3), np.ones(4))
except bs.ShapeError as error:
    assert_type(error.status, int)
    assert_type(error.message, str)


def refused() -> None:
    """Never called: each line is an error, and a checker that did not see it would find its comment unused."""
    bs.convolve(plane, [1], boundary="reflected")  # type: ignore[arg-type]
    bs.add(plane)  # type: ignore[call-arg]
    bs.add(plane, object())  # type: ignore[arg-type]
    bs.add(plane, 1, out=3)  # type: ignore[arg-type]
    bs.searchsorted([1.0], [1.0], side="up")  # type: ignore[arg-type]
    bs.set_num_threads("2")  # type: ignore[arg-type]
    bs.mds(points, method="magic")  # type: ignore[arg-type]
