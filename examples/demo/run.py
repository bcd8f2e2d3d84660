"""The demo: runs every program of `programs` before and after, checks the results, writes one HTML page.

    make demo               everything
    make demo QUICK=1       small sizes, a quarter of a minute
    make demo PICTURE=1     also the picture of the README
"""
import argparse
import importlib
import os
import platform
import sys
import time
from pathlib import Path

import bytestride as bs
import cv2
import matplotlib
import numpy as np
import rich.table
import scipy
import sklearn
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

import page
import timing
from case import File, Table

HERE = Path(__file__).resolve().parent


def programs():
    """The modules of the folder `programs`, in their ORDER."""
    modules = [importlib.import_module(f"programs.{path.stem}") for path in (HERE / "programs").glob("*.py")]
    return sorted(modules, key=lambda module: module.ORDER)


def processor():
    try:
        with open("/proc/cpuinfo") as lines:
            return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


def facts(load):
    """What a figure needs to be understood, as pairs of text; `load` is the system's before the run."""
    info = bs.build_info()
    return {"date": time.strftime("%Y-%m-%d %H:%M"), "processor": f"{processor()}, {len(os.sched_getaffinity(0))} cores",
            "other work": f"{load:.1f} processes on average in the minute before the run", "system": platform.platform(),
            "Bytestride": f"{info['version']}, {info['compiler']}, instruction set {info['isa']}, {info['threads']} threads",
            "Python": platform.python_version(), "NumPy": np.__version__, "SciPy": scipy.__version__,
            "OpenCV": cv2.__version__, "scikit-learn": sklearn.__version__, "matplotlib": matplotlib.__version__}


def work(quick, console):
    """(module, outcomes) of every program."""
    modules, done = programs(), []
    columns = (TextColumn("{task.description:<46}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        for module in modules:
            count = sum(1 for _ in module.cases(True))
            task = progress.add_task(module.TITLE, total=count)
            outcomes = []
            for case in module.cases(quick):
                progress.update(task, description=case.name)
                outcomes.append(timing.run(case, 0.05 if quick else 1.0))
                progress.advance(task)
            progress.update(task, description=module.TITLE)
            done.append((module, outcomes))
    return done


def show(done, console):
    threads = bs.get_num_threads()
    for module, outcomes in done:
        table = rich.table.Table(title=module.TITLE, title_justify="left", title_style="bold")
        for name in ("case", "pure Python", "best peer", "", "Bytestride\n1 thread", f"Bytestride\n{threads} threads",
                     "times faster\nthan Python", "than the\npeer", "largest\ndifference"):
            table.add_column(name, justify="right" if name and name != "case" else "left")
        for row in outcomes:
            table.add_row(row.case, ("" if row.scale == 1 else "~ ") + page.duration(row.before), page.duration(row.peer_time), row.peer,
                          page.duration(row.one_thread), page.duration(row.time), page.factor(row.before / row.time),
                          page.factor(row.peer_time / row.time),
                          f"{row.difference:.2g}", style=None if row.good else "bold red")
        console.print(table)
        for row in outcomes:
            if row.remark:
                console.print(f"{row.case}: {row.remark}", highlight=False)
            for item in row.shows:
                if isinstance(item, Table):
                    console.print(text_table(item))
        console.print()
    console.print("~ measured on a part and scaled; the page says on which. OpenCV and scikit-learn may use all cores, the other peers use one.")


def text_table(item):
    table = rich.table.Table(title=item.title, title_justify="left")
    for name in item.rows[0]:
        table.add_column(name, justify="right" if table.columns else "left")
    for row in item.rows[1:]:
        table.add_row(*row)
    return table


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=Path, default=Path("build"), help="the build folder; the page goes to its demo folder")
    parser.add_argument("--quick", action="store_true", help="small sizes")
    parser.add_argument("--picture", action="store_true", help="also draw the picture of the README")
    options = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 150)
    if options.picture:
        page.readme_picture(HERE / "picture.jpg")

    load = os.getloadavg()[0]
    done = work(options.quick, console)
    show(done, console)
    path = options.build.resolve() / "demo" / "index.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page.html(done, facts(load), options.quick), encoding="utf-8")
    left = [item for _, outcomes in done for row in outcomes for item in row.shows if isinstance(item, File)]
    for item in left:
        (path.parent / item.name).write_bytes(item.content)
    wrong = [row for _, outcomes in done for row in outcomes if not row.good]
    for row in wrong:
        console.print(f"[bold red]wrong:[/] {row.case}: forms differ by {row.difference:g}, allowed is {row.bound:g}", highlight=False)
    for item in left:
        print(f"{path.parent / item.name}: {item.text}")
    print(f"\n{'The results differ; the' if wrong else 'All results agree. The'} page is {path}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
