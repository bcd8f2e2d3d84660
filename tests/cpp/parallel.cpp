// Threads: every item once, the same bits for every number of threads, cancellation, progress, callers at once.
#include "core/parallel.hpp"

#include <cmath>
#include <csignal>
#include <dirent.h>
#include <set>
#include <sys/wait.h>
#include <thread>
#include <utility>
#include <vector>

#include "arrays.hpp"

namespace {

using bytestride::call;
using bytestride::loop;

void sleep_milliseconds(int count) {
    const timespec time = {count / 1000, count % 1000 * 1000000L};
    nanosleep(&time, nullptr);
}

int threads_of_process() {
    int count = 0;
    if (DIR *tasks = opendir("/proc/self/task")) {
        while (const dirent *entry = readdir(tasks)) count += entry->d_name[0] != '.';
        closedir(tasks);
    }
    return count;
}

bytestride_options options_for(std::int32_t threads) {
    bytestride_options options{};
    options.size = sizeof options;
    options.threads = threads;
    return options;
}

bytestride_array describe(void *data, std::int32_t dtype, std::initializer_list<std::int64_t> shape,
                          std::initializer_list<std::int64_t> strides) {
    bytestride_array a{};
    CHECK_STATUS(bytestride_array_init(&a, data, dtype, static_cast<std::int32_t>(shape.size()), shape.begin(),
                                       strides.size() ? strides.begin() : nullptr, BYTESTRIDE_WRITEABLE),
                 BYTESTRIDE_OK);
    return a;
}

}  // namespace

// The first of all: checkers of threads forbid them in a child of a process that has some already.
TEST("a forked child works alone and says why, until it asks for threads") {
    const char *without = std::getenv("TESTS_WITHOUT");
    if (without && std::strstr(without, "fork")) return test::skip("no fork under what runs this program");
    if (!bytestride::built_with_openmp()) return test::skip("the library has no OpenMP");
    std::fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        const call four = {4, nullptr, nullptr};
        const loop long_one = {1000, 1e6};
        const char *reason = bytestride::serial_reason();
        bool right = bytestride::default_threads() == 1 && reason && std::strstr(reason, "forked child");
        right = right && bytestride::workers_for(four, long_one) == 1;
        right = right && bytestride::set_default_threads(3) == BYTESTRIDE_OK && bytestride::default_threads() == 3;
        right = right && !bytestride::serial_reason() && bytestride::workers_for(four, long_one) == 4;
        std::atomic<std::int64_t> sum{0};
        bytestride::parallel_for(four, long_one, [&](std::int64_t begin, std::int64_t end, int) { sum += end - begin; });
        std::exit(right && sum.load() == 1000 ? 0 : 1);
    }
    int ended = 1;
    CHECK(child > 0 && waitpid(child, &ended, 0) == child);
    CHECK_EQ(ended, 0);
}

TEST("thread counts that are refused, and that are more than there can be") {
    CHECK_STATUS(bytestride::set_default_threads(-1), BYTESTRIDE_ERROR_OPTION);
    CHECK_STATUS(bytestride::set_default_threads(1 << 20), BYTESTRIDE_OK);
    CHECK_EQ(bytestride::default_threads(), 1024);
    CHECK_STATUS(bytestride::set_default_threads(0), BYTESTRIDE_OK);
    CHECK(bytestride::workers_for({1 << 20, nullptr, nullptr}, {100000, 1e9}) <= 1024);
}

