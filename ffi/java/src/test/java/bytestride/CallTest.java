package bytestride;

import static bytestride.Bytestride.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class CallTest {
    private static void fails(Status status, int argument, String name, Executable call) {
        BytestrideException error = assertThrows(BytestrideException.class, call);
        assertEquals(status, error.status(), error.getMessage());
        assertEquals(status.value, error.code());
        assertEquals(argument, error.argument(), error.getMessage());
        assertEquals(name, error.argumentName());
    }

    @Test
    void errorsNameTheArgument() {
        try (Arena arena = Arena.ofConfined()) {
            View line = View.copyOf(arena, new double[] {1, 2, 3});
            View one = View.copyOf(arena, new double[] {1});
            View out = View.copyOf(arena, new double[] {4, 5, 6});
            fails(Status.NULL, 2, "kernel", () -> convolve(line, null, out));
            fails(Status.SHAPE, 3, "out", () -> convolve(line, one, View.allocate(arena, DType.FLOAT64, 4)));
            fails(Status.READONLY, 3, "out", () -> convolve(line, one, out.asReadOnly()));
            fails(Status.READONLY, 3, "out", () -> add(one, one, out.index(0, 0).broadcast(3)));
            fails(Status.OVERLAP, 3, "out", () -> convolve(out, one, out));
            fails(Status.OVERLAP, 3, "out",
                    () -> convolve(line, one, View.strided(out.segment(), DType.FLOAT64, 0, new long[] {3}, new long[] {0})));
            fails(Status.DTYPE, 1, "input", () -> convolve(View.allocate(arena, DType.COMPLEX64, 3), one, out));
            fails(Status.OPTION, 4, "options", () -> convolve(line, one, out, new ConvolveOptions().boundary(Boundary.KEEP)));
            fails(Status.OPTION, 4, "options", () -> convolve(line.as(DType.INT64), one, out, new ConvolveOptions().fill(0.5)));
            fails(Status.OPTION, 0, "", () -> convolve(line, one, out, new ConvolveOptions().axes(new int[9])));
            fails(Status.OPTION, 4, "options", () -> add(line, line, out, new Options().threads(-1)));
            assertEquals("[4.0, 5.0, 6.0]", java.util.Arrays.toString(ViewTest.elements(out)));
        }
    }

    @Test
    void memoryThatMayNotBeUsed() throws Exception {
        Arena arena = Arena.ofConfined();
        View line = View.copyOf(arena, new double[] {1, 2, 3});
        try (ExecutorService other = Executors.newSingleThreadExecutor()) {
            other.submit(() -> assertThrows(WrongThreadException.class, () -> add(line, line, line))).get();
        }
        arena.close();
        assertThrows(IllegalStateException.class, () -> add(line, line, line));
    }

    @Test
    void cancelledFromAnotherThread() throws Exception {
        try (Arena arena = Arena.ofShared(); ExecutorService other = Executors.newSingleThreadExecutor()) {
            float[] weights = new float[101 * 101];
            for (int i = 0; i < weights.length; i++) {
                weights[i] = i * i % 97;
            }
            View image = View.allocate(arena, DType.FLOAT64, 2000, 2000);
            View kernel = View.copyOf(arena, weights, 101, 101);
            View out = View.allocate(arena, DType.FLOAT64, 2000, 2000);
            Cancellation cancellation = new Cancellation();
            Progress progress = new Progress();
            ConvolveOptions options =
                    new ConvolveOptions().method(ConvolveMethod.DIRECT).threads(1).cancellation(cancellation).progress(progress);
            Future<?> call = other.submit(() -> fails(Status.CANCELLED, 0, "", () -> convolve(image, kernel, out, options)));
            while (progress.done() == 0 && !call.isDone()) {
                Thread.sleep(1);
            }
            cancellation.cancel();
            call.get();
            assertTrue(cancellation.isCancelled() && progress.done() < progress.total());
        }
    }

    @Test
    void manyThreads() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Callable<Void>> workers = new ArrayList<>();
            for (int worker = 0; worker < 8; worker++) {
                int factor = worker;
                workers.add(() -> {
                    for (int round = 0; round < 100; round++) {
                        try (Arena arena = Arena.ofConfined()) {
                            View out = View.allocate(arena, DType.INT64, 100);
                            View line = View.copyOf(arena, ViewTest.counted(100));
                            convolve(line, View.copyOf(arena, new byte[] {(byte) factor}), out);
                            double[] found = ViewTest.elements(out);
                            for (int i = 0; i < found.length; i++) {
                                assertEquals(i * factor, found[i]);
                            }
                            if (factor % 2 == 0) {
                                fails(Status.NULL, 1, "a", () -> add(null, out, out));
                            } else {
                                fails(Status.NULL, 2, "kernel", () -> convolve(out, null, out));
                            }
                        }
                    }
                    return null;
                });
            }
            for (Future<Void> worker : threads.invokeAll(workers)) {
                worker.get();
            }
        }
    }

    @Test
    void theLibrary() {
        assertTrue(Library.buildInfo().contains("\"isa\": \"" + Library.isa() + "\""), Library.buildInfo());
        assertTrue(Library.version().matches("\\d+\\.\\d+\\.\\d+"));
        fails(Status.OPTION, 1, "threads", () -> Library.setNumThreads(-1));
        Library.setNumThreads(3);
        assertEquals(3, Library.numThreads());
        Library.setNumThreads(0);
    }
}
