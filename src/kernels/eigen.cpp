// Householder's reduction to a tridiagonal matrix, then the QL iteration with implicit shifts (Francis 1961; Bowdler, Martin,
// Reinsch, Wilkinson 1968).
#include "kernels/eigen.hpp"

#include <cfloat>
#include <cmath>

#include "kernels/vectors.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// y += factor * x
void add(double factor, const double *x, double *y, index count) {
    BYTESTRIDE_INDEPENDENT
    for (index i = 0; i < count; ++i) y[i] = fused(factor, x[i], y[i]);
}

// Reflections from both sides clear row and column c beyond their neighbours. The vector of reflection c stays in row c, behind
// the diagonal; `scales` has 2 / |vector|^2.
void reduce(double *a, index n, double *diagonal, double *beside, double *scales, double *image) {
    for (index c = 0; c + 2 < n; ++c) {
        double *v = a + c * n + c + 1;
        const index length = n - c - 1;
        double largest = 0;
        for (index i = 0; i < length; ++i) largest = std::fabs(v[i]) > largest ? std::fabs(v[i]) : largest;
        diagonal[c] = a[c * n + c];
        scales[c] = 0;
        beside[c] = v[0];
        const double tail = dot(v + 1, v + 1, length - 1);
        if (!(largest > 0) || !(tail > 0)) continue;
        const double norm = std::sqrt(v[0] * v[0] + tail);
        beside[c] = v[0] > 0 ? -norm : norm;
        v[0] -= beside[c];
        scales[c] = 2 / (v[0] * v[0] + tail);
        // A <- A - v w' - w v', with w = s A v - (s^2 / 2) (v' A v) v.
        for (index i = 0; i < length; ++i) image[i] = scales[c] * dot(a + (c + 1 + i) * n + c + 1, v, length);
        add(-0.5 * scales[c] * dot(image, v, length), v, image, length);
        for (index i = 0; i < length; ++i) {
            double *row = a + (c + 1 + i) * n + c + 1;
            add(-v[i], image, row, length);
            add(-image[i], v, row, length);
        }
    }
    for (index c = n > 2 ? n - 2 : 0; c < n; ++c) {
        diagonal[c] = a[c * n + c];
        beside[c] = c + 1 < n ? a[c * n + c + 1] : 0;
    }
}

// Turns rows i and i + 1.
void turn(double *rows, index n, index i, double sine, double cosine) {
    double *upper = rows + i * n, *lower = upper + n;
    BYTESTRIDE_INDEPENDENT
    for (index k = 0; k < n; ++k) {
        const double u = upper[k], l = lower[k];
        lower[k] = fused(sine, u, cosine * l);
        upper[k] = fused(cosine, u, -(sine * l));
    }
}

// `rows` begins as the identity and ends with the eigenvectors of the tridiagonal matrix in its rows.
bool iterate(double *diagonal, double *beside, double *rows, index n) {
    // What is this small beside the matrix is rounding, and counts as 0.
    double negligible = DBL_MIN;
    for (index i = 0; i < n; ++i) {
        const double size = DBL_EPSILON * (std::fabs(diagonal[i]) + std::fabs(beside[i]));
        negligible = size > negligible ? size : negligible;
    }
    for (index low = 0; low < n; ++low)
        for (int round = 0;; ++round) {
            index high = low;
            while (high + 1 < n && std::fabs(beside[high]) > negligible) ++high;
            if (high == low) break;
            if (round == 60) return false;
            // Wilkinson's shift, then a bulge that is chased from the lower end upwards.
            const double half = (diagonal[low + 1] - diagonal[low]) / (2 * beside[low]);
            double bulge = diagonal[high] - diagonal[low] + beside[low] / (half + std::copysign(std::sqrt(half * half + 1), half));
            double sine = 1, cosine = 1, taken = 0;
            index i = high - 1;
            for (; i >= low; --i) {
                const double far = sine * beside[i], near = cosine * beside[i], length = std::sqrt(far * far + bulge * bulge);
                beside[i + 1] = length;
                if (length == 0) {
                    diagonal[i + 1] -= taken;
                    beside[high] = 0;
                    break;
                }
                sine = far / length;
                cosine = bulge / length;
                const double shifted = diagonal[i + 1] - taken, change = (diagonal[i] - shifted) * sine + 2 * cosine * near;
                taken = sine * change;
                diagonal[i + 1] = shifted + taken;
                bulge = cosine * change - near;
                turn(rows, n, i, sine, cosine);
            }
            if (i >= low) continue;
            diagonal[low] -= taken;
            beside[low] = bulge;
            beside[high] = 0;
        }
    return true;
}

}  // namespace

bool symmetric_eigen(double *a, index n, index wanted, double *values, double *vectors, index pitch, double *memory) {
    double *rows = memory, *diagonal = rows + n * n, *beside = diagonal + n, *scales = beside + n;
    for (index i = 0; i < n * n; ++i) rows[i] = 0;
    for (index i = 0; i < n; ++i) rows[i * n + i] = 1;
    reduce(a, n, diagonal, beside, scales, values);
    if (!iterate(diagonal, beside, rows, n)) return false;

    // By selection: each of the largest in turn.
    for (index k = 0; k < n; ++k) {
        index largest = k;
        for (index i = k + 1; i < n; ++i)
            if (diagonal[i] > diagonal[largest]) largest = i;
        const double value = diagonal[largest];
        diagonal[largest] = diagonal[k];
        diagonal[k] = value;
        values[k] = value;
        if (largest != k)
            for (index i = 0; i < n; ++i) {
                const double entry = rows[largest * n + i];
                rows[largest * n + i] = rows[k * n + i];
                rows[k * n + i] = entry;
            }
        if (k >= wanted) continue;
        double *y = vectors + k * pitch;
        std::memcpy(y, rows + k * n, static_cast<std::size_t>(n) * sizeof(double));
        for (index c = n - 3; c >= 0; --c) {
            const double *v = a + c * n + c + 1;
            add(-scales[c] * dot(v, y + c + 1, n - c - 1), v, y + c + 1, n - c - 1);
        }
    }
    return true;
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
