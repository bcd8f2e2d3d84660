#include "kernels/convolve_blocks.hpp"

#include "core/dtype.hpp"
#include "kernels/convolve_taps.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// The shapes that were fastest on Zen 4, within what the registers hold. `few_rows`: rows compete for the same lines of the cache,
// so that less of them and more of each are read at a time.
template <class T> convolve_blocks blocks_of_floats(index kh, index kw, bool few_rows) {
    constexpr bool many = registers == 32;
    const convolve_block_function one = sum_any<T, T, as_sum, 1, 8>;
    if (kh == 3 && kw == 3) {
        if constexpr (many)
            if (!few_rows) return {8, sum_fixed<T, T, as_sum, 8, 2, 3, 3>, one};
        return {4, sum_fixed < T, T, as_sum, 4, many ? 4 : 2, 3, 3 >, one};
    }
    if (kh == 5 && kw == 5)
        return many ? convolve_blocks{6, sum_fixed<T, T, as_sum, 6, 2, 5, 5>, one}
                    : convolve_blocks{4, sum_fixed<T, T, as_sum, 4, 2, 5, 5>, one};
    if constexpr (many) {
        // 20 sums, 1.09x the 12 of 6 x 2 and 1.05x a 7 x 7 without loops; but not for columns, whose taps share no loads.
        if (kh >= 5 && kw > 1) return {5, sum_any<T, T, as_sum, 5, 4>, one};
    } else {
        if (kh == 7 && kw == 7) return {4, sum_fixed<T, T, as_sum, 4, 2, 7, 7>, one};
    }
    if (kh >= 6) return {6, sum_any<T, T, as_sum, 6, 2>, one};
    if (kh >= 4) return {4, sum_any<T, T, as_sum, 4, 3>, one};
    if (kh >= 2) return {2, sum_any<T, T, as_sum, 2, 4>, one};
    return {many ? 8 : 4, sum_one_row < T, T, as_sum, many ? 8 : 4, 2 >, one};
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

index convolve_vector_elements(dtype element) { return vector_bytes / itemsize_of(element); }

convolve_blocks convolve_blocks_for(dtype element, dtype sum, bool wide, index kh, index kw, bool few_rows) {
    if (element == dtype::float32) return blocks_of_floats<float>(kh, kw, few_rows);
    if (element == dtype::float64) return blocks_of_floats<double>(kh, kw, few_rows);
    if (itemsize_of(element) == 2) return convolve_blocks_of_shorts(kh, kw);
    const convolve_block_function one = !wide                      ? sum_integers<std::int64_t, std::int64_t, std::int64_t>
                                        : element == dtype::uint64 ? wide_sum<std::uint64_t>(sum)
                                                                   : wide_sum<std::int64_t>(sum);
    return {1, one, one};
}

convolve_blocks convolve_blocks_by_columns(dtype element, index kh) {
    return element == dtype::float32 ? blocks_by_columns<float, float, as_sum>(kh) : blocks_by_columns<double, double, as_sum>(kh);
}

double convolve_tap_cost(dtype element, bool wide) {
    if (wide) return 1.5;
    if (element == dtype::int64) return 0.4;
    return 0.625 * static_cast<double>(itemsize_of(element)) / static_cast<double>(vector_bytes);
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
