#include "kernels/primes.hpp"

#include "core/check.hpp"

using namespace bytestride;

namespace {

status totals(const bytestride_array *limits_given, const bytestride_array *out_given, const bytestride_sum_primes_options *options_given,
              bool sums) {
    check c;
    const bytestride_sum_primes_options options = c.options(3, options_given);
    const view limits = c.input(1, "limits", limits_given);
    const view out = c.output(2, "out", out_given);
    if (c.failed()) return c.result();
    c.require(is_integer(limits.type), BYTESTRIDE_ERROR_DTYPE, 1, "limits", "is %s, must be an integer dtype", name_of(limits.type));
    c.require(out.type == dtype::uint64, BYTESTRIDE_ERROR_DTYPE, 2, "out", "is %s, must be uint64", name_of(out.type));
    c.require(same_shape(limits, out), BYTESTRIDE_ERROR_SHAPE, 2, "out", "has another shape than limits");
    c.require_disjoint(2, "out", out, limits, "limits", check::aliasing::none);
    if (c.failed() || element_count(out) == 0) return c.result();

    const view *const views[] = {&out, &limits};
    const loop_nest nest = nest_loops(views, 2);
    const status outcome = kernels::prime_totals.run(
        {c.settings(), sums, options.start, &nest, element_count(out), limits.type, 0, nullptr});
    c.require(outcome != BYTESTRIDE_ERROR_OVERFLOW, outcome, 1, "limits", "has a limit whose sum of primes is beyond 64 bits");
    return c.result(outcome);
}

}  // namespace

extern "C" std::int32_t bytestride_is_prime(const bytestride_array *numbers_given, const bytestride_array *out_given,
                                            const bytestride_is_prime_options *options) {
    check c;
    c.options(3, options);
    const view numbers = c.input(1, "numbers", numbers_given);
    const view out = c.output(2, "out", out_given);
    if (c.failed()) return c.result();
    c.require(kind_of(numbers.type) < kind::floating, BYTESTRIDE_ERROR_DTYPE, 1, "numbers", "is %s, must be bool or an integer dtype",
              name_of(numbers.type));
    c.require(out.type == dtype::boolean, BYTESTRIDE_ERROR_DTYPE, 2, "out", "is %s, must be bool", name_of(out.type));
    c.require(same_shape(numbers, out), BYTESTRIDE_ERROR_SHAPE, 2, "out", "has another shape than numbers");
    c.require_disjoint(2, "out", out, numbers, "numbers", check::aliasing::none);
    if (c.failed() || element_count(out) == 0) return c.result();

    const view *const views[] = {&out, &numbers};
    return c.result(kernels::primality.run({c.settings(), nest_loops(views, 2), element_count(out), numbers.type}));
}

extern "C" std::int32_t bytestride_sum_primes(const bytestride_array *limits, const bytestride_array *out,
                                              const bytestride_sum_primes_options *options) {
    return totals(limits, out, options, true);
}

extern "C" std::int32_t bytestride_count_primes(const bytestride_array *limits, const bytestride_array *out,
                                                const bytestride_count_primes_options *options) {
    return totals(limits, out, options, false);
}

extern "C" std::int32_t bytestride_sum_primes_128(std::uint64_t start, std::uint64_t limit, std::uint64_t *sum,
                                                  const bytestride_sum_primes_128_options *options) {
    check c;
    c.options(4, options);
    c.require(sum != nullptr, BYTESTRIDE_ERROR_NULL, 3, "sum", "is NULL");
    if (c.failed()) return c.result();
    wide_number total{};
    const status outcome = kernels::prime_totals.run({c.settings(), true, start, nullptr, 1, dtype::uint64, limit, &total});
    if (outcome == BYTESTRIDE_OK) {
        sum[0] = total.low;
        sum[1] = total.high;
    }
    return c.result(outcome);
}
