// A small frame for the C++ tests: blocks that register themselves, checks that stay in every build, and one last
// line `N passed, N failed, N skipped`.
//
//     TEST("sum of two rows") { CHECK_EQ(1 + 1, 2); }
//
// A program runs all its tests, or those whose name contains one of its arguments. Random numbers come from
// test::random_numbers; BYTESTRIDE_TEST_SEED is a number, or `new` for other numbers in every run. The seed is printed.
#pragma once
#include <atomic>
#include <csignal>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <initializer_list>
#include <string>
#include <type_traits>
#include <unistd.h>

#include "core/types.hpp"

namespace test {

struct unit {
    const char *name;
    void (*body)();
    unit *next;
};

struct run_state {
    unit *first = nullptr;
    unit **last = &first;
    const char *current = "";
    std::uint64_t seed = 0;
    std::atomic<int> failures{0};  // of the current test
    int passed = 0, failed = 0, skipped = 0;
    bool leaves_out = false;  // the current test says that it cannot be run here
    bool muted = false;       // failures do not count
};
inline run_state &state() {
    static run_state the_state;
    return the_state;
}

// What is being looked at, printed with a failure; per thread.
inline thread_local char about_text[512];
__attribute__((format(printf, 1, 2))) inline void about(const char *format, ...) {
    std::va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(about_text, sizeof about_text, format, arguments);
    va_end(arguments);
}

constexpr int shown_failures = 10;  // per test
inline void fail(const char *file, int line, const std::string &what) {
    if (state().muted) return;
    if (state().failures.fetch_add(1) < shown_failures)
        std::printf("%s:%d: [%s] %s%s%s%s\n", file, line, state().current, what.c_str(), *about_text ? " (" : "", about_text,
                    *about_text ? ")" : "");
}

template <class T> std::string shown(const T &value) {
    char text[64];
    if constexpr (std::is_floating_point_v<T>)
        std::snprintf(text, sizeof text, "%.21Lg", static_cast<long double>(value));
    else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>)
        std::snprintf(text, sizeof text, "%lld", static_cast<long long>(value));
    else if constexpr (std::is_pointer_v<T> && !std::is_convertible_v<T, const char *>)
        std::snprintf(text, sizeof text, "%p", reinterpret_cast<const void *>(value));
    else
        return std::string(value);
    return text;
}

template <class A, class B> inline bool equal(const A &a, const B &b) {
    if constexpr (std::is_convertible_v<A, const char *> && std::is_convertible_v<B, const char *>)
        return std::string(a) == std::string(b);
    else if constexpr (std::is_integral_v<A> && std::is_integral_v<B> && std::is_signed_v<A> != std::is_signed_v<B>)
        return static_cast<__int128>(a) == static_cast<__int128>(b);
    else
        return a == b;
}

// Numbers that a seed repeats (splitmix64). Every test has its own sequence, so that choosing tests changes none.
class random_numbers {
public:
    explicit random_numbers(std::uint64_t salt = 0) : word(state().seed ^ salt * 0x9e3779b97f4a7c15u) {
        for (const char *c = state().current; *c; ++c) word = word * 31 + static_cast<unsigned char>(*c);
    }
    // The choices of a fuzzer: from these bytes as long as there are any, then from a seed that is their first four.
    random_numbers(const unsigned char *bytes, std::size_t count) : word(0), given(bytes), left(count) { word = take(4); }

    std::uint64_t bits() {
        if (left > 0) return take(8);
        std::uint64_t z = word += 0x9e3779b97f4a7c15u;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        return z ^ z >> 31;
    }
    // Between low and high, both possible.
    std::int64_t between(std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
    }
    bool one_in(int n) { return below(static_cast<std::uint64_t>(n)) == 0; }
    template <class T> T one_of(std::initializer_list<T> values) {
        return values.begin()[between(0, static_cast<std::int64_t>(values.size()) - 1)];
    }
    double unit_interval() { return static_cast<double>(bits() >> 11) * 0x1p-53; }

private:
    // A choice takes no more bytes than it needs: what a fuzzer changes then changes one choice.
    std::uint64_t below(std::uint64_t n) { return (left > 0 ? take(n <= 256 ? 1 : n <= 65536 ? 2 : 8) : bits()) % n; }
    std::uint64_t take(std::size_t bytes) {
        std::uint64_t value = 0;
        for (; bytes > 0 && left > 0; --bytes, --left) value = value << 8 | *given++;
        return value;
    }

    std::uint64_t word;
    const unsigned char *given = nullptr;
    std::size_t left = 0;
};

struct registration {
    registration(const char *name, void (*body)()) {
        unit *added = new unit{name, body, nullptr};
        *state().last = added;
        state().last = &added->next;
    }
};

