// A caller that flushes subnormals to zero, rounds another way or has exception flags set gets the same bits as
// any other, and its mode and flags back.
#include "bytestride/float_mode.hpp"

#include <vector>

#include "core/level.hpp"
#include "core/parallel.hpp"
#include "test.hpp"

namespace {

// The mode and the sticky exception flags of this thread.
struct float_state {
    std::uint64_t mode, flags;
    bool operator==(const float_state &other) const { return mode == other.mode && flags == other.flags; }
};

#if defined(__x86_64__)
// MXCSR: flags in bits 0 to 5, DAZ 6, masks 7 to 12, rounding 13 and 14, FTZ 15.
constexpr std::uint64_t flush = 0x8040, upward = 0x4000, inexact_flag = 0x20, invalid_flag = 0x01;
float_state read_state() {
    const unsigned word = __builtin_ia32_stmxcsr();
    return {word & ~0x3fu, word & 0x3fu};
}
void write_state(float_state state) { __builtin_ia32_ldmxcsr(static_cast<unsigned>(state.mode | state.flags)); }
#else
// FPCR: FZ16 19, rounding 22 and 23, FZ 24. FPSR: flags in bits 0 to 4 and 7.
constexpr std::uint64_t flush = 1u << 24, upward = 1u << 22, inexact_flag = 0x10, invalid_flag = 0x01;
float_state read_state() {
    float_state state;
    __asm__ volatile("mrs %0, fpcr\n\tmrs %1, fpsr" : "=r"(state.mode), "=r"(state.flags));
    return state;
}
void write_state(float_state state) { __asm__ volatile("msr fpcr, %0\n\tmsr fpsr, %1" : : "r"(state.mode), "r"(state.flags)); }
#endif

// Runs the call in the state, checks that the state is as before, and goes back to the usual one.
template <class Call> void run_in(std::uint64_t mode_bits, std::uint64_t flags, Call &&body) {
    const float_state usual = read_state();
    const float_state wanted = {usual.mode | mode_bits, flags};
    write_state(wanted);
    body();
    const float_state after = read_state();
    write_state(usual);
    CHECK(after == wanted);
}

constexpr std::uint64_t modes[] = {0, flush, upward, flush | upward};

struct call_case {
    const char *name;
    std::int64_t count;
    std::int32_t threads;
};
constexpr call_case cases[] = {{"short", 100, 1}, {"long", 400000, 1}, {"long, two threads", 400000, 2}, {"long, five threads", 400000, 5}};

}  // namespace

TEST("the test itself sees what it looks for") {
    volatile double least = 2.2250738585072014e-308, half = 0.5, zero = 0;
    double flushed = 1;
    run_in(flush, 0, [&] {
        flushed = least * half;
        write_state({read_state().mode, 0});
    });
    CHECK_EQ(flushed, 0.0);
    CHECK(least * half != 0);
    std::uint64_t flags = 0;
    run_in(0, 0, [&] {
        volatile double ignored = zero / zero;
        (void)ignored;
        flags = read_state().flags;
        write_state({read_state().mode, 0});
    });
    CHECK((flags & invalid_flag) != 0);
}

template <class T> static void arithmetic_in_every_mode(std::int32_t dtype, T least_normal) {
    for (const call_case &c : cases) {
        std::vector<T> a(static_cast<std::size_t>(c.count)), b(a.size()), out(a.size()), expected(a.size());
        for (std::size_t i = 0; i < a.size(); ++i) {
            a[i] = least_normal * static_cast<T>(1 + static_cast<int>(i % 7)) / 4;  // subnormal, or not far from it
            b[i] = static_cast<T>(static_cast<int>(i % 5) - 2) / 3;
        }
        bytestride_array from, other, to;
        CHECK_STATUS(bytestride_array_init(&from, a.data(), dtype, 1, &c.count, nullptr, 0), BYTESTRIDE_OK);
        CHECK_STATUS(bytestride_array_init(&other, b.data(), dtype, 1, &c.count, nullptr, 0), BYTESTRIDE_OK);
        CHECK_STATUS(bytestride_array_init(&to, out.data(), dtype, 1, &c.count, nullptr, BYTESTRIDE_WRITEABLE), BYTESTRIDE_OK);
        bytestride_options options{};
        options.size = sizeof options;
        options.threads = c.threads;
        using entry = std::int32_t (*)(const bytestride_array *, const bytestride_array *, const bytestride_array *,
                                       const bytestride_options *);
        for (entry call : {entry(bytestride_add), entry(bytestride_subtract), entry(bytestride_multiply), entry(bytestride_divide)}) {
            for (std::size_t i = 0; i < a.size(); ++i) {  // what plain C++ computes in the default mode
                const T x = a[i], y = b[i];
                expected[i] = call == bytestride_add        ? x + y
                              : call == bytestride_subtract ? x - y
                              : call == bytestride_multiply ? x * y
                                                            : x / y;
            }
            for (std::uint64_t mode : modes)
                for (std::uint64_t flags : {std::uint64_t(0), inexact_flag, inexact_flag | invalid_flag}) {
                    test::about("%s, mode %llx, flags %llx", c.name, static_cast<unsigned long long>(mode),
                                static_cast<unsigned long long>(flags));
                    std::int32_t status = -1;
                    run_in(mode, flags, [&] { status = call(&from, &other, &to, &options); });
                    CHECK_EQ(status, BYTESTRIDE_OK);
                    CHECK(std::memcmp(out.data(), expected.data(), out.size() * sizeof(T)) == 0);
                    if (c.count > 1000) break;
                }
        }
    }
}

