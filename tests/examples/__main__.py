"""Installs the library, moves what was installed, and builds and runs every example against it.

    python3 tests/examples [--build DIR] [--python PYTHON]

Ends with a line `N passed, N failed, N skipped`. An example's output must be that of the file of its name here,
where a line that ends with `...` stands for every line with that beginning. The programs of examples/articles print times:
they compare their results themselves and end with a status.
"""
import argparse
import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXPECTED = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "tests"))
import toolchain  # noqa: E402


class Failure(Exception):
    pass


class Skip(Exception):
    pass


def need(tool, package):
    if not shutil.which(tool):
        raise Skip(f"{tool} is not installed (apt install {package})")


def run(command, environment, folder=ROOT):
    done = subprocess.run([str(word) for word in command], cwd=folder, env=environment, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        raise Failure(f"{' '.join(map(str, command))}: exit status {done.returncode}\n{done.stdout}")
    return done.stdout


def compare(output, name):
    """The output against the expected one of that name, if there is one."""
    path = EXPECTED / f"{name}.txt"
    if not path.exists():
        return
    wanted, found = path.read_text().splitlines(), output.splitlines()
    matches = [line.startswith(want[:-3]) if want.endswith("...") else line == want for want, line in zip(wanted, found)]
    if len(wanted) != len(found) or not all(matches):
        raise Failure(f"the output is not that of {path.name}:\n{output}")


class Installed:
    """A copy of the library, installed with DESTDIR and then moved."""

    def __init__(self, build, work, python):
        self.build, self.work, self.python = build, work, python
        self.prefix = work / "moved"
        self.library = self.prefix / "lib"
        self.environment = {name: value for name, value in os.environ.items()
                            if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "BYTESTRIDE_LIB_DIR", "BYTESTRIDE_LIBRARY")}
        self.make("install", work / "staged")
        shutil.move(work / "staged/opt/bytestride", self.prefix)
        self.environment.update(LD_LIBRARY_PATH=str(self.library), PKG_CONFIG_PATH=str(self.library / "pkgconfig"),
                                CMAKE_PREFIX_PATH=str(self.prefix))

    def make(self, target, destination):
        run(["make", "--no-print-directory", target, f"BUILD={self.build}", f"DESTDIR={destination}", "PREFIX=/opt/bytestride"],
            self.environment)

    def pkg_config(self, *options):
        need("pkg-config", "pkg-config")
        return run(["pkg-config", *options, "bytestride"], self.environment).split()


def try_files(installed):
    """install: what belongs there is there, and a second installation is removed completely"""
    for name in ("include/bytestride.h", "include/bytestride/kernel.h", "include/bytestride/kernel.hpp", "lib/libbytestride.so", "lib/libbytestride.a", "lib/pkgconfig/bytestride.pc",
                 "lib/cmake/bytestride/bytestrideConfig.cmake"):
        if not (installed.prefix / name).exists():
            raise Failure(f"{name} was not installed")
    again = installed.work / "again"
    installed.make("install", again)
    installed.make("uninstall", again)
    left = [path for path in again.rglob("*") if not path.is_dir()]
    if left:
        raise Failure(f"make uninstall left {left}")


def try_version(installed):
    """pkg-config: the version is the header's"""
    found = installed.pkg_config("--modversion")[0]
    header = (installed.prefix / "include/bytestride.h").read_text()
    parts = [header.split(f"VERSION_{part} ")[1].split()[0] for part in ("MAJOR", "MINOR", "PATCH")]
    if found != ".".join(parts):
        raise Failure(f"pkg-config says {found}, the header {'.'.join(parts)}")


def compile_c(installed, flags):
    for source in sorted((ROOT / "examples/c").glob("*.c")):
        program = installed.work / source.stem
        run([os.environ.get("CC", "cc"), "-std=c99", "-Wall", "-Wextra", "-Werror", source, *flags, "-o", program], installed.environment)
        compare(run([program], installed.environment), source.stem)


def try_c_pkg_config(installed):
    """examples/c by pkg-config"""
    compile_c(installed, installed.pkg_config("--cflags", "--libs"))


def try_c_static(installed):
    """examples/c with the static library"""
    flags = installed.pkg_config("--static", "--cflags", "--libs")
    compile_c(installed, [str(installed.library / "libbytestride.a") if flag == "-lbytestride" else flag for flag in flags])


def try_c_cmake(installed):
    """examples/c by CMake, shared and static"""
    need("cmake", "cmake")
    build = installed.work / "cmake"
    run(["cmake", "-S", ROOT / "examples/c", "-B", build, "-Wdev"], installed.environment)
    run(["cmake", "--build", build], installed.environment)
    without = {name: value for name, value in installed.environment.items() if name != "LD_LIBRARY_PATH"}
    for source in sorted((ROOT / "examples/c").glob("*.c")):
        for suffix in ("", "_static"):
            compare(run([build / (source.stem + suffix)], without), source.stem)


