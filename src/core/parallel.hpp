// Work on several threads; the only file pair that knows OpenMP. See parallel.cpp for the rules.
#pragma once
#include "core/types.hpp"

namespace bytestride {

// More are never used, whatever a caller asks for: kernels share their work out by this number.
constexpr int most_threads = 1024;
// How many threads a call uses when its options do not say.
int default_threads();
status set_default_threads(int threads);
// Null, or why calls run on the calling thread alone.
const char *serial_reason();
bool built_with_openmp();

// A loop over `items` that all threads may take chunks of. Chunks are fixed by items and cost alone.
struct loop {
    index items;
    double nanoseconds_per_item;  // rough cost on one thread: decides whether threads pay, and the size of chunks
};

// The most workers that `run_loop` may use for this loop: what per-worker scratch must be had for.
int workers_for(const call &settings, const loop &what);

// Calls body(context, begin, end, worker) until every item is done; worker is below workers_for(...), and no two
// bodies with the same worker run at once. Returns BYTESTRIDE_ERROR_CANCELLED when the cancel word was seen,
// with no body running any more.
using loop_body = void (*)(const void *context, index begin, index end, int worker);
status run_loop(const call &settings, const loop &what, loop_body body, const void *context);

namespace {

template <class Body> inline status parallel_for(const call &settings, const loop &what, const Body &body) {
    return run_loop(
        settings, what,
        [](const void *context, index begin, index end, int worker) { (*static_cast<const Body *>(context))(begin, end, worker); }, &body);
}

}  // namespace
}  // namespace bytestride
