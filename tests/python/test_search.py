"""Searches against NumPy's searchsorted, bisect and the article's loop, over dtypes, layouts, sides, sorters, tables."""
import bisect
import itertools

import numpy as np
import pytest

import bytestride as bs
from layouts import LAYOUTS, REAL, Placed, assert_same, place, random_values, special_values

SIDES = ("left", "right")


def article_walk(table, value):
    """The talk's binary_search on a sequence of Python numbers."""
    low, high = 0, len(table) - 1
    while low <= high:
        middle = (low + high) // 2
        if table[middle] < value:
            low = middle + 1
        elif table[middle] > value or table[middle] != table[middle]:
            high = middle - 1
        else:
            return middle if table[middle] == value else -1
    return -1


def tables_and_values(random, dtype_a, dtype_v):
    """Ascending tables of several lengths, with duplicates, and values that are and are not in them."""
    elements = np.concatenate([special_values(dtype_a), random_values(random, dtype_a, 150)])
    values = np.concatenate([special_values(dtype_v), random_values(random, dtype_v, 100), elements[:100].astype(dtype_v)])
    for n in (0, 1, 2, 3, 7, 64, 65, elements.size):
        yield np.sort(random.choice(elements, n)), values


@pytest.mark.parametrize("dtype_a", REAL, ids=str)
def test_all_dtype_pairs(dtype_a, random):
    for dtype_v in REAL:
        for table, values in tables_and_values(random, dtype_a, dtype_v):
            for side in SIDES:
                assert_same(bs.searchsorted(table, values, side), np.searchsorted(table, values, side))


@pytest.mark.parametrize("dtype_a", REAL, ids=str)
def test_binary_search_of_all_dtype_pairs(dtype_a, random):
    for dtype_v in REAL[::2]:
        common = np.result_type(dtype_a, dtype_v)
        for table, values in tables_and_values(random, dtype_a, dtype_v):
            compared = table.astype(common).tolist()
            expected = [article_walk(compared, value) for value in values.astype(common).tolist()]
            assert_same(bs.binary_search(table, values), np.array(expected, np.int64))


def test_against_bisect(random):
    table = sorted(random.integers(-50, 50, 200).tolist())
    for value in range(-52, 52):
        assert bs.searchsorted(table, value) == bisect.bisect_left(table, value)
        assert bs.searchsorted(table, value, "right") == bisect.bisect_right(table, value)


def test_known_walks():
    assert bs.binary_search([1, 2, 2, 2, 3], 2) == 2 and bs.binary_search([2, 2], 2) == 0
    assert bs.binary_search(np.arange(3.0), np.nan) == -1 and bs.binary_search([], 1) == -1
    assert bs.binary_search([1.0, np.nan, np.nan, np.nan], [1.0, np.nan, 2.0]).tolist() == [0, -1, -1]
    assert bs.binary_search(np.array([-0.0]), 0.0) == 0
    assert bs.binary_search(np.arange(10000), [-1, 10001, 5000]).tolist() == [-1, -1, 5000]


def test_nan_infinity_and_zero():
    for dtype in map(np.dtype, ("float16", "float32", "float64")):
        table = np.array([-np.inf, -1, -0.0, 0.0, 1, np.inf, np.inf, np.nan, np.nan], dtype)
        values = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 2], dtype)
        for side in SIDES:
            assert_same(bs.searchsorted(table, values, side), np.searchsorted(table, values, side))
            assert_same(bs.searchsorted(table[:7], values, side), np.searchsorted(table[:7], values, side))


def test_integers_beyond_float_precision():
    """Compared as NumPy casts both: uint64 with int64 as float64, uint64 with uint64 exactly."""
    table = np.array([2**53, 2**53 + 1, 2**53 + 2, 2**63, 2**64 - 1], np.uint64)
    for values in (table, table[:3].astype(np.int64), np.array([-1, 2**62]), table.astype(np.float64), np.array([1, 2**31 - 1], np.int32)):
        for side in SIDES:
            assert_same(bs.searchsorted(table, values, side), np.searchsorted(table, values, side))
            assert_same(bs.searchsorted(np.sort(values), table, side), np.searchsorted(np.sort(values), table, side))
    assert bs.searchsorted(np.array([2**63 - 1, 2**63 - 1]), np.int64(2**63 - 1), "right") == 2


def test_any_byte_but_zero_is_true():
    table = np.array([0, 0, 3, 128], np.uint8).view(bool)
    assert bs.searchsorted(table, np.array([False, True])).tolist() == [0, 2]
    assert bs.searchsorted(table[::1], np.array([2], np.uint8).view(bool), "right").tolist() == [4]


@pytest.mark.parametrize("dtype", ["uint8", "float16", "int32", "float64", "bool"])
def test_layouts(dtype, layout, random):
    table = np.sort(random_values(random, dtype, 300))
    values = random_values(random, dtype, (7, 5, 3))
    expected = np.searchsorted(table, values)
    for layout_out in LAYOUTS:
        out = Placed(values.shape, np.int64, layout_out)
        assert bs.searchsorted(place(table, layout), place(values, layout), out=out.array) is out.array
        assert_same(out.array, expected)
        out.check()
        out = Placed(values.shape, np.int64, layout_out)
        walked = bs.binary_search(table, values)
        bs.binary_search(place(table, layout), place(values, layout), out=out.array)
        assert_same(out.array, walked)
        out.check()


