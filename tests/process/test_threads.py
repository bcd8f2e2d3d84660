"""How many threads the library has, who limits them, and what happens when they cannot be had."""
import os

import pytest

from conftest import LIBRARY, ROOT, run_native

START = """
    import os, sys, threading, time
    import guest
    library = guest.Library()
"""
CPUS = sorted(os.sched_getaffinity(0))
several_cpus = pytest.mark.skipif(len(CPUS) < 2, reason="this process may use one CPU only")


def default_threads(program, **variables):
    return int(program(START + "    print(library.get_threads())", **variables))


def test_many_callers_share_one_team(program):
    program(START + """
    failures, most = [], 0
    barrier = threading.Barrier(9)

    def call(seed):
        global most
        try:
            barrier.wait()
            for _ in range(10):
                library.compute(threads=3, elements=400_000, seed=seed)
                most = max(most, guest.threads_now())
        except BaseException as error:
            failures.append(error)

    callers = [threading.Thread(target=call, args=(seed,)) for seed in range(8)]
    for caller in callers:
        caller.start()
    barrier.wait()
    for caller in callers:
        caller.join()
    assert not failures, failures
    # The callers, the main thread, a driver with at most 3 in its team, and those that try whether threads can be had.
    assert most <= 8 + 1 + 1 + 2 * 3, most
    assert guest.threads_at_most(1 + 1 + 3)
    """)


def test_environment_limits_the_default(program):
    usual = default_threads(program)
    assert 1 <= usual <= len(CPUS)
    assert default_threads(program, OMP_NUM_THREADS="1") == 1
    assert default_threads(program, OMP_NUM_THREADS="1,8") == 1
    assert default_threads(program, OMP_NUM_THREADS="4096") == usual
    assert default_threads(program, BYTESTRIDE_NUM_THREADS="1") == 1
    assert default_threads(program, OMP_THREAD_LIMIT="1") == 1
    # The library's own variable comes before OpenMP's; nonsense counts as nothing.
    assert default_threads(program, BYTESTRIDE_NUM_THREADS="4096", OMP_NUM_THREADS="1") == usual
    for nonsense in ("", "many", "-3", "0", "99999999999999999999"):
        assert default_threads(program, BYTESTRIDE_NUM_THREADS=nonsense, OMP_NUM_THREADS=nonsense) == usual


@pytest.mark.parametrize("variable", ["OMP_NUM_THREADS", "BYTESTRIDE_NUM_THREADS", "OMP_THREAD_LIMIT"])
def test_one_thread_means_no_other_thread(program, variable):
    program(START + """
    library.compute()
    assert guest.threads_now() == 1
    """, **{variable: "1"})


@several_cpus
def test_affinity_limits_the_default(program):
    source = START + "    print(library.get_threads())"
    assert int(program(source, preexec_fn=lambda: os.sched_setaffinity(0, CPUS[:1]))) == 1
    program(START + """
    library.compute()
    assert guest.threads_now() == 1
    """, preexec_fn=lambda: os.sched_setaffinity(0, CPUS[:1]))
    # Threads that are asked for take turns on the one.
    program(START + """
    for _ in range(5):
        library.compute(threads=3)
        time.sleep(0.02)
    assert guest.threads_now() > 1
    """, preexec_fn=lambda: os.sched_setaffinity(0, CPUS[:1]))


@several_cpus
def test_a_pinned_caller_does_not_pin_the_team(program):
    program(START + """
    everything = os.sched_getaffinity(0)

    def pinned():
        os.sched_setaffinity(0, {min(everything)})
        library.compute(threads=3)
        assert os.sched_getaffinity(0) == {min(everything)}

    before = set(os.listdir("/proc/self/task"))
    caller = threading.Thread(target=pinned)
    caller.start()
    caller.join()
    assert guest.threads_at_most(1 + 1 + 3)
    team = set(os.listdir("/proc/self/task")) - before - {str(caller.native_id)}
    assert team
    # A driver that has not woken yet may still be kept off its caller's processor.
    for attempt in range(2000):
        different = [thread for thread in team if os.sched_getaffinity(int(thread)) != everything]
        if not different:
            break
        time.sleep(0.001)
    assert not different
    """)


def test_openmp_settings_do_not_change_results(program):
    for variables in ({"OMP_DYNAMIC": "true"}, {"OMP_WAIT_POLICY": "passive"}, {"OMP_WAIT_POLICY": "active"}, {"OMP_THREAD_LIMIT": "2"},
                      {"OMP_PROC_BIND": "true"}, {"OMP_NESTED": "true"}, {"OMP_STACKSIZE": "64k"}, {"OMP_SCHEDULE": "static,1"}):
        program(START + """
    for threads in (1, 2, 5):
        library.compute(threads=threads)
    """, **variables)


