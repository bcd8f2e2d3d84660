// The size of each struct in the version of the library that brought it. Who was built against that version passes this
// size for ever, so a struct that grows keeps its line here. The array has none: it is final, since `bytestride_array_init`
// fills it without asking for a size.
#pragma once
#include <cstddef>

#include "core/types.hpp"

namespace bytestride {

template <class Struct> inline constexpr std::size_t first_size = 0;  // a new struct gets a line of its own
template <> inline constexpr std::size_t first_size<bytestride_options> = 64;
template <> inline constexpr std::size_t first_size<bytestride_copy_options> = 72;
template <> inline constexpr std::size_t first_size<bytestride_convolve_options> = 168;
template <> inline constexpr std::size_t first_size<bytestride_neighbor_product_options> = 80;
template <> inline constexpr std::size_t first_size<bytestride_depth_to_points_options> = 152;
template <> inline constexpr std::size_t first_size<bytestride_points_to_depth_options> = 104;
template <> inline constexpr std::size_t first_size<bytestride_distances_options> = 72;
template <> inline constexpr std::size_t first_size<bytestride_squared_error_options> = 72;
template <> inline constexpr std::size_t first_size<bytestride_mds_options> = 176;
template <> inline constexpr std::size_t first_size<bytestride_mds_result> = 32;
template <> inline constexpr std::size_t first_size<bytestride_searchsorted_options> = 80;
template <> inline constexpr std::size_t first_size<bytestride_sum_primes_options> = 72;

}  // namespace bytestride
