// The loops over n-d views of one shape, brought into the form that runs best: no dimensions of extent 1, the
// output's strides falling, and positive but along dimensions that a transposed input has its runs along, which are read
// forwards; neighbouring dimensions fused where all views allow it. For elementwise results only: reductions keep the
// logical order.
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

// The last steps of nest_loops, for nests that change later: leaves out dimensions of extent 1 and fuses neighbouring ones, whose
// strides of the output fall; and turns those along which a transposed input has its runs so that it runs forwards.
void fuse_loops(loop_nest &nest);
void run_along_transposed(loop_nest &nest);

// Whether the view can be broadcast to the shape.
bool broadcasts_to(const view &v, const view &shape);

}  // namespace bytestride