TEST("every item once, in chunks that do not depend on threads; one body per worker at a time") {
    test::random_numbers dice;
    for (int round = 0; round < 300; ++round) {
        const std::int64_t items = dice.between(1, 3000);
        const double cost = std::pow(10.0, static_cast<double>(dice.between(0, 7)));
        std::set<std::pair<std::int64_t, std::int64_t>> chunks;
        for (int threads : {1, 2, 5}) {
            const call settings = {threads, nullptr, nullptr};
            const int workers = bytestride::workers_for(settings, {items, cost});
            test::about("%lld items of %g ns, %d threads, %d workers", static_cast<long long>(items), cost, threads, workers);
            CHECK(workers >= 1 && workers <= threads);
            std::vector<std::atomic<int>> seen(static_cast<std::size_t>(items));
            std::vector<std::atomic<int>> busy(static_cast<std::size_t>(workers));
            std::vector<std::atomic<bool>> begins(static_cast<std::size_t>(items));
            std::atomic<int> wrong{0};
            CHECK_EQ(bytestride::parallel_for(settings, {items, cost},
                                              [&](std::int64_t begin, std::int64_t end, int worker) {
                                                  if (worker < 0 || worker >= workers || begin < 0 || begin >= end || end > items) {
                                                      ++wrong;
                                                      return;
                                                  }
                                                  if (busy[static_cast<std::size_t>(worker)].fetch_add(1) != 0) ++wrong;
                                                  begins[static_cast<std::size_t>(begin)] = true;
                                                  for (std::int64_t i = begin; i < end; ++i) ++seen[static_cast<std::size_t>(i)];
                                                  busy[static_cast<std::size_t>(worker)].fetch_sub(1);
                                              }),
                     BYTESTRIDE_OK);
            CHECK_EQ(wrong.load(), 0);
            for (const auto &count : seen) CHECK_EQ(count.load(), 1);
            std::set<std::pair<std::int64_t, std::int64_t>> here;
            for (std::int64_t i = 0, begin = 0; i < items; ++i)
                if (begins[static_cast<std::size_t>(i)]) here.insert({begin, i}), begin = i;
            if (threads == 1)
                chunks = here;
            else
                CHECK(chunks == here);
        }
    }
}

TEST("a long loop runs on several threads; a short one on the caller alone") {
    std::atomic<int> workers_seen{0};
    const call two = {2, nullptr, nullptr};
    CHECK_EQ(bytestride::workers_for(two, {10, 1.0}), 1);
    CHECK_EQ(bytestride::workers_for({1, nullptr, nullptr}, {1000, 1e6}), 1);
    if (!bytestride::built_with_openmp()) return;
    CHECK_EQ(bytestride::workers_for(two, {1000, 1e6}), 2);
    const std::thread::id caller = std::this_thread::get_id();
    // The first body waits until it has seen the other worker, so that both must take part. On a loaded machine the
    // team may still be leaving the region before, and the caller then rightly works alone: it may try again.
    for (int attempt = 0; attempt < 50 && workers_seen.load() != 3; ++attempt) {
        sleep_milliseconds(attempt);
        workers_seen = 0;
        std::atomic<bool> waited{false};
        bytestride::parallel_for(two, {1000, 1e6}, [&](std::int64_t, std::int64_t, int worker) {
            workers_seen |= 1 << worker;
            if ((worker == 0) != (std::this_thread::get_id() == caller)) test::fail(__FILE__, __LINE__, "worker 0 is the caller");
            for (int i = 0; i < 500 && workers_seen.load() != 3 && !waited; ++i) sleep_milliseconds(1);
            waited = true;
        });
    }
    CHECK_EQ(workers_seen.load(), 3);
}

TEST("threads of the library: signals blocked, default floating-point mode") {
    std::atomic<int> wrong{0}, helped{0};
    for (int attempt = 0; attempt < 50 && helped.load() == 0; ++attempt) {
        sleep_milliseconds(attempt);
        std::atomic<bool> waited{false};
        bytestride::parallel_for({2, nullptr, nullptr}, {64, 1e6}, [&](std::int64_t, std::int64_t, int worker) {
            if (worker == 0) {
                for (int i = 0; i < 500 && helped.load() == 0 && !waited; ++i) sleep_milliseconds(1);
                waited = true;
                return;
            }
            ++helped;
            sigset_t mask;
            pthread_sigmask(SIG_BLOCK, nullptr, &mask);
            for (int number : {SIGINT, SIGTERM, SIGALRM, SIGUSR1, SIGCHLD, SIGPROF})
                if (!sigismember(&mask, number)) ++wrong;
            volatile double least = 2.2250738585072014e-308, half = 0.5;
            if (least * half == 0) ++wrong;
        });
    }
    CHECK(helped.load() > 0);
    CHECK_EQ(wrong.load(), 0);
    sigset_t mine;
    pthread_sigmask(SIG_BLOCK, nullptr, &mine);
    CHECK(!sigismember(&mine, SIGINT));
}

