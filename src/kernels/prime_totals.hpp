// The two ways to counts and sums of primes below limits, and what they share.
#pragma once
#include "kernels/kernel.hpp"
#include "kernels/primes.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {

// How a call runs, and its progress: work is counted in estimated microseconds, over all loops of the call.
struct prime_work {
    call quiet;              // without progress, for the single loops
    std::int64_t *progress;  // may be null
    bool sums;               // else counts

    void begin(double nanoseconds) const {
        if (progress) __atomic_store_n(&progress[1], units(nanoseconds), __ATOMIC_RELAXED);
    }
    void done(double nanoseconds) const {
        if (progress) __atomic_fetch_add(&progress[0], units(nanoseconds), __ATOMIC_RELAXED);
    }
    void end() const {
        if (progress) __atomic_store_n(&progress[1], __atomic_load_n(&progress[0], __ATOMIC_RELAXED), __ATOMIC_RELAXED);
    }
    bool cancelled() const { return quiet.cancel && __atomic_load_n(quiet.cancel, __ATOMIC_RELAXED) != 0; }

private:
    static std::int64_t units(double nanoseconds) { return 1 + static_cast<std::int64_t>(nanoseconds / 1000); }
};

// ---- Over all quotients ---------------------------------------------------------------------------------

// The totals of the primes p <= n for up to `totals_together` limits n, in O(n^(3/4)) each, modulo 2^128. Together they take
// 0.8 of the time.
constexpr index totals_together = 16;
status totals_up_to(const prime_work &work, const std::uint64_t *limits, index count, wide_number *totals);
double total_nanoseconds(std::uint64_t n);

// ---- Through a range ------------------------------------------------------------------------------------

struct prime_query {
    std::uint64_t limit;
    wide_number total;
};

// The totals of the primes from `start` to below the limits, in one pass from `start` to the largest limit.
// Every limit is above `start`, and above 2.
status totals_in_range(const prime_work &work, std::uint64_t start, prime_query *const *queries, index count, std::uint64_t largest);
double range_nanoseconds(std::uint64_t start, std::uint64_t largest);

namespace {

using wide = unsigned __int128;
inline wide value_of(wide_number number) { return static_cast<wide>(number.high) << 64 | number.low; }
inline wide_number wide_number_of(wide value) { return {static_cast<std::uint64_t>(value), static_cast<std::uint64_t>(value >> 64)}; }

inline std::uint64_t square_root(std::uint64_t n) {
    std::uint64_t r = static_cast<std::uint64_t>(__builtin_sqrt(static_cast<double>(n)));
    constexpr std::uint64_t largest = 0xffffffff;
    if (r > largest) r = largest;
    while (r * r > n) --r;
    while (r < largest && (r + 1) * (r + 1) <= n) ++r;
    return r;
}

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
