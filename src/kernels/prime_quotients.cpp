// Counts and sums of primes below one limit n, from those of the numbers n / k alone (Lagarias, Miller, Odlyzko 1985 in
// its simplest form): numbers are struck out by their smallest prime factor, all at once.
#include <cmath>

#include "kernels/prime_totals.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

constexpr index together = totals_together;

// Loops that are shared by threads where they are long, look at the cancel word, and report what was done.
class pacing {
public:
    explicit pacing(const prime_work &work_) : work(work_) {}

    template <class Body> void for_range(index begin, index end, double nanoseconds_each, const Body &body) {
        if (begin >= end || is_stopped) return;
        const double nanoseconds = static_cast<double>(end - begin) * nanoseconds_each;
        if (nanoseconds < long_loop) {
            body(begin, end);
            unreported += nanoseconds;
            if (unreported < long_loop) return;
            is_stopped = work.cancelled();
            report();
            return;
        }
        report();
        is_stopped = parallel_for(work.quiet, {end - begin, nanoseconds_each}, [&](index from, index to, int) {
                         body(begin + from, begin + to);
                         work.done(static_cast<double>(to - from) * nanoseconds_each);
                     }) != BYTESTRIDE_OK;
    }
    bool stopped() const { return is_stopped; }

private:
    static constexpr double long_loop = 200e3;
    void report() {
        if (unreported > 0) work.done(unreported);
        unreported = 0;
    }

    const prime_work &work;
    double unreported = 0;
    bool is_stopped = false;
};

// S(v), the total of what is left of 2 ... v, is needed at v <= root(n) and at v = n / k for k <= root(n). Even numbers are
// struck out from the start.

// S(v) for v <= root: at[(v + 1) / 2]. These do not depend on n, so limits that are worked on together share them.
template <class Number> class small_totals {
public:
    small_totals(pacing &pace_, bool sums_, std::uint64_t root_, Number *at_) : at(at_), sums(sums_), pace(pace_), root(root_) {}
    static index count(std::uint64_t root) { return static_cast<index>((root + 1) / 2 + 1); }

    // The numbers 2, 3, 5, 7, ... up to v: as many as odd numbers from 1 on.
    Number odd_total(std::uint64_t v) const {
        const Number k = (v >> 1) + (v & 1);
        return sums ? k * k + 1 : k;
    }
    Number weight(std::uint64_t p) const { return sums ? p : 1; }

    void start() {
        pace.for_range(0, count(root), 0.5, [&](index begin, index end) {
            for (index i = begin; i < end; ++i) at[i] = i > 0 ? odd_total(2 * static_cast<std::uint64_t>(i)) : 0;
        });
    }

    // Whether p has no smaller prime factor.
    bool is_left(std::uint64_t p) const { return at[(p + 1) / 2] != at[(p - 1) / 2]; }

    // S(v) -= p (S(v / p) - S(p - 1)) for all v >= p^2, the largest first, since S(v / p) is what it was before.
    void strike_out(std::uint64_t p) {
        if (p * p > root) return;
        const index step = static_cast<index>(p), first = static_cast<index>((p - 1) / 2) + 1;
        const Number before = at[first - 1];
        // Runs of v with the same v / p.
        for (index end = static_cast<index>((root / p + 1) / 2) + 1, begin; end > first && !pace.stopped(); end = begin) {
            // No run of the group writes what it reads: ((2 begin - 1) p + 1) / 2 >= end.
            begin = (2 * end + 3 * step - 2) / (2 * step);
            if (begin < first) begin = first;
            if (begin >= end) begin = end - 1;
            pace.for_range(begin, end, 0.6 * static_cast<double>(p), [&](index from, index to) {
                for (index i = to - 1; i >= from; --i) {
                    const Number taken = weight(p) * (at[i] - before);
                    const index run = ((2 * i - 1) * step + 1) / 2, behind = run + step < count(root) ? run + step : count(root);
                    for (index j = run; j < behind; ++j) at[j] -= taken;
                }
            });
        }
    }

    Number *const at;
    const bool sums;

private:
    pacing &pace;
    const std::uint64_t root;
};

