// Templates of the blocks of convolve_blocks.hpp that keep their sums in registers.
#pragma once
#include "kernels/convolve_blocks.hpp"
#include "kernels/convolve_bytes.hpp"

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

// ---- R results x C vectors are summed at once, so that each loaded vector serves up to R results --------------------
// E: the elements of the rows; T: the numbers that are summed; To: what becomes of the sums (see convolve_bytes.hpp).

// Adds row i, counted from the first row of result 0, to the results low to high. weights: those of row i of result 0.
template <int low, int high, class E, class T, int R, int C>
BYTESTRIDE_INLINE void add_row(vector<T> (&sum)[R][C], const char *row, const T *weights, index kw, index step) {
    UNROLLED_BY_FIVE
    for (index k = 0; k < kw; ++k) {
        vector<T> taps[C];
        unrolled<0, C>([&](auto c) BYTESTRIDE_INLINED {
            taps[c.value] = widened<T, E>(row + k * step + c.value * lanes<T> * static_cast<index>(sizeof(E)));
        });
        unrolled<low, high + 1>([&](auto r) BYTESTRIDE_INLINED {
            const vector<T> weight = all_lanes(weights[k - r.value * kw]);
            unrolled<0, C>([&](auto c)
                               BYTESTRIDE_INLINED { sum[r.value][c.value] = fused_lanes(taps[c.value], weight, sum[r.value][c.value]); });
        });
    }
}

// Any kernel of at least R rows: the first rows serve the first results only, the last rows the last ones.
template <class E, class T, int R, int C> struct any_taps {
    BYTESTRIDE_INLINE any_taps(const convolve_block &) {}
    BYTESTRIDE_INLINE void add(vector<T> (&sum)[R][C], const convolve_block &b, index offset) const {
        const char *const *rows = b.rows;
        const T *weights = static_cast<const T *>(b.weights);
        for (index p = 0; p < b.planes; ++p) {
            unrolled<0, R - 1>([&](auto i) BYTESTRIDE_INLINED {
                add_row<0, i.value, E, T, R, C>(sum, rows[i.value] + offset, weights + i.value * b.kw, b.kw, b.step);
            });
            for (index i = R - 1; i < b.kh; ++i) add_row<0, R - 1, E, T, R, C>(sum, rows[i] + offset, weights + i * b.kw, b.kw, b.step);
            unrolled<1, R>([&](auto i) BYTESTRIDE_INLINED {
                const index row = b.kh - 1 + i.value;
                add_row<i.value, R - 1, E, T, R, C>(sum, rows[row] + offset, weights + row * b.kw, b.kw, b.step);
            });
            rows += b.kh + R - 1;
            weights += b.kh * b.kw;
        }
    }
};

// Kernels of one row: the results share nothing but the weights, and the work of a call. Eight at once: 1 x 3 float32 over 480 x 640 in
// 0.7 to 0.8 of the time of row by row.
template <class E, class T, int R, int C> struct taps_of_one_row {
    BYTESTRIDE_INLINE taps_of_one_row(const convolve_block &) {}
    BYTESTRIDE_INLINE void add(vector<T> (&sum)[R][C], const convolve_block &b, index offset) const {
        const T *weights = static_cast<const T *>(b.weights);
        for (index p = 0; p < b.planes; ++p, weights += b.kw)
            for (index k = 0; k < b.kw; ++k) {
                const vector<T> weight = all_lanes(weights[k]);
                unrolled<0, R>([&](auto r) BYTESTRIDE_INLINED {
                    const char *row = b.rows[p * R + r.value] + offset + k * b.step;
                    unrolled<0, C>([&](auto c) BYTESTRIDE_INLINED {
                        const vector<T> taps = widened<T, E>(row + c.value * lanes<T> * static_cast<index>(sizeof(E)));
                        sum[r.value][c.value] = fused_lanes(taps, weight, sum[r.value][c.value]);
                    });
                });
            }
    }
};

