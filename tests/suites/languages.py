"""The suites of the packages for other languages."""
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

import toolchain
from runner import ROOT, Count, counted

CARGO_PACKAGES = (1, 90)
OLD_CARGO = "packages of crates that need each other take cargo 1.90 (rustup update)"


def cargo_version():
    """(major, minor)"""
    text = subprocess.run(["cargo", "--version"], check=True, text=True, stdout=subprocess.PIPE).stdout
    return tuple(map(int, re.search(r"(\d+)\.(\d+)", text).groups()))


def suite_rust(runner):
    """The Rust crates: tests, documentation, lints."""
    if not shutil.which("cargo"):
        return runner.skipped("cargo is not installed (https://rustup.rs)")
    environment = dict(BYTESTRIDE_LIB_DIR=str(runner.build), LD_LIBRARY_PATH=str(runner.build))
    manifest = ("--manifest-path", "ffi/rust/Cargo.toml")
    count = Count()
    for features in ([], ["--features", "ndarray"]):
        status, lines = runner.run(["cargo", "test", "--quiet", "--workspace", *manifest, *features], **environment)
        found = [re.search(r"^test result: .*?(\d+) passed; (\d+) failed; (\d+) ignored", line) for line in lines]
        here = Count()
        for match in filter(None, found):
            here += Count(*map(int, match.groups()))
        if status and not here.failed:
            here.failed = 1
        count += here
    for name, command in (("cargo doc", ["cargo", "doc", "--quiet", "--no-deps", "--workspace", "--all-features", *manifest]),
                          ("cargo clippy", ["cargo", "clippy", "--quiet", "--workspace", "--all-targets", "--all-features",
                                            *manifest, "--", "-D", "warnings"]),
                          ("cargo fmt", ["cargo", "fmt", "--all", "--check", *manifest]),
                          ("cargo publish", ["cargo", "publish", "--dry-run", "--quiet", "--workspace", "--allow-dirty", *manifest])):
        if name == "cargo publish" and cargo_version() < CARGO_PACKAGES:
            count += runner.skipped(OLD_CARGO)
            continue
        if name not in ("cargo doc", "cargo publish") and subprocess.run(command[:2] + ["--version"], capture_output=True).returncode:
            count += runner.skipped(f"{name} is not installed (rustup component add clippy rustfmt)")
            continue
        status, _ = runner.run(command, RUSTDOCFLAGS="-D warnings", **environment)
        print(f"{name}: {'failed' if status else 'passed'}", flush=True)
        count += Count(failed=1) if status else Count(passed=1)
    return count


def suite_go(runner):
    """The Go package: vet, layout, tests; with --all also under the race detector and with every pointer checked."""
    try:
        go = toolchain.go()
    except toolchain.Missing as reason:
        return runner.skipped(str(reason))
    environment = dict(CGO_ENABLED="1", CGO_CFLAGS=f"-O1 -I{ROOT / 'include'}", CGO_LDFLAGS=f"-L{runner.build}",
                       LD_LIBRARY_PATH=str(runner.build), GOFLAGS="-tags=bytestride_flags", GOTOOLCHAIN="local")
    count = Count()
    for name, command in (("go vet", [go, "-C", "ffi/go", "vet", "./..."]), ("gofmt", [str(Path(go).with_name("gofmt")), "-l", "ffi/go", "examples/go"])):
        status, lines = runner.run(command, **environment)
        wrong = status or (name == "gofmt" and lines)
        print(f"{name}: {'failed' if wrong else 'passed'}", flush=True)
        count += Count(failed=1) if wrong else Count(passed=1)
    runs = [([], {})] + ([(["-race"], {"GOEXPERIMENT": "cgocheck2"})] if runner.everything else [])
    for words, more in runs:
        print("- tests of ffi/go" + (" (race detector, cgocheck2)" if words else ""), flush=True)
        status, lines = runner.run([go, "-C", "ffi/go", "test", "-v", "-count=1", *words, "./..."], **environment, **more)
        count += counted(status, lines, r"--- PASS: ", r"--- FAIL: ", r"--- SKIP: ")
    return count


def suite_java(runner):
    """The Java package, by Maven."""
    try:
        home = toolchain.jdk()
    except toolchain.Missing as reason:
        return runner.skipped(str(reason))
    if not shutil.which("mvn"):
        return runner.skipped("mvn is not installed (apt install maven)")
    status, lines = runner.run(["mvn", "--batch-mode", "--no-transfer-progress", "--file", "ffi/java/pom.xml",
                                f"-Dbuild.folder={runner.build / 'java'}", "test"], JAVA_HOME=str(home))
    # The line of all classes together; that of a class goes on with its name.
    last = re.compile(r".*Tests run: (\d+), Failures: (\d+), Errors: (\d+), Skipped: (\d+)$")
    total = next((match for match in map(last.match, lines) if match), None)
    if total is None:
        return Count(failed=1)
    run, failures, errors, skipped = map(int, total.groups())
    return Count(run - failures - errors - skipped, max(failures + errors, int(status != 0)), skipped)


def suite_node(runner):
    """The Node package: its tests, and its types as TypeScript sees them."""
    try:
        node = toolchain.node()
    except toolchain.Missing as reason:
        return runner.skipped(str(reason))
    package = runner.build / "node"
    install = toolchain.node_package(package)
    if install and runner.run(install)[0]:
        return Count(failed=1)
    status, lines = runner.run([node, "--test", "--test-reporter=tap", *sorted(package.glob("test/*.test.js"))])
    count = counted(status, lines, r"# pass (\d+)", r"# fail (\d+)", r"# skipped (\d+)")
    status, _ = runner.run([node, package / "node_modules/typescript/bin/tsc", "--project", package / "tsconfig.json"])
    print(f"tsc: {'failed' if status else 'passed'}", flush=True)
    count += Count(failed=1) if status else Count(passed=1)
    return count


def suite_crates(runner):
    """The crates as they are published: taken from their packages, they compile the library by themselves and pass their tests."""
    if not shutil.which("cargo"):
        return runner.skipped("cargo is not installed (https://rustup.rs)")
    if cargo_version() < CARGO_PACKAGES:
        return runner.skipped(OLD_CARGO)
    folder = runner.build / "crates"
    target = ("--target-dir", str(folder))
    if runner.run(["cargo", "package", "--quiet", "--workspace", "--allow-dirty", "--no-verify", *target, "--manifest-path", "ffi/rust/Cargo.toml"])[0]:
        return Count(failed=1)
    shutil.rmtree(folder / "published", ignore_errors=True)
    crates = {}
    for package in (folder / "package").glob("*.crate"):
        with tarfile.open(package) as archive:
            archive.extractall(folder / "published")
        crates[package.stem.rpartition("-")[0]] = folder / "published" / package.stem
    patch = ("--config", f'patch.crates-io.bytestride-sys.path="{crates["bytestride-sys"]}"')
    # The library's own tests are elsewhere: here it is optimized less, which halves the time.
    status, lines = runner.run(["cargo", "test", "--quiet", "--features", "vendored,ndarray", *target, *patch,
                                "--manifest-path", crates["bytestride"] / "Cargo.toml"], BYTESTRIDE_NO_PKG_CONFIG="1", CXXFLAGS="-O1")
    return counted(status, lines, r"test result: .*?(\d+) passed", r"test result: .*?(\d+) failed", r"test result: .*?(\d+) ignored")
