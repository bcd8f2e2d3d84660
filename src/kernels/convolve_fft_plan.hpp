// How a convolution is cut into tiles that are transformed: the axes, the pieces of the result, and the sizes that cost least.
#pragma once
#include "kernels/convolve_run.hpp"
#include "kernels/convolve_transform.hpp"
#include "kernels/vectors.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

constexpr index shortest_transform = 16, longest_transform_of_two = 512, longest_transform_of_one = longest_transform;
// Tiles and the spectrum of the weights should stay in the second-level cache.
constexpr double cache_for_tile = 1 << 20;
constexpr index most_pieces_in_tile = 2 * lanes<float>;

// An axis that is transformed, cut into pieces of `valid` results.
struct transformed_axis {
    convolve_axis axis;
    index points, block_taps, blocks;  // the kernel in blocks of so many taps, each with a spectrum of its own
    index valid, pieces;

    index count(index piece) const { return least(valid, axis.out_extent - piece * valid); }
};

// How it is known that an element's error is within the bound of the direct sum; `no`: the bound of transforms was asked for.
enum class certified { no, by_range, by_magnitudes };

struct plan {
    const convolve_task *task;
    const convolve_weights *weights;
    convolve_geometry g;  // of rows along x
    convolve_rows rows;
    bool two_axes;
    int x_axis, y_axis;
    transformed_axis x, y;  // without a second axis y has one tap, and as many points as there are pieces in each part of a tile
    int position_count, outer_count;
    convolve_axis position[max_ndim];  // independent and further convolved axes, in the array's order
    int position_axis[max_ndim];       // of the array
    int position_tap[max_ndim];        // of a convolved one: its place among the planes' extents
    index extents[max_ndim], positions;
    index plane_extents[max_ndim + 2], planes;
    index pieces, pieces_in_tile;  // of the whole result; real and imaginary ones together
    index taps;
    certified certificate;
    bool weights_finite;
    int weight_exponent;                     // the weights are taken without 2 to this power
    double sum_of_weights, norm_of_weights;  // of their magnitudes, as they are taken
};

inline void cut(transformed_axis &axis, index points) {
    const index taps = axis.axis.taps;
    axis.points = points;
    // A kernel that leaves too little of a tile is taken in parts of half a tile.
    axis.blocks = taps <= points / 4 * 3 ? 1 : (taps + points / 2 - 1) / (points / 2);
    axis.block_taps = (taps + axis.blocks - 1) / axis.blocks;
    axis.valid = points - axis.block_taps + 1;
    axis.pieces = (axis.axis.out_extent + axis.valid - 1) / axis.valid;
}

inline double digits(index power_of_two) {
    return static_cast<double>(63 - __builtin_clzll(static_cast<unsigned long long>(power_of_two)));
}

// Butterflies, and what each point costs besides; `planes` transforms there, one back.
inline double tile_cost(const plan &p, index size) {
    const double points = static_cast<double>(p.x.points * p.y.points);
    const double levels = digits(p.x.points) + (p.two_axes ? digits(p.y.points) : 0);
    const double outgrown = points * static_cast<double>(4 * size) > cache_for_tile ? 1.3 : 1;
    return points * (levels + 6) * outgrown * static_cast<double>(p.planes + 1);
}

inline index count_planes(plan &p) {
    p.plane_extents[p.outer_count] = p.y.blocks;
    p.plane_extents[p.outer_count + 1] = p.x.blocks;
    index planes = 1;
    for (int i = 0; i < p.outer_count + 2; ++i)
        if (__builtin_mul_overflow(planes, p.plane_extents[i], &planes)) return index(1) << 60;
    return planes;
}

