// Classical scaling: the largest eigenvalues of B = -1/2 J D^2 J, with J the centring.
//
// Small problems are solved as they are. For large ones a block of vectors is multiplied by B a few times, and the best vectors
// of the space that this spans (Rayleigh and Ritz) begin the next round: a restarted block Krylov method.
#include <cmath>

#include "kernels/eigen.hpp"
#include "kernels/mds_problem.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

constexpr index dense_up_to = 160;  // points
constexpr index spare_vectors = 4;  // in the block, beside the wanted ones
constexpr int powers = 6;           // blocks in the space
constexpr int most_rounds = 300;

void add(double factor, const double *x, double *y, index pitch) {
    const doubles f = all_lanes(factor);
    for (index i = 0; i < pitch; i += lanes<double>) store_lanes(y + i, fused_lanes(f, load_lanes(x + i), load_lanes(y + i)));
}

// The goal becomes B.
status centre(const mds_problem &p, double *goal) {
    const double n = static_cast<double>(p.n);
    const loop work = {p.n, 20 + 0.6 * static_cast<double>(p.n)};
    status outcome = parallel_for(p.settings, work, [&](index begin, index end, int) {
        for (index i = begin; i < end; ++i) {
            double *row = goal + i * p.pitch;
            doubles sum = all_lanes(0.0);
            for (index j = 0; j < p.pitch; j += lanes<double>) {
                const doubles g = load_lanes(row + j), square = g * g;
                store_lanes(row + j, square);
                sum = sum + square;
            }
            p.rows[2 * i] = sum_of_lanes(sum) / n;
            p.rows[2 * i + 1] = 0;
        }
    });
    if (outcome != BYTESTRIDE_OK) return outcome;
    const double mean = sum_rows(p, p.n).stress / n;
    return parallel_for(p.settings, work, [&](index begin, index end, int) {
        for (index i = begin; i < end; ++i) {
            double *row = goal + i * p.pitch;
            for (index j = 0; j < p.n; ++j) row[j] = -0.5 * ((row[j] - p.rows[2 * i]) - (p.rows[2 * j] - mean));
        }
    });
}

// to[q] = B from[q] for a block of vectors. Rows of the result are independent of one another.
status multiply(const mds_problem &p, const double *b, const double *from, double *to, index count) {
    const loop work = {p.n, 20 + 0.3 * static_cast<double>(p.n * count)};
    return parallel_for(p.settings, work, [&](index begin, index end, int) {
        for (index i = begin; i < end; ++i) {
            const double *row = b + i * p.pitch;
            index q = 0;
            for (; q + 4 <= count; q += 4) {
                doubles sums[4];
                for (int s = 0; s < 4; ++s) sums[s] = all_lanes(0.0);
                for (index j = 0; j < p.pitch; j += lanes<double>) {
                    const doubles entry = load_lanes(row + j);
                    for (int s = 0; s < 4; ++s) sums[s] = fused_lanes(entry, load_lanes(from + (q + s) * p.pitch + j), sums[s]);
                }
                for (int s = 0; s < 4; ++s) to[(q + s) * p.pitch + i] = sum_of_lanes(sums[s]);
            }
            for (; q < count; ++q) to[q * p.pitch + i] = dot(row, from + q * p.pitch, p.pitch);
        }
    });
}

void fill_randomly(double *v, index n, random_numbers &random) {
    for (index i = 0; i < n; ++i) v[i] = random.uniform() - 0.5;
}

// Makes vector number `at` of a basis orthogonal to those before it, and 1 long. One that lies in their space (nothing but rounding
// errors is left of it) gives its place to a random one.
void orthonormalize(double *basis, index at, index n, index pitch, random_numbers &random) {
    double *v = basis + at * pitch;
    for (int attempt = 0; attempt < 4; ++attempt) {
        const double length = std::sqrt(dot(v, v, pitch));
        double left = length;
        for (int pass = 0; pass < 2 && left > 1e-10 * length; ++pass) {
            for (index q = 0; q < at; ++q) add(-dot(basis + q * pitch, v, pitch), basis + q * pitch, v, pitch);
            left = std::sqrt(dot(v, v, pitch));
        }
        if (left > 1e-10 * length) {
            for (index i = 0; i < n; ++i) v[i] /= left;
            // What was nearly lost is orthogonal only roughly.
            if (left > 1e-4 * length) return;
        } else {
            fill_randomly(v, n, random);
        }
    }
}

// Sums of products of vectors: out = coefficients (count x m, rows) times a basis of m vectors.
void combine(const double *coefficients, index count, index m, const double *basis, double *out, index pitch) {
    for (index q = 0; q < count; ++q) {
        for (index i = 0; i < pitch; ++i) out[q * pitch + i] = 0;
        for (index k = 0; k < m; ++k) add(coefficients[q * m + k], basis + k * pitch, out + q * pitch, pitch);
    }
}

