// The inner loops: weighted sums of rows.
#pragma once
#include "kernels/kernel.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {

__extension__ typedef __int128 int128;

// Sums divided by an odd number, rounded to nearest: (sum + half) * factor >> 16 >> shift, in 16 bits but for that product.
struct sum_divisor {
    std::uint16_t half, factor;  // factor 0: the sums may not fit
    int shift;
};

// Results are `unit` times the sums, in float32 or float64; 0: they are the sums.
struct sum_scale {
    dtype product;
    double unit;
    int shift;  // the unit is 2^-shift; negative where it is no such power
    sum_divisor divisor;
};

// Every result is summed in one fixed order, whatever the block: planes, then rows of taps, then taps; the sum starts at
// +0 and takes one `fused` (integers: product and sum) per tap. So blocks may differ in size without a bit changing.
struct convolve_block {
    // planes x (kh + results in one call - 1) addresses: result r of plane p takes its kh rows from [p][r] on.
    const char *const *rows;
    const void *weights;  // planes x kh x kw
    index planes, kh, kw;
    index step;  // bytes from one tap of a row to the next
    char *const *results;
    index width;             // elements of each result
    const sum_scale *scale;  // of results that are stored as bytes
};

using convolve_block_function = void (*)(const convolve_block &);

// Rows are read up to the end of the vector that holds their last tap: so many bytes behind it.
constexpr index convolve_overread = 64;

// Elements in one vector of the level: a width that is a multiple of it reads nothing behind its last tap.
index convolve_vector_elements(dtype element);

struct convolve_blocks {
    int many_rows;  // results in one call of `many`
    convolve_block_function many, one;
};

// `element` is the dtype of the rows, `sum` that of the results: float32, float64 or int64 for both (weights of that type);
// int16 or uint16, in any combination (weights modulo 2^16);
// or, `wide`, rows of int64 or uint64, weights of int128, sums in 128 bits, and results in float32, float64, int64 or uint64.
// `few_rows`: the rows lie a multiple of 4096 bytes apart.
convolve_blocks convolve_blocks_for(dtype element, dtype sum, bool wide, index kh, index kw, bool few_rows = false);

// float32 or float64, two axes: the sum takes the first taps of all rows, then the second ones and so on.
convolve_blocks convolve_blocks_by_columns(dtype element, index kh);

// Rows and results of int16 or uint16: sums modulo 2^16.
convolve_blocks convolve_blocks_of_shorts(index kh, index kw);

// What is stored: the sums, or integers of 8 bits, or of 16 with or without a sign, rounded half to even and saturated. Bytes are made of sums
// in float32 or int16 themselves, words of those in float32, times the unit where there is one, and the others, bytes too, of sums of 16 bits,
// with or without a sign, times the unit: fractions where that is a power of two, products in float32, or quotients that the divisor gives.
enum class stored_sums {
    as_they_are,
    bytes,
    words_with_sign,
    words,
    fractions_with_sign,
    fractions,
    products_with_sign,
    products,
    quotients
};

// The order of a sum: row by row of the kernel, or, in float32, column by column; or any, of squares of 3 or 5 ones, of bytes 7, whose sums
// are not rounded.
enum class sum_order { by_rows, by_columns, any_of_ones };

// Rows of uint8, `arithmetic` float32 or int16; stored as they are or as bytes.
convolve_blocks convolve_blocks_of_bytes(dtype arithmetic, stored_sums stored, sum_order order, index kh, index kw);

// Rows of int16 or uint16, summed in float32; stored as they are or as integers like those of the rows. Not by columns.
convolve_blocks convolve_blocks_of_words(dtype rows, stored_sums stored, sum_order order, index kh, index kw);

// Rows of float32, whose sums are whole numbers below 2^24, or of int16; one row, stored as it is, or one column of weights that are all 1.
// Means of bytes of 5 x 5 to 15 x 15 in 0.75 to 0.85 of the time of any weights.
convolve_blocks convolve_blocks_of_ones(dtype arithmetic, bool column, stored_sums stored);

// Rows of float32 or int16, one column of taps.
convolve_blocks convolve_blocks_of_column(dtype arithmetic, stored_sums stored, index kh);

// A rough cost, in nanoseconds, of one tap of one element.
double convolve_tap_cost(dtype element, bool wide);

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
