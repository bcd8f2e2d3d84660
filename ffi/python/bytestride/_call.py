"""Runs a function of the library: short calls at the least cost, long ones so that Ctrl-C and progress work."""
import ctypes
import threading

from . import _errors as errors
from ._library import ENTRIES, pointer_of
from ._threads import default_threads, thread_count

# Below this many seconds of estimated work the interpreter lock is kept: giving it away and getting it back
# costs more than the others can gain.
SHORT = 20e-6
# From this estimate on the call runs beside the main thread, which stays free for Ctrl-C. Estimates are made
# with the best case in mind, so a call that takes 0.2 s is well above it even when it is ten times slower.
LONG = 0.02
# How often progress is reported, in seconds.
STEP = 0.05
# `call_arrays` of the helper library, where that is there.
quick = None


def raise_status(status):
    """Raises the exception for a failure of the calling thread's last call."""
    raise errors.error_of(status, ENTRIES["last_error"].hold().decode())


def word(value, name, words):
    """The number of a keyword's word; `words` maps each accepted word to its constant."""
    try:
        return words[value]
    except (KeyError, TypeError):
        accepted = ", ".join(repr(accepted) for accepted in words)
        raise errors.option_error(f"argument {name} must be one of {accepted}; is {value!r}") from None


def call(entry, arrays, options=None, threads=0, seconds=0.0, progress=None, scalars=()):
    """Calls `entry` with arrays, scalars and options, and raises what its status says.

    An array may be None where C takes NULL. `scalars` are what C takes between the arrays and the options: numbers, and
    addresses of results. `options` is None for all defaults or a filled options struct, whose head is filled here; `seconds` estimates
    the work in the best case.
    """
    threads = thread_count(threads) or default_threads.get()
    watched = progress is not None or (
        seconds >= LONG and threading.get_ident() == threading.main_thread().ident)
    if options is None and (threads or watched):
        options = entry.options()
    if options is not None:
        options.size = ctypes.sizeof(options)
        options.threads = threads
    if quick is not None and entry.address and not watched:
        status = quick(entry.address, None if options is None else ctypes.addressof(options), None if seconds < SHORT else True,
                       scalars or None, *arrays)
        if status:
            raise_status(status)
        if status is not None:
            return
    # The capsules own what the pointers lead to, until the return.
    capsules = [None if array is None else array.__array_struct__ for array in arrays]
    pointers = [None if capsule is None else pointer_of(capsule, None) for capsule in capsules]
    pointers.extend(scalars)
    if watched:
        _call_watched(entry, capsules, pointers, options, progress)
        return
    function = entry.hold if seconds < SHORT else entry.release
    status = function(*pointers, None if options is None else ctypes.addressof(options))
    if status:
        raise_status(status)


def _call_watched(entry, capsules, pointers, options, progress):
    """Runs the call in a thread of its own while this one waits, reports progress, and can be interrupted."""
    cancel, words = ctypes.c_int32(0), (ctypes.c_int64 * 2)()
    options.cancel, options.progress = ctypes.addressof(cancel), ctypes.addressof(words)
    begun, finished, result = threading.Lock(), threading.Event(), []

    def run(owners=capsules):  # holds the memory even if this frame is gone
        if not begun.acquire(blocking=False):
            return  # interrupted before the call began
        try:
            status = entry.release(*pointers, ctypes.addressof(options))
            result.append((status, ENTRIES["last_error"].hold().decode() if status else ""))
        finally:
            finished.set()

    def report():
        done, total = words[0], words[1]
        if progress is not None and total > 0:
            progress(done, total)

    try:
        try:
            threading.Thread(target=run, name="bytestride", daemon=True).start()
        except RuntimeError:  # no thread can be had: the call still works, only without Ctrl-C
            run()
        while not finished.wait(STEP):
            report()
    except BaseException:
        cancel.value = 1
        if not begun.acquire(blocking=False):  # the call has begun: nothing may be written after the return
            while not finished.is_set():
                try:
                    finished.wait()
                except KeyboardInterrupt:
                    pass  # the first one is on its way already
        raise
    status, message = result[0]
    if status:
        raise errors.error_of(status, message)
    report()
