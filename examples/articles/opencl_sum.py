"""The talk's PyOpenCL example: the sum of two arrays of 50 000 floats, element by element.

Shows a kernel on an OpenCL device and `bs.add`; a single float32 addition has one right answer, so the results must be equal.
The device may be the processor itself, with PoCL. Once the operands travel as well, once they are on the device already.

    python3 -m pip install "pyopencl[pocl]"
    python3 examples/articles/opencl_sum.py [--size 50000]
"""
import bytestride as bs
import numpy as np

from _forms import CannotRun, Case, run

SOURCE = """
__kernel void sum(__global const float *a, __global const float *b, __global float *c) {
    const size_t i = get_global_id(0);
    c[i] = a[i] + b[i];
}
"""


NEEDS = "skipped: needs PyOpenCL and an OpenCL device that compiles (pip install 'pyopencl[pocl]')"


def opencl_queue():
    try:
        import pyopencl as cl
    except ImportError:
        raise CannotRun(NEEDS) from None
    try:
        context = cl.Context([cl.get_platforms()[0].get_devices()[0]])
        # A PoCL that is older than the processor finds it, and can compile nothing for it.
        cl.Program(context, "__kernel void nothing(void) {}").build()
        return cl, cl.CommandQueue(context)
    except (cl.Error, IndexError) as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        why = next((line for line in lines if line.startswith("error:")), lines[0])
        raise CannotRun(f"{NEEDS}: {why}") from None


def cases(size=50_000):
    cl, queue = opencl_queue()
    kernel = cl.Kernel(cl.Program(queue.context, SOURCE).build(), "sum")
    random = np.random.default_rng(0)
    a, b = (random.standard_normal(size, dtype=np.float32) for _ in range(2))
    result, result_alone, ours = (np.empty_like(a) for _ in range(3))
    a_there, b_there, result_there = (cl.Buffer(queue.context, cl.mem_flags.READ_WRITE, a.nbytes) for _ in range(3))

    def there(out):
        kernel(queue, a.shape, None, a_there, b_there, result_there)
        cl.enqueue_copy(queue, out, result_there)
        return out

    def there_and_back():
        cl.enqueue_copy(queue, a_there, a)
        cl.enqueue_copy(queue, b_there, b)
        return there(result)

    yield Case(f"{size} floats on {queue.device.name.strip()}", there_and_back, lambda: bs.add(a, b, out=ours),
               others={"OpenCL, operands on the device": lambda: there(result_alone), "NumPy": lambda: np.add(a, b)},
               before_name="OpenCL, operands copied there")


if __name__ == "__main__":
    run(__doc__, cases)
