package bytestride;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;

/**
 * A strided array in a memory segment outside the heap. Every element of it lies in that segment. A view never changes; its
 * methods give new ones of the same memory. Offsets and strides count bytes; an axis may count from the end.
 * A view of a read-only segment can be read only.
 */
public final class View {
    /** The most dimensions that a view may have. */
    public static final int MAX_NDIM = Declarations.MAX_NDIM;

    private final MemorySegment segment;
    private final DType dtype;
    private final long start;
    private final long[] shape;
    private final long[] strides;

    private View(MemorySegment segment, DType dtype, long start, long[] shape, long[] strides) {
        this.segment = segment;
        this.dtype = dtype;
        this.start = start;
        this.shape = shape;
        this.strides = strides;
    }

    /**
     * A view of the first elements of a segment, in C order: the last axis is the one whose elements are neighbours.
     * @param segment memory outside the heap
     * @param dtype what an element is
     * @param shape the extents
     * @return the view
     */
    public static View of(MemorySegment segment, DType dtype, long... shape) {
        return strided(segment, dtype, 0, shape, cOrder(dtype, shape));
    }

    /**
     * A view of the first elements of a segment, in C order.
     * @param segment memory outside the heap
     * @param layout what an element is: {@code JAVA_FLOAT}, ...
     * @param shape the extents
     * @return the view
     */
    public static View of(MemorySegment segment, ValueLayout layout, long... shape) {
        return of(segment, DType.of(layout), shape);
    }

    /**
     * A view whose element [i, j, ...] begins at byte {@code offset + i strides[0] + j strides[1] + ...}, at any alignment.
     * @param segment memory outside the heap
     * @param dtype what an element is
     * @param offset of element [0, 0, ...], in bytes
     * @param shape the extents
     * @param strides in bytes, negative or zero too, one for each extent
     * @return the view
     * @throws IndexOutOfBoundsException if an element would lie outside the segment
     */
    public static View strided(MemorySegment segment, DType dtype, long offset, long[] shape, long[] strides) {
        if (!segment.isNative()) {
            throw new IllegalArgumentException("the segment is on the heap; View.copyOf copies an array to an arena");
        }
        if (shape.length > MAX_NDIM || strides.length != shape.length) {
            throw new IllegalArgumentException(shape.length + " extents and " + strides.length + " strides; at most " + MAX_NDIM + " of each");
        }
        boolean empty = false;
        for (long extent : shape) {
            if (extent < 0) {
                throw new IllegalArgumentException("shape " + Arrays.toString(shape) + " has a negative extent");
            }
            empty |= extent == 0;
        }
        long[] kept = new long[shape.length];
        try {
            long low = offset;
            long high = empty ? offset : Math.addExact(offset, dtype.size());
            for (int axis = 0; axis < shape.length && !empty; axis++) {
                long reach = shape[axis] > 1 ? Math.multiplyExact(shape[axis] - 1, strides[axis]) : 0;
                low = Math.addExact(low, Math.min(reach, 0));
                high = Math.addExact(high, Math.max(reach, 0));
                kept[axis] = shape[axis] > 1 ? strides[axis] : 0;
            }
            if (low < 0 || high > segment.byteSize()) {
                throw new IndexOutOfBoundsException("a view of shape " + Arrays.toString(shape) + ", strides " + Arrays.toString(strides)
                        + " and offset " + offset + " reaches bytes " + low + " to " + high + " of a segment of " + segment.byteSize());
            }
        } catch (ArithmeticException overflow) {
            throw new IndexOutOfBoundsException("a view of shape " + Arrays.toString(shape) + " and strides " + Arrays.toString(strides)
                    + " does not lie in any memory");
        }
        return new View(segment, dtype, offset, shape.clone(), kept);
    }

    /**
     * A view of fresh memory, all zeros.
     * @param arena whose memory it is
     * @param dtype what an element is
     * @param shape the extents
     * @return the view
     */
    public static View allocate(Arena arena, DType dtype, long... shape) {
        long bytes = dtype.size();
        boolean empty = Arrays.stream(shape).anyMatch(extent -> extent == 0);
        for (long extent : shape) {
            bytes = empty ? 0 : Math.multiplyExact(bytes, extent);
        }
        return of(arena.allocate(bytes, dtype.size()), dtype, shape);
    }

