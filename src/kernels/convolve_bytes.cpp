// Blocks for images of bytes and of 16-bit integers.
#include "kernels/convolve_taps.hpp"

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

template <class F> convolve_blocks as_stored(stored_sums stored, const F &blocks) {
    switch (stored) {
    case stored_sums::bytes: return blocks(type_tag<as_byte>{});
    case stored_sums::fractions_with_sign: return blocks(type_tag<as_fraction<true>>{});
    case stored_sums::fractions: return blocks(type_tag<as_fraction<false>>{});
    case stored_sums::products_with_sign: return blocks(type_tag<as_product<true>>{});
    case stored_sums::products: return blocks(type_tag<as_product<false>>{});
    default: return blocks(type_tag<as_sum>{});
    }
}

}  // namespace

convolve_blocks convolve_blocks_of_shorts(index kh, index kw) { return blocks_of<std::uint16_t, std::uint16_t, as_sum>(kh, kw); }

convolve_blocks convolve_blocks_of_bytes(dtype arithmetic, stored_sums stored, bool by_columns, index kh, index kw) {
    using byte = std::uint8_t;
    const bool to_bytes = stored == stored_sums::bytes;
    if (arithmetic == dtype::float32 && by_columns)
        return to_bytes ? blocks_by_columns<byte, float, as_byte>(kh) : blocks_by_columns<byte, float, as_sum>(kh);
    if (arithmetic == dtype::float32) return to_bytes ? blocks_of<byte, float, as_byte>(kh, kw) : blocks_of<byte, float, as_sum>(kh, kw);
    return as_stored(stored, [&](auto to) { return blocks_of<byte, std::uint16_t, typename decltype(to)::type>(kh, kw); });
}

convolve_blocks convolve_blocks_of_ones(bool column, stored_sums stored) {
    return as_stored(stored, [&](auto to) { return blocks_of_ones<std::uint16_t, typename decltype(to)::type>(column); });
}

convolve_blocks convolve_blocks_of_columns_to_bytes(dtype arithmetic, stored_sums stored, index kh) {
    if (arithmetic == dtype::float32) return blocks_by_columns<float, float, as_byte>(kh);
    return as_stored(stored, [&](auto to) { return blocks_by_columns<std::uint16_t, std::uint16_t, typename decltype(to)::type>(kh); });
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
