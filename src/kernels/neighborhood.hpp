// The neighbourhood product of a checked task.
#pragma once
#include "core/level.hpp"
#include "core/parallel.hpp"

namespace bytestride {

struct neighbor_product_task {
    call settings;
    view image, out;  // (rows, columns, channels), one dtype: uint8, uint16, float32 or float64
    index radius;     // 1 to 3
    int alpha, boundary;
};

}  // namespace bytestride

BYTESTRIDE_KERNEL(neighbor_product, neighbor_product_task)