status solve_dense(const mds_problem &p, double *b, double *vectors, double *values) {
    const scratch memory((eigen_scratch(p.n) + p.n) * 8);
    if (memory.failed()) return BYTESTRIDE_ERROR_MEMORY;
    double *all = reinterpret_cast<double *>(memory.data()), *room = all + p.n;
    for (index i = 0; i < p.n; ++i) std::memmove(b + i * p.n, b + i * p.pitch, static_cast<std::size_t>(p.n) * sizeof(double));
    if (!symmetric_eigen(b, p.n, p.components, all, vectors, p.pitch, room)) return BYTESTRIDE_ERROR_OPTION;
    for (index q = 0; q < p.components; ++q) values[q] = all[q];
    return BYTESTRIDE_OK;
}

status solve_by_blocks(const mds_problem &p, const double *b, double *vectors, double *values) {
    const index block = p.components + spare_vectors, m = block * powers, pitch = p.pitch;
    const scratch memory((2 * m * pitch + 2 * block * pitch + m * m + m * block + m + eigen_scratch(m)) * 8);
    if (memory.failed()) return BYTESTRIDE_ERROR_MEMORY;
    double *basis = reinterpret_cast<double *>(memory.data()), *images = basis + m * pitch, *best = images + m * pitch;
    double *best_images = best + block * pitch, *projected = best_images + block * pitch, *coefficients = projected + m * m;
    double *ritz = coefficients + m * block, *room = ritz + m;
    random_numbers random(1);
    for (index i = 0; i < m * pitch; ++i) basis[i] = 0;
    for (index q = 0; q < block; ++q) fill_randomly(basis + q * pitch, p.n, random);
    double reached = HUGE_VAL;
    for (int round = 0;; ++round) {
        for (index first = 0; first < m; first += block) {
            if (first > 0)
                std::memcpy(basis + first * pitch, images + (first - block) * pitch,
                            static_cast<std::size_t>(block * pitch) * sizeof(double));
            for (index q = first; q < first + block; ++q) orthonormalize(basis, q, p.n, pitch, random);
            for (index i = first * pitch; i < (first + block) * pitch; ++i) images[i] = 0;
            const status outcome = multiply(p, b, basis + first * pitch, images + first * pitch, block);
            if (outcome != BYTESTRIDE_OK) return outcome;
        }
        for (index i = 0; i < m; ++i)
            for (index j = 0; j <= i; ++j) projected[i * m + j] = projected[j * m + i] = dot(basis + i * pitch, images + j * pitch, pitch);
        if (!symmetric_eigen(projected, m, block, ritz, coefficients, m, room)) return BYTESTRIDE_ERROR_OPTION;
        combine(coefficients, block, m, basis, best, pitch);
        combine(coefficients, block, m, images, best_images, pitch);

        // How far the wanted vectors are from being eigenvectors.
        double apart = 0;
        for (index q = 0; q < p.components; ++q) {
            add(-ritz[q], best + q * pitch, best_images + q * pitch, pitch);
            const double residual = std::sqrt(dot(best_images + q * pitch, best_images + q * pitch, pitch));
            apart = residual > apart ? residual : apart;
        }
        const double size = std::fabs(ritz[0]) > std::fabs(ritz[m - 1]) ? std::fabs(ritz[0]) : std::fabs(ritz[m - 1]);
        // Rounding sets a bound below which nothing is gained any more.
        const bool stalled = apart <= 1e-11 * size && apart > 0.5 * reached;
        reached = apart;
        std::memcpy(basis, best, static_cast<std::size_t>(block * pitch) * sizeof(double));
        if (apart <= 1e-14 * size || stalled || round == most_rounds) break;
    }
    std::memcpy(vectors, best, static_cast<std::size_t>(p.components * pitch) * sizeof(double));
    for (index q = 0; q < p.components; ++q) values[q] = ritz[q];
    return BYTESTRIDE_OK;
}

}  // namespace

status classical_points(const mds_problem &problem, double *goal, double *x, double *eigenvalues) {
    const index n = problem.n, k = problem.components;
    const scratch memory(k * 8);
    if (memory.failed()) return BYTESTRIDE_ERROR_MEMORY;
    double *values = eigenvalues ? eigenvalues : reinterpret_cast<double *>(memory.data());
    for (index i = 0; i < k * problem.pitch; ++i) x[i] = 0;
    status outcome = centre(problem, goal);
    if (outcome != BYTESTRIDE_OK) return outcome;
    const bool dense = n <= dense_up_to || (k + spare_vectors) * powers * 2 > n;
    outcome = dense ? solve_dense(problem, goal, x, values) : solve_by_blocks(problem, goal, x, values);
    if (outcome != BYTESTRIDE_OK) return outcome;
    // Squares beyond the range of float64 end as infinities or NaN.
    if (!std::isfinite(values[0])) return BYTESTRIDE_ERROR_OPTION;
    for (index q = 0; q < k; ++q) {
        double *v = x + q * problem.pitch;
        index largest = 0;
        for (index i = 1; i < n; ++i)
            if (std::fabs(v[i]) > std::fabs(v[largest])) largest = i;
        const double scale = values[q] > 0 ? std::sqrt(values[q]) : 0.0, factor = v[largest] < 0 ? -scale : scale;
        for (index i = 0; i < n; ++i) v[i] *= factor;
    }
    return BYTESTRIDE_OK;
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
