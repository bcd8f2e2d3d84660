"""What an installed package must do, with NumPy alone: run by the interpreters of tests/wheel, outside of the source tree.

Takes nothing from the source tree and prints one line of facts. With an argument it checks that calls go that way.
"""
import os
import sys

import numpy as np

before = set(sys.modules)
import bytestride as bs  # noqa: E402 - what it imports is looked at

SLOW_TO_IMPORT = {"pathlib", "urllib", "email", "subprocess", "asyncio", "typing_extensions", "scipy", "threadpoolctl"}
assert not (set(sys.modules) - before) & SLOW_TO_IMPORT, (set(sys.modules) - before) & SLOW_TO_IMPORT


def raises(kind, function, text):
    try:
        function()
    except kind as error:
        assert isinstance(error, bs.Error) and text in str(error), error
    else:
        raise AssertionError("%s was not raised" % kind.__name__)


facts = bs.build_info()
package = os.path.dirname(os.path.realpath(bs.__file__))
assert facts["version"] == bs.__version__ and facts["library"] == os.path.join(package, "libbytestride.so"), facts
assert facts["openmp"] and facts["serial_reason"] is None, facts
if sys.argv[1:]:
    assert facts["calls"] == sys.argv[1], facts

# Every family, on views, against NumPy or whole numbers.
bs.set_num_threads(2)
image = (np.arange(40 * 30 * 3) * 7 % 251).astype(np.uint8).reshape(40, 30, 3)
view = image[::-1, 1::2, 1]
assert (bs.add(view, 9) == (view.astype(int) + 9) % 256).all()
assert (bs.cast(view, np.float32) == view).all() and (bs.copy(view) == view).all()
assert (bs.transpose(image, (2, 0, 1)) == image.transpose(2, 0, 1)).all()
large = np.arange(3000 * 1000, dtype=np.float64).reshape(3000, 1000)
assert (bs.add(large, large.T.copy().T) == 2 * large).all()  # long enough for threads
padded = np.pad(view.astype(int), 1)
around = sum(padded[i:i + view.shape[0], j:j + view.shape[1]] for i in range(3) for j in range(3))
assert (bs.convolve(view, np.ones((3, 3), int)) == around).all()
assert bs.neighbor_product(image).shape == image.shape
points = bs.depth_to_points(np.full((4, 5), 2000, np.uint16), 500.0, 500.0, 2.0, 1.5)
assert points.shape[-1] == 3 and np.allclose(points[..., 2], 2.0)
corners = np.array([[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]])
apart = bs.distances(corners)
assert apart.tolist() == [[0, 5, 10], [5, 0, 5], [10, 5, 0]]
assert np.allclose(bs.distances(bs.classical_mds(apart)[0]), apart)
assert bs.mds(apart, random_state=0).points.shape == (3, 2)
assert bs.searchsorted(np.arange(10.0), [2.5, 7.0]).tolist() == [3, 7]
assert bs.sum_primes(1000) == 76127 and bs.is_prime(97) is True

# Inputs by other protocols, and errors.
class Exporter:
    def __init__(self, array):
        self.array, self.__dlpack_device__ = array, array.__dlpack_device__

    def __dlpack__(self, **keywords):
        return self.array.__dlpack__(**keywords)


assert bs.add(Exporter(corners), 1).tolist() == (corners + 1).tolist()
assert bs.add(memoryview(b"abc"), 1).tolist() == [98, 99, 100]
raises(ValueError, lambda: bs.add(np.ones(3), np.ones(4)), "b")
raises(TypeError, lambda: bs.add(np.ones(3, ">f8"), 1), "byte order")

# Threads have been started: exactly one OpenMP runtime is there, the one that came with the package.
bundled = os.path.join(os.path.dirname(package), "bytestride.libs")
if os.path.isdir(bundled):
    with open("/proc/self/maps") as maps:
        runtimes = {line.split()[-1] for line in maps if "libgomp" in line or "libomp" in line}
    assert {os.path.dirname(path) for path in runtimes} == {bundled}, runtimes

print("%s %s, NumPy %s, %s, level %s, calls by %s" % (sys.implementation.name, sys.version.split()[0], np.__version__,
                                                      os.uname().machine, facts["isa"], facts["calls"]))