// A kernel of a size known here: no loops at all.
template <class E, class T, int R, int C, int KH, int KW> struct fixed_taps {
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
                        taps[c.value] = widened<T, E>(row + k.value * b.step + c.value * lanes<T> * static_cast<index>(sizeof(E)));
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

// The same, column by column of the kernel; one plane.
template <class E, class T, int R, int C> struct taps_by_columns {
    BYTESTRIDE_INLINE taps_by_columns(const convolve_block &) {}
    template <int low, int high>
    BYTESTRIDE_INLINE static void add_tap(vector<T> (&sum)[R][C], const char *row, const T *weights, index kw) {
        vector<T> taps[C];
        unrolled<0, C>([&](auto c)
                           BYTESTRIDE_INLINED { taps[c.value] = widened<T, E>(row + c.value * lanes<T> * static_cast<index>(sizeof(E))); });
        unrolled<low, high + 1>([&](auto r) BYTESTRIDE_INLINED {
            const vector<T> weight = all_lanes(weights[-r.value * kw]);
            unrolled<0, C>([&](auto c)
                               BYTESTRIDE_INLINED { sum[r.value][c.value] = fused_lanes(taps[c.value], weight, sum[r.value][c.value]); });
        });
    }
    BYTESTRIDE_INLINE void add(vector<T> (&sum)[R][C], const convolve_block &b, index offset) const {
        const T *weights = static_cast<const T *>(b.weights);
        for (index k = 0; k < b.kw; ++k, ++weights, offset += b.step) {
            unrolled<0, R - 1>(
                [&](auto i) BYTESTRIDE_INLINED { add_tap<0, i.value>(sum, b.rows[i.value] + offset, weights + i.value * b.kw, b.kw); });
            for (index i = R - 1; i < b.kh; ++i) add_tap<0, R - 1>(sum, b.rows[i] + offset, weights + i * b.kw, b.kw);
            unrolled<1, R>([&](auto i) BYTESTRIDE_INLINED {
                const index row = b.kh - 1 + i.value;
                add_tap<i.value, R - 1>(sum, b.rows[row] + offset, weights + row * b.kw, b.kw);
            });
        }
    }
};

// The results one after the other, where vectors are few: at the edges.
template <class E, class T, int R> struct taps_in_turn {
    BYTESTRIDE_INLINE taps_in_turn(const convolve_block &) {}
    BYTESTRIDE_INLINE void add(vector<T> (&sum)[R][1], const convolve_block &b, index offset) const {
        unrolled<0, R>([&](auto r) BYTESTRIDE_INLINED {
            const T *weights = static_cast<const T *>(b.weights);
            for (index p = 0; p < b.planes; ++p)
                for (index i = 0; i < b.kh; ++i, weights += b.kw) {
                    const char *row = b.rows[p * (b.kh + R - 1) + i + r.value] + offset;
                    for (index k = 0; k < b.kw; ++k)
                        sum[r.value][0] = fused_lanes(widened<T, E>(row + k * b.step), all_lanes(weights[k]), sum[r.value][0]);
                }
        });
    }
};

template <class Taps, class E, class T, int R, int C>
BYTESTRIDE_INLINE void sum_columns(const convolve_block &b, index first, vector<T> (&sum)[R][C]) {
    unrolled<0, R>([&](auto r)
                       BYTESTRIDE_INLINED { unrolled<0, C>([&](auto c) BYTESTRIDE_INLINED { sum[r.value][c.value] = vector<T>{}; }); });
    const Taps taps(b);
    taps.add(sum, b, first * static_cast<index>(sizeof(E)));
}

template <class E, class T, class To, int R, int C, class Taps, class NarrowTaps> void sum_rows(const convolve_block &b) {
    constexpr index size = To::template size<T>, one = lanes<T>;
    const To stored(*b.scale);
    index i = 0;
    while (b.width - i >= C * one) {
        vector<T> sum[R][C];
        sum_columns<Taps, E, T, R, C>(b, i, sum);
        unrolled<0, R>([&](auto r) BYTESTRIDE_INLINED {
            unrolled<0, C>([&](auto c) BYTESTRIDE_INLINED {
                store(b.results[r.value] + (i + c.value * one) * size, stored.template of<T>(sum[r.value][c.value]));
            });
        });
        i += C * one;
        // The last block may sum again what the one before did, where that is less work than single vectors.
        const index left = b.width - i;
        const bool costly = !std::is_same<E, T>::value || 2 * left > C * one;
        if (costly && left > 0 && left < C * one) i = b.width - C * one;
    }
    for (; i < b.width; i += one) {
        vector<T> sum[R][1];
        sum_columns<NarrowTaps, E, T, R, 1>(b, i, sum);
        const index left = b.width - i;
        unrolled<0, R>([&](auto r) BYTESTRIDE_INLINED {
            char *to = b.results[r.value] + i * size;
            const auto result = stored.template of<T>(sum[r.value][0]);
            if (left >= one)
                store(to, result);
            else
                std::memcpy(to, &result, static_cast<std::size_t>(left * size));
        });
    }
}

template <class E, class T, class To, int R, int C> void sum_any(const convolve_block &b) {
    using narrow = typename std::conditional<std::is_same<E, T>::value, any_taps<E, T, R, 1>, taps_in_turn<E, T, R>>::type;
    sum_rows<E, T, To, R, C, any_taps<E, T, R, C>, narrow>(b);
}
template <class E, class T, class To, int R, int C, int KH, int KW> void sum_fixed(const convolve_block &b) {
    using narrow = typename std::conditional<std::is_same<E, T>::value, fixed_taps<E, T, R, 1, KH, KW>, taps_in_turn<E, T, R>>::type;
    sum_rows<E, T, To, R, C, fixed_taps<E, T, R, C, KH, KW>, narrow>(b);
}

template <class E, class T, class To, int R, int C> void sum_one_row(const convolve_block &b) {
    sum_rows<E, T, To, R, C, taps_of_one_row<E, T, R, C>, taps_of_one_row<E, T, R, 1>>(b);
}

template <class E, class T, class To, int R, int C> void sum_by_columns(const convolve_block &b) {
    sum_rows<E, T, To, R, C, taps_by_columns<E, T, R, C>, taps_by_columns<E, T, R, 1>>(b);
}

template <class E, class T, class To> convolve_blocks blocks_by_columns(index kh) {
    constexpr int most_columns = registers == 32 ? 4 : 2;
    const convolve_block_function one = sum_by_columns<E, T, To, 1, 8>;
    if (kh >= 5) return {5, sum_by_columns<E, T, To, 5, most_columns>, one};
    if (kh >= 3) return {3, sum_by_columns<E, T, To, 3, most_columns>, one};
    if (kh >= 2) return {2, sum_by_columns<E, T, To, 2, 4>, one};
    return {1, one, one};
}

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
