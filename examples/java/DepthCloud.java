import static bytestride.Bytestride.*;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import bytestride.BytestrideException;
import bytestride.DType;
import bytestride.View;
import java.lang.foreign.Arena;
import java.util.Locale;

/**
 * A depth image becomes a cloud of points without its gaps; then the points' distances from the camera are sorted into zones.
 *
 *     java --enable-native-access=ALL-UNNAMED -cp bytestride.jar DepthCloud.java
 */
public class DepthCloud {
    private static final int ROWS = 3;
    private static final int COLUMNS = 4;
    private static final int PIXELS = ROWS * COLUMNS;

    public static void main(String[] arguments) {
        try (Arena arena = Arena.ofConfined()) {
            // Millimetres along the optical axis; 0: no reading.
            short[] depth = {1000, 1200, 0, 4000, 1100, 0, 2500, 4100, 0, 1500, 2600, 0};
            View image = View.copyOf(arena, depth, ROWS, COLUMNS).as(DType.UINT16);

            // Room for every pixel; the result says how many have a reading, places which ones.
            View room = View.allocate(arena, DType.FLOAT32, PIXELS, 3);
            View places = View.allocate(arena, DType.INT64, PIXELS);
            long count = depthToPoints(image, room, null, places, 2, 2, 1.5, 1, new DepthToPointsOptions().invalid(Invalid.DROP));
            View points = room.slice(0, 0, count, 1);

            // How far each point is from the camera, at the origin, and into which zone that falls: below 1.25 m, below 3 m, beyond.
            View distances = View.allocate(arena, DType.FLOAT32, count);
            View zones = View.allocate(arena, DType.INT64, count);
            distancesFrom(points, View.allocate(arena, DType.FLOAT32, 3), distances);
            searchsorted(View.copyOf(arena, new float[] {1.25f, 3}), distances, zones);
            float[] numbers = points.segment().toArray(JAVA_FLOAT);
            for (int i = 0; i < count; i++) {
                System.out.printf(Locale.ROOT, "pixel %2d: %7.3f %7.3f %7.3f, %.3f m away, zone %d%n", places.segment().getAtIndex(JAVA_LONG, i),
                        numbers[3 * i], numbers[3 * i + 1], numbers[3 * i + 2], distances.segment().getAtIndex(JAVA_FLOAT, i),
                        zones.segment().getAtIndex(JAVA_LONG, i));
            }

            // A focal length of zero is an exception that names it.
            try {
                depthToPoints(image, View.allocate(arena, DType.FLOAT32, ROWS, COLUMNS, 3), null, null, 0, 2, 1.5, 1);
                throw new AssertionError("nothing can be divided by zero");
            } catch (BytestrideException wrong) {
                System.out.println("status " + wrong.code() + ": " + wrong.getMessage());
                assert wrong.status() == Status.OPTION;
            }
        }
    }
}
