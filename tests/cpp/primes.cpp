// Primes against trial division and published values, between forbidden pages.
#include <thread>

#include "arrays.hpp"

using namespace test;

namespace {

bool prime_by_division(std::uint64_t n) {
    for (std::uint64_t d = 2; d * d <= n; ++d)
        if (n % d == 0) return false;
    return n > 1;
}

bool is_prime(std::uint64_t n) {
    bool prime = false;
    bytestride_array number, out;
    CHECK_EQ(bytestride_array_init(&number, &n, BYTESTRIDE_UINT64, 0, nullptr, nullptr, 0), BYTESTRIDE_OK);
    CHECK_EQ(bytestride_array_init(&out, &prime, BYTESTRIDE_BOOL, 0, nullptr, nullptr, BYTESTRIDE_WRITEABLE), BYTESTRIDE_OK);
    CHECK_STATUS(bytestride_is_prime(&number, &out, nullptr), BYTESTRIDE_OK);
    return prime;
}

constexpr std::int32_t integers[] = {BYTESTRIDE_INT8,  BYTESTRIDE_INT16,  BYTESTRIDE_INT32,  BYTESTRIDE_INT64,
                                     BYTESTRIDE_UINT8, BYTESTRIDE_UINT16, BYTESTRIDE_UINT32, BYTESTRIDE_UINT64};

}  // namespace

TEST("is_prime: every integer dtype and layout") {
    random_numbers dice;
    for (std::int32_t code : integers)
        for (layout how : layouts)
            for (int i = 0; i < 4; ++i) {
                const extents shape = random_shape(dice, static_cast<int>(dice.between(0, 4)), 700);
                about("%s %s %s", reference::name(code), layout_names[static_cast<int>(how)], shown(shape).c_str());
                const array n(code, shape, strides_of(dice, how, shape, reference::size_of(code)), edge::back);
                const array out(BYTESTRIDE_BOOL, shape, strides_of(dice, layouts[dice.between(0, 5)], shape, 1), edge::front);
                for (std::int64_t k = 0; k < n.elements(); ++k)
                    reference::encode(code, reference::of_integer(dice.between(-20, reference::size_of(code) == 1 ? 127 : 30000)), n.at(k));
                const auto beside = out.bytes();
                const bytestride_array n_given = n.described(false), out_given = out.described(true);
                CHECK_STATUS(bytestride_is_prime(&n_given, &out_given, nullptr), BYTESTRIDE_OK);
                for (std::int64_t k = 0; k < n.elements(); ++k) {
                    const long double number = n.number_at(k).real;
                    const bool expected = number > 0 && number < 1e6L ? prime_by_division(static_cast<std::uint64_t>(number)) : false;
                    if (number < 1e6L) CHECK_EQ(*out.at(k), expected ? 1 : 0);
                }
                CHECK(out.untouched_beside_elements(beside));
            }
}

TEST("is_prime: strong pseudoprimes and large primes") {
    for (std::uint64_t n : {2047ull, 3277ull, 1373653ull, 25326001ull, 3215031751ull, 2152302898747ull, 3474749660383ull,
                            341550071728321ull, 3825123056546413051ull, 18446744073709551615ull, 18446744065119617025ull})
        CHECK(!is_prime(n));
    for (std::uint64_t n :
         {2ull, 3ull, 59ull, 61ull, 3469ull, 4294967291ull, 4294967311ull, 2305843009213693951ull, 18446744073709551557ull})
        CHECK(is_prime(n));
}

