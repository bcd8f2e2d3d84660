#include "kernels/primality.hpp"

#include "core/dtype.hpp"
#include "kernels/convert.hpp"
#include "kernels/primes.hpp"
#include "kernels/runs.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

using word = std::uint64_t;
using double_word = unsigned __int128;

// ---- Small factors --------------------------------------------------------------------------------------

constexpr word small_primes_as_bits = 0x28208a20a08a28ac;  // of the numbers below 64
constexpr int factors[] = {3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53};
constexpr word without_small_factor_prime_below = 59 * 59;

// n^-1 modulo 2^64 of an odd n: each step doubles the right bits, of which n itself has three.
constexpr word inverse(word n) {
    word x = n;
    for (int i = 0; i < 5; ++i) x *= 2 - n * x;
    return x;
}

// ---- Arithmetic modulo n ----------------------------------------------------------------------------------

// Montgomery's form with R = 2^64, for odd n.
struct modulus {
    word n, inverse_of_n, one, minus_one;
};

inline modulus modulus_of(word n) {
    const word one = (0 - n) % n;
    return {n, inverse(n), one, n - one};
}

inline __attribute__((always_inline)) word multiply(word a, word b, const modulus &m) {
    const double_word product = static_cast<double_word>(a) * b;
    const word q = static_cast<word>(product) * m.inverse_of_n;
    const word high = static_cast<word>(product >> 64), taken = static_cast<word>((static_cast<double_word>(q) * m.n) >> 64);
    return high - taken + (high < taken ? m.n : 0);
}

inline __attribute__((always_inline)) word twice(word a, const modulus &m) {
    const word rest = m.n - a;
    return a >= rest ? a - rest : a + a;
}

// ---- Strong probable primes -------------------------------------------------------------------------------

// Numbers are tested together because one test is a chain of dependent products, and the processor can follow several.
constexpr int together = 4;

// Whether each number is a strong probable prime to base 2.
void test_base_2(const word *numbers, bool *passes) {
    modulus m[together];
    word d[together], x[together];
    int twos[together], most_twos = 0, bits = 0;
    for (int i = 0; i < together; ++i) {
        m[i] = modulus_of(numbers[i]);
        twos[i] = __builtin_ctzll(numbers[i] - 1);
        d[i] = (numbers[i] - 1) >> twos[i];
        x[i] = m[i].one;
        most_twos = twos[i] > most_twos ? twos[i] : most_twos;
        const int length = 64 - __builtin_clzll(d[i]);
        bits = length > bits ? length : bits;
    }
    for (int bit = bits - 1; bit >= 0; --bit)
        for (int i = 0; i < together; ++i) {
            const word square = multiply(x[i], x[i], m[i]);
            x[i] = d[i] >> bit & 1 ? twice(square, m[i]) : square;
        }
    for (int i = 0; i < together; ++i) passes[i] = x[i] == m[i].one || x[i] == m[i].minus_one;
    for (int step = 1; step < most_twos; ++step)
        for (int i = 0; i < together; ++i) {
            x[i] = multiply(x[i], x[i], m[i]);
            passes[i] |= step < twos[i] && x[i] == m[i].minus_one;
        }
}

// Whether n is a strong probable prime to all the bases, none of which n divides.
template <int count> bool test_bases(word n, const word (&bases)[count]) {
    const modulus m = modulus_of(n);
    word square_of_r = twice(m.one, m);  // 2, whose 64th power is R, in Montgomery's form
    for (int i = 0; i < 6; ++i) square_of_r = multiply(square_of_r, square_of_r, m);
    word base[count], x[count];
    for (int i = 0; i < count; ++i) x[i] = base[i] = multiply(bases[i], square_of_r, m);
    const int twos = __builtin_ctzll(n - 1);
    const word d = (n - 1) >> twos;
    for (int bit = 62 - __builtin_clzll(d); bit >= 0; --bit) {
        for (int i = 0; i < count; ++i) x[i] = multiply(x[i], x[i], m);
        if (d >> bit & 1)
            for (int i = 0; i < count; ++i) x[i] = multiply(x[i], base[i], m);
    }
    bool passes[count];
    for (int i = 0; i < count; ++i) passes[i] = x[i] == m.one || x[i] == m.minus_one;
    for (int step = 1; step < twos; ++step)
        for (int i = 0; i < count; ++i) {
            x[i] = multiply(x[i], x[i], m);
            passes[i] |= x[i] == m.minus_one;
        }
    bool all = true;
    for (int i = 0; i < count; ++i) all &= passes[i];
    return all;
}

// Together with base 2: Jaeschke's for n < 4759123141 (Math. Comp. 61, 1993), Sinclair's for n < 2^64 (2011).
bool test_other_bases(word n) {
    constexpr word for_32_bits[] = {7, 61}, for_64_bits[] = {325, 9375, 28178, 450775, 9780504, 1795265022};
    return n >> 32 ? test_bases(n, for_64_bits) : test_bases(n, for_32_bits);
}

}  // namespace

void test_primality(const std::uint64_t *numbers, std::uint8_t *prime, index count) {
    word composite[primality_block];
    for (index i = 0; i < count; ++i) composite[i] = ~numbers[i] & 1;
    for (const int factor : factors) {
        // n is a multiple of an odd f exactly if n / f modulo 2^64 is at most (2^64 - 1) / f.
        const word reciprocal = inverse(static_cast<word>(factor)), most = ~word(0) / static_cast<word>(factor);
        for (index i = 0; i < count; ++i) composite[i] |= numbers[i] * reciprocal <= most;
    }
    index candidates[primality_block], found = 0;
    for (index i = 0; i < count; ++i) {
        const word n = numbers[i];
        prime[i] = static_cast<std::uint8_t>(n < 64 ? small_primes_as_bits >> n & 1
                                                    : !composite[i] && n < without_small_factor_prime_below);
        candidates[found] = i;
        found += !composite[i] && n >= without_small_factor_prime_below;
    }
    for (index i = 0; i < found; i += together) {
        word n[together];
        bool passes[together];
        for (index j = 0; j < together; ++j) n[j] = numbers[candidates[i + j < found ? i + j : found - 1]];
        test_base_2(n, passes);
        for (index j = 0; j < together && i + j < found; ++j) prime[candidates[i + j]] = passes[j] && test_other_bases(n[j]);
    }
}

status primality(const primality_task &task) {
    const bool signs = kind_of(task.numbers) == kind::signed_integer;
    const index itemsize = itemsize_of(task.numbers);
    const convert_function convert = itemsize == 8 ? nullptr : converter(task.numbers, dtype::int64, cast_rule::wrap);
    const auto body = [&](index begin, index end, int) {
        for (index b = begin; b < end; ++b) {
            const index first = b * primality_block, count = task.count - first < primality_block ? task.count - first : primality_block;
            alignas(64) word numbers[primality_block], packed[primality_block];
            std::uint8_t prime[primality_block];
            pack_run(task.nest, 1, itemsize, first, count, convert ? packed : numbers);
            if (convert) convert(packed, numbers, count);
            if (signs)
                for (index i = 0; i < count; ++i) numbers[i] = static_cast<std::int64_t>(numbers[i]) < 0 ? 0 : numbers[i];
            test_primality(numbers, prime, count);
            unpack_run(prime, task.nest, 0, 1, first, count);
        }
    };
    const index blocks = (task.count + primality_block - 1) / primality_block;
    const double each = itemsize == 8 ? 100 : itemsize == 4 ? 50 : 10;
    return parallel_for(task.settings, {blocks, each * static_cast<double>(task.count < primality_block ? task.count : primality_block)},
                        body);
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
