import assert from 'node:assert/strict';
import test from 'node:test';
import * as bs from '../index.js';
import { elements } from './helpers.js';

const { View } = bs;
const zeros = (dtype, ...shape) => View.zeros(dtype, shape);

test('convolve a channel, upside down, into every second column from right to left', () => {
    const [rows, columns] = [13, 17];
    const image = Uint8Array.from({ length: rows * columns * 3 }, (_, i) => i * i * 7);
    const kernel = Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 10);
    const wide = new Float64Array(rows * columns * 2).fill(-1);
    const out = new View(wide, [rows, columns * 2]).slice(1, 1, columns * 2, 2).flip(1);
    bs.convolve(new View(image, [rows, columns, 3]).index(2, 1).flip(0), new View(kernel, [3, 3]), out, { boundary: 'nearest' });
    const clip = (index, extent) => Math.min(Math.max(index, 0), extent - 1);
    for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
            let wanted = 0;
            for (let i = 0; i < 3; i++) {
                for (let j = 0; j < 3; j++) {
                    const from = (rows - 1 - clip(row + 1 - i, rows)) * columns + clip(column + 1 - j, columns);
                    wanted += kernel[3 * i + j] * image[from * 3 + 1];
                }
            }
            const at = row * columns * 2 + 2 * (columns - 1 - column) + 1;
            assert.deepEqual([wide[at - 1], wide[at]], [-1, wanted], `${row}, ${column}`);
        }
    }
});

test('options of convolve', () => {
    const line = Uint8Array.of(1, 2, 3);
    const pair = Int16Array.of(1, 10);
    for (const [options, wanted] of [
        [{}, [1, 12, 23]], [undefined, [1, 12, 23]], [{ fill: 7 }, [71, 12, 23]], [{ fill: 7n }, [71, 12, 23]],
        [{ region: 'full' }, [1, 12, 23, 30]], [{ region: 'valid' }, [12, 23]], [{ boundary: 'wrap', threads: 2 }, [31, 12, 23]],
        [{ origin: [1], axes: [0], method: 'direct', boundary: undefined }, [12, 23, 30]],
    ]) {
        const out = new Int32Array(wanted.length);
        bs.convolve(line, pair, out, options);
        assert.deepEqual([...out], wanted);
    }
    const out = new Float64Array(3);
    bs.correlate(line, pair, out);
    assert.deepEqual([...out], [10, 21, 32]);
    bs.convolve(Float32Array.of(1, 2, 3), pair, out, { fill: 0.5 });
    assert.deepEqual([...out], [6, 12, 23]);
    const huge = new BigUint64Array(1);
    bs.correlate(BigUint64Array.of(1n), Uint8Array.of(0, 0, 1), huge, { fill: 2n ** 63n + 5n });
    assert.equal(huge[0], 2n ** 63n + 5n);
});

test('arithmetic', () => {
    const out = new Float64Array(3);
    for (const [name, wanted] of Object.entries({
        add: [9, -4, 6], subtract: [5, -12, 12], multiply: [14, -32, -27], divide: [3.5, -2, -3], minimum: [2, -8, -3], maximum: [7, 4, 9],
    })) {
        bs[name](Int32Array.of(7, -8, 9), Float64Array.of(2, 4, -3), out);
        assert.deepEqual([...out], wanted, name);
    }
});

test('copy and transpose', () => {
    const out = new Uint8Array(3);
    bs.copy(Float32Array.of(300.5, -1, 2.5), out);
    assert.deepEqual([...out], [44, 255, 2]);
    bs.copy(Float32Array.of(300.5, -1, 2.5), out, { rule: 'saturate' });
    assert.deepEqual([...out], [255, 0, 2]);
    const matrix = Int8Array.of(0, 1, 2, 3, 4, 5);
    bs.transposeInplace(new View(matrix, [2, 3]));
    assert.deepEqual([...matrix], [0, 3, 1, 4, 2, 5]);
});

test('the neighbourhood product of one pixel among ones', () => {
    const image = new Float64Array(27).fill(1);
    image.set([2, 3, 6], 12);
    const out = zeros('float64', 3, 3, 3);
    bs.neighborProduct(new View(image, [3, 3, 3]), out, { boundary: 'copy' });
    [2 / 7, 3 / 7, 6 / 7].forEach((wanted, i) => assert.ok(Math.abs(out.data[12 + i] - wanted) < 1e-14));
    assert.equal(out.data[0], 1);
});

