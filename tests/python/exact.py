"""Casts in exact arithmetic: the oracle for every conversion of one number.

Numbers are Python ints, Fractions, or float for NaN and the infinities; nothing here rounds except by the rule
that is to be tested.
"""
import math
from fractions import Fraction

import numpy as np

# Bits of the significand and the largest and smallest exponents of a normal number.
FORMATS = {"float16": (11, 15, -14), "float32": (24, 127, -126), "float64": (53, 1023, -1022)}


def number(value):
    """A NumPy scalar of a real dtype as an exact number."""
    value = value.item()
    if isinstance(value, float):
        return Fraction(value) if math.isfinite(value) else value
    return int(value)


def to_float(value, name):
    """The nearest number of a binary format, ties to even, as a Python float (which holds all three formats)."""
    if isinstance(value, float):
        return value
    digits, largest, smallest = FORMATS[name]
    if value == 0:
        return 0.0
    magnitude = abs(Fraction(value))
    exponent = magnitude.numerator.bit_length() - magnitude.denominator.bit_length()
    exponent -= magnitude < Fraction(2) ** exponent
    step = Fraction(2) ** (max(exponent, smallest) - digits + 1)
    rounded = round(magnitude / step) * step  # Python rounds a Fraction half to even
    if rounded >= Fraction(2) ** (largest + 1):
        return math.copysign(math.inf, value)
    return math.copysign(float(rounded), value)


def to_integer(value, dtype, rule):
    """By the rule `wrap` or `saturate`."""
    limits = np.iinfo(dtype)
    if isinstance(value, float):
        if math.isnan(value) or rule == "wrap":
            return 0
        return limits.max if value > 0 else limits.min
    if rule == "saturate":
        return min(max(round(value), limits.min), limits.max)
    bits = limits.bits
    wrapped = math.trunc(value) % 2**bits
    return wrapped - 2**bits if limits.min < 0 and wrapped >= 2 ** (bits - 1) else wrapped


def cast(values, dtype, rule="wrap"):
    """An array in another dtype, element by element; complex to real does not occur."""
    dtype = np.dtype(dtype)
    result = np.empty(values.shape, dtype)
    for index in np.ndindex(values.shape):
        value = values[index]
        if dtype.kind == "b":
            result[index] = value != 0
        elif dtype.kind == "c":
            part = f"float{dtype.itemsize * 4}"
            for name in ("real", "imag"):
                getattr(result, name)[index] = signed_float(getattr(value, name), part)
        elif dtype.kind == "f":
            result[index] = signed_float(value, dtype.name)
        else:
            result[index] = to_integer(number(value), dtype, rule)
    return result


def signed_float(value, name):
    """As `to_float`, and a negative zero stays one."""
    exact = number(value)
    if exact == 0:
        return math.copysign(0.0, float(value))
    return to_float(exact, name)
