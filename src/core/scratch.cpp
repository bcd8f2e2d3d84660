#include "core/scratch.hpp"

#include <cstdlib>
#include <pthread.h>

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

}  // namespace

scratch::scratch(index bytes) : block(nullptr), from_cache(false) {
    if (bytes >= 0 && bytes <= kept_bytes && !mine.in_use) {
        pthread_once(&key_made, make_key);
        if (key_exists && mine.size < bytes) {
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
    block = allocate(bytes);
}

scratch::~scratch() {
    if (from_cache)
        mine.in_use = false;
    else
        std::free(block);
}

}  // namespace bytestride
