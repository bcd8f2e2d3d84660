#include "kernels/mds_problem.hpp"

#include <cmath>

#include "core/dtype.hpp"
#include "kernels/convert.hpp"
#include "kernels/pack.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

constexpr index side = 64;  // of the tiles in which a matrix is compared with its transpose

index whole_vectors(index count) { return (count + 7) / 8 * 8; }

// Bytes of so many numbers, or -1 when they cannot be counted.
index bytes_of_numbers(index rows, index columns) {
    index bytes;
    return __builtin_mul_overflow(rows, columns, &bytes) || __builtin_mul_overflow(bytes, index(8), &bytes) ? -1 : bytes;
}

double combine(const double *rows, index count, index step) {
    if (count == 1) return rows[0];
    if (count == 0) return 0;
    const index half = count / 2;
    return combine(rows, half, step) + combine(rows + half * step, count - half, step);
}

struct row_sums {
    double first, second;
};

// A row i against the points behind it: f(w, g, d, sums) adds a vector, or a single pair as well.
template <int K, class F> row_sums over_pairs(const mds_problem &p, const double *x, index i, const F &f) {
    const double *goal = p.goal + i * p.pitch, *weights = weights_of_row(p, i);
    doubles first = all_lanes(0.0), second = first;
    index j = i + 1;
    for (; j + lanes<double> <= p.n; j += lanes<double>) {
        const doubles square = squared_distances<K>(x, p.pitch, p.components, i, j);
        f(load_lanes(weights + j), load_lanes(goal + j), root_lanes(square), square, first, second);
    }
    row_sums sums = {sum_of_lanes(first), sum_of_lanes(second)};
    for (; j < p.n; ++j) {
        double square = 0;
        for (index q = 0; q < p.components; ++q) {
            const double difference = x[q * p.pitch + i] - x[q * p.pitch + j];
            square = fused(difference, difference, square);
        }
        f(weights[j], goal[j], __builtin_sqrt(square), square, sums.first, sums.second);
    }
    return sums;
}

// Sums over all pairs, row by row, and the rows combined in a tree: the same bits for any number of threads.
template <class F> status sum_pairs(const mds_problem &p, const double *x, const F &f, mds_sums *sums) {
    const loop work = {p.n, 10 + 0.5 * static_cast<double>(p.n) * (0.6 + 0.1 * static_cast<double>(p.components))};
    const status outcome = for_components(p.components, [&](auto K) {
        return parallel_for(p.settings, work, [&](index begin, index end, int) {
            for (index i = begin; i < end; ++i) {
                const row_sums of_row = over_pairs<decltype(K)::value>(p, x, i, f);
                p.rows[2 * i] = of_row.first;
                p.rows[2 * i + 1] = of_row.second;
            }
        });
    });
    *sums = sum_rows(p);
    return outcome;
}

}  // namespace

mds_sums sum_rows(const mds_problem &problem) { return {combine(problem.rows, problem.n, 2), combine(problem.rows + 1, problem.n, 2)}; }

status stress_of(const mds_problem &problem, const double *x, mds_sums *sums) {
    return sum_pairs(
        problem, x,
        [](auto w, auto g, auto d, auto square, auto &stress, auto &squares) {
            const auto apart = g - d;
            stress += w * apart * apart;
            squares += w * square;
        },
        sums);
}

status fitting_scale(const mds_problem &problem, const double *x, double *scale) {
    mds_sums sums;
    const status outcome = sum_pairs(
        problem, x,
        [](auto w, auto g, auto d, auto square, auto &products, auto &squares) {
            products += w * g * d;
            squares += w * square;
        },
        &sums);
    *scale = sums.stress > 0 && sums.squares > 0 ? sums.stress / sums.squares : 1;
    return outcome;
}

// ---- Packing ------------------------------------------------------------------------------------------------

packed_problem::packed_problem(const call &settings, const view &dissimilarities, const view *weights, index components)
    : packed{{settings.threads, settings.cancel, nullptr},
             dissimilarities.shape[0],
             components,
             whole_vectors(dissimilarities.shape[0]),
             nullptr,
             nullptr,
             nullptr,
             nullptr},
      flaw{}, missing(false), goal_memory(bytes_of_numbers(packed.n, packed.pitch)), rows_memory(bytes_of_numbers(3, packed.pitch)),
      outcome(read_goal(dissimilarities)), weights_memory(weights || missing ? bytes_of_numbers(packed.n, packed.pitch) : 0) {
    if (outcome != BYTESTRIDE_OK || !(weights || missing)) return;
    if (weights_memory.failed()) {
        outcome = BYTESTRIDE_ERROR_MEMORY;
        return;
    }
    double *w = reinterpret_cast<double *>(weights_memory.data());
    if (weights) {
        outcome = read_matrix(*weights, w, true);
        if (outcome != BYTESTRIDE_OK) return;
        packed.weights = w;
    }
    outcome = leave_out_missing(w);
    packed.weights = w;
}

status packed_problem::read_goal(const view &dissimilarities) {
    if (goal_memory.failed() || rows_memory.failed()) return BYTESTRIDE_ERROR_MEMORY;
    packed.goal = goal();
    packed.rows = reinterpret_cast<double *>(rows_memory.data());
    double *ones = packed.rows + 2 * packed.pitch;
    for (index i = 0; i < packed.pitch; ++i) ones[i] = i < packed.n ? 1 : 0;
    packed.ones = ones;
    return read_matrix(dissimilarities, goal(), false);
}

status packed_problem::read_matrix(const view &from, double *to, bool of_weights) {
    status swept = pack(from, to);
    if (swept == BYTESTRIDE_OK) swept = scan(to, of_weights);
    if (swept == BYTESTRIDE_OK) swept = make_symmetric(to, of_weights);
    return swept;
}

