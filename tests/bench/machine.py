"""The machine: what it is, how busy others keep it, and what it can do at most (limits.c, measured in the same run)."""
import json
import os
import platform
import shlex
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

# The flags that let the compiler use what the processor has; the library's own level is what has been found out already.
FLAGS = {"avx2": "-mavx2 -mfma", "avx512": "-mavx512f -mavx512dq -mfma -mprefer-vector-width=512"}
PEERS = {"NumPy": "numpy", "SciPy": "scipy", "OpenCV": "opencv-contrib-python-headless", "scikit-learn": "scikit-learn", "Numba": "numba",
         "numexpr": "numexpr", "primesieve": "primesieve", "SymPy": "sympy"}


# ---- Facts --------------------------------------------------------------------------------------------

def cpuinfo(key):
    try:
        with open("/proc/cpuinfo") as lines:
            return next(line.split(":", 1)[1].strip() for line in lines if line.startswith(key))
    except (OSError, StopIteration):
        return ""


def processor():
    """Its name, and its generation, which virtual machines leave out of the name."""
    name, family, model = cpuinfo("model name") or platform.machine(), cpuinfo("cpu family"), cpuinfo("model\t")
    return f"{name} (family {family}, model {model})" if family else name


def last_level_cache():
    """Bytes of the cache that one processor reaches last; 32 MiB where the kernel does not say."""
    try:
        text = Path("/sys/devices/system/cpu/cpu0/cache/index3/size").read_text().strip()
    except OSError:
        return 32 << 20
    return int(text.rstrip("KM")) << (20 if text.endswith("M") else 10)


def amd_or_intel(amd, intel):
    """A number that was measured on both: streaming stores and caches of the two differ."""
    return intel if cpuinfo("vendor_id") == "GenuineIntel" else amd


def facts():
    """The machine and the versions, as pairs of text."""
    import bytestride
    info = bytestride.build_info()
    pairs = {"date": time.strftime("%Y-%m-%d"), "processor": f"{processor()}, {len(os.sched_getaffinity(0))} cores",
             "system": platform.platform(), "Bytestride": f"{info['version']} ({info['compiler']}, {info['isa']}, calls by {info['calls']})",
             "Python": platform.python_version()}
    for name, package in PEERS.items():
        try:
            pairs[name] = version(package)
        except PackageNotFoundError:
            pairs[name] = "not installed"
    pairs["Open3D"] = "left out: its package has 400 MB"
    return pairs


# ---- Other processes, other threads --------------------------------------------------------------------

def processor_time():
    """Seconds since the start: (all processors busy, all processors, this process and its children)."""
    tick = os.sysconf("SC_CLK_TCK")
    with open("/proc/stat") as stat:
        times = [int(word) / tick for word in stat.readline().split()[1:9]]
    return sum(times) - times[3] - times[4], sum(times), sum(os.times()[:4])


def foreign_share(before, after):
    """The share of the machine that other processes used between two readings."""
    busy, everything, own = (b - a for a, b in zip(before, after))
    return max(0.0, busy - own) / max(everything, 1e-9)


@contextmanager
def peers_limited_to(threads):
    """Every peer that has been imported uses at most so many threads."""
    def of(name, limit):
        if name in sys.modules:
            limit(sys.modules[name])

    of("cv2", lambda cv2: cv2.setNumThreads(threads))
    of("numba", lambda numba: numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS)))
    of("numexpr", lambda numexpr: numexpr.set_num_threads(threads))
    of("primesieve", lambda primesieve: primesieve.set_num_threads(threads))
    with threadpool_limits(threads):  # BLAS, and OpenMP of scikit-learn
        yield


# ---- Limits -------------------------------------------------------------------------------------------

@dataclass
class Work:
    """The least that a computation needs: bytes of main memory or cache, and operations in registers."""

    read: float = 0.0
    written: float = 0.0
    multiply_adds32: float = 0.0
    multiply_adds64: float = 0.0
    roots32: float = 0.0
    roots64: float = 0.0


class Limits:
    """Rates measured with so many threads, per second."""

    def __init__(self, rates):
        self.rates = {kind: {int(size): rate for size, rate in value.items()} if isinstance(value, dict) else value for kind, value in rates.items()}

    def rate(self, kind, footprint):
        """Bytes per second at this footprint, between the sizes that were measured."""
        sizes = sorted(self.rates[kind])
        return float(np.interp(np.log(max(footprint, 1.0)), np.log(sizes), [self.rates[kind][size] for size in sizes]))

    def seconds(self, work):
        """The shortest time by the scarcest resource. What is read and written in equal parts goes at the speed of a copy."""
        footprint, both = work.read + work.written, min(work.read, work.written)
        memory = (2 * both / self.rate("copy", footprint) + (work.read - both) / self.rate("read", footprint)
                  + (work.written - both) / self.rate("write", footprint))
        operations = (getattr(work, kind) / self.rates[kind] for kind in ("multiply_adds32", "multiply_adds64", "roots32", "roots64"))
        return max(memory, *operations)

    def lines(self):
        """A few of the rates in words."""
        for kind in ("read", "write", "copy"):
            sizes = [size for size in sorted(self.rates[kind]) if size in (1 << 15, 1 << 20, 1 << 23, 1 << 28)]
            yield f"{kind}: " + ", ".join(f"{self.rates[kind][size] / 1e9:.0f} GB/s in {size >> 10 if size < 1 << 20 else size >> 20}"
                                          f" {'KiB' if size < 1 << 20 else 'MiB'}" for size in sizes)
        yield ("multiply-adds: " + ", ".join(f"{self.rates[f'multiply_adds{bits}'] / 1e9:.1f} G/s of float{bits}" for bits in (32, 64))
               + "; square roots: " + ", ".join(f"{self.rates[f'roots{bits}'] / 1e9:.2f} G/s of float{bits}" for bits in (32, 64)))


def measure(folder, threads):
    """number of threads -> Limits."""
    import bytestride
    program = folder / "limits"
    flags = FLAGS.get(bytestride.build_info()["isa"], "")
    subprocess.run([*shlex.split(os.environ.get("CC", "cc")), "-O3", "-fopenmp", "-fno-math-errno", "-Wno-psabi", *flags.split(),
                    str(Path(__file__).with_name("limits.c")), "-o", str(program), "-lm"], check=True)
    return {count: Limits(json.loads(subprocess.run([str(program), str(count)], check=True, capture_output=True, text=True).stdout))
            for count in threads}
