#include "core/machine.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

namespace bytestride {
namespace {

// The first number of an environment variable such as "4" or "4,2"; 0 when there is none.
int number_in_environment(const char *name) {
    const char *text = std::getenv(name);
    if (!text) return 0;
    char *end;
    const long value = std::strtol(text, &end, 10);
    return end != text && value > 0 && value <= 1 << 20 ? static_cast<int>(value) : 0;
}

bool read_file(const char *path, char *text, std::size_t size) {
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    const ssize_t got = read(file, text, size - 1);
    close(file);
    if (got <= 0) return false;
    text[got] = '\0';
    return true;
}

int cpus_of_affinity() {
    // A mask of 8192 CPUs; the fixed cpu_set_t of 1024 is too small for the largest machines.
    constexpr int words = 8192 / (8 * sizeof(unsigned long));
    unsigned long mask[words] = {};
    if (sched_getaffinity(0, sizeof mask, reinterpret_cast<cpu_set_t *>(mask)) != 0) {
        const long online = sysconf(_SC_NPROCESSORS_ONLN);
        return online > 0 ? static_cast<int>(online) : 1;
    }
    int count = 0;
    for (unsigned long word : mask) count += __builtin_popcountl(word);
    return count > 0 ? count : 1;
}

int cpus_of_quota(long long quota, long long period) {
    if (quota <= 0 || period <= 0) return 0;
    const long long cpus = (quota - 1) / period + 1;
    return cpus < 1 << 20 ? static_cast<int>(cpus) : 0;
}

// The least quota on the way from this process's cgroup (version 2) to the root; 0 when there is none.
int cpus_of_cgroup() {
    char text[4096], path[4400];
    int least = 0;
    const auto consider = [&](int cpus) {
        if (cpus > 0 && (least == 0 || cpus < least)) least = cpus;
    };
    if (read_file("/proc/self/cgroup", text, sizeof text)) {
        const char *line = std::strstr(text, "0::/");
        if (line) {
            char group[4096];
            std::snprintf(group, sizeof group, "%s", line + 3);
            group[std::strcspn(group, "\n")] = '\0';
            for (;;) {
                std::snprintf(path, sizeof path, "/sys/fs/cgroup%s/cpu.max", std::strcmp(group, "/") ? group : "");
                long long quota, period;
                char limits[128];
                if (read_file(path, limits, sizeof limits) && std::sscanf(limits, "%lld %lld", &quota, &period) == 2)
                    consider(cpus_of_quota(quota, period));
                char *slash = std::strrchr(group, '/');
                if (!slash || !std::strcmp(group, "/")) break;
                slash == group ? slash[1] = '\0' : *slash = '\0';
            }
        }
    }
    // Version 1, as containers mount it.
    char period_text[64];
    if (read_file("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", text, 64) &&
        read_file("/sys/fs/cgroup/cpu/cpu.cfs_period_us", period_text, sizeof period_text))
        consider(cpus_of_quota(std::atoll(text), std::atoll(period_text)));
    return least;
}

// The last-level cache that one processor reaches, from the kernel; 0 when it does not say. The C library may name the sum over
// all parts of a processor package instead: 320 MiB where each core reaches 32.
index last_level_cache() {
    char text[32];
    if (!read_file("/sys/devices/system/cpu/cpu0/cache/index3/size", text, sizeof text)) return 0;
    char *unit;
    const long number = std::strtol(text, &unit, 10);
    const index scale = *unit == 'K' ? index(1) << 10 : *unit == 'M' ? index(1) << 20 : 1;
    return number > 0 && number < 1 << 30 ? number * scale : 0;
}

index read_streaming_threshold() {
    // For tests and measurements.
    if (const int chosen = number_in_environment("BYTESTRIDE_STREAMING_BYTES")) return chosen;
    index cache = last_level_cache();
#if defined(_SC_LEVEL3_CACHE_SIZE)
    if (cache == 0) cache = sysconf(_SC_LEVEL3_CACHE_SIZE);
#endif
    // Measured on Zen 4: streaming wins from two thirds of the last-level cache on (a + b of 1 M float64, 24 MB, takes 0.8 to 0.9 of the
    // time beside busy neighbours), makes no difference down to a half, and loses below.
    return cache > 0 ? cache / 3 * 2 : index(24) << 20;
}

}  // namespace

int threads_granted() {
    int threads = cpus_of_affinity();
    const auto cap = [&](int limit) {
        if (limit > 0 && limit < threads) threads = limit;
    };
    cap(cpus_of_cgroup());
    const int own = number_in_environment("BYTESTRIDE_NUM_THREADS");
    cap(own ? own : number_in_environment("OMP_NUM_THREADS"));
    cap(number_in_environment("OMP_THREAD_LIMIT"));
    return threads;
}

index streaming_threshold() {
    static std::atomic<index> known{0};
    index bytes = known.load(std::memory_order_relaxed);
    if (bytes == 0) known.store(bytes = read_streaming_threshold(), std::memory_order_relaxed);
    return bytes;
}

}  // namespace bytestride
