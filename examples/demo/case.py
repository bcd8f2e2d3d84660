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
class Case:
    """One computation in three forms: the article's, the best of NumPy and SciPy, ours.

    Every form is called as `form(*data, out)` and returns its result; it may write it to `out`, which is
    `make_out(*data)`, or return an array of its own. The article's form runs on `part`, where the whole would take
    minutes; its time is then multiplied by `scale`.
    """

    name: str
    data: tuple
    before: Callable
    peers: dict  # name -> form
    ours: Callable
    make_out: Callable
    bound: float = 0.0  # largest difference allowed between any two forms; 0 = equal
    part: tuple = None  # None: all of it
    part_name: str = "all of it"
    scale: float = 1.0  # work on `data` / work on `part`
    pictures: Callable = field(default=lambda data, result: [])  # (data, result of ours) -> list of Picture


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
    pictures: list

    @property
    def good(self):
        return self.difference <= self.bound  # false for NaN
