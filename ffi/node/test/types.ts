// Not run: `tsc` checks that the declarations say what users write, and refuse what they should not.
import { BytestrideError, View, convolve, convolveAsync, depthToPoints, mds, sumPrimesBelow, type ConvolveOptions } from '../index.js';

const rgb = new View(new Uint8Array(72), [4, 6, 3]);
const out: View = View.zeros('float32', [4, 6]);
const options: ConvolveOptions = { boundary: 'nearest', fill: 7n, axes: [0, 1], threads: 2, signal: new AbortController().signal };
convolve(rgb.index(2, 1).flip(0), new View(new Float32Array(9), [3, 3]), out, options);
const later: Promise<void> = convolveAsync(rgb, new Float64Array(3), out, {});
const count: number = depthToPoints(rgb, null, null, null, 1, 1, 0, 0, { invalid: 'drop', radial: true });
const stress: number = mds(out, out, null, { method: 'sgd', randomState: 3n }).stress;
const sum: bigint = sumPrimesBelow(0, 100);
const argument: (error: BytestrideError) => string = (error) => error.argumentName;
// @ts-expect-error  a word of another function
convolve(rgb, out, out, { method: 'sgd' });
// @ts-expect-error  a misspelled option
convolve(rgb, out, out, { boundry: 'wrap' });
// @ts-expect-error  no array
convolve([1, 2, 3], out, out);
// @ts-expect-error  arguments are missing
convolve(rgb, out);
export { argument, count, later, stress, sum };
