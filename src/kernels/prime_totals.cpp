// Counts and sums of primes for any number of limits: the small ones in one pass through the range, the large ones each
// on its own, divided where that is the least work.
#include "kernels/prime_totals.hpp"

#include "core/dtype.hpp"
#include "kernels/convert.hpp"
#include "kernels/runs.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {
namespace {

constexpr index block = 256;

// Limits as 64-bit numbers; negative ones are 0, since no prime is below either.
void read_limits(const prime_totals_task &task, prime_query *queries) {
    if (!task.nest) {
        queries[0] = {task.limit, {0, 0}};
        return;
    }
    const index itemsize = itemsize_of(task.limits);
    const convert_function convert = itemsize == 8 ? nullptr : converter(task.limits, dtype::int64, cast_rule::wrap);
    const bool signs = kind_of(task.limits) == kind::signed_integer;
    alignas(64) std::uint64_t packed[block], limits[block];
    for (index first = 0; first < task.count; first += block) {
        const index here = task.count - first < block ? task.count - first : block;
        pack_run(*task.nest, 1, itemsize, first, here, convert ? packed : limits);
        if (convert) convert(packed, limits, here);
        for (index i = 0; i < here; ++i) queries[first + i] = {signs && static_cast<std::int64_t>(limits[i]) < 0 ? 0 : limits[i], {0, 0}};
    }
}

bool write_totals(const prime_totals_task &task, const prime_query *queries) {
    if (!task.nest) {
        *task.total = queries[0].total;
        return true;
    }
    for (index i = 0; i < task.count; ++i)
        if (queries[i].total.high) return false;
    std::uint64_t totals[block];
    for (index first = 0; first < task.count; first += block) {
        const index here = task.count - first < block ? task.count - first : block;
        for (index i = 0; i < here; ++i) totals[i] = queries[first + i].total.low;
        unpack_run(totals, *task.nest, 0, sizeof(std::uint64_t), first, here);
    }
    return true;
}

// Which limits the pass through the range answers: those up to `pass_largest`.
struct division {
    std::uint64_t pass_largest;
    double pass_nanoseconds, single_nanoseconds;
};

division divide(std::uint64_t start, const prime_query *queries, index count) {
    // By the number of bits of the limits.
    index counts[65] = {};
    std::uint64_t largest[65] = {};
    for (index i = 0; i < count; ++i) {
        const std::uint64_t limit = queries[i].limit;
        if (limit <= start || limit <= 2) continue;
        const int bits = 64 - __builtin_clzll(limit);
        ++counts[bits];
        largest[bits] = limit > largest[bits] ? limit : largest[bits];
    }
    double single = start > 2 ? total_nanoseconds(start) : 0;
    for (int bits = 0; bits <= 64; ++bits) single += static_cast<double>(counts[bits]) * total_nanoseconds(largest[bits]);
    division best = {0, 0, single};
    double answered = 0;
    for (int bits = 0; bits <= 64; ++bits) {
        if (counts[bits] == 0) continue;
        answered += static_cast<double>(counts[bits]) * total_nanoseconds(largest[bits]);
        bool rest = false;
        for (int above = bits + 1; above <= 64; ++above) rest |= counts[above] > 0;
        const double pass = range_nanoseconds(start, largest[bits]) + 60 * static_cast<double>(counts[bits]),
                     left = rest ? single - answered : 0;
        if (pass + left < best.pass_nanoseconds + best.single_nanoseconds) best = {largest[bits], pass, left};
    }
    return best;
}

// The limits above the pass, each on its own.
status answer_singly(const prime_work &work, std::uint64_t start, prime_query *const *queries, index count, double nanoseconds) {
    if (count == 0) return BYTESTRIDE_OK;
    wide_number before{};
    if (start > 2) {
        const std::uint64_t last = start - 1;
        const status outcome = totals_up_to(work, &last, 1, &before);
        if (outcome != BYTESTRIDE_OK) return outcome;
    }
    const auto answer = [&](index begin, index end) -> status {
        std::uint64_t limits[totals_together] = {};
        wide_number totals[totals_together];
        index different = 0;
        for (index i = begin; i < end; ++i)
            if (i == begin || queries[i]->limit != queries[i - 1]->limit) limits[different++] = queries[i]->limit - 1;
        const status outcome = totals_up_to(work, limits, different, totals);
        if (outcome != BYTESTRIDE_OK) return outcome;
        for (index i = begin, k = -1; i < end; ++i) {
            k += i == begin || queries[i]->limit != queries[i - 1]->limit;
            queries[i]->total = wide_number_of(value_of(totals[k]) - value_of(before));
        }
        return BYTESTRIDE_OK;
    };
    // Few limits: each is worked on by all threads. Many: some by each.
    constexpr double large = 1e6;  // ns
    constexpr index few = 8;
    const double each = nanoseconds / static_cast<double>(count);
    status worst = BYTESTRIDE_OK;
    if (count < few) {
        for (index i = 0, end; i < count && worst == BYTESTRIDE_OK; i = end) {
            for (end = i + 1; end < count && queries[end]->limit == queries[i]->limit;) ++end;
            worst = answer(i, end);
        }
        return worst;
    }
    index size = count / (2 * work.quiet.threads);
    size = each > large || size < 1 ? 1 : size > totals_together ? totals_together : size;
    const index batches = (count + size - 1) / size;
    size = (count + batches - 1) / batches;
    const status outcome = parallel_for(work.quiet, {batches, each * static_cast<double>(size)}, [&](index begin, index end, int) {
        for (index batch = begin; batch < end; ++batch) {
            const index first = batch * size, last = first + size < count ? first + size : count;
            const status here = answer(first, last);
            if (here != BYTESTRIDE_OK) return __atomic_store_n(&worst, here, __ATOMIC_RELAXED);
        }
    });
    return outcome != BYTESTRIDE_OK ? outcome : worst;
}

}  // namespace

status prime_totals(const prime_totals_task &task) {
    const index queries_bytes = whole_lines(task.count * static_cast<index>(sizeof(prime_query)));
    const scratch memory(task.count > (index(1) << 50) ? -1 : queries_bytes + task.count * static_cast<index>(sizeof(prime_query *)));
    if (memory.failed()) return BYTESTRIDE_ERROR_MEMORY;
    prime_query *queries = reinterpret_cast<prime_query *>(memory.data());
    prime_query **chosen = reinterpret_cast<prime_query **>(memory.data() + queries_bytes);
    read_limits(task, queries);

    prime_work work = {task.settings, task.settings.progress, task.sums};
    work.quiet.progress = nullptr;
    const division plan = divide(task.start, queries, task.count);
    work.begin(plan.pass_nanoseconds + plan.single_nanoseconds);
    // First the limits of the pass, then from the other end the others.
    index in_pass = 0, singly = task.count;
    for (index i = 0; i < task.count; ++i) {
        const std::uint64_t limit = queries[i].limit;
        if (limit <= task.start || limit <= 2) continue;
        chosen[limit <= plan.pass_largest ? in_pass++ : --singly] = &queries[i];
    }
    status outcome = BYTESTRIDE_OK;
    if (in_pass > 0) outcome = totals_in_range(work, task.start, chosen, in_pass, plan.pass_largest);
    if (outcome == BYTESTRIDE_OK) outcome = answer_singly(work, task.start, chosen + singly, task.count - singly, plan.single_nanoseconds);
    if (outcome != BYTESTRIDE_OK) return outcome;
    work.end();
    return write_totals(task, queries) ? BYTESTRIDE_OK : BYTESTRIDE_ERROR_OVERFLOW;
}

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
