// One function per family: a random call, and what the definition says.
#pragma once
#include "test.hpp"

namespace fuzz {

void arithmetic(test::random_numbers &dice);
void arrays(test::random_numbers &dice);
void convolve(test::random_numbers &dice);
void copy(test::random_numbers &dice);
void depth(test::random_numbers &dice);
void distance(test::random_numbers &dice);
void mds(test::random_numbers &dice);
void neighborhood(test::random_numbers &dice);
void primes(test::random_numbers &dice);
void search(test::random_numbers &dice);

struct family {
    const char *name;
    void (*call)(test::random_numbers &dice);
};
constexpr family families[] = {{"arithmetic", arithmetic}, {"arrays", arrays},     {"convolve", convolve}, {"copy", copy},
                               {"depth", depth},           {"distance", distance}, {"mds", mds},           {"neighborhood", neighborhood},
                               {"primes", primes},         {"search", search}};

}  // namespace fuzz
