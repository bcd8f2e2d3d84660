"""The library leaves its host as it found it, and can be loaded, unloaded and loaded twice."""
import re
import shutil
import subprocess

import pytest

from conftest import ROOT, run_native

START = """
    import ctypes, os, signal, sys
    import guest
    library = guest.Library()
"""


def output_of(*command):
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed (apt install binutils)")
    return subprocess.run(list(map(str, command)), check=True, stdout=subprocess.PIPE, text=True).stdout


# ---- The file -----------------------------------------------------------------------------------------------

def test_symbols_are_those_of_the_headers(library_path):
    headers = "".join((ROOT / "include" / name).read_text() for name in ("bytestride.h", "bytestride/kernel.h"))
    declared = set(re.findall(r"^BYTESTRIDE_API .*?\b(bytestride_\w+)\(", headers, re.MULTILINE))
    assert len(declared) > 15
    exported = {}
    for line in output_of("nm", "-D", "--defined-only", library_path).splitlines():
        kind, name = line.split()[-2:]
        exported[name.split("@")[0]] = kind
    assert exported.pop("BYTESTRIDE_1") == "A"
    assert set(exported) == declared
    assert set(exported.values()) == {"T"}  # functions, none of them weak, no variables


def test_needs_no_more_than_c_and_openmp(library_path):
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]", output_of("readelf", "-dW", library_path))
    allowed = re.compile(r"lib(c|m|gomp|omp|pthread|dl)\.so(\.\d+)?$|ld-linux.*\.so\.\d+$")
    assert needed and all(allowed.match(name) for name in needed), needed


def test_how_it_is_linked(library_path):
    dynamic = output_of("readelf", "-dW", library_path)
    assert re.search(r"\(SONAME\).*\[libbytestride\.so\.1\]", dynamic)
    assert "NODELETE" in dynamic and "NOW" in dynamic
    assert "RPATH" not in dynamic and "RUNPATH" not in dynamic and "TEXTREL" not in dynamic
    stack = [line for line in output_of("readelf", "-lW", library_path).splitlines() if "GNU_STACK" in line]
    assert stack and "RWE" not in stack[0]  # nobody's stack becomes executable
    # Initial-exec thread-local storage fails to load where a host has little of it left.
    assert "STATIC_TLS" not in dynamic


# ---- The process --------------------------------------------------------------------------------------------

def test_subnormals_stay(program):
    program("""
    import sys
    least = sys.float_info.min
    assert least / 2 != 0
    import guest
    library = guest.Library()
    assert least / 2 != 0
    library.compute(threads=4)
    assert least / 2 != 0
    import threading
    quotients = []
    thread = threading.Thread(target=lambda: quotients.append(least / 2))
    thread.start()
    thread.join()
    assert quotients[0] != 0
    """)


def test_nothing_is_printed(program):
    assert program(START + """
    library.compute(threads=4)
    assert library.library.bytestride_add(None, None, None, None) < 0
    assert library.library.bytestride_set_num_threads(-1) < 0
    library.facts()
    os.dup2(1, 2)  # the standard error stream counts too
    library.compute(threads=4)
    assert library.library.bytestride_add(None, None, None, None) < 0
    """) == ""


def test_signals_environment_locale_and_files_are_unchanged(program):
    program(START + """
    import locale, threading
    locale.setlocale(locale.LC_ALL, "C.UTF-8")
    c = ctypes.CDLL(None)
    c.setlocale.restype = ctypes.c_char_p
    environ = ctypes.POINTER(ctypes.c_char_p).in_dll(c, "environ")

    def state():
        variables = []
        while environ[len(variables)] is not None:
            variables.append(environ[len(variables)])
        status = open("/proc/self/status").read().splitlines()
        return {
            "signals": [line for line in status if line.startswith("Sig") and not line.startswith("SigQ")],
            "mask": signal.pthread_sigmask(signal.SIG_BLOCK, []),
            "handlers": [signal.getsignal(number) for number in sorted(signal.valid_signals())],
            "environment": variables,
            "locale": c.setlocale(6, None),
            "files": sorted(os.listdir("/proc/self/fd"), key=int),
            "folder": os.getcwd(),
            "affinity": os.sched_getaffinity(0),
            "priority": os.getpriority(os.PRIO_PROCESS, 0),
        }

    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    thread = threading.Thread(target=int)  # with the first thread, the C library takes a signal for itself
    thread.start()
    thread.join()
    before = state()
    library.compute(threads=4)
    library.library.bytestride_add(None, None, None, None)
    library.set_threads(2)
    library.compute()
    library.facts()
    for name, value in state().items():
        assert value == before[name], name
    """)


