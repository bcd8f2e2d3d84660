"""Checks of the source text."""
import re
import sys

from common import ROOT, Skip, files, run, shown

TOP_LEVEL = {"Makefile", "README.md", "LICENSE", "include", "src", "ffi", "tests", "examples"}


def check_tree(context):
    """the top level holds exactly what it should"""
    found = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")} - {"build", context.build.name}
    yield from (f"{name} does not belong there" for name in sorted(found - TOP_LEVEL))
    yield from (f"{name} is missing" for name in sorted(TOP_LEVEL - found))


def check_format(context):
    """C and C++ sources are formatted as .clang-format says"""
    own = context.build / "venv/bin/clang-format"
    if not own.exists():
        raise Skip("clang-format is not installed (make test installs it from tests/requirements.txt)")
    # The headers for C are laid out by hand: one declaration per line, whatever its length.
    sources = [*files("src", "ffi", "tests", "examples", suffixes={".c", ".cpp", ".h", ".hpp"}), *files("include", suffixes={".hpp"})]
    status, _, problems = run(own, "--dry-run", "-Werror", "--ferror-limit=1", *sources)
    if status:
        yield from (line for line in problems.splitlines() if "error:" in line)


def check_flags(context):
    """no flag that gives up IEEE arithmetic, or ties the library to one processor"""
    flags = re.compile(r"-ffast-math|-Ofast|-march=native|-mtune=native|-fassociative-math|-fno-signed-zeros"
                       r"|-freciprocal-math|-ffinite-math-only|-funsafe-math-optimizations|-ffp-contract=(fast|on)")
    pragmas = re.compile(r"(?i)\bfp_contract\b|#\s*pragma\s+(gcc|clang)\s+(optimize|fp)\b|\boptimize\s*\(|pragma\s+float_control")
    builders = [ROOT / "Makefile", ROOT / "tests/run", *(ROOT / "tests/suites").glob("*.py"), *files("ffi", "examples", suffixes={".py"}),
                *files("ffi", "tests", "examples", ".ci", suffixes={".rs", ".toml", ".in", ".txt", "run"})]
    for pattern, paths in ((flags, builders), (pragmas, files("src", "include", suffixes={".cpp", ".hpp", ".c", ".h"}))):
        for path in paths:
            for number, line in enumerate(path.read_text().splitlines(), 1):
                if pattern.search(line) and not line.lstrip().startswith(("#:", "# ")):
                    yield f"{shown(path)}:{number}: {line.strip()}"


def check_vendored_flags(context):
    """the Rust crate compiles the library with the flags of the Makefile"""
    makefile, script = (ROOT / "Makefile").read_text(), (ROOT / "ffi/rust/bytestride-sys/build.rs").read_text()
    wanted = "\n".join(re.findall(r"^(?:LANGUAGE|NUMBERS|FLAGS\.\w+) *:= *(.*)", makefile, re.MULTILINE)).split()
    wanted = {flag for flag in wanted if flag.startswith("-")} | set(re.findall(r"BYTESTRIDE_HAVE_\w+", makefile))
    given = set(re.findall(r'"(-[^"]+|BYTESTRIDE_HAVE_\w+)"', script)) - {"-Wno-psabi", "-fvisibility=hidden"}
    given = {flag for flag in given if not flag.startswith(("--", "-L"))}
    yield from (f"{flag} is in the Makefile alone" for flag in sorted(wanted - given))
    yield from (f"{flag} is in build.rs alone" for flag in sorted(given - wanted))


def check_openmp(context):
    """OpenMP is used in src/core/parallel.cpp alone"""
    for path in files("src", suffixes={".cpp", ".hpp"}):
        if shown(path) == "src/core/parallel.cpp":
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if re.search(r"#\s*pragma\s+omp|_Pragma\(\"omp|\bomp_\w+\(|<omp\.h>", line):
                yield f"{shown(path)}:{number}: {line.strip()}"


def check_kernel_includes(context):
    """kernel sources include nothing that leaks weak symbols"""
    allowed = {"cmath", "cstring", "cstdint", "cstddef", "cfloat", "climits", "limits", "type_traits", "utility",
               "immintrin.h", "arm_neon.h"}
    for path in files("src/kernels", suffixes={".cpp", ".hpp"}):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            include = re.match(r"\s*#\s*include\s*<([^>]+)>", line)
            if include and include.group(1) not in allowed:
                yield f"{shown(path)}:{number}: <{include.group(1)}>"


def check_marks(context):
    """nothing is left to be done, and no text names a place on somebody's machine"""
    marks = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b|(?<![\w.])/(root|work|home)/\w")
    for path in [ROOT / "Makefile", ROOT / "README.md", *files("include", "src", "ffi", "tests", "examples", suffixes={
            ".cpp", ".hpp", ".c", ".h", ".py", ".rs", ".go", ".java", ".js", ".ts", ".xml", ".json", ".toml", ".in", ".txt", ".md", ".sh", "run"})]:
        if not path.exists():
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if marks.search(line):
                yield f"{shown(path)}:{number}: {line.strip()[:100]}"


def check_bindings(context):
    """the generated bindings are those of the header"""
    status, output, problems = run(sys.executable, "ffi/generate.py", "--check")
    if status:
        yield from (output + problems).splitlines()