def test_shapes_and_scalars(random):
    table = np.arange(0, 100, 2)
    for shape in [(), (0,), (1,), (3, 0, 2), (2, 3), (2,) * 8]:
        values = random.integers(-5, 105, shape)
        for function in (bs.searchsorted, bs.binary_search):
            result = function(table, values)
            assert result.shape == shape and result.dtype == np.int64
            assert isinstance(result, np.generic) == (shape == ())
        assert_same(bs.searchsorted(table, values), np.searchsorted(table, values))
    assert type(bs.searchsorted(table, 7)) is np.int64
    assert_same(bs.searchsorted(table, [[1, 2.5], [3, 4]]), np.searchsorted(table, [[1, 2.5], [3, 4]]))
    assert_same(bs.searchsorted(np.float32([0.1, 0.2]), 0.1), np.searchsorted(np.float32([0.1, 0.2]), 0.1))
    assert_same(bs.searchsorted(np.int8([1, 2]), [300, -300]), np.searchsorted(np.int8([1, 2]), [300, -300]))


def test_values_of_every_count(random):
    table = np.sort(random.random(1000))
    values = random.random(300)
    for n in [*range(0, 70), 127, 128, 129, 255, 257, 300]:
        out = Placed((n,), np.int64)
        bs.searchsorted(table, values[:n], out=out.array)
        assert_same(out.array, np.searchsorted(table, values[:n]))
        out.check()


@pytest.mark.parametrize("dtype_v", [dtype for dtype in REAL if dtype.itemsize <= 2], ids=str)
def test_more_values_than_the_dtype_has(dtype_v, layout, random):
    """Each possible value is searched once then, and looked up."""
    count = 600 if dtype_v.itemsize == 1 else 66_000
    bits = random.integers(0, 256**dtype_v.itemsize, count).astype(f"u{dtype_v.itemsize}")
    values = bits.view(dtype_v)
    given = place(values, layout)
    compared = bits.astype(bool) if dtype_v == bool else values
    for dtype_a in (dtype_v, np.dtype("float64"), np.dtype("int8")):
        table = np.sort(random_values(random, dtype_a, 300))
        for side in SIDES:
            out = Placed((count,), np.int64, layout)
            bs.searchsorted(place(table, layout), given, side=side, out=out.array)
            assert_same(out.array, np.searchsorted(table, compared, side=side))
            out.check()
        few_at_once = [bs.binary_search(table, part) for part in np.array_split(values, count // 300)]
        assert_same(bs.binary_search(table, given), np.concatenate(few_at_once))


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "uint32", "uint16", "float16"])
def test_large_tables(dtype, random):
    """Beyond the caches, where a tree is made; ascending values, where the table is walked along; threads."""
    table = np.sort(random_values(random, dtype, 2_400_003))
    values = np.concatenate([random_values(random, dtype, 60_000), table[-3:], table[:3]])
    for v, side in itertools.product((values, np.sort(values), np.sort(values)[::-1], np.repeat(np.sort(values)[::7], 3)), SIDES):
        expected = np.searchsorted(table, v, side)
        for threads in (1, 2, 5):
            assert_same(bs.searchsorted(table, v, side, threads=threads), expected)
    assert_same(bs.searchsorted(place(table, "slice"), values), np.searchsorted(table, values))
    order = random.permutation(table.size)
    shuffled = np.empty_like(table)
    shuffled[order] = table
    assert_same(bs.searchsorted(shuffled, values, sorter=order), np.searchsorted(table, values))
    one = bs.binary_search(table, values, threads=1)
    found = one >= 0
    assert (found == np.isin(values, table[~np.isnan(table)] if dtype[0] == "f" else table)).all()
    assert (table[one[found]] == values[found]).all()
    for threads in (2, 5):
        assert_same(bs.binary_search(table, values, threads=threads), one)


def test_lengths_around_the_powers_of_the_tree(random):
    """Tables whose leaves fill their nodes exactly, by one less and by one more."""
    for length in (8 * 9**6 - 8, 8 * 9**6 - 1, 8 * 9**6, 8 * 9**6 + 1, 2 * 8 * 9**5 - 1, 2 * 8 * 9**5):
        table = np.arange(length, dtype=np.float64)
        values = random.permutation(np.concatenate([random.integers(-1, length + 1, 20_000) + 0.5, [length - 1, length, -1, 0, np.inf]]))
        assert_same(bs.searchsorted(table, values), np.searchsorted(table, values))


