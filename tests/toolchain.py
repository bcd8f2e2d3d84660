"""Finds the toolchains of the languages that call the library, and says what to install where one is missing.

Each function gives what a command needs, or raises Missing, whose text is the reason to skip. Needs nothing but Python.
"""
import os
import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OLDEST = {"go": (1, 21), "java": (22,), "node": (18,)}


class Missing(Exception):
    """The toolchain is not here, or too old."""


def version(command):
    """The first number with dots that a command prints, as a tuple; () where it cannot be run."""
    try:
        done = subprocess.run([str(word) for word in command], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    found = re.search(r"\d+(\.\d+)*", done.stdout)
    return tuple(map(int, found.group().split("."))) if found and not done.returncode else ()


def wanted(language):
    return ".".join(map(str, OLDEST[language]))


def go():
    """The go command, of a version that can pin memory."""
    command = shutil.which("go")
    if not command or version([command, "version"]) < OLDEST["go"]:
        raise Missing(f"go of version {wanted('go')} or newer is not installed (https://go.dev/dl)")
    return command


def jdk():
    """The folder of the newest JDK that has java.lang.foreign for good: JAVA_HOME, the system's, that of the path."""
    homes = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    homes += sorted(Path("/usr/lib/jvm").glob("*")) if Path("/usr/lib/jvm").is_dir() else []
    homes += [Path(shutil.which("javac")).resolve().parents[1]] if shutil.which("javac") else []
    newest = max(((version([home / "bin/javac", "-version"]), str(home)) for home in homes if (home / "bin/javac").exists()), default=((), ""))
    if newest[0] < OLDEST["java"]:
        raise Missing(f"a JDK of version {wanted('java')} or newer is not installed (https://adoptium.net; JAVA_HOME names it)")
    return Path(newest[1])


def compile_java(home, folder):
    """The Java package as class files, without Maven; the folder is what a class path names."""
    sources = sorted((ROOT / "ffi/java/src/main/java/bytestride").glob("*.java"))
    return [home / "bin/javac", "--release", wanted("java"), "-nowarn", "-d", folder, *sources]


def run_java(home, classes, *words):
    """A program in a single source file, against that class path."""
    return [home / "bin/java", "--enable-native-access=ALL-UNNAMED", "-cp", classes, *words]


def node():
    """The node command; npm stands beside it."""
    command = shutil.which("node")
    if not command or not shutil.which("npm") or version([command, "--version"]) < OLDEST["node"]:
        raise Missing(f"node of version {wanted('node')} or newer and npm are not installed (apt install nodejs npm)")
    return command


def node_package(folder):
    """
    Copies the Node package and says how npm installs what it needs there: npm writes beside a package's sources, and
    nothing is built beside ours. Returns the command, or None where that is done already.
    """
    source = ROOT / "ffi/node"
    shutil.copytree(source, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
    for path in [*folder.glob("*.*"), *folder.glob("test/*.*")]:
        if path.is_file() and not (source / path.relative_to(folder)).exists():
            path.unlink()
    done = folder / "node_modules/.package-lock.json"
    if done.exists() and done.stat().st_mtime > (source / "package-lock.json").stat().st_mtime:
        return None
    return ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error", "--prefix", folder]
