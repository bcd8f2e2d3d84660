// Counts and sums of primes below one limit n, from those of the numbers n / k alone (Lagarias, Miller, Odlyzko 1985 in
// its simplest form): numbers are struck out by their smallest prime factor, all at once.
#include <cmath>

#include "kernels/prime_totals.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// S(v), the total of what is left of 2 ... v, is needed at v <= root and at v = n / k for k <= root. Even numbers are
// struck out from the start: small[(v + 1) / 2] is S(v), and large[k / 2] is S(n / k) for odd k.
template <class Number> class quotients {
public:
    quotients(const prime_work &work_, std::uint64_t n_) : work(work_), n(n_), root(square_root(n_)) {}

    index small_count() const { return static_cast<index>((root + 1) / 2 + 1); }
    index large_count() const { return static_cast<index>((root + 1) / 2); }
    index bytes() const {
        return whole_lines(small_count() * sizes) + whole_lines(large_count() * sizes) + large_count() * static_cast<index>(sizeof(double));
    }

    status run(char *memory, Number *total) {
        small = reinterpret_cast<Number *>(memory);
        large = reinterpret_cast<Number *>(memory + whole_lines(small_count() * sizes));
        reciprocal = reinterpret_cast<double *>(memory + whole_lines(small_count() * sizes) + whole_lines(large_count() * sizes));
        start();
        std::uint64_t p = 3;
        for (; static_cast<wide>(p) * p * p <= n && !stopped; p += 2)
            if (is_left(p)) strike_out(p);
        *total = large[0] - struck_out_from(p);
        return stopped ? BYTESTRIDE_ERROR_CANCELLED : BYTESTRIDE_OK;
    }

private:
    static constexpr index sizes = static_cast<index>(sizeof(Number));
    // Work that is shared by threads and looks at the cancel word on its own.
    static constexpr double long_loop = 200e3;

    // The numbers 2, 3, 5, 7, ... up to v: as many as odd numbers from 1 on.
    Number odd_total(std::uint64_t v) const {
        const Number k = (v >> 1) + (v & 1);
        return work.sums ? k * k + 1 : k;
    }

    // Whether p has no smaller prime factor.
    bool is_left(std::uint64_t p) const { return small[(p + 1) / 2] != small[(p - 1) / 2]; }

    // What the primes beyond the cube root of n take from S(n): a number that is struck out by p is p q with a prime
    // q >= p, so S(n / p) is complete, and no other S(n / k) is needed any more.
    Number struck_out_from(std::uint64_t first) {
        Number taken = 0;
        constexpr std::uint64_t block = 1 << 16;  // short enough for one thread
        for (std::uint64_t begin = first; begin <= root && !stopped; begin += 2 * block) {
            const std::uint64_t end = root - begin < 2 * block ? root + 1 : begin + 2 * block;
            for_range(static_cast<index>(begin / 2), static_cast<index>(end / 2), 1, [&](index from, index to) {
                Number here = 0;
                for (index i = from; i < to; ++i) {  // the odd number 2 i + 1
                    const Number before = small[i], all = (large[i] - before) * (work.sums ? static_cast<Number>(2 * i + 1) : 1);
                    here += small[i + 1] != before ? all : 0;
                }
                taken += here;
            });
        }
        return taken;
    }

    template <class Body> void for_range(index begin, index end, double nanoseconds_each, const Body &body) {
        if (begin >= end || stopped) return;
        const double nanoseconds = static_cast<double>(end - begin) * nanoseconds_each;
        if (nanoseconds < long_loop) {
            body(begin, end);
            unreported += nanoseconds;
            if (unreported < long_loop) return;
            stopped = work.cancelled();
            report();
            return;
        }
        report();
        stopped = parallel_for(work.quiet, {end - begin, nanoseconds_each}, [&](index from, index to, int) {
                      body(begin + from, begin + to);
                      work.done(static_cast<double>(to - from) * nanoseconds_each);
                  }) != BYTESTRIDE_OK;
    }
    void report() {
        if (unreported > 0) work.done(unreported);
        unreported = 0;
    }

    void start() {
        for_range(0, small_count(), 0.5, [&](index begin, index end) {
            for (index i = begin; i < end; ++i) small[i] = i > 0 ? odd_total(2 * static_cast<std::uint64_t>(i)) : 0;
        });
        for_range(0, large_count(), 5, [&](index begin, index end) {
            for (index i = begin; i < end; ++i) reciprocal[i] = 1.0 / static_cast<double>(2 * i + 1);
            const double middle = static_cast<double>(n) + 0.5;
            if (n >> 50)
                for (index i = begin; i < end; ++i) large[i] = odd_total(n / (2 * static_cast<std::uint64_t>(i) + 1));
            else  // as in strike_out_by_small
                for (index i = begin; i < end; ++i)
                    large[i] = odd_total(static_cast<std::uint64_t>(static_cast<std::int64_t>(middle * reciprocal[i])));
        });
    }

    // S(v) -= p (S(v / p) - S(p - 1)) for all v >= p^2, the largest first, since S(v / p) is what it was before.
    void strike_out(std::uint64_t p) {
        const Number weight = work.sums ? p : 1, before = small[(p - 1) / 2];
        const std::uint64_t square = p * p, last = n / square < root ? n / square : root;  // of k
        const index count = static_cast<index>((last + 1) / 2), step = static_cast<index>(p), half = static_cast<index>((p - 1) / 2);
        // k p <= root: S(n / (k p)) is one of `large`. The k that read what no k of their group writes go together.
        const std::uint64_t in_large = root / p < last ? root / p : last;
        const index large_end = static_cast<index>((in_large + 1) / 2);
        for (index begin = 0, end; begin < large_end; begin = end) {
            end = begin * step + half < large_end ? begin * step + half : large_end;
            for_range(begin, end, 1.5, [&](index from, index to) {
                for (index i = from; i < to; ++i) large[i] -= weight * (large[i * step + half] - before);
            });
        }
        strike_out_by_small(p, weight, before, large_end, count);
        if (square > root) return;
        // Runs of v with the same v / p.
        const index first = half + 1;
        for (index end = static_cast<index>((root / p + 1) / 2) + 1, begin; end > first && !stopped; end = begin) {
            // No run of the group writes what it reads: ((2 begin - 1) p + 1) / 2 >= end.
            begin = (2 * end + 3 * step - 2) / (2 * step);
            if (begin < first) begin = first;
            if (begin >= end) begin = end - 1;
            for_range(begin, end, 0.6 * static_cast<double>(p), [&](index from, index to) {
                for (index i = to - 1; i >= from; --i) {
                    const Number taken = weight * (small[i] - before);
                    const index run = ((2 * i - 1) * step + 1) / 2, behind = run + step < small_count() ? run + step : small_count();
                    for (index j = run; j < behind; ++j) small[j] -= taken;
                }
            });
        }
    }

    void strike_out_by_small(std::uint64_t p, Number weight, Number before, index begin_all, index end_all) {
        const std::uint64_t quotient = n / p;
        // In double precision (quotient + 1/2) / k is on the right side of every integer below 2^50.
        if (quotient >> 50) {
            for_range(begin_all, end_all, 8, [&](index begin, index end) {
                for (index i = begin; i < end; ++i)
                    large[i] -= weight * (small[(quotient / (2 * static_cast<std::uint64_t>(i) + 1) + 1) / 2] - before);
            });
            return;
        }
        const double middle = static_cast<double>(quotient) + 0.5;
        for_range(begin_all, end_all, 1.2, [&](index begin, index end) {
            constexpr index block = 128;
            std::int32_t places[block];
            for (index i = begin; i < end; i += block) {
                const index here = end - i < block ? end - i : block;
                for (index j = 0; j < here; ++j) places[j] = (static_cast<std::int32_t>(middle * reciprocal[i + j]) + 1) / 2;
                for (index j = 0; j < here; ++j) large[i + j] -= weight * (small[places[j]] - before);
            }
        });
    }

    const prime_work &work;
    const std::uint64_t n, root;
    Number *small = nullptr, *large = nullptr;
    double *reciprocal = nullptr;
    double unreported = 0;
    bool stopped = false;
};

