#include "kernels/mds_laplacian.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

constexpr index block = 32;  // rows that are taken from all later ones in one pass

// y -= factor * x
void subtract(double factor, const double *x, double *y, index count) {
    BYTESTRIDE_INDEPENDENT
    for (index i = 0; i < count; ++i) y[i] = fused(-factor, x[i], y[i]);
}

// The same with four rows at once, so that y is read and written once.
void subtract_four(const double *factor, const double *const *x, double *y, index count) {
    const double a = -factor[0], b = -factor[1], c = -factor[2], d = -factor[3];
    const double *p = x[0], *q = x[1], *r = x[2], *s = x[3];
    BYTESTRIDE_INDEPENDENT
    for (index i = 0; i < count; ++i) y[i] = fused(d, s[i], fused(c, r[i], fused(b, q[i], fused(a, p[i], y[i]))));
}

}  // namespace

// Without weights nobody asks for it.
laplacian::laplacian(const mds_problem &problem)
    : p(problem), memory(problem.weights ? (problem.n * problem.pitch + 3 * problem.n) * 8 : 0) {
    matrix = reinterpret_cast<double *>(memory.data());
    part = reinterpret_cast<index *>(matrix + p.n * p.pitch);
    part_size = part + p.n;
}

// Breadth first over the pairs with a weight.
void laplacian::find_parts() {
    index *queue = part_size + p.n, parts = 0;
    for (index i = 0; i < p.n; ++i) part[i] = -1;
    for (index start = 0; start < p.n; ++start) {
        if (part[start] >= 0) continue;
        index taken = 0, found = 1;
        queue[0] = start;
        part[start] = parts;
        for (; taken < found; ++taken) {
            const double *weights = p.weights + queue[taken] * p.pitch;
            for (index j = 0; j < p.n; ++j)
                if (weights[j] > 0 && part[j] < 0) {
                    part[j] = parts;
                    queue[found++] = j;
                }
        }
        part_size[parts++] = found;
    }
}

status laplacian::factor() {
    if (memory.failed()) return BYTESTRIDE_ERROR_MEMORY;
    const index n = p.n;
    find_parts();
    double trace = 0;
    for (index i = 0; i < n; ++i) {
        const double *weights = p.weights + i * p.pitch;
        double *v = row(i), degree = 0;
        for (index j = 0; j < n; ++j) {
            degree += weights[j];
            v[j] = -weights[j];
        }
        v[i] = degree;
        trace += degree;
    }
    const double size = trace > 0 ? trace / static_cast<double>(n) : 1, least = size * 0x1p-60;
    for (index i = 0; i < n; ++i) {
        double *v = row(i);
        const double fill = size / static_cast<double>(part_size[part[i]]);
        for (index j = 0; j < n; ++j) v[j] += part[j] == part[i] ? fill : 0;
        for (index j = n; j < p.pitch; ++j) v[j] = 0;
    }
    for (index first = 0; first < n; first += block) {
        const index last = first + block < n ? first + block : n;
        for (index i = first; i < last; ++i) {
            double *v = row(i);
            for (index k = first; k < i; ++k) subtract(row(k)[i], row(k) + i, v + i, n - i);
            const double root = __builtin_sqrt(v[i] > least ? v[i] : least);
            for (index j = i; j < n; ++j) v[j] /= root;
            v[i] = root;
        }
        const index left = n - last;
        if (left == 0) break;
        const loop rows = {left, 20 + 0.1 * static_cast<double>(block * left)};
        const status outcome = parallel_for(p.settings, rows, [&](index begin, index end, int) {
            for (index i = last + begin; i < last + end; ++i)
                for (index k = first; k < last; k += 4) {
                    const double *from[] = {row(k) + i, row(k + 1) + i, row(k + 2) + i, row(k + 3) + i};
                    const double factors[] = {*from[0], *from[1], *from[2], *from[3]};
                    subtract_four(factors, from, row(i) + i, n - i);
                }
        });
        if (outcome != BYTESTRIDE_OK) return outcome;
    }
    return BYTESTRIDE_OK;
}

void laplacian::solve(double *x) const {
    const index n = p.n;
    for (index i = 0; i < n; ++i)
        for (index q = 0; q < p.components; ++q) {
            double *v = x + q * p.pitch;
            v[i] /= row(i)[i];
            subtract(v[i], row(i) + i + 1, v + i + 1, n - i - 1);
        }
    for (index i = n; i-- > 0;)
        for (index q = 0; q < p.components; ++q) {
            double *v = x + q * p.pitch;
            v[i] = (v[i] - dot(row(i) + i + 1, v + i + 1, n - i - 1)) / row(i)[i];
        }
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
