"""All instruction-set levels of this build and processor, on the same data: integers are equal, floats within the bounds."""
import json
import subprocess
import sys

import numpy as np
import pytest

from conftest import HERE, ROOT, environment
from guest import Library

PROGRAM = HERE / "programs" / "families.py"


def levels():
    facts = Library().facts()
    return facts["levels"][:facts["levels"].index(facts["isa"]) + 1]


def results(level, folder):
    path = folder / f"{level}.npz"
    done = subprocess.run([sys.executable, str(PROGRAM), str(ROOT / "ffi" / "python"), str(ROOT / "tests" / "python"), str(path)],
                          env=environment(BYTESTRIDE_ISA=level), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=900)
    assert done.returncode == 0, done.stdout
    return np.load(path)


def difference(name, first, other, error):
    """What is wrong about an array of two levels, or nothing."""
    if first.dtype != other.dtype or first.shape != other.shape:
        return "another dtype or shape"
    if name.startswith("exact "):
        same = (first == other) | ((first != first) & (other != other))
        return None if np.all(same) else f"{np.count_nonzero(~same)} of {same.size} differ"
    wide = [a.astype(np.longdouble) for a in (first, other)]
    finite = np.isfinite(wide[0]) & np.isfinite(wide[1])
    if not np.array_equal(wide[0][~finite], wide[1][~finite], equal_nan=True):
        return "other NaN or infinities"
    apart = abs(wide[0] - wide[1])[finite]
    beyond = apart > 2 * error[finite]
    return f"{np.count_nonzero(beyond)} of {beyond.size} are further apart than two bounds, by up to {apart[beyond].max()}" if beyond.any() else None


@pytest.mark.filterwarnings("ignore:invalid value")
def test_levels_agree(tmp_path):
    names = levels()
    if len(names) < 2:
        pytest.skip(f"one level only: {names[0]}")
    every = [results(level, tmp_path) for level in names]
    assert len(every[0].files) > 900
    problems = {}
    for level, other in zip(names[1:], every[1:]):
        assert set(other.files) == set(every[0].files)
        for name in other.files:
            if not name.startswith("error "):
                error = every[0].get(name.replace("bound ", "error ", 1))
                problem = difference(name, every[0][name], other[name], error)
                if problem:
                    problems[f"{level}: {name}"] = problem
    assert not problems, json.dumps(problems, indent=1)
