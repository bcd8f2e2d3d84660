"""Draws flame graphs of the two forms of a program, by py-spy; `make profile PROGRAM=...` calls it.

    python3 examples/articles/_profile.py --folder build/profile [--seconds 3] examples/articles/convolution.py [options of the program]
"""
import argparse
import os
import subprocess
import sys
from pathlib import Path

PY_SPY = Path(sys.executable).with_name("py-spy")
NO_PTRACE = ("py-spy may not look into another process here. It needs ptrace: run it as root, set kernel.yama.ptrace_scope to 0, "
             "or start the container with --cap-add SYS_PTRACE.")


def record(picture, form, program, seconds):
    # timeout ends the whole group, for py-spy may wait for ever for a process that it loses the right to read.
    command = ["timeout", "--kill-after=5", str(seconds + 60), PY_SPY, "record", "--rate", "200", "--output", picture]
    # The article's form is Python; Bytestride's has its loops in the library. py-spy shows these where it can unwind them.
    if form == "after" and "--native" in subprocess.run([PY_SPY, "record", "--help"], capture_output=True, text=True).stdout:
        command.append("--native")
    command += ["--", sys.executable, *program, "--form", form, "--seconds", str(seconds)]
    # A builtin for short calls has no frame of its own: the Python function that it stands for is shown.
    done = subprocess.run(list(map(str, command)), env={**os.environ, "BYTESTRIDE_FASTCALL": "0"}, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    if done.returncode or not picture.exists():
        print(done.stdout, file=sys.stderr)
        denied = any(words in done.stdout for words in ("Permission denied", "Permission Denied", "not permitted"))
        sys.exit(NO_PTRACE if denied else f"py-spy could not record {' '.join(program)}")
    told = [line for line in done.stdout.splitlines() if line.startswith((f"{form}: ", "skipped: ", "not run: "))]
    if not told or not told[0].startswith(form):
        picture.unlink()  # it would show imports alone
        sys.exit(told[0] if told else done.stdout)
    print(f"{told[0]}: {picture}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("build/profile"))
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("program")
    options, rest = parser.parse_known_args()
    if not Path(options.program).is_file():
        sys.exit(f"there is no program {options.program}")
    if not PY_SPY.exists():
        sys.exit(f"py-spy is not installed beside {sys.executable} (pip install py-spy)")
    options.folder.mkdir(parents=True, exist_ok=True)
    for form in ("before", "after"):
        picture = options.folder / f"{Path(options.program).stem}-{form}.svg"
        picture.unlink(missing_ok=True)
        record(picture, form, [options.program, *rest], options.seconds)


if __name__ == "__main__":
    main()
