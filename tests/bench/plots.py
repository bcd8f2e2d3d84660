"""The plots of the report, as SVG."""
import math

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402 - after the choice of what draws
from matplotlib.ticker import FuncFormatter, NullFormatter  # noqa: E402

matplotlib.rcParams.update({"font.size": 8, "svg.hashsalt": "bytestride", "axes.spines.top": False, "axes.spines.right": False})
COLORS = ("#1f6f8b", "#d1793b", "#6a994e", "#8d5a97")
PLAIN = FuncFormatter(lambda value, _: f"{value:g}")


def save(figure, path):
    figure.savefig(path, bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)


def ratios(path, family, results):
    """A bar per row and number of threads, with a mark where its target is."""
    results = [r for r in results if not r.problem]
    names = list(dict.fromkeys(r.name for r in results))
    counts = sorted({r.threads for r in results})
    if not names:
        return False
    height = 0.8 / len(counts)
    low, high = min(min(r.ratio for r in results), 1.0), max(max(r.ratio, r.target or 0) for r in results)
    figure, axes = plt.subplots(figsize=(8, 0.9 + 0.18 * len(names) * (1 + 0.5 * len(counts))))
    for place, count in enumerate(counts):
        here = {r.name: r for r in results if r.threads == count}
        rows = [index + (place - (len(counts) - 1) / 2) * height for index, name in enumerate(names) if name in here]
        shown = [here[name] for name in names if name in here]
        axes.barh(rows, [r.ratio - 1 for r in shown], height * 0.9, left=1, color=COLORS[place], label=f"{count} thread{'s' * (count > 1)}")
        targets = [(row, r.target) for row, r in zip(rows, shown) if r.target is not None]
        axes.plot([target for _, target in targets], [row for row, _ in targets], "|", color="black", markersize=6, markeredgewidth=1.5,
                  label="target" if place == len(counts) - 1 else None)
        for row, r in zip(rows, shown):
            right = max(r.ratio, 1.0)  # the number stands behind its bar, or behind the mark that would be in its way
            if r.target is not None and 0.97 * right < r.target < right * (high / low)**0.1:
                right = max(right, r.target)
            axes.annotate(f"{r.ratio:.2f}" if r.ratio < 10 else f"{r.ratio:.3g}", (right, row), (4, 0), textcoords="offset points",
                          va="center", fontsize=6)
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(which="minor", length=0)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xscale("log")
    axes.set_xlim(0.8 * low, 1.0 * max(high, 2.0) * (high / low)**0.08 * 1.15)
    ticks = [tick for power in range(-2, 6) for tick in (10.0**power, 2 * 10.0**power, 5 * 10.0**power) if 0.8 * low <= tick <= 1.3 * high]
    axes.set_xticks(ticks if len(ticks) < 12 else ticks[::3])
    axes.xaxis.set_major_formatter(PLAIN)
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_xlabel("time of the fastest peer / ours")
    axes.set_title(family, loc="left")
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=3, frameon=False)
    save(figure, path)
    return True


def growth(path, results):
    """A small plot per family: the times, and the power of the size that fits."""
    if not results:
        return False
    columns = min(4, len(results))
    rows = math.ceil(len(results) / columns)
    figure, grid = plt.subplots(rows, columns, figsize=(2.9 * columns, 2.5 * rows), squeeze=False, layout="constrained")
    for axes, r in zip(grid.flat, results):
        middle = math.exp(sum(math.log(s) for s in r.sizes) / len(r.sizes)), math.exp(sum(math.log(t) for t in r.seconds) / len(r.seconds))
        fit = [1e3 * middle[1] * (size / middle[0])**r.exponent for size in r.sizes]
        axes.loglog(r.sizes, fit, "-", color="#bbbbbb")
        axes.loglog(r.sizes, [1e3 * t for t in r.seconds], "o", color=COLORS[0 if r.exponent <= r.most else 1], markersize=4)
        axes.set_title(f"{r.name}\nexponent {r.exponent:.2f}, at most {r.most:.2f}", fontsize=7.5, loc="left")
        axes.set_xlabel(r.unit, fontsize=7)
        axes.set_ylabel("ms", fontsize=7)
        axes.set_xticks(r.sizes, [short(size) for size in r.sizes], fontsize=7)
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.yaxis.set_major_formatter(PLAIN)
        axes.tick_params(axis="y", labelsize=7)
        low, high = min(r.seconds) * 1e3, max(r.seconds) * 1e3
        ticks = [tick for power in range(-5, 6) for tick in (10.0**power, 2 * 10.0**power, 5 * 10.0**power) if 0.7 * low <= tick <= 1.4 * high]
        axes.set_yticks(ticks if len(ticks) < 6 else [tick for tick in ticks if f"{tick:e}"[0] == "1"])
    for axes in list(grid.flat)[len(results):]:
        axes.set_axis_off()
    save(figure, path)
    return True


def short(size):
    for scale, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if size >= scale and size % (scale // 10) == 0:
            return f"{size / scale:g}{letter}"
    return f"{size:g}"


def views(path, results, layouts, most):
    """A field per call and layout, the darker the dearer."""
    if not results:
        return False
    figure, axes = plt.subplots(figsize=(7.5, 0.9 + 0.26 * len(results)))
    costs = [[r.costs.get(layout, math.nan) for layout in layouts] for r in results]
    image = axes.imshow(costs, aspect="auto", cmap="YlOrBr", vmin=0.8, vmax=2.5)
    for y, line in enumerate(costs):
        for x, value in enumerate(line):
            if not math.isnan(value):
                axes.text(x, y, f"{value:.2f}", ha="center", va="center", fontsize=7, weight="bold" if value > most else "normal",
                          color="white" if value > 2 else "black")
    axes.set_xticks(range(len(layouts)), layouts)
    axes.set_yticks(range(len(results)), [r.name for r in results])
    axes.tick_params(length=0)
    axes.xaxis.tick_top()
    figure.colorbar(image, ax=axes, label="times the contiguous call, at equal traffic", fraction=0.05, pad=0.02)
    save(figure, path)
    return True
