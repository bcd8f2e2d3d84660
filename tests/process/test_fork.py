"""Children of a process that has used the library's threads: nothing hangs, and results are right."""
import pytest

START = """
    import os, threading
    import guest
    library = guest.Library()
"""


def test_forked_child_is_serial_and_says_why(program):
    program(START + """
    library.compute(threads=4)
    assert library.facts()["serial_reason"] is None
    threads_of_parent = guest.threads_now()
    assert threads_of_parent > 1

    def child():
        assert guest.threads_now() == 1
        library.compute(threads=4)
        assert guest.threads_now() == 1
        assert "fork" in library.facts()["serial_reason"]
        assert library.get_threads() == 1

    for _ in range(5):
        assert guest.in_child(child) == 0
    library.compute(threads=4)
    assert library.facts()["serial_reason"] is None
    """)


def test_forked_child_gets_threads_when_it_asks(program):
    program(START + """
    library.compute(threads=4)

    def child():
        library.compute(threads=2)
        assert library.set_threads(2) == 0
        assert library.facts()["serial_reason"] is None
        library.compute()
        assert guest.threads_now() > 1
        # And its own child is serial again.
        def grandchild():
            assert library.get_threads() == 1
            library.compute(threads=3)
            assert guest.threads_now() == 1
            library.set_threads(3)
            library.compute()
            assert guest.threads_now() > 1
        assert guest.in_child(grandchild) == 0
        library.compute(threads=2)

    for _ in range(3):
        assert guest.in_child(child) == 0
    library.compute()
    """)


@pytest.mark.parametrize("used", [False, True])
def test_forked_child_forgets_the_thread_count(program, used):
    program(START + f"""
    library.set_threads(3)
    if {used}:
        library.compute()

    def child():
        assert library.get_threads() == 1, library.get_threads()
        assert "fork" in library.facts()["serial_reason"]
        library.compute()
        assert guest.threads_now() == 1
        library.set_threads(0)
        assert library.get_threads() == 1

    assert guest.in_child(child) == 0
    assert library.get_threads() == 3
    """)


def test_fork_before_the_first_call(program):
    program(START + """
    def child():
        library.compute(threads=3)
        assert guest.threads_now() == 1
        library.set_threads(2)
        library.compute()

    assert guest.in_child(child) == 0
    library.compute(threads=3)
    assert guest.in_child(child) == 0
    """)


def test_fork_while_other_threads_compute(program):
    program(START + """
    stop = threading.Event()
    failures = []

    def keep_computing(seed):
        try:
            while not stop.is_set():
                library.compute(threads=3, elements=500_000, seed=seed)
        except BaseException as error:
            failures.append(error)

    workers = [threading.Thread(target=keep_computing, args=(seed,)) for seed in range(2)]
    for worker in workers:
        worker.start()

    def child():
        library.compute(threads=3)
        library.set_threads(2)
        library.compute()

    results = [guest.in_child(child) for _ in range(25)]
    stop.set()
    for worker in workers:
        worker.join()
    assert results == [0] * 25, results
    assert not failures, failures
    library.compute(threads=3)
    """)


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_multiprocessing(program, method):
    program("""
    import multiprocessing, sys
    import guest
    library = guest.Library()

    def work(seed):
        library.compute(threads=2, elements=400_000, seed=seed)
        return seed

    if __name__ == "__main__":
        library.compute(threads=4)
        context = multiprocessing.get_context(sys.argv[1])
        with context.Pool(3) as pool:
            answer = pool.map_async(work, range(12)).get(timeout=200)
        assert answer == list(range(12))
        library.compute(threads=4)
    """, arguments=[method])


def test_subprocess_after_use(program):
    program(START + """
    import subprocess, sys
    library.compute(threads=4)
    code = "import guest; library = guest.Library(); library.compute(threads=2); print(library.facts()['serial_reason'])"
    for _ in range(3):
        assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=120).stdout == "None\\n"
    """)
