"""Whole programs through hyperfine: an article's case in pure Python, NumPy or SciPy, Bytestride from Python, and from C.

A program repeats its case so often that the work counts, and its start alone (repeated 0 times) is timed beside it:
the time of one repetition is the difference divided by the number. hyperfine's JSON files stay in the build folder.
"""
import json
import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from race import Differs, duration
from tabulate import tabulate

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
NAMES = {"python": "pure Python", "peer": None, "bytestride": "Bytestride from Python", "c": "Bytestride from C"}


@dataclass
class Program:
    stem: str
    title: str
    peer: str
    dtype: type
    bound: float
    repetitions: dict  # by form
    part: str = "1"  # the share that pure Python computes


PROGRAMS = [
    Program("convolution", "convolution, 128 x 128 float64 with 3 x 3", "scipy.ndimage.convolve", np.float64, 1e-9,
            {"python": 5, "peer": 10000, "bytestride": 50000, "c": 50000}),
    Program("add_one", "array + 1, 256^3 float64", "numpy.add with out=", np.float64, 0,
            {"python": 1, "peer": 50, "bytestride": 50, "c": 50}, part="1/16"),
    Program("cast_copy_transpose", "cast, copy, transpose, 150 x 150 float64 to float32", "numpy.copyto", np.float32, 0,
            {"python": 150, "peer": 100000, "bytestride": 100000, "c": 100000}),
]


def compiled(folder, stem):
    """The C program, built against the library of the tree."""
    target = folder / stem
    subprocess.run([*os.environ.get("CC", "cc").split(), "-std=c99", "-O2", "-Wall", "-Wextra", f"-I{ROOT / 'include'}",
                    HERE / "programs" / f"{stem}.c", "-o", target, f"-L{folder.parent}", "-lbytestride", "-Wl,-rpath,$ORIGIN/.."], check=True)
    return target


def commands(folder, program):
    """form -> a function (repetitions, file) -> the words of its command."""
    script = [sys.executable, str(HERE / "programs" / f"{program.stem}.py")]
    starts = {**{form: [*script, form] for form in ("python", "peer", "bytestride")}, "c": [str(compiled(folder, program.stem)), "c"]}
    return {form: lambda count, path="-", form=form, start=start:
            [*start, str(count), str(path), program.part if form == "python" else "1"] for form, start in starts.items()}


def verify(folder, program, words):
    """Every form once, into a file; the files agree as far as each goes."""
    results = {}
    for form, command in words.items():
        path = folder / f"{program.stem}.{form}.bin"
        subprocess.run(command(1, path), check=True)
        results[form] = np.fromfile(path, program.dtype)
        path.unlink()
    for form, values in results.items():
        apart = np.abs(values.astype(np.float64) - results["peer"][:values.size]).max(initial=0.0)
        if values.size != results["peer"].size * (Fraction(program.part) if form == "python" else 1) or not apart <= program.bound:
            raise Differs(f"{program.title}: {form} and the peer differ by {apart:g}, allowed is {program.bound:g}")


def timed(folder, program, words):
    """hyperfine's results: form -> (the start alone, the whole program), each with median, stddev, times."""
    path = folder / f"{program.stem}.hyperfine.json"
    arguments = []
    for form, command in words.items():
        for count in (0, program.repetitions[form]):
            arguments += ["--command-name", f"{form} {count}", shlex.join(command(count))]
    subprocess.run(["hyperfine", "--shell=none", "--warmup=1", "--runs=5", "--style=none", f"--export-json={path}", *arguments],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    results = json.loads(path.read_text())["results"]
    return {form: results[2 * index:2 * index + 2] for index, form in enumerate(words)}


def rows_of(program, results):
    each = {form: (whole["median"] - start["median"]) / program.repetitions[form] for form, (start, whole) in results.items()}
    each["python"] /= float(Fraction(program.part))
    for form, (start, whole) in results.items():
        count = f"{program.repetitions[form]:,}" + (f", {program.part} of it" if form == "python" and program.part != "1" else "")
        yield [program.title if form == "python" else "", NAMES[form] or program.peer, count,
               f"{duration(whole['median'])} (± {duration(whole['stddev'])})", duration(start["median"]),
               duration(each[form]) if each[form] > 0 else "lost in the noise", times(each["python"], each[form]), times(each["peer"], each[form])]


def times(theirs, ours):
    """How many times faster, unless one of the differences is lost in the noise."""
    return f"{float(f'{theirs / ours:.3g}'):,g}" if theirs > 0 and ours > 0 else "?"


def section(folder, wanted, facts):
    """Runs the programs; returns their Markdown."""
    chosen = [program for program in PROGRAMS if wanted(f"programs {program.title}")]
    if not chosen:
        return ""
    if not shutil.which("hyperfine"):
        message = "The whole programs were not run: hyperfine is not installed (apt install hyperfine)."
        print(message, flush=True)
        return f"## Whole programs\n\n{message}\n"
    rows = []
    for program in chosen:
        print(f"hyperfine: {program.title}", flush=True)
        words = commands(folder, program)
        verify(folder, program, words)
        rows += rows_of(program, timed(folder, program, words))
    table = tabulate(rows, tablefmt="github", disable_numparse=True,
                     headers=["program", "form", "repetitions", "whole program: median", "its start alone", "one repetition", "times faster than Python",
                              "than the peer"])
    version = subprocess.run(["hyperfine", "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    text = f"## Whole programs, by {version}\n\nThe default number of threads; NumPy and SciPy use one.\n\n{table}\n"
    (folder / "programs.md").write_text(text)
    return text