test('depth images and points', () => {
    const image = new View(Uint16Array.of(1000, 0, 2000, 4000), [2, 2]);
    const [points, places] = [zeros('float64', 4, 3), new BigInt64Array(4)];
    const mask = new View(Uint8Array.of(1, 1, 1, 0), [2, 2], { dtype: 'bool' });
    const options = { invalid: 'drop', frame: 'opengl', mask };
    assert.equal(bs.depthToPoints(image, points, null, places, 2, 2, 0, 0, options), 2);
    assert.deepEqual([...points.data.subarray(0, 6)], [0, -0, -1, 0, -1, -2]);
    assert.deepEqual([...places.subarray(0, 2)], [0n, 2n]);
    assert.equal(bs.depthToPoints(image, null, null, null, 2, 2, 0, 0, options), 2);
    const back = zeros('uint16', 2, 2);
    bs.pointsToDepth(points.slice(0, 0, 2), back, 2, 2, 0, 0, { frame: 'opengl' });
    assert.deepEqual([...back.data], [1000, 0, 2000, 0]);
});

test('distances', () => {
    const x = new View(Float64Array.of(0, 0, 3, 4, 6, 8), [3, 2]);
    const d = zeros('float64', 3, 3);
    bs.distances(x, null, d);
    assert.deepEqual([...d.data], [0, 5, 10, 5, 0, 5, 10, 5, 0]);
    x.data[0] = 3;
    bs.updateDistances(x, d, -3);
    assert.deepEqual([...d.data], [0, 4, Math.sqrt(73), 4, 0, 5, Math.sqrt(73), 5, 0]);
    const row = new Float64Array(3);
    bs.distancesFrom(x, Int8Array.of(3, 4), row, { metric: 'cityblock' });
    assert.deepEqual([...row], [4, 0, 7]);
    const sum = zeros('float64');
    bs.squaredError(Uint8Array.of(1, 2, 3), Float32Array.of(2, 9, 1), sum, { weights: Uint8Array.of(1, 0, 2) });
    assert.equal(sum.data[0], 9);
});

test('scaling', () => {
    const places = [0, 1, 3, 7];
    const apart = new View(Float64Array.from(places.flatMap((a) => places.map((b) => Math.abs(a - b)))), [4, 4]);
    const points = zeros('float64', 4, 1);
    const eigenvalues = new Float64Array(1);
    bs.classicalMds(apart, points, eigenvalues);
    places.forEach((place, i) => assert.ok(Math.abs(points.data[i] - (place - 2.75)) < 1e-9));
    assert.ok(Math.abs(eigenvalues[0] - places.reduce((sum, place) => sum + (place - 2.75) ** 2, 0)) < 1e-9);
    points.data[2] += 0.5;
    const history = new Float64Array(400);
    const result = bs.mds(apart, points, history, { method: 'smacof', init: 'given', maxIter: 400, eps: 1e-15 });
    assert.deepEqual(Object.keys(result), ['converged', 'stress', 'normalizedStress', 'nIter']);
    assert.ok(result.converged === true && result.stress < 1e-9 && result.nIter >= 1 && history[0] > result.stress, JSON.stringify(result));
});

test('search', () => {
    const out = new BigInt64Array(3);
    bs.searchsorted(Int32Array.of(5, 1, 3, 3), Float64Array.of(3, 0, 9), out, { side: 'right', sorter: Uint8Array.of(1, 2, 3, 0) });
    assert.deepEqual([...out], [3n, 0n, 4n]);
    bs.binarySearch(Int32Array.of(1, 3, 5, 9), Float64Array.of(3, 0, 9), out);
    assert.deepEqual([...out], [1n, -1n, 3n]);
});

test('primes', () => {
    const limit = 1000;
    const prime = [...Array(limit).keys()].map((number) => {
        const divisors = [...Array(number + 1).keys()].filter((divisor) => divisor > 0 && number % divisor === 0);
        return divisors.length === 2;
    });
    const found = zeros('bool', limit);
    bs.isPrime(Int32Array.from(prime.keys()), found);
    assert.deepEqual(elements(found).map(Boolean), prime);
    const wanted = [...prime.keys()].filter((number) => prime[number] && number >= 100);
    const out = new BigUint64Array(2);
    bs.sumPrimes(Int32Array.of(limit, -5), out, { start: 100 });
    assert.deepEqual([...out], [BigInt(wanted.reduce((a, b) => a + b)), 0n]);
    bs.countPrimes(Int32Array.of(limit, -5), out, { start: 100n });
    assert.deepEqual([...out], [BigInt(wanted.length), 0n]);
    // Published: OEIS A046731, the sum of the primes below 10^11.
    assert.equal(bs.sumPrimesBelow(0, 1e11), 201467077743744681014n);
});
