// Addition, subtraction, multiplication, division, minimum, maximum of broadcast views.
#pragma once
#include "core/level.hpp"
#include "core/loops.hpp"

namespace bytestride {

enum class operation { add, subtract, multiply, divide, minimum, maximum };

struct arithmetic_task {
    call settings;
    operation what;
    loop_nest nest;   // out, a, b
    dtype a, b, out;  // as stored
    dtype computed;   // NumPy's loop: what both are cast to, and what the result has before it is stored
    bool stream;      // store past the caches
};

}  // namespace bytestride

BYTESTRIDE_KERNEL(arithmetic, arithmetic_task)
