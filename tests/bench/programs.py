"""Whole programs through hyperfine: an article's case in pure Python, in the best native form known, and through Bytestride.

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
from report import duration, markdown

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FORMS = {"python": "pure Python", "peer": None, "bytestride": "Bytestride from Python", "c": "Bytestride from C", "rust": "Bytestride from Rust"}


@dataclass
class Program:
    stem: str
    title: str
    peer: str
    dtype: type
    bound: float
    repetitions: tuple  # pure Python, the peer, Bytestride in every language
    part: str = "1"     # the share of the case that pure Python computes
    work: float = 0.0   # the share of the work, where it is another one


def first_limit_of_49():
    """The share of the talk's trial divisions that its first limit needs: nearly all of them are those of the primes, up to the root."""
    is_prime = np.ones(4_900_000, bool)
    for n in range(2, 2214):
        is_prime[n * n::n] &= not is_prime[n]
    divisions = np.cumsum(np.where(is_prime, np.sqrt(np.arange(is_prime.size)), 0))
    limits = np.arange(100_000, 5_000_000, 100_000)
    return divisions[limits[0] - 1] / divisions[limits - 1].sum()


PROGRAMS = [
    Program("convolution", "convolution, 128 x 128 float64 with 3 x 3", "cv2.filter2D", np.float64, 1e-9, (5, 10_000, 20_000)),
    Program("neighbor_product", "neighbourhood product, 535 x 950 RGBA", "Numba, two threads", np.uint8, 1, (1, 150, 300), part="1/5"),
    Program("depth_to_cloud", "depth image, 240 x 320 uint16", "Numba", np.float32, 1e-5, (5, 3_000, 10_000)),
    Program("add_one", "array + 1, 256^3 float64", "numpy.add with out=", np.float64, 0, (1, 20, 20), part="1/16"),
    Program("cast_copy_transpose", "cast, copy, transpose, 150 x 150 float64 to float32", "numpy.copyto", np.float32, 0, (100, 20_000, 20_000)),
    Program("scaling", "scaling by pattern search, 100 points", "Numba", np.float64, 1e-6, (1, 100, 200)),
    Program("binary_search", "3000 searches in 100 000 numbers", "numpy.searchsorted", np.int64, 0, (50, 3_000, 5_000)),
    Program("sum_primes", "sums of primes below 49 limits", "primesieve, one pass", np.uint64, 0, (1, 50, 100), part="1/49"),
]


class Differs(Exception):
    """Two forms computed something else: nothing was timed."""


def compiled_c(folder, stem):
    """The C program, built against the library of the tree."""
    target = folder / stem
    subprocess.run([*os.environ.get("CC", "cc").split(), "-std=c99", "-O2", "-Wall", "-Wextra", f"-I{ROOT / 'include'}",
                    HERE / "programs" / f"{stem}.c", "-o", target, f"-L{folder.parent}", "-lbytestride", "-Wl,-rpath,$ORIGIN/.."], check=True)
    return target


def compiled_rust(folder):
    """The folder of the Rust programs, or None where there is no cargo."""
    if not shutil.which("cargo"):
        return None
    environment = {**os.environ, "BYTESTRIDE_LIB_DIR": str(folder.parent), "CARGO_TARGET_DIR": str(folder / "rust")}
    subprocess.run(["cargo", "build", "--release", "--quiet", "--manifest-path", HERE / "programs/rust/Cargo.toml"], check=True, env=environment)
    return folder / "rust" / "release"


def commands(folder, rust, program):
    """form -> a function (repetitions, file) -> the words of its command."""
    script = [sys.executable, str(HERE / "programs" / f"{program.stem}.py")]
    starts = {**{form: [*script, form] for form in ("python", "peer", "bytestride")}, "c": [str(compiled_c(folder, program.stem)), "c"]}
    if rust:
        starts["rust"] = [str(rust / program.stem), "rust"]
    return {form: lambda count, path="-", form=form, start=start:
            [*start, str(count), str(path), program.part if form == "python" else "1"] for form, start in starts.items()}