// The sizes that cost least among those that `allowed` lets pass; no pieces where it lets none.
template <class T, class F> void choose_points(plan &p, const F &allowed) {
    const index longest = p.two_axes ? longest_transform_of_two : longest_transform_of_one;
    // Magnitudes are transformed in float32, in whole vectors too.
    const index side_by_side = p.certificate == certified::by_magnitudes ? lanes<float> : lanes<T>;
    p.pieces_in_tile = p.two_axes ? 2 : 2 * side_by_side;
    double least_cost = 0;
    index best_x = 0, best_y = 0;
    for (index y = p.two_axes ? shortest_transform : side_by_side; y <= (p.two_axes ? longest : side_by_side); y *= 2)
        for (index x = shortest_transform; x <= longest; x *= 2) {
            if (p.two_axes) cut(p.y, y);
            p.y.points = y;
            cut(p.x, x);
            p.planes = count_planes(p);
            if (!allowed()) continue;
            // Whole tiles, of which the last may be nearly empty: 10 000 results of 1001 taps in 0.5 of the time.
            const double pieces = static_cast<double>(p.positions) * static_cast<double>(p.x.pieces) * static_cast<double>(p.y.pieces);
            const double cost = __builtin_ceil(pieces / static_cast<double>(p.pieces_in_tile)) * tile_cost(p, sizeof(T));
            if (best_x == 0 || cost < least_cost) least_cost = cost, best_x = x, best_y = y;
        }
    if (best_x == 0) return;
    if (p.two_axes) cut(p.y, best_y);
    p.y.points = best_y;
    cut(p.x, best_x);
    p.planes = count_planes(p);
    p.pieces = p.positions * p.x.pieces * p.y.pieces;
}

inline void lay_out_axes(const convolve_task &task, const convolve_weights &weights, plan *of) {
    plan &p = *of;
    p.task = &task;
    p.weights = &weights;
    const view &in = task.input, &out = task.out;
    index taps[max_ndim], anchors[max_ndim] = {};
    for (int i = 0; i < in.ndim; ++i) taps[i] = 1;
    p.x_axis = p.y_axis = -1;
    for (int i = 0; i < task.axes_count; ++i) {
        taps[task.axes[i].axis] = task.kernel.shape[i];
        anchors[task.axes[i].axis] = task.axes[i].anchor;
        if (task.kernel.shape[i] == 1) continue;
        p.y_axis = p.x_axis;
        p.x_axis = task.axes[i].axis;
    }
    p.two_axes = p.y_axis >= 0;
    const auto axis_of = [&](int i) {
        return convolve_axis{in.shape[i], out.shape[i], in.strides[i], out.strides[i], taps[i], anchors[i]};
    };
    p.positions = 1;
    for (int i = 0; i < in.ndim; ++i) {
        if (i == p.x_axis || i == p.y_axis || (in.shape[i] == 1 && taps[i] == 1)) continue;
        p.position_axis[p.position_count] = i;
        p.extents[p.position_count] = out.shape[i];
        p.position[p.position_count++] = axis_of(i);
        p.positions *= out.shape[i];
    }
    // The taps of the kernel lie in the order of its axes.
    for (int i = 0; i < task.axes_count; ++i) {
        const int axis = task.axes[i].axis;
        if (task.kernel.shape[i] == 1 || axis == p.x_axis || axis == p.y_axis) continue;
        for (int k = 0; k < p.position_count; ++k)
            if (p.position_axis[k] == axis) p.position_tap[k] = p.outer_count;
        p.plane_extents[p.outer_count++] = task.kernel.shape[i];
    }
    p.x.axis = axis_of(p.x_axis);
    p.y.axis = p.two_axes ? axis_of(p.y_axis) : convolve_axis{1, 1, 0, 0, 1, 0};
    p.y.block_taps = p.y.blocks = p.y.valid = p.y.pieces = 1;
    p.g = canonical_geometry(task);  // for the dtypes and addresses
    p.g.x = p.x.axis;
    p.g.channels = 1;
    p.g.in_channel_stride = p.g.in_size;
    p.g.out_channel_stride = p.g.out_size;
    p.g.in_dense = p.g.x.in_stride == p.g.in_size || p.g.x.in_extent <= 1;
    p.g.out_dense = p.g.x.out_stride == p.g.out_size || p.g.x.out_extent <= 1;
}

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
