// Scratch memory: alignment, reuse per thread, failure instead of an exception.
#include "core/scratch.hpp"

#include <thread>
#include <vector>

#include "test.hpp"

using namespace bytestride;

// The address sanitizer would end the program over a size that no memory has.
extern "C" const char *__asan_default_options() { return "allocator_may_return_null=1"; }

TEST("every size is usable, on a cache line") {
    for (bytestride::index bytes : {0, 1, 63, 64, 65, 4096, 100000, 4 << 20, (4 << 20) + 1, 20 << 20}) {
        const scratch block(bytes);
        test::about("%lld bytes", static_cast<long long>(bytes));
        CHECK(!block.failed());
        if (block.failed()) continue;
        CHECK_EQ(reinterpret_cast<std::uintptr_t>(block.data()) % 64, 0u);
        std::memset(block.data(), 1, static_cast<std::size_t>(bytes));
    }
}

TEST("blocks in use at the same time are apart") {
    test::random_numbers dice;
    for (int round = 0; round < 200; ++round) {
        const bytestride::index first_size = dice.between(1, 20000), second_size = dice.between(1, 20000),
                                third_size = dice.between(1, 20000);
        const scratch first(first_size);
        std::memset(first.data(), 1, static_cast<std::size_t>(first_size));
        const scratch second(second_size);
        std::memset(second.data(), 2, static_cast<std::size_t>(second_size));
        {
            const scratch third(third_size);
            std::memset(third.data(), 3, static_cast<std::size_t>(third_size));
        }
        for (bytestride::index i = 0; i < first_size; ++i) CHECK(first.data()[i] == 1);
        for (bytestride::index i = 0; i < second_size; ++i) CHECK(second.data()[i] == 2);
    }
}

TEST("repeated calls reuse one block, also smaller ones") {
    const char *address;
    {
        const scratch block(1 << 20);
        address = block.data();
    }
    for (bytestride::index bytes : {1, 1000, 1 << 20}) {
        const scratch block(bytes);
        CHECK(block.data() == address);
    }
}

TEST("what cannot be had is reported") {
    for (bytestride::index bytes : {bytestride::index(-1), INT64_MIN, INT64_MAX, INT64_MAX - 63, bytestride::index(1) << 60}) {
        const scratch block(bytes);
        CHECK(block.failed());
    }
    const scratch after(100);
    CHECK(!after.failed());
}

TEST("every thread has its own, given back at its end") {
    std::vector<std::thread> threads;
    std::vector<int> good(8);
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([t, &good] {
            for (int round = 0; round < 200; ++round) {
                const scratch block(5000 + 100 * round);
                std::memset(block.data(), t, 5000);
                std::this_thread::yield();
                for (int i = 0; i < 5000; ++i)
                    if (block.data()[i] != t) return;
            }
            good[static_cast<std::size_t>(t)] = 1;
        });
    for (std::thread &thread : threads) thread.join();
    for (int one : good) CHECK_EQ(one, 1);
}

TEST("whole_lines") {
    CHECK_EQ(whole_lines(0), 0);
    CHECK_EQ(whole_lines(1), 64);
    CHECK_EQ(whole_lines(64), 64);
    CHECK_EQ(whole_lines(65), 128);
}
