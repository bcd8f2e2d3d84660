import assert from 'node:assert/strict';
import test from 'node:test';
import { Worker } from 'node:worker_threads';
import * as bs from '../index.js';
import { counted } from './helpers.js';

const { View } = bs;
const [line, one] = [Float64Array.of(1, 2, 3), Float64Array.of(1)];
const out = Float64Array.of(4, 5, 6);

const WRONG = [
    ['NULL', 2, 'kernel', [line, null, out]],
    ['SHAPE', 3, 'out', [line, one, new Float64Array(4)]],
    ['READONLY', 3, 'out', [line, one, View.from(out).readOnly()]],
    ['READONLY', 3, 'out', [line, one, View.from(one).broadcast([3])]],
    ['OVERLAP', 3, 'out', [out, one, out]],
    ['OVERLAP', 3, 'out', [line, one, new View(out, [3], { strides: [0] })]],
    ['DTYPE', 1, 'input', [View.zeros('complex64', [3]), one, out]],
    ['OPTION', 0, '', [line, one, out, { boundary: 'zero' }]],
    ['OPTION', 0, '', [line, one, out, { boundry: 'wrap' }]],
    ['OPTION', 0, '', [line, one, out, { metric: 'cityblock' }]],
    ['OPTION', 0, '', [line, one, out, { axes: Array(9).fill(0) }]],
    ['OPTION', 0, '', [line, one, out, { axes: [2 ** 31] }]],
    ['OPTION', 4, 'options', [line, one, out, { axes: [1] }]],
    ['OPTION', 4, 'options', [line, one, out, { threads: -1 }]],
    ['OPTION', 4, 'options', [Int8Array.of(1, 2, 3), one, out, { fill: 0.5 }]],
];
const asSaid = (code, argument, name) => (error) => error instanceof bs.BytestrideError && error.code === `BYTESTRIDE_ERROR_${code}`
    && error.status < 0 && error.argument === argument && error.argumentName === name && error.message.length > 10;

test('errors name the argument, at once and in a Promise', async () => {
    for (const [code, argument, name, passed] of WRONG) {
        assert.throws(() => bs.convolve(...passed), asSaid(code, argument, name), `${code} ${name}`);
        await assert.rejects(bs.convolveAsync(...passed), asSaid(code, argument, name), `${code} ${name}`);
    }
    assert.deepEqual([...out], [4, 5, 6]);
    for (const passed of [[[1, 2], one, out], [line, one, out, { axes: ['x'] }], [line, one, out, { fill: 'white' }], [line, one, out, {}, 1],
        [line, one, out, { cancel: new Int8Array(4) }], [line, one, out, { threads: 1.5 }]]) {
        assert.throws(() => bs.convolve(...passed), TypeError);
    }
    assert.throws(() => bs.updateDistances(line, line, NaN), TypeError);
});

test('many calls at once, each with its own result and message', async () => {
    const calls = Array.from({ length: 200 }, async (_, i) => {
        const found = new Int32Array(100);
        await bs.convolveAsync(counted(Int32Array, 100), Int8Array.of(i % 100), found);
        assert.deepEqual([...found], Array.from({ length: 100 }, (__, at) => at * (i % 100)));
        const wrong = i % 2 === 0 ? bs.addAsync(null, found, found) : bs.convolveAsync(found, null, found);
        await assert.rejects(wrong, i % 2 === 0 ? asSaid('NULL', 1, 'a') : asSaid('NULL', 2, 'kernel'));
    });
    await Promise.all(calls);
    assert.equal(await bs.sumPrimesBelowAsync(0, 10), 17n);
    const result = await bs.mdsAsync(new View(Float64Array.of(0, 2, 2, 0), [2, 2]), View.zeros('float64', [2, 1]), null, { method: 'smacof' });
    assert.ok(result.stress < 1e-6);
    const depth = new View(Uint16Array.of(1000, 0), [1, 2]);
    assert.equal(await bs.depthToPointsAsync(depth, null, null, null, 2, 2, 0, 0, { invalid: 'drop' }), 1);
});

/** A convolution of some seconds: no outer product, one pass over all taps. */
const slow = () => [View.zeros('float64', [2000, 2000]), new View(Float64Array.from({ length: 101 * 101 }, (_, i) => (i * i) % 97), [101, 101]),
    View.zeros('float64', [2000, 2000])];

test('a signal ends a call', async () => {
    const controller = new AbortController();
    const progress = new BigInt64Array(2);
    const call = bs.convolveAsync(...slow(), { method: 'direct', threads: 1, signal: controller.signal, progress });
    while (Atomics.load(progress, 0) === 0n) {
        await new Promise((resolve) => { setTimeout(resolve, 1); });
    }
    controller.abort();
    await assert.rejects(call, { name: 'AbortError' });
    assert.ok(progress[0] < progress[1], `${progress}`);
    assert.throws(() => bs.add(line, line, out, { signal: controller.signal }), { name: 'AbortError' });
    await assert.rejects(bs.addAsync(line, line, out, { signal: AbortSignal.abort(new Error('no more')) }), /no more/);
    assert.deepEqual([...out], [4, 5, 6]);
    await bs.addAsync(line, line, new Float64Array(3), { signal: new AbortController().signal });
});

test('another thread ends a call of the form that waits', async () => {
    const cancel = new Int32Array(new SharedArrayBuffer(4));
    const progress = new BigInt64Array(new SharedArrayBuffer(16));
    const code = `const { cancel, progress } = require('node:worker_threads').workerData;
        while (Atomics.load(progress, 0) === 0n);
        Atomics.store(cancel, 0, 1);`;
    const worker = new Worker(code, { eval: true, workerData: { cancel, progress } });
    await new Promise((resolve) => { worker.once('online', resolve); });
    assert.throws(() => bs.convolve(...slow(), { method: 'direct', threads: 1, cancel, progress }), asSaid('CANCELLED', 0, ''));
    await new Promise((resolve) => { worker.once('exit', resolve); });
});

test('the package in several threads of the process', async () => {
    const code = `const { parentPort, workerData } = require('node:worker_threads');
        import(workerData).then(({ add }) => {
            const sum = new Float64Array(1);
            add(Float64Array.of(1), Float64Array.of(2), sum);
            parentPort.postMessage(sum[0]);
        });`;
    const found = await Promise.all([1, 2, 3].map(() => new Promise((resolve, reject) => {
        const worker = new Worker(code, { eval: true, workerData: new URL('../index.js', import.meta.url).href });
        worker.once('message', resolve);
        worker.once('error', reject);
    })));
    assert.deepEqual(found, [3, 3, 3]);
});

test('the library', () => {
    const facts = bs.buildInfo();
    assert.equal(facts.isa, bs.isa());
    assert.equal(facts.version, bs.version());
    assert.equal(facts.threads, bs.getNumThreads());
    bs.setNumThreads(3);
    assert.equal(bs.getNumThreads(), 3);
    bs.setNumThreads(0);
    for (const wrong of [-1, 1.5, 2 ** 31, undefined]) {
        assert.throws(() => bs.setNumThreads(wrong), asSaid('OPTION', 1, 'threads'));
    }
});
