"""What a reviewer would look for by hand, and a machine finds faster.

    python3 tests/check [--build DIR] [CHECK...]

Every function `check_*` of the modules here is a check: it returns the problems it found as text, or raises
Skip with the reason why it cannot look. Ends with a line `N passed, N failed, N skipped`.
"""
import argparse
import sys
from pathlib import Path

import abi
import binary
import compilers
import locks
import readme
import source
import surface
import typed
from common import Context, Skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", default="build", help="the build folder")
    parser.add_argument("checks", nargs="*", metavar="CHECK", help="names of checks; all when none is given")
    options = parser.parse_args()
    checks = {name[len("check_"):]: function for module in (source, surface, typed, readme, locks, abi, binary, compilers)
              for name, function in vars(module).items() if name.startswith("check_")}
    unknown = set(options.checks) - set(checks)
    if unknown:
        parser.error(f"no such check: {' '.join(sorted(unknown))}; there are {' '.join(checks)}")

    context = Context(Path(options.build).resolve())
    passed = failed = skipped = 0
    for name in options.checks or checks:
        title = checks[name].__doc__.strip().splitlines()[0]
        try:
            problems = list(checks[name](context))
        except Skip as reason:
            skipped += 1
            print(f"  skipped  {name}: {reason}")
            continue
        if problems:
            failed += 1
            print(f"  FAILED   {name}: {title}")
            for problem in problems[:40]:
                print(f"           {problem}")
        else:
            passed += 1
            print(f"  ok       {name}: {title}")
        sys.stdout.flush()
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
