// Strided arrays in the memory of typed arrays.
import { MAX_NDIM, dtypes } from './declarations.js';

const OF_ARRAYS = {
    Int8Array: 'int8', Int16Array: 'int16', Int32Array: 'int32', BigInt64Array: 'int64', Uint8Array: 'uint8', Uint8ClampedArray: 'uint8',
    Uint16Array: 'uint16', Uint32Array: 'uint32', BigUint64Array: 'uint64', Float16Array: 'float16', Float32Array: 'float32', Float64Array: 'float64',
};

/** dtype -> the typed array that holds it, and how many of its elements are one of ours. */
const ARRAYS = {
    bool: [Uint8Array, 1], int8: [Int8Array, 1], int16: [Int16Array, 1], int32: [Int32Array, 1], int64: [BigInt64Array, 1],
    uint8: [Uint8Array, 1], uint16: [Uint16Array, 1], uint32: [Uint32Array, 1], uint64: [BigUint64Array, 1],
    float16: [globalThis.Float16Array ?? Uint16Array, 1], float32: [Float32Array, 1], float64: [Float64Array, 1],
    complex64: [Float32Array, 2], complex128: [Float64Array, 2],
};

/** The bytes of an element; a dtype is DLPack's code, then the bits. */
const sizeOf = (dtype) => ((dtypes[dtype] >> 8) & 0xff) / 8;

const text = (numbers) => `[${numbers.join(', ')}]`;

const replaced = (numbers, place, number) => numbers.map((old, at) => (at === place ? number : old));

function integers(what, numbers) {
    const list = [...numbers];
    if (!list.every(Number.isSafeInteger)) {
        throw new TypeError(`${what} ${text(list)} are not all integers`);
    }
    return list;
}

/**
 * Strides in C order. Where a product is no longer exact, the array does not fit, or it is empty and strides do not count.
 */
function cOrder(shape, step) {
    const strides = [];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
        strides[axis] = step;
        step = Math.min(step * shape[axis], Number.MAX_SAFE_INTEGER);
    }
    return strides;
}

export class View {
    #data;
    #dtype;
    #start; // of element [0, 0, ...] behind the beginning of the typed array, in bytes
    #shape;
    #strides; // in bytes
    #writeable = true;

