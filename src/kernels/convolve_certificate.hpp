// Whether transforms are as good as the direct sum: within (K + 2) u sum|w||x| in every element of a piece, not only in the largest.
//
// With c roundings on the way, |x| and |w| the Euclidean norms of what is in a tile and of the weights, no element's error is beyond
// c 2^-53 |x||w|, for transforms in double: errors of those there are bounded in the Euclidean norm, those of the one back as for a tree
// of sums (Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition, theorem 24.2 and section 4.2). So it is enough that every
// sum|w||x| is at least (2^-53 / u) c |x||w| / K. There are two ways to know:
// - Sums that are due in float32: 2^-53 / u is so small that one number under a large weight is enough. Windows without one, in what is
//   black in a picture, are found by counting, and summed one by one.
// - Sums in float64 are a convolution of magnitudes, computed in float32 by the same transforms. Pieces with a smaller one are left to the
//   direct sum.
#pragma once
#include "kernels/convolve_magnitude.hpp"
#include "kernels/convolve_tiles.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// Roundings of one transform, in u of the Euclidean norm. A butterfly of four adds twice, 1 u each. Before or after, it multiplies by a
// number of the circle, which is itself rounded (0.71 u): sqrt(5) u (Brent, Percival and Zimmermann, Math. Comp. 76, 2007), 2 u with
// fused multiply-adds.
inline double roundings_of_transform(index points) {
    double roundings = 0;
    for (; points > 4; points /= 4) roundings += 5;
    return roundings + (points == 4 ? 2 : 1);
}

// Of all three transforms and the product of spectra; a hundredth for products of errors.
inline double roundings_of_tile(const plan &p) {
    const double one_way = roundings_of_transform(p.x.points) + (p.two_axes ? roundings_of_transform(p.y.points) : 0);
    return 1.01 * (3 * one_way + 4);
}

// What every sum|w||x| of two pieces that are transformed as one must reach, given their norm.
inline double least_sum(const plan &p, double norm_of_tile) {
    const double taps = static_cast<double>(p.taps);
    // The second term: by how much a sum in float32 may be too large.
    const double share = p.certificate == certified::by_range ? 0x1p-29 / taps : 1 / taps + 0x1p-22;
    return roundings_of_tile(p) * share * norm_of_tile * p.norm_of_weights;
}

// Whether a certificate is to be expected. By magnitudes: with four tenths to spare, were all numbers of both parts of like magnitude,
// which suffices for random numbers, normal or uniform.
inline bool certifiable(const plan &p) {
    if (p.planes > 1) return false;
    const double norm = std::sqrt(2 * static_cast<double>(p.x.points * rows_of_piece(p)));
    return p.certificate == certified::by_range || p.sum_of_weights >= 1.4 * least_sum(p, norm);
}

struct rectangle {
    index y, x, rows, columns;
};

// Of two pieces that are transformed as one, the first rows of which these are.
template <class T> double norm_of(const plan &p, const tile_memory_of<T> &tile, index first_row) {
    double squares = 0;
    for (const T *part : tile.part)
        for (index row = first_row; row < first_row + rows_of_piece(p); ++row) {
            vector<T> sum = {};
            for (index i = 0; i < p.x.points; i += lanes<T>) {
                const vector<T> some = load_lanes(part + row * pitch_of<T>(p) + i);
                sum = fused_lanes(some, some, sum);
            }
            for (int i = 0; i < lanes<T>; ++i) squares += static_cast<double>(sum[i]);
        }
    return std::sqrt(squares);
}

// ---- By magnitudes --------------------------------------------------------------------------------------------------

inline void copy_magnitudes(const plan &p, const tile_memory_of<double> &from, tile_memory_of<float> &to) {
    for (int part = 0; part < 2; ++part)
        for (index row = 0; row < p.y.points; ++row) {
            const double *const numbers = from.part[part] + row * pitch_of<double>(p);
            float *const magnitudes = to.part[part] + row * pitch_of<float>(p);
            for (index i = 0; i < p.x.points; ++i) magnitudes[i] = static_cast<float>(numbers[i] < 0 ? -numbers[i] : numbers[i]);
        }
}

// The smallest rectangle with all those of the first `rows` by `columns` numbers that are below `limit`.
inline rectangle rectangle_below(const float *numbers, index pitch, index rows, index columns, float limit) {
    index top = rows, bottom = 0, left = columns, right = 0;
    for (index row = 0; row < rows; ++row, numbers += pitch) {
        float smallest = numbers[0];
        for (index i = 0; i < columns; ++i) smallest = numbers[i] < smallest ? numbers[i] : smallest;
        if (smallest >= limit) continue;
        top = least(top, row);
        bottom = row + 1;
        for (index i = 0; i < left; ++i)
            if (numbers[i] < limit) left = i;
        for (index i = columns; i > right; --i)
            if (numbers[i - 1] < limit) right = i;
    }
    return bottom == 0 ? rectangle{} : rectangle{top, left, bottom - top, right - left};
}

// ---- By range -------------------------------------------------------------------------------------------------------

// The largest rectangle of taps for which `large(i)` holds: of the rows of pillars, each as high as there are such taps above one
// another, the largest. `room`: three numbers for each column.
template <class F> rectangle largest_window(index rows, index columns, int *room, const F &large) {
    int *const height = room, *const start = room + columns, *const level = room + 2 * columns;
    for (index x = 0; x < columns; ++x) height[x] = 0;
    rectangle best = {};
    for (index y = 0; y < rows; ++y) {
        int open = 0;  // pillars that go on to the right, each higher than the one before
        for (int x = 0; x <= columns; ++x) {
            if (x < columns) height[x] = large(y * columns + x) ? height[x] + 1 : 0;
            const int here = x < columns ? height[x] : 0;
            int first = x;
            while (open > 0 && level[open - 1] >= here) {
                --open;
                first = start[open];
                if (index(level[open]) * (x - first) > best.rows * best.columns)
                    best = {y + 1 - level[open], first, level[open], x - first};
            }
            if (here > 0) {
                start[open] = first;
                level[open++] = here;
            }
        }
    }
    return best;
}

// A result is settled by the transform, unless so many windows are empty.
constexpr char most_windows = 6, settled_as_zero = 127;

// Of the results of a piece that are marked `before`, marks those `after` under whose window of taps all numbers are `empty`. `run`:
// room for a row of the tile. Returns how many.
template <class F> index mark_empty_windows(const double *numbers, index pitch, index rows, index columns, const rectangle &window,
                                            const F &empty, char before, char after, double *run, char *marks) {
    const index wide = columns + window.columns - 1;
    for (index i = 0; i < wide; ++i) run[i] = 0;
    index marked = 0;
    for (index row = 0; row < rows + window.rows - 1; ++row) {
        const double *const from = numbers + (row + window.y) * pitch + window.x;
        double longest = 0;
        for (index i = 0; i < wide; ++i) {
            run[i] = empty(from[i]) ? run[i] + 1 : 0;
            longest = run[i] > longest ? run[i] : longest;
        }
        const double wanted = static_cast<double>(window.rows);
        if (longest < wanted) continue;
        index side_by_side = 0;
        for (index i = 0; i < wide; ++i) {
            side_by_side = run[i] >= wanted ? side_by_side + 1 : 0;
            if (side_by_side < window.columns) continue;
            char &mark = marks[(row - window.rows + 1) * columns + i - window.columns + 1];
            if (mark != before) continue;
            mark = after;
            ++marked;
        }
    }
    return marked;
}

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
