/**
 * Calls libbytestride: fast loops over strided arrays, in memory outside the Java heap.
 *
 * <p>A {@link bytestride.View} is a part of a memory segment: a shape, and strides that may be negative or zero. It is
 * checked once, when it is made, so no element of it lies outside its segment; nothing is copied. Operations are the
 * static methods of {@link bytestride.Bytestride}, each with and without options:
 *
 * {@snippet :
 * import static bytestride.Bytestride.*;
 *
 * try (Arena arena = Arena.ofConfined()) {
 *     View rgb = View.allocate(arena, DType.UINT8, 480, 640, 3);
 *     View green = rgb.index(2, 1).flip(0);                // every third byte, last row first
 *     View kernel = View.copyOf(arena, new float[] {1, 2, 1, 2, 4, 2, 1, 2, 1}, 3, 3);
 *     View blurred = View.allocate(arena, DType.FLOAT32, 480, 640);
 *     convolve(green, kernel, blurred, new ConvolveOptions().boundary(Boundary.NEAREST).threads(2));
 * }
 * }
 *
 * <p>Any number of threads may call at once. The arena of a view must stay open while a call runs: a confined one does by
 * itself, as its thread is in the call; a shared one must not be closed by another thread meanwhile.
 *
 * <p>The library is the file that the system property {@code bytestride.library} or the environment variable
 * {@code BYTESTRIDE_LIBRARY} names, else {@code libbytestride.so.1} where the system's loader finds it. Run Java with
 * {@code --enable-native-access=ALL-UNNAMED}.
 */
package bytestride;
