// The loops over n-d views of one shape, brought into the form that runs best: no dimensions of extent 1, the
// output's strides positive and falling, neighbouring dimensions fused where all views allow it. For elementwise
// results only: reductions keep the logical order.
#pragma once
#include "core/types.hpp"

namespace bytestride {

constexpr int max_operands = 3;

struct loop_nest {
    int operands;  // 0 is the output
    int ndim;      // at least 1
    index shape[max_ndim];
    index strides[max_operands][max_ndim];
    char *data[max_operands];
};

// The views have the shape of the first, or are broadcast to it: aligned at the last dimension, an extent of 1 or
// a missing dimension is repeated.
loop_nest nest_loops(const view *const *views, int operands);

// Whether the view can be broadcast to the shape.
bool broadcasts_to(const view &v, const view &shape);

}  // namespace bytestride
