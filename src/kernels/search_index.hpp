// A search tree over samples of a large table: nodes of one cache line, so that a value costs few misses, and those of
// a group of values overlap. The leaves are the table itself.
#pragma once
#include <limits>

#include "kernels/kernel.hpp"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

constexpr index separators = 8, children = separators + 1, most_levels = 24;

template <class Number> struct search_index {
    int levels = 0;                    // 0: no index
    const Number *nodes[most_levels];  // of each level; level 0 leads to the leaves
};

// Elements of a leaf: a cache line of a dense table.
template <class Table> constexpr index leaf_of = Table::dense ? 64 / Table::least_itemsize : 8;

inline index nodes_above(index count) { return (count + children - 1) / children; }

template <class Number> index index_bytes(index length, index leaf) {
    index nodes = 0;
    for (index count = (length + leaf - 1) / leaf; count > 1;) {
        count = nodes_above(count);
        nodes += count;
    }
    return nodes * separators * static_cast<index>(sizeof(Number));
}

// A separator is the last element of a child: a bound above it leads behind that child. The last child has none, so
// that no bound leads out of the tree.
template <class Table, class Number>
status build_index(const call &settings, const Table &table, char *memory, search_index<Number> &tree) {
    constexpr Number none = std::numeric_limits<Number>::has_infinity ? std::numeric_limits<Number>::infinity()
                                                                      : std::numeric_limits<Number>::max();
    call quiet = settings;
    quiet.progress = nullptr;
    index count = (table.length + leaf_of<Table> - 1) / leaf_of<Table>, span = leaf_of<Table>;
    while (count > 1) {
        count = nodes_above(count);
        Number *nodes = reinterpret_cast<Number *>(memory);
        const auto body = [&](index begin, index end, int) {
            for (index node = begin; node < end; ++node)
                for (index j = 0; j < separators; ++j) {
                    const index behind = (node * children + j + 1) * span;
                    nodes[node * separators + j] = behind < table.length ? table.at(behind - 1) : none;
                }
        };
        const status outcome = parallel_for(quiet, {count, 40.0}, body);
        if (outcome != BYTESTRIDE_OK) return outcome;
        tree.nodes[tree.levels++] = nodes;
        memory += count * separators * static_cast<index>(sizeof(Number));
        span *= children;
    }
    return BYTESTRIDE_OK;
}

// How many separators of a node are below the bound. Compilers turn the plain loop into a chain of additions, which
// makes the search half as fast. With AVX-512 too these are vectors of 4: a vector of 8 waits for the stores of two halves
// where a leaf was converted, and took 1.3 to 1.5 times as long.
inline index child_of(const std::int64_t *keys, std::int64_t bound) {
#if defined(__AVX2__)
    const __m256i *halves = reinterpret_cast<const __m256i *>(keys), all = _mm256_set1_epi64x(bound);
    const __m256i below = _mm256_add_epi64(_mm256_cmpgt_epi64(all, _mm256_load_si256(halves)),
                                           _mm256_cmpgt_epi64(all, _mm256_load_si256(halves + 1)));
    const __m128i sum = _mm_add_epi64(_mm256_castsi256_si128(below), _mm256_extracti128_si256(below, 1));
    return -(_mm_cvtsi128_si64(sum) + _mm_extract_epi64(sum, 1));
#else
    index child = 0;
    for (index j = 0; j < separators; ++j) child += keys[j] < bound;
    return child;
#endif
}
inline index child_of(const double *keys, double bound) {
#if defined(__AVX2__)
    const __m256d all = _mm256_set1_pd(bound);
    const int low = _mm256_movemask_pd(_mm256_cmp_pd(_mm256_load_pd(keys), all, _CMP_LT_OQ));
    return __builtin_popcount(low | _mm256_movemask_pd(_mm256_cmp_pd(_mm256_load_pd(keys + 4), all, _CMP_LT_OQ)) << 4);
#else
    index child = 0;
    for (index j = 0; j < separators; ++j) child += keys[j] < bound;
    return child;
#endif
}

template <class Table, class Number>
void search_by_index(const Table &table, const search_index<Number> &tree, const Number *bounds, index *at, index count) {
    constexpr index lanes = 32;
    constexpr index leaf = leaf_of<Table>;
    const index n = table.length;
    for (index first = 0; first < count; first += lanes) {
        const index here = count - first < lanes ? count - first : lanes;
        index *node = at + first;
        for (index i = 0; i < here; ++i) node[i] = 0;
        for (int level = tree.levels - 1; level >= 0; --level) {
            const Number *nodes = tree.nodes[level];
            for (index i = 0; i < here; ++i) {
                node[i] = node[i] * children + child_of(nodes + node[i] * separators, bounds[first + i]);
                if (level > 0)
                    __builtin_prefetch(tree.nodes[level - 1] + node[i] * separators);
                else if (node[i] * leaf < n) {
                    __builtin_prefetch(table.address(node[i] * leaf));
                    // The leaf of a table that is not dense may lie on several lines.
                    if (!Table::dense) __builtin_prefetch(table.address((n - node[i] * leaf < leaf ? n : node[i] * leaf + leaf) - 1));
                }
            }
        }
        for (index i = 0; i < here; ++i) {
            const index begin = node[i] * leaf < n ? node[i] * leaf : n, length = n - begin < leaf ? n - begin : leaf;
            const Number bound = bounds[first + i];
            index below = 0;
            if (Table::dense && length == leaf) {
                alignas(64) Number elements[leaf];
                for (index j = 0; j < leaf; ++j) elements[j] = table.at(begin + j);
                for (index j = 0; j < leaf; j += separators) below += child_of(elements + j, bound);
            } else if (Table::direct && length == leaf) {
                // Single loads wait for no vector that they are stored into.
                for (index j = 0; j < leaf; ++j) below += table.at(begin + j) < bound;
            } else {
                for (index left = length; left > 0;) {
                    const index half = left / 2;
                    if (table.at(begin + below + half) < bound) {
                        below += half + 1;
                        left -= half + 1;
                    } else {
                        left = half;
                    }
                }
            }
            at[first + i] = begin + below;
        }
    }
}

}  // namespace
}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
