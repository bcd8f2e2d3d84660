"""The command line that the programs here share, in Python as in C and Rust.

    program FORM REPETITIONS FILE PART

computes an article's case so many times and ends; 0 only starts and prepares. The bytes of the result are written
to FILE, unless it is `-`. PART below 1 is the share of the case that is prepared and computed (pure Python only).
"""
import sys
from fractions import Fraction
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))  # loops.py


def golden(index):
    """Numbers between 0 and 1 that are the same in every language: multiples of the golden ratio without their whole part."""
    product = index * 0.6180339887498949
    return product - int(product)


def main(forms):
    """`forms`: name -> function(part) -> (a call that computes the case, the result's array)."""
    name, repetitions, path, part = sys.argv[1:]
    compute, result = forms[name](Fraction(part))
    for _ in range(int(repetitions)):
        compute()
    if path != "-":
        with open(path, "wb") as file:
            file.write(memoryview(result).cast("B"))
