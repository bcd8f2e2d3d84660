// The Laplacian V of the weights, and what its pseudo-inverse makes of vectors.
#pragma once
#include "kernels/mds_problem.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {

// V has the null space of vectors that are constant on each connected part of the graph. Filling it up with a multiple of the
// projection on it makes a positive definite matrix, which is factored by Cholesky and, for right-hand sides that
// sum to 0 over each part (as those of a Guttman transform do), inverts what V does.
class laplacian {
public:
    explicit laplacian(const mds_problem &problem);
    status factor();
    // Overwrites `components` right-hand sides, `pitch` apart, by the solutions.
    void solve(double *x) const;

private:
    void find_parts();
    double *row(index i) const { return matrix + i * p.pitch; }

    const mds_problem &p;
    scratch memory;
    double *matrix;  // upper triangle in rows
    index *part, *part_size;
};

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
