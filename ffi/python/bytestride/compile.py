"""Own kernels from source: built by the system's compiler, kept by content, loaded."""
from __future__ import annotations

import os
from typing import TYPE_CHECKING

from .load import Library

if TYPE_CHECKING:
    from collections.abc import Sequence


def compile(source: str | os.PathLike[str], *, flags: Sequence[str] = ()) -> Library:  # noqa: A001 - as NumPy, SciPy and weave name it
    """Builds a library of own kernels from C++ source and loads it.

    Parameters
    ----------
    source : str or path_like
        The text of a C++17 source that includes ``bytestride/kernel.hpp`` and exports its functions by
        ``BYTESTRIDE_EXPORT``; or, as a `pathlib.Path`, the file that holds it.
    flags : sequence of str, optional
        More flags for the compiler, after ``-O3 -ffp-contract=off``: for example ``["-I...", "-l..."]``.

    Returns
    -------
    Library
        As `load` gives it.

    Raises
    ------
    CompileError
        The compiler is missing or refuses the source; the message is what it said.
    LoadError
        The source exports no function.

    Notes
    -----
    The compiler is that of the environment variable ``CXX``, else ``c++``, ``g++`` or ``clang++``. What it has built is kept in
    ``$BYTESTRIDE_CACHE``, else ``$XDG_CACHE_HOME/bytestride``, else ``~/.cache/bytestride``, and used again for the same source,
    flags, compiler, headers and kind of machine (with flags that end in ``=native``: processor), also where no compiler is any
    more (0.2 ms; building takes about two seconds). Other files that the source includes are not looked at. Several processes
    may compile the same source at once.

    Examples
    --------
    >>> import numpy as np, bytestride as bs
    >>> library = bs.compile('''
    ... #include <bytestride/kernel.hpp>
    ... using namespace bytestride::kernel;
    ...
    ... static status cubes(call &call, input<double, 1> a, output<double, 1> out) {
    ...     return call.parallel_for(a.extent(0), [=](std::int64_t i) { out(i) = a(i) * a(i) * a(i); });
    ... }
    ... BYTESTRIDE_EXPORT(cubes, "Third powers.", a(n), out(n));
    ... ''')
    >>> library.cubes(np.arange(4.0))
    array([ 0.,  1.,  8., 27.])
    """
    from . import _build  # what it needs is not worth its time in an import of the package
    return _build.library_of(source, list(flags))