TEST("sums beyond 64 bits, and what an array says to them") {
    std::uint64_t sum[2] = {7, 7};
    CHECK_STATUS(bytestride_sum_primes_128(0, 100000000000ull, sum, nullptr), BYTESTRIDE_OK);
    CHECK(sum[1] == 10 && sum[0] == 16999637006649164854ull);  // 201467077743744681014
    CHECK_STATUS(bytestride_sum_primes_128(100, 50, sum, nullptr), BYTESTRIDE_OK);
    CHECK(sum[0] == 0 && sum[1] == 0);
    CHECK_STATUS(bytestride_sum_primes_128(0, 10, nullptr, nullptr), BYTESTRIDE_ERROR_NULL);

    const array limits(BYTESTRIDE_INT64, {2}, {8}, edge::back), out(BYTESTRIDE_UINT64, {2}, {8}, edge::back);
    limits.memory.as<std::int64_t>()[0] = 10;
    limits.memory.as<std::int64_t>()[1] = 100000000000;
    const bytestride_array limits_given = limits.described(false), out_given = out.described(true);
    CHECK_STATUS(bytestride_sum_primes(&limits_given, &out_given, nullptr), BYTESTRIDE_ERROR_OVERFLOW);
    CHECK_STATUS(bytestride_count_primes(&limits_given, &out_given, nullptr), BYTESTRIDE_OK);
    CHECK(out.memory.as<std::uint64_t>()[0] == 4 && out.memory.as<std::uint64_t>()[1] == 4118054813);
}

TEST("limits in any layout, in one pass") {
    random_numbers dice;
    std::vector<std::uint64_t> sums(20001), counts(20001);
    for (std::uint64_t n = 0; n < 20000; ++n) {
        sums[n + 1] = sums[n] + (prime_by_division(n) ? n : 0);
        counts[n + 1] = counts[n] + prime_by_division(n);
    }
    for (int i = 0; i < 60; ++i) {
        const extents shape = random_shape(dice, static_cast<int>(dice.between(0, 4)), dice.one_in(3) ? 3000 : 60);
        about("%s", shown(shape).c_str());
        const array limits(BYTESTRIDE_INT32, shape, strides_of(dice, layouts[dice.between(0, 5)], shape, 4), edge::back);
        const array out(BYTESTRIDE_UINT64, shape, strides_of(dice, layouts[dice.between(0, 5)], shape, 8), edge::front);
        for (std::int64_t k = 0; k < limits.elements(); ++k)
            reference::encode(BYTESTRIDE_INT32, reference::of_integer(dice.between(-10, 20000)), limits.at(k));
        bytestride_sum_primes_options options{};
        options.size = sizeof options;
        options.threads = static_cast<std::int32_t>(dice.between(0, 3));
        options.start = static_cast<std::uint64_t>(dice.one_in(2) ? 0 : dice.between(0, 20000));
        const bytestride_array limits_given = limits.described(false), out_given = out.described(true);
        const auto beside = out.bytes();
        for (const bool sum : {true, false}) {
            CHECK_STATUS((sum ? bytestride_sum_primes : bytestride_count_primes)(&limits_given, &out_given, &options), BYTESTRIDE_OK);
            const std::vector<std::uint64_t> &below = sum ? sums : counts;
            for (std::int64_t k = 0; k < limits.elements(); ++k) {
                const std::int64_t limit = static_cast<std::int64_t>(limits.number_at(k).real);
                const bool some = limit > 0 && static_cast<std::uint64_t>(limit) > options.start;
                std::uint64_t found;
                std::memcpy(&found, out.at(k), sizeof found);
                CHECK_EQ(found, some ? below[static_cast<std::size_t>(limit)] - below[options.start] : std::uint64_t(0));
            }
            CHECK(out.untouched_beside_elements(beside));
        }
    }
}

TEST("a long call is cancelled, and reports how far it has come") {
    std::int32_t cancel = 0;
    std::int64_t progress[2] = {0, 0};
    bytestride_options options{};
    options.size = sizeof options;
    options.cancel = &cancel;
    options.progress = progress;
    std::uint64_t sum[2] = {7, 7};
    std::thread other([&] {
        while (__atomic_load_n(&progress[0], __ATOMIC_RELAXED) == 0) usleep(1000);
        __atomic_store_n(&cancel, 1, __ATOMIC_RELAXED);
    });
    CHECK_STATUS(bytestride_sum_primes_128(0, 10000000000000000ull, sum, &options), BYTESTRIDE_ERROR_CANCELLED);
    other.join();
    CHECK(sum[0] == 7 && sum[1] == 7 && progress[0] > 0 && progress[0] < progress[1]);
}
