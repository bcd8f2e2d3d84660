// What the library reads of the machine: processors, quotas of control groups, the cache. Here the system's files are the
// test's own.
#include "core/machine.hpp"

#include <cerrno>
#include <cstdarg>
#include <fcntl.h>
#include <map>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "test.hpp"

namespace {

// What the system says while one of these lives.
struct machine {
    std::map<std::string, std::string> files;  // by path; what is not here does not exist
    int cpus = 7;                              // of the affinity; -1: it cannot be read
};
const machine *in_use = nullptr;

int file_with(const std::string &text) {
    int ends[2];
    if (pipe(ends) != 0) return -1;
    const bool written = write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size());
    close(ends[1]);
    CHECK(written);
    return ends[0];
}

}  // namespace

// These come before the C library's.
extern "C" int open(const char *path, int flags, ...) {
    std::va_list rest;
    va_start(rest, flags);
    const int mode = flags & O_CREAT ? va_arg(rest, int) : 0;
    va_end(rest);
    if (!in_use) return static_cast<int>(syscall(SYS_openat, AT_FDCWD, path, flags, mode));
    const auto found = in_use->files.find(path);
    if (found != in_use->files.end()) return file_with(found->second);
    errno = ENOENT;
    return -1;
}

extern "C" int sched_getaffinity(pid_t thread, std::size_t size, cpu_set_t *mask) noexcept {
    std::memset(mask, 0, size);
    if (!in_use) return syscall(SYS_sched_getaffinity, thread, size, mask) < 0 ? -1 : 0;
    for (int cpu = 0; cpu < in_use->cpus; ++cpu) CPU_SET_S(static_cast<std::size_t>(cpu), size, mask);
    return in_use->cpus < 0 ? -1 : 0;
}

namespace {

constexpr const char *variables[] = {"BYTESTRIDE_NUM_THREADS", "OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "BYTESTRIDE_STREAMING_BYTES"};

void forget_variables() {
    for (const char *name : variables) unsetenv(name);
}

int threads_of(const machine &what) {
    in_use = &what;
    const int threads = bytestride::threads_granted();
    in_use = nullptr;
    return threads;
}

// In a process of its own, since it is read once.
std::int64_t threshold_of(const machine &what) {
    int ends[2];
    CHECK(pipe(ends) == 0);
    std::fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        in_use = &what;
        const std::int64_t bytes = bytestride::streaming_threshold();
        in_use = nullptr;
        const bool same = bytestride::streaming_threshold() == bytes;
        std::exit(same && write(ends[1], &bytes, sizeof bytes) == sizeof bytes ? 0 : 1);
    }
    close(ends[1]);
    std::int64_t bytes = -1;
    int ended = 1;
    CHECK(child > 0 && read(ends[0], &bytes, sizeof bytes) == sizeof bytes);
    CHECK(waitpid(child, &ended, 0) == child && ended == 0);
    close(ends[0]);
    return bytes;
}

constexpr const char *group = "/proc/self/cgroup", *top = "/sys/fs/cgroup/cpu.max";

}  // namespace

TEST("threads: as many as the affinity has processors") {
    forget_variables();
    machine here;
    for (int cpus : {1, 2, 63, 64, 65, 1025, 8192}) {
        here.cpus = cpus;
        CHECK_EQ(threads_of(here), cpus);
    }
    here.cpus = 0;
    CHECK_EQ(threads_of(here), 1);
    here.cpus = -1;  // then those that are online
    CHECK_EQ(threads_of(here), sysconf(_SC_NPROCESSORS_ONLN));
}

TEST("threads: variables are limits, and nonsense is none") {
    forget_variables();
    const machine seven;
    const auto with = [&](const char *name, const char *text) {
        setenv(name, text, 1);
        const int threads = threads_of(seven);
        unsetenv(name);
        return threads;
    };
    for (const char *name : {"BYTESTRIDE_NUM_THREADS", "OMP_NUM_THREADS", "OMP_THREAD_LIMIT"}) {
        test::about("%s", name);
        CHECK_EQ(with(name, "3"), 3);
        CHECK_EQ(with(name, " 3,2"), 3);
        for (const char *none : {"7", "8", "1048576", "1048577", "99999999999999999999", "0", "-3", "", "many"})
            CHECK_EQ(with(name, none), 7);
    }
    setenv("BYTESTRIDE_NUM_THREADS", "6", 1);
    CHECK_EQ(with("OMP_NUM_THREADS", "2"), 6);
    CHECK_EQ(with("OMP_THREAD_LIMIT", "2"), 2);
    forget_variables();
}

TEST("threads: quotas of control groups, the least on the way to the root") {
    forget_variables();
    const struct {
        int threads;
        std::map<std::string, std::string> files;
    } cases[] = {
        {7, {}},
        {7, {{group, ""}}},
        {7, {{group, "0::/\n"}}},
        {7, {{group, "4:cpu:/a\n"}, {top, "100000 100000\n"}}},
        {7, {{group, "0::/\n"}, {top, "max 100000\n"}}},
        {7, {{group, "0::/\n"}, {top, "-5 100000\n"}}},
        {7, {{group, "0::/\n"}, {top, "100000 0\n"}}},
        {7, {{group, "0::/\n"}, {top, "100000\n"}}},
        {7, {{group, "0::/\n"}, {top, "9000000000000000 1\n"}}},
        {1, {{group, "0::/\n"}, {top, "1 100000\n"}}},
        {2, {{group, "0::/\n"}, {top, "9223372036854775807 9223372036854775806\n"}}},
        {3, {{group, "0::/\n"}, {top, "250000 100000\n"}}},
        {3,
         {{group, "1:cpu:/x\n0::/a/b\n"}, {top, "5 1\n"}, {"/sys/fs/cgroup/a/cpu.max", "3 1\n"}, {"/sys/fs/cgroup/a/b/cpu.max", "4 1\n"}}},
        {2, {{group, "0::/a/b"}, {"/sys/fs/cgroup/a/b/cpu.max", "2 1\n"}}},
        {4,
         {{group, "4:cpu:/\n"}, {"/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "400000\n"}, {"/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"}}},
        {7, {{"/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n"}, {"/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"}}},
        {7, {{"/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "400000\n"}}},
    };
    for (const auto &one : cases) {
        machine here;
        here.files = one.files;
        test::about("case %d", static_cast<int>(&one - cases));
        CHECK_EQ(threads_of(here), one.threads);
    }
}

TEST("streaming begins at two thirds of the last-level cache") {
    forget_variables();
    machine here;
    std::string &size = here.files["/sys/devices/system/cpu/cpu0/cache/index3/size"];
    const std::int64_t mebibyte = 1 << 20;
    for (const char *text : {"32768K\n", "32M\n", "33554432\n"}) {
        size = text;
        test::about("%s", text);
        CHECK_EQ(threshold_of(here), 32 * mebibyte / 3 * 2);
    }
    // Where the kernel does not say, the C library may; a cache that nobody knows has 36 MiB.
#if defined(_SC_LEVEL3_CACHE_SIZE)
    const std::int64_t known = sysconf(_SC_LEVEL3_CACHE_SIZE);
#else
    const std::int64_t known = 0;
#endif
    for (const char *text : {"", "\n", "0K\n", "-1K\n", "99999999999K\n"}) {
        size = text;
        test::about("%s", text);
        CHECK_EQ(threshold_of(here), known > 0 ? known / 3 * 2 : 24 * mebibyte);
    }
    size = "32M\n";
    setenv("BYTESTRIDE_STREAMING_BYTES", "12345", 1);
    CHECK_EQ(threshold_of(here), 12345);
    forget_variables();
}
