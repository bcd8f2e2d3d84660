import static bytestride.Bytestride.*;

import bytestride.BytestrideException;
import bytestride.DType;
import bytestride.View;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;

/**
 * Blurs the green channel of an interleaved image, read upside down, without copying it; then shows an error.
 *
 *     java --enable-native-access=ALL-UNNAMED -cp bytestride.jar ConvolveChannel.java
 */
public class ConvolveChannel {
    private static final int ROWS = 4;
    private static final int COLUMNS = 6;
    private static final int CHANNELS = 3;

    public static void main(String[] arguments) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment image = arena.allocate(ROWS * COLUMNS * CHANNELS).fill((byte) 255);
            for (int row = 0; row < ROWS; row++) {
                for (int column = 0; column < COLUMNS; column++) {
                    image.set(ValueLayout.JAVA_BYTE, (row * COLUMNS + column) * CHANNELS + 1, (byte) (row * row * column));
                }
            }

            // A view of every third byte, from the last row upwards.
            View green = View.of(image, DType.UINT8, ROWS, COLUMNS, CHANNELS).index(2, 1).flip(0);
            View kernel = View.copyOf(arena, new float[] {1, 2, 1, 2, 4, 2, 1, 2, 1}, 3, 3);
            divide(kernel, View.copyOf(arena, new float[] {16}), kernel);
            View blurred = View.allocate(arena, DType.FLOAT32, ROWS, COLUMNS);

            ConvolveOptions options = new ConvolveOptions().boundary(Boundary.NEAREST);
            convolve(green, kernel, blurred, options);
            for (int row = 0; row < ROWS; row++) {
                for (int column = 0; column < COLUMNS; column++) {
                    System.out.printf(Locale.ROOT, "%8.4f", blurred.segment().get(ValueLayout.JAVA_FLOAT, blurred.offset(row, column)));
                }
                System.out.println();
            }

            // A wrong argument is an exception with a status and a message; nothing was written.
            try {
                convolve(green, kernel, blurred, options.region(Region.VALID));
                throw new AssertionError("a valid region is smaller than the image");
            } catch (BytestrideException wrong) {
                System.out.println("status " + wrong.code() + ": " + wrong.getMessage());
                assert wrong.status() == Status.SHAPE;
            }
        }
    }
}
