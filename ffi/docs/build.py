"""Builds the documentation: sources, pages with warnings as errors, the examples in them, links.

    make docs

The sources are written into BUILD/docs-source, the pages into BUILD/docs; BUILD/docs/index.html is the first.
Where cargo is installed, the crates' own pages are made and put beside them.
"""
import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))


def crates(build):
    """The folder of the pages that `cargo doc` makes, or None with a line that says why."""
    if not shutil.which("cargo"):
        print("docs: the crates' pages are left out: cargo is not installed (https://rustup.rs)")
        return None
    target = build / "docs-cargo"
    command = ["cargo", "doc", "--quiet", "--no-deps", "--workspace", "--all-features", "--manifest-path", str(ROOT / "ffi/rust/Cargo.toml")]
    environment = {**os.environ, "BYTESTRIDE_LIB_DIR": str(build), "CARGO_TARGET_DIR": str(target), "RUSTDOCFLAGS": "-D warnings"}
    subprocess.run(command, check=True, env=environment)
    return target / "doc"


def sphinx(builder, source, output, version):
    """A run of Sphinx; its warnings are errors."""
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", builder, "-c", str(HERE), "-d", str(source / ".doctrees"),
               "-D", f"release={version}", "-D", f"version={version}", str(source), str(output)]
    return subprocess.run(command).returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=Path, default=Path("build"), help="the build folder")
    build = parser.parse_args().build.resolve()
    source, output = build / "docs-source", build / "docs"
    for folder in (source, output):
        shutil.rmtree(folder, ignore_errors=True)
    rust = crates(build)

    import links
    import pages
    version = pages.write_all(source, rust)
    if rust:
        shutil.copytree(rust, output / "rust")
    if sphinx("html", source, output, version):
        return 1
    if sphinx("doctest", source, build / "docs-doctest", version):
        print((build / "docs-doctest/output.txt").read_text())
        return 1
    lost = sorted(set(links.broken(output, apart="rust")))
    for page, link in lost:
        print(f"docs: {page} links to {link}, which is not there")
    print(f"docs: {len(list(output.glob('*.html')))} pages, {output / 'index.html'}")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
