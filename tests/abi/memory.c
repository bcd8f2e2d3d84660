/* Running out of memory at every allocation: the library's requests fail from the n-th on, and only the n-th, for every
   n until a call succeeds. A call that fails says MEMORY and has written nothing; one that can do without has the usual
   result.

   The program has the functions that the library allocates with (posix_memalign and mmap; that there are no others is
   looked at in tests/process) in its place: the loader prefers them to libc's. Each call is made on a thread of its own,
   for a thread keeps a block between calls. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "families.h"
#include "without.h"

static int passed, failed;
static int counting; /* requests are counted, and fail as follows */
static int requests; /* so far */
static int failing_from, failing_to;

static int refused(void) {
    int request;
    if (!__atomic_load_n(&counting, __ATOMIC_RELAXED)) return 0;
    request = __atomic_fetch_add(&requests, 1, __ATOMIC_RELAXED);
    return request >= failing_from && request < failing_to;
}

int posix_memalign(void **block, size_t alignment, size_t size) {
    if (refused()) return ENOMEM;
    *block = aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
    return *block ? 0 : ENOMEM;
}

void *mmap(void *address, size_t length, int protection, int kind, int file, off_t offset) {
    if (refused()) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    return (void *)syscall(SYS_mmap, address, length, protection, kind, file, offset);
}

typedef struct {
    const family *what;
    int32_t threads, status;
    char message[200];
} attempt;

static void *make_call(void *given) {
    attempt *const a = given;
    any_options options = options_of(a->what, a->threads);
    __atomic_store_n(&requests, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&counting, 1, __ATOMIC_RELAXED);
    a->status = a->what->call(&options);
    __atomic_store_n(&counting, 0, __ATOMIC_RELAXED);
    snprintf(a->message, sizeof a->message, "%s", bytestride_last_error());
    return NULL;
}

/* The call with requests from `from` to `to` - 1 refused, over `out` as `before` has it. */
static attempt call_refusing(const family *f, int32_t threads, int from, int to, const void *before) {
    attempt a = {f, threads, 1, ""};
    pthread_t thread;
    memcpy(f->out->data, before, bytes_of(f->out));
    failing_from = from;
    failing_to = to;
    if (pthread_create(&thread, NULL, make_call, &a) || pthread_join(thread, NULL)) abort();
    return a;
}

static void report(const family *f, int32_t threads, int request, const char *what, const attempt *a) {
    ++failed;
    printf("memory.c: %s, %d threads, request %d: %s (status %d, %s)\n", f->name, (int)threads, request, what, (int)a->status, a->message);
}

static int look_at(const family *f, int32_t threads) {
    enum { far_beyond = 1000 };
    const size_t bytes = bytes_of(f->out);
    void *const before = malloc(bytes), *const expected = malloc(bytes);
    int all, refusals = 0, wrong = failed;
    attempt a;
    memcpy(before, f->out->data, bytes);
    a = call_refusing(f, threads, far_beyond, far_beyond, before);
    all = requests;
    memcpy(expected, f->out->data, bytes);
    if (a.status != BYTESTRIDE_OK) report(f, threads, -1, "fails with memory enough", &a);
    for (int n = 0; n < all; ++n) {
        for (int several = 0; several < 2; ++several) {
            a = call_refusing(f, threads, n, several ? far_beyond : n + 1, before);
            refusals += a.status == BYTESTRIDE_ERROR_MEMORY;
            if (a.status != BYTESTRIDE_ERROR_MEMORY && a.status != BYTESTRIDE_OK) report(f, threads, n, "another status", &a);
            if (a.status && !strstr(a.message, "memory")) report(f, threads, n, "the message does not say so", &a);
            if (memcmp(f->out->data, a.status ? before : expected, bytes)) report(f, threads, n, "out is wrong", &a);
        }
    }
    if (all > 0 && !refusals) report(f, threads, 0, "succeeds without any memory", &a);
    a = call_refusing(f, threads, far_beyond, far_beyond, before);
    if (a.status || memcmp(f->out->data, expected, bytes)) report(f, threads, -1, "fails or differs afterwards", &a);
    memcpy(f->out->data, before, bytes);
    free(before);
    free(expected);
    passed += failed == wrong;
    return all;
}

static int look_at_all(int64_t size, const char *one, int32_t most_threads) {
    int seen = 0;
    prepare(size);
    for (int i = 0; i < family_count; ++i)
        for (int32_t threads = 1; threads <= most_threads; threads += 2)
            if (!one || !strcmp(one, families[i].name)) seen += look_at(&families[i], threads);
    forget();
    return seen;
}

int main(void) {
    enum { small = 1, usual = 12, large = 53 };
    int seen = look_at_all(small, NULL, 1) + look_at_all(usual, NULL, 3);
    /* Blocks of 32 MiB come from mmap; tables of some MiB have an index. */
    if (!without("large", "memory")) seen += look_at_all(large, "mds", 1) + look_at_all(large, "searchsorted", 1);
    /* The functions above are those that the library calls: else nothing was tested. */
    if (seen < 2 * family_count) {
        ++failed;
        printf("memory.c: %d requests in all\n", seen);
    }
    return summary(passed, failed);
}
