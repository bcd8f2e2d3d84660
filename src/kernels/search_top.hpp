// The first steps of a search, which all values share: the elements that they look at are held in registers. Against loads,
// 100,000 random values (int16 to float64) in a table of 4 take 0.25 to 0.6 of the time, of 50 0.55 to 0.7, of 1000 0.7 to 0.95, of 30,000
// 0.85 to 0.95.
#pragma once
#include "kernels/kernel.hpp"
#include "kernels/search_table.hpp"
#include "kernels/vectors.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// How many of the elements are in front of the next one that is looked at, plus that one. Halves of halves of 4096 bytes, or nearly,
// would all lie in the same few sets of the caches: 2^17 float64 took twice the time of 10^5. The halves of 8/15 do not.
inline index half_of(index length, bool first_step) {
    if (length == 1) return 1;
    const index half = length / 2;
    return first_step && length >= 4096 && (half + 32) % 512 < 64 ? length / 15 * 7 : half;
}

// The elements of the first steps as a tree: node 1, and of node k the nodes 2 k and 2 k + 1.
template <class Number> struct search_top {
    static constexpr int most_steps = 4;
    int steps = 0;     // 0: nothing is known
    index length = 0;  // of what is left to search behind each start
    alignas(64) Number nodes[16] = {};
    alignas(64) index starts[16] = {};
};

// Two registers hold 16 elements.
#if defined(__AVX512F__)
constexpr bool has_search_top = true;
#else
constexpr bool has_search_top = false;
#endif

template <class Table> search_top<typename Table::Number> top_of(const Table &table) {
    search_top<typename Table::Number> top;
    index starts[32] = {};
    index left = table.length;
    for (; top.steps < top.most_steps && left > 0; ++top.steps) {
        const index half = half_of(left, top.steps == 0);
        for (index node = index(1) << top.steps; node < index(2) << top.steps; ++node) {
            top.nodes[node] = table.at(starts[node] + half - 1);
            starts[2 * node] = starts[node];
            starts[2 * node + 1] = starts[node] + half;
        }
        left -= half;
    }
    top.length = left;
    for (index node = index(1) << top.steps; node < index(2) << top.steps; ++node) top.starts[node % 16] = starts[node];
    return top;
}

// Where a group of values begins to search. Vectors are read and written whole.
#if defined(__AVX512F__)
BYTESTRIDE_INLINE __mmask8 below(const std::int64_t *nodes, __m512i node, const std::int64_t *bounds) {
    return _mm512_cmplt_epi64_mask(_mm512_permutex2var_epi64(_mm512_load_si512(nodes), node, _mm512_load_si512(nodes + 8)),
                                   _mm512_loadu_si512(bounds));
}
BYTESTRIDE_INLINE __mmask8 below(const double *nodes, __m512i node, const double *bounds) {
    return _mm512_cmp_pd_mask(_mm512_permutex2var_pd(_mm512_load_pd(nodes), node, _mm512_load_pd(nodes + 8)), _mm512_loadu_pd(bounds),
                              _CMP_LT_OQ);
}

template <class Number> void start_group(const search_top<Number> &top, const Number *bounds, index *at, index count) {
    const __m512i one = _mm512_set1_epi64(1);
    for (index i = 0; i < count; i += 8) {
        __m512i node = one;
        for (int step = 0; step < top.steps; ++step) {
            const __mmask8 behind = below(top.nodes, node, bounds + i);
            node = _mm512_add_epi64(node, node);
            node = _mm512_mask_add_epi64(node, behind, node, one);
        }
        _mm512_storeu_si512(at + i, _mm512_permutex2var_epi64(_mm512_load_si512(top.starts), node, _mm512_load_si512(top.starts + 8)));
    }
}
#else
template <class Number> void start_group(const search_top<Number> &, const Number *, index *, index) {}
#endif

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