def compiler_of_cpp():
    return os.environ.get("CXX", "c++").split()


def compile_cpp(installed, flags):
    for source in sorted((ROOT / "examples/cpp").glob("*.cpp")):
        program = installed.work / source.stem
        run([*compiler_of_cpp(), "-std=c++17", "-Wall", "-Wextra", "-Werror", source, *flags, "-o", program], installed.environment)
        compare(run([program], installed.environment), source.stem)


def try_cpp_pkg_config(installed):
    """examples/cpp by pkg-config"""
    compile_cpp(installed, installed.pkg_config("--cflags", "--libs"))


def try_cpp_static(installed):
    """examples/cpp with the static library"""
    flags = installed.pkg_config("--static", "--cflags", "--libs")
    compile_cpp(installed, [str(installed.library / "libbytestride.a") if flag == "-lbytestride" else flag for flag in flags])


def try_cpp_cmake(installed):
    """examples/cpp by CMake: shared, static, and a library of own kernels"""
    need("cmake", "cmake")
    build = installed.work / "cmake-cpp"
    run(["cmake", "-S", ROOT / "examples/cpp", "-B", build, "-Wdev"], installed.environment)
    run(["cmake", "--build", build], installed.environment)
    without = {name: value for name, value in installed.environment.items() if name != "LD_LIBRARY_PATH"}
    for source in sorted((ROOT / "examples/cpp").glob("*.cpp")):
        for suffix in ("", "_static"):
            compare(run([build / (source.stem + suffix)], without), source.stem)
    if not (build / "libconvolve.so").exists():
        raise Failure("CMake made no libconvolve.so of the own kernel")


def try_own_kernel(installed):
    """examples/own_kernel: its library by one command, called from C"""
    words = next(line for line in (ROOT / "examples/own_kernel/convolve.cpp").read_text().splitlines() if "c++ " in line).split()[2:]
    flags = installed.pkg_config("--cflags", "--libs")
    start = words.index("$(pkg-config")
    command = [*compiler_of_cpp(), *words[:start], *flags]
    for source in ("convolve.cpp", "call.c"):
        shutil.copy(ROOT / "examples/own_kernel" / source, installed.work)
    for line in (command, [os.environ.get("CC", "cc"), "-std=c99", "-Wall", "-Wextra", "-Werror", "call.c", "-o", "call", "-L.", "-lconvolve",
                           *flags, "-Wl,-rpath,$ORIGIN"]):
        run(line, installed.environment, installed.work)
    compare(run([installed.work / "call"], installed.environment), "call")


def try_own_kernel_python(installed):
    """examples/own_kernel: compiled and called from Python, equal to the article's loops"""
    environment = {**with_package(installed), "BYTESTRIDE_CACHE": str(installed.work / "own")}
    # Without what a build of Numba and Cython would take; they are timed, not tested.
    output = run([installed.python, ROOT / "examples/own_kernel/compare.py", "--size", "64"], environment)
    if "own kernel: equal to the article's loops" not in output:
        raise Failure(output)


def try_rust(installed):
    """examples/rust by cargo and pkg-config"""
    need("cargo", "cargo; or https://rustup.rs")
    need("pkg-config", "pkg-config")
    environment = {**installed.environment, "CARGO_TARGET_DIR": str(installed.build / "rust-example")}
    for source in sorted((ROOT / "examples/rust/src/bin").glob("*.rs")):
        command = ["cargo", "run", "--quiet", "--manifest-path", ROOT / "examples/rust/Cargo.toml", "--bin", source.stem]
        compare(run(command, environment), source.stem)


def snake(name):
    """ConvolveChannel -> convolve_channel, under which its output is kept."""
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def try_go(installed):
    """examples/go by go run and pkg-config"""
    need("pkg-config", "pkg-config")
    environment = {**installed.environment, "CGO_ENABLED": "1", "GOTOOLCHAIN": "local"}
    for source in sorted((ROOT / "examples/go").glob("*/main.go")):
        compare(run([toolchain.go(), "run", f"./{source.parent.name}"], environment, ROOT / "examples/go"), source.parent.name)


def try_java(installed):
    """examples/java by a JDK alone, without Maven"""
    home, classes = toolchain.jdk(), installed.work / "java"
    run(toolchain.compile_java(home, classes), installed.environment)
    for source in sorted((ROOT / "examples/java").glob("*.java")):
        compare(run(toolchain.run_java(home, classes, "-ea", source), installed.environment), snake(source.stem))


