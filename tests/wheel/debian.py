"""Pythons that this machine does not have, out of Debian's packages: unpacked into the build folder, not installed.

apt-get resolves and verifies the packages in folders of its own, for any suite and processor; no root is needed and the
system is left as it is. An unpacked Python is started by its own dynamic loader, or under an emulator.
"""
import os
import subprocess
from pathlib import Path

from common import Failure, Skip, need, run

MIRROR = "http://deb.debian.org/debian"
KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"
LOADERS = {"amd64": "lib64/ld-linux-x86-64.so.2", "arm64": "lib/ld-linux-aarch64.so.1"}
TRIPLETS = {"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}


class Unpacked:
    """A Python of a Debian suite for an architecture ("amd64", "arm64"), in a folder."""

    def __init__(self, folder, suite, version, architecture="amd64", emulator=()):
        self.root = Path(folder) / f"{suite}-{version}-{architecture}"
        self.suite, self.version, self.architecture = suite, version, architecture
        if not (self.root / "complete").exists():
            self._unpack([f"python{version}-minimal", f"libpython{version}-stdlib", "libstdc++6"])
        python = self.root / f"usr/bin/python{version}"
        # Programs of another processor find everything under the emulator's own root.
        self.command = [*emulator, "-L", self.root, python] if emulator else [
            self.loader(), "--library-path", self.libraries(), python]

    def loader(self):
        for place in ("", "usr/"):
            path = self.root / (place + LOADERS[self.architecture])
            if os.path.lexists(path):
                return path
        raise Failure(f"{self.root} has no dynamic loader")

    def libraries(self):
        triplet = TRIPLETS[self.architecture]
        return f"{self.root}/lib/{triplet}:{self.root}/usr/lib/{triplet}"

    def _apt(self, tool, *arguments):
        apt = self.root / "apt"
        return run(need(tool, "apt"), "-q", f"--option=Dir::Etc::SourceList={apt}/sources.list", "--option=Dir::Etc::SourceParts=-",
                   f"--option=Dir::State={apt}", f"--option=Dir::State::status={apt}/status", f"--option=Dir::Cache={apt}",
                   f"--option=APT::Architecture={self.architecture}", f"--option=APT::Architectures={self.architecture}",
                   "--option=Acquire::Languages=none", "--option=Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
                   "--option=Debug::NoLocking=1", "--option=APT::Sandbox::User=", *arguments)

    def _unpack(self, packages):
        need("dpkg-deb", "dpkg")
        if not Path(KEYS).exists():
            raise Skip(f"{KEYS} is not there (apt install debian-archive-keyring)")
        apt = self.root / "apt"
        for part in ("lists/partial", "archives/partial"):
            (apt / part).mkdir(parents=True, exist_ok=True)
        (apt / "status").touch()
        (apt / "sources.list").write_text(f"deb [signed-by={KEYS}] {MIRROR} {self.suite} main\n")
        try:
            self._apt("apt-get", "update", "--error-on=any")
            # Into an empty system, so that the C library and all else that Python needs come with it.
            self._apt("apt-get", "install", "--download-only", "--yes", "--no-install-recommends", *packages)
        except Failure as failure:
            raise Skip(f"Debian {self.suite} for {self.architecture} cannot be had: {str(failure).splitlines()[-1]}") from None
        for package in sorted((apt / "archives").glob("*.deb")):
            subprocess.run(["dpkg-deb", "--extract", package, self.root], check=True)
        (self.root / "complete").touch()

    def site(self, python, wheel, numpy, platform):
        """A folder with the wheel and NumPy, installed by another Python's pip for this one."""
        folder = self.root / "site"
        platforms = [f"--platform=manylinux_2_{minor}_{platform}" for minor in range(40, 16, -1)] + [f"--platform=manylinux2014_{platform}"]
        run(python, "-m", "pip", "install", "--quiet", "--upgrade", "--target", folder, "--only-binary=:all:",
            "--implementation=cp", f"--python-version={self.version}", *platforms, numpy, wheel)
        return folder
