"""What a program of the demo is made of.

A program is a module in `programs`, found by listing the folder. It has

    ORDER    its place on the page
    TITLE    its heading
    SOURCE   where the program comes from
    TEXT     a few sentences for the page
    cases(quick)  yields `Case`s; with `quick`, small ones

The frame runs each case before it asks for the next, so a case may hold large arrays.
"""
from dataclasses import dataclass, field
from typing import Callable

import numpy as np


@dataclass
class Picture:
    """An image for the page: (H, W) or (H, W, 3), 0 to 255; other values are clipped."""

    title: str
    pixels: np.ndarray
    zoom: int = 1  # shown so many times larger, pixel by pixel


@dataclass
class Drawing:
    """A drawing of matplotlib for the page, over its whole width: `draw(figure)` fills it."""

    title: str
    draw: Callable
    height: float = 4.0  # of a width of 10.5


@dataclass
class Table:
    """Rows of text for the page and the terminal; the first row is the head."""

    title: str
    rows: list


@dataclass
class File:
    """What the run leaves beside the page, for other programs to open."""

    name: str
    content: bytes
    text: str


def largest_difference(ours, other):
    """Of two arrays, or two tuples of arrays; NaN where only one has a NaN, or the shapes are not the same."""
    if isinstance(ours, tuple):
        return max(map(largest_difference, ours, other), key=lambda value: (value != value, value))
    a, b = np.asarray(ours), np.asarray(other)
    if a.shape != b.shape or not np.array_equal(a != a, b != b):
        return float("nan")
    apart = np.abs(np.subtract(a, b, dtype=np.float64))[(a == a) & (a != b)]
    return float(apart.max(initial=0.0))


@dataclass
class Case:
    """One computation in three forms: the article's, the best of other packages, ours.

    Every form is called as `form(*data, out)` and returns its result; it may write it to `out`, which is
    `make_out(*data)`, or return an array of its own. The article's form runs on `part`, where the whole would take
    minutes; its time is then multiplied by `scale`.
    """

    name: str
    data: tuple
    before: Callable
    peers: dict  # name -> form
    ours: Callable
    make_out: Callable = lambda *data: None
    bound: float = 0.0  # largest difference allowed between ours and another form; 0 = equal
    part: tuple = None  # None: all of it
    part_name: str = "all of it"
    scale: float = 1.0  # work on `data` / work on `part`
    difference: Callable = largest_difference  # (result of ours, of another form) -> number
    compared: str = ""  # what the difference is of, where it is not of the results' elements
    shows: Callable = field(default=lambda data, result: [])  # (data, result of ours) -> Pictures, Drawings, Tables, Files
    measures: Callable = list  # () -> Tables of further times; they take long
    remark: Callable = field(default=lambda outcome: "")  # Outcome -> a sentence for the page and the terminal


@dataclass
class Outcome:
    """What the frame found out about a case; times in seconds, for the whole."""

    case: str
    before: float
    part_name: str
    scale: float
    peer: str
    peer_time: float
    one_thread: float
    time: float
    difference: float
    bound: float
    compared: str
    shows: list
    remark: str = ""

    @property
    def good(self):
        return self.difference <= self.bound  # false for NaN
