"""What is in the packages: files, libraries and what these need, the tag, the metadata."""
import email
import re
import tempfile
import zipfile
from pathlib import Path

from common import Failure, ROOT, need, run

PACKAGE = ROOT / "ffi/python/bytestride"
# PEP 600 lets these be taken from the system; everything else must come with the wheel.
SYSTEM = re.compile(r"^(libc\.so\.6|libm\.so\.6|libpthread\.so\.0|libdl\.so\.2|ld-linux-[-.\w]+)$")


def require(condition, message):
    if not condition:
        raise Failure(message)


def names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}


def wanted_files():
    """The package's own files and the public headers, as the source tree has them."""
    sources = {f"bytestride/{path.relative_to(PACKAGE)}" for path in PACKAGE.rglob("*")
               if path.is_file() and path.suffix != ".so" and "__pycache__" not in path.parts}
    headers = {f"bytestride/include/{path.relative_to(ROOT / 'include')}" for path in (ROOT / "include").rglob("*") if path.is_file()}
    return sources | headers | {"bytestride/libbytestride.so", "bytestride/libbytestride_python.so"}


def try_contents(context):
    """the wheel holds the package, the headers, the libraries and the licences, and nothing else"""
    found = {re.sub(r"-[0-9a-f]{8}\.so", ".so", name) for name in names(context.wheel) if ".dist-info/" not in name}
    wanted = wanted_files() | {"bytestride.libs/libgomp.so.1.0.0"}
    require(found == wanted, f"missing: {sorted(wanted - found)}; not expected: {sorted(found - wanted)}")
    licences = {name.split(".dist-info/licenses/")[1] for name in names(context.wheel) if ".dist-info/licenses/" in name}
    require(licences == {"LICENSE", "NOTICE", "COPYING3", "COPYING.RUNTIME"}, f"licences: {sorted(licences)}")
    with zipfile.ZipFile(context.wheel) as archive:
        for name in archive.namelist():
            for place in {str(ROOT), str(context.build), str(Path.home()), tempfile.gettempdir() + "/bytestride-"}:
                require(place.encode() not in archive.read(name), f"{name} names {place}")


def libraries(context, wheel):
    """(path, its dynamic section) of every library in the wheel, unpacked."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(context.work / wheel.stem)
    for path in sorted((context.work / wheel.stem).rglob("*.so*")):
        yield path, run(need("readelf", "binutils"), "-dW", path)


def try_binaries(context):
    """its libraries need nothing that does not come with them, are found beside them, and carry no debug information"""
    check_binaries(context, context.wheel)


def check_binaries(context, wheel):
    found = {path.name: dynamic for path, dynamic in libraries(context, wheel)}
    bundled = [name for name in found if name.startswith("libgomp-")]
    require(len(bundled) == 1, f"OpenMP runtimes: {bundled}")
    for path, dynamic in libraries(context, wheel):
        needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic))
        strangers = {name for name in needed if not SYSTEM.match(name)} - set(bundled)
        require(not strangers, f"{path.name} needs {strangers}")
        search = re.findall(r"\((?:RPATH|RUNPATH)\).*\[(.*)\]", dynamic)
        if path.name == "libbytestride.so":
            require(bundled[0] in needed and search == ["$ORIGIN/../bytestride.libs"], f"{path.name}: {needed}, {search}")
        sections = run(need("readelf", "binutils"), "-SW", path)
        require(".debug_" not in sections and ".symtab" not in sections, f"{path.name} is not stripped")
    require(f"[{bundled[0]}]" in re.search(r"\(SONAME\).*", found[bundled[0]]).group(0), f"{bundled[0]} answers to a name that others have")


def try_tag(context):
    """its tag is that of the newest versioned symbol that its libraries use"""
    check_tag(context, context.wheel)


def check_tag(context, wheel):
    versions = {(2, 17)}  # the oldest glibc of Debian's aarch64, and a floor that nobody is below
    for path, _ in libraries(context, wheel):
        output = run(need("readelf", "binutils"), "-VW", path)
        used = output.split("Version needs section")[1] if "Version needs section" in output else ""
        versions |= {tuple(map(int, version.split("."))) for version in re.findall(r"Name: GLIBC_(\d+\.\d+)", used)}
    platform = re.search(r"-py3-none-manylinux_(\d+)_(\d+)_(\w+)\.whl$", wheel.name)
    require(platform and tuple(map(int, platform.groups()[:2])) == max(versions),
            f"{wheel.name}: the libraries need glibc {'.'.join(map(str, max(versions)))}")


def try_metadata(context):
    """its metadata: the header's version, NumPy alone, both licences, any Python 3"""
    with zipfile.ZipFile(context.wheel) as archive:
        folder = next(name.split("/")[0] for name in archive.namelist() if ".dist-info/" in name)
        metadata = email.message_from_bytes(archive.read(f"{folder}/METADATA"))
        tags = archive.read(f"{folder}/WHEEL").decode()
    header = (ROOT / "include/bytestride.h").read_text()
    version = ".".join(re.search(rf"VERSION_{part} (\d+)", header).group(1) for part in ("MAJOR", "MINOR", "PATCH"))
    require(metadata["Version"] == version and context.wheel.name.startswith(f"bytestride-{version}-"), metadata["Version"])
    require(metadata.get_all("Requires-Dist") == ["numpy>=1.22"], f"needs {metadata.get_all('Requires-Dist')}")
    require(metadata["Requires-Python"] == ">=3.9", metadata["Requires-Python"])
    require(metadata["License-Expression"] == "BSD-3-Clause AND GPL-3.0-or-later WITH GCC-exception-3.1", metadata["License-Expression"])
    require(len(metadata.get_payload()) > 1000 and metadata["Summary"], "no description")
    require("Root-Is-Purelib: false" in tags and "Tag: py3-none-manylinux" in tags, tags)


def compare_sources(source):
    """The source distribution has every file that the library and the package are built from, as it is here."""
    for name in ("Makefile", "LICENSE", "README.md", "src", "include", "ffi/python/bytestride",
                 *(str(path.relative_to(ROOT)) for path in (ROOT / "ffi/python").glob("fastcall*.[ch]"))):
        for path in [ROOT / name, *(ROOT / name).rglob("*")]:
            if path.is_file() and "__pycache__" not in path.parts:
                copy = source / path.relative_to(ROOT)
                require(copy.exists() and copy.read_bytes() == path.read_bytes(), f"{path.relative_to(ROOT)} is not in the source distribution")
    require(not list(source.rglob("*.so*")) and not (source / "licenses").exists(), "the source distribution has what only wheels have")
    require("\nLicense-Expression: BSD-3-Clause\n" in (source / "PKG-INFO").read_text(), "the source is under our licence alone")


def compare_packages(one, other):
    """Two wheels have the same files of ours."""
    first, second = ({name for name in names(wheel) if name.startswith("bytestride/")} for wheel in (one, other))
    require(first == second, f"only one of {one.name} and {other.name} has {sorted(first ^ second)}")
