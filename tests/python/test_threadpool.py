"""The library as threadpoolctl sees it."""
import pytest

import bytestride as bs
from programs import run_python

threadpoolctl = pytest.importorskip("threadpoolctl", reason="threadpoolctl is not installed")


@pytest.fixture(autouse=True)
def default_threads():
    import bytestride.threadpool  # noqa: F401 - registers the library
    yield
    bs.set_num_threads(0)


def listed():
    return [facts for facts in threadpoolctl.threadpool_info() if facts["user_api"] == "bytestride"]


def test_it_is_listed_once():
    bs.set_num_threads(3)
    (facts,) = listed()
    assert facts["filepath"].split("/")[-1].startswith("libbytestride.so")
    assert facts["num_threads"] == bs.get_num_threads() == 3 and facts["version"] == bs.__version__


@pytest.mark.parametrize("api", [None, "bytestride"])
def test_limits_hold_inside_and_end_outside(api):
    bs.set_num_threads(4)
    with threadpoolctl.threadpool_limits(1, user_api=api):
        assert bs.get_num_threads() == 1
        with threadpoolctl.threadpool_limits({"bytestride": 2}):
            assert bs.get_num_threads() == 2
        assert bs.get_num_threads() == 1
    assert bs.get_num_threads() == 4
    with threadpoolctl.threadpool_limits(1, user_api="blas"):
        assert bs.get_num_threads() == 4


@pytest.mark.parametrize("program, listed", [
    ("import threadpoolctl, bytestride", True), ("import bytestride, threadpoolctl", False),
    ("import bytestride, threadpoolctl, bytestride.threadpool", True), ("import bytestride.threadpool, threadpoolctl", True)])
def test_who_registers_it(program, listed):
    done = run_python(f"{program}\nprint('bytestride' in {{facts['user_api'] for facts in threadpoolctl.threadpool_info()}})")
    assert done.stdout == f"{listed}\n", done.stderr


def test_versions_that_cannot_register(tmp_path):
    (tmp_path / "threadpoolctl.py").write_text("__version__ = '3.1.0'\n")
    done = run_python(f"""
        import sys
        sys.path.insert(0, {str(tmp_path)!r})
        import threadpoolctl
        import bytestride
        print("fine")
        import bytestride.threadpool
    """)
    assert done.stdout == "fine\n" and "ImportError" in done.stderr and "3.2" in done.stderr and "3.1.0" in done.stderr