TEST("a loop inside a body runs serially, and right") {
    // Where the team was still busy and the caller works alone, an inner loop may have it: tried until both took part.
    int workers_seen = 0;
    for (int attempt = 0; attempt < 50 && workers_seen != 3; ++attempt) {
        sleep_milliseconds(attempt);
        std::atomic<std::int64_t> sum{0};
        std::atomic<int> inner_threads{0}, seen{0};
        bytestride::parallel_for({2, nullptr, nullptr}, {50, 1e6}, [&](std::int64_t begin, std::int64_t end, int outer_worker) {
            seen |= 1 << outer_worker;
            sleep_milliseconds(1);
            for (std::int64_t i = begin; i < end; ++i) {
                const call inner = {4, nullptr, nullptr};
                if (bytestride::workers_for(inner, {100, 1e6}) != 1) ++inner_threads;
                bytestride::parallel_for(inner, {100, 1e6}, [&](std::int64_t b, std::int64_t e, int worker) {
                    if (worker != 0) ++inner_threads;
                    sum += e - b;
                });
            }
        });
        CHECK_EQ(sum.load(), 5000);
        workers_seen = seen.load();
        if (workers_seen == 3) CHECK_EQ(inner_threads.load(), 0);
    }
    if (bytestride::built_with_openmp()) CHECK_EQ(workers_seen, 3);
}

TEST("many callers at once: all right, threads bounded") {
    constexpr int callers = 8;
    std::atomic<int> wrong{0}, most{0};
    std::vector<std::thread> threads;
    for (int c = 0; c < callers; ++c)
        threads.emplace_back([&] {
            for (int round = 0; round < 40; ++round) {
                std::atomic<std::int64_t> sum{0};
                const call settings = {5, nullptr, nullptr};
                bytestride::parallel_for(settings, {400, 1e4}, [&](std::int64_t begin, std::int64_t end, int) {
                    for (std::int64_t i = begin; i < end; ++i) sum += i;
                });
                if (sum.load() != 400 * 399 / 2) ++wrong;
                const int now = threads_of_process();
                if (now > most.load()) most = now;
            }
        });
    for (std::thread &thread : threads) thread.join();
    CHECK_EQ(wrong.load(), 0);
    // The callers, this thread, one driver and its team of at most 5; while a team grows, its probes and predecessor.
    test::about("at most %d threads", most.load());
    CHECK(most.load() <= callers + 1 + 1 + 2 * 5);
    for (int i = 0; i < 2000 && threads_of_process() > 1 + 1 + 5; ++i)
        sleep_milliseconds(1);  // a joined thread leaves /proc a little later
    CHECK(threads_of_process() <= 1 + 1 + 5);
}

TEST("cancelled before it starts: nothing runs") {
    const std::int32_t cancel = 1;
    for (int threads : {1, 2, 5})
        for (double cost : {1.0, 1e6}) {
            std::atomic<int> bodies{0};
            CHECK_EQ(
                bytestride::parallel_for({threads, &cancel, nullptr}, {1000, cost}, [&](std::int64_t, std::int64_t, int) { ++bodies; }),
                BYTESTRIDE_ERROR_CANCELLED);
            CHECK_EQ(bodies.load(), 0);
        }
}

TEST("cancelled on the way: the rest is left out, no body runs afterwards") {
    for (int threads : {1, 2, 5}) {
        std::int32_t cancel = 0;
        std::atomic<int> bodies{0}, running{0};
        const std::int32_t status = bytestride::parallel_for({threads, &cancel, nullptr}, {1000, 1e6},
                                                             [&](std::int64_t, std::int64_t, int) {
                                                                 ++running;
                                                                 if (++bodies == 3) __atomic_store_n(&cancel, 7, __ATOMIC_RELAXED);
                                                                 sleep_milliseconds(2);
                                                                 --running;
                                                             });
        const int at_return = bodies.load();
        test::about("%d threads, %d bodies", threads, at_return);
        CHECK_EQ(status, BYTESTRIDE_ERROR_CANCELLED);
        CHECK_EQ(running.load(), 0);
        CHECK(at_return >= 3 && at_return < 500);  // between counting and setting the word others may go on
        sleep_milliseconds(20);
        CHECK_EQ(bodies.load(), at_return);
    }
}

