// Memory between two pages that may not be touched: a read or a write of one byte too many ends the test.
#pragma once
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace test {

// The page that the payload lies flush against. What is left of the other page is filled with a pattern instead.
enum class edge { front, back };

class guarded {
public:
    static constexpr unsigned char pattern = 0xa5;

    guarded(std::int64_t bytes, edge side, std::int64_t gap = 0) : payload(bytes < 0 ? 0 : static_cast<std::size_t>(bytes)) {
        const std::size_t page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
        inner = (payload + static_cast<std::size_t>(gap) + page - 1) / page * page;
        if (inner == 0) inner = page;
        whole = inner + 2 * page;
        void *mapped = mmap(nullptr, whole, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (mapped == MAP_FAILED || mprotect(static_cast<char *>(mapped) + page, inner, PROT_READ | PROT_WRITE) != 0) {
            std::perror("guarded memory");
            std::abort();
        }
        base = static_cast<unsigned char *>(mapped);
        area = base + page;
        std::memset(area, pattern, inner);
        // A gap moves the payload off the page by so many bytes: to try another alignment.
        start = side == edge::front ? area + gap : area + inner - payload - static_cast<std::size_t>(gap);
    }
    ~guarded() {
        if (base) munmap(base, whole);
    }
    guarded(guarded &&other) noexcept
        : payload(other.payload), inner(other.inner), whole(other.whole), base(std::exchange(other.base, nullptr)), area(other.area),
          start(other.start) {}
    guarded(const guarded &) = delete;
    guarded &operator=(const guarded &) = delete;

    unsigned char *data() const { return start; }
    template <class T> T *as() const { return reinterpret_cast<T *>(start); }
    std::size_t size() const { return payload; }

    // Nothing was written beside the payload on the accessible pages.
    bool intact() const {
        for (const unsigned char *p = area; p < start; ++p)
            if (*p != pattern) return false;
        for (const unsigned char *p = start + payload; p < area + inner; ++p)
            if (*p != pattern) return false;
        return true;
    }
    // From here on the payload can only be read.
    void make_read_only() const { mprotect(area, inner, PROT_READ); }

private:
    std::size_t payload, inner, whole;
    unsigned char *base, *area, *start;
};

}  // namespace test
