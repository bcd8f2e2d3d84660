package bytestride;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Tells how far a call is, to any thread, while it runs. */
public final class Progress {
    final MemorySegment words = Arena.ofAuto().allocate(JAVA_LONG, 2);

    /** Nothing is done yet. */
    public Progress() {
    }

    /**
     * The work that has been done.
     * @return never falls
     */
    public long done() {
        return (long) JAVA_LONG.varHandle().getVolatile(words, 0L);
    }

    /**
     * The work in all.
     * @return 0 before the call begins
     */
    public long total() {
        return (long) JAVA_LONG.varHandle().getVolatile(words, 8L);
    }
}
