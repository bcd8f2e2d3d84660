// Whether strided views share bytes: the library's rule, for its own kernels and for users'.
#pragma once
#include <algorithm>

#include "view.hpp"

namespace bytestride {

// The bytes that a view reaches: [low, high) as addresses; empty when it has no elements.
struct byte_range {
    std::uintptr_t low, high;
};

namespace {

// One unknown of the equation below: coefficient * x with low <= x <= high, coefficient > 0.
struct term {
    index coefficient, low, high;
};

// Insertion sort: there are at most 16 terms.
template <class Less> void sort_terms(term *terms, int count, Less less) {
    for (int i = 1; i < count; ++i)
        for (int j = i; j > 0 && less(terms[j], terms[j - 1]); --j) std::swap(terms[j], terms[j - 1]);
}

// Decides whether sum(coefficient_i * x_i) can fall into [target_low, target_high].
//
// A depth-first search, largest coefficient first: what the smaller ones can still reach leaves few values
// for the larger one (one or two when strides are nested, as those of slices of one array are), so the search is
// short in practice; `budget` bounds it in the worst case, where the answer is "yes".
class reachable {
public:
    reachable(const term *unsorted, int count) : terms(count) {
        std::copy(unsorted, unsorted + count, sorted);
        sort_terms(sorted, count, [](const term &a, const term &b) { return a.coefficient > b.coefficient; });
        rest_low[count] = rest_high[count] = 0;
        for (int i = count - 1; i >= 0; --i) {
            rest_low[i] = rest_low[i + 1] + sorted[i].coefficient * sorted[i].low;
            rest_high[i] = rest_high[i + 1] + sorted[i].coefficient * sorted[i].high;
        }
    }
    bool hits(index target_low, index target_high) { return search(0, target_low, target_high); }

private:
    static index floor_divide(index a, index b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }

    bool search(int level, index low, index high) {
        if (low > rest_high[level] || high < rest_low[level]) return false;
        if (level == terms) return true;  // the empty sum, 0, lies in [low, high]
        const term &t = sorted[level];
        const index first = std::max(t.low, -floor_divide(rest_high[level + 1] - low, t.coefficient));
        const index last = std::min(t.high, floor_divide(high - rest_low[level + 1], t.coefficient));
        for (index x = first; x <= last; ++x) {
            if (--budget < 0) return true;
            if (search(level + 1, low - t.coefficient * x, high - t.coefficient * x)) return true;
        }
        return false;
    }

    term sorted[2 * max_ndim];
    index rest_low[2 * max_ndim + 1], rest_high[2 * max_ndim + 1];
    int terms;
    int budget = 2000;
};

// Adds sign * stride * x, 0 <= x < extent, merging it with a term of the same coefficient.
inline int add_term(term *terms, int count, index stride, index extent, int sign) {
    if (extent <= 1 || stride == 0) return count;
    index coefficient = sign * stride, low = 0, high = extent - 1;
    if (coefficient < 0) {
        coefficient = -coefficient;
        low = -high;
        high = 0;
    }
    for (int i = 0; i < count; ++i)
        if (terms[i].coefficient == coefficient) {
            terms[i].low += low;
            terms[i].high += high;
            return count;
        }
    terms[count] = {coefficient, low, high};
    return count + 1;
}

inline byte_range bytes_of(const view &v) {
    std::uintptr_t low = reinterpret_cast<std::uintptr_t>(v.data), high = low;
    for (int i = 0; i < v.ndim; ++i)
        if (v.shape[i] == 0) return {low, low};
    for (int i = 0; i < v.ndim; ++i) {
        const index reach = v.strides[i] * (v.shape[i] - 1);
        (reach < 0 ? low : high) += static_cast<std::uintptr_t>(reach);
    }
    return {low, high + static_cast<std::uintptr_t>(v.itemsize)};
}

// Exactly the same elements at the same places, of the same dtype.
inline bool same_view(const view &a, const view &b) {
    if (a.data != b.data || a.type != b.type || !same_shape(a, b)) return false;
    return std::equal(a.strides, a.strides + a.ndim, b.strides);
}

// True when the views share a byte, or when that cannot be decided cheaply.
inline bool share_bytes(const view &a, const view &b) {
    const byte_range ra = bytes_of(a), rb = bytes_of(b);
    if (ra.low == ra.high || rb.low == rb.high || ra.high <= rb.low || rb.high <= ra.low) return false;
    // Elements share a byte where -(b.itemsize - 1) <= (address in a) - (address in b) <= a.itemsize - 1
    // fails to separate them: offset(a) - offset(b) + (a.data - b.data) within (-a.itemsize, b.itemsize).
    term terms[2 * max_ndim];
    int count = 0;
    for (int i = 0; i < a.ndim; ++i) count = add_term(terms, count, a.strides[i], a.shape[i], 1);
    for (int i = 0; i < b.ndim; ++i) count = add_term(terms, count, b.strides[i], b.shape[i], -1);
    const index distance = static_cast<index>(reinterpret_cast<std::uintptr_t>(b.data) - reinterpret_cast<std::uintptr_t>(a.data));
    return reachable(terms, count).hits(distance - (a.itemsize - 1), distance + (b.itemsize - 1));
}

// True when two elements of the view share a byte, or when that cannot be decided cheaply.
inline bool overlaps_itself(const view &v) {
    // Sorted by stride, every stride at least the reach of all smaller ones: nested, so nothing overlaps.
    term terms[max_ndim];
    int count = 0;
    for (int i = 0; i < v.ndim; ++i)
        if (v.shape[i] == 0) return false;
    for (int i = 0; i < v.ndim; ++i) {
        if (v.shape[i] == 1) continue;
        if (v.strides[i] == 0) return true;
        terms[count++] = {v.strides[i] < 0 ? -v.strides[i] : v.strides[i], 0, v.shape[i] - 1};
    }
    sort_terms(terms, count, [](const term &a, const term &b) { return a.coefficient < b.coefficient; });
    index reach = v.itemsize;
    bool nested = true;
    for (int i = 0; i < count; ++i) {
        nested = nested && terms[i].coefficient >= reach;
        reach += terms[i].coefficient * terms[i].high;
    }
    if (nested) return false;
    // Two different elements overlap iff some non-zero vector of index differences leads to fewer than
    // itemsize bytes; its first non-zero entry may be taken positive.
    for (int first = 0; first < count; ++first) {
        term differences[max_ndim];
        differences[0] = {terms[first].coefficient, 1, terms[first].high};
        int used = 1;
        for (int i = first + 1; i < count; ++i) differences[used++] = {terms[i].coefficient, -terms[i].high, terms[i].high};
        if (reachable(differences, used).hits(-(v.itemsize - 1), v.itemsize - 1)) return true;
    }
    return false;
}

}  // namespace
}  // namespace bytestride
