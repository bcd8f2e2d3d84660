#include "kernels/mds_monotone.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

// So many pairs are looked at between two looks at the cancel word.
constexpr index uninterrupted = 1 << 16;

// By the bytes of the key, lowest first; keys are bits of numbers that are not negative, which sort as the numbers do.
template <class Value>
status sort_by_key(const call &settings, std::uint64_t *keys, Value *values, std::uint64_t *other_keys, Value *other_values, index count) {
    constexpr int bytes = 8;
    for (int shift = 0; shift < 8 * bytes; shift += 8) {
        index start[257] = {};
        for (index i = 0; i < count; ++i) ++start[(keys[i] >> shift & 255) + 1];
        for (int b = 0; b < 256; ++b) start[b + 1] += start[b];
        for (index i = 0; i < count; ++i) {
            if (i % uninterrupted == 0 && cancelled(settings)) return BYTESTRIDE_ERROR_CANCELLED;
            const index to = start[keys[i] >> shift & 255]++;
            other_keys[to] = keys[i];
            other_values[to] = values[i];
        }
        std::uint64_t *const k = keys;
        keys = other_keys;
        other_keys = k;
        Value *const v = values;
        values = other_values;
        other_values = v;
    }
    // An even number of passes ends where it began.
    static_assert(bytes % 2 == 0);
    return BYTESTRIDE_OK;
}

index pairs_of(index n) { return n * (n - 1) / 2; }

}  // namespace

monotone_fit::monotone_fit(const mds_problem &problem)
    : p(problem), most(pairs_of(problem.n)), count(0),
      memory(problem.n * problem.pitch * 8 + most * static_cast<index>(sizeof(pair) + sizeof(pool))), squares_of_goal(0) {
    static_assert(sizeof(pair) == 8 && sizeof(pool) == 24);
    fitted = reinterpret_cast<double *>(memory.data());
    pairs = reinterpret_cast<pair *>(fitted + p.n * p.pitch);
    pools = reinterpret_cast<pool *>(pairs + most);
}

status monotone_fit::prepare() {
    if (memory.failed()) return BYTESTRIDE_ERROR_MEMORY;
    std::uint64_t *keys = reinterpret_cast<std::uint64_t *>(pools), *other_keys = keys + most;
    pair *other = reinterpret_cast<pair *>(other_keys + most);
    for (index i = 0; i < p.n; ++i) {
        const double *goal = p.goal + i * p.pitch;
        if (cancelled(p.settings)) return BYTESTRIDE_ERROR_CANCELLED;
        for (index j = i + 1; j < p.n; ++j) {
            const pair at = {static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(j) & 0x7fffffffu, 0};
            const double w = weight_of(at);
            if (!(w > 0)) continue;
            const double value = goal[j] + 0.0;  // -0 counts as 0
            std::memcpy(&keys[count], &value, 8);
            pairs[count++] = at;
            squares_of_goal += w * value * value;
        }
    }
    const status outcome = sort_by_key(p.settings, keys, pairs, other_keys, other, count);
    for (index s = 0; s < count; ++s) pairs[s].opens = s == 0 || keys[s] != keys[s - 1];
    for (index i = 0; i < p.n * p.pitch; ++i) fitted[i] = 0;
    return outcome;
}

status monotone_fit::measure(const double *x) {
    return for_components(p.components, [&](auto K) {
        return parallel_for(p.settings, {p.n, 10 + static_cast<double>(p.n)}, [&](index begin, index end, int) {
            for (index i = begin; i < end; ++i)
                for (index j = 0; j < p.n; j += lanes<double>)
                    store_lanes(fitted + i * p.pitch + j,
                                root_lanes(squared_distances<decltype(K)::value>(x, p.pitch, p.components, i, j)));
        });
    });
}

// The last pool takes in those before it whose mean is not below its own.
void monotone_fit::merge_falling(index &top) const {
    while (top > 0 && pools[top - 1].sum * pools[top].weight >= pools[top].sum * pools[top - 1].weight) {
        pools[top - 1].sum += pools[top].sum;
        pools[top - 1].weight += pools[top].weight;
        pools[top - 1].end = pools[top].end;
        --top;
    }
}

status monotone_fit::fit(const double *x, mds_sums *sums, double *disparity_squares) {
    const status outcome = measure(x);
    if (outcome != BYTESTRIDE_OK) return outcome;
    index top = -1;
    for (index s = 0; s < count; ++s) {
        if (s % uninterrupted == 0 && cancelled(p.settings)) return BYTESTRIDE_ERROR_CANCELLED;
        const pair at = pairs[s];
        const double w = weight_of(at), term = w * fitted[at.row * p.pitch + at.column];
        if (at.opens) {
            if (top >= 0) merge_falling(top);
            pools[++top] = {term, w, s + 1};
        } else {
            pools[top].sum += term;
            pools[top].weight += w;
            pools[top].end = s + 1;
        }
    }
    if (top >= 0) merge_falling(top);

    *sums = {0, 0};
    *disparity_squares = 0;
    for (index t = 0, s = 0; t <= top; ++t) {
        const double value = pools[t].sum / pools[t].weight;
        // Sums of one pool at a time keep the rounding errors small.
        mds_sums own = {0, 0};
        for (; s < pools[t].end; ++s) {
            if (s % uninterrupted == 0 && cancelled(p.settings)) return BYTESTRIDE_ERROR_CANCELLED;
            double &entry = fitted[pairs[s].row * p.pitch + pairs[s].column];
            const double w = weight_of(pairs[s]), apart = value - entry;
            own.stress += w * apart * apart;
            own.squares += w * entry * entry;
            entry = fitted[pairs[s].column * p.pitch + pairs[s].row] = value;
        }
        sums->stress += own.stress;
        sums->squares += own.squares;
        *disparity_squares += pools[t].weight * value * value;
    }
    return BYTESTRIDE_OK;
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
