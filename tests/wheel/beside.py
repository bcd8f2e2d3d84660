"""The package in a process with another OpenMP runtime, scikit-learn's: both keep theirs, and neither disturbs the other."""
import itertools
import os
import subprocess
import sys

PROGRAM = """
import os, sys
import numpy as np

def others():
    from sklearn.cluster import KMeans
    points = np.random.default_rng(0).random((500, 4))
    return KMeans(3, n_init=1, max_iter=5, random_state=0).fit(points).inertia_

def ours():
    import bytestride as bs
    image = np.random.default_rng(0).random((800, 900))
    return float(bs.convolve(image, np.ones((5, 5)) / 25, threads=2).sum()) + float(bs.add(image, image).sum())

results = {}
for _ in range(3):
    for name in sys.argv[1:]:
        results.setdefault(name, set()).add(globals()[name]())
with open("/proc/self/maps") as maps:
    runtimes = {line.split()[-1] for line in maps if "libgomp" in line}
assert all(len(found) == 1 for found in results.values()), results
assert len(runtimes) == 2 and any(".libs/libgomp-" in path and "bytestride.libs" in path for path in runtimes), runtimes
import bytestride as bs
assert bs.build_info()["serial_reason"] is None
print(sorted((name, *found) for name, found in results.items()))
"""

said = set()
for order in itertools.permutations(("others", "ours")):
    done = subprocess.run([sys.executable, "-c", PROGRAM, *order], text=True, capture_output=True, env={**os.environ, "OMP_NUM_THREADS": "2"})
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    said.add(done.stdout)
sys.exit(0 if len(said) == 1 else f"the order of the imports changes results: {said}")
