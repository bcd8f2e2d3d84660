package bytestride;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Ends calls, from any thread: one whose options have it fails with {@link Bytestride.Status#CANCELLED} within about 50 ms
 * after {@link #cancel}.
 */
public final class Cancellation {
    final MemorySegment word = Arena.ofAuto().allocate(JAVA_INT);

    /** Nothing is cancelled yet. */
    public Cancellation() {
    }

    /** Ends every call that has this in its options, now and from now on. */
    public void cancel() {
        JAVA_INT.varHandle().setVolatile(word, 0L, 1);
    }

    /**
     * Whether {@link #cancel} was called.
     * @return true after it
     */
    public boolean isCancelled() {
        return (int) JAVA_INT.varHandle().getVolatile(word, 0L) != 0;
    }
}
