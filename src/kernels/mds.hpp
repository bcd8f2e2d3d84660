// Multidimensional scaling of a checked task.
#pragma once
#include "core/level.hpp"

namespace bytestride {

// What is wrong with the entries of a matrix; they are looked at where they are packed.
struct mds_flaw {
    bool in_weights;   // else in the dissimilarities
    const char *what;  // null: nothing
    index row, column;
};

struct mds_outcome {
    bool converged;
    double stress, normalized_stress;
    index iterations;
    mds_flaw flaw;
};

struct mds_task {
    call settings;
    view dissimilarities, weights;  // (n, n)
    bool weighted;                  // else there are no weights
    view points;                    // (n, k) float64; holds the start when init is GIVEN
    view history;                   // (any,) float64, or empty
    int method, init;               // BYTESTRIDE_METHOD_SGD to _PATTERN, BYTESTRIDE_INIT_*
    bool nonmetric, greedy;
    index n_init, max_iter;
    double eps;  // negative: never
    std::uint64_t random_state;
    double radius, min_radius, shrink_tol, explore, sample, relaxation;
    mds_outcome *outcome;
};

struct classical_mds_task {
    call settings;
    view dissimilarities;  // (n, n), n > 0
    view points;           // (n, k) float64, k <= n
    view eigenvalues;      // (k,) float64, or empty
    mds_flaw *flaw;
};

}  // namespace bytestride

// BYTESTRIDE_ERROR_OPTION: the flaw says why; nothing was written.
BYTESTRIDE_KERNEL(mds, mds_task)
BYTESTRIDE_KERNEL(classical_mds, classical_mds_task)