ELSEWHERE = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is read of control groups comes from a folder of the test. */
static int open_elsewhere(const char *symbol, const char *path, int flags, int mode) {
    char moved[4096];
    int (*next)(const char *, int, ...);
    *(void **)&next = dlsym(RTLD_NEXT, symbol);
    if (!strncmp(path, "/sys/fs/cgroup", 14) || !strcmp(path, "/proc/self/cgroup")) {
        snprintf(moved, sizeof moved, "%s%s", getenv("GROUPS_FOLDER"), path);
        path = moved;
    }
    return next(path, flags, mode);
}
#define REPLACE(name) \\
    int name(const char *path, int flags, ...) { \\
        va_list rest; \\
        int mode; \\
        va_start(rest, flags); \\
        mode = flags & O_CREAT ? va_arg(rest, int) : 0; \\
        va_end(rest); \\
        return open_elsewhere(#name, path, flags, mode); \\
    }
REPLACE(open)
REPLACE(open64)
"""


def test_quota_of_the_control_group_limits_the_default(program, compiled, tmp_path):
    shim = compiled(ELSEWHERE, "-shared", "-fPIC", "-ldl", name="elsewhere.so")
    counter = iter(range(1000))

    def granted(group, files):
        folder = tmp_path / f"groups{next(counter)}"
        for path, text in {"/proc/self/cgroup": group, **files}.items():
            (folder / path[1:]).parent.mkdir(parents=True, exist_ok=True)
            (folder / path[1:]).write_text(text)
        return default_threads(program, LD_PRELOAD=str(shim), GROUPS_FOLDER=str(folder))

    cpus = len(CPUS)
    top = "/sys/fs/cgroup"
    assert granted("0::/\n", {f"{top}/cpu.max": "max 100000\n"}) == cpus
    assert granted("0::/\n", {}) == cpus
    assert granted("", {}) == cpus
    assert granted("0::/\n", {f"{top}/cpu.max": "100000 100000\n"}) == 1
    # Part of a CPU counts as one, one and a half as two.
    assert granted("0::/\n", {f"{top}/cpu.max": "1000 100000\n"}) == 1
    assert granted("0::/\n", {f"{top}/cpu.max": "150000 100000\n"}) == min(2, cpus)
    # The least on the way up counts, wherever it is.
    assert granted("0::/a/b\n", {f"{top}/a/b/cpu.max": "max 100000\n", f"{top}/a/cpu.max": "50000 50000\n"}) == 1
    assert granted("0::/a/b\n", {f"{top}/a/b/cpu.max": "50000 100000\n", f"{top}/a/cpu.max": "9900000 100000\n"}) == 1
    assert granted("12:cpu:/x\n0::/a\n", {f"{top}/a/cpu.max": "100000 100000\n"}) == 1
    # Version 1.
    assert granted("4:cpu,cpuacct:/\n", {f"{top}/cpu/cpu.cfs_quota_us": "100000\n", f"{top}/cpu/cpu.cfs_period_us": "100000\n"}) == 1
    assert granted("4:cpu,cpuacct:/\n", {f"{top}/cpu/cpu.cfs_quota_us": "-1\n", f"{top}/cpu/cpu.cfs_period_us": "100000\n"}) == cpus
    # Nonsense is no limit.
    assert granted("0::/\n", {f"{top}/cpu.max": "many few\n"}) == cpus
    assert granted("0::/\n", {f"{top}/cpu.max": "0 0\n"}) == cpus


# ---- Threads that cannot be created ---------------------------------------------------------------------------

LIMITED = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* As many threads at a time as MOST_THREADS says; more cannot be created. */
static atomic_int alive;
struct start { void *(*body)(void *); void *argument; };
static void leave(void *unused) { (void)unused; atomic_fetch_sub(&alive, 1); }
static void *run(void *given) {
    struct start start = *(struct start *)given;
    void *result;
    free(given);
    pthread_cleanup_push(leave, NULL);
    result = start.body(start.argument);
    pthread_cleanup_pop(1);
    return result;
}
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *argument) {
    static int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    struct start *start;
    int status;
    if (!create) *(void **)&create = dlsym(RTLD_NEXT, "pthread_create");
    if (atomic_fetch_add(&alive, 1) >= atoi(getenv("MOST_THREADS"))) {
        atomic_fetch_sub(&alive, 1);
        return EAGAIN;
    }
    start = malloc(sizeof *start);
    start->body = body;
    start->argument = argument;
    status = create(thread, attributes, run, start);
    if (status) { free(start); atomic_fetch_sub(&alive, 1); }
    return status;
}
"""


@pytest.mark.parametrize("most", range(6))
def test_pthread_create_fails(program, compiled, most):
    shim = compiled(LIMITED, "-shared", "-fPIC", "-ldl", "-lpthread", name="limited.so")
    output = program(START + """
    for threads in (5, 2, 3, 5, 1):
        library.compute(threads=threads)
    print(library.facts()["serial_reason"])
    """, LD_PRELOAD=str(shim), MOST_THREADS=str(most), BYTESTRIDE_NUM_THREADS="5")
    # A call on five threads needs four beside the caller.
    assert ("could not be created" in output) == (most < 4)


def test_no_address_space_for_stacks(program):
    program(START + """
    import resource
    import numpy as np
    a = np.random.default_rng(1).random(2_000_000)
    out, expected = np.empty_like(a), a + a
    size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + (4 << 20), -1))  # less than a stack
    for threads in (4, 2, 0):
        out[:] = -1
        assert library.add(a, a, out, threads) == guest.OK
        assert np.array_equal(out, expected)
    assert guest.threads_now() == 1
    assert "could not be created" in library.facts()["serial_reason"]
    """)


def test_no_memory_for_scratch(program):
    program(START + """
    import resource
    import numpy as np
    a = np.arange(8192 * 8191, dtype=np.uint32).astype(np.uint8).reshape(8192, 8191)
    samples = a[::100, ::100].copy()
    size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + (2 << 20), -1))
    assert library.transpose_inplace(a) == guest.MEMORY
    assert np.array_equal(a[::100, ::100], samples)
    assert b"memory" in library.library.bytestride_last_error()
    """)


def test_limit_on_processes_of_the_user(program):
    output = program(START + """
    import resource
    # Root is not bound by this limit.
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    try:
        thread = threading.Thread(target=lambda: None)
        thread.start()
        thread.join()
        print("not limited")
        sys.exit()
    except RuntimeError:
        pass
    for threads in (4, 2, 0):
        library.compute(threads=threads)
    assert guest.threads_now() == 1
    """)
    if "not limited" in output:
        pytest.skip("this system does not apply RLIMIT_NPROC")


# ---- Beside a host's own OpenMP --------------------------------------------------------------------------------

HOST = """
#include <dirent.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include "bytestride.h"

enum { elements = 400000, teams = 4 };

static int compute(int seed, int threads) {
    const int64_t count = elements;
    double *a = malloc(elements * sizeof *a), *out = malloc(elements * sizeof *out);
    bytestride_array from, to;
    bytestride_options options = {0};
    int wrong = 0;
    for (int i = 0; i < elements; ++i) a[i] = seed + i;
    options.size = sizeof options;
    options.threads = threads;
    wrong += bytestride_array_init(&from, a, BYTESTRIDE_FLOAT64, 1, &count, NULL, 0) != 0;
    wrong += bytestride_array_init(&to, out, BYTESTRIDE_FLOAT64, 1, &count, NULL, BYTESTRIDE_WRITEABLE) != 0;
    wrong += bytestride_add(&from, &from, &to, &options) != 0;
    for (int i = 0; i < elements; ++i) wrong += out[i] != 2.0 * (seed + i);
    free(a);
    free(out);
    return wrong;
}

static int threads_now(void) {
    int count = -2; /* . and .. */
    DIR *tasks = opendir("/proc/self/task");
    while (readdir(tasks)) ++count;
    closedir(tasks);
    return count;
}

int main(void) {
    int wrong = 0, before;
    omp_set_num_threads(3);
#pragma omp parallel num_threads(teams) reduction(+ : wrong)
    for (int round = 0; round < 5; ++round) wrong += compute(omp_get_thread_num() * 1000 + round, 4);
    before = threads_now();
    if (before > teams) { printf("%d threads: calls inside a region made more\\n", before); return 1; }
    /* Outside a region the library has a team of its own, and the host's is as it was. */
    for (int round = 0; round < 5; ++round) wrong += compute(round, 3);
    if (threads_now() > before + 1 + 3) { printf("%d threads\\n", threads_now()); return 1; }
    if (omp_get_max_threads() != 3) { printf("the host's thread count changed\\n"); return 1; }
#pragma omp parallel reduction(+ : wrong)
    {
        wrong += omp_get_num_threads() != 3;
        for (int round = 0; round < 5; ++round) wrong += compute(omp_get_thread_num() * 1000 + round, 0);
    }
    if (wrong) printf("%d wrong\\n", wrong);
    return wrong != 0;
}
"""


def test_inside_a_hosts_openmp_region(compiled):
    host = compiled(HOST, "-fopenmp", f"-L{LIBRARY.parent}", "-lbytestride", f"-Wl,-rpath,{LIBRARY.parent}")
    for variables in ({}, {"OMP_NESTED": "true", "OMP_MAX_ACTIVE_LEVELS": "4"}, {"OMP_NUM_THREADS": "2"}):
        result = run_native(host, **variables)
        assert result.returncode == 0, result.stdout


EVERY_FAMILY = """
    sys.path.insert(0, PACKAGE)
    import numpy as np
    import bytestride as bs

    random = np.random.default_rng(3)
    image, points = random.random((700, 900)), random.random((1500, 3))
    goal, depth = bs.distances(points[:300]), random.random((480, 640)).astype(np.float32)
    table, square = np.sort(random.random(400_000)), random.random((600, 600)).astype(np.complex128)
    camera, lens = dict(fx=500.0, fy=500.0, cx=320.0, cy=240.0), (0.1, -0.01, 0.001, 0.002, 0.01)
    cloud = bs.depth_to_points(depth, **camera)
    calls = {
        "add": lambda: bs.add(image.astype(np.float16).T, image.T[::-1], out=np.empty(image.shape[::-1], np.float32)),
        "cast": lambda: bs.cast(image[:, ::2] * 255, np.uint8),
        "transpose": lambda: bs.transpose(np.tile(image, (4, 4)), dtype=np.float32),
        "transpose_inplace": lambda: bs.transpose_inplace(square.copy()),
        "convolve": lambda: bs.convolve(image, random_kernel),
        "separable": lambda: bs.convolve(image, np.outer(np.arange(1.0, 16), np.arange(1.0, 16))),
        "integers": lambda: bs.convolve((image * 255).astype(np.uint8), np.arange(9).reshape(3, 3)),
        "neighbor_product": lambda: bs.neighbor_product((random_picture * 255).astype(np.uint8)),
        "depth_to_points": lambda: cloud,
        "drop": lambda: bs.depth_to_points(depth, **camera, invalid="drop"),
        "lens": lambda: bs.depth_to_points(depth, **camera, distortion=lens),
        "points_to_depth": lambda: bs.points_to_depth(cloud.reshape(-1, 3), **camera, shape=(480, 640)),
        "distances": lambda: bs.distances(points),
        "wide distances": lambda: bs.distances(random_wide),
        "squared_error": lambda: bs.squared_error(image, image[::-1]),
        "mds": lambda: bs.mds(goal).points,
        "smacof": lambda: bs.mds(goal, method="smacof", max_iter=20).points,
        "non-metric": lambda: bs.mds(goal, method="smacof", nonmetric=True, max_iter=20).points,
        "pattern": lambda: bs.mds(goal, method="pattern", max_iter=20).points,
        "classical_mds": lambda: bs.classical_mds(goal)[0],
        "searchsorted": lambda: bs.searchsorted(table, keys),
        "few keys": lambda: bs.searchsorted(table, keys[::100]),
        "sum_primes": lambda: bs.sum_primes(10**9),
        "count_primes": lambda: bs.count_primes(np.arange(100_000, 5_000_000, 100_000)),
        "is_prime": lambda: bs.is_prime(np.arange(2**62, 2**62 + 20_000, dtype=np.uint64)),
    }
    random_kernel, random_picture, random_wide, keys = random.random((7, 7)), random.random((600, 700, 4)), random.random((600, 200)), random.random(200_000)
"""


def test_small_stacks_are_enough(program):
    """Every family on threads of 64 KiB: helpers of the OpenMP runtime, and a caller of its own."""
    program(START + f"    PACKAGE = {str(ROOT / 'ffi' / 'python')!r}" + EVERY_FAMILY + """
    def run(results, threads):
        bs.set_num_threads(threads)
        for name, call in calls.items():
            results[name] = call()

    alone, together, small = {}, {}, {}
    run(alone, 1)
    run(together, 4)
    threading.stack_size(64 * 1024)
    caller = threading.Thread(target=run, args=(small, 4))
    caller.start()
    caller.join()
    for name in calls:
        for other in (together, small):
            np.testing.assert_array_equal(alone[name], other[name], err_msg=name)
    """, OMP_STACKSIZE="64k")
