// Sums of squared differences of consecutive entries: the terms, and in which order they are added.
#pragma once
#include <type_traits>

#include "kernels/vectors.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// Entry e of a block is added to lane e % 32, and the lanes are emptied into a second set every 512 entries: no sum of
// more than 16 terms stands behind a lane, which keeps rounding errors small.
constexpr index lane_count = 32, lane_run = 512;

// ---- Terms --------------------------------------------------------------------------------------------------

template <int... lane> BYTESTRIDE_INLINE doubles backwards(doubles v, std::integer_sequence<int, lane...>) {
    return __builtin_shufflevector(v, v, (int(sizeof...(lane)) - 1 - lane)...);
}
// Of two vectors of consecutive numbers, of which the second begins with the last of the first.
template <int... lane> BYTESTRIDE_INLINE doubles every_second(doubles a, doubles b, std::integer_sequence<int, lane...>) {
    return __builtin_shufflevector(a, b, (2 * lane < int(sizeof...(lane)) ? 2 * lane : 2 * lane + 1)...);
}

// Entries at any address as numbers: as many as `Numbers`, which is double or a vector, has. They are `step` of their kind apart, 1
// where they are no float64.
template <class Entry, int step, class Numbers> BYTESTRIDE_INLINE Numbers numbers_at(const char *at) {
    constexpr int count = sizeof(Numbers) / sizeof(double);
    constexpr auto places = std::make_integer_sequence<int, count>();
    constexpr index behind = (count - 1) * index(sizeof(double));
    if constexpr (step == -1 && count > 1) {
        return backwards(load<Numbers>(at - behind), places);
    } else if constexpr (step == 2 && count > 1) {
        return every_second(load<Numbers>(at), load<Numbers>(at + behind), places);
    } else if constexpr (count > 1) {
        return load_as_doubles<Entry>(at);
    } else {
        return static_cast<double>(load<Entry>(at));
    }
}

BYTESTRIDE_INLINE double fused_numbers(double a, double b, double c) { return fused(a, b, c); }
BYTESTRIDE_INLINE doubles fused_numbers(doubles a, doubles b, doubles c) { return fused_lanes(a, b, c); }

// What is summed: `added(sum, i)` is the sum with entry i, or a vector of sums with those from entry i on. Entries are `step` of their kind apart, and so are weights, float64.
template <class Entry, int step, bool weighted> struct squares {
    using entry = Entry;
    static constexpr bool of_bytes = sizeof(Entry) == 1 && !weighted;
    const char *goal, *current, *weights;

    squares from(index i) const {
        const index at = i * step * index(sizeof(Entry)), weight_at = i * step * index(sizeof(double));
        return {goal + at, current + at, weighted ? weights + weight_at : nullptr};
    }
    template <class Numbers> BYTESTRIDE_INLINE Numbers added(Numbers sum, index i) const {
        const index at = i * step * index(sizeof(Entry));
        const Numbers difference = numbers_at<Entry, step, Numbers>(goal + at) - numbers_at<Entry, step, Numbers>(current + at);
        if constexpr (!weighted) return fused_numbers(difference, difference, sum);
        const Numbers weight = numbers_at<double, step, Numbers>(weights + i * step * index(sizeof(double)));
        const Numbers term = weight * difference * difference;
        return sum + (weight == 0 ? Numbers() : term);
    }
};

// ---- Sums ---------------------------------------------------------------------------------------------------

// The lanes, in registers.
struct lane_sums {
    static constexpr int vectors = lane_count / lanes<double>;
    doubles part[vectors] = {};

    // One entry for each lane.
    template <class Terms> BYTESTRIDE_INLINE void add(const Terms &terms, index i) {
        for_constants<vectors>([&](auto v) BYTESTRIDE_INLINED { part[v.value] = terms.added(part[v.value], i + v.value * lanes<double>); });
    }
    BYTESTRIDE_INLINE void add(const lane_sums &other) {
        for_constants<vectors>([&](auto v) BYTESTRIDE_INLINED { part[v.value] += other.part[v.value]; });
    }
    // The sum of all in a tree, the farther half onto the nearer.
    BYTESTRIDE_INLINE double result() const {
        doubles half[vectors];
        for_constants<vectors>([&](auto v) BYTESTRIDE_INLINED { half[v.value] = part[v.value]; });
        for (int width = vectors / 2; width > 0; width /= 2)
            for (int v = 0; v < width; ++v) half[v] += half[v + width];
        for (int width = lanes<double> / 2; width > 0; width /= 2)
            for (int l = 0; l < width; ++l) half[0][l] += half[0][l + width];
        return half[0][0];
    }
};

