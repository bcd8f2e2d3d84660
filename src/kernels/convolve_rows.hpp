// Rows on their way in (converted, packed, continued over the edges) and out (rounded, spread).
#pragma once
#include "kernels/convert.hpp"
#include "kernels/convolve_blocks.hpp"
#include "kernels/convolve_geometry.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {

// The dtypes of one call and what moves rows between them.
struct convolve_rows {
    const convolve_geometry *geometry;
    dtype element, sum;  // of the rows that are summed, and of the sums
    index element_size, sum_size;
    convert_function convert_in, convert_out;  // null where the dtypes are equal
    sum_scale scale;                           // of the sums, before they are converted
    char fill[8];                              // the value outside, as an element
    bool large;                                // arrays that pass the caches
    bool streaming;                            // results of whole lines go past the caches
    bool sums_in_place;                        // sums may be stored where the result has them
};

convolve_rows rows_of(const convolve_task &task, const convolve_geometry &geometry, dtype element, dtype sum, const sum_scale &scale = {});

// A piece of a continued row: pixels [first, first + count), of which [inner_first, inner_first + inner_count) lie in the input.
struct row_window {
    index first, count;
    index inner_first, inner_count;
    index *edges;  // for each pixel that does not: where it comes from; room for `count`
};

void open_window(const convolve_rows &rows, index first, index count, row_window *window);

// Bytes of scratch memory that reading so many rows of a window takes.
index window_scratch_bytes(const convolve_rows &rows, index pixels, index count);

// Brings `count` rows of the input, `row_stride` bytes apart, into rows of `pitch` bytes at `to`. `row` is the address of
// pixel 0 of the first.
void read_window(const convolve_rows &rows, const row_window &window, const char *row, index row_stride, index count, char *to, index pitch,
                 char *scratch);

// Rows of nothing but the fill value.
void fill_row(const convolve_rows &rows, index pixels, char *to);

index result_scratch_bytes(const convolve_rows &rows, index pixels, index count);

// Rounds and stores `count` rows of sums, `pitch` bytes apart. `row` is the address of their first pixel in the first row of
// the result, `row_stride` the way to the next.
void write_results(const convolve_rows &rows, const char *sums, index pitch, index count, char *row, index row_stride, index pixels,
                   char *scratch);

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