    /**
     * A copy of an array, as int8; {@link #as} makes uint8 or bool of it.
     * @param arena whose memory it is
     * @param data the elements
     * @param shape the extents; without them one dimension
     * @return the view
     */
    public static View copyOf(Arena arena, byte[] data, long... shape) {
        return of(arena.allocateFrom(ValueLayout.JAVA_BYTE, data), DType.INT8, orWhole(shape, data.length));
    }

    /**
     * A copy of an array, as int16; {@link #as} makes uint16 or float16 of it.
     * @param arena whose memory it is
     * @param data the elements
     * @param shape the extents; without them one dimension
     * @return the view
     */
    public static View copyOf(Arena arena, short[] data, long... shape) {
        return of(arena.allocateFrom(ValueLayout.JAVA_SHORT, data), DType.INT16, orWhole(shape, data.length));
    }

    /**
     * A copy of an array, as int32; {@link #as} makes uint32 of it.
     * @param arena whose memory it is
     * @param data the elements
     * @param shape the extents; without them one dimension
     * @return the view
     */
    public static View copyOf(Arena arena, int[] data, long... shape) {
        return of(arena.allocateFrom(ValueLayout.JAVA_INT, data), DType.INT32, orWhole(shape, data.length));
    }

    /**
     * A copy of an array, as int64; {@link #as} makes uint64 of it.
     * @param arena whose memory it is
     * @param data the elements
     * @param shape the extents; without them one dimension
     * @return the view
     */
    public static View copyOf(Arena arena, long[] data, long... shape) {
        return of(arena.allocateFrom(ValueLayout.JAVA_LONG, data), DType.INT64, orWhole(shape, data.length));
    }

    /**
     * A copy of an array, as float32.
     * @param arena whose memory it is
     * @param data the elements
     * @param shape the extents; without them one dimension
     * @return the view
     */
    public static View copyOf(Arena arena, float[] data, long... shape) {
        return of(arena.allocateFrom(ValueLayout.JAVA_FLOAT, data), DType.FLOAT32, orWhole(shape, data.length));
    }

    /**
     * A copy of an array, as float64.
     * @param arena whose memory it is
     * @param data the elements
     * @param shape the extents; without them one dimension
     * @return the view
     */
    public static View copyOf(Arena arena, double[] data, long... shape) {
        return of(arena.allocateFrom(ValueLayout.JAVA_DOUBLE, data), DType.FLOAT64, orWhole(shape, data.length));
    }

    private static long[] orWhole(long[] shape, long length) {
        return shape.length == 0 ? new long[] {length} : shape;
    }