@pytest.mark.parametrize("dtype", ["float64", "float32", "int32"])
def test_lengths_around_powers_of_two(dtype, random):
    """Tables whose halves would share their places in the caches are parted unevenly."""
    for length in (4095, 4096, 4097, 5120, 8191, 8192, 8193, 2**16 - 63, 2**16, 2**16 + 63, 2**16 + 64, 2**17 - 1, 2**17, 2**17 + 1, 3 * 2**15):
        table = (2 * np.arange(length)).astype(dtype)
        values = random.permutation(np.concatenate([np.arange(-1, 130), random.integers(0, 2 * length, 500), np.arange(2 * length - 9, 2 * length + 1)]))
        for side in SIDES:
            assert_same(bs.searchsorted(table, values.astype(dtype), side), np.searchsorted(table, values.astype(dtype), side))


@pytest.mark.parametrize("dtype", [np.dtype(name) for name in ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64")], ids=str)
def test_sorter(dtype, layout, random):
    a = random.integers(0, 30, 100).astype(np.float32)
    sorter = np.argsort(a, kind="stable").astype(dtype)
    values = random.integers(-1, 32, 50)
    for side in SIDES:
        expected = np.searchsorted(a, values, side, sorter=np.argsort(a, kind="stable"))
        assert_same(bs.searchsorted(place(a, layout), values, side, place(sorter, layout)), expected)


def test_sorter_that_cannot_be_out_of_range(random):
    # No uint8 is beyond 300 elements; places may come more than once.
    table, values = np.arange(300) * 3, random.integers(-10, 900, 500)
    sorter = np.sort(random.integers(0, 256, 300)).astype(np.uint8)
    for side in SIDES:
        assert_same(bs.searchsorted(table, values, side=side, sorter=sorter), np.searchsorted(table[sorter], values, side=side))


def test_sorter_out_of_range():
    a = np.array([3.0, 1.0, 2.0])
    out = np.full(2, 7, np.int64)
    for sorter in ([1, 2, 3], [1, 2, -1], np.array([1, 2, -2**63]), np.array([1, 2, 2**64 - 1], np.uint64), np.array([255, 1, 2], np.uint8)):
        with pytest.raises(bs.OptionError, match="sorter"):
            bs.searchsorted(a, [0, 1], sorter=sorter, out=out)
    with pytest.raises(bs.ShapeError, match="sorter"):
        bs.searchsorted(a, [0, 1], sorter=[1, 2], out=out)
    with pytest.raises(bs.ShapeError, match="sorter"):
        bs.searchsorted(a, [0, 1], sorter=[[1, 2, 0]], out=out)
    for sorter in ([1.0, 2.0, 0.0], [True, False, True]):
        with pytest.raises(bs.DTypeError, match="sorter"):
            bs.searchsorted(a, [0, 1], sorter=sorter, out=out)
    assert (out == 7).all()
    long = np.arange(500_000)
    long[-1] = 500_000
    with pytest.raises(bs.OptionError, match="sorter"):
        bs.searchsorted(np.zeros(500_000), 1.0, sorter=long)


def test_unsorted_tables_stay_in_bounds(random):
    for n in (1, 2, 100, 70_001, 1_500_000):
        table, values = random.standard_normal(n), random.standard_normal(30_000)
        table[random.integers(0, n, n // 10)] = np.nan
        for side in SIDES:
            found = bs.searchsorted(table, values, side)
            assert found.min() >= 0 and found.max() <= n
        found = bs.binary_search(table, values)
        assert found.min() >= -1 and found.max() < n


def test_errors():
    a, out = np.arange(5.0), np.full(3, 7, np.int64)
    for function in (bs.searchsorted, bs.binary_search):
        for table in (np.float64(1), np.zeros((2, 2))):
            with pytest.raises(bs.ShapeError, match="(a)"):
                function(table, [1, 2, 3], out=out)
        for bad in (np.ones(3, complex), np.array(["a"] * 3), np.ones(3, ">f8"), np.array([None] * 3), np.ones(3, "M8[s]")):
            with pytest.raises(bs.DTypeError):
                function(a, bad, out=out)
            with pytest.raises(bs.DTypeError):
                function(bad, [1, 2, 3], out=out)
        with pytest.raises(bs.DTypeError, match="out"):
            function(a, [1, 2, 3], out=np.zeros(3))
        with pytest.raises(bs.ShapeError, match="out"):
            function(a, [1, 2], out=out)
        with pytest.raises(bs.OverlapError, match="out"):
            function(out, [1, 2, 3], out=out)
        with pytest.raises(bs.OverlapError, match="out"):
            function(a, out, out=out)
        with pytest.raises(bs.OptionError, match="threads"):
            function(a, [1, 2, 3], out=out, threads=-1)
        with pytest.raises(bs.ShapeError):
            function(a, np.zeros((1,) * 9))
        with pytest.raises(TypeError, match="masked"):
            function(a, np.ma.array([1.0]))
    for side in ("middle", "l", None, 1):
        with pytest.raises(bs.OptionError, match="side"):
            bs.searchsorted(a, 1, side)
    out.flags.writeable = False
    with pytest.raises(bs.ReadOnlyError, match="out"):
        bs.searchsorted(a, [1, 2, 3], out=out)
    assert (out == 7).all()
