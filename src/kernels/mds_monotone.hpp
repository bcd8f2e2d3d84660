// Disparities: the numbers nearest to the distances that rise with the dissimilarities.
#pragma once
#include "kernels/mds_problem.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {

class monotone_fit {
public:
    explicit monotone_fit(const mds_problem &problem);
    // Sorts the pairs by their dissimilarity.
    status prepare();
    // The disparities of the distances between the points as a matrix like the goal, their stress, the sum of w d^2 and that of
    // the weighted squares of the disparities. Pairs of equal dissimilarity have equal disparities.
    status fit(const double *x, mds_sums *sums, double *disparity_squares);
    double *disparities() const { return fitted; }
    // The sum of w g^2.
    double goal_squares() const { return squares_of_goal; }

private:
    // A pair; `opens` marks the first of those with the same dissimilarity.
    struct pair {
        std::uint32_t row, column : 31, opens : 1;
    };
    // Neighbouring pairs that share a disparity, the weighted mean of their distances.
    struct pool {
        double sum, weight;
        index end;
    };

    status measure(const double *x);
    void merge_falling(index &top) const;
    double weight_of(const pair &at) const { return p.weights ? p.weights[at.row * p.pitch + at.column] : 1; }

    const mds_problem &p;
    index most, count;  // pairs, and those that are not missing
    scratch memory;
    double *fitted;  // n x pitch; holds the distances meanwhile
    pair *pairs;
    pool *pools;  // also room for sorting
    double squares_of_goal;
};

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
