// Counts and sums of primes in a range, for many limits in one pass: a segmented sieve of Eratosthenes over the odd
// numbers, or, for short ranges of large numbers, a test of each.
#include "kernels/primality.hpp"
#include "kernels/prime_totals.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

using word = std::uint64_t;

// A segment fits the first-level cache; one whose numbers are tested takes as long as a sieved one.
constexpr index sieved_words = 4096, tested_words = 32;
// Totals are kept after so many words, so that a limit needs no more than these.
constexpr index checkpoint_words = 32;
// The sieve needs all primes up to the root of the largest number.
constexpr word largest_root = 4'000'000;

constexpr word numbers_per_word = 128;

// Multiples of small primes are struck out by patterns that repeat after a number of words.
struct pattern {
    index words;
    std::uint8_t primes[3];
};
constexpr pattern patterns[] = {{3 * 5 * 7, {3, 5, 7}}, {11 * 13, {11, 13, 0}}, {17 * 19, {17, 19, 0}}};
constexpr index pattern_words = 3 * 5 * 7 + 11 * 13 + 17 * 19;
constexpr word first_other_prime = 23;

inline void strike_out(word *bits, word begin, word end, word step) {
    for (word i = begin; i < end; i += step) bits[i / 64] &= ~(word(1) << (i % 64));
}

// Sum of the places of the bits.
inline word sum_of_places(word bits) {
    constexpr word masks[] = {0xaaaaaaaaaaaaaaaa, 0xcccccccccccccccc, 0xf0f0f0f0f0f0f0f0,
                              0xff00ff00ff00ff00, 0xffff0000ffff0000, 0xffffffff00000000};
    word sum = 0;
    for (int i = 0; i < 6; ++i) sum += static_cast<word>(__builtin_popcountll(bits & masks[i])) << i;
    return sum;
}

// Of the primes in a part of a segment: how many, and the sum of their distances from the segment's beginning.
struct part {
    word count, distances;
};

inline void add_word(part &to, word bits, word first_number, bool sums) {
    const word count = static_cast<word>(__builtin_popcountll(bits));
    to.count += count;
    if (sums) to.distances += count * (first_number + 1) + 2 * sum_of_places(bits);
}

struct segments {
    word base;    // a multiple of 128; bit i of segment s stands for the number base + s * span + 2 i + 1
    index words;  // of a segment
    bool tested;  // by test_primality, else sieved
    index count;
    word span() const { return static_cast<word>(words) * numbers_per_word; }
};

double segment_nanoseconds(const segments &s, word largest) {
    if (s.tested) return static_cast<double>(s.words) * numbers_per_word * 45;
    const double root = static_cast<double>(square_root(largest));
    return static_cast<double>(s.words) * numbers_per_word * 0.45 + 0.8 * root;
}

segments plan(word start, word largest) {
    segments s{};
    s.base = start / numbers_per_word * numbers_per_word;
    const word length = largest - s.base;
    const auto cut = [&](bool tested, index most) {
        const word words = (length - 1) / numbers_per_word + 1;
        s.tested = tested;
        s.words = words < static_cast<word>(most) ? static_cast<index>(words) : most;
        s.count = static_cast<index>((length - 1) / s.span() + 1);
        return static_cast<double>(s.count) * segment_nanoseconds(s, largest);
    };
    const double tested = cut(true, tested_words), root = static_cast<double>(square_root(largest));
    const double sieved = cut(false, sieved_words) + 20e3 + 3 * root;
    if (root > static_cast<double>(largest_root) || tested < sieved) cut(true, tested_words);
    return s;
}

class range_sieve {
public:
    range_sieve(word start_, word largest) : start(start_), all(plan(start_, largest)), root(all.tested ? 0 : square_root(largest)) {}

    // Scratch memory: patterns, primes, and a sieve of the odd numbers up to the root.
    index bytes() const {
        if (all.tested) return 0;
        return whole_lines(pattern_words * 8) + whole_lines(static_cast<index>(root / 2 + 1) * 4) + static_cast<index>(root / 2 + 1);
    }

