"""The page of the demo, and the picture of the README: everything is drawn from what the run measured."""
import base64
import io
import textwrap
from pathlib import Path

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
import numpy as np
from jinja2 import Environment, FileSystemLoader, select_autoescape
from matplotlib.ticker import EngFormatter
from PIL import Image

import bytestride as bs
from case import Drawing, File, Picture, Table

COLOURS = {"pure Python": "#b8b2a7", "best peer": "#6f8fab", "Bytestride, 1 thread": "#f0a35e", "Bytestride": "#d1495b"}
# Drawings are transparent, and their text can be read on white and on black.
INK = "#7c828a"
STYLE = {"font.size": 9.5, "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": INK, "axes.titlecolor": INK, "xtick.color": INK, "ytick.color": INK}


def duration(seconds):
    """Three digits and a unit."""
    for unit, scale in (("s", 1), ("ms", 1e3)):
        if seconds * scale >= 1:
            return f"{seconds * scale:.3g} {unit}" if seconds * scale < 1000 else f"{seconds * scale:,.0f} {unit}"
    return f"{seconds * 1e6:.3g} µs"


def factor(ratio):
    """How many times, in two digits: a machine that does other things too cannot say more."""
    return f"{float(f'{ratio:.2g}'):,.0f}" if ratio >= 10 else f"{ratio:.1f}" if ratio >= 1 else f"{ratio:.2f}"


def data_uri(kind, content):
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def picture_jpeg(picture):
    """A picture as the bytes of a JPEG file."""
    pixels = np.clip(np.rint(picture.pixels), 0, 255).astype(np.uint8)
    if picture.zoom > 1:
        pixels = pixels.repeat(picture.zoom, axis=0).repeat(picture.zoom, axis=1)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=90)
    return file.getvalue()


def drawing_svg(draw, height):
    """What `draw` does to a figure, as the bytes of an SVG file."""
    file = io.BytesIO()
    with plt.rc_context(STYLE):
        figure = plt.figure(figsize=(10.5, height), layout="constrained")
        draw(figure)
        figure.savefig(file, format="svg", metadata={"Date": None}, transparent=True)
        plt.close(figure)
    return file.getvalue()


def drawing_uri(draw, height):
    """A drawing inside of the page."""
    return data_uri("svg+xml", drawing_svg(draw, height))


def chart(outcomes, threads):
    """Bars of all cases of a program on one logarithmic axis of time."""
    names = ("pure Python", "best peer", "Bytestride, 1 thread", f"Bytestride, {threads} threads")
    times = np.array([(row.before, row.peer_time, row.one_thread, row.time) for row in outcomes])

    def draw(figure):
        axes = figure.subplots()
        for index, (name, colour) in enumerate(zip(names, COLOURS.values())):
            y = np.arange(len(outcomes)) + (index - 1.5) * 0.2
            axes.barh(y, times[:, index], height=0.19, color=colour, label=name)
            for position, seconds in zip(y, times[:, index]):
                axes.text(seconds * 1.12, position, duration(seconds), va="center", fontsize=8)
        axes.set_xscale("log")
        axes.set_xlim(times.min() / 3, times.max() * 6)
        axes.set_yticks(np.arange(len(outcomes)), [textwrap.fill(row.case, 34) for row in outcomes])
        axes.set_ylim(len(outcomes) - 0.5, -0.5)
        axes.set_xlabel("time, on a logarithmic scale; shorter is faster")
        axes.xaxis.set_major_formatter(EngFormatter(unit="s", places=0))
        axes.tick_params(which="both", length=0)
        axes.grid(axis="x", color=INK, alpha=0.25, linewidth=0.8)
        axes.set_axisbelow(True)
        axes.spines[:].set_visible(False)
        figure.legend(loc="outside upper left", ncols=4, frameon=False, handlelength=1, handleheight=1)

    return drawing_uri(draw, 0.6 + 0.95 * len(outcomes))


def html(done, facts, quick):
    """The whole page as text; it needs no other file."""
    environment = Environment(loader=FileSystemLoader(Path(__file__).resolve().parent), autoescape=select_autoescape(default=True),
                              trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(duration=duration, factor=factor, picture=lambda picture: data_uri("jpeg", picture_jpeg(picture)), drawing=lambda item: drawing_uri(item.draw, item.height))
    environment.tests.update({kind.__name__.lower(): lambda item, kind=kind: isinstance(item, kind) for kind in (Picture, Drawing, Table, File)})
    threads = bs.get_num_threads()
    sections = [{"title": module.TITLE, "source": module.SOURCE, "text": module.TEXT, "rows": outcomes,
                 "chart": chart(outcomes, threads)} for module, outcomes in done]
    rows = [row for section in sections for row in section["rows"]]
    return environment.get_template("page.html.j2").render(
        sections=sections, facts=facts, threads=threads, quick=quick, good=all(row.good for row in rows),
        against_python=sorted(row.before / row.time for row in rows), against_peer=sorted(row.peer_time / row.time for row in rows))


def readme_picture(path):
    """A photograph and three filters of it, side by side."""
    from photographs import astronaut, grey
    from programs import convolution as program
    photo = astronaut()
    brightness = grey(photo)
    panels = [("input", photo), ("sharpen, 3 x 3", bs.convolve(photo, program.SHARPEN, axes=(0, 1), boundary="mirror", dtype=np.uint8)),
              ("blur, 15 x 15", bs.convolve(photo, program.BLUR, axes=(0, 1), boundary="mirror", dtype=np.uint8)),
              ("edges, Sobel", np.clip(np.hypot(bs.convolve(brightness, program.SOBEL, boundary="mirror"),
                                                bs.convolve(brightness, program.SOBEL.T, boundary="mirror")) / 2, 0, 255))]
    figure, axes = plt.subplots(1, len(panels), figsize=(12, 3.25), layout="constrained")
    for place, (title, pixels) in zip(axes, panels):
        place.imshow(pixels, cmap="gray", interpolation="lanczos")
        place.set_title(title, fontsize=11)
        place.axis("off")
    figure.savefig(path, dpi=100, pil_kwargs={"quality": 88})
    plt.close(figure)