TEST("float32 arithmetic in every mode") { arithmetic_in_every_mode<float>(BYTESTRIDE_FLOAT32, 1.17549435e-38f); }
TEST("float64 arithmetic in every mode") { arithmetic_in_every_mode<double>(BYTESTRIDE_FLOAT64, 2.2250738585072014e-308); }

TEST("casts in every mode") {
    // Halves at the bottom of their range, and values that round.
    std::vector<double> values;
    std::vector<std::uint16_t> halves;
    for (int i = 0; i < 600; ++i) {
        values.push_back(i * 0x1p-24);
        halves.push_back(static_cast<std::uint16_t>(i));  // the subnormals of binary16 are multiples of 2^-24
        values.push_back((i + 0.25) * 0x1p-24);
        halves.push_back(static_cast<std::uint16_t>(i));
    }
    std::vector<std::uint16_t> out(values.size());
    std::vector<double> back(values.size());
    const std::int64_t count = static_cast<std::int64_t>(values.size());
    bytestride_array from, to, again;
    CHECK_STATUS(bytestride_array_init(&from, values.data(), BYTESTRIDE_FLOAT64, 1, &count, nullptr, 0), BYTESTRIDE_OK);
    CHECK_STATUS(bytestride_array_init(&to, out.data(), BYTESTRIDE_FLOAT16, 1, &count, nullptr, BYTESTRIDE_WRITEABLE), BYTESTRIDE_OK);
    CHECK_STATUS(bytestride_array_init(&again, back.data(), BYTESTRIDE_FLOAT64, 1, &count, nullptr, BYTESTRIDE_WRITEABLE), BYTESTRIDE_OK);
    for (std::uint64_t mode : modes) {
        test::about("mode %llx", static_cast<unsigned long long>(mode));
        std::int32_t status[2];
        run_in(mode, 0, [&] {
            status[0] = bytestride_copy(&from, &to, nullptr);
            status[1] = bytestride_copy(&to, &again, nullptr);
        });
        CHECK(status[0] == BYTESTRIDE_OK && status[1] == BYTESTRIDE_OK);
        CHECK(out == halves);
        for (std::size_t i = 0; i < back.size(); ++i) CHECK_EQ(back[i], halves[i] * 0x1p-24);
    }
}

// Threads inherit the mode of the thread that creates them; here that one flushes to zero.
TEST("workers compute in the default mode, whoever made them") {
    std::atomic<int> helped{0}, wrong{0};
    const float_state usual = read_state();
    for (int attempt = 0; attempt < 50 && helped.load() == 0; ++attempt)
        run_in(flush | upward, 0, [&] {
            // More threads than any call before: a new team.
            bytestride::parallel_for({20 + attempt, nullptr, nullptr}, {400, 1e6}, [&](std::int64_t, std::int64_t, int worker) {
                if (worker > 0) {
                    ++helped;
                    if (read_state().mode != usual.mode) ++wrong;
                }
                const timespec moment = {0, 1000000};
                nanosleep(&moment, nullptr);
            });
            write_state({read_state().mode, 0});  // what parallel_for itself raised: the entries above it restore
        });
    CHECK(helped.load() > 0);
    CHECK_EQ(wrong.load(), 0);
}

TEST("a call that fails leaves the state alone too") {
    for (std::uint64_t mode : modes) run_in(mode, inexact_flag, [] { bytestride_add(nullptr, nullptr, nullptr, nullptr); });
}

TEST("loading and asking leave the state alone") {
    run_in(flush, inexact_flag, [] {
        bytestride_build_info();
        bytestride_set_num_threads(2);
        bytestride_get_num_threads();
        bytestride_set_num_threads(0);
    });
}
