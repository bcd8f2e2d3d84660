// Makes the calls of operations: the structs that they pass, their results and errors, at once or on another thread.
import { declared } from './library.js';
import { ARRAY_SIZE, MAX_NDIM, WRITEABLE, dtypes, options as known, results, structs } from './declarations.js';
import { BytestrideError, failure } from './error.js';
import { View } from './view.js';

/** Room for the library's longest messages; a longer one is cut. */
const MESSAGE_SIZE = 512;
const CANCELLED = failure('CANCELLED', '').status;
const FRACTIONAL = ['float16', 'float32', 'float64', 'complex64', 'complex128'];
const RANGES = {
    int32_t: [-(2n ** 31n), 2n ** 31n - 1n], int64_t: [-(2n ** 63n), 2n ** 63n - 1n], uint64_t: [0n, 2n ** 64n - 1n],
};

const filled = (numbers) => [...numbers, ...Array(MAX_NDIM - numbers.length).fill(0)];

/** The struct of an array; null for none. */
function descriptor(array) {
    if (array === null || array === undefined) {
        return null;
    }
    const view = View.from(array);
    view.check();
    return {
        size: ARRAY_SIZE, dtype: dtypes[view.dtype], ndim: view.ndim, flags: view.writeable ? WRITEABLE : 0,
        data: new Uint8Array(view.data.buffer, view.data.byteOffset + view.byteOffset),
        shape: filled(view.shape), strides: filled(view.strides),
    };
}

/** A number as a C type has it. */
function number(name, value, type) {
    if (type === 'double' || type === 'float') {
        if (typeof value !== 'number') {
            throw new TypeError(`${name} is ${typeof value}, must be a number`);
        }
        return value;
    }
    if (typeof value !== 'bigint' && !Number.isInteger(value)) {
        throw new TypeError(`${name} is ${value}, must be an integer`);
    }
    const [least, most] = RANGES[type];
    if (value < least || value > most) {
        throw failure('OPTION', `${name}: ${value} is out of range`);
    }
    return value;
}

/** The number outside the input: in one field for inputs of floats, in the other for those of integers. */
function fill(name, value, field, input) {
    const whole = typeof value === 'bigint' || Number.isInteger(value);
    if (typeof value !== 'bigint' && typeof value !== 'number') {
        throw new TypeError(`${name} is ${typeof value}, must be a number`);
    }
    if (!whole || input === null || FRACTIONAL.includes(View.from(input).dtype)) {
        return { [field]: Number(value) };
    }
    return { [`${field}_integer`]: BigInt.asIntN(64, BigInt(value)) };
}

/** An option as the fields of the struct that say it. */
function fields(name, value, { kind, field, words, length, type }, input) {
    switch (kind) {
    case 'enumeration':
        if (!Object.hasOwn(words, value)) {
            throw failure('OPTION', `${name}: '${value}' is not one of '${Object.keys(words).join("', '")}'`);
        }
        return { [field]: words[value] };
    case 'truth':
        return { [field]: value ? 1 : 0 };
    case 'array':
        return { [field]: descriptor(value) };
    case 'list': {
        const numbers = [...value].map((entry) => number(name, entry, 'int32_t'));
        if (numbers.length > length) {
            throw failure('OPTION', `${name}: ${numbers.length} numbers are given, at most ${length} are possible`);
        }
        return { [field]: filled(numbers), [`${field}_count`]: numbers.length };
    }
    case 'fill':
        return fill(name, value, field, input);
    default:
        return { [field]: number(name, value, type) };
    }
}

/** What every options struct begins with. */
function common({ threads = 0, cancel, progress, signal }, size) {
    for (const [name, words, kind, count] of [['cancel', cancel, Int32Array, 1], ['progress', progress, BigInt64Array, 2]]) {
        if (words !== undefined && !(words instanceof kind && words.length >= count)) {
            throw new TypeError(`${name} is no ${kind.name} of ${count}`);
        }
    }
    return {
        size, threads: number('threads', threads, 'int32_t'), error: new Uint8Array(MESSAGE_SIZE), error_size: MESSAGE_SIZE,
        cancel: cancel ?? (signal ? new Int32Array(1) : null), progress: progress ?? null,
    };
}