    private static long[] cOrder(DType dtype, long[] shape) {
        long[] strides = new long[shape.length];
        long stride = dtype.size();
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            strides[axis] = stride;
            // Where the product overflows, the array does not fit, or it is empty and strides do not count.
            long high = Math.multiplyHigh(stride, shape[axis]);
            stride = high == 0 && stride * shape[axis] >= 0 ? stride * shape[axis] : Long.MAX_VALUE;
        }
        return strides;
    }

    /**
     * The memory that the elements lie in.
     * @return the segment
     */
    public MemorySegment segment() {
        return segment;
    }

    /**
     * What the elements are.
     * @return the dtype
     */
    public DType dtype() {
        return dtype;
    }

    /**
     * The number of dimensions.
     * @return 0 to 8
     */
    public int ndim() {
        return shape.length;
    }

    /**
     * The extents.
     * @return one per dimension
     */
    public long[] shape() {
        return shape.clone();
    }

    /**
     * The distances to the next index of each axis; 0 where the extent is at most 1.
     * @return in bytes
     */
    public long[] strides() {
        return strides.clone();
    }

    /** The offset of element [0, 0, ...] in the segment. */
    long start() {
        return start;
    }

    /**
     * Where an element lies, for {@code segment().get(layout, offset)}.
     * @param index one per dimension
     * @return its offset in the segment, in bytes
     */
    public long offset(long... index) {
        if (index.length != shape.length) {
            throw new IllegalArgumentException(index.length + " indices for " + shape.length + " dimensions");
        }
        long offset = start;
        for (int axis = 0; axis < shape.length; axis++) {
            offset += Objects.checkIndex(index[axis], shape[axis]) * strides[axis];
        }
        return offset;
    }

    /**
     * The same memory as elements of another dtype of the same size.
     * @param other the dtype
     * @return the view
     */
    public View as(DType other) {
        if (other.size() != dtype.size()) {
            throw new IllegalArgumentException(other + " and " + dtype + " are not of the same size");
        }
        return new View(segment, other, start, shape, strides);
    }

    /**
     * The view without the right to write to it.
     * @return the view
     */
    public View asReadOnly() {
        return new View(segment.asReadOnly(), dtype, start, shape, strides);
    }

    /**
     * The part at one index of an axis, without that axis.
     * @param axis which
     * @param index from 0 on
     * @return the view
     */
    public View index(int axis, long index) {
        int place = axis(axis);
        Objects.checkIndex(index, shape[place]);
        long[] fewer = new long[shape.length - 1];
        long[] steps = new long[shape.length - 1];
        for (int to = 0; to < fewer.length; to++) {
            fewer[to] = shape[to < place ? to : to + 1];
            steps[to] = strides[to < place ? to : to + 1];
        }
        return new View(segment, dtype, start + index * strides[place], fewer, steps);
    }

    /**
     * Every step-th index of an axis.
     * @param axis which
     * @param from the first index
     * @param to the index before which to stop
     * @param step at least 1
     * @return the view
     */
    public View slice(int axis, long from, long to, long step) {
        int place = axis(axis);
        Objects.checkFromToIndex(from, to, shape[place]);
        if (step < 1) {
            throw new IllegalArgumentException("the step is " + step + "; flip reverses an axis");
        }
        long count = from == to ? 0 : (to - from - 1) / step + 1;
        long[] extents = shape.clone();
        long[] steps = strides.clone();
        extents[place] = count;
        steps[place] = count > 1 ? strides[place] * step : 0;
        return new View(segment, dtype, count > 0 ? start + from * strides[place] : start, extents, steps);
    }

    /**
     * The view with one axis in reverse order.
     * @param axis which
     * @return the view
     */
    public View flip(int axis) {
        int place = axis(axis);
        long[] steps = strides.clone();
        steps[place] = -steps[place];
        return new View(segment, dtype, start + Math.max(shape[place] - 1, 0) * strides[place], shape, steps);
    }

    /**
     * The view with its axes in another order.
     * @param axes the old axes in their new order; none: in reverse order
     * @return the view
     */
    public View transpose(int... axes) {
        int[] order = axes.clone();
        if (order.length == 0) {
            order = new int[shape.length];
            Arrays.setAll(order, place -> shape.length - 1 - place);
        }
        long[] extents = new long[shape.length];
        long[] steps = new long[shape.length];
        boolean[] seen = new boolean[shape.length];
        for (int place = 0; place < order.length; place++) {
            int from = axis(order[place]);
            if (order.length != shape.length || seen[from]) {
                throw new IllegalArgumentException(Arrays.toString(axes) + " is no order of " + shape.length + " axes");
            }
            seen[from] = true;
            extents[place] = shape[from];
            steps[place] = strides[from];
        }
        return new View(segment, dtype, start, extents, steps);
    }

    /**
     * The view repeated to a shape, for reading: axes of extent 1, and new ones in front, get the stride 0.
     * @param to the extents
     * @return the view
     */
    public View broadcast(long... to) {
        int shift = to.length - shape.length;
        long[] steps = new long[to.length];
        for (int axis = 0; axis < to.length; axis++) {
            long own = axis < shift || shift < 0 ? 1 : shape[axis - shift];
            if (shift < 0 || to.length > MAX_NDIM || to[axis] < 0 || own != 1 && own != to[axis]) {
                throw new IllegalArgumentException(Arrays.toString(shape) + " cannot be broadcast to " + Arrays.toString(to));
            }
            steps[axis] = own == 1 ? 0 : strides[axis - shift];
        }
        return new View(segment.asReadOnly(), dtype, start, to.clone(), steps);
    }

    private int axis(int axis) {
        return Objects.checkIndex(axis < 0 ? axis + shape.length : axis, shape.length);
    }

    /** The view in words: {@code UINT8 [480, 640]}. */
    @Override
    public String toString() {
        return dtype + " " + Arrays.toString(shape);
    }
}
