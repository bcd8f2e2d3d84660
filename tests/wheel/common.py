"""What the tests of the Python packages share: running a tool, fresh environments, the smoke test in them."""
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
SMOKE = HERE / "smoke.py"
# NumPy for each Python: the oldest that has a wheel for it and is not below the package's bound, and a new one.
NUMPY = {
    "3.9": ("1.22.4", "2.0.2"), "3.10": ("1.22.4", "2.2.6"), "3.11": ("1.23.5", "2.4.6"), "3.12": ("1.26.4", "2.4.6"),
    "3.13": ("2.1.3", "2.4.6"), "3.14": ("2.3.5", "2.4.6"),
}


class Failure(Exception):
    """The test failed; the text says how."""


class Skip(Exception):
    """The test cannot run here; the text says why and what to install."""


def need(tool, package):
    """The path of a tool, or Skip."""
    found = shutil.which(tool)
    if not found:
        raise Skip(f"{tool} is not installed (apt install {package})")
    return found


def clean_environment(**changes):
    """The environment of a user who knows nothing of the source tree."""
    removed = ("PYTHONPATH", "LD_LIBRARY_PATH", "LD_PRELOAD", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")
    kept = {name: value for name, value in os.environ.items() if name not in removed and not name.startswith("BYTESTRIDE")}
    return {**kept, "PIP_DISABLE_PIP_VERSION_CHECK": "1", **{name: str(value) for name, value in changes.items()}}


def run(*command, folder="/", **changes):
    """A tool's standard output, run outside of the source tree; a Failure with all that it said when it fails."""
    done = subprocess.run([str(word) for word in command], cwd=folder, env=clean_environment(**changes), text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        said = (done.stdout + done.stderr)[-4000:]
        raise Failure(f"{' '.join(map(str, command))}: exit status {done.returncode}\n{said}")
    return done.stdout


def environment(folder, python=sys.executable):
    """The Python of a fresh virtual environment."""
    run(python, "-m", "venv", "--clear", folder)
    return Path(folder) / "bin" / "python"


def install(python, *packages, options=()):
    run(python, "-m", "pip", "install", "--quiet", *options, *packages)


def numpy_for(version, newest=True):
    """NumPy, pinned, for a Python of that version (as "3.11")."""
    if version not in NUMPY:
        raise Skip(f"no NumPy is chosen for Python {version} (tests/wheel/common.py)")
    return f"numpy=={NUMPY[version][1 if newest else 0]}"


def version_of(python):
    return run(python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])").strip()


def smoke(*python, **changes):
    """Runs the smoke test with an interpreter (and what starts it) and returns its last line."""
    return run(*python, SMOKE, **changes).strip().splitlines()[-1]
