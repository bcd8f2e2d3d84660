// Miller-Rabin tests, several at a time.
#pragma once
#include "kernels/kernel.hpp"

namespace bytestride {
namespace BYTESTRIDE_LEVEL {

// The most numbers that one call of test_primality takes.
constexpr index primality_block = 256;

// prime[i] = 1 where numbers[i] is prime, else 0; exact for every 64-bit number.
void test_primality(const std::uint64_t *numbers, std::uint8_t *prime, index count);

}  // namespace BYTESTRIDE_LEVEL
}  // namespace bytestride
