"""What the checks share: where things are, and running a tool."""
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILT = {"build", "target", "node_modules", "__pycache__"}


class Skip(Exception):
    """The check cannot look; the text says why and what to install."""


class Context:
    def __init__(self, build):
        self.build = build
        self.library = build / "libbytestride.so"


def files(*folders, suffixes):
    """The project's own files of these kinds, without what was built."""
    for folder in folders:
        for directory, names, found in os.walk(ROOT / folder):
            names[:] = sorted(name for name in names if name not in BUILT and not name.startswith("."))
            for name in sorted(found):
                if Path(name).suffix in suffixes or name in suffixes:
                    yield Path(directory) / name


def shown(path):
    return str(Path(path).relative_to(ROOT))


def need(tool, package):
    """The path of a tool, or Skip."""
    found = shutil.which(tool)
    if not found:
        raise Skip(f"{tool} is not installed (apt install {package})")
    return found


def run(*command, **options):
    """Runs a tool from the project's folder: (exit status, standard output, standard error)."""
    done = subprocess.run([str(word) for word in command], cwd=ROOT, text=True, capture_output=True, **options)
    return done.returncode, done.stdout, done.stderr