    void prepare(char *memory) {
        if (all.tested) return;
        struck = reinterpret_cast<word *>(memory);
        primes = reinterpret_cast<std::uint32_t *>(memory + whole_lines(pattern_words * 8));
        word *at = struck;
        for (const pattern &p : patterns) {
            std::memset(at, 0xff, static_cast<std::size_t>(p.words) * 8);
            for (word prime : p.primes)
                if (prime) strike_out(at, prime / 2, static_cast<word>(p.words) * 64, prime);
            at += p.words;
        }
        const index half = static_cast<index>(root / 2 + 1);
        std::uint8_t *composite = reinterpret_cast<std::uint8_t *>(primes) + whole_lines(half * 4);
        std::memset(composite, 0, static_cast<std::size_t>(half));
        for (word p = 3; p <= root; p += 2) {
            if (composite[p / 2]) continue;
            if (p >= first_other_prime) primes[prime_count++] = static_cast<std::uint32_t>(p);
            for (word multiple = p * p; multiple <= root; multiple += 2 * p) composite[multiple / 2] = 1;
        }
    }

    const segments &cut() const { return all; }

    // The bits of a segment: 1 for each odd prime from `start` on.
    void fill(index number, word *bits) const {
        const word base = all.base + static_cast<word>(number) * all.span();
        if (all.tested)
            test(base, bits);
        else
            sieve(base, bits);
        if (number > 0) return;
        for (word odd = base + 1; odd < start; odd += 2) bits[(odd - base) / 128] &= ~(word(1) << ((odd - base) / 2 % 64));
    }

private:
    void test(word base, word *bits) const {
        word numbers[64];
        std::uint8_t prime[64];
        for (index i = 0; i < all.words; ++i) {
            for (word j = 0; j < 64; ++j) numbers[j] = base + static_cast<word>(i) * numbers_per_word + 2 * j + 1;
            test_primality(numbers, prime, 64);
            bits[i] = 0;
            for (int j = 0; j < 64; ++j) bits[i] |= static_cast<word>(prime[j]) << j;
        }
    }

    void sieve(word base, word *bits) const {
        const word first_word = base / numbers_per_word;
        index at[3], offset[3] = {0, patterns[0].words, patterns[0].words + patterns[1].words};
        for (int k = 0; k < 3; ++k) at[k] = static_cast<index>(first_word % static_cast<word>(patterns[k].words));
        for (index i = 0; i < all.words; ++i) {
            bits[i] = struck[offset[0] + at[0]] & struck[offset[1] + at[1]] & struck[offset[2] + at[2]];
            for (int k = 0; k < 3; ++k) at[k] = at[k] + 1 < patterns[k].words ? at[k] + 1 : 0;
        }
        if (base == 0) {
            bits[0] &= ~word(1);  // 1 is no prime
            for (const pattern &p : patterns)
                for (word prime : p.primes)
                    if (prime) bits[0] |= word(1) << prime / 2;
        }
        const word end = base + all.span();
        for (index k = 0; k < prime_count; ++k) {
            const word p = primes[k], square = p * p;
            if (square >= end) break;
            // The first odd multiple from p^2 and from `base` on.
            const word multiple = square >= base ? square : ((base + p - 1) / p | 1) * p;
            strike_out(bits, (multiple - base) / 2, static_cast<word>(all.words) * 64, p);
        }
    }

    const word start;
    const segments all;
    const word root;  // of the largest number; 0 where numbers are tested
    word *struck = nullptr;
    std::uint32_t *primes = nullptr;
    index prime_count = 0;
};

// The totals of one segment, and what its limits need of them.
class segment_totals {
public:
    segment_totals(const word *bits_, index words_, bool sums_) : bits(bits_), words(words_), sums(sums_) {
        part sum{};
        for (index i = 0; i < words; ++i) {
            if (i % checkpoint_words == 0) checkpoints[i / checkpoint_words] = sum;
            add_word(sum, bits[i], static_cast<word>(i) * numbers_per_word, sums);
        }
        whole = sum;
    }
    // Of the primes at a distance below `length`.
    part below(word length) const {
        const word places = length / 2;
        const index last = static_cast<index>(places / 64);
        if (last >= words) return whole;
        part sum = checkpoints[last / checkpoint_words];
        for (index i = last / checkpoint_words * checkpoint_words; i < last; ++i)
            add_word(sum, bits[i], static_cast<word>(i) * numbers_per_word, sums);
        add_word(sum, bits[last] & ((word(1) << places % 64) - 1), static_cast<word>(last) * numbers_per_word, sums);
        return sum;
    }
    part whole;

private:
    const word *bits;
    const index words;
    const bool sums;
    part checkpoints[sieved_words / checkpoint_words];
};

