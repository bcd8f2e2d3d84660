"""Checks of the pinned packages."""
import re

from common import ROOT, shown


def requirements():
    places = ("tests", "tests/*", "tests/*/*", "examples/*", "ffi/*")
    found = sorted(path for place in places for path in ROOT.glob(f"{place}/requirements.txt"))
    assert found
    return found


def pins(text):
    """The lines that name a package, without spaces and quotation marks."""
    return [re.sub(r"[\s\"']", "", line.split("\\")[0]).lower() for line in text.splitlines() if re.match(r"\w", line)]


def check_locks(context):
    """every pinned package is in the lock beside it (make lock), and every package there has hashes"""
    for path in requirements():
        lock = path.with_suffix(".lock")
        if not lock.exists():
            yield f"{shown(lock)} is missing"
            continue
        text = lock.read_text()
        locked = pins(text)
        for pin in pins(path.read_text()):
            package = pin.split(";")[0]
            if "==" not in package:
                yield f"{shown(path)}: {pin} names no version"
            elif re.sub(r"\[.*\]", "", package) not in {line.split(";")[0] for line in locked}:
                yield f"{shown(lock)}: {package} is missing (make lock)"
        for entry in re.findall(r"^\w.*?(?=^\w|\Z)", text, re.MULTILINE | re.DOTALL):
            if "--hash=sha256:" not in entry:
                yield f"{shown(lock)}: no hash of {entry.splitlines()[0]}"
