package bytestride;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;

/** One call: the structs that it passes, in an arena of its own, and what must stay reachable until it has returned. */
final class Call implements AutoCloseable {
    /** Room for the library's longest messages; a longer one is cut. */
    private static final int MESSAGE_SIZE = 512;

    private final Arena arena = Arena.ofConfined();
    private final List<Object> kept = new ArrayList<>();
    private final MemorySegment message = arena.allocate(MESSAGE_SIZE);
    private final MemorySegment options;
    private final boolean fractional;

    /** `input` tells how the number outside of it is read. */
    Call(CommonOptions<?> given, View input) {
        fractional = input != null && input.dtype().isFractional();
        options = arena.allocate(given.size, 8);
        options.set(JAVA_INT, Declarations.OPTIONS_SIZE, given.size);
        options.set(JAVA_INT, Declarations.OPTIONS_THREADS, given.threads);
        options.set(ADDRESS, Declarations.OPTIONS_ERROR, message);
        options.set(JAVA_LONG, Declarations.OPTIONS_ERROR_SIZE, MESSAGE_SIZE);
        if (given.cancellation != null) {
            options.set(ADDRESS, Declarations.OPTIONS_CANCEL, given.cancellation.word);
        }
        if (given.progress != null) {
            options.set(ADDRESS, Declarations.OPTIONS_PROGRESS, given.progress.words);
        }
        kept.add(given.cancellation);
        kept.add(given.progress);
        try {
            given.store(options, this);
        } catch (RuntimeException wrong) {
            arena.close();
            throw wrong;
        }
    }

    MemorySegment options() {
        return options;
    }

    MemorySegment allocate(long bytes) {
        return arena.allocate(bytes, 8);
    }

    /** The descriptor of a view; NULL for none. */
    MemorySegment array(View view) {
        if (view == null) {
            return MemorySegment.NULL;
        }
        MemorySegment data = view.segment();
        if (!data.scope().isAlive()) {
            throw new IllegalStateException("the arena of a view is closed");
        }
        if (!data.isAccessibleBy(Thread.currentThread())) {
            throw new WrongThreadException("a view belongs to the confined arena of another thread");
        }
        kept.add(data);
        MemorySegment raw = allocate(Declarations.ARRAY);
        raw.set(JAVA_INT, Declarations.ARRAY_SIZE, Declarations.ARRAY);
        raw.set(JAVA_INT, Declarations.ARRAY_DTYPE, view.dtype().value);
        raw.set(JAVA_INT, Declarations.ARRAY_NDIM, view.ndim());
        raw.set(JAVA_INT, Declarations.ARRAY_FLAGS, data.isReadOnly() ? 0 : Declarations.WRITEABLE);
        raw.set(JAVA_LONG, Declarations.ARRAY_DATA, data.address() + view.start());
        MemorySegment.copy(view.shape(), 0, raw, JAVA_LONG, Declarations.ARRAY_SHAPE, view.ndim());
        MemorySegment.copy(view.strides(), 0, raw, JAVA_LONG, Declarations.ARRAY_STRIDES, view.ndim());
        return raw;
    }

    /** One number per axis, and their count. */
    void list(MemorySegment raw, long countOffset, long offset, int most, String name, int[] numbers) {
        if (numbers.length > most) {
            throw new BytestrideException(Bytestride.Status.OPTION.value,
                    name + ": " + numbers.length + " numbers are given, at most " + most + " are possible");
        }
        raw.set(JAVA_INT, countOffset, numbers.length);
        MemorySegment.copy(numbers, 0, raw, JAVA_INT, offset, numbers.length);
    }

    /** A number as the library takes it: in one field for inputs of floats, in the other for those of integers. */
    void fill(MemorySegment raw, long offset, long integerOffset, Number number) {
        double real = number.doubleValue();
        boolean whole = number instanceof Long || real == Math.rint(real) && Math.abs(real) < 0x1p63;
        if (fractional || !whole) {
            raw.set(JAVA_DOUBLE, offset, real);
        } else {
            raw.set(JAVA_LONG, integerOffset, number.longValue());
        }
    }

    void check(int status) {
        if (status != 0) {
            throw new BytestrideException(status, message.getString(0));
        }
    }

    /** What a method handle declares to throw, as what it is. */
    static RuntimeException unchecked(Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        return thrown instanceof RuntimeException exception ? exception : new IllegalStateException(thrown);
    }

    @Override
    public void close() {
        Reference.reachabilityFence(kept);
        arena.close();
    }
}
