"""The package inside other libraries with threads of their own, in one process: joblib, Dask, Numba, scikit-learn.

Their environment is tests/hosts/requirements.lock; the programs run in fresh interpreters.
"""
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

START = """
    import ctypes, os, sys
    import numpy as np
    import bytestride as bs

    random = np.random.default_rng(1)
    image, kernel = random.random((600, 700)), random.random((7, 7))
    points = random.random((900, 3))
    expected = bs.convolve(image, kernel, threads=1)
    apart = bs.distances(points, threads=1)

    def work(seed):
        bs.set_num_threads(2)
        got = bs.convolve(image, kernel)
        return bool(np.array_equal(got, expected) and np.array_equal(bs.distances(points, threads=3), apart))
"""
JOBLIB = START + """
    import joblib
    if __name__ == "__main__":
        assert work(0)
        for backend in ("loky", "threading", "multiprocessing"):
            assert all(joblib.Parallel(n_jobs=3, backend=backend)(joblib.delayed(work)(i) for i in range(9))), backend
            assert work(0)

        def outer(seed):  # nested
            return all(joblib.Parallel(n_jobs=2, backend="threading")(joblib.delayed(work)(i) for i in range(3)))

        for backend in ("loky", "threading"):
            assert all(joblib.Parallel(n_jobs=2, backend=backend)(joblib.delayed(outer)(i) for i in range(3))), backend
"""
DASK = START + """
    import dask
    if __name__ == "__main__":
        for scheduler in ("synchronous", "threads", "processes"):
            results = dask.compute(*[dask.delayed(work)(i) for i in range(8)], scheduler=scheduler, num_workers=3)
            assert all(results), scheduler
            assert work(0)
"""
# The library is called from the body of a parallel loop, on the threads of Numba's layer.
NUMBA = START + """
    import numba

    class Array(ctypes.Structure):
        _fields_ = [("size", ctypes.c_uint32), ("dtype", ctypes.c_int32), ("ndim", ctypes.c_int32), ("flags", ctypes.c_uint32),
                    ("data", ctypes.c_void_p), ("shape", ctypes.c_int64 * 8), ("strides", ctypes.c_int64 * 8)]

    def described(a):
        fill = (0,) * (8 - a.ndim)
        return Array(152, 0x14002, a.ndim, 1, a.ctypes.data, (ctypes.c_int64 * 8)(*a.shape, *fill), (ctypes.c_int64 * 8)(*a.strides, *fill))

    library = ctypes.CDLL(os.environ["BYTESTRIDE_LIBRARY"])
    convolve = library.bytestride_convolve
    convolve.argtypes, convolve.restype = [ctypes.c_int64] * 4, ctypes.c_int32  # addresses as numbers
    outs = np.zeros((16, *image.shape))
    kept = [described(image), described(kernel), *map(described, outs)]
    addresses = np.array([ctypes.addressof(a) for a in kept])

    @numba.njit(parallel=True)
    def run(addresses, statuses):
        for i in numba.prange(len(statuses)):
            statuses[i] = convolve(addresses[0], addresses[1], addresses[2 + i], 0)

    @numba.njit(parallel=True)
    def own(a):
        total = 0.0
        for i in numba.prange(a.size):
            total += a.ravel()[i]
        return total

    for threads in (1, 3):
        bs.set_num_threads(threads)
        for round in range(3):
            statuses = np.full(len(outs), 1, np.int32)
            outs[:] = 0
            run(addresses, statuses)
            assert not statuses.any(), statuses
            assert all(np.array_equal(out, expected) for out in outs)
            assert work(0) and np.isclose(own(image), image.sum())
    print(numba.threading_layer())
"""
SKLEARN = START + """
    import threading
    import joblib
    from sklearn.cluster import KMeans
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.metrics import pairwise_distances
    from sklearn.model_selection import GridSearchCV
    from sklearn.base import BaseEstimator, TransformerMixin
    from sklearn.pipeline import make_pipeline

    class Smoothed(BaseEstimator, TransformerMixin):
        def __init__(self, width=1):
            self.width = width
        def fit(self, x, y=None):
            return self
        def transform(self, x):
            return bs.convolve(x, np.full(self.width, 1 / self.width), axes=1, boundary="nearest")

    if __name__ == "__main__":
        x = random.random((400, 64))
        y = (x[:, :32].mean(1) > x[:, 32:].mean(1)).astype(int)
        for backend in ("loky", "threading"):
            with joblib.parallel_backend(backend, n_jobs=2):
                search = GridSearchCV(make_pipeline(Smoothed(), RandomForestClassifier(20, random_state=0, n_jobs=2)),
                                      {"smoothed__width": [1, 5, 9]}, cv=2).fit(x, y)
                assert search.best_score_ > 0.6
            assert work(0)
        # scikit-learn's own OpenMP loops and ours at the same time.
        alone = KMeans(5, n_init=2, random_state=0).fit(x).inertia_
        results = []
        threads = [threading.Thread(target=lambda: results.append(work(0))) for _ in range(2)]
        threads += [threading.Thread(target=lambda: results.append(np.isclose(KMeans(5, n_init=2, random_state=0).fit(x).inertia_, alone)))
                    for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(results) == 4 and all(results)
        assert np.allclose(pairwise_distances(points), apart, atol=1e-7)
"""
ALL = START + """
    import joblib, dask, numba
    from concurrent.futures import ThreadPoolExecutor
    from sklearn.cluster import KMeans

    @numba.njit(parallel=True)
    def total(a):
        sum = 0.0
        for i in numba.prange(a.size):
            sum += a.ravel()[i]
        return sum

    if __name__ == "__main__":
        tasks = [lambda: work(0),
                 lambda: all(joblib.Parallel(n_jobs=2, backend="threading")(joblib.delayed(work)(i) for i in range(4))),
                 lambda: all(joblib.Parallel(n_jobs=2, backend="loky")(joblib.delayed(work)(i) for i in range(4))),
                 lambda: all(dask.compute(*[dask.delayed(work)(i) for i in range(4)], scheduler="threads")),
                 lambda: bool(np.isclose(total(image), image.sum())),
                 lambda: KMeans(3, n_init=1, random_state=0).fit(points).inertia_ > 0]
        for round in range(2):
            with ThreadPoolExecutor(len(tasks)) as pool:
                results = [future.result() for future in [pool.submit(task) for task in tasks]]
            assert all(results), results
        assert work(0)
"""


def run(tmp_path, source, **variables):
    path = tmp_path / "program.py"
    path.write_text(textwrap.dedent(source))
    done = subprocess.run([sys.executable, str(path)], env={**os.environ, **variables}, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=600)
    assert done.returncode == 0, f"exit status {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("source", [JOBLIB, DASK, SKLEARN], ids=["joblib", "dask", "scikit-learn"])
def test_inside(tmp_path, source):
    run(tmp_path, source)


@pytest.mark.parametrize("layer", ["omp", "workqueue", "tbb"])
def test_inside_numba(tmp_path, layer):
    if layer == "tbb" and not list(Path(sys.prefix, "lib").glob("libtbb.so*")):
        pytest.skip("TBB has no package for this processor")
    libraries = os.pathsep.join([os.path.join(sys.prefix, "lib"), os.environ.get("LD_LIBRARY_PATH", "")])
    assert run(tmp_path, NUMBA, NUMBA_THREADING_LAYER=layer, LD_LIBRARY_PATH=libraries).split() == [layer]


def test_all_of_them_at_once(tmp_path):
    run(tmp_path, ALL, NUMBA_THREADING_LAYER="omp")
