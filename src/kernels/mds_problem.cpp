#include "kernels/mds_problem.hpp"

#include <cmath>
#include <cstring>

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

// A row i against the points behind it: f(w, g, d, square, sums) adds a vector of pairs. Every second root is taken by
// multiplications, beside the other one: 0.7 of the time.
template <int K, class F> row_sums over_pairs(const mds_problem &p, const double *x, index i, const F &f) {
    const double *goal = p.goal + i * p.pitch, *weights = weights_of_row(p, i);
    doubles first = all_lanes(0.0), second = first;
    const auto add = [&](index j, doubles w, auto beside) BYTESTRIDE_INLINED {
        const doubles square = squared_distances<K>(x, p.pitch, p.components, i, j);
        f(w, load_lanes(goal + j), beside.value ? any_root_beside_lanes(square) : root_lanes(square), square, first, second);
    };
    index j = i / lanes<double> * lanes<double>;
    add(j, weights_behind(p, i, j), std::false_type{});
    for (j += lanes<double>; j + 2 * lanes<double> <= p.n; j += 2 * lanes<double>) {
        add(j, load_lanes(weights + j), std::false_type{});
        add(j + lanes<double>, load_lanes(weights + j + lanes<double>), std::true_type{});
    }
    for (; j < p.n; j += lanes<double>) add(j, weights_behind(p, i, j), std::false_type{});
    return {sum_of_lanes(first), sum_of_lanes(second)};
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
    *sums = sum_rows(p, p.n);
    return outcome;
}

}  // namespace

mds_sums sum_rows(const mds_problem &problem, index count) {
    return {combine(problem.rows, count, 2), combine(problem.rows + 1, count, 2)};
}

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

// What is found in some entries of a matrix and their mirror images, in lanes.
struct packed_problem::findings {
    doubles largest, apart;                    // of the entries; of an entry and its image
    decltype(doubles{} < doubles{}) wrong;     // not 0: entries that may not be
    decltype(doubles{} < doubles{}) absent;    // pairs that are missing
    decltype(doubles{} < doubles{}) lopsided;  // pairs of which one is missing
};