wide total_of(part p, word base, bool sums) { return sums ? static_cast<wide>(p.count) * base + p.distances : p.count; }

}  // namespace

status totals_in_range(const prime_work &work, std::uint64_t start, prime_query *const *queries, index count, std::uint64_t largest) {
    range_sieve range(start, largest);
    const segments &all = range.cut();
    // Limits in the order of their segments: where each segment's begin, and which they are.
    const index begins_bytes = whole_lines((all.count + 2) * 8), order_bytes = whole_lines(count * 8),
                totals_bytes = whole_lines(all.count * 16), bits_bytes = whole_lines(all.words * 8);
    const double nanoseconds = segment_nanoseconds(all, largest);
    const loop what = {all.count, nanoseconds};
    // And of each worker the bits of a segment.
    const scratch memory(begins_bytes + order_bytes + totals_bytes + workers_for(work.quiet, what) * bits_bytes + range.bytes());
    if (memory.failed()) return BYTESTRIDE_ERROR_MEMORY;
    index *begins = reinterpret_cast<index *>(memory.data()) + 1, *order = reinterpret_cast<index *>(memory.data() + begins_bytes);
    wide_number *totals = reinterpret_cast<wide_number *>(memory.data() + begins_bytes + order_bytes);
    char *const worker_bits = memory.data() + begins_bytes + order_bytes + totals_bytes;
    range.prepare(worker_bits + workers_for(work.quiet, what) * bits_bytes);
    const auto segment_of = [&](word limit) { return static_cast<index>((limit - 1 - all.base) / all.span()); };

    std::memset(begins - 1, 0, static_cast<std::size_t>(begins_bytes));
    for (index i = 0; i < count; ++i) ++begins[segment_of(queries[i]->limit)];
    for (index s = 0; s <= all.count; ++s) begins[s] += begins[s - 1];  // now the end of each
    for (index i = count - 1; i >= 0; --i) order[--begins[segment_of(queries[i]->limit)]] = i;

    const auto body = [&](index begin, index end, int worker) {
        word *const bits = reinterpret_cast<word *>(worker_bits + worker * bits_bytes);
        for (index s = begin; s < end; ++s) {
            const word base = all.base + static_cast<word>(s) * all.span();
            range.fill(s, bits);
            const segment_totals here(bits, all.words, work.sums);
            totals[s] = wide_number_of(total_of(here.whole, base, work.sums));
            for (index k = begins[s]; k < begins[s + 1]; ++k) {
                if (k % 8192 == 8191 && work.cancelled()) return;
                prime_query &query = *queries[order[k]];
                query.total = wide_number_of(total_of(here.below(query.limit - base), base, work.sums));
            }
            work.done(nanoseconds);
        }
    };
    const status outcome = parallel_for(work.quiet, what, body);
    if (outcome != BYTESTRIDE_OK || work.cancelled()) return BYTESTRIDE_ERROR_CANCELLED;
    // What lies before each segment; 2 is the only even prime.
    wide before = start <= 2 ? (work.sums ? 2 : 1) : 0;
    for (index s = 0; s < all.count; ++s) {
        const wide behind = before + value_of(totals[s]);
        totals[s] = wide_number_of(before);
        before = behind;
    }
    for (index i = 0; i < count; ++i) {
        prime_query &query = *queries[i];
        query.total = wide_number_of(value_of(query.total) + value_of(totals[segment_of(query.limit)]));
    }
    return BYTESTRIDE_OK;
}

double range_nanoseconds(std::uint64_t start, std::uint64_t largest) {
    const segments s = plan(start, largest);
    return static_cast<double>(s.count) * segment_nanoseconds(s, largest) +
           (s.tested ? 0 : 20e3 + 3 * static_cast<double>(square_root(largest)));
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
