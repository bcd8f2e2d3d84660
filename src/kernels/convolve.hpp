// Convolution and correlation of a checked task.
#pragma once
#include "core/level.hpp"
#include "core/parallel.hpp"

namespace bytestride {

// One axis of the kernel, in correlation form: result[o] = sum over k of weight[k] * input[o + k - anchor].
struct convolved_axis {
    int axis;  // of the input
    index anchor;
};

struct convolve_task {
    call settings;
    view input, kernel, out;  // one axis of the kernel per entry of `axes`; out is not empty
    bool flipped;             // the kernel runs backwards on all its axes
    int axes_count;
    convolved_axis axes[max_ndim];
    int boundary, method;  // BYTESTRIDE_BOUNDARY_*, BYTESTRIDE_METHOD_*
    double fill;           // value outside, for float inputs
    std::int64_t fill_integer;
    bool streaming;
};

}  // namespace bytestride

// BYTESTRIDE_ERROR_OPTION: the method is separable and the kernel is not; BYTESTRIDE_ERROR_OVERFLOW: the exact sum could
// pass 127 bits.
BYTESTRIDE_KERNEL(convolve, convolve_task)
