// What the machine grants this process.
#pragma once
#include "core/types.hpp"

namespace bytestride {

// Threads that calls may use by default: the CPUs of the affinity mask, the cgroup's quota, and the environment
// variables BYTESTRIDE_NUM_THREADS (else OMP_NUM_THREADS) and OMP_THREAD_LIMIT, whichever is least.
int threads_granted();

// From this many bytes read and written on, results are stored past the caches (streaming stores); the environment variable
// BYTESTRIDE_STREAMING_BYTES sets it.
index streaming_threshold();

}  // namespace bytestride