const COMMON = ['threads', 'signal', 'cancel', 'progress'];

/** The struct of the options. What was meant for another function, or misspelled, is an error and not ignored. */
function optionsStruct(given, struct, input, defaults) {
    const { size, fields: own } = known[struct];
    const raw = { ...defaults, ...common(given, size) };
    for (const [name, value] of Object.entries(given)) {
        if (COMMON.includes(name) || value === undefined) {
            continue;
        }
        if (!Object.hasOwn(own, name)) {
            throw failure('OPTION', `there is no option ${name}; there are ${[...Object.keys(own), ...COMMON].join(', ')}`);
        }
        Object.assign(raw, fields(name, value, own[name], input));
    }
    return raw;
}

/** Every field of a struct at zero, which is its default. */
function zeros(struct) {
    return Object.fromEntries(Object.entries(structs[struct]).map(([field, type]) => [
        field, Array.isArray(type) ? Array(type[1]).fill(0) : type.endsWith('*') ? null : 0]));
}

/** Memory for what a call tells beside its outputs, and how it is read. */
function resultOf(type) {
    if (type === 'uint128') {
        const words = new BigUint64Array(2);
        return { memory: words, read: () => words[0] + (words[1] << 64n) };
    }
    if (results[type] === undefined) {
        const memory = new BigInt64Array(1);
        return { memory, read: () => Number(memory[0]) };
    }
    const { size, fields: own } = results[type];
    const memory = new DataView(new ArrayBuffer(size));
    memory.setUint32(0, size, true);
    const readers = {
        double: (offset) => memory.getFloat64(offset, true), int32_t: (offset) => memory.getInt32(offset, true),
        int64_t: (offset) => Number(memory.getBigInt64(offset, true)),
    };
    return {
        memory: new Uint8Array(memory.buffer),
        read: () => Object.fromEntries(Object.entries(own).map(([name, [kind, base, offset]]) => {
            const value = readers[base](offset);
            return [name, kind === 'truth' ? value !== 0 : value];
        })),
    };
}

const text = (bytes) => new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));

/**
 * The two forms of an operation, which returns at once and which returns a Promise.
 * @param {string} signature its declaration in C
 * @param {string[][]} parameters [name, kind, type] of those before the options
 * @param {string} struct its options
 */
export function operation(signature, parameters, struct) {
    const native = declared(signature);
    const defaults = zeros(struct);
    const visible = parameters.filter(([, kind]) => kind !== 'result');

    function prepared(values) {
        if (values.length > visible.length + 1) {
            throw new TypeError(`${values.length} arguments are given, there are ${visible.length} and the options`);
        }
        const options = values[visible.length] ?? {};
        options.signal?.throwIfAborted();
        const given = visible.map(([name, kind, type], place) => (
            kind === 'array' ? descriptor(values[place]) : number(name, values[place], type)));
        const raw = optionsStruct(options, struct, values[0] ?? null, defaults);
        const filling = parameters.find(([, kind]) => kind === 'result');
        const result = filling ? resultOf(filling[2]) : { memory: null, read: () => undefined };
        let next = 0;
        const passed = parameters.map(([, kind]) => (kind === 'result' ? result.memory : given[next++]));
        return { passed: [...passed, raw], raw, result, signal: options.signal };
    }

    function finished(status, { raw, result }) {
        if (status !== 0) {
            throw new BytestrideError(status, text(raw.error));
        }
        return result.read();
    }

    function sync(...values) {
        const call = prepared(values);
        return finished(native(...call.passed), call);
    }

    // The call reads memory that the objects of `call` own: they live until its end.
    async function async(...values) {
        const call = prepared(values);
        const abort = () => Atomics.store(call.raw.cancel, 0, 1);
        call.signal?.addEventListener('abort', abort);
        try {
            const status = await new Promise((resolve, reject) => {
                native.async(...call.passed, (error, found) => (error ? reject(error) : resolve(found)));
            });
            if (status === CANCELLED && call.signal?.aborted) {
                throw call.signal.reason;
            }
            return finished(status, call);
        } finally {
            call.signal?.removeEventListener('abort', abort);
        }
    }

    return [sync, async];
}