TEST("another thread cancels a loop of sleeping bodies") {
    for (int threads : {1, 2}) {
        std::int32_t cancel = 0;
        std::atomic<bool> started{false};
        std::thread other([&] {
            while (!started) sleep_milliseconds(1);
            __atomic_store_n(&cancel, 1, __ATOMIC_RELAXED);
        });
        std::atomic<int> bodies{0};
        const std::int32_t status = bytestride::parallel_for({threads, &cancel, nullptr}, {100000, 1e6},
                                                             [&](std::int64_t, std::int64_t, int) {
                                                                 started = true;
                                                                 ++bodies;
                                                                 sleep_milliseconds(1);
                                                             });
        other.join();
        CHECK_EQ(status, BYTESTRIDE_ERROR_CANCELLED);
        CHECK(bodies.load() < 50000);  // the whole would take a minute and more
    }
}

TEST("progress never falls and ends complete") {
    for (int threads : {1, 2, 5}) {
        std::int64_t progress[2] = {0, 0};
        std::atomic<bool> done{false};
        std::atomic<int> wrong{0}, moved{0};
        std::thread watcher([&] {
            std::int64_t last = 0, last_all = 0;
            while (!done) {
                const std::int64_t now = __atomic_load_n(&progress[0], __ATOMIC_RELAXED),
                                   all = __atomic_load_n(&progress[1], __ATOMIC_RELAXED);
                if (now < last || all < last_all || (all != 0 && now > all)) ++wrong;
                if (now != last) ++moved;
                last = now;
                last_all = all;
                sleep_milliseconds(1);
            }
        });
        CHECK_EQ(bytestride::parallel_for({threads, nullptr, progress}, {200, 1e6},
                                          [&](std::int64_t, std::int64_t, int) { sleep_milliseconds(1); }),
                 BYTESTRIDE_OK);
        done = true;
        watcher.join();
        CHECK_EQ(wrong.load(), 0);
        CHECK(moved.load() > 2);
        CHECK_EQ(progress[0], 200);
        CHECK_EQ(progress[1], 200);
    }
}

TEST("calls of the library: cancelled, watched") {
    std::vector<float> a(3000000, 1.5f), out(a.size(), -1.0f);
    const std::int64_t n = static_cast<std::int64_t>(a.size());
    const bytestride_array from = describe(a.data(), BYTESTRIDE_FLOAT32, {n}, {}), to = describe(out.data(), BYTESTRIDE_FLOAT32, {n}, {});
    for (std::int32_t threads : {1, 2, 5}) {
        std::int32_t cancel = 1;
        std::int64_t progress[2] = {0, 0};
        char error[100] = "";
        bytestride_options options = options_for(threads);
        options.cancel = &cancel;
        options.progress = progress;
        options.error = error;
        options.error_size = sizeof error;
        CHECK_STATUS(bytestride_add(&from, &from, &to, &options), BYTESTRIDE_ERROR_CANCELLED);
        CHECK_EQ(out[0], -1.0f);
        CHECK_EQ(progress[0], 0);
        CHECK_EQ(error, bytestride_last_error());
        CHECK(*error != '\0');
        cancel = 0;
        CHECK_STATUS(bytestride_add(&from, &from, &to, &options), BYTESTRIDE_OK);
        CHECK(progress[1] > 0);
        CHECK_EQ(progress[0], progress[1]);
        for (float value : out)
            if (value != 3.0f) {
                CHECK_EQ(value, 3.0f);
                break;
            }
        std::fill(out.begin(), out.end(), -1.0f);
    }
}

