import assert from 'node:assert/strict';
import test from 'node:test';
import { View, add, copy } from '../index.js';
import { counted, elements } from './helpers.js';

function expect(view, shape, wanted) {
    assert.deepEqual(view.shape, shape);
    assert.deepEqual(elements(view), wanted);
}

test('views of a typed array', () => {
    const rgb = new View(counted(Uint8Array, 24), [2, 4, 3]);
    expect(rgb.index(2, 1), [2, 4], [1, 4, 7, 10, 13, 16, 19, 22]);
    expect(rgb.index(-1, 1), [2, 4], [1, 4, 7, 10, 13, 16, 19, 22]);
    expect(rgb.index(2, 0).flip(0), [2, 4], [12, 15, 18, 21, 0, 3, 6, 9]);
    expect(rgb.index(0, 1).index(1, 2).slice(0, 1, 4, 2), [2], [17, 23]);
    expect(rgb.index(2, 0).transpose(), [4, 2], [0, 12, 3, 15, 6, 18, 9, 21]);
    expect(rgb.slice(1, 0, 1).transpose(2, 0, 1), [3, 2, 1], [0, 12, 1, 13, 2, 14]);
    expect(rgb.index(0, 0).index(0, 0).broadcast([2, 3]), [2, 3], [0, 1, 2, 0, 1, 2]);
    expect(rgb.index(0, 1).index(0, 3).index(0, 2), [], [23]);
    expect(rgb.slice(1, 4, 4), [2, 0, 3], []);
    expect(rgb.slice(1, 2, 2).flip(1).flip(0).index(0, 1), [0, 3], []);
    expect(new View(counted(Float32Array, 10), [3], { offset: 9, strides: [-3] }), [3], [9, 6, 3]);
    expect(new View(counted(Float32Array, 10), [2, 2]), [2, 2], [0, 1, 2, 3]);
    expect(new View(counted(Uint8Array, 8), [2], { dtype: 'uint16', offset: 1, strides: [3] }), [2], [0x0201, 0x0504]);
    expect(new View(counted(Int16Array, 9).subarray(4), [2]), [2], [4, 5]);
    expect(View.from(counted(Int8Array, 3)), [3], [0, 1, 2]);
    assert.deepEqual(rgb.index(2, 1).flip(0).strides, [-12, 3]);
    assert.equal(rgb.index(2, 1).flip(0).byteOffset, 13);
    assert.equal(String(rgb), 'uint8 [2, 4, 3]');
});

test('views that do not fit', () => {
    const data = new Float32Array(12);
    const view = new View(data, [3, 4]);
    const huge = Number.MAX_SAFE_INTEGER;
    for (const make of [
        () => new View(data, [13]), () => new View(data, [4, 4]), () => new View(data, [3, -4]), () => new View(data, Array(9).fill(1)),
        () => new View(data, [4], { offset: 5, strides: [-2] }), () => new View(data, [4], { offset: 6, strides: [2] }),
        () => new View(data, [0], { offset: 13 }), () => new View(data, [1], { offset: 12 }), () => new View(data, [1], { offset: -1 }),
        () => new View(data, [2, 2], { strides: [1] }), () => new View(data, [huge, huge]), () => new View(data, [3], { strides: [huge] }),
        () => new View(data, [2], { strides: [-huge] }), () => new View(new Uint8Array(11), [1], { dtype: 'float64', offset: 4 }),
        () => view.index(0, 3), () => view.index(1, -1), () => view.index(0, 0.5), () => view.flip(2), () => view.slice(1, 0, 5),
        () => view.slice(1, 4, 0, -1), () => view.transpose(0, 0), () => view.broadcast([4, 4]), () => view.broadcast([4]),
    ]) {
        assert.throws(make, RangeError, String(make));
    }
    for (const make of [
        () => new View([1, 2, 3]), () => new View(data, [1.5]), () => new View(data, [3], { strides: [NaN] }),
        () => new View(new DataView(data.buffer)),
        () => new View(data, [3], { dtype: 'int8' }), () => new View(data, [3], { dtype: 'toString' }), () => View.zeros('float8', [1]),
    ]) {
        assert.throws(make, TypeError, String(make));
    }
    expect(new View(new Float64Array(0), [3, 0, huge, huge]), [3, 0, huge, huge], []);
});

test('a buffer that was transferred is not touched', () => {
    const data = new Float64Array(3);
    const view = new View(data);
    structuredClone(data.buffer, { transfer: [data.buffer] });
    assert.throws(() => add(view, view, view), RangeError);
});

test('every dtype adds', () => {
    const typed = {
        int8: [Int8Array, -56], int16: [Int16Array, 200], int32: [Int32Array, 200], uint8: [Uint8Array, 200], uint16: [Uint16Array, 200],
        uint32: [Uint32Array, 200], float32: [Float32Array, 200], float64: [Float64Array, 200], int64: [BigInt64Array, 200n],
        uint64: [BigUint64Array, 200n],
    };
    for (const [dtype, [kind, wanted]] of Object.entries(typed)) {
        const number = typeof wanted === 'bigint' ? 100n : 100;
        const out = new kind(2);
        assert.equal(View.from(out).dtype, dtype);
        add(kind.of(number, number), kind.of(number, number), out);
        assert.deepEqual(out, kind.of(wanted, wanted), dtype);
        add(new kind(0), new kind(0), new kind(0));
    }
    const clamped = new Uint8ClampedArray(1);
    add(Uint8Array.of(1), Uint8Array.of(2), clamped);
    assert.equal(clamped[0], 3);
    const half = View.zeros('float16', [2]);
    copy(Float64Array.of(1, -2), half);
    add(half, half, half);
    assert.deepEqual(elements(half), [2, -4]);
    assert.deepEqual([...new Uint16Array(half.data.buffer)], [0x4000, 0xc400]);
    const truths = View.zeros('bool', [2]);
    add(new View(Uint8Array.of(0, 1), [2], { dtype: 'bool' }), new View(Uint8Array.of(0, 1), [2], { dtype: 'bool' }), truths);
    assert.deepEqual([...truths.data], [0, 1]);
    for (const [dtype, kind] of [['complex64', Float32Array], ['complex128', Float64Array]]) {
        const out = View.zeros(dtype, [1]);
        add(new View(kind.of(1, 2), undefined, { dtype }), new View(kind.of(3, -5), [1], { dtype }), out);
        assert.deepEqual(out.data, kind.of(4, -3));
    }
});
