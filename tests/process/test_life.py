"""A process that forks from threads, has as many threads as it may, holds two kinds of the library, and gets signals."""
import signal
import subprocess
import time

import pytest

from conftest import LIBRARY, environment

START = """
    import os, signal, sys, threading, time
    import guest
    library = guest.Library()
"""


def test_forks_from_threads_of_a_process_that_computes(program):
    program(START + """
    stop, failures, results = threading.Event(), [], []

    def keep_computing():
        try:
            while not stop.is_set():
                library.compute(threads=3, elements=400_000)
        except BaseException as error:
            failures.append(error)

    def child():
        library.compute(threads=3)
        assert guest.threads_now() == 1
        # A child of a thread has threads of its own again when it asks.
        library.set_threads(2)
        inside = []
        thread = threading.Thread(target=lambda: inside.append(guest.in_child(lambda: library.compute(threads=2))))
        thread.start()
        library.compute()
        thread.join()
        assert inside == [0]

    computing = threading.Thread(target=keep_computing)
    computing.start()
    forking = [threading.Thread(target=lambda: results.extend(guest.in_child(child) for _ in range(6))) for _ in range(3)]
    for thread in forking:
        thread.start()
    for thread in forking:
        thread.join()
    stop.set()
    computing.join()
    assert results == [0] * 18 and not failures, (results, failures)
    """)


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_every_start_method_while_a_region_runs(program, method):
    program("""
    import multiprocessing, sys, threading
    import guest
    library = guest.Library()

    def work(seed):
        library.compute(threads=2, elements=400_000, seed=seed)
        return seed

    if __name__ == "__main__":
        stop = threading.Event()

        def keep_computing():
            while not stop.is_set():
                library.compute(threads=3)

        computing = threading.Thread(target=keep_computing)
        computing.start()
        try:
            with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
                assert pool.map_async(work, range(6)).get(timeout=200) == list(range(6))
        finally:
            stop.set()
            computing.join()
        library.compute(threads=3)
    """, arguments=[method])


@pytest.mark.parametrize("left", range(3))
def test_callers_up_to_the_ceiling_of_the_system(program, left):
    """As many callers as the system gives threads; none, one or two are left for the team then."""
    output = program(START + """
    import resource
    import numpy as np
    if os.getuid() == 0:  # root is not bound by this limit
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    resource.setrlimit(resource.RLIMIT_NPROC, (150, 150))
    threading.stack_size(256 * 1024)
    begin, callers, failures, spare = threading.Event(), [], [], threading.Event()
    spares = [threading.Thread(target=spare.wait) for _ in range(int(sys.argv[1]))]
    for thread in spares:
        thread.start()
    a = np.arange(1_200_000, dtype=np.float64)
    expected = a + a

    def call(out):
        begin.wait()
        try:
            for threads in (4, 0):
                assert library.add(a, a, out, threads) == guest.OK
                assert np.array_equal(out, expected)
        except BaseException as error:
            failures.append(error)

    try:
        while len(callers) < 1000:
            caller = threading.Thread(target=call, args=(np.empty_like(a),))
            caller.start()
            callers.append(caller)
        print("not limited")
    except RuntimeError:
        pass
    spare.set()
    for thread in spares:
        thread.join()
    guest.threads_at_most(1 + len(callers))
    begin.set()
    for caller in callers:
        caller.join()
    assert not failures, failures[0]
    print(len(callers), "callers")
    library.compute(threads=4)
    """, arguments=[left])
    if "not limited" in output:
        pytest.skip("this system does not apply RLIMIT_NPROC")


