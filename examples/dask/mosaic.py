"""A mosaic larger than the memory of two processes, convolved by `map_overlap`; distances by blocks; how both scale::

    make dask               a gigabyte
    make dask QUICK=1       a little more than the two processes may have, and one round of timing

The tiles of the mosaic are made when they are asked for, as if they were read from files. Each process may use
MEMORY bytes, and Dask ends one that uses more. The parent has no such limit: it makes the whole at once, and compares every block bit for bit.

Threads: a call of Bytestride uses all processors unless it is told otherwise, which is too many when several run at once. Let::

    processes x Dask's threads in each x Bytestride's threads in each call = processors

Here Dask has one thread in each process (the calls release the interpreter lock, so more work too), and BYTESTRIDE_NUM_THREADS in the
environment of the processes is the rest. Processes must be spawned, as Dask does, not forked: a forked child runs serially.
"""
import argparse
import os
import time
import zlib

import bytestride as bs
import dask.array as da
import numpy as np
from dask.distributed import Client, LocalCluster

import blocks

MEMORY = 400_000_000  # bytes of each process
TILE = 1500  # rows and columns of a tile; the last ones are smaller
KERNEL = np.random.default_rng(1).random((7, 4), np.float32)  # halos of 3 and of 2, and more on one side than on the other


def tile(block_info=None):
    """A tile of the mosaic, which depends on its place alone: a slope, and noise."""
    (top, bottom), (left, right) = block_info[None]["array-location"]
    noise = np.random.default_rng((top, left)).random((bottom - top, right - left), np.float32)
    return noise + np.arange(left, right, dtype=np.float32) / 1000


def mosaic(shape):
    chunks = da.core.normalize_chunks((TILE, TILE), shape)
    return da.map_blocks(tile, chunks=chunks, dtype=np.float32, meta=np.empty((0, 0), np.float32))


def checksums(array):
    """One number per block, so that results need not be brought together."""
    return da.map_blocks(lambda block: np.array([[zlib.crc32(np.ascontiguousarray(block))]]), array, chunks=(1, 1), dtype=np.int64)


def checksums_of(whole, chunks):
    """The same of an array in memory."""
    rows, columns = (np.concatenate([[0], np.cumsum(sizes)]) for sizes in chunks)
    return np.array([[zlib.crc32(np.ascontiguousarray(whole[i:j, k:l])) for k, l in zip(columns, columns[1:])] for i, j in zip(rows, rows[1:])])


