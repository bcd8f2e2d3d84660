"""Random shapes, strides, dtypes and options: whatever hypothesis can think of, the result is the oracle's."""
import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import bytestride as bs
import exact
from convolution import BOUNDARIES, REGIONS, check
from layouts import DTYPES, LAYOUTS, REAL, Placed, assert_same, place

dtypes, real_dtypes, layouts = st.sampled_from(DTYPES), st.sampled_from(REAL), st.sampled_from(LAYOUTS)
shapes = hnp.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=6)


@st.composite
def views(draw, dtype=dtypes, shape=shapes):
    """An array of any values, bytes and all, looked at through a random slice in each dimension."""
    values = draw(hnp.arrays(draw(dtype), draw(shape)))
    array = place(values, draw(layouts))
    for axis, n in enumerate(array.shape):
        step = draw(st.sampled_from([1, 1, 1, 2, -1, -2]))
        array = array[(slice(None),) * axis + (slice(None, None, step),)]
    order = draw(st.permutations(range(array.ndim)))
    return array.transpose(order)


@given(a=views(), b=views(), name=st.sampled_from(["add", "subtract", "minimum", "maximum", "multiply", "divide"]), layout=layouts)
def test_arithmetic(a, b, name, layout):
    try:
        shape = np.broadcast_shapes(a.shape, b.shape)
    except ValueError:
        if 0 not in b.shape and b.size:
            b = np.broadcast_to(b.reshape(-1)[:1].reshape(()), a.shape)
        else:
            b = a
        shape = a.shape
    if name == "subtract" and a.dtype == b.dtype == bool:
        name = "add"
    with np.errstate(all="ignore"):
        expected = np.asarray(getattr(np, name)(a, b))
    assume(not (name in ("multiply", "divide") and expected.dtype.kind == "c"))
    out = Placed(shape, expected.dtype, layout)
    getattr(bs, name)(a, b, out=out.array)
    assert_same(out.array, expected, zero_sign=name not in ("minimum", "maximum"))
    out.check()
    assert_same(getattr(bs, name)(a, b), expected, zero_sign=name not in ("minimum", "maximum"))


@given(a=views(), target=dtypes, rule=st.sampled_from(["wrap", "saturate"]), layout=layouts)
def test_cast(a, target, rule, layout):
    assume(a.dtype.kind != "c" or target.kind == "c")
    expected = exact.cast(a, target, rule)
    out = Placed(a.shape, target, layout)
    bs.cast(a, target, out=out.array, rule=rule)
    assert_same(out.array, expected)
    out.check()


@given(a=views(), seed=st.integers(0, 2**32), layout=layouts)
def test_transpose(a, seed, layout):
    axes = np.random.default_rng(seed).permutation(a.ndim)
    expected = a.transpose(axes)
    out = Placed(expected.shape, a.dtype, layout)
    bs.transpose(a, axes, out=out.array)
    assert_same(out.array, expected)
    out.check()


@given(values=hnp.arrays(dtypes, hnp.array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=20)))
def test_transpose_inplace(values):
    placed = Placed(values.shape, values.dtype)
    placed.array[...] = values
    assert_same(bs.transpose_inplace(placed.array), values.T)
    placed.check()


@st.composite
def convolutions(draw):
    image = draw(views(real_dtypes, hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=7)))
    count = draw(st.integers(1, image.ndim))
    axes = tuple(draw(st.permutations(range(image.ndim)))[:count])
    region = draw(st.sampled_from(REGIONS))
    sides = [draw(st.integers(1, image.shape[axis] if region == "valid" else 5)) for axis in axes]
    kernel = draw(views(real_dtypes, st.just(tuple(sides))))
    assume(kernel.shape == tuple(sides))
    flip = draw(st.booleans())
    origin = 0
    if region == "same":
        centres = [(n - 1) // 2 if flip else n // 2 for n in sides]
        origin = tuple(draw(st.integers(-centre, n - 1 - centre)) for centre, n in zip(centres, sides))
    options = {"axes": axes, "region": region, "origin": origin, "boundary": draw(st.sampled_from(BOUNDARIES)),
               "fill": draw(st.integers(0, 1))}
    return image, kernel, flip, draw(st.none() | real_dtypes), draw(layouts), options


@given(convolutions())
def test_convolution(case):
    image, kernel, flip, dtype, layout, options = case
    for array in (image, kernel):  # the bound says nothing about sums that overflow on the way
        if array.dtype.kind == "f":
            array[~(np.abs(array) < 1e4)] = 0.5
            array[np.abs(array) < 1e-4] = 0
    function = bs.convolve if flip else bs.correlate
    try:
        result = function(image, kernel, dtype=dtype, **options)
    except bs.OverflowError:
        assert max(image.itemsize, kernel.itemsize) == 8 and image.dtype.kind in "iu" and kernel.dtype.kind in "iu"
        return
    check(result, image, kernel, dtype, flip=flip, **options)
    out = Placed(result.shape, result.dtype, layout)
    function(image, kernel, out=out.array, **options)
    assert_same(out.array, result)
    out.check()