template <class Number> status run(const prime_work &work, std::uint64_t n, wide_number *total) {
    quotients<Number> totals(work, n);
    const scratch memory(totals.bytes());
    if (memory.failed()) return BYTESTRIDE_ERROR_MEMORY;
    Number result = 0;
    const status outcome = totals.run(memory.data(), &result);
    *total = wide_number_of(result);
    return outcome;
}

// The sum of the primes up to n is li(n^2) within 2^62 for n up to this. By partial summation over x - theta(x), which for
// 1423 <= x <= 10^19 lies between 0.05 and 1.95 sqrt(x) (Buethe, "An analytic method for bounding psi(x)", Mathematics of
// Computation 87, 2018), the difference is at most 3.3 n^(3/2) / ln n.
constexpr std::uint64_t estimated_to = 10'000'000'000'000;

// The sum modulo 2^64 and the estimate together tell it all: 0.4 of the time of arithmetic in 128 bits.
std::uint64_t high_word(std::uint64_t n, std::uint64_t low) {
    // li(e^t) = gamma + ln t + the sum of t^k / (k k!).
    const double t = 2 * std::log(static_cast<double>(n));
    double estimate = 0.57721566490153286 + std::log(t), power = 1;
    for (int k = 1; k < 250; ++k) {
        power *= t / k;
        estimate += power / k;
    }
    return static_cast<std::uint64_t>((estimate - static_cast<double>(low)) * 0x1p-64 + 0.5);
}

}  // namespace

status total_up_to(const prime_work &work, std::uint64_t n, wide_number *total) {
    *total = {0, 0};
    if (n < 3) {
        if (n == 2) total->low = work.sums ? 2 : 1;
        return BYTESTRIDE_OK;
    }
    // Below this bound every sum of primes is below 2^64, and arithmetic modulo 2^64 is exact.
    constexpr std::uint64_t sums_fit_below = 29'000'000'000;
    if (work.sums && n > estimated_to) return run<wide>(work, n, total);
    const status outcome = run<std::uint64_t>(work, n, total);
    if (outcome == BYTESTRIDE_OK && work.sums && n >= sums_fit_below) total->high = high_word(n, total->low);
    return outcome;
}

double total_nanoseconds(std::uint64_t n) {
    const double root = __builtin_sqrt(static_cast<double>(n));
    return 300 + 0.3 * root * __builtin_sqrt(root);
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
