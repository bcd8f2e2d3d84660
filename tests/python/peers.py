"""What the tests of the drop-in modules share: the peers' own documented examples, run once with the peer and once with us."""
import ast
import doctest
import re
import warnings
from unittest import mock

import numpy as np


PLOTS = re.compile(r"\b(plt|matplotlib|fig\w*|ax|axs|ax\d|ax_\w+)\b|^(axes|fig)\b")


def picture():
    """Stands for the photographs of the peers' examples, which would have to be downloaded."""
    y, x = np.mgrid[:64, :80]
    return (128 + 100 * np.sin(x / 7.0) * np.cos(y / 5.0) + 20 * ((x + y) % 3)).astype(np.int64)


class Datasets:
    ascent = face = staticmethod(lambda *arguments, **keywords: picture())


def values_of(documentation, replaced):
    """Runs a docstring's examples; every value they show or keep, in order.

    `replaced` maps the names that the examples import to what they get instead; plots go nowhere.
    """
    names, values = {}, []
    for example in doctest.DocTestParser().get_examples(documentation):
        tree = ast.parse(example.source)
        for statement in tree.body:
            if PLOTS.search(ast.unparse(statement)):
                continue
            if isinstance(statement, (ast.Import, ast.ImportFrom)):
                for alias in statement.names:
                    name = alias.asname or alias.name.split(".")[0]
                    names[name] = _imported(statement, alias, replaced)
                continue
            if isinstance(statement, ast.Expr):
                values.append(eval(compile(ast.Expression(statement.value), "<example>", "eval"), names))
                continue
            exec(compile(ast.Module([statement], []), "<example>", "exec"), names)
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                values.append(names[statement.targets[0].id])
    return values


def _imported(statement, alias, replaced):
    name = alias.asname or alias.name.split(".")[0]
    if name in replaced:
        return replaced[name]
    if alias.name == "datasets":
        return Datasets
    names = {}
    exec(ast.unparse(ast.Module([type(statement)(**{**vars(statement), "names": [alias]})], [])), names)
    return names[name]


def assert_same_examples(peer, replaced, rtol=1e-12, atol=1e-12):
    """The numbers of the peer's examples are ours, when the examples run with our functions; returns how many there are."""
    generator = np.random.default_rng
    runs = []
    for names in ({}, replaced):
        np.random.seed(5)
        with warnings.catch_warnings(), mock.patch("numpy.random.default_rng", lambda seed=5: generator(seed)):
            warnings.simplefilter("ignore")
            runs.append(values_of(peer.__doc__, names))
    theirs, ours = runs
    compared = 0
    assert len(ours) == len(theirs)
    for our, their in zip(ours, theirs):
        if isinstance(their, (np.ndarray, np.number, float, int)) and not isinstance(their, bool):
            np.testing.assert_allclose(our, their, rtol=rtol, atol=atol)
            assert np.asarray(our).dtype == np.asarray(their).dtype
            compared += 1
    return compared