def test_a_static_and_a_shared_copy_in_one_process(compiled):
    """The static library in the program, the shared one loaded beside it: each has its own threads and messages."""
    archive = LIBRARY.parent / "libbytestride.a"
    if not archive.exists():
        pytest.skip(f"{archive} is not built (make lib)")
    host = compiled("""
    #include <dlfcn.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include "bytestride.h"

    enum { elements = 2000000 };
    static double a[elements], out[elements];

    static int wrong(int32_t (*add)(const bytestride_array *, const bytestride_array *, const bytestride_array *, const bytestride_options *)) {
        bytestride_array from = {sizeof from, BYTESTRIDE_FLOAT64, 1, BYTESTRIDE_WRITEABLE, a, {elements}, {8}}, to = from;
        bytestride_options options = {.size = sizeof options};
        to.data = out;
        memset(out, 0, sizeof out);
        if (add(&from, &from, &to, &options) != BYTESTRIDE_OK) return 1;
        for (int i = 0; i < elements; ++i)
            if (out[i] != 2.0 * i) return 1;
        return 0;
    }

    int main(int count, char **words) {
        void *const library = count == 2 ? dlopen(words[1], RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND) : NULL;
        int32_t (*set)(int32_t), (*get)(void);
        int32_t (*add)(const bytestride_array *, const bytestride_array *, const bytestride_array *, const bytestride_options *);
        if (!library) { printf("%s\\n", dlerror()); return 1; }
        *(void **)&set = dlsym(library, "bytestride_set_num_threads");
        *(void **)&get = dlsym(library, "bytestride_get_num_threads");
        *(void **)&add = dlsym(library, "bytestride_add");
        for (int i = 0; i < elements; ++i) a[i] = i;
        bytestride_set_num_threads(2);
        set(3);
        if (bytestride_get_num_threads() != 2 || get() != 3) { printf("one count for both\\n"); return 1; }
        for (int round = 0; round < 5; ++round)
            if (wrong(bytestride_add) || wrong(add)) { printf("wrong\\n"); return 1; }
        if (set(-1) == 0 || *bytestride_last_error()) { printf("one message for both\\n"); return 1; }
        printf("fine\\n");
        return 0;
    }
    """, str(archive), "-fopenmp", "-lm", "-lpthread", "-ldl")
    done = subprocess.run([str(host), str(LIBRARY)], env=environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
    assert (done.returncode, done.stdout) == (0, "fine\n"), (done.returncode, done.stdout)


BUSY = """
    #include <signal.h>
    #include <stdio.h>
    #include "bytestride.h"

    int main(void) {
        /* Sums beyond 10^15: minutes of work on three threads. */
        uint64_t sum[2];
        bytestride_options options = {.size = sizeof options, .threads = 3};
        signal(SIGINT, SIG_DFL);
        printf("begins\\n");
        fflush(stdout);
        for (int i = 0; i < 1000; ++i) bytestride_sum_primes_128(0, 1000000000000000u, sum, &options);
        return 0;
    }
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_a_host_that_computes(compiled, number):
    """The library keeps no signal from the process: the default action ends it in the middle of a call."""
    host = compiled(BUSY, f"-L{LIBRARY.parent}", "-lbytestride", f"-Wl,-rpath,{LIBRARY.parent}")
    running = subprocess.Popen([str(host)], env=environment(), stdout=subprocess.PIPE, text=True)
    try:
        assert running.stdout.readline() == "begins\n"
        time.sleep(0.3)
        running.send_signal(number)
        assert running.wait(timeout=60) == -number
    finally:
        running.kill()
        running.wait()
        running.stdout.close()


def test_a_storm_of_signals_changes_no_result(program):
    """Waiting threads are woken by each; the handler calls the library too."""
    program(START + """
    seen = []

    def handle(number, frame):
        seen.append(number)
        library.compute(threads=2, elements=1000)

    for number in (signal.SIGALRM, signal.SIGVTALRM, signal.SIGUSR1):
        signal.signal(number, handle)
    signal.setitimer(signal.ITIMER_REAL, 0.002, 0.002)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.002, 0.002)
    for round in range(40):
        os.kill(os.getpid(), signal.SIGUSR1)
        library.compute(threads=3, elements=1_000_000, seed=round)
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    assert len(seen) >= 40
    """)