// The sum over one block, which takes its entries piece by piece.
class block_sum {
public:
    template <class Terms> void add(const Terms &terms, index count) {
        for (index i = 0; i < count;) {
            if (taken == 0 && count - i >= lane_run) {
                add_run(terms, i);
                i += lane_run;
                continue;
            }
            const index left = lane_run - taken;
            const index end = count - i < left ? count : i + left;
            taken += end - i;
            for (; i < end && next > 0; ++i) add_one(terms, i);
            if (i + lane_count <= end) {
                lane_sums sums = load<lane_sums>(lane);
                for (; i + lane_count <= end; i += lane_count) sums.add(terms, i);
                store(lane, sums);
            }
            for (; i < end; ++i) add_one(terms, i);
            if (taken == lane_run) empty_lanes();
        }
    }

    double result() {
        empty_lanes();
        return load<lane_sums>(total).result();
    }

private:
    // A whole run, whose lanes are never in memory: 512 x 512 in 0.85 of the time.
    template <class Terms> void add_run(const Terms &terms, index i) {
        lane_sums sums, totals = load<lane_sums>(total);
        for (const index end = i + lane_run; i < end; i += lane_count) sums.add(terms, i);
        totals.add(sums);
        store(total, totals);
    }
    template <class Terms> void add_one(const Terms &terms, index i) {
        lane[next] = terms.added(lane[next], i);
        next = (next + 1) % lane_count;
    }
    void empty_lanes() {
        for (index l = 0; l < lane_count; ++l) {
            total[l] += lane[l];
            lane[l] = 0;
        }
        taken = next = 0;
    }

    double total[lane_count] = {}, lane[lane_count] = {};
    index taken = 0, next = 0;  // entries of the current run; the lane of the next one
};

// The sum of fewer entries than there are lanes: those that no entry reaches are left out, as to add their 0 changes nothing.
template <class Terms> BYTESTRIDE_INLINE double sum_of_few(const Terms &terms, index count) {
    double sums[lane_count];
    for (index i = 0; i < count; ++i) sums[i] = terms.added(0.0, i);
    index width = lane_count / 2;
    while (width >= count) width /= 2;
    for (; width > 0; width /= 2) {
        for (index l = 0; l + width < count; ++l) sums[l] += sums[l + width];
        count = width;
    }
    return sums[0];
}

// The sum of differences of bytes: however it is added up, it is exact. 1000 x 1000 uint8 in 0.3 of the time of float64.
template <class Entry> double sum_of_bytes(const char *goal, const char *current, index count) {
    const auto square = [&](index i) {
        const std::int16_t difference = static_cast<std::int16_t>(load<Entry>(goal + i) - load<Entry>(current + i));
        return difference * difference;
    };
    // Two halves side by side: one sum of products would wait for the one before.
    const index half = count / 2;
    std::int32_t left = 0, right = 0;
    for (index i = 0; i < half; ++i) {
        left += square(i);
        right += square(half + i);
    }
    if (count % 2 != 0) left += square(count - 1);
    return static_cast<double>(left + right);
}

// The sum over a block of consecutive entries, at least one: what block_sum makes of it.
template <class Terms> BYTESTRIDE_INLINE double sum_of_block(const Terms &terms, index count) {
    if constexpr (Terms::of_bytes) return sum_of_bytes<typename Terms::entry>(terms.goal, terms.current, count);
    if (count < lane_count) return sum_of_few(terms, count);
    lane_sums total;
    index i = 0;
    for (; i + lane_run <= count;) {
        lane_sums run;
        for (const index end = i + lane_run; i < end; i += lane_count) run.add(terms, i);
        total.add(run);
    }
    lane_sums rest;
    for (; i + lane_count <= count; i += lane_count) rest.add(terms, i);
    if (i < count) {
        double lane[lane_count], *next = lane;
        store(lane, rest);
        for (; i + lanes<double> <= count; i += lanes<double>, next += lanes<double>) store_lanes(next, terms.added(load_lanes(next), i));
        for (; i < count; ++i, ++next) *next = terms.added(*next, i);
        rest = load<lane_sums>(lane);
    }
    total.add(rest);
    return total.result();
}

// The sums of blocks of equal length, one behind the other.
template <class Terms> void sum_blocks_of(const Terms &terms, index blocks, index length, double *sums) {
    const auto sum_all = [&](auto count) BYTESTRIDE_INLINED {
        for (index i = 0; i < blocks; ++i) sums[i] = sum_of_block(terms.from(i * count), count);
    };
    switch (length) {
    case 1: return sum_all(std::integral_constant<index, 1>());
    case 2: return sum_all(std::integral_constant<index, 2>());
    case 3: return sum_all(std::integral_constant<index, 3>());
    case 4: return sum_all(std::integral_constant<index, 4>());
    default: return sum_all(length);
    }
}

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
