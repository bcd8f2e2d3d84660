"""The binary interface: what programs built against version 1.0 have compiled in must stay as it is.

The reference is tests/abi/reference.xml, a description by libabigail of the headers' functions and structs. An addition that is
meant is written into it by

    python3 tests/check/abi.py

and anything else needs a new major version. (Sizes, offsets and constants are also in tests/abi/layout.c, for every compiler.)
"""
import platform
import re
import sys
import tempfile
from pathlib import Path

from common import ROOT, Skip, need, run

REFERENCE = ROOT / "tests/abi/reference.xml"
HEADER = ROOT / "include/bytestride.h"
KERNEL_HEADER = ROOT / "include/bytestride/kernel.h"


def described(folder, header=HEADER):
    """The description of a library that has the headers' functions and nothing in them."""
    abidw, compiler = need("abidw", "abigail-tools"), need("gcc", "gcc")
    if platform.machine() != "x86_64":
        raise Skip("the reference is that of x86-64")
    declared = re.sub(r"/\*.*?\*/", "", header.read_text() + KERNEL_HEADER.read_text(), flags=re.DOTALL)
    bodies = [f"{declaration} {{ __builtin_trap(); }}\n"
              for declaration in re.findall(r"^BYTESTRIDE_API [^;]*\)(?=;)", declared, re.MULTILINE)]
    source, library = folder / "functions.c", folder / "libbytestride.so.1"
    # The other header includes bytestride.h by its guard: the one that was read here is taken.
    source.write_text(f'#include "{header}"\n#include "{KERNEL_HEADER}"\n' + "".join(bodies))
    status, _, problems = run(compiler, "-g", "-O0", "-shared", "-fPIC", "-Wl,-soname,libbytestride.so.1", str(source), "-o", str(library))
    if status:
        raise RuntimeError(problems)
    _, text, _ = run(abidw, "--no-show-locs", "--no-corpus-path", "--no-comp-dir-path", "--no-elf-needed", str(library))
    # Compiler and path of the source stand for one machine.
    return re.sub(r"(<abi-instr) [^>]*>", r"\1 version='1.0' address-size='64' path='bytestride.h' language='LANG_C11'>", text)


def differences(text):
    """What abidiff says about two descriptions, or nothing."""
    with tempfile.TemporaryDirectory() as folder:
        now = Path(folder) / "now.xml"
        now.write_text(text)
        status, output, problems = run(need("abidiff", "abigail-tools"), str(REFERENCE), str(now))
    return (output or problems or f"abidiff ended with status {status}").splitlines() if status else []


def check_abi(context):
    """structs, functions and their types are those of the reference"""
    with tempfile.TemporaryDirectory() as folder:
        yield from differences(described(Path(folder)))


def check_abi_sees(context):
    """an inserted field, a changed type and a removed function would be seen"""
    header = HEADER.read_text()
    for what, changed in (
            ("an inserted field", header.replace("    int32_t threads; ", "    int32_t extra, threads; ", 1)),
            ("a changed type", header.replace("const bytestride_array *b, const bytestride_array *out, const bytestride_add_options",
                                              "const double *b, const bytestride_array *out, const bytestride_add_options", 1)),
            ("a removed function", re.sub(r"^BYTESTRIDE_API [^;]*bytestride_add\([^;]*;", "", header, flags=re.MULTILINE))):
        if changed == header:
            yield f"{what}: the header has no such place any more"
            continue
        with tempfile.TemporaryDirectory() as folder:
            other = Path(folder) / "bytestride.h"
            other.write_text(changed)
            if not differences(described(Path(folder), other)):
                yield f"{what} was not seen"


def check_symbols(context):
    """every symbol of version 1.0 is there, in its version"""
    _, output, _ = run(need("nm", "binutils"), "-D", "--defined-only", context.library)
    found = {line.split()[-1] for line in output.splitlines()}
    yield from (f"{name} is gone" for name in (ROOT / "tests/abi/1.0/symbols.txt").read_text().split() if name not in found)


if __name__ == "__main__":
    try:
        with tempfile.TemporaryDirectory() as place:
            REFERENCE.write_text(described(Path(place)))
    except Skip as reason:
        sys.exit(str(reason))
    print(f"written: {REFERENCE.relative_to(ROOT)}")
