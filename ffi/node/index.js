// Fast loops over strided arrays, in the memory of typed arrays. Types and documentation: index.d.ts, operations.d.ts.
export { View } from './view.js';
export { BytestrideError } from './error.js';
export { buildInfo, getNumThreads, isa, setNumThreads, sumPrimesBelow, sumPrimesBelowAsync, version } from './runtime.js';
export * from './operations.js';
