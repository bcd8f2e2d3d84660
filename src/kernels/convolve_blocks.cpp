#include "kernels/convolve_blocks.hpp"

#include "kernels/vectors.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int registers = 32;
#else
constexpr int registers = 16;
#endif

// ---- Loops unrolled by the language, so that sums stay in registers with every compiler -----------------------

template <int first, int last, class F> BYTESTRIDE_INLINE void unrolled(const F &f) {
    for_constants<(last > first ? last - first : 0)>([&](auto i) BYTESTRIDE_INLINED { f(std::integral_constant<int, first + i>{}); });
}

// 1.1x for rows of 9 and 15 taps.
#if defined(__clang__)
#define UNROLLED_BY_FIVE _Pragma("unroll 5")
#else
#define UNROLLED_BY_FIVE _Pragma("GCC unroll 5")
#endif

// ---- Floats: R results x C vectors are summed at once, so that each loaded vector serves up to R results -----------

// Adds row i, counted from the first row of result 0, to the results low to high. weights: those of row i of result 0.
template <int low, int high, class T, int R, int C>
BYTESTRIDE_INLINE void add_row(vector<T> (&sum)[R][C], const char *row, const T *weights, index kw, index step) {
    UNROLLED_BY_FIVE
    for (index k = 0; k < kw; ++k) {
        vector<T> taps[C];
        unrolled<0, C>([&](auto c) BYTESTRIDE_INLINED { taps[c.value] = load<vector<T>>(row + k * step + c.value * vector_bytes); });
        unrolled<low, high + 1>([&](auto r) BYTESTRIDE_INLINED {
            const vector<T> weight = all_lanes(weights[k - r.value * kw]);
            unrolled<0, C>([&](auto c)
                               BYTESTRIDE_INLINED { sum[r.value][c.value] = fused_lanes(taps[c.value], weight, sum[r.value][c.value]); });
        });
    }
}

// Any kernel of at least R rows: the first rows serve the first results only, the last rows the last ones.
template <class T, int R, int C> struct any_taps {
    BYTESTRIDE_INLINE any_taps(const convolve_block &) {}
    BYTESTRIDE_INLINE void add(vector<T> (&sum)[R][C], const convolve_block &b, index offset) const {
        const char *const *rows = b.rows;
        const T *weights = static_cast<const T *>(b.weights);
        for (index p = 0; p < b.planes; ++p) {
            unrolled<0, R - 1>([&](auto i) BYTESTRIDE_INLINED {
                add_row<0, i.value, T, R, C>(sum, rows[i.value] + offset, weights + i.value * b.kw, b.kw, b.step);
            });
            for (index i = R - 1; i < b.kh; ++i) add_row<0, R - 1, T, R, C>(sum, rows[i] + offset, weights + i * b.kw, b.kw, b.step);
            unrolled<1, R>([&](auto i) BYTESTRIDE_INLINED {
                const index row = b.kh - 1 + i.value;
                add_row<i.value, R - 1, T, R, C>(sum, rows[row] + offset, weights + row * b.kw, b.kw, b.step);
            });
            rows += b.kh + R - 1;
            weights += b.kh * b.kw;
        }
    }
};

// A kernel of a size known here: no loops at all.
template <class T, int R, int C, int KH, int KW> struct fixed_taps {
    BYTESTRIDE_INLINE fixed_taps(const convolve_block &) {}
    BYTESTRIDE_INLINE void add(vector<T> (&sum)[R][C], const convolve_block &b, index offset) const {
        const char *const *rows = b.rows;
        const T *weights = static_cast<const T *>(b.weights);
        for (index p = 0; p < b.planes; ++p) {
            unrolled<0, KH + R - 1>([&](auto i) BYTESTRIDE_INLINED {
                const char *row = rows[i.value] + offset;
                unrolled<0, KW>([&](auto k) BYTESTRIDE_INLINED {
                    vector<T> taps[C];
                    unrolled<0, C>([&](auto c) BYTESTRIDE_INLINED {
                        taps[c.value] = load<vector<T>>(row + k.value * b.step + c.value * vector_bytes);
                    });
                    constexpr int low = i.value < KH ? 0 : i.value - KH + 1, high = i.value < R ? i.value : R - 1;
                    unrolled<low, high + 1>([&](auto r) BYTESTRIDE_INLINED {
                        const vector<T> weight = all_lanes(weights[(i.value - r.value) * KW + k.value]);
                        unrolled<0, C>([&](auto c) BYTESTRIDE_INLINED {
                            sum[r.value][c.value] = fused_lanes(taps[c.value], weight, sum[r.value][c.value]);
                        });
                    });
                });
            });
            rows += KH + R - 1;
            weights += KH * KW;
        }
    }
};

template <class Taps, class T, int R, int C>
BYTESTRIDE_INLINE void sum_columns(const convolve_block &b, index first, vector<T> (&sum)[R][C]) {
    unrolled<0, R>([&](auto r)
                       BYTESTRIDE_INLINED { unrolled<0, C>([&](auto c) BYTESTRIDE_INLINED { sum[r.value][c.value] = vector<T>{}; }); });
    const Taps taps(b);
    taps.add(sum, b, first * static_cast<index>(sizeof(T)));
}

