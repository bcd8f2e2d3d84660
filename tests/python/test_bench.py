"""The benchmarks' machinery, without a timed assertion: one row is run, differing results are reported, processes end."""
import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import bytestride as bs

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def bench():
    """The modules of tests/bench by name."""
    sys.path.insert(0, str(ROOT / "tests" / "bench"))
    try:
        yield importlib.import_module
    finally:
        sys.path.remove(str(ROOT / "tests" / "bench"))


def row(bench, peer, bound=0.0, target=(0.01, 0.01)):
    race, machine = bench("race"), bench("machine")
    a, out = np.arange(1000.0), np.empty(1000)
    return race.Row("add", lambda threads: race.Candidates(lambda: bs.add(a, 1.0, out=out, threads=threads), {"peer": lambda: peer(a)}, bound,
                                                           machine.Work(read=a.nbytes, written=a.nbytes)), target)


def limits(bench):
    rates = {"32768": 1e11, "1048576": 1e10}
    return bench("machine").Limits({"read": rates, "write": rates, "copy": rates, **{
        f"{kind}{bits}": 1e9 for kind in ("multiply_adds", "roots") for bits in (32, 64)}})


def test_a_row_is_verified_timed_and_put_into_the_tables(bench):
    race, report = bench("race"), bench("report")
    result = race.run("arithmetic", row(bench, lambda a: a + 1.0), 1, limits(bench), budget=0.01)
    assert not result.problem and result.peer == "peer" and result.difference == 0
    low, high = result.quartiles["ours"]
    assert 0 < low <= result.median["ours"] <= high
    assert result.ratio == result.median["peer"] / result.median["ours"] and result.over_target == result.ratio / 0.01
    assert result.share == 16000 / 1e11 / result.median["ours"]
    assert "| add" in report.table([result]) and "geometric mean" in report.summary([result]) and "add" in report.line(result)
    facts = dict.fromkeys(("NumPy", "SciPy", "OpenCV", "scikit-learn", "Numba", "numexpr", "primesieve", "SymPy", "date", "processor", "Bytestride"), "x")
    assert "| add" in report.readme_table([result], facts)


def test_differing_results_are_reported_and_not_timed(bench):
    race, report = bench("race"), bench("report")
    for peer, text in ((lambda a: a + 1.25, "differ by 0.25"), (lambda a: a[1:], "shape"), (lambda a: a + np.nan, "differ by nan")):
        result = race.run("arithmetic", row(bench, peer, bound=0.125), 1)
        assert text in result.problem and not result.median
        assert "NOT TIMED" in report.line(result) and "not timed" in report.table([result])
        assert f"not timed: add, 1 threads: {result.problem}" in report.summary([result])


def test_what_ours_cannot_compute_is_reported(bench):
    race = bench("race")
    failing = race.Row("fails", lambda threads: race.Candidates(lambda: bs.add(np.ones(2), np.ones(3)), {"peer": lambda: 0}))
    assert "shape" in race.run("arithmetic", failing, 1).problem


def test_rows_below_their_target_come_first(bench):
    race, report = bench("race"), bench("report")
    results = [race.Result("f", name, 1, 2.0, {"ours": 1.0, "peer": ratio}, {"ours": (1.0, 1.0), "peer": (1.0, 1.0)}, "peer", ratio)
               for name, ratio in (("near", 1.9), ("far", 0.5), ("reached", 2.5))]
    assert [r.name for r in report.below_target(results)] == ["far", "near"]


def test_limits_take_the_scarcest_resource(bench):
    work, measured = bench("machine").Work, limits(bench)
    assert measured.seconds(work(read=16384, written=16384)) == pytest.approx(32768 / 1e11)
    assert measured.seconds(work(read=2**20)) == pytest.approx(2**20 / 1e10)
    assert measured.seconds(work(read=16384, multiply_adds64=1e9)) == pytest.approx(1)


def test_the_readme_table_is_replaced_between_its_marks(bench, tmp_path):
    report = bench("report")
    path = tmp_path / "README.md"
    path.write_text(f"before\n{report.MARKS[0]}old\n{report.MARKS[1]}after\n")
    report.put_into_readme(path, "new\n")
    assert path.read_text() == f"before\n{report.MARKS[0]}new\n{report.MARKS[1]}after\n"
    assert all((ROOT / "README.md").read_text().count(mark) == 1 for mark in report.MARKS)


def test_the_busy_process_ends(bench):
    busy = bench("busy")
    with pytest.raises(KeyError), busy.busy_process() as process:
        assert process.poll() is None
        raise KeyError
    assert process.poll() is not None
    # Also when this process has no time to end it: the system closes the pipe.
    with subprocess.Popen([sys.executable, "-c", busy.COMPETITOR], stdin=subprocess.PIPE) as orphan:
        os.close(orphan.stdin.fileno())
        orphan.stdin = None
        assert orphan.wait(20) == 0


def test_comparing_with_a_state_that_does_not_exist(bench, tmp_path, capsys):
    if not shutil.which("git"):
        pytest.skip("git is not installed (apt install git)")
    assert bench("compare").main("no-such-state", tmp_path, None, [1], print) == 2
    assert "no state 'no-such-state'" in capsys.readouterr().err
