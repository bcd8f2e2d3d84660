// Casts of contiguous runs of elements, for every pair of dtypes.
#pragma once
#include "kernels/kernel.hpp"

namespace bytestride {

enum class cast_rule { wrap = 1, saturate = 2 };  // BYTESTRIDE_RULE_*

namespace BYTESTRIDE_LEVEL {

// The runs share no byte; complex ones are aligned.
using convert_function = void (*)(const void *from, void *to, index count);

// Null for complex to real or bool. From a dtype to itself it is a plain copy, except that bool is normalised to 0 and 1.
convert_function converter(dtype from, dtype to, cast_rule rule);

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
