// The kernel of a convolution: its weights in the arithmetic of the sum, and its factors when it is an outer product.
#pragma once
#include "kernels/convolve.hpp"
#include "kernels/convolve_blocks.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {

struct convolve_weights {
    dtype element, sum;   // of the rows and of the sums; equal but for integers of 16 and 128 bits
    bool wide;            // integers in 128 bits
    bool exact;           // no sum is rounded: its products may be added in any order
    sum_scale scale;      // where weights are multiples of a unit, and the sums those of the multiples
    const void *weights;  // dense, in C order of the (flipped) kernel
    int axes;             // axes with more than one tap, in the kernel's order
    index taps[max_ndim];
    bool columns_first;  // products are summed column by column: the kernel was transposed, and the sum has its order all the same
    bool separable;
    const void *factors[max_ndim];  // one vector of weights per such axis, if separable
};

// Bytes of memory that `read_weights` takes; negative when they pass an index.
index weights_bytes(const convolve_task &task);

// Reads the kernel, chooses the arithmetic and the method. The choice depends on the kernel and the dtypes, for exact sums of
// large integers also on the input's largest magnitude, which changes no bit.
status read_weights(const convolve_task &task, char *memory, convolve_weights *weights);

// Weights in floats that are whole numbers of a unit, which most are that are written down by hand: sharpening, Sobel, binomial kernels,
// means. An input of 8 or 16 bits has exact sums by those numbers: `weights`, which read_weights left for the same kernel, is changed
// to the narrowest arithmetic that forms these; false where that is no gain. The kernel's axes may come in another order now.
// uint8 to uint8 by 3 x 3 and 5 x 5: float32 0.55 to 0.9 of the time of sums in floats, float64 0.15 to 0.3.
bool read_multiples(const convolve_task &task, char *memory, convolve_weights *weights);

// Whether the dense kernel is the outer product of the vectors that are written to `factors`: every entry to a relative
// error of `tolerance`, integers exactly.
bool factorize(const float *weights, int axes, const index *taps, double tolerance, float *const *factors);
bool factorize(const double *weights, int axes, const index *taps, double tolerance, double *const *factors);
bool factorize(const int128 *weights, int axes, const index *taps, int128 *const *factors);

// The largest magnitude in an array of bool or integers.
status largest_magnitude(const call &settings, const view &input, std::uint64_t *largest);

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
