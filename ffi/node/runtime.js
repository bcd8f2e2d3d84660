// The library in this process: which it is, how many threads its calls use, and the sums of primes beyond 64 bits.
import { declared } from './library.js';
import { operation } from './call.js';
import { failure } from './error.js';

const texts = Object.fromEntries(['version', 'isa', 'build_info'].map((name) => [name, declared(`const char *bytestride_${name}()`)]));
const setThreads = declared('int32_t bytestride_set_num_threads(int32_t threads)');
const getThreads = declared('int32_t bytestride_get_num_threads()');
const [sum, sumAsync] = operation(
    'int32_t bytestride_sum_primes_128(uint64_t start, uint64_t limit, void *sum, const bytestride_options *options)',
    [['start', 'number', 'uint64_t'], ['limit', 'number', 'uint64_t'], ['sum', 'result', 'uint128']],
    'bytestride_options',
);

export const version = () => texts.version();
export const isa = () => texts.isa();
export const buildInfo = () => JSON.parse(texts.build_info());
export const getNumThreads = () => getThreads();

export function setNumThreads(threads) {
    if (!Number.isInteger(threads) || threads > 2 ** 31 - 1 || setThreads(Math.max(threads, -1)) !== 0) {
        throw failure('OPTION', `argument 1 (threads): is ${threads}, must be 0 or a positive integer`);
    }
}

export const sumPrimesBelow = (start, limit, options = {}) => sum(start, limit, options);
export const sumPrimesBelowAsync = (start, limit, options = {}) => sumAsync(start, limit, options);
