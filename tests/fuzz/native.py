#!/usr/bin/env python3
"""libFuzzer over the C functions, family by family and level by level.

    make fuzz-native                                      every family, a minute each
    make fuzz-native SECONDS=600 FAMILY="convolve depth"

Inputs start from tests/fuzz/corpus; those that reach something new are kept in the build folder, and so are findings.
Needs Python 3.9 or newer, nothing else.
"""
import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

CORPUS = Path(__file__).resolve().parent / "corpus"
FAMILIES = sorted(folder.name for folder in CORPUS.iterdir())
LEVELS = {"x86_64": ("avx512", "avx2", "baseline")}.get(os.uname().machine, ("",))
# Scratch memory that cannot be had is an answer of the library, not a finding.
SANITIZERS = {"ASAN_OPTIONS": "allocator_may_return_null=1", "UBSAN_OPTIONS": "print_stacktrace=1",
              "LSAN_OPTIONS": f"suppressions={Path(__file__).resolve().parent / 'leaks.supp'}"}


def run(build, family, level, seconds):
    """Whether a family had no finding at a level, and what to say."""
    kept, found = build / "corpus" / family, build / "findings"
    for folder in (kept, found):
        folder.mkdir(parents=True, exist_ok=True)
    process = subprocess.run(
        [build / "tests/fuzz/fuzzer", f"-max_total_time={seconds}", "-max_len=200", "-timeout=60", "-print_final_stats=1",
         f"-artifact_prefix={found}/{family}-", kept, CORPUS / family],
        env={**os.environ, **SANITIZERS, "BYTESTRIDE_FUZZ_FAMILY": family, "BYTESTRIDE_ISA": level},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    if process.returncode:
        print(process.stdout[-6000:])
        return False, f"{family} at {level}: exit status {process.returncode}"
    calls = re.search(r"number_of_executed_units: (\d+)", process.stdout)
    points = re.findall(r"cov: (\d+)", process.stdout)
    return True, f"{family} at {level or 'the level of this processor'}: {calls[1] if calls else '?'} inputs, {points[-1] if points else '?'} places"


def main():
    parser = argparse.ArgumentParser(prog="tests/fuzz/native.py", description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=Path, required=True, help="where the fuzzer was built")
    parser.add_argument("--families", default="", help="names of families; all when none is given")
    parser.add_argument("--seconds", type=float, default=60, help="how long each family runs")
    options = parser.parse_args()
    chosen = options.families.split() or FAMILIES
    if set(chosen) - set(FAMILIES):
        parser.error(f"families are {' '.join(FAMILIES)}")
    passed = failed = 0
    for family in chosen:
        for level in LEVELS:
            good, text = run(options.build, family, level, max(1, round(options.seconds / len(LEVELS))))
            print(f"  {'ok    ' if good else 'FAILED'} {text}", flush=True)
            passed, failed = passed + good, failed + (not good)
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