def cluster(processes):
    """Processes on this machine that share its processors."""
    threads = max(1, len(os.sched_getaffinity(0)) // processes)
    return LocalCluster(n_workers=processes, threads_per_worker=1, memory_limit=MEMORY, dashboard_address=None, silence_logs="CRITICAL",
                        env={"BYTESTRIDE_NUM_THREADS": str(threads)})


def small_cases():
    """(what, by blocks, whole): odd and even halos, chunks that do not divide and chunks below the halo, all boundaries."""
    random = np.random.default_rng(0)
    for shape, chunks, kernel in (((61, 47), (20, 9), (3, 3)), ((61, 47), (17, 47), (7, 4)), ((40, 33), (3, 5), (11, 8)), ((9, 20, 14), (4, 7, 14), (2, 3, 5))):
        for dtype, weights in ((np.uint8, random.integers(-9, 9, kernel)), (np.float32, random.random(kernel, np.float32)), (np.uint16, random.random(kernel))):
            image = (random.random(shape) * 200).astype(dtype)
            for boundary in ("constant", "reflect", "nearest", "wrap"):
                yield (f"convolve {image.dtype}, {shape} in {chunks}, kernel {kernel}, {boundary}",
                       blocks.convolve(da.from_array(image, chunks), weights, boundary), bs.convolve(image, weights, boundary=boundary))
    for dtype in (np.float32, np.float64):
        x, y = random.random((101, 5)).astype(dtype), random.random((64, 5)).astype(dtype)
        for metric in ("euclidean", "sqeuclidean", "cityblock", "chebyshev"):
            yield f"distances {x.dtype}, {metric}", blocks.distances(da.from_array(x, (30, 2)), da.from_array(y, (17, 5)), metric), bs.distances(x, y, metric=metric)
    yield "distances of all pairs", blocks.distances(da.from_array(x, (30, 5))), bs.distances(x)


def require(equal, what):
    if not equal:
        raise SystemExit(f"wrong: {what} by blocks differs from the whole array")


def work(shape, points):
    """The two computations, as arrays of checksums: nothing is computed before it is asked for."""
    filtered = blocks.convolve(mosaic(shape), KERNEL, "reflect")
    places = da.from_array(np.random.default_rng(2).random((points, 16), np.float32), (1100, 16))
    return {"convolve": checksums(filtered), "distances": checksums(blocks.distances(places))}, filtered.chunks, places


def measure(processes, jobs, rounds):
    """(results, best time of each job, peak bytes of a process) on a cluster of so many processes."""
    with cluster(processes) as machines, Client(machines) as client:
        client.run(lambda: (bs.get_num_threads(), np.zeros(1)))  # every process has loaded what it needs
        results, times = {}, {}
        for name, job in jobs.items():
            for _ in range(rounds):
                start = time.perf_counter()
                results[name] = job.compute()
                times[name] = min(times.get(name, np.inf), time.perf_counter() - start)
        peak = max(client.run(peak_bytes).values())
    return results, times, peak


def peak_bytes():
    """The most memory that this process has had."""
    with open("/proc/self/status") as lines:
        return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def calculated(one, two):
    """The times of more processes, as text, from those of one and two."""
    if two >= one:
        return "    the second process brought nothing here: nothing is calculated from it"
    # What does not shrink with the number of processes; the rest does.
    fixed = max(0.0, 2 * two - one)
    return "".join(f"{fixed + (one - fixed) / processes:>10.2f}" for processes in (4, 8, 16))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="the smallest mosaic that is larger than the memory of two processes")
    quick = parser.parse_args().quick
    shape, points, rounds = ((33611, 6010), 6001, 1) if quick else ((60011, 6010), 12001, 3)

    count = 0
    for what, by_blocks, whole in small_cases():
        result = by_blocks.compute(scheduler="threads")
        require(result.dtype == whole.dtype and result.tobytes() == whole.tobytes(), what)
        count += 1
    print(f"{count} small cases: by blocks equal to the whole array, bit for bit")

    jobs, chunks, places = work(shape, points)
    measured, sizes = {}, {"convolve": 4 * shape[0] * shape[1], "distances": 4 * points**2}
    for processes in (1, 2):
        results, measured[processes], peak = measure(processes, jobs, rounds)
        print(f"{processes} process{'es' * (processes > 1)}, each with at most {MEMORY / 1e6:.0f} MB: used {peak / 1e6:.0f} MB at most")
    whole = bs.convolve(mosaic(shape).compute(scheduler="threads"), KERNEL, boundary="reflect")
    require(np.array_equal(results["convolve"], checksums_of(whole, chunks)), "the mosaic")
    whole = bs.distances(places.compute())
    require(np.array_equal(results["distances"], checksums_of(whole, (places.chunks[0],) * 2)), "all pairs")
    print(f"{shape[0]} x {shape[1]} float32 mosaic, {sizes['convolve'] / 1e6:.0f} MB, in {np.prod(results['convolve'].shape)} blocks: equal\n"
          f"{points} x {points} distances, {sizes['distances'] / 1e6:.0f} MB, in {np.prod(results['distances'].shape)} blocks: equal\n")

    print("seconds          measured on       calculated from these two: a + b / processes, processors enough")
    print("processes        1         2         4         8        16")
    for name in jobs:
        one, two = measured[1][name], measured[2][name]
        print(f"{name:<11}{one:>10.2f}{two:>10.2f}" + calculated(one, two))
    print("One process has all processors for its calls of Bytestride, two have half of them each: on one machine the second process gains what\n"
          "Dask and NumPy do outside of Bytestride. The calculation holds for machines like this one, with a network that is no slower.")


if __name__ == "__main__":
    main()
