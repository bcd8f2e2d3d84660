"""Says which library and level the tests run on, and finds the package in the source tree."""
import os
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "ffi" / "python"), str(Path(__file__).resolve().parent)]

import bytestride as bs  # noqa: E402 - found through the path above

import layouts  # noqa: E402


def pytest_report_header(config):
    facts = bs.build_info()
    return (f"bytestride {facts['version']}: {facts['library']}, level {facts['isa']} of {', '.join(facts['levels'])}, "
            f"{facts['threads']} threads, calls by {facts['calls']}; NumPy {np.__version__}")


def pytest_configure(config):
    from hypothesis import settings
    # One machine may be many times slower than another, so no example is judged by its time, and the examples are
    # the same in every run, so a failure comes back.
    settings.register_profile("bytestride", deadline=None, derandomize=True, print_blob=True,
                              max_examples=int(os.environ.get("BYTESTRIDE_TEST_EXAMPLES", "150")))
    settings.load_profile("bytestride")


@pytest.fixture(autouse=True)
def quiet_numpy():
    """The oracle may divide by zero or overflow; what it gives is compared, not what it warns about."""
    with np.errstate(all="ignore"):
        yield


@pytest.fixture
def random():
    return np.random.default_rng(20240229)


@pytest.fixture(params=("convolve", "correlate"))
def flip(request):
    """Whether the kernel is flipped: both functions."""
    return request.param == "convolve"


@pytest.fixture(params=layouts.LAYOUTS)
def layout(request):
    return request.param