def repetitions(program, form):
    return program.repetitions[{"python": 0, "peer": 1}.get(form, 2)]


def verify(folder, program, words, environment):
    """Every form once, into a file; the files agree as far as each goes."""
    results = {}
    for form, command in words.items():
        path = folder / f"{program.stem}.{form}.bin"
        subprocess.run(command(1, path), check=True, env=environment)
        results[form] = np.fromfile(path, program.dtype)
        path.unlink()
    for form, values in results.items():
        apart = np.abs(values.astype(np.float64) - results["peer"][:values.size]).max(initial=0.0)
        if values.size != results["peer"].size * (Fraction(program.part) if form == "python" else 1) or not apart <= program.bound:
            raise Differs(f"{program.title}: {form} and the peer differ by {apart:g}, allowed is {program.bound:g}")


def timed(folder, program, words, environment):
    """hyperfine's results: form -> (the start alone, the whole program), each with median, stddev, times."""
    path = folder / f"{program.stem}.hyperfine.json"
    arguments = []
    for form, command in words.items():
        for count in (0, repetitions(program, form)):
            arguments += ["--command-name", f"{form} {count}", shlex.join(command(count))]
    subprocess.run(["hyperfine", "--shell=none", "--warmup=1", "--runs=3", "--style=none", f"--export-json={path}", *arguments],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    results = json.loads(path.read_text())["results"]
    return {form: results[2 * index:2 * index + 2] for index, form in enumerate(words)}


def rows_of(program, results):
    each = {form: (whole["median"] - start["median"]) / repetitions(program, form) for form, (start, whole) in results.items()}
    each["python"] /= program.work or float(Fraction(program.part))
    for form, (start, whole) in results.items():
        count = f"{repetitions(program, form):,}" + (f", {program.part} of it" if form == "python" and program.part != "1" else "")
        yield [program.title if form == "python" else "", FORMS[form] or program.peer, count,
               f"{duration(whole['median'])} (± {duration(whole['stddev'])})", duration(start["median"]),
               duration(each[form]) if each[form] > 0 else "lost in the noise", times(each["python"], each[form]), times(each["peer"], each[form])]


def times(theirs, ours):
    """How many times faster, unless one of the differences is lost in the noise."""
    return f"{float(f'{theirs / ours:.3g}'):,g}" if theirs > 0 and ours > 0 else "?"


def section(folder, chosen, say):
    """Runs the programs; returns their Markdown."""
    picked = [program for program in PROGRAMS if chosen(f"programs {program.stem} {program.title}")]
    if not picked:
        return ""
    if not shutil.which("hyperfine"):
        message = "The whole programs were not run: hyperfine is not installed (apt install hyperfine)."
        say(message)
        return f"## Whole programs\n\n{message}\n"
    environment = {**os.environ, "LD_LIBRARY_PATH": str(folder.parent), "PYTHONPATH": str(ROOT / "ffi/python")}
    rust = compiled_rust(folder)
    rows = []
    for program in picked:
        if program.stem == "sum_primes":
            program.work = first_limit_of_49()
        words = commands(folder, rust, program)
        verify(folder, program, words, environment)
        found = list(rows_of(program, timed(folder, program, words, environment)))
        rows += found
        say(f"hyperfine: {program.title}: " + ", ".join(f"{row[1]} {row[5]}" for row in found))
    version = subprocess.run(["hyperfine", "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    return (f"## Whole programs, by {version}\n\nThe default number of threads; OpenCV, NumPy and primesieve's lists use one or their default."
            + ("" if rust else " Rust was left out: cargo is not installed (https://rustup.rs).")
            + "\n\n" + markdown(rows, ["program", "form", "repetitions", "whole program: median", "its start alone", "one repetition",
                                       "times faster than Python", "than the native form"]) + "\n")
