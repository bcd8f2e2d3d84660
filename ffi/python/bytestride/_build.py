"""What `compile` does: finds the compiler, the headers and the folder of what was built, and builds what is not there."""
import atexit
import hashlib
import json
import os
import platform
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import _errors as errors
from ._library import ENTRIES
from .load import load

COMPILERS = ("c++", "g++", "clang++")
# As the library itself is built: -ffp-contract=off for the same bits on every processor.
FLAGS = ("-std=c++17", "-O3", "-fPIC", "-shared", "-fvisibility=hidden", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math",
         "-Wl,--no-undefined")
CPUINFO = Path("/proc/cpuinfo")


def library_of(source, flags):
    """The library of a source, built if it is not there already."""
    text = Path(source).read_text(encoding="utf-8") if isinstance(source, os.PathLike) else source
    include = include_folder()
    command = shlex.split(os.environ.get("CXX", "")) or [next((name for name in COMPILERS if shutil.which(name)), COMPILERS[0])]
    key = _key(text, flags, command, include)
    program = shutil.which(command[0])
    folder = cache_folder()
    if program is None:
        built = sorted(folder.glob(f"{key}-*.so"), key=os.path.getmtime)
        if not built:
            raise errors.compile_error(f"the C++ compiler {command[0]} is not there: on Debian and Ubuntu, apt install build-essential; "
                                       "or name another one in the environment variable CXX")
        return load(built[-1])
    path = folder / f"{key}-{_stamp(program)}.so"
    if path.exists():
        try:
            return load(path)
        except errors.LoadError:
            pass  # built on another system, or damaged: it is built again, and what is wrong then is told
    _build(path, text, [program, *command[1:]], flags, include)
    return load(path)


def include_folder():
    """Where the headers are: in an installed package, in the source tree, or where the library was installed."""
    package = Path(__file__).resolve().parent
    folders = [package / "include", *(parent / "include" for parent in package.parents[2:3])]
    library = json.loads(ENTRIES["build_info"].hold().decode())["library"]
    if os.sep in library:
        folders += [parent / "include" for parent in list(Path(library).resolve().parents)[1:3]]
    for folder in folders:
        if (folder / "bytestride" / "kernel.hpp").exists():
            return folder
    try:
        asked = subprocess.run(["pkg-config", "--variable=includedir", "bytestride"], text=True, capture_output=True)
        folder = Path(asked.stdout.strip() or os.sep)
        if (folder / "bytestride" / "kernel.hpp").exists():
            return folder
    except OSError:
        pass
    raise errors.compile_error("bytestride/kernel.hpp is neither beside the package nor beside the library, and pkg-config knows no bytestride")


_temporary: list[tempfile.TemporaryDirectory[str]] = []


def cache_folder():
    """The folder of what was built; one for this process alone where that cannot be written."""
    chosen = os.environ.get("BYTESTRIDE_CACHE")
    home = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"))
    folder = Path(chosen) if chosen else home / "bytestride"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.access(folder, os.W_OK | os.X_OK):
            return folder.resolve()
    except OSError:
        pass
    if not _temporary:
        _temporary.append(Path(tempfile.mkdtemp(prefix="bytestride-")))
        atexit.register(shutil.rmtree, _temporary[0], ignore_errors=True)
    return _temporary[0]


def _key(text, flags, command, include):
    """Names what was built: everything that it depends on, but for the version of the compiler."""
    content = hashlib.sha256()
    for part in (text, *FLAGS, "", *flags, "", *command, _machine([*command, *flags])):
        content.update(part.encode() + b"\0")
    for header in [include / "bytestride.h", *sorted((include / "bytestride").iterdir())]:
        content.update(header.name.encode() + b"\0" + header.read_bytes())
    return content.hexdigest()[:32]


def _machine(words):
    """What the machine code is for. The caches of several machines may be one folder, and `native` is another processor on each."""
    if not any(word.endswith("=native") for word in words):
        return platform.machine()
    facts = {line for line in CPUINFO.read_text().splitlines() if line.startswith(("model name", "flags", "Features", "CPU "))}
    return "\n".join([platform.machine(), *sorted(facts)])


def _stamp(program):
    """Another compiler under the same name is another file."""
    program = os.path.realpath(program)
    facts = os.stat(program)
    return hashlib.sha256(f"{program} {facts.st_size} {facts.st_mtime_ns}".encode()).hexdigest()[:8]


def _build(path, text, command, flags, include):
    """Compiles in a folder of its own and moves the result into place: others see the whole file, or none."""
    library = json.loads(ENTRIES["build_info"].hold().decode())["library"]
    with tempfile.TemporaryDirectory(prefix="building-", dir=path.parent) as folder:
        source, result = Path(folder) / "source.cpp", Path(folder) / path.name
        source.write_text(text, encoding="utf-8")
        words = [*command, *FLAGS, f"-I{include}", "source.cpp", *flags, "-o", str(result), os.path.abspath(library)]
        try:
            done = subprocess.run(words, cwd=folder, text=True, errors="replace", stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        except OSError as error:
            raise errors.compile_error(f"{words[0]} cannot be run: {error}") from None
        if done.returncode:
            raise errors.compile_error(f"{shlex.join(words)}\n{done.stdout}".rstrip())
        os.replace(result, path)
