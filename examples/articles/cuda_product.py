"""The talk's PyCUDA example: the product of two arrays of 400 floats, element by element, on a graphics card.

Needs a CUDA card and CuPy, and says "not run" without; it was written without such a card and has not been run on one.
The talk's kernel had an index within one block of threads, so it ended at 1024 elements; this one goes by blocks.
`bs.multiply` does the same on the processor, and the results must be equal.

    python3 examples/articles/cuda_product.py [--size 400]
"""
import ctypes

import bytestride as bs
import numpy as np

from _forms import CannotRun, Case, run

SOURCE = """
extern "C" __global__ void multiply(const float *a, const float *b, float *product, long long n) {
    const long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) product[i] = a[i] * b[i];
}
"""
BLOCK = 256


def cupy():
    count = ctypes.c_int(0)
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        raise CannotRun("not run: no CUDA GPU") from None
    if driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count)) or not count.value:
        raise CannotRun("not run: no CUDA GPU")
    try:
        import cupy
    except ImportError:
        raise CannotRun("not run: needs CuPy for the CUDA GPU (pip install cupy-cuda12x)") from None
    return cupy


def cases(size=400):
    cp = cupy()
    kernel = cp.RawKernel(SOURCE, "multiply")
    random = np.random.default_rng(0)
    a, b = (random.standard_normal(size, dtype=np.float32) for _ in range(2))

    def by_cuda():
        product = cp.empty(size, cp.float32)
        kernel(((size + BLOCK - 1) // BLOCK,), (BLOCK,), (cp.asarray(a), cp.asarray(b), product, np.int64(size)))
        return cp.asnumpy(product)

    yield Case(f"{size} floats", by_cuda, lambda: bs.multiply(a, b), before_name="CUDA, with both ways of the data")


if __name__ == "__main__":
    run(__doc__, cases)