// As dense rows of float64.
status packed_problem::pack(const view &from, double *to) {
    constexpr index piece = 512;
    const index n = packed.n, pitch = packed.pitch, size = from.itemsize;
    const convert_function widen = from.type == dtype::float64 ? nullptr : converter(from.type, dtype::float64, cast_rule::wrap);
    return parallel_for(packed.settings, {n, 20 + static_cast<double>(n)}, [&](index begin, index end, int) {
        alignas(64) char between[piece * 8];
        for (index i = begin; i < end; ++i) {
            double *row = to + i * pitch;
            for (index j = 0; j < n; j += piece) {
                const index count = n - j < piece ? n - j : piece;
                char *target = widen ? between : reinterpret_cast<char *>(row + j);
                move_tile({from.data + i * from.strides[0] + j * from.strides[1], 0, from.strides[1]}, {target, 0, size}, 1, count, size);
                if (widen) widen(between, row + j, count);
            }
            for (index j = n; j < pitch; ++j) row[j] = 0;
            row[i] = 0;
        }
    });
}

// The largest entry of each row, and entries that may not be.
status packed_problem::scan(const double *matrix, bool of_weights) {
    const index n = packed.n, pitch = packed.pitch;
    const status swept = parallel_for(packed.settings, {n, 20 + 0.5 * static_cast<double>(n)}, [&](index begin, index end, int) {
        for (index i = begin; i < end; ++i) {
            const double *row = matrix + i * pitch;
            double largest = 0, bad = 0;
            for (index j = 0; j < n; ++j) {
                largest = row[j] > largest ? row[j] : largest;
                bad += row[j] < 0 || row[j] > 0x1.fffffffffffffp1023 ? 1 : 0;
                bad += of_weights && row[j] != row[j] ? 1 : 0;
            }
            packed.rows[2 * i] = largest;
            packed.rows[2 * i + 1] = bad;
        }
    });
    if (swept != BYTESTRIDE_OK) return swept;
    for (index i = 0; i < n; ++i)
        if (packed.rows[2 * i + 1] > 0)
            for (index j = 0; j < n; ++j) {
                const double value = matrix[i * pitch + j];
                const char *what = value < 0                      ? "negative"
                                   : std::isinf(value)            ? "infinite"
                                   : of_weights && value != value ? "not a number"
                                                                  : nullptr;
                if (!what) continue;
                flaw = {of_weights, what, i, j};
                return BYTESTRIDE_ERROR_OPTION;
            }
    return BYTESTRIDE_OK;
}

// Both halves become their mean; a difference beyond rounding is a flaw. The rows hold what `scan` has found.
status packed_problem::make_symmetric(double *matrix, bool of_weights) {
    const index n = packed.n, pitch = packed.pitch, tiles = (n + side - 1) / side;
    double largest = 0;
    for (index i = 0; i < n; ++i) largest = packed.rows[2 * i] > largest ? packed.rows[2 * i] : largest;
    const double tolerance = 1e-10 * largest;
    const auto differ = [&](double a, double b) { return !(std::fabs(a - b) <= tolerance) && !(a != a && b != b); };
    const status swept = parallel_for(packed.settings, {tiles, 20 + static_cast<double>(side * n)}, [&](index begin, index end, int) {
        for (index bi = begin; bi < end; ++bi) {
            double asymmetric = 0, absent = 0;
            const index last = (bi + 1) * side < n ? (bi + 1) * side : n;
            for (index bj = 0; bj <= bi; ++bj)
                for (index i = bi * side; i < last; ++i) {
                    double *row = matrix + i * pitch, *column = matrix + i;
                    const index end_of_row = (bj + 1) * side < i ? (bj + 1) * side : i;
                    for (index j = bj * side; j < end_of_row; ++j) {
                        const double a = row[j], b = column[j * pitch];
                        asymmetric += differ(a, b) ? 1 : 0;
                        absent += a != a ? 1 : 0;
                        row[j] = column[j * pitch] = a == b ? a : 0.5 * a + 0.5 * b;
                    }
                }
            packed.rows[2 * bi] = asymmetric;
            packed.rows[2 * bi + 1] = absent;
        }
    });
    if (swept != BYTESTRIDE_OK) return swept;
    for (index bi = 0; bi < tiles; ++bi) {
        if (packed.rows[2 * bi] > 0) {
            flaw = {of_weights, "not symmetric", -1, -1};
            return BYTESTRIDE_ERROR_OPTION;
        }
        if (packed.rows[2 * bi + 1] > 0) missing = true;
    }
    return BYTESTRIDE_OK;
}

// A missing pair has weight 0, and its goal counts as 0.
status packed_problem::leave_out_missing(double *weights) {
    const index n = packed.n, pitch = packed.pitch;
    const bool given = packed.weights != nullptr;
    double *goals = goal();
    const status swept = parallel_for(packed.settings, {n, 20 + static_cast<double>(n)}, [&](index begin, index end, int) {
        for (index i = begin; i < end; ++i) {
            double *g = goals + i * pitch, *w = weights + i * pitch, absent = 0;
            for (index j = 0; j < pitch; ++j) {
                double weight = given ? w[j] : packed.ones[j];
                weight = g[j] != g[j] || j == i ? 0 : weight;
                w[j] = weight;
                g[j] = weight > 0 ? g[j] : 0;
                absent += weight > 0 || j == i || j >= n ? 0 : 1;
            }
            packed.rows[2 * i] = absent;
        }
    });
    if (swept != BYTESTRIDE_OK) return swept;
    for (index i = 0; i < n; ++i) missing = missing || packed.rows[2 * i] > 0;
    return BYTESTRIDE_OK;
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
