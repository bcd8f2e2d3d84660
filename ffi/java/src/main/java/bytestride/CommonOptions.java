package bytestride;

import java.lang.foreign.MemorySegment;

/**
 * The options that every operation has.
 * @param <T> the options of the operation
 */
public abstract class CommonOptions<T extends CommonOptions<T>> {
    final int size;
    int threads;
    Cancellation cancellation;
    Progress progress;

    CommonOptions(int size) {
        this.size = size;
    }

    /**
     * At most this many threads.
     * @param threads 0, the default, leaves it to the library
     * @return these options
     */
    public T threads(int threads) {
        this.threads = threads;
        return self();
    }

    /**
     * What may end the call.
     * @param cancellation null: nothing
     * @return these options
     */
    public T cancellation(Cancellation cancellation) {
        this.cancellation = cancellation;
        return self();
    }

    /**
     * What the call keeps current.
     * @param progress null: nothing
     * @return these options
     */
    public T progress(Progress progress) {
        this.progress = progress;
        return self();
    }

    /** Writes the fields of the operation behind the common ones. */
    abstract void store(MemorySegment raw, Call call);

    @SuppressWarnings("unchecked")
    private T self() {
        return (T) this;
    }
}
