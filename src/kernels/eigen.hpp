// Eigenvalues and eigenvectors of symmetric matrices.
#pragma once
#include "kernels/kernel.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {

// Numbers of scratch memory for a matrix of n rows.
constexpr index eigen_scratch(index n) { return n * n + 3 * n; }

// All eigenvalues of the dense symmetric n x n matrix `a` (which is overwritten), in falling order, and the eigenvectors of the
// first `wanted`, of length 1, as rows of `vectors`, `pitch` apart. O(n^3). False when the iteration does not end,
// as with matrices that are not finite.
bool symmetric_eigen(double *a, index n, index wanted, double *values, double *vectors, index pitch, double *memory);

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