template <class T, int R, int C, class Taps, class NarrowTaps> void sum_rows(const convolve_block &b) {
    constexpr index size = sizeof(T), one = lanes<T>;
    index i = 0;
    for (; i + C * one <= b.width; i += C * one) {
        vector<T> sum[R][C];
        sum_columns<Taps, T, R, C>(b, i, sum);
        unrolled<0, R>([&](auto r) BYTESTRIDE_INLINED {
            unrolled<0, C>(
                [&](auto c) BYTESTRIDE_INLINED { store(b.results[r.value] + i * size + c.value * vector_bytes, sum[r.value][c.value]); });
        });
    }
    for (; i < b.width; i += one) {
        vector<T> sum[R][1];
        sum_columns<NarrowTaps, T, R, 1>(b, i, sum);
        const index left = b.width - i;
        unrolled<0, R>([&](auto r) BYTESTRIDE_INLINED {
            char *to = b.results[r.value] + i * size;
            if (left >= one)
                store(to, sum[r.value][0]);
            else
                std::memcpy(to, &sum[r.value][0], static_cast<std::size_t>(left * size));
        });
    }
}

template <class T, int R, int C> void sum_any(const convolve_block &b) { sum_rows<T, R, C, any_taps<T, R, C>, any_taps<T, R, 1>>(b); }
template <class T, int R, int C, int KH, int KW> void sum_fixed(const convolve_block &b) {
    sum_rows<T, R, C, fixed_taps<T, R, C, KH, KW>, fixed_taps<T, R, 1, KH, KW>>(b);
}

// The shapes that were fastest on Zen 4, within what the registers hold. `few_rows`: rows compete for the same lines of the cache,
// so that less of them and more of each are read at a time.
template <class T> convolve_blocks blocks_of_floats(index kh, index kw, bool few_rows) {
    constexpr bool many = registers == 32;
    const convolve_block_function one = sum_any<T, 1, 8>;
    if (kh == 3 && kw == 3) {
        if (many && !few_rows) return {8, sum_fixed<T, 8, 2, 3, 3>, one};
        return {4, sum_fixed < T, 4, many ? 4 : 2, 3, 3 >, one};
    }
    if (kh == 5 && kw == 5)
        return many ? convolve_blocks{6, sum_fixed<T, 6, 2, 5, 5>, one} : convolve_blocks{4, sum_fixed<T, 4, 2, 5, 5>, one};
    if (kh == 7 && kw == 7)
        return many ? convolve_blocks{6, sum_fixed<T, 6, 2, 7, 7>, one} : convolve_blocks{4, sum_fixed<T, 4, 2, 7, 7>, one};
    if (kh >= 6) return {6, sum_any<T, 6, 2>, one};
    if (kh >= 4) return {4, sum_any<T, 4, 3>, one};
    if (kh >= 2) return {2, sum_any<T, 2, 4>, one};
    return {1, one, one};
}

// ---- Integers beyond 2^53 ---------------------------------------------------------------------------------

template <class To> To narrowed(int128 sum) {
    if constexpr (static_cast<To>(0.5) != To(0)) {
        return static_cast<To>(sum);  // rounded half to even
    } else {
        constexpr bool is_signed = static_cast<To>(-1) < To(0);
        constexpr int128 one = 1, least = is_signed ? -(one << 63) : 0, most = is_signed ? (one << 63) - 1 : (one << 64) - 1;
        return static_cast<To>(sum < least ? least : sum > most ? most : sum);
    }
}

template <class Element, class Sum, class To> void sum_integers(const convolve_block &b) {
    constexpr index size = sizeof(Element), columns = 64;
    for (index first = 0; first < b.width; first += columns) {
        const index count = b.width - first < columns ? b.width - first : columns;
        Sum sum[columns];
        for (index i = 0; i < count; ++i) sum[i] = 0;
        const Sum *weight = static_cast<const Sum *>(b.weights);
        for (index p = 0; p < b.planes; ++p)
            for (index y = 0; y < b.kh; ++y)
                for (index k = 0; k < b.kw; ++k, ++weight) {
                    const char *taps = b.rows[p * b.kh + y] + first * size + k * b.step;
                    for (index i = 0; i < count; ++i) sum[i] += static_cast<Sum>(load<Element>(taps + i * size)) * *weight;
                }
        char *to = b.results[0] + first * static_cast<index>(sizeof(To));
        for (index i = 0; i < count; ++i) store(to + i * static_cast<index>(sizeof(To)), narrowed<To>(sum[i]));
    }
}

template <class Element> convolve_block_function wide_sum(dtype sum) {
    switch (sum) {
    case dtype::float32: return sum_integers<Element, int128, float>;
    case dtype::float64: return sum_integers<Element, int128, double>;
    case dtype::uint64: return sum_integers<Element, int128, std::uint64_t>;
    default: return sum_integers<Element, int128, std::int64_t>;
    }
}

}  // namespace

index convolve_vector_elements(dtype element) { return element == dtype::float32 ? lanes<float> : lanes<double>; }

convolve_blocks convolve_blocks_for(dtype element, dtype sum, bool wide, index kh, index kw, bool few_rows) {
    if (element == dtype::float32) return blocks_of_floats<float>(kh, kw, few_rows);
    if (element == dtype::float64) return blocks_of_floats<double>(kh, kw, few_rows);
    const convolve_block_function one = !wide                      ? sum_integers<std::int64_t, std::int64_t, std::int64_t>
                                        : element == dtype::uint64 ? wide_sum<std::uint64_t>(sum)
                                                                   : wide_sum<std::int64_t>(sum);
    return {1, one, one};
}

double convolve_tap_cost(dtype element, bool wide) {
    if (wide) return 1.5;
    if (element == dtype::int64) return 0.4;
    return (element == dtype::float32 ? 2.5 : 5.0) / static_cast<double>(vector_bytes);
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