def try_node(installed):
    """examples/node with the package as npm installs it"""
    node, folder = toolchain.node(), installed.work / "node"
    shutil.copytree(ROOT / "examples/node", folder, ignore=shutil.ignore_patterns("node_modules"))
    # Only packages that the lock names: npm takes them from the cache that the tests of ffi/node have filled.
    run(["npm", "install", "--install-links", "--no-save", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline",
         "--loglevel", "error", ROOT / "ffi/node"], installed.environment, folder)
    for source in sorted(folder.glob("*.js")):
        compare(run([node, source], installed.environment, folder), source.stem)


def with_package(installed):
    """The environment in which the Python package finds the installed library."""
    return {**installed.environment, "BYTESTRIDE_LIBRARY": str(installed.library / "libbytestride.so"),
            "PYTHONPATH": str(ROOT / "ffi/python"), "PYTHONPYCACHEPREFIX": str(installed.build / "pycache")}


def try_python(installed):
    """examples/python with the installed library"""
    sources = sorted((ROOT / "examples/python").glob("*.py"))
    if not sources:
        raise Failure("there is no examples/python/*.py")
    for source in sources:
        compare(run([installed.python, source], with_package(installed)), source.stem)


def run_article(program, installed):
    """A program of examples/articles: it says what it has compared, or why it could not run."""
    # OpenCL keeps what it compiles; not in the user's home.
    environment = {**with_package(installed), "POCL_CACHE_DIR": str(installed.work / "pocl"), "PYOPENCL_NO_CACHE": "1"}
    # Without site-packages there is no NumPy: the program that promises to need none must run so.
    options = ["-S"] if program.stem == "ctypes_array" else []
    output = run([installed.python, *options, program], environment)
    reason = re.match("(?:skipped|not run): (.*)", output)
    if reason:
        raise Skip(reason.group(1))
    if not re.search("^[^ ].*: (equal|within)", output, re.MULTILINE):
        raise Failure(f"{program.name} compared nothing:\n{output}")


def try_articles_notice(installed):
    """examples/articles: two forms that differ end with a status, whatever is compared"""
    broken = installed.work / "broken.py"
    broken.write_text("from _forms import Case, run\n\n\ndef cases():\n    yield Case('off by one', lambda: [1, 2], lambda: [1, 3])\n\n\n"
                      "run('A program whose forms differ.', cases)\n")
    environment = {**with_package(installed), "PYTHONPATH": str(ROOT / "examples/articles")}
    done = subprocess.run([installed.python, broken], env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 1 or "not equal" not in done.stdout:
        raise Failure(f"a difference ended with status {done.returncode}\n{done.stdout}")


def try_profile(installed):
    """make profile: both flame graphs, with the article's loops in one and the library's in the other"""
    folder = installed.build / "profile"
    done = subprocess.run(["make", "--no-print-directory", "profile", f"BUILD={installed.build}", "SECONDS=1"], cwd=ROOT,
                          env=installed.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        refused = [line for line in done.stdout.splitlines() if line.startswith(("py-spy may not", "py-spy is not"))]
        if refused:
            raise Skip(refused[0])
        raise Failure(done.stdout)
    for form, frame in (("before", "convolve (convolution.py:"), ("after", "convolve (bytestride/convolve.py:")):
        if frame not in (folder / f"convolution-{form}.svg").read_text():
            raise Failure(f"{folder}/convolution-{form}.svg does not show {frame}...)")


def attempts():
    """(what it is, function of the installation) in the order of this file; then the articles, one by one."""
    for name, attempt in list(globals().items()):
        if name.startswith("try_"):
            yield attempt.__doc__, attempt
    for program in sorted((ROOT / "examples/articles").glob("[!_]*.py")):
        yield f"examples/articles/{program.name}", functools.partial(run_article, program)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", default="build", help="the build folder")
    parser.add_argument("--python", default=sys.executable, help="the Python that has NumPy")
    options = parser.parse_args()
    passed = failed = skipped = 0
    with tempfile.TemporaryDirectory(prefix="bytestride-") as work:
        try:
            installed = Installed(Path(options.build).resolve(), Path(work), options.python)
        except Failure as failure:
            print(f"  FAILED   make install\n{failure}")
            print("0 passed, 1 failed, 0 skipped")
            return 1
        for title, attempt in attempts():
            try:
                attempt(installed)
            except (Skip, toolchain.Missing) as reason:
                skipped += 1
                print(f"  skipped  {title}: {reason}", flush=True)
            except Failure as failure:
                failed += 1
                print(f"  FAILED   {title}\n{failure}", flush=True)
            else:
                passed += 1
                print(f"  ok       {title}", flush=True)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
