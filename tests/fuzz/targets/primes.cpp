// Primes, their sums and their counts against a sieve.
#include "families.hpp"
#include "trial.hpp"

namespace fuzz {
namespace {

constexpr std::int64_t sieved = 1 << 16;

// Which of the first numbers are prime, and how many below each there are, with their sum.
struct sieve {
    std::vector<bool> prime = std::vector<bool>(sieved, true);
    std::vector<std::uint64_t> count = {0}, sum = {0};

    sieve() {
        prime[0] = prime[1] = false;
        for (std::int64_t n = 0; n < sieved; ++n) {
            const bool is = prime[static_cast<std::size_t>(n)];
            for (std::int64_t k = n * n; is && k < sieved; k += n) prime[static_cast<std::size_t>(k)] = false;
            count.push_back(count.back() + is);
            sum.push_back(sum.back() + (is ? static_cast<std::uint64_t>(n) : 0));
        }
    }
};
const sieve &known() {
    static const sieve the_sieve;
    return the_sieve;
}

std::uint64_t between(const std::vector<std::uint64_t> &below, std::uint64_t start, __int128 limit) {
    const std::size_t to = limit < 0 ? 0 : static_cast<std::size_t>(limit);
    return start < to ? below[to] - below[static_cast<std::size_t>(start)] : 0;
}

std::int32_t any_integers(random_numbers &dice) {
    return dice.one_in(20) ? reference::codes[dice.between(0, 13)] : reference::codes[dice.between(1, 8)];
}

void are_prime(random_numbers &dice) {
    trial t(dice);
    operand &numbers = t.input(any_integers(dice), t.shape(0, 4, 100)), &out = t.output(BYTESTRIDE_BOOL, numbers.memory.shape);
    fill(dice, numbers.memory);
    fill(dice, out.memory);
    bytestride_options options{};
    if (t.run(options, [&] { return bytestride_is_prime(numbers.given(), out.given(), &options); }) != BYTESTRIDE_OK) return;
    int wrong = 0;
    for (std::int64_t i = 0; i < out.memory.elements(); ++i) {
        const __int128 n = numbers.memory.number_at(i).integer;
        if (n < sieved)
            wrong += (n >= 0 && known().prime[static_cast<std::size_t>(n)]) != (*out.memory.at(i) == 1);
        else if (n % 2 == 0)
            wrong += *out.memory.at(i) != 0;
    }
    CHECK_EQ(wrong, 0);
}

void of_limits(random_numbers &dice) {
    trial t(dice);
    const std::int32_t code = any_integers(dice);
    operand &limits = t.input(code, t.shape(0, 3, 30)), &out = t.output(BYTESTRIDE_UINT64, limits.memory.shape);
    const bool counts = dice.one_in(2);
    const std::int64_t least = reference::type_of(code) == reference::type_uint ? 0 : -5;
    for (std::int64_t i = 0; i < limits.memory.elements(); ++i)
        reference::encode(code, reference::of_integer(dice.between(least, dice.one_in(2) ? 300 : sieved)), limits.memory.at(i));
    fill(dice, out.memory);
    bytestride_sum_primes_options options{};
    options.start = dice.one_in(2) ? static_cast<std::uint64_t>(dice.between(0, dice.one_in(2) ? 100 : sieved)) : 0;
    const std::int32_t status = t.run(
        options, [&] { return (counts ? bytestride_count_primes : bytestride_sum_primes)(limits.given(), out.given(), &options); });
    if (status != BYTESTRIDE_OK) return;
    int wrong = 0;
    for (std::int64_t i = 0; i < out.memory.elements(); ++i)
        wrong += out.memory.number_at(i).integer !=
                 between(counts ? known().count : known().sum, options.start, limits.memory.number_at(i).integer);
    CHECK_EQ(wrong, 0);
}

void of_one_limit(random_numbers &dice) {
    trial t(dice);
    const std::uint64_t start = static_cast<std::uint64_t>(dice.between(0, dice.one_in(2) ? 1000 : sieved)),
                        limit = static_cast<std::uint64_t>(dice.between(0, dice.one_in(2) ? 1000 : sieved));
    std::uint64_t sum[2] = {1, 2};
    bytestride_options options{};
    const std::int32_t status = t.run(options, [&] { return bytestride_sum_primes_128(start, limit, sum, &options); });
    if (status == BYTESTRIDE_OK) CHECK(sum[0] == between(known().sum, start, static_cast<__int128>(limit)) && sum[1] == 0);
}

}  // namespace

void primes(random_numbers &dice) {
    switch (dice.between(0, 3)) {
    case 0: return of_one_limit(dice);
    case 1: return of_limits(dice);
    default: return are_prime(dice);
    }
}

}  // namespace fuzz
