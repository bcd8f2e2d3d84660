"""Tables: Markdown by tabulate, for the report and for the README."""
from statistics import geometric_mean, median

from tabulate import tabulate

MARKS = ("<!-- written by make bench README=1 -->\n", "<!-- end -->\n")


def duration(seconds):
    for unit, scale in (("s", 1), ("ms", 1e3), ("µs", 1e6)):
        if seconds * scale >= 1:
            return f"{seconds * scale:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def spread(result, name):
    low, high = result.quartiles[name]
    return f"{duration(result.median[name])} ({duration(low)}, {duration(high)})"


def markdown(rows, headers):
    return tabulate(rows, headers=headers, tablefmt="github", disable_numparse=True)


def ratio(value):
    return f"{value:.2f}" if value < 10 else f"{value:.3g}"


def table(results):
    """Every row with its peers; a ratio below its target is bold."""
    rows = []
    for r in results:
        if r.problem:
            rows.append([r.name, r.threads, "not timed", r.problem, "", "" if r.target is None else ratio(r.target), "", "", "", ""])
            continue
        short = r.over_target is not None and r.over_target < 1
        rows.append([r.name, r.threads, spread(r, "ours"), f"{r.peer}: {spread(r, r.peer)}", f"**{ratio(r.ratio)}**" if short else ratio(r.ratio),
                     "" if r.target is None else ratio(r.target), "" if r.target is None else ratio(r.over_target),
                     "" if r.share is None else f"{r.share:.0%}", f"{r.difference:.1g}", f"{r.foreign:.0%}"])
    return markdown(rows, ["row", "threads", "ours: median (quartiles)", "fastest peer", "peer / ours", "target", "ratio / target", "of the limit",
                           "difference", "others"])


def below_target(results):
    """Rows that miss their target, the furthest first; a row that could not be timed is the furthest of all."""
    return sorted((r for r in results if r.target is not None and r.over_target < 1), key=lambda r: r.over_target)


def summary(results):
    """A few sentences, and the rows below target."""
    timed = [r for r in results if not r.problem]
    lines = []
    for threads in sorted({r.threads for r in results}):
        over = [r.over_target for r in timed if r.threads == threads and r.target is not None]
        here = [r for r in timed if r.threads == threads]
        if over:
            lines.append(f"- {threads} thread{'s' * (threads > 1)}: geometric mean of ratio / target {geometric_mean(over):.2f} over {len(over)} rows with a "
                         f"target, {sum(value < 1 for value in over)} of them below it; {sum(r.ratio < 1 for r in here)} of {len(here)} rows "
                         "slower than their fastest peer")
    missing = [f"- not timed: {r.name}, {r.threads} threads: {r.problem}" for r in results if r.problem]
    short = below_target(timed)
    text = "\n".join(["## Summary", "", *lines, *missing, ""])
    return text + (f"\n## Below target\n\n{table(short)}\n" if short else "")


def line(result):
    """For the terminal."""
    if result.problem:
        return f"{result.name:<72} {result.threads}  NOT TIMED: {result.problem}"
    target = "" if result.target is None else f"  target {ratio(result.target)}, {ratio(result.over_target)} of it"
    share = "" if result.share is None else f"  {result.share:.0%} of the limit"
    return (f"{result.name:<72} {result.threads}  {duration(result.median['ours']):>8}  {ratio(result.ratio):>5} x {result.peer}{target}{share}")


# ---- README -------------------------------------------------------------------------------------------

def readme_table(results, facts):
    """One line per row, two columns per number of threads, and under it where we are slower."""
    def cell(result):
        return [duration(result.median["ours"]), ratio(result.ratio) + ("" if result.target is None else f" ({ratio(result.target)})")]

    counts = sorted({r.threads for r in results})
    names = list(dict.fromkeys(r.name for r in results if not r.problem))
    rows = []
    for name in names:
        found = {r.threads: r for r in results if r.name == name and not r.problem}
        peers = dict.fromkeys(r.peer for r in found.values())
        rows.append([name, " / ".join(peers), *(text for count in counts for text in (cell(found[count]) if count in found else ["", ""]))])
    headers = ["call", "fastest peer", *(text for count in counts for text in (f"{count} thread{'s' * (count > 1)}", "peer / ours (target)"))]
    slower = dict.fromkeys(r.name for r in results if not r.problem and r.ratio < 1)
    versions = ", ".join(f"{name} {facts[name]}" for name in ("NumPy", "SciPy", "OpenCV", "scikit-learn", "Numba", "numexpr", "primesieve", "SymPy"))
    note = (f"{facts['date']}, {facts['processor']}; {facts['Bytestride'].split(', calls')[0]}); {versions}. Medians; other processes used "
            f"{median(r.foreign for r in results):.0%} of the machine (median over the rows). "
            + (f"Slower than a peer here: {'; '.join(slower)}." if slower else "No row here is slower than its fastest peer."))
    return f"{markdown(rows, headers)}\n\n{note}\n"


def put_into_readme(path, text):
    before, rest = path.read_text().split(MARKS[0])
    path.write_text(before + MARKS[0] + text + MARKS[1] + rest.split(MARKS[1])[1])
