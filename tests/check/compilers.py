"""Checks that compile: the header in both languages, and the library with every compiler at hand."""
import os
import shutil

from common import Skip, run

COMPILERS = {"gcc": ("g++", "build-essential"), "clang": ("clang++", "clang libomp-dev")}
PLAIN = ("bytestride.h", "bytestride/kernel.h")  # C and C++
TYPED = ("bytestride/kernel.hpp", "bytestride/elements.hpp")  # C++17
# clang's -Wconversion means other things: also every change of sign. And its warnings need no optimiser, but for that about frames.
MORE = {"gcc": " -Wconversion", "clang": " -O0 -Wno-frame-larger-than"}
STRICT = ("-Wall", "-Wextra", "-pedantic", "-Werror", "-Wconversion", "-fsyntax-only")


def compiler(name):
    program, packages = COMPILERS[name]
    if not shutil.which(program):
        raise Skip(f"{program} is not installed (apt install {packages})")
    status, _, _ = run(program, "-fopenmp", "-fsyntax-only", "-x", "c++", "-", input="#include <omp.h>\n")
    if status:
        raise Skip(f"{program} has no OpenMP (apt install {packages})")
    return program


def header(name):
    program = compiler(name)
    for language, standard, which in (("c", "c99", PLAIN), ("c", "c11", PLAIN), ("c++", "c++11", PLAIN), ("c++", "c++17", PLAIN + TYPED),
                                      ("c++", "c++20", TYPED)):
        for name_of_header in which:
            status, _, problems = run(program, "-x", language, f"-std={standard}", *STRICT, "-", input=f'#include "include/{name_of_header}"\n')
            if status or problems:
                yield f"{program} -std={standard}: {name_of_header}"
                yield from problems.splitlines()


def warnings(context, name):
    """Builds everything once more with warnings as errors; kept, so that a later run builds what changed."""
    program = compiler(name)
    environment = {key: value for key, value in os.environ.items()
                   if key not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "CC", "CXX", "CFLAGS", "CXXFLAGS", "LDFLAGS")}
    status, _, problems = run("make", f"-j{os.cpu_count() or 2}", "lib", "test-programs", f"CXX={program}",
                              f"BUILD={context.build}/check-{name}", f"CXXFLAGS=-Werror{MORE[name]}", "CFLAGS=-Werror", env=environment)
    if status:
        yield from (line for line in problems.splitlines() if "error" in line or "Error" in line)


def check_header_gcc(context):
    """gcc: the headers compile as C99, C11, C++11, C++17 and C++20 without a warning, as far as they are meant to"""
    return header("gcc")


def check_header_clang(context):
    """clang: the headers compile as C99, C11, C++11, C++17 and C++20 without a warning, as far as they are meant to"""
    return header("clang")


def check_warnings_gcc(context):
    """gcc: the library and its tests compile without a warning"""
    return warnings(context, "gcc")


def check_warnings_clang(context):
    """clang: the library and its tests compile without a warning"""
    return warnings(context, "clang")
