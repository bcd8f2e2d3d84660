// Distances between the rows of two matrices, and sums of squared differences.
#pragma once
#include "core/level.hpp"

namespace bytestride {

struct distances_task {
    call settings;
    view x, y, out;  // (n, d), (m, d), (n, m); not empty
    bool symmetric;  // y is x
    int metric;      // BYTESTRIDE_METRIC_*
    dtype computed;  // float32 or float64; out is the same or wider
    bool streaming;  // store past the caches
    view column;     // (m,), like out: receives its only row too, where it has data
};

struct squared_error_task {
    call settings;
    view goal, current, weights;  // 2-d, of one shape
    bool weighted;                // else there are no weights
    view out;                     // float64: 0-d, or one element per row
};

}  // namespace bytestride

BYTESTRIDE_KERNEL(distances, distances_task)
BYTESTRIDE_KERNEL(squared_error, squared_error_task)