    constructor(data, shape = undefined, { dtype, offset = 0, strides } = {}) {
        const own = OF_ARRAYS[Object.prototype.toString.call(data).slice(8, -1)];
        if (own === undefined) {
            throw new TypeError('the data of a View is a typed array');
        }
        this.#data = data;
        this.#dtype = dtype ?? own;
        const unit = data.BYTES_PER_ELEMENT;
        if (!Object.hasOwn(dtypes, this.#dtype) || sizeOf(this.#dtype) % unit !== 0) {
            throw new TypeError(`elements of ${this.#dtype} cannot lie in a typed array of ${own}`);
        }
        const step = sizeOf(this.#dtype) / unit;
        this.#shape = integers('extents', shape ?? [Math.floor(data.length / step)]);
        const steps = integers('strides', strides ?? cOrder(this.#shape, step));
        if (this.#shape.length > MAX_NDIM || steps.length !== this.#shape.length) {
            throw new RangeError(`${this.#shape.length} extents and ${steps.length} strides; at most ${MAX_NDIM} of each`);
        }
        const empty = this.#shape.includes(0);
        this.#start = integers('offsets', [offset])[0] * unit;
        this.#strides = steps.map((stride, axis) => (empty || this.#shape[axis] <= 1 ? 0 : stride * unit));
        this.check(`a view of shape ${text(this.#shape)}, strides ${text(steps)} and offset ${offset}`);
    }

    /** A view of fresh memory, all zeros. */
    static zeros(dtype, shape) {
        if (!Object.hasOwn(ARRAYS, dtype)) {
            throw new TypeError(`no dtype is called ${dtype}`);
        }
        const [kind, count] = ARRAYS[dtype];
        return new View(new kind(count * shape.reduce((product, extent) => product * extent, 1)), shape, { dtype });
    }

    /** A view as it is, a typed array as a view of one dimension. */
    static from(array) {
        return array instanceof View ? array : new View(array);
    }

    /** Throws when an element lies outside: a buffer may have been transferred, or have shrunk, since the view was made. */
    check(what = String(this)) {
        const length = this.#data.byteLength;
        const empty = this.#shape.includes(0);
        let low = this.#start;
        let high = low + (empty ? 0 : sizeOf(this.#dtype));
        for (const [axis, extent] of this.#shape.entries()) {
            if (extent < 0) {
                throw new RangeError(`${what} has a negative extent`);
            }
            const reach = empty ? 0 : (extent - 1) * this.#strides[axis];
            low += Math.min(reach, 0);
            high += Math.max(reach, 0);
        }
        // Sums above 2^53 are not exact, and far above any length.
        if (low < 0 || high > length) {
            throw new RangeError(`${what} reaches bytes ${low} to ${high} of a typed array of ${length}`);
        }
    }

    /** The typed array that the elements lie in. */
    get data() { return this.#data; }

    get dtype() { return this.#dtype; }

    get ndim() { return this.#shape.length; }

    get shape() { return [...this.#shape]; }

    /** In bytes; 0 where the extent is at most 1. */
    get strides() { return [...this.#strides]; }

    get writeable() { return this.#writeable; }

    /** Where element [0, 0, ...] lies behind the beginning of `data`, in bytes. */
    get byteOffset() { return this.#start; }

    /** Another view of the same memory; what is not named stays. */
    #changed({ start = this.#start, shape = this.#shape, strides = this.#strides, writeable = this.#writeable }) {
        const view = new View(this.#data, [0], { dtype: this.#dtype });
        view.#start = start;
        view.#shape = shape;
        view.#strides = strides;
        view.#writeable = writeable;
        return view;
    }

    #axis(axis) {
        if (!Number.isInteger(axis) || axis < -this.ndim || axis >= this.ndim) {
            throw new RangeError(`axis ${axis} is out of range for ${this.ndim} dimensions`);
        }
        return axis < 0 ? axis + this.ndim : axis;
    }

    /** The view without the right to write to it. */
    readOnly() {
        return this.#changed({ writeable: false });
    }

    /** The part at one index of an axis, without that axis. */
    index(axis, index) {
        const place = this.#axis(axis);
        if (!Number.isInteger(index) || index < 0 || index >= this.#shape[place]) {
            throw new RangeError(`index ${index} is out of range for axis ${place} of extent ${this.#shape[place]}`);
        }
        return this.#changed({
            start: this.#start + index * this.#strides[place],
            shape: this.#shape.filter((_, at) => at !== place), strides: this.#strides.filter((_, at) => at !== place) });
    }

    /** Every step-th index of an axis, from start to before stop. */
    slice(axis, start, stop, step = 1) {
        const place = this.#axis(axis);
        if (![start, stop, step].every(Number.isInteger) || start < 0 || stop < start || stop > this.#shape[place] || step < 1) {
            throw new RangeError(`slice ${start}:${stop}:${step} is out of range for axis ${place} of extent ${this.#shape[place]}`);
        }
        const count = Math.ceil((stop - start) / step);
        return this.#changed({
            start: count > 0 ? this.#start + start * this.#strides[place] : this.#start,
            shape: replaced(this.#shape, place, count), strides: replaced(this.#strides, place, count > 1 ? this.#strides[place] * step : 0) });
    }

    /** The view with one axis in reverse order. */
    flip(axis) {
        const place = this.#axis(axis);
        return this.#changed({
            start: this.#start + Math.max(this.#shape[place] - 1, 0) * this.#strides[place],
            strides: replaced(this.#strides, place, -this.#strides[place]) });
    }

    /** The view with its axes in another order; without arguments, in reverse order. */
    transpose(...axes) {
        const order = axes.length === 0 ? this.#shape.map((_, axis) => this.ndim - 1 - axis) : axes.map((axis) => this.#axis(axis));
        if (order.length !== this.ndim || new Set(order).size !== this.ndim) {
            throw new RangeError(`${text(axes)} is no order of ${this.ndim} axes`);
        }
        return this.#changed({ shape: order.map((axis) => this.#shape[axis]), strides: order.map((axis) => this.#strides[axis]) });
    }

    /** The view repeated to a shape, for reading: axes of extent 1, and new ones in front, get the stride 0. */
    broadcast(shape) {
        const to = integers('extents', shape);
        const shift = to.length - this.ndim;
        const fits = shift >= 0 && to.length <= MAX_NDIM && to.every((extent, axis) =>
            extent >= 0 && (axis < shift || this.#shape[axis - shift] === 1 || this.#shape[axis - shift] === extent));
        if (!fits) {
            throw new RangeError(`${text(this.#shape)} cannot be broadcast to ${text(to)}`);
        }
        const strides = to.map((_, axis) => (axis < shift || this.#shape[axis - shift] === 1 ? 0 : this.#strides[axis - shift]));
        return this.#changed({ shape: to, strides, writeable: false });
    }

    toString() {
        return `${this.#dtype} ${text(this.#shape)}`;
    }
}
