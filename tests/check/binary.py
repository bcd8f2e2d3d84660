"""Checks of the compiled library: symbols, needed libraries, instructions."""
import os
import re

from common import ROOT, Skip, need, run
from surface import functions, kernel_functions

# ld-linux holds thread-local storage and is part of libc; libomp is clang's OpenMP runtime, libgomp gcc's.
NEEDED = re.compile(r"^(libc\.so\.6|libm\.so\.6|libpthread\.so\.0|libdl\.so\.2|ld-linux-.*|libgomp\.so\.1|libomp\.so\.5)$")
LEVELS = ("baseline", "avx2", "avx512")


def symbols(path, *options):
    """(kind, name) of every symbol of an object or library."""
    _, output, _ = run(need("nm", "binutils"), *options, path)
    return [tuple(line.split()[-2:]) for line in output.splitlines() if len(line.split()) >= 2]


def check_exports(context):
    """the library exports the headers' functions and nothing else"""
    found = {name.split("@")[0] for kind, name in symbols(context.library, "-D", "--defined-only") if kind != "A"}
    wanted = {function.name for function in functions()} | set(kernel_functions())
    yield from (f"{name} is exported, but is in no header" for name in sorted(found - wanted))
    yield from (f"{name} is in a header, but is not exported" for name in sorted(wanted - found))


def check_static_exports(context):
    """the static library defines the headers' functions and nothing else for others to see"""
    found = {name for kind, name in symbols(context.build / "libbytestride.a", "--defined-only", "--extern-only")}
    wanted = {function.name for function in functions()} | set(kernel_functions())
    yield from (f"{name} is visible, but is in no header" for name in sorted(found - wanted))
    yield from (f"{name} is in a header, but is not visible" for name in sorted(wanted - found))


def check_needed(context):
    """at run time the library needs libc, libm and the OpenMP runtime alone"""
    _, output, _ = run(need("readelf", "binutils"), "-d", context.library)
    for name in re.findall(r"\(NEEDED\).*\[(.*)\]", output):
        if not NEEDED.match(name):
            yield f"needs {name}"


def check_soname(context):
    """the SONAME carries the major version; the library stays loaded and binds at once"""
    _, output, _ = run(need("readelf", "binutils"), "-d", context.library)
    major = re.search(r"VERSION_MAJOR (\d+)", (ROOT / "include/bytestride.h").read_text()).group(1)
    for wanted in (f"[libbytestride.so.{major}]", "NODELETE", "NOW"):
        if wanted not in output:
            yield f"{wanted} is not in the dynamic section"
    if "TEXTREL" in output:
        yield "the code is not position-independent"


def check_rebuilds(context):
    """a changed header rebuilds what includes it, whether the build folder was named relatively or absolutely"""
    environment = {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    for build in (os.path.relpath(context.build, ROOT), os.path.abspath(ROOT / context.build)):
        _, database, _ = run("make", "--no-print-directory", "-pn", "lib", f"BUILD={build}", env=environment)
        rules = [line for line in database.splitlines() if re.match(r"\S*obj/kernels/pack\.\w+\.o: .*pack\.cpp", line)]
        if not rules:
            yield f"BUILD={build}: no rule for pack.o"
        yield from (f"BUILD={build}: {rule.split(':')[0]} does not depend on pack.hpp" for rule in rules if "kernels/pack.hpp" not in rule)


def check_stack(context):
    """the library does not ask for an executable stack"""
    _, output, _ = run(need("readelf", "binutils"), "-lW", context.library)
    stack = [line for line in output.splitlines() if "GNU_STACK" in line]
    if not stack or "E" in stack[0].split()[-2]:
        yield "no GNU_STACK header without the executable bit"


def objects(context):
    found = sorted((context.build / "obj").glob("*/*.o"))
    if not found:
        raise Skip(f"no objects in {context.build}/obj (make lib)")
    return found


def check_kernel_symbols(context):
    """kernel objects define no weak symbol, and nothing outside the namespace of their level"""
    for path in objects(context):
        if path.parent.name != "kernels":
            continue
        level = "at_" + path.name.split(".")[-2]
        for kind, name in symbols(path, "--defined-only"):
            if kind in "WVuvw":
                yield f"{path.name}: weak symbol {name}"
            elif kind in "TDBRG" and not name.startswith(f"_ZN10bytestride{len(level)}{level}") \
                    and not name.startswith(f"_ZNK10bytestride{len(level)}{level}"):
                yield f"{path.name}: {name} is outside bytestride::{level}"


def check_instructions(context):
    """objects that run on every processor use the baseline's instructions alone"""
    for path in objects(context):
        if path.name.split(".")[-2] in LEVELS[1:]:
            continue
        _, header, _ = run(need("readelf", "binutils"), "-h", path)
        if "X86-64" not in header:
            raise Skip("only x86-64 has instructions beyond its baseline in this build")
        _, output, _ = run(need("objdump", "binutils"), "-d", "--no-show-raw-insn", path)
        wide = re.search(r"^.*%[yz]mm.*$|^.*\t(v[a-z]+[dsq0-9]) .*%xmm.*$", output, re.MULTILINE)
        if wide:
            yield f"{path.name}: {wide.group(0).strip()}"