// Each tile is read together with its mirror image, so that everything about a pair is done at once, in the first-level cache.
status packed_problem::read_matrix(const view &from, double *to, bool of_weights) {
    const index n = packed.n, pitch = packed.pitch, tiles = (n + side - 1) / side;
    const convert_function widen = from.type == dtype::float64 ? nullptr : converter(from.type, dtype::float64, cast_rule::wrap);
    const loop work = {tiles, 20 + 0.6 * static_cast<double>(side * n)};
    constexpr index room_bytes = side * side * 3 * 8;
    const scratch rooms(workers_for(packed.settings, work) * room_bytes), found(tiles * whole_lines(sizeof(findings)));
    if (rooms.failed() || found.failed()) return BYTESTRIDE_ERROR_MEMORY;
    findings *const of_tiles = reinterpret_cast<findings *>(found.data());
    const status swept = parallel_for(packed.settings, work, [&](index begin, index end, int worker) {
        double *const tile_room = reinterpret_cast<double *>(rooms.data() + worker * room_bytes), *const image = tile_room + side * side;
        char *const raw = reinterpret_cast<char *>(image + side * side);
        const auto read = [&](index row, index column, index row_stride, index column_stride, double *values) {
            const index rows = n - row < side ? n - row : side, columns = n - column < side ? n - column : side, size = from.itemsize;
            move_tile({from.data + row * row_stride + column * column_stride, row_stride, column_stride},
                      {widen ? raw : reinterpret_cast<char *>(values), side * size, size}, rows, columns, size);
            if (widen) widen(raw, values, side * side);
        };
        // Strips i and tiles - 1 - i together are as long as any two others.
        for (index at = begin; at < end; ++at) {
            const index bi = at % 2 ? tiles - 1 - at / 2 : at / 2, rows = n - bi * side < side ? n - bi * side : side;
            findings f{};
            for (index bj = 0; bj <= bi; ++bj) {
                const index columns = n - bj * side < side ? n - bj * side : side;
                if (widen || rows < side) std::memset(tile_room, 0, static_cast<std::size_t>(room_bytes));
                read(bi * side, bj * side, from.strides[0], from.strides[1], tile_room);
                read(bi * side, bj * side, from.strides[1], from.strides[0], image);
                if (bi == bj)
                    for (index i = 0; i < rows; ++i) tile_room[i * side + i] = image[i * side + i] = 0;
                join_tile(tile_room, image, of_weights, f);
                double *const target = to + bi * side * pitch + bj * side, *const mirrored = to + bj * side * pitch + bi * side;
                const tile joined = {reinterpret_cast<char *>(tile_room), side * 8, 8};
                move_tile(joined, {reinterpret_cast<char *>(target), pitch * 8, 8}, rows, columns, 8);
                if (bi != bj) move_tile(joined, {reinterpret_cast<char *>(mirrored), 8, pitch * 8}, rows, columns, 8);
            }
            for (index i = bi * side; i < bi * side + rows; ++i)
                for (index j = n; j < pitch; ++j) to[i * pitch + j] = 0;
            of_tiles[at] = f;
        }
    });
    if (swept != BYTESTRIDE_OK) return swept;
    double largest = 0, apart = 0;
    std::int64_t wrong = 0, absent = 0, lopsided = 0;
    for (index at = 0; at < tiles; ++at) {
        const findings &f = of_tiles[at];
        for (index lane = 0; lane < lanes<double>; ++lane) {
            largest = f.largest[lane] > largest ? f.largest[lane] : largest;
            apart = f.apart[lane] > apart ? f.apart[lane] : apart;
            wrong |= f.wrong[lane];
            absent |= f.absent[lane];
            lopsided |= f.lopsided[lane];
        }
    }
    missing = missing || (absent && !of_weights);
    if (wrong) return find_wrong(from, of_weights);
    if (apart > 1e-10 * largest || lopsided) {
        flaw = {of_weights, "not symmetric", -1, -1};
        return BYTESTRIDE_ERROR_OPTION;
    }
    return BYTESTRIDE_OK;
}

// Looks at the entries a of a tile and their images b, and puts the mean of both in place of a. In vectors, a third of the time
// of the loop that compilers make.
void packed_problem::join_tile(double *a, const double *b, bool of_weights, findings &f) {
    const doubles zero = all_lanes(0.0), half = all_lanes(0.5), finite = all_lanes(0x1.fffffffffffffp1023);
    findings here = f;
    for (index i = 0; i < side * side; i += lanes<double>) {
        const doubles x = load_lanes(a + i), y = load_lanes(b + i), more = x > y ? x - y : y - x;
        const auto no_x = x != x, no_y = y != y;
        here.largest = x > here.largest ? x : here.largest;
        here.largest = y > here.largest ? y : here.largest;
        here.apart = more > here.apart ? more : here.apart;
        here.wrong |= (x < zero) | (y < zero) | (x > finite) | (y > finite);
        here.absent |= no_x | no_y;
        here.lopsided |= no_x ^ no_y;
        store_lanes(a + i, x == y ? x : half * x + half * y);
    }
    if (of_weights) here.wrong |= here.absent;
    f = here;
}

// Says which entry is the first, row by row, that may not be.
status packed_problem::find_wrong(const view &from, bool of_weights) {
    const convert_function widen = converter(from.type, dtype::float64, cast_rule::wrap);
    for (index i = 0; i < packed.n; ++i) {
        for (index j = 0; j < packed.n; ++j) {
            double value;
            alignas(8) char entry[8];
            std::memcpy(entry, from.data + i * from.strides[0] + j * from.strides[1], static_cast<std::size_t>(from.itemsize));
            widen(entry, &value, 1);
            const char *what = i == j                         ? nullptr
                               : value < 0                    ? "negative"
                               : std::isinf(value)            ? "infinite"
                               : of_weights && value != value ? "not a number"
                                                              : nullptr;
            if (!what) continue;
            flaw = {of_weights, what, i, j};
            return BYTESTRIDE_ERROR_OPTION;
        }
        if (cancelled(packed.settings)) return BYTESTRIDE_ERROR_CANCELLED;
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
