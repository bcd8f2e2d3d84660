// Which readings are valid, decided in their own dtype: the quotient by the scale is monotone, so its bounds are bounds of the reading.
#pragma once
#include <limits>

#include "kernels/depth.hpp"
#include "kernels/half.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// The readings of a dtype in order, as integers: finite ones only.
template <class Reading> struct ordered {
    static constexpr std::int64_t least = std::numeric_limits<Reading>::lowest(), most = std::numeric_limits<Reading>::max();
    static Reading at(std::int64_t place) { return static_cast<Reading>(place); }
};
template <> struct ordered<float> {
    static constexpr std::int64_t least = -0x7f7fffff, most = 0x7f7fffff;
    static float at(std::int64_t place) {
        const float magnitude = bits_as<float>(static_cast<std::uint32_t>(place < 0 ? -place : place));
        return place < 0 ? -magnitude : magnitude;
    }
};
template <> struct ordered<double> {
    static constexpr std::int64_t least = -0x7fefffffffffffff, most = 0x7fefffffffffffff;
    static double at(std::int64_t place) {
        const double magnitude = bits_as<double>(place < 0 ? -place : place);
        return place < 0 ? -magnitude : magnitude;
    }
};

// The readings between `least` and `most`, both included; none where least > most.
template <class Reading> struct valid_range { Reading least, most; };

// The first place from which on `holds` is true.
template <class Reading, class Rule> std::int64_t first_place(const Rule &holds) {
    std::int64_t low = ordered<Reading>::least, high = ordered<Reading>::most;
    if (!holds(ordered<Reading>::at(high))) return high + 1;
    while (low < high) {
        const std::int64_t middle = low / 2 + high / 2 + (low % 2 + high % 2) / 2;
        const std::int64_t between = middle < high ? middle : high - 1;
        if (holds(ordered<Reading>::at(between)))
            high = between;
        else
            low = between + 1;
    }
    return low;
}

template <class Reading> valid_range<Reading> range_of(const depth_to_points_task &task) {
    const auto quotient = [&](Reading reading) { return static_cast<double>(reading) / task.depth_scale; };
    const std::int64_t first = first_place<Reading>([&](Reading reading) { return quotient(reading) > task.min_depth; });
    const std::int64_t beyond = first_place<Reading>([&](Reading reading) { return !(quotient(reading) < task.max_depth); });
    if (first >= beyond) return {Reading(1), Reading(0)};
    return {ordered<Reading>::at(first), ordered<Reading>::at(beyond - 1)};
}

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
