"""Checks of the README: its programs run, and print what it says."""
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from common import ROOT, Skip, need

sys.path.insert(0, str(ROOT / "tests"))
import toolchain  # noqa: E402

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```\n", re.MULTILINE | re.DOTALL)


def programs(language):
    """(program, expected output) of every block of that language; an `output` block follows each."""
    blocks = BLOCK.findall((ROOT / "README.md").read_text())
    return [(text, blocks[place + 1][1] if blocks[place + 1:] and blocks[place + 1][0] == "output" else None)
            for place, (name, text) in enumerate(blocks) if name == language]


def output_of(command, environment):
    done = subprocess.run([str(word) for word in command], env={**os.environ, **environment}, cwd=ROOT, text=True, capture_output=True)
    return done.returncode, done.stdout, done.stderr


def compare(language, run):
    found = programs(language)
    if not found:
        yield f"README.md has no program in {language}"
    for text, wanted in found:
        status, output, problems = run(text)
        if wanted is None:
            yield f"the {language} program has no output block"
        elif status or output != wanted:
            yield f"the {language} program ended with {status} and printed:"
            yield from (output + problems).splitlines()


def folder(context):
    path = context.build / "readme"
    path.mkdir(parents=True, exist_ok=True)
    return path


def check_readme_python(context):
    """the README's Python runs and prints what it says"""
    python = context.build / "venv/bin/python"
    if not python.exists():
        raise Skip("NumPy is not installed (make test installs it from tests/requirements.txt)")
    path = folder(context) / "program.py"

    def run(text):
        path.write_text(text)
        return output_of([python, path], {"PYTHONPATH": str(ROOT / "ffi/python"), "BYTESTRIDE_LIBRARY": str(context.library)})
    yield from compare("python", run)


def check_readme_c(context):
    """the README's C compiles without a warning, runs, and prints what it says"""
    compiler = need(os.environ.get("CC", "cc").split()[0], "gcc")
    path = folder(context) / "program"

    def run(text):
        path.with_suffix(".c").write_text(text)
        words = [compiler, "-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", f"-I{ROOT / 'include'}", path.with_suffix(".c"),
                 "-o", path, f"-L{context.build}", "-lbytestride", f"-Wl,-rpath,{context.build}"]
        status, output, problems = output_of(words, {})
        return (status, output, problems) if status else output_of([path], {})
    yield from compare("c", run)


def check_readme_rust(context):
    """the README's Rust compiles, runs, and prints what it says"""
    if not shutil.which("cargo"):
        raise Skip("cargo is not installed (https://rustup.rs)")
    package = folder(context) / "rust"
    (package / "src").mkdir(parents=True, exist_ok=True)
    (package / "Cargo.toml").write_text('[package]\nname = "readme"\nversion = "1.0.0"\nedition = "2021"\n\n[dependencies]\n'
                                        f'bytestride = {{ path = "{ROOT / "ffi/rust/bytestride"}" }}\n\n[workspace]\n')

    def run(text):
        (package / "src/main.rs").write_text(text)
        return output_of(["cargo", "run", "--quiet", "--manifest-path", package / "Cargo.toml"],
                         {"BYTESTRIDE_LIB_DIR": str(context.build), "LD_LIBRARY_PATH": str(context.build),
                          "CARGO_TARGET_DIR": str(context.build / "rust")})
    yield from compare("rust", run)


def needed(language):
    """A toolchain, or Skip."""
    try:
        return language()
    except toolchain.Missing as reason:
        raise Skip(str(reason)) from None


def check_readme_go(context):
    """the README's Go compiles, runs, and prints what it says"""
    go, package = needed(toolchain.go), folder(context) / "go"
    package.mkdir(exist_ok=True)
    (package / "go.mod").write_text("module readme\n\ngo 1.21\n\nrequire bytestride v0.0.0\n\n"
                                    f"replace bytestride => {ROOT / 'ffi/go'}\n")

    def run(text):
        (package / "main.go").write_text(text)
        return output_of([go, "-C", package, "run", "-tags", "bytestride_flags", "."],
                         {"CGO_ENABLED": "1", "CGO_CFLAGS": f"-O1 -I{ROOT / 'include'}", "CGO_LDFLAGS": f"-L{context.build}",
                          "LD_LIBRARY_PATH": str(context.build), "GOTOOLCHAIN": "local"})
    yield from compare("go", run)


def check_readme_java(context):
    """the README's Java compiles, runs, and prints what it says"""
    home, place = needed(toolchain.jdk), folder(context) / "java"

    def run(text):
        status, output, problems = output_of(toolchain.compile_java(home, place / "classes"), {})
        (place / "Program.java").write_text(text)
        return (status, output, problems) if status else output_of(
            toolchain.run_java(home, place / "classes", place / "Program.java"), {"BYTESTRIDE_LIBRARY": str(context.library)})
    yield from compare("java", run)


def check_readme_node(context):
    """the README's JavaScript runs, and prints what it says"""
    node, package, place = needed(toolchain.node), context.build / "node", folder(context) / "node"
    install = toolchain.node_package(package)
    if install:
        status, output, problems = output_of(install, {})
        if status:
            yield from (output + problems).splitlines()
            return
    link = place / "node_modules/bytestride"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(package)

    def run(text):
        (place / "program.mjs").write_text(text)
        return output_of([node, place / "program.mjs"], {"BYTESTRIDE_LIBRARY": str(context.library)})
    yield from compare("js", run)


def check_readme_own_kernel(context):
    """the README's own kernel is built by its one command and called from its Python"""
    compiler, python = need(os.environ.get("CXX", "c++").split()[0], "g++"), context.build / "venv/bin/python"
    if not python.exists():
        raise Skip("NumPy is not installed (make test installs it from tests/requirements.txt)")
    place = folder(context) / "own"
    place.mkdir(exist_ok=True)
    (source, _), = programs("cpp")
    command = re.search(r"^    c\+\+ (.* (\w+\.cpp) .*) \$\(pkg-config", (ROOT / "README.md").read_text(), re.MULTILINE)
    (place / command.group(2)).write_text(source)
    words = [compiler, *command.group(1).split(), "-Wall", "-Wextra", "-Werror", f"-I{ROOT / 'include'}", f"-L{context.build}", "-lbytestride"]
    done = subprocess.run(list(map(str, words)), cwd=place, text=True, capture_output=True)
    if done.returncode:
        yield from done.stderr.splitlines()
        return

    def run(text):
        (place / "program.py").write_text(text)
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "ffi/python"), "BYTESTRIDE_LIBRARY": str(context.library)}
        done = subprocess.run([python, "program.py"], cwd=place, env=environment, text=True, capture_output=True)
        return done.returncode, done.stdout, done.stderr
    yield from compare("py", run)


def check_readme_files(context):
    """the files that the README shows or links to are there"""
    text = (ROOT / "README.md").read_text()
    for name in re.findall(r"\]\(([^)#:]+)\)", text):
        if not Path(ROOT / name).exists():
            yield f"README.md names {name}, which is not there"
