// Copies, casts and transposes.
#pragma once
#include "core/level.hpp"
#include "core/loops.hpp"

namespace bytestride {

struct copy_task {
    call settings;
    loop_nest nest;  // out, a
    dtype a, out;
    bool saturate;  // the cast rule
    bool stream;    // store past the caches
};

struct transpose_inplace_task {
    call settings;
    view array;            // 2-d
    std::uint64_t *moved;  // rectangular: one zero bit per element; square: null
};

}  // namespace bytestride

BYTESTRIDE_KERNEL(copy, copy_task)
BYTESTRIDE_KERNEL(transpose_inplace, transpose_inplace_task)
