"""What runs programs, shows their output and counts their tests."""
import json
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LONGEST_SECONDS = 20 * 60
LEVELS = ("baseline", "avx2", "avx512")
SUMMARY = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$")


class Count:
    """How many tests passed, failed and were skipped."""

    def __init__(self, passed=0, failed=0, skipped=0):
        self.passed, self.failed, self.skipped = passed, failed, skipped

    def __iadd__(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        return self

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


# How the programs that we run say that they skipped a test, and why.
SKIPPED = re.compile(r"^(?:SKIPPED \[\d+\]|  skipped) +(.*)")


class Runner:
    def __init__(self, build, settings, everything):
        self.build = (ROOT / build).resolve()
        self.everything = everything
        self.skips = []              # (suite, why), of all suites
        self.suite = ""
        self.library = self.build / "libbytestride.so"
        self.python = self.build / "venv" / "bin" / "python"
        self.environment = {name: value for name, value in os.environ.items()
                            if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "BYTESTRIDE_ISA", "BYTESTRIDE_NUM_THREADS")}
        # make and what it starts read the compilers from the environment.
        self.environment.update(setting.split("=", 1) for setting in settings)
        self.environment.update(
            PYTHONPATH=str(ROOT / "ffi/python"), BYTESTRIDE_LIBRARY=str(self.library),
            PYTHONPYCACHEPREFIX=str(self.build / "pycache"), HYPOTHESIS_STORAGE_DIRECTORY=str(self.build / "hypothesis"),
            CARGO_TARGET_DIR=str(self.build / "rust"), BYTESTRIDE_CACHE=str(self.build / "kernels"))

    def run(self, command, lines=None, **environment):
        """Runs a command, shows its output as it comes, and returns (exit status, lines)."""
        lines = [] if lines is None else lines
        process = subprocess.Popen([str(word) for word in command], cwd=ROOT, text=True, errors="replace",
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                   env={**self.environment, **environment}, start_new_session=True)
        # What hangs is a failure, not a wait without end.
        timer = threading.Timer(LONGEST_SECONDS, lambda: os.killpg(process.pid, signal.SIGKILL))
        timer.start()
        try:
            for line in process.stdout:
                lines.append(line.rstrip("\n"))
                print(line, end="", flush=True)
                reason = SKIPPED.match(line)
                if reason:
                    self.skips.append((self.suite, reason.group(1)))
            status = process.wait()
        except KeyboardInterrupt:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        finally:
            timer.cancel()
        if status < 0:
            print(f"killed by {signal.Signals(-status).name}: {command[0]}", flush=True)
        return status, lines

    def skipped(self, reason):
        """A suite, or a part of one, that cannot run here."""
        print(f"  skipped  {reason}", flush=True)
        self.skips.append((self.suite, reason))
        return Count(skipped=1)

    def make(self, *words):
        """make in the build folder of the tests; its exit status."""
        return self.run(["make", "--no-print-directory", f"-j{os.cpu_count() or 2}", f"BUILD={self.build}", *words])[0]

    def make_another(self, build, *words):
        """make in another build folder, with other compilers or flags."""
        others = {name: value for name, value in self.environment.items()
                  if name not in ("CC", "CXX", "CFLAGS", "CXXFLAGS", "LDFLAGS")}
        command = ["make", "--no-print-directory", f"-j{os.cpu_count() or 2}", f"BUILD={build}", *words]
        return subprocess.run(command, cwd=ROOT, env=others, stdin=subprocess.DEVNULL).returncode

    def program(self, command, lines=None, **environment):
        """A program that counts its own tests in its last line."""
        status, lines = self.run(command, lines, **environment)
        match = SUMMARY.match(lines[-1]) if lines else None
        if not match:
            print(f"failed: {command[0]} ended without a summary (exit status {status})", flush=True)
            return Count(failed=1)
        count = Count(*(int(number or 0) for number in match.groups()))
        if status and not count.failed:
            print(f"failed: {command[0]} has exit status {status}", flush=True)
            count.failed = 1
        return count

    def pytest(self, *arguments, **environment):
        status, lines = self.run([self.python, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", *arguments], **environment)
        last = lines[-1] if lines else ""
        number = {word.rstrip("s"): int(amount) for amount, word in re.findall(r"(\d+) ([a-z]+)", last)}
        count = Count(number.get("passed", 0) + number.get("xfailed", 0),
                      number.get("failed", 0) + number.get("error", 0) + number.get("xpassed", 0), number.get("skipped", 0))
        if status and not count.failed:
            print(f"failed: pytest has exit status {status}", flush=True)
            count.failed = 1
        return count

    def levels(self):
        """The levels that this build has and this processor runs; the best one first."""
        code = ("import ctypes, os; lib = ctypes.CDLL(os.environ['BYTESTRIDE_LIBRARY']);"
                "lib.bytestride_build_info.restype = ctypes.c_char_p; print(lib.bytestride_build_info().decode())")
        facts = json.loads(subprocess.run([sys.executable, "-c", code], check=True, text=True,
                                          stdout=subprocess.PIPE, env=self.environment).stdout)
        if facts["isa"] not in LEVELS:
            return [facts["isa"]]
        usable = LEVELS[: LEVELS.index(facts["isa"]) + 1]
        for level in LEVELS[len(usable):]:
            print(f"  level {level} is not run: this processor does not have it", flush=True)
        return [level for level in reversed(usable) if level in facts["levels"]]


def programs(build, *folders):
    """The programs of tests/abi and tests/cpp, and the replay of tests/fuzz, as a build folder has them."""
    for folder in folders:
        if folder == "fuzz":
            yield build / "tests/fuzz/replay"
            continue
        for source in sorted(path for path in (ROOT / "tests" / folder).iterdir() if path.suffix in (".c", ".cpp")):
            yield build / "tests" / folder / source.stem


def native(runner, folder):
    """Every program of a folder, at every level."""
    if runner.make("test-programs"):
        return Count(failed=1)
    count = Count()
    for level in runner.levels():
        for program in programs(runner.build, folder):
            print(f"- tests/{folder}/{program.name} ({level})", flush=True)
            count += runner.program([program], BYTESTRIDE_ISA=level)
    return count


def counted(status, lines, passed, failed, skipped=None):
    """The tests of another language's runner: expressions for the lines that it prints of each result."""
    def number(pattern):
        return sum(int(match.group(1)) if match.groups() else 1 for match in (re.match(pattern, line) for line in lines) if match)
    count = Count(number(passed), number(failed), number(skipped) if skipped else 0)
    if (status and not count.failed) or not (status or count.passed):
        print(f"failed: exit status {status}, {count.passed} tests", flush=True)
        count.failed += 1
    return count
