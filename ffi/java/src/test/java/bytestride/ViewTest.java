package bytestride;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class ViewTest {
    /** The elements of a view in C order, through the library's copy. */
    static double[] elements(View view) {
        try (Arena arena = Arena.ofConfined()) {
            View out = View.allocate(arena, DType.FLOAT64, view.shape());
            Bytestride.copy(view, out);
            return out.segment().toArray(JAVA_DOUBLE);
        }
    }

    static byte[] counted(int count) {
        byte[] data = new byte[count];
        for (int i = 0; i < count; i++) {
            data[i] = (byte) i;
        }
        return data;
    }

    private static void expect(View view, long[] shape, double... wanted) {
        assertArrayEquals(shape, view.shape());
        assertArrayEquals(wanted, elements(view), () -> view + ": " + Arrays.toString(elements(view)));
    }

    private static long[] shape(long... extents) {
        return extents;
    }

    @Test
    void viewsOfASegment() {
        try (Arena arena = Arena.ofConfined()) {
            View rgb = View.copyOf(arena, counted(24), 2, 4, 3);
            expect(rgb.index(2, 1), shape(2, 4), 1, 4, 7, 10, 13, 16, 19, 22);
            expect(rgb.index(-1, 1), shape(2, 4), 1, 4, 7, 10, 13, 16, 19, 22);
            expect(rgb.index(2, 0).flip(0), shape(2, 4), 12, 15, 18, 21, 0, 3, 6, 9);
            expect(rgb.index(0, 1).index(1, 2).slice(0, 1, 4, 2), shape(2), 17, 23);
            expect(rgb.index(2, 0).transpose(), shape(4, 2), 0, 12, 3, 15, 6, 18, 9, 21);
            expect(rgb.slice(1, 0, 1, 1).transpose(2, 0, 1), shape(3, 2, 1), 0, 12, 1, 13, 2, 14);
            expect(rgb.index(0, 0).index(0, 0).broadcast(2, 3), shape(2, 3), 0, 1, 2, 0, 1, 2);
            expect(rgb.index(0, 1).index(0, 3).index(0, 2), shape(), 23);
            expect(rgb.slice(1, 4, 4, 1), shape(2, 0, 3));
            expect(rgb.slice(1, 2, 2, 1).flip(1).flip(0).index(0, 1), shape(0, 3));
            expect(View.strided(rgb.segment(), DType.UINT16, 1, shape(2), shape(3)), shape(2), 0x0201, 0x0504);
            expect(View.strided(rgb.segment(), DType.INT8, 9, shape(3), shape(-3)), shape(3), 9, 6, 3);
            assertArrayEquals(shape(-12, 3), rgb.index(2, 1).flip(0).strides());
            View upside = rgb.index(2, 1).flip(0);
            assertEquals(7, rgb.segment().get(JAVA_BYTE, upside.offset(1, 2)));
            assertEquals("INT8 [2, 4, 3]", rgb.toString());
        }
    }

    @Test
    void recordsWithFieldsAtAnyAddress() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment records = arena.allocate(5 * 4); // a byte, then an int
            for (int i = 0; i < 4; i++) {
                records.set(JAVA_INT_UNALIGNED, 5 * i + 1, 1000 * i);
            }
            expect(View.strided(records, DType.INT32, 1, shape(4), shape(5)), shape(4), 0, 1000, 2000, 3000);
        }
    }

    @Test
    void viewsThatDoNotFit() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(48);
            long huge = Long.MAX_VALUE;
            Executable[] outside = {
                () -> View.of(data, DType.FLOAT32, 13), () -> View.of(data, DType.FLOAT32, 4, 4), () -> View.of(data, DType.INT8, huge, huge),
                () -> View.strided(data, DType.FLOAT32, 20, shape(4), shape(-8)), () -> View.strided(data, DType.FLOAT32, 24, shape(4), shape(8)),
                () -> View.strided(data, DType.FLOAT32, 48, shape(1), shape(0)), () -> View.strided(data, DType.FLOAT32, -1, shape(1), shape(0)),
                () -> View.strided(data, DType.FLOAT64, 44, shape(1), shape(0)), () -> View.strided(data, DType.INT8, 49, shape(0), shape(0)),
                () -> View.strided(data, DType.INT8, 0, shape(3), shape(huge)),
                () -> View.strided(data, DType.INT8, 0, shape(2), shape(Long.MIN_VALUE)),
                () -> View.of(data, DType.INT8, 6, 8).index(0, 6), () -> View.of(data, DType.INT8, 6, 8).index(1, -1),
                () -> View.of(data, DType.INT8, 6, 8).flip(2), () -> View.of(data, DType.INT8, 6, 8).slice(1, 0, 9, 1),
                () -> View.of(data, DType.INT8, 6, 8).offset(6, 0),
            };
            for (int i = 0; i < outside.length; i++) {
                assertThrows(IndexOutOfBoundsException.class, outside[i], "number " + i);
            }
            Executable[] wrong = {
                () -> View.of(data, DType.INT8, 3, -4), () -> View.of(data, DType.INT8, 1, 1, 1, 1, 1, 1, 1, 1, 1),
                () -> View.strided(data, DType.INT8, 0, shape(2, 2), shape(1)), () -> View.of(MemorySegment.ofArray(new float[3]), DType.FLOAT32, 3),
                () -> View.of(data, ValueLayout.JAVA_INT.withOrder(other()), 3), () -> View.of(data, ValueLayout.ADDRESS, 3),
                () -> View.of(data, DType.INT8, 3).as(DType.INT16), () -> View.of(data, DType.INT8, 6, 8).transpose(0, 0),
                () -> View.of(data, DType.INT8, 6, 8).broadcast(7, 8), () -> View.of(data, DType.INT8, 6, 8).slice(1, 0, 8, 0),
                () -> View.of(data, DType.INT8, 6, 8).offset(1),
            };
            for (int i = 0; i < wrong.length; i++) {
                assertThrows(IllegalArgumentException.class, wrong[i], "number " + i);
            }
            assertEquals(0, elements(View.of(data, DType.FLOAT64, huge, 0, huge)).length);
            assertThrows(ArithmeticException.class, () -> View.allocate(arena, DType.INT8, huge, 2));
        }
    }

    private static ByteOrder other() {
        return ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    }

    @Test
    void dtypesOfLayouts() {
        ValueLayout[] layouts = {ValueLayout.JAVA_BOOLEAN, ValueLayout.JAVA_BYTE, ValueLayout.JAVA_SHORT, ValueLayout.JAVA_CHAR, ValueLayout.JAVA_INT,
            ValueLayout.JAVA_LONG, ValueLayout.JAVA_FLOAT, ValueLayout.JAVA_DOUBLE};
        DType[] wanted = {DType.BOOL, DType.INT8, DType.INT16, DType.UINT16, DType.INT32, DType.INT64, DType.FLOAT32, DType.FLOAT64};
        for (int i = 0; i < layouts.length; i++) {
            assertEquals(wanted[i], DType.of(layouts[i]));
            assertEquals(layouts[i].byteSize(), wanted[i].size());
        }
        assertEquals(16, DType.COMPLEX128.size());
    }
}