// S(n / k) for odd k: at[k / 2].
template <class Number> class large_totals {
public:
    large_totals(pacing &pace_, const small_totals<Number> &small_, const double *reciprocal_, std::uint64_t n_, Number *at_)
        : at(at_), pace(&pace_), small(&small_), reciprocal(reciprocal_), n(n_), root(square_root(n_)) {}
    static index count(std::uint64_t n) { return static_cast<index>((square_root(n) + 1) / 2); }

    void start() {
        pace->for_range(0, count(n), 1, [&](index begin, index end) {
            const double middle = static_cast<double>(n) + 0.5;
            if (n >> 50)
                for (index i = begin; i < end; ++i) at[i] = small->odd_total(n / (2 * static_cast<std::uint64_t>(i) + 1));
            else  // as in strike_out_by_small
                for (index i = begin; i < end; ++i)
                    at[i] = small->odd_total(static_cast<std::uint64_t>(static_cast<std::int64_t>(middle * reciprocal[i])));
        });
    }

    // Whether p is at most the cube root of n.
    bool wants(std::uint64_t p) const { return static_cast<wide>(p) * p * p <= n; }

    // As in small_totals, which come afterwards.
    void strike_out(std::uint64_t p) {
        const Number weight = small->weight(p), before = small->at[(p - 1) / 2];
        const std::uint64_t square = p * p, last = n / square < root ? n / square : root;  // of k
        const index end_all = static_cast<index>((last + 1) / 2), step = static_cast<index>(p), half = static_cast<index>((p - 1) / 2);
        // k p <= root: S(n / (k p)) is one of these. The k that read what no k of their group writes go together.
        const std::uint64_t in_large = root / p < last ? root / p : last;
        const index large_end = static_cast<index>((in_large + 1) / 2);
        for (index begin = 0, end; begin < large_end; begin = end) {
            end = begin * step + half < large_end ? begin * step + half : large_end;
            pace->for_range(begin, end, 1.5, [&](index from, index to) {
                for (index i = from; i < to; ++i) at[i] -= weight * (at[i * step + half] - before);
            });
        }
        strike_out_by_small(p, weight, before, large_end, end_all);
    }

    // What the primes from `first` on, beyond the cube root of n, leave of S(n): a number that is struck out by p is p q with a
    // prime q >= p, so S(n / p) is complete, and no other S(n / k) is needed any more.
    Number total_beyond(std::uint64_t first) {
        Number taken = 0;
        constexpr std::uint64_t block = 1 << 16;  // short enough for one thread
        for (std::uint64_t begin = first; begin <= root && !pace->stopped(); begin += 2 * block) {
            const std::uint64_t end = root - begin < 2 * block ? root + 1 : begin + 2 * block;
            pace->for_range(static_cast<index>(begin / 2), static_cast<index>(end / 2), 1, [&](index from, index to) {
                Number here = 0;
                for (index i = from; i < to; ++i) {  // the odd number 2 i + 1
                    const Number before = small->at[i], all = (at[i] - before) * small->weight(static_cast<std::uint64_t>(2 * i + 1));
                    here += small->at[i + 1] != before ? all : 0;
                }
                taken += here;
            });
        }
        return at[0] - taken;
    }

    Number *at;

private:
    void strike_out_by_small(std::uint64_t p, Number weight, Number before, index begin_all, index end_all) {
        const std::uint64_t quotient = n / p;
        const Number *const below = small->at;
        // In double precision (quotient + 1/2) / k is on the right side of every integer below 2^50.
        if (quotient >> 50) {
            pace->for_range(begin_all, end_all, 8, [&](index begin, index end) {
                for (index i = begin; i < end; ++i)
                    at[i] -= weight * (below[(quotient / (2 * static_cast<std::uint64_t>(i) + 1) + 1) / 2] - before);
            });
            return;
        }
        const double middle = static_cast<double>(quotient) + 0.5;
        pace->for_range(begin_all, end_all, 1.2, [&](index begin, index end) {
            constexpr index block = 128;
            std::int32_t places[block];
            for (index i = begin; i < end; i += block) {
                const index here = end - i < block ? end - i : block;
                for (index j = 0; j < here; ++j) places[j] = (static_cast<std::int32_t>(middle * reciprocal[i + j]) + 1) / 2;
                for (index j = 0; j < here; ++j) at[i + j] -= weight * (below[places[j]] - before);
            }
        });
    }

    pacing *pace;
    const small_totals<Number> *small;
    const double *reciprocal;
    std::uint64_t n, root;
};

