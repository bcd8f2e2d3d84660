// What the methods of multidimensional scaling share: the packed problem, its stress, random numbers.
//
// Points are held by components: component q of point i lies at x[q * pitch + i], and what is behind point n - 1 is 0.
#pragma once
#include "kernels/mds.hpp"
#include "kernels/vectors.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {

struct mds_problem {
    call settings;  // without progress, which counts iterations
    index n, components;
    index pitch;            // numbers from one row to the next: n in whole vectors
    const double *goal;     // n x pitch, symmetric; 0 on the diagonal, where a pair is missing, and behind column n - 1
    const double *weights;  // likewise; null where every pair weighs 1
    const double *ones;     // a row of n ones, then zeros: the weights of a row where there are none
    double *rows;           // two numbers per row, for sums
};

// Packs the dissimilarities (and weights) and looks for flaws. `memory` is what `problem` points to.
class packed_problem {
public:
    packed_problem(const call &settings, const view &dissimilarities, const view *weights, index components);
    status result() const { return outcome; }
    const mds_flaw &found() const { return flaw; }
    bool any_missing() const { return missing; }
    const mds_problem &problem() const { return packed; }
    double *goal() { return reinterpret_cast<double *>(goal_memory.data()); }

private:
    status read_goal(const view &dissimilarities);
    status read_matrix(const view &from, double *to, bool of_weights);
    struct findings;
    static void join_tile(double *a, const double *b, bool of_weights, findings &f);
    status find_wrong(const view &from, bool of_weights);
    status leave_out_missing(double *weights);

    // In the order in which they are made: only the goal can say whether weights are needed for missing pairs.
    mds_problem packed;
    mds_flaw flaw;
    bool missing;
    scratch goal_memory, rows_memory;
    status outcome;
    scratch weights_memory;
};

// Stress and the sum of w d^2, each over the pairs i < j.
struct mds_sums {
    double stress, squares;
};

// The two sums of the first `count` pairs of numbers in problem.rows, in a fixed order.
mds_sums sum_rows(const mds_problem &problem, index count);

status stress_of(const mds_problem &problem, const double *x, mds_sums *sums);

// The factor that brings the distances of the points nearest to the goal.
status fitting_scale(const mds_problem &problem, const double *x, double *scale);

// Runs one start. `x` holds the start and receives the points. `sums` become those of the points.
struct mds_run {
    double *x, *other;  // components x pitch each
    double *history;    // the stress of each iteration, as far as there is room
    index history_room;
    std::int64_t *progress;  // or null
    index progress_before;   // iterations of earlier starts
    std::uint64_t seed;
    index iterations;
    bool converged;

    void iterated(double stress) {
        if (iterations < history_room) history[iterations] = stress;
        ++iterations;
        if (progress) __atomic_store_n(progress, progress_before + iterations, __ATOMIC_RELAXED);
    }
};
status run_pattern(const mds_problem &problem, const mds_task &task, mds_run &run, mds_sums *sums);
status run_smacof(const mds_problem &problem, const mds_task &task, mds_run &run, mds_sums *sums);
status run_nonmetric(const mds_problem &problem, const mds_task &task, mds_run &run, mds_sums *sums);
status run_sgd(const mds_problem &problem, const mds_task &task, mds_run &run);

// Classical scaling of a goal without missing pairs, which it overwrites; x as above; eigenvalues may be null.
status classical_points(const mds_problem &problem, double *goal, double *x, double *eigenvalues);

namespace {

inline bool cancelled(const call &settings) { return settings.cancel && __atomic_load_n(settings.cancel, __ATOMIC_RELAXED) != 0; }

inline const double *weights_of_row(const mds_problem &problem, index i) {
    return problem.weights ? problem.weights + i * problem.pitch : problem.ones;
}

// Calls f with the number of components as a constant where it is a common one, else with 0.
template <int K> struct component_count { static constexpr int value = K; };
template <class F> inline auto for_components(index components, F &&f) {
    if (components == 2) return f(component_count<2>{});
    if (components == 3) return f(component_count<3>{});
    return f(component_count<0>{});
}

// The column of each lane of the vector that begins with column j.
BYTESTRIDE_INLINE doubles columns_from(index j) {
    static constexpr double numbers[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    return load_lanes(numbers) + all_lanes(static_cast<double>(j));
}
// The weights of row i from column j on, and 0 for what is no pair i < j.
BYTESTRIDE_INLINE doubles weights_behind(const mds_problem &p, index i, index j) {
    const doubles columns = columns_from(j), zero = all_lanes(0.0);
    const doubles behind = columns > all_lanes(static_cast<double>(i)) ? load_lanes(weights_of_row(p, i) + j) : zero;
    return columns < all_lanes(static_cast<double>(p.n)) ? behind : zero;
}

// The squared distances of point i from the points of one vector from j on. K components, or `components` if K is 0.
template <int K> BYTESTRIDE_INLINE doubles squared_distances(const double *x, index pitch, index components, index i, index j) {
    doubles sum = all_lanes(0.0);
    for (index q = 0; q < (K ? K : components); ++q) {
        const doubles difference = all_lanes(x[q * pitch + i]) - load_lanes(x + q * pitch + j);
        sum = fused_lanes(difference, difference, sum);
    }
    return sum;
}

// SplitMix64: one multiplication chain per number, any seed, streams by seed.
class random_numbers {
public:
    explicit random_numbers(std::uint64_t seed) : state(seed) {}
    std::uint64_t bits() {
        std::uint64_t z = state += 0x9e3779b97f4a7c15u;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        return z ^ z >> 31;
    }
    // In [0, 1).
    double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }
    // In [0, count).
    index below(index count) { return static_cast<index>(uniform() * static_cast<double>(count)); }
    void shuffle(index *values, index count) {
        for (index i = count; i-- > 1;) {
            const index j = below(i + 1), value = values[i];
            values[i] = values[j];
            values[j] = value;
        }
    }

private:
    std::uint64_t state;
};

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
