"""Arrays of JAX as arguments: read in place, never written to; what they cannot be is said with the argument's name."""
import jax
import jax.numpy as jnp
import numpy as np

import bytestride as bs


def refused(function, kind, text):
    try:
        function()
    except kind as error:
        assert text in str(error), error
    else:
        raise AssertionError(f"{text} was taken")


values = np.arange(24).reshape(2, 3, 4)
for dtype in ("bool", "int8", "uint16", "int32", "float16", "float32", "complex64"):
    array = jnp.asarray(values.astype(dtype))
    assert (bs.copy(array) == values.astype(dtype)).all(), dtype
    assert (bs.transpose(array, (2, 0, 1)) == values.astype(dtype).transpose(2, 0, 1)).all(), dtype
image = jax.random.uniform(jax.random.key(0), (40, 50))
assert np.array_equal(bs.convolve(image, jnp.ones((3, 3))), bs.convolve(np.asarray(image), np.ones((3, 3), np.float32)))
assert bs.add(jnp.float32(2), 1) == 3

before = np.asarray(image).copy()
refused(lambda: bs.add(image, image, out=image), bs.ReadOnlyError, "out")
assert np.array_equal(image, before)
refused(lambda: bs.add(jnp.ones(3, jnp.bfloat16), 1), bs.DTypeError, "1 (a)")
print(f"JAX {jax.__version__} on {jax.default_backend()}")