def test_signals_of_the_host_reach_the_hosts_threads(program):
    program(START + """
    import threading
    library.compute(threads=4)
    seen = []
    signal.signal(signal.SIGALRM, lambda number, frame: seen.append(threading.get_ident()))
    signal.setitimer(signal.ITIMER_REAL, 0.005, 0.005)
    for _ in range(2000):
        library.compute(threads=4, elements=300_000)
        if len(seen) >= 5:
            break
    signal.setitimer(signal.ITIMER_REAL, 0)
    assert len(seen) >= 5 and set(seen) == {threading.main_thread().ident}
    """)


def test_messages_do_not_depend_on_the_locale(program):
    program(START + """
    import locale
    message = lambda: (library.library.bytestride_set_num_threads(-1234567), library.library.bytestride_last_error())[1]
    plain = message()
    for name in ("C.UTF-8", "de_DE.UTF-8", "tr_TR.UTF-8", "fr_FR.UTF-8"):
        try:
            locale.setlocale(locale.LC_ALL, name)
        except locale.Error:
            continue
        assert message() == plain
        library.facts()  # still JSON
    """)


# ---- Loading --------------------------------------------------------------------------------------------------

def test_loaded_and_unloaded_fifty_times(compiled, library_path):
    host = compiled("""
    #include <dlfcn.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include "bytestride.h"

    enum { elements = 300000 };
    static double a[elements], out[elements];

    int main(int count, char **words) {
        bytestride_array from = {sizeof from, BYTESTRIDE_FLOAT64, 1, BYTESTRIDE_WRITEABLE, a, {elements}, {8}}, to = from;
        bytestride_options options = {0};
        (void)count;
        to.data = out;
        options.size = sizeof options;
        for (int round = 0; round < 50; ++round) {
            int32_t (*add)(const bytestride_array *, const bytestride_array *, const bytestride_array *, const bytestride_options *);
            void *library = dlopen(words[1], round % 2 ? RTLD_NOW | RTLD_LOCAL : RTLD_LAZY | RTLD_GLOBAL);
            if (!library) { printf("%s\\n", dlerror()); return 1; }
            *(void **)&add = dlsym(library, "bytestride_add");
            options.threads = 1 + round % 4;
            for (int i = 0; i < elements; ++i) { a[i] = i + round; out[i] = -1; }
            if (add(&from, &from, &to, &options) != BYTESTRIDE_OK) { printf("failed\\n"); return 1; }
            for (int i = 0; i < elements; ++i)
                if (out[i] != 2.0 * (i + round)) { printf("wrong\\n"); return 1; }
            if (dlclose(library) != 0) { printf("%s\\n", dlerror()); return 1; }
        }
        return 0;
    }
    """, "-ldl")
    result = run_native(host, library_path)
    assert result.returncode == 0, (result.returncode, result.stdout)


def test_loaded_from_a_thread_that_ends(program):
    program("""
    import threading
    import guest
    libraries = []
    thread = threading.Thread(target=lambda: (libraries.append(guest.Library()), libraries[0].compute(threads=3)))
    thread.start()
    thread.join()
    libraries[0].compute(threads=3)
    """)


def test_two_copies_in_one_process(program, library_path, tmp_path):
    other = tmp_path / "libother.so"
    shutil.copy(library_path, other)
    program(START + """
    import threading
    other = guest.Library(sys.argv[1])
    assert other.facts()["library"] == sys.argv[1] != library.facts()["library"]
    # Each has its own thread count, messages and team.
    library.set_threads(2)
    other.set_threads(3)
    assert (library.get_threads(), other.get_threads()) == (2, 3)
    other.set_threads(-1)
    assert other.library.bytestride_last_error() != b"" == library.library.bytestride_last_error()
    for _ in range(3):
        library.compute()
        other.compute()
    failures = []

    def call(copy):
        try:
            for _ in range(10):
                copy.compute(elements=400_000)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=call, args=(copy,)) for copy in (library, other) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures
    assert guest.in_child(lambda: (library.compute(threads=2), other.compute(threads=2))) == 0
    """, arguments=[other])


def test_a_path_of_any_characters(program, library_path, tmp_path):
    folder = tmp_path / 'a "quoted" back\\slash\nand a line'
    folder.mkdir()
    shutil.copy(library_path, folder / "lib.so")
    # Control characters are left out.
    program('''
    import ctypes, json, sys
    library = ctypes.CDLL(sys.argv[1])
    library.bytestride_build_info.restype = ctypes.c_char_p
    path = json.loads(library.bytestride_build_info())["library"]
    assert path == sys.argv[1].replace(chr(10), ""), path
    ''', arguments=[folder / "lib.so"])


def test_exit_while_threads_compute(program):
    # Daemon threads are inside the library when the interpreter ends the process.
    for _ in range(5):
        program(START + """
    import threading, time
    import numpy as np
    a = np.ones(4_000_000)
    def forever():
        out = np.empty_like(a)
        while True:
            library.add(a, a, out, 3)
    for _ in range(2):
        threading.Thread(target=forever, daemon=True).start()
    library.compute(threads=3)
    time.sleep(0.02)
    """)
