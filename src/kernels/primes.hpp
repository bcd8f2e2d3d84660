// Prime numbers: tests of single numbers, counts and sums below limits.
#pragma once
#include "core/level.hpp"
#include "core/loops.hpp"

namespace bytestride {

struct primality_task {
    call settings;
    loop_nest nest;  // out, numbers
    index count;
    dtype numbers;
};

// A count or sum of primes, as two words.
struct wide_number {
    std::uint64_t low, high;
};

struct prime_totals_task {
    call settings;
    bool sums;              // else counts
    std::uint64_t start;    // primes below it are left out
    const loop_nest *nest;  // out, limits; or null: one limit, one result
    index count;
    dtype limits;
    std::uint64_t limit;
    wide_number *total;
};

}  // namespace bytestride

BYTESTRIDE_KERNEL(primality, primality_task)
BYTESTRIDE_KERNEL(prime_totals, prime_totals_task)
