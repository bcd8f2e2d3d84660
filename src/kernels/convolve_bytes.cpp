// Blocks for images of bytes and of 16-bit integers.
#include "kernels/convolve_ones.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

template <class E, class T, class To> convolve_blocks blocks_of(index kh, index kw) {
    constexpr bool many = registers == 32;
    const convolve_block_function one = sum_any<E, T, To, 1, 4>;
    if constexpr (many) {
        if (kh == 3 && kw == 3) return {8, sum_fixed<E, T, To, 8, 2, 3, 3>, one};
        // The weights of integers take an instruction each, which many columns share: 1.25x 5 x 5 without loops.
        if constexpr (std::is_same<T, float>::value)
            if (kh == 5 && kw == 5) return {6, sum_fixed<E, T, To, 6, 2, 5, 5>, one};
        if (kh >= 5) return {5, sum_any<E, T, To, 5, 4>, one};
    } else {
        if (kh == 3 && kw == 3) return {4, sum_fixed<E, T, To, 4, 2, 3, 3>, one};
        if (kh == 5 && kw == 5) return {4, sum_fixed<E, T, To, 4, 2, 5, 5>, one};
        if (kh >= 4) return {4, sum_any<E, T, To, 4, 2>, one};
    }
    if (kh >= 2) return {2, sum_any<E, T, To, 2, 4>, one};
    return {1, one, one};
}

// What sums of 16 bits are stored as.
template <class F> convolve_blocks short_sums(stored_sums stored, const F &blocks) {
    switch (stored) {
    case stored_sums::bytes: return blocks(type_tag<as_byte>{});
    case stored_sums::fractions_with_sign: return blocks(type_tag<as_fraction<true>>{});
    case stored_sums::fractions: return blocks(type_tag<as_fraction<false>>{});
    case stored_sums::products_with_sign: return blocks(type_tag<as_product<true>>{});
    case stored_sums::products: return blocks(type_tag<as_product<false>>{});
    case stored_sums::quotients: return blocks(type_tag<as_quotient>{});
    default: return blocks(type_tag<as_sum>{});
    }
}

// And those in float32.
template <class F> convolve_blocks float_sums(stored_sums stored, const F &blocks) {
    switch (stored) {
    case stored_sums::bytes: return blocks(type_tag<as_byte>{});
    case stored_sums::words_with_sign: return blocks(type_tag<as_word<true>>{});
    case stored_sums::words: return blocks(type_tag<as_word<false>>{});
    default: return blocks(type_tag<as_sum>{});
    }
}

// Integers of two bytes and back.
template <class E> convolve_blocks blocks_of_words(stored_sums stored, sum_order order, index kh, index kw) {
    using word = as_word<std::is_signed<E>::value>;
    const bool to_words = stored != stored_sums::as_they_are;
    if (order != sum_order::any_of_ones) return to_words ? blocks_of<E, float, word>(kh, kw) : blocks_of<E, float, as_sum>(kh, kw);
    return to_words ? blocks_of_square<E, float, word>(kh) : blocks_of_square<E, float, as_sum>(kh);
}

}  // namespace

convolve_blocks convolve_blocks_of_shorts(index kh, index kw) { return blocks_of<std::uint16_t, std::uint16_t, as_sum>(kh, kw); }

convolve_blocks convolve_blocks_of_bytes(dtype arithmetic, stored_sums stored, sum_order order, index kh, index kw) {
    using byte = std::uint8_t;
    const bool to_bytes = stored == stored_sums::bytes;
    if (arithmetic == dtype::float32 && order == sum_order::by_columns)
        return to_bytes ? blocks_by_columns<byte, float, as_byte>(kh) : blocks_by_columns<byte, float, as_sum>(kh);
    if (arithmetic == dtype::float32) return to_bytes ? blocks_of<byte, float, as_byte>(kh, kw) : blocks_of<byte, float, as_sum>(kh, kw);
    if (order == sum_order::any_of_ones && stored == stored_sums::quotients) return blocks_of_square<byte, std::uint16_t, as_quotient>(kh);
    if (order == sum_order::any_of_ones && stored == stored_sums::as_they_are) return blocks_of_square<byte, std::uint16_t, as_sum>(kh);
    return short_sums(stored, [&](auto to) { return blocks_of<byte, std::uint16_t, typename decltype(to)::type>(kh, kw); });
}

convolve_blocks convolve_blocks_of_words(dtype rows, stored_sums stored, sum_order order, index kh, index kw) {
    return rows == dtype::int16 ? blocks_of_words<std::int16_t>(stored, order, kh, kw)
                                : blocks_of_words<std::uint16_t>(stored, order, kh, kw);
}

convolve_blocks convolve_blocks_of_ones(dtype arithmetic, bool column, stored_sums stored) {
    const bool floats = arithmetic == dtype::float32;
    if (!column) return floats ? blocks_of_ones_of_row<float>() : blocks_of_ones_of_row<std::uint16_t>();
    if (floats) return float_sums(stored, [&](auto to) { return blocks_of_ones_of_column<float, typename decltype(to)::type>(); });
    return short_sums(stored, [&](auto to) { return blocks_of_ones_of_column<std::uint16_t, typename decltype(to)::type>(); });
}

convolve_blocks convolve_blocks_of_column(dtype arithmetic, stored_sums stored, index kh) {
    if (arithmetic == dtype::float32)
        return float_sums(stored, [&](auto to) { return blocks_by_columns<float, float, typename decltype(to)::type>(kh); });
    return short_sums(stored, [&](auto to) { return blocks_by_columns<std::uint16_t, std::uint16_t, typename decltype(to)::type>(kh); });
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
