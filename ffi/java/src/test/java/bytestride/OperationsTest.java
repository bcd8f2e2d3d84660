package bytestride;

import static bytestride.Bytestride.*;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.math.BigInteger;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OperationsTest {
    private final Arena arena = Arena.ofConfined();

    @AfterEach
    void close() {
        arena.close();
    }

    private View of(double... numbers) {
        return View.copyOf(arena, numbers);
    }

    private View bytes(int... numbers) {
        byte[] data = new byte[numbers.length];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) numbers[i];
        }
        return View.copyOf(arena, data).as(DType.UINT8);
    }

    private View room(DType dtype, long... shape) {
        return View.allocate(arena, dtype, shape);
    }

    private static void expect(View view, double... wanted) {
        assertArrayEquals(wanted, ViewTest.elements(view));
    }

    @Test
    void convolveChannelUpsideDown() {
        int rows = 13;
        int columns = 17;
        byte[] image = new byte[rows * columns * 3];
        for (int i = 0; i < image.length; i++) {
            image[i] = (byte) (i * i * 7);
        }
        double[] kernel = {1, 2, 3, 4, 5, 6, 7, 8, 10};
        View green = View.copyOf(arena, image, rows, columns, 3).as(DType.UINT8).index(2, 1).flip(0);
        // The result goes into every second column of a wider array, from right to left; the columns between stay.
        double[] before = new double[rows * columns * 2];
        java.util.Arrays.fill(before, -1);
        View wide = View.copyOf(arena, before, rows, columns * 2);
        View out = wide.slice(1, 1, columns * 2, 2).flip(1);
        convolve(green, View.copyOf(arena, kernel, 3, 3), out, new ConvolveOptions().boundary(Boundary.NEAREST));
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                double wanted = 0;
                for (int i = 0; i < 3; i++) {
                    for (int j = 0; j < 3; j++) {
                        int fromRow = rows - 1 - Math.clamp(row + 1 - i, 0, rows - 1);
                        int fromColumn = Math.clamp(column + 1 - j, 0, columns - 1);
                        wanted += kernel[3 * i + j] * Byte.toUnsignedInt(image[(fromRow * columns + fromColumn) * 3 + 1]);
                    }
                }
                assertEquals(wanted, wide.segment().get(JAVA_DOUBLE, out.offset(row, column)), row + ", " + column);
                assertEquals(-1, wide.segment().get(JAVA_DOUBLE, out.offset(row, column) - 8));
            }
        }
    }

    @Test
    void convolveOptions() {
        View line = bytes(1, 2, 3);
        View pair = View.copyOf(arena, new short[] {1, 10});
        View out = room(DType.INT64, 3);
        for (Map.Entry<ConvolveOptions, double[]> test : Map.of(
                new ConvolveOptions(), new double[] {1, 12, 23},
                new ConvolveOptions().fill(7), new double[] {71, 12, 23},
                new ConvolveOptions().fill(7.0), new double[] {71, 12, 23},
                new ConvolveOptions().boundary(Boundary.WRAP).threads(2), new double[] {31, 12, 23},
                new ConvolveOptions().origin(1).axes(0).method(ConvolveMethod.DIRECT), new double[] {12, 23, 30}).entrySet()) {
            convolve(line, pair, out, test.getKey());
            expect(out, test.getValue());
        }
        View full = room(DType.INT64, 4);
        convolve(line, pair, full, new ConvolveOptions().region(Region.FULL));
        expect(full, 1, 12, 23, 30);
        correlate(line, pair, out);
        expect(out, 10, 21, 32);
        View half = room(DType.FLOAT64, 3);
        convolve(of(1, 2, 3), pair, half, new ConvolveOptions().fill(0.5));
        expect(half, 6, 12, 23);
        convolve(of(1, 2, 3), pair, half, new ConvolveOptions().fill(1L));
        expect(half, 11, 12, 23);
    }

    @Test
    void arithmetic() {
        View a = View.copyOf(arena, new int[] {7, -8, 9});
        View b = of(2, 4, -3);
        View out = room(DType.FLOAT64, 3);
        add(a, b, out);
        expect(out, 9, -4, 6);
        subtract(a, b, out);
        expect(out, 5, -12, 12);
        multiply(a, b, out, new Options().threads(1));
        expect(out, 14, -32, -27);
        divide(a, b, out);
        expect(out, 3.5, -2, -3);
        minimum(a, b, out);
        expect(out, 2, -8, -3);
        maximum(a, b, out);
        expect(out, 7, 4, 9);
    }

    /** 1 + 2 in every dtype, through casts that the library's copy makes; booleans saturate, so that is 1. */
    @Test
    void everyDType() {
        for (DType dtype : DType.values()) {
            View a = room(dtype, 2);
            View b = room(dtype, 2);
            View out = room(dtype, 2);
            copy(bytes(1, 0), a);
            copy(bytes(2, 1), b);
            add(a, b, out);
            if (dtype == DType.COMPLEX64 || dtype == DType.COMPLEX128) {
                View parts = View.of(out.segment(), dtype == DType.COMPLEX64 ? DType.FLOAT32 : DType.FLOAT64, 4);
                expect(parts, 3, 0, 1, 0);
            } else {
                expect(out, dtype == DType.BOOL ? 1 : 3, 1);
            }
            add(a.slice(0, 1, 1, 1), b.slice(0, 1, 1, 1), out.slice(0, 0, 0, 1));
        }
        View half = room(DType.FLOAT16, 1);
        copy(of(-1.5), half);
        assertEquals((short) 0xbe00, half.segment().get(JAVA_SHORT, 0));
    }

    @Test
    void copyAndTranspose() {
        View from = View.copyOf(arena, new float[] {300.5f, -1, 2.5f});
        View out = room(DType.UINT8, 3);
        copy(from, out);
        expect(out, 44, 255, 2);
        copy(from, out, new CopyOptions().rule(Rule.SATURATE));
        expect(out, 255, 0, 2);
        View matrix = View.copyOf(arena, ViewTest.counted(6), 2, 3);
        transposeInplace(matrix);
        assertArrayEquals(new byte[] {0, 3, 1, 4, 2, 5}, matrix.segment().toArray(JAVA_BYTE));
    }

    @Test
    void neighborProductOfOnePixel() {
        double[] image = new double[27];
        java.util.Arrays.fill(image, 1);
        image[12] = 2;
        image[13] = 3;
        image[14] = 6;
        View out = room(DType.FLOAT64, 3, 3, 3);
        neighborProduct(View.copyOf(arena, image, 3, 3, 3), out, new NeighborProductOptions().boundary(Boundary.COPY));
        double[] found = ViewTest.elements(out);
        assertArrayEquals(new double[] {2. / 7, 3. / 7, 6. / 7}, java.util.Arrays.copyOfRange(found, 12, 15), 1e-14);
        assertEquals(1, found[0]);
    }

    @Test
    void depth() {
        View image = View.copyOf(arena, new short[] {1000, 0, 2000, 4000}, 2, 2).as(DType.UINT16);
        View points = room(DType.FLOAT64, 4, 3);
        View places = room(DType.INT64, 4);
        View mask = room(DType.BOOL, 2, 2);
        copy(View.copyOf(arena, new byte[] {1, 1, 1, 0}, 2, 2), mask);
        DepthToPointsOptions options = new DepthToPointsOptions().invalid(Invalid.DROP).mask(mask).frame(Frame.OPENGL);
        assertEquals(2, depthToPoints(image, points, null, places, 2, 2, 0, 0, options));
        expect(points.slice(0, 0, 2, 1), 0, -0.0, -1, 0, -1, -2);
        expect(places.slice(0, 0, 2, 1), 0, 2);
        assertEquals(2, depthToPoints(image, null, null, null, 2, 2, 0, 0, options));
        View back = room(DType.UINT16, 2, 2);
        pointsToDepth(points.slice(0, 0, 2, 1), back, 2, 2, 0, 0, new PointsToDepthOptions().frame(Frame.OPENGL));
        expect(back, 1000, 0, 2000, 0);
    }

    @Test
    void distancesOfPoints() {
        View x = View.copyOf(arena, new double[] {0, 0, 3, 4, 6, 8}, 3, 2);
        View d = room(DType.FLOAT64, 3, 3);
        distances(x, null, d);
        expect(d, 0, 5, 10, 5, 0, 5, 10, 5, 0);
        x.segment().set(JAVA_DOUBLE, 0, 3);
        updateDistances(x, d, -3);
        expect(d, 0, 4, Math.sqrt(73), 4, 0, 5, Math.sqrt(73), 5, 0);
        View row = room(DType.FLOAT64, 3);
        distancesFrom(x, View.copyOf(arena, new byte[] {3, 4}), row, new DistancesOptions().metric(Metric.CITYBLOCK));
        expect(row, 4, 0, 7);
        View sum = room(DType.FLOAT64);
        squaredError(bytes(1, 2, 3), View.copyOf(arena, new float[] {2, 9, 1}), sum, new SquaredErrorOptions().weights(bytes(1, 0, 2)));
        expect(sum, 9);
    }

    @Test
    void scaling() {
        double[] places = {0, 1, 3, 7};
        View apart = room(DType.FLOAT64, 4, 4);
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 4; j++) {
                apart.segment().set(JAVA_DOUBLE, apart.offset(i, j), Math.abs(places[i] - places[j]));
            }
        }
        View points = room(DType.FLOAT64, 4, 1);
        View eigenvalues = room(DType.FLOAT64, 1);
        classicalMds(apart, points, eigenvalues);
        assertArrayEquals(new double[] {-2.75, -1.75, 0.25, 4.25}, ViewTest.elements(points), 1e-9);
        assertEquals(2.75 * 2.75 + 1.75 * 1.75 + 0.25 * 0.25 + 4.25 * 4.25, ViewTest.elements(eigenvalues)[0], 1e-9);
        points.segment().set(JAVA_DOUBLE, points.offset(2, 0), 0.75);
        View history = room(DType.FLOAT64, 400);
        MdsResult result = mds(apart, points, history,
                new MdsOptions().method(MdsMethod.SMACOF).init(Init.GIVEN).maxIter(400).eps(1e-15));
        assertTrue(result.converged() && result.stress() < 1e-9 && result.nIter() >= 1, result.toString());
    }

    @Test
    void search() {
        View out = room(DType.INT64, 3);
        searchsorted(View.copyOf(arena, new int[] {5, 1, 3, 3}), of(3, 0, 9), out,
                new SearchsortedOptions().side(Side.RIGHT).sorter(bytes(1, 2, 3, 0)));
        expect(out, 3, 0, 4);
        binarySearch(View.copyOf(arena, new int[] {1, 3, 5, 9}), of(3, 0, 9), out);
        expect(out, 1, -1, 3);
    }

    @Test
    void primes() {
        int limit = 1000;
        long[] numbers = new long[limit];
        double[] wanted = new double[limit];
        long sum = 0;
        long count = 0;
        for (int number = 0; number < limit; number++) {
            int divisors = 0;
            for (int divisor = 1; divisor <= number; divisor++) {
                divisors += number % divisor == 0 ? 1 : 0;
            }
            numbers[number] = number;
            wanted[number] = divisors == 2 ? 1 : 0;
            sum += divisors == 2 && number >= 100 ? number : 0;
            count += divisors == 2 && number >= 100 ? 1 : 0;
        }
        View found = room(DType.BOOL, limit);
        isPrime(View.copyOf(arena, numbers), found);
        expect(found, wanted);
        View limits = View.copyOf(arena, new long[] {limit, -5});
        View out = room(DType.UINT64, 2);
        sumPrimes(limits, out, new SumPrimesOptions().start(100));
        assertEquals(sum, out.segment().get(JAVA_LONG, 0));
        countPrimes(limits, out, new SumPrimesOptions().start(100));
        assertArrayEquals(new long[] {count, 0}, out.segment().toArray(JAVA_LONG));
        // Published: OEIS A046731, the sum of the primes below 10^11.
        assertEquals(new BigInteger("201467077743744681014"), Library.sumPrimesBelow(0, 100_000_000_000L, null));
    }
}
