// Memory for the time of one call. It reports failure instead of throwing, and keeps one block per thread, so
// that repeated calls allocate nothing.
#pragma once
#include "core/types.hpp"

namespace bytestride {

class scratch {
public:
    // Room for `bytes` bytes on a 64-byte boundary; a negative or overflowing size fails like a missing one.
    explicit scratch(index bytes);
    ~scratch();
    scratch(const scratch &) = delete;
    scratch &operator=(const scratch &) = delete;

    bool failed() const { return !block; }
    char *data() const { return block; }

private:
    char *block;
    bool from_cache;
    index mapped;  // bytes from the system rather than from malloc
};

// Bytes rounded up to whole cache lines, so that blocks laid one after the other stay on line boundaries.
constexpr index whole_lines(index bytes) { return (bytes + 63) / 64 * 64; }

}  // namespace bytestride
