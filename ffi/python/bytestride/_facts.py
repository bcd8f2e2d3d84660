"""What a caller may want to know of the library in this process."""
from __future__ import annotations

import json
from typing import Any

from ._fastcall import LIBRARY
from ._library import ENTRIES, PATH


def build_info() -> dict[str, Any]:
    """Facts about the library and the machine.

    Returns
    -------
    dict
        ``version``, ``abi``, ``compiler``, ``levels`` (instruction sets built), ``isa`` (the one in use), ``threads``,
        ``serial_reason`` (None, or why calls run serially, for example after a fork), ``openmp``, ``library``
        (path of the file), and ``calls``: "builtin" where the small helper library for cheap calls is in use,
        else "ctypes".

    Examples
    --------
    >>> import bytestride as bs
    >>> bs.build_info()["version"] == bs.__version__
    True
    """
    facts: dict[str, Any] = json.loads(ENTRIES["build_info"].release().decode())
    facts.setdefault("library", PATH)
    facts["calls"] = "builtin" if LIBRARY else "ctypes"
    return facts