// Each limit is at least 3. The same prime is struck out of all of them, then of what they share.
template <class Number> status run(const prime_work &work, const std::uint64_t *limits, index count, wide_number *totals) {
    constexpr index size = static_cast<index>(sizeof(Number));
    std::uint64_t largest = 0;
    index numbers = 0;
    for (index i = 0; i < count; ++i) {
        largest = limits[i] > largest ? limits[i] : largest;
        numbers += large_totals<Number>::count(limits[i]);
    }
    const std::uint64_t root = square_root(largest);
    const index reciprocals = large_totals<Number>::count(largest), small_bytes = whole_lines(small_totals<Number>::count(root) * size);
    const scratch memory(small_bytes + whole_lines(numbers * size) + reciprocals * 8);
    if (memory.failed()) return BYTESTRIDE_ERROR_MEMORY;
    double *reciprocal = reinterpret_cast<double *>(memory.data() + small_bytes + whole_lines(numbers * size));

    pacing pace(work);
    small_totals<Number> small(pace, work.sums, root, reinterpret_cast<Number *>(memory.data()));
    small.start();
    pace.for_range(0, reciprocals, 4, [&](index begin, index end) {
        for (index i = begin; i < end; ++i) reciprocal[i] = 1.0 / static_cast<double>(2 * i + 1);
    });
    Number *next = reinterpret_cast<Number *>(memory.data() + small_bytes);
    const auto large_of = [&](index i) {
        large_totals<Number> large(pace, small, reciprocal, limits[i], next);
        next += large_totals<Number>::count(limits[i]);
        return large;
    };
    for (index i = 0; i < count; ++i) large_of(i).start();
    bool done[together] = {};
    index left = count;
    for (std::uint64_t p = 3; left > 0 && !pace.stopped(); p += 2) {
        const bool is_prime = small.is_left(p);
        next = reinterpret_cast<Number *>(memory.data() + small_bytes);
        for (index i = 0; i < count; ++i) {
            large_totals<Number> large = large_of(i);
            if (done[i]) continue;
            if (large.wants(p)) {
                if (is_prime) large.strike_out(p);
                continue;
            }
            totals[i] = wide_number_of(large.total_beyond(p));
            done[i] = true;
            --left;
        }
        if (is_prime && left > 0) small.strike_out(p);
    }
    return pace.stopped() ? BYTESTRIDE_ERROR_CANCELLED : BYTESTRIDE_OK;
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

status totals_up_to(const prime_work &work, const std::uint64_t *limits, index count, wide_number *totals) {
    // Below this bound every sum of primes is below 2^64, and arithmetic modulo 2^64 is exact.
    constexpr std::uint64_t sums_fit_below = 29'000'000'000;
    std::uint64_t chosen[together];
    wide_number found[together];
    index places[together], some = 0;
    for (index i = 0; i < count; ++i) {
        const std::uint64_t n = limits[i];
        totals[i] = {0, 0};
        if (n == 2) totals[i].low = work.sums ? 2 : 1;
        if (n < 3) continue;
        if (work.sums && n > estimated_to) {
            const status outcome = run<wide>(work, &n, 1, &totals[i]);
            if (outcome != BYTESTRIDE_OK) return outcome;
            continue;
        }
        places[some] = i;
        chosen[some++] = n;
    }
    const status outcome = some > 0 ? run<std::uint64_t>(work, chosen, some, found) : BYTESTRIDE_OK;
    if (outcome != BYTESTRIDE_OK) return outcome;
    for (index k = 0; k < some; ++k) {
        if (work.sums && chosen[k] >= sums_fit_below) found[k].high = high_word(chosen[k], found[k].low);
        totals[places[k]] = found[k];
    }
    return BYTESTRIDE_OK;
}

double total_nanoseconds(std::uint64_t n) {
    const double root = __builtin_sqrt(static_cast<double>(n));
    return 300 + 0.3 * root * __builtin_sqrt(root);
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
