#include "core/scratch.hpp"

#include <cstdlib>
#include <pthread.h>
#include <sys/mman.h>

namespace bytestride {
namespace {

// What a thread keeps between calls; larger blocks go back to the system at once.
constexpr index kept_bytes = index(4) << 20;

struct cache {
    char *block;
    index size;
    bool in_use;
};
thread_local cache mine;

pthread_key_t at_thread_exit;
pthread_once_t key_made = PTHREAD_ONCE_INIT;
bool key_exists = false;

// Also empties the record: another library's destructor may still call us on this thread.
void release(void *block) {
    mine = {};
    std::free(block);
}
void make_key() { key_exists = pthread_key_create(&at_thread_exit, release) == 0; }

char *allocate(index bytes) {
    if (bytes < 0 || bytes > INT64_MAX - 64) return nullptr;
    void *block = nullptr;
    const std::size_t size = static_cast<std::size_t>(whole_lines(bytes > 0 ? bytes : 1));
    return posix_memalign(&block, 64, size) == 0 ? static_cast<char *>(block) : nullptr;
}

// From here on malloc maps every block anew; mapped here, it has large pages. A gigabyte then is there ten times as soon,
// and gone in a millisecond instead of 50, for which a cancelled call would wait.
constexpr index mapped_from = index(32) << 20, large_page = index(2) << 20;

// Null where it cannot be had; `bytes` becomes what was mapped.
char *map(index &bytes) {
    if (bytes > INT64_MAX - 2 * large_page) return nullptr;
    const index rounded = (bytes + large_page - 1) / large_page * large_page;
    void *const at = mmap(nullptr, static_cast<std::size_t>(rounded + large_page), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                          0);
    if (at == MAP_FAILED) return nullptr;
    char *const first = static_cast<char *>(at);
    const index before = static_cast<index>(-reinterpret_cast<std::uintptr_t>(first) & static_cast<std::uintptr_t>(large_page - 1));
    if (before > 0) munmap(first, static_cast<std::size_t>(before));
    munmap(first + before + rounded, static_cast<std::size_t>(large_page - before));
    madvise(first + before, static_cast<std::size_t>(rounded), MADV_HUGEPAGE);
    bytes = rounded;
    return first + before;
}

}  // namespace

scratch::scratch(index bytes) : block(nullptr), from_cache(false), mapped(0) {
    if (bytes >= 0 && bytes <= kept_bytes && !mine.in_use) {
        pthread_once(&key_made, make_key);
        if (key_exists && (!mine.block || mine.size < bytes)) {
            // Grown at least twofold, so that slowly growing calls do not allocate every time.
            index size = bytes > 2 * mine.size ? bytes : 2 * mine.size;
            if (size > kept_bytes) size = kept_bytes;
            if (char *larger = allocate(size)) {
                std::free(mine.block);
                mine = {larger, size, false};
                pthread_setspecific(at_thread_exit, larger);
            }
        }
        if (mine.block && mine.size >= bytes) {
            mine.in_use = from_cache = true;
            block = mine.block;
            return;
        }
    }
    if (bytes >= mapped_from) {
        mapped = bytes;
        block = map(mapped);
    } else {
        block = allocate(bytes);
    }
}

scratch::~scratch() {
    if (from_cache)
        mine.in_use = false;
    else if (mapped > 0 && block)
        munmap(block, static_cast<std::size_t>(mapped));
    else
        std::free(block);
}

}  // namespace bytestride
