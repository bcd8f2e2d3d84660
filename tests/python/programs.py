"""Programs in fresh interpreters that see the same package and library as the tests."""
import os
import signal
import subprocess
import sys
import textwrap

ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def run_python(code, *arguments, **changes):
    """The finished program; `changes` are environment variables."""
    return subprocess.run([sys.executable, "-c", textwrap.dedent(code), *arguments], env={**ENVIRONMENT, **changes},
                          capture_output=True, text=True, timeout=120, preexec_fn=_heed_interrupts)


def _heed_interrupts():
    """A shell that runs the tests in the background lets them ignore SIGINT, and children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