inline void on_crash(int number) {
    // Not everything here may be called from a handler; the process ends either way.
    char text[600];
    const int length = std::snprintf(text, sizeof text, "[%s] signal %d (seed %llu)%s%s%s\n%d passed, %d failed\n", state().current, number,
                                     static_cast<unsigned long long>(state().seed), *about_text ? " (" : "", about_text,
                                     *about_text ? ")" : "", state().passed, state().failed + 1);
    const ssize_t written = write(STDOUT_FILENO, text, static_cast<std::size_t>(length < 599 ? length : 599));
    _exit(written > 0 ? 1 : 2);
}

inline void report_crashes() {
#if !defined(__SANITIZE_ADDRESS__)  // it has a better report of its own
    static char stack[1 << 16];
    stack_t alternate{};
    alternate.ss_sp = stack;
    alternate.ss_size = sizeof stack;
    sigaltstack(&alternate, nullptr);
    struct sigaction action {};
    action.sa_handler = on_crash;
    action.sa_flags = SA_ONSTACK | SA_RESETHAND;
    for (int number : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT}) sigaction(number, &action, nullptr);
#endif
}

inline bool chosen(const char *name, int count, char **words) {
    if (count <= 1) return true;
    for (int i = 1; i < count; ++i)
        if (std::strstr(name, words[i])) return true;
    return false;
}

// What the current test says before it returns without having looked at anything.
inline void skip(const char *reason) {
    std::printf("  skipped  %s: %s\n", state().current, reason);
    state().leaves_out = true;
}

inline int run_all(int count, char **words) {
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    // The same numbers in every run, unless asked for others.
    const char *seed = std::getenv("BYTESTRIDE_TEST_SEED");
    state().seed = !seed                      ? 20240229
                   : std::strcmp(seed, "new") ? std::strtoull(seed, nullptr, 0)
                                              : static_cast<std::uint64_t>(std::time(nullptr));
    std::printf("seed %llu (BYTESTRIDE_TEST_SEED), level %s\n", static_cast<unsigned long long>(state().seed), bytestride_isa());
    report_crashes();
    for (const unit *u = state().first; u; u = u->next) {
        if (!chosen(u->name, count, words)) continue;
        state().current = u->name;
        state().failures.store(0);
        *about_text = '\0';
        state().leaves_out = false;
        u->body();
        const int failures = state().failures.load();
        if (failures > shown_failures) std::printf("[%s] and %d more\n", u->name, failures - shown_failures);
        ++(failures ? state().failed : state().leaves_out ? state().skipped : state().passed);
    }
    if (state().passed + state().failed + state().skipped == 0) {
        std::printf("no test has such a name\n");
        ++state().failed;
    }
    std::printf("%d passed, %d failed, %d skipped\n", state().passed, state().failed, state().skipped);
    return state().failed ? 1 : 0;
}

}  // namespace test

#define TEST_JOIN_(a, b) a##b
#define TEST_JOIN(a, b) TEST_JOIN_(a, b)
#define TEST_(name, id)                                                                          \
    static void TEST_JOIN(test_body_, id)();                                                     \
    static const test::registration TEST_JOIN(test_entry_, id)(name, TEST_JOIN(test_body_, id)); \
    static void TEST_JOIN(test_body_, id)()
#define TEST(name) TEST_(name, __COUNTER__)

#define CHECK(...)                                                                  \
    do {                                                                            \
        if (!(__VA_ARGS__)) test::fail(__FILE__, __LINE__, "false: " #__VA_ARGS__); \
    } while (0)
#define CHECK_EQ(actual, expected)                                                                                                       \
    do {                                                                                                                                 \
        const auto actual_ = (actual);                                                                                                   \
        const auto expected_ = (expected);                                                                                               \
        if (!test::equal(actual_, expected_))                                                                                            \
            test::fail(__FILE__, __LINE__, std::string(#actual " is ") + test::shown(actual_) + ", expected " + test::shown(expected_)); \
    } while (0)
// A call of the library, the status that it must return; the message is shown when it does not.
#define CHECK_STATUS(call_, expected)                                                                             \
    do {                                                                                                          \
        const std::int32_t status_ = (call_), expected_ = (expected);                                             \
        if (status_ != expected_)                                                                                 \
            test::fail(__FILE__, __LINE__,                                                                        \
                       std::string(#call_ " is ") + std::to_string(status_) +                                     \
                           ", expected " #expected "; message: " + (status_ ? bytestride_last_error() : "none")); \
    } while (0)

#if !defined(TEST_WITHOUT_MAIN)
int main(int count, char **words) { return test::run_all(count, words); }
#endif
