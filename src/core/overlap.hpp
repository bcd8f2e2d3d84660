// Whether strided views share bytes; the rule is bytestride/overlap.hpp.
#pragma once
#include "core/types.hpp"
// After types.hpp, which makes the public functions visible.
#include "bytestride/overlap.hpp"
