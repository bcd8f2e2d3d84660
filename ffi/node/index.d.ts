/**
 * Calls libbytestride: fast loops over strided arrays, in the memory of typed arrays.
 *
 * A `View` is a part of a typed array: a shape, and strides that may be negative or zero. It is checked when it is made
 * and at every call, so no element of it lies outside its typed array; nothing is copied. Where a view is taken, a typed
 * array is too, as one dimension; an array that a function can do without may be `null`. Results are written to the view
 * that the caller hands over.
 *
 *     const rgb = new View(pixels, [480, 640, 3]);          // pixels is a Uint8Array
 *     const green = rgb.index(2, 1).flip(0);                // every third byte, last row first
 *     const blurred = View.zeros('float32', [480, 640]);
 *     convolve(green, kernel, blurred, { boundary: 'nearest', threads: 2 });
 *     await convolveAsync(green, kernel, blurred, { signal: AbortSignal.timeout(1000) });
 *
 * Every operation has a second form, `...Async`, which runs on another thread and returns a Promise; several may run at
 * once; until one settles, nothing else may write to its arrays, read its outputs or transfer their buffers. A failure is a `BytestrideError` that names the argument, and leaves outputs as they were.
 *
 * The library is the file that the environment variable BYTESTRIDE_LIBRARY names, else `libbytestride.so.1` where the
 * system's loader finds it.
 */
export * from './operations.js';

/** What the elements of a view are. */
export type DType = 'bool' | 'int8' | 'int16' | 'int32' | 'int64' | 'uint8' | 'uint16' | 'uint32' | 'uint64'
    | 'float16' | 'float32' | 'float64' | 'complex64' | 'complex128';

/** The memory of a view. */
export type TypedArray = Int8Array | Int16Array | Int32Array | BigInt64Array | Uint8Array | Uint8ClampedArray | Uint16Array
    | Uint32Array | BigUint64Array | Float32Array | Float64Array;

/** What a function takes as an array: a view, or a typed array as one dimension. */
export type Strided = View | TypedArray;

/** How a view lies in its typed array; numbers count the typed array's elements. */
export interface Layout {
    /** What an element is; by default that of the typed array. `'float32'` of a Uint8Array may begin at any byte. */
    dtype?: DType;
    /** Where element [0, 0, ...] begins; 0 by default. */
    offset?: number;
    /** From one index of each axis to the next, negative or zero too; C order by default. */
    strides?: readonly number[];
}

/** A strided array in the memory of a typed array. A view never changes; its methods give new ones of the same memory. */
export class View {
    /** By default one dimension over the whole typed array. RangeError if an element would lie outside. */
    constructor(data: TypedArray, shape?: readonly number[], layout?: Layout);
    /** A view of fresh memory, all zeros. */
    static zeros(dtype: DType, shape: readonly number[]): View;
    /** A view as it is, a typed array as a view of one dimension. */
    static from(array: Strided): View;
    /** The typed array that the elements lie in. */
    readonly data: TypedArray;
    readonly dtype: DType;
    readonly ndim: number;
    readonly shape: number[];
    /** In bytes; 0 where the extent is at most 1. */
    readonly strides: number[];
    readonly writeable: boolean;
    /** Where element [0, 0, ...] lies behind the beginning of `data`, in bytes. */
    readonly byteOffset: number;
    /** The view without the right to write to it. */
    readOnly(): View;
    /** The part at one index of an axis, without that axis. A negative axis counts from the end, here and below. */
    index(axis: number, index: number): View;
    /** Every step-th index of an axis, from start to before stop; step is 1 by default. */
    slice(axis: number, start: number, stop: number, step?: number): View;
    /** The view with one axis in reverse order. */
    flip(axis: number): View;
    /** The view with its axes in another order; without arguments, in reverse order. */
    transpose(...axes: number[]): View;
    /** The view repeated to a shape, for reading: axes of extent 1, and new ones in front, get the stride 0. */
    broadcast(shape: readonly number[]): View;
    /** Throws a RangeError when the buffer has been transferred, or has shrunk, since the view was made. */
    check(): void;
    toString(): string;
}

/** The options that every operation has. */
export interface CommonOptions {
    /** At most this many threads; 0, the default, leaves it to the library. */
    threads?: number;
    /** Ends a call of the async form within about 50 ms; the Promise is then rejected with the signal's reason. */
    signal?: AbortSignal;
    /** A word that any thread may set non-zero, to end a call of either form; on a SharedArrayBuffer for another thread. */
    cancel?: Int32Array;
    /** Two words that the call keeps current: work done, and work in all. Read them with Atomics.load. */
    progress?: BigInt64Array;
}

/** A call that failed. */
export class BytestrideError extends Error {
    /** The status of the C interface, a negative number. */
    readonly status: number;
    /** Its name: 'BYTESTRIDE_ERROR_SHAPE', ... */
    readonly code: string;
    /** The number of the argument that was wrong, from 1 on; 0 where it was none. */
    readonly argument: number;
    /** The name of that argument, or ''. */
    readonly argumentName: string;
}

/** The version of the library: '1.2.3'. */
export function version(): string;
/** The instruction-set level in use: 'baseline', 'avx2', 'avx512' or 'neon'. */
export function isa(): string;
/** Facts about the build and the machine. */
export function buildInfo(): {
    version: string; abi: number; compiler: string; levels: string[]; isa: string; threads: number;
    serial_reason: string | null; openmp: boolean; library: string;
};
/** How many threads a call may use in this process when its options do not say; at least 1. */
export function getNumThreads(): number;
/** Sets that number; 0 returns to the default. */
export function setNumThreads(threads: number): void;
/**
 * The sum of the primes p with start <= p < limit, also beyond 64 bits.
 * Cost: O(limit^(3/4)) time, O(sqrt limit) memory.
 */
export function sumPrimesBelow(start: number | bigint, limit: number | bigint, options?: CommonOptions): bigint;
/** As `sumPrimesBelow`, on another thread. */
export function sumPrimesBelowAsync(start: number | bigint, limit: number | bigint, options?: CommonOptions): Promise<bigint>;
