// Blocks whose weights are all 1 and whose sums are not rounded, so that they may be formed in any order: the rows and columns of means.
#pragma once
#include "kernels/convolve_taps.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// The sums of one column follow from each other.
template <class T, int R, int C> struct ones_of_one_column {
    BYTESTRIDE_INLINE ones_of_one_column(const convolve_block &) {}
    BYTESTRIDE_INLINE void add(vector<T> (&sum)[R][C], const convolve_block &b, index offset) const {
        const auto taps = [&](index row, auto c)
                              BYTESTRIDE_INLINED { return load<vector<T>>(b.rows[row] + offset + c.value * vector_bytes); };
        for (index i = 0; i < b.kh; ++i) unrolled<0, C>([&](auto c) BYTESTRIDE_INLINED { sum[0][c.value] += taps(i, c); });
        unrolled<1, R>([&](auto r) BYTESTRIDE_INLINED {
            unrolled<0, C>([&](auto c) BYTESTRIDE_INLINED {
                sum[r.value][c.value] = sum[r.value - 1][c.value] - taps(r.value - 1, c) + taps(r.value - 1 + b.kh, c);
            });
        });
    }
};

// Squares of a size known here: the taps of a row are added once for all results. Bytes of 720 x 1280 by 3 x 3 in 0.7 of the time of any
// weights, by 5 x 5 in 0.83 of that of one pass per axis.
template <class E, class T, int R, int C, int side> struct ones_of_square {
    BYTESTRIDE_INLINE ones_of_square(const convolve_block &) {}
    BYTESTRIDE_INLINE void add(vector<T> (&sum)[R][C], const convolve_block &b, index offset) const {
        unrolled<0, side + R - 1>([&](auto i) BYTESTRIDE_INLINED {
            const char *const row = b.rows[i.value] + offset;
            vector<T> taps[C];
            unrolled<0, side>([&](auto k) BYTESTRIDE_INLINED {
                unrolled<0, C>([&](auto c) BYTESTRIDE_INLINED {
                    const vector<T> tap = widened<T, E>(row + k.value * b.step + c.value * lanes<T> * static_cast<index>(sizeof(E)));
                    taps[c.value] = k.value == 0 ? tap : taps[c.value] + tap;
                });
            });
            constexpr int low = i.value < side ? 0 : i.value - side + 1, high = i.value < R ? i.value : R - 1;
            unrolled<low, high + 1>([&](auto r) BYTESTRIDE_INLINED {
                unrolled<0, C>([&](auto c) BYTESTRIDE_INLINED { sum[r.value][c.value] += taps[c.value]; });
            });
        });
    }
};

template <class T, int R, int C> struct ones_of_one_row {
    BYTESTRIDE_INLINE ones_of_one_row(const convolve_block &) {}
    BYTESTRIDE_INLINE void add(vector<T> (&sum)[R][C], const convolve_block &b, index offset) const {
        static_assert(R == 1, "rows share nothing");
        const char *row = b.rows[0] + offset;
        for (index k = 0; k < b.kw; ++k, row += b.step)
            unrolled<0, C>([&](auto c) BYTESTRIDE_INLINED { sum[0][c.value] += load<vector<T>>(row + c.value * vector_bytes); });
    }
};

template <class T> void sum_few_ones_of_row(const convolve_block &b) {
    sum_rows<T, T, as_sum, 1, 8, ones_of_one_row<T, 1, 8>, ones_of_one_row<T, 1, 1>>(b);
}

// Sums of some neighbouring taps are formed first, and the result of every so many of these: of 31 taps 6 + 5 + 1 additions.
// Means of bytes of 720 x 1280 by 9 x 9 in 0.88, by 15 x 15 in 0.96, by 31 x 31 in 0.78 of the time of all taps in turn.
template <class T> void sum_ones_of_row(const convolve_block &b) {
    constexpr index size = sizeof(T), one = lanes<T>, piece = 1024, most_behind = 1024;
    const index step = b.step < 0 ? -b.step : b.step;
    index together = 2;
    while (together * together < b.kw) ++together;
    const index groups = b.kw / together, single = groups * together, behind = (groups - 1) * together * (step / size);
    if (b.kw < 8 || behind > most_behind) return sum_few_ones_of_row<T>(b);
    alignas(64) T sums_of_groups[piece + most_behind + one];
    const char *row = b.step < 0 ? b.rows[0] + (b.kw - 1) * b.step : b.rows[0];
    char *to = b.results[0];
    for (index first = 0; first < b.width; first += piece, row += piece * size, to += piece * size) {
        const index here = b.width - first < piece ? b.width - first : piece;
        // The last vector may form again what the one before did, so that whole vectors of results read nothing behind their last tap.
        const index needed = here + behind;
        for (index i = 0; i < needed; i += one) {
            const index at = i + one <= needed || needed < one ? i : needed - one;
            vector<T> sum{};
            for (index k = 0; k < together; ++k) sum += load<vector<T>>(row + at * size + k * step);
            store(sums_of_groups + at, sum);
        }
        const char *const from = reinterpret_cast<const char *>(sums_of_groups);
        for (index i = 0; i < here; i += one) {
            vector<T> sum{};
            for (index g = 0; g < groups; ++g) sum += load<vector<T>>(from + i * size + g * together * step);
            for (index k = single; k < b.kw; ++k) sum += load<vector<T>>(row + i * size + k * step);
            if (here - i >= one)
                store(to + i * size, sum);
            else
                std::memcpy(to + i * size, &sum, static_cast<std::size_t>((here - i) * size));
        }
    }
}

template <class T, class To, int R, int C> void sum_ones_of_columns(const convolve_block &b) {
    sum_rows<T, T, To, R, C, ones_of_one_column<T, R, C>, ones_of_one_column<T, R, 1>>(b);
}

template <class E, class T, class To, int side> convolve_blocks blocks_of_square() {
    constexpr int results = registers == 32 ? 8 : 4;
    return {results, sum_rows<E, T, To, results, 2, ones_of_square<E, T, results, 2, side>, taps_in_turn<E, T, results>>,
            sum_rows<E, T, To, 1, 4, ones_of_square<E, T, 1, 4, side>, taps_in_turn<E, T, 1>>};
}
template <class E, class T, class To> convolve_blocks blocks_of_square(index side) {
    if (side == 3) return blocks_of_square<E, T, To, 3>();
    if constexpr (sizeof(E) == 1)
        if (side == 7) return blocks_of_square<E, T, To, 7>();
    return blocks_of_square<E, T, To, 5>();
}

template <class T> convolve_blocks blocks_of_ones_of_row() { return {1, sum_ones_of_row<T>, sum_ones_of_row<T>}; }
template <class T, class To> convolve_blocks blocks_of_ones_of_column() {
    return {8, sum_ones_of_columns<T, To, 8, 2>, sum_ones_of_columns<T, To, 1, 8>};
}

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
