"""`python -m bytestride`: facts about the build and the machine."""
import argparse
import json
import platform
import sys

import numpy as np

from . import __version__, build_info


def main(arguments=None):
    parser = argparse.ArgumentParser(
        prog="python -m bytestride", description="Prints facts about the library and the machine.")
    parser.add_argument("--json", action="store_true", help="print a JSON object instead of a table")
    parser.add_argument("--version", action="version", version=__version__)
    options = parser.parse_args(arguments)
    facts = {**build_info(), "python": platform.python_version(), "numpy": np.__version__,
             "machine": f"{platform.system()} {platform.machine()}"}
    if options.json:
        print(json.dumps(facts, indent=2))
        return 0
    width = max(map(len, facts))
    for name, value in facts.items():
        text = ", ".join(map(str, value)) if isinstance(value, list) else "none" if value is None else value
        print(f"{name:<{width}}  {text}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