// Whether a call is still running when the word is set is up to the scheduler: it is tried until one was.
TEST("another thread cancels a call") {
    std::vector<std::uint16_t> a(12000000, 0x3c00), out(a.size());
    const std::int64_t n = static_cast<std::int64_t>(a.size());
    const bytestride_array from = describe(a.data(), BYTESTRIDE_FLOAT16, {n}, {}), to = describe(out.data(), BYTESTRIDE_FLOAT16, {n}, {});
    bool cancelled = false;
    for (int attempt = 0; attempt < 200 && !cancelled; ++attempt) {
        std::int32_t cancel = 0;
        std::int64_t progress[2] = {0, 0};
        std::atomic<bool> over{false};
        std::thread other([&] {
            while (!over && __atomic_load_n(&progress[0], __ATOMIC_RELAXED) == 0) sched_yield();
            __atomic_store_n(&cancel, 1, __ATOMIC_RELAXED);
        });
        bytestride_options options = options_for(attempt % 2 + 1);
        options.cancel = &cancel;
        options.progress = progress;
        const std::int32_t status = bytestride_add(&from, &from, &to, &options);
        over = true;
        other.join();
        if (status == BYTESTRIDE_OK) {
            CHECK_EQ(progress[0], progress[1]);
        } else {
            CHECK_EQ(status, BYTESTRIDE_ERROR_CANCELLED);
            CHECK(progress[0] < progress[1]);
            cancelled = true;
        }
    }
    CHECK(cancelled);
}

TEST("the same bits for 1, 2 and 5 threads") {
    test::random_numbers dice;
    using entry = std::int32_t (*)(const bytestride_array *, const bytestride_array *, const bytestride_array *,
                                   const bytestride_options *);
    const entry entries[] = {bytestride_add,    bytestride_subtract, bytestride_multiply,
                             bytestride_divide, bytestride_minimum,  bytestride_maximum};
    constexpr std::int64_t rows = 700, columns = 900;
    for (std::int32_t code : {BYTESTRIDE_FLOAT16, BYTESTRIDE_FLOAT32, BYTESTRIDE_FLOAT64, BYTESTRIDE_COMPLEX64, BYTESTRIDE_INT16}) {
        const std::int64_t size = reference::size_of(code), bytes = rows * columns * size;
        std::vector<unsigned char> a(static_cast<std::size_t>(bytes)), b(a.size()), out(a.size()), first(a.size());
        for (std::vector<unsigned char> *v : {&a, &b})
            for (std::size_t i = 0; i + 8 <= v->size(); i += 8) {
                const std::uint64_t bits = dice.bits();
                std::memcpy(v->data() + i, &bits, 8);
            }
        const bytestride_array left = describe(a.data(), code, {rows, columns}, {}),
                               right = describe(b.data(), code, {rows, columns}, {size, rows * size});
        const bytestride_array result = describe(out.data(), code, {rows, columns}, {});
        const entry call_it = entries[dice.between(0, code == BYTESTRIDE_INT16 ? 2 : 5)];
        test::about("%s", reference::name(code));
        for (std::int32_t threads : {1, 2, 5, 2, 1}) {
            std::memset(out.data(), 0x77, out.size());
            const bytestride_options options = options_for(threads);
            CHECK_STATUS(call_it(&left, &right, &result, &options), BYTESTRIDE_OK);
            if (threads == 1 && first[0] == 0 && first[1] == 0 && first[2] == 0) first = out;
            CHECK(out == first);
        }
    }
}

TEST("calls from many threads at once, with options of their own") {
    constexpr std::int64_t n = 300000;
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([t, &wrong] {
            std::vector<double> a(n), out(n);
            for (std::int64_t i = 0; i < n; ++i) a[static_cast<std::size_t>(i)] = static_cast<double>(t * 1000 + i);
            const bytestride_array from = describe(a.data(), BYTESTRIDE_FLOAT64, {n}, {}),
                                   to = describe(out.data(), BYTESTRIDE_FLOAT64, {n}, {});
            for (int round = 0; round < 20; ++round) {
                const bytestride_options options = options_for(round % 4);
                if (bytestride_add(&from, &from, &to, &options) != BYTESTRIDE_OK) ++wrong;
                for (std::int64_t i = 0; i < n; ++i)
                    if (out[static_cast<std::size_t>(i)] != 2.0 * static_cast<double>(t * 1000 + i)) {
                        ++wrong;
                        break;
                    }
            }
        });
    for (std::thread &thread : threads) thread.join();
    CHECK_EQ(wrong.load(), 0);
}
