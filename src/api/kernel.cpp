// What libraries of own kernels stand on: a loop on the library's threads, and the last error.
#include <atomic>
#include <ctime>

#include "bytestride/float_mode.hpp"
#include "core/check.hpp"
#include "core/error.hpp"
#include "core/parallel.hpp"

#include "bytestride/kernel.h"

using namespace bytestride;

namespace {

// About as many ranges when the caller leaves the choice: a cancelled loop of a minute ends within 50 ms.
constexpr index ranges_wanted = 1024;
// The caller works alone for so long to find out what a range costs; a clock read costs 30 ns.
constexpr double trial_nanoseconds = 20e3;

double now() {
    timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

// A loop of ranges. The first status that is not OK becomes its result, and its cancel word.
class own_loop {
public:
    own_loop(index length, index range_length, bytestride_body what, void *with)
        : n(length), grain(range_length), body(what), context(with) {}

    index ranges() const { return n / grain + (n % grain != 0); }
    status result() const { return stop.load(std::memory_order_acquire); }

    void run_ranges(index first, index last) {
        for (index range = first; range < last && result() == BYTESTRIDE_OK; ++range) {
            const index begin = range * grain, end = n - begin > grain ? begin + grain : n;
            const status code = body(context, begin, end);
            std::int32_t none = BYTESTRIDE_OK;
            if (code != BYTESTRIDE_OK) stop.compare_exchange_strong(none, code, std::memory_order_acq_rel);
        }
    }

    // `cost`: nanoseconds per range, as far as it is known.
    void run(int threads, index first, index last, double cost) {
        const call settings = {threads, reinterpret_cast<const std::int32_t *>(&stop), nullptr};
        // The result is that of the bodies: run_loop is cancelled by nothing else.
        (void)parallel_for(settings, {last - first, cost},
                           [this, first](index begin, index end, int) { run_ranges(first + begin, first + end); });
    }

private:
    static_assert(sizeof(std::atomic<std::int32_t>) == sizeof(std::int32_t), "read as a cancel word");
    const index n, grain;
    const bytestride_body body;
    void *const context;
    std::atomic<std::int32_t> stop{BYTESTRIDE_OK};
};

}  // namespace

extern "C" std::int32_t bytestride_parallel_for(std::int64_t n, std::int64_t grain, std::int32_t threads, bytestride_body body,
                                                void *context) {
    check c;
    c.require(n >= 0, BYTESTRIDE_ERROR_OPTION, 1, "n", "is %lld, must not be negative", static_cast<long long>(n));
    c.require(grain >= 0, BYTESTRIDE_ERROR_OPTION, 2, "grain", "is %lld, must not be negative", static_cast<long long>(grain));
    c.require(threads >= 0, BYTESTRIDE_ERROR_OPTION, 3, "threads", "is %d, must not be negative", threads);
    c.require(body != nullptr, BYTESTRIDE_ERROR_NULL, 4, "body", "is NULL");
    if (c.failed()) return c.result();

    default_float_mode mode;
    if (grain == 0) grain = n > ranges_wanted ? n / ranges_wanted : 1;
    own_loop loop(n, grain, body, context);
    // What a body costs is not known: some ranges, always twice as many, tell.
    const index ranges = loop.ranges();
    const double start = now();
    double spent = 0;
    index done = 0;
    for (index count = 1; done < ranges && spent < trial_nanoseconds && loop.result() == BYTESTRIDE_OK; count *= 2) {
        const index next = ranges - done > count ? done + count : ranges;
        loop.run(1, done, next, 1);
        done = next;
        spent = now() - start;
    }
    if (done < ranges && loop.result() == BYTESTRIDE_OK)
        loop.run(threads > 0 ? threads : default_threads(), done, ranges, spent / static_cast<double>(done));
    return loop.result();
}

extern "C" std::int32_t bytestride_fail(std::int32_t status, std::int32_t argument, const char *name, const char *message,
                                        const bytestride_options *options) {
    check c;
    const bool failure = (status < 0 && status >= BYTESTRIDE_ERROR_DEVICE) || status <= BYTESTRIDE_ERROR_OWN;
    c.require(failure, BYTESTRIDE_ERROR_OPTION, 1, "status", "is %d, must be a failure of the library, or %d and below", status,
              BYTESTRIDE_ERROR_OWN);
    c.require(argument == 0 || name, BYTESTRIDE_ERROR_NULL, 3, "name", "is NULL");
    c.require(false, status, argument, name ? name : "", "%s", message ? message : status_text(status));
    // The options may be what is wrong: no more is asked of them than that they have an error buffer.
    if (options && options->size >= sizeof *options) copy_message(last_error_message(), options->error, options->error_size);
    return c.result();
}

extern "C" const char *bytestride_manifest(void) {
    static constexpr char text[] =
#include "api/manifest.inc"
        ;
    return text;
}
