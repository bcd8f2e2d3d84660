/* What libraries of own kernels stand on, from plain C: a loop on the library's threads, its failures, and the manifest. */
#define _GNU_SOURCE
#include <errno.h>
#include <fenv.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bytestride/kernel.h"
#include "without.h"

static int passed, failed;

static void expect(int condition, const char *text, int line) {
    if (condition) {
        ++passed;
    } else {
        ++failed;
        printf("kernel.c:%d: %s (last error: %s)\n", line, text, bytestride_last_error());
    }
}
#define EXPECT(condition) expect((condition) != 0, #condition, __LINE__)

enum { most = 3000 };

/* How often each index was worked on, the ranges that were seen, and the threads that worked. */
struct record {
    int visits[most];
    int64_t n, grain;
    int64_t wrong_ranges;
    int64_t pause_nanoseconds;
    pthread_t caller;
    int64_t by_others;
    int32_t fail_at, status;
    int64_t bodies;
};
static struct record seen;

static void clear(int64_t n, int64_t grain) {
    memset(&seen, 0, sizeof seen);
    seen.n = n;
    seen.grain = grain;
    seen.caller = pthread_self();
    seen.fail_at = -1;
}

static int32_t visit(void *context, int64_t begin, int64_t end) {
    struct record *record = context;
    __atomic_fetch_add(&record->bodies, 1, __ATOMIC_RELAXED);
    const int64_t wanted_end = record->n - begin > record->grain ? begin + record->grain : record->n;
    if (record->grain && (begin % record->grain || end != wanted_end)) __atomic_fetch_add(&record->wrong_ranges, 1, __ATOMIC_RELAXED);
    if (begin < 0 || begin >= end || end > record->n) __atomic_fetch_add(&record->wrong_ranges, 1, __ATOMIC_RELAXED);
    if (!pthread_equal(pthread_self(), record->caller)) __atomic_fetch_add(&record->by_others, 1, __ATOMIC_RELAXED);
    for (int64_t i = begin; i < end; ++i) __atomic_fetch_add(&record->visits[i], 1, __ATOMIC_RELAXED);
    if (record->pause_nanoseconds) {
        const struct timespec pause = {0, record->pause_nanoseconds};
        nanosleep(&pause, NULL);
    }
    return record->fail_at >= begin && record->fail_at < end ? record->status : BYTESTRIDE_OK;
}

static int each_visited(int times) {
    for (int64_t i = 0; i < seen.n; ++i)
        if (seen.visits[i] != times) return 0;
    return 1;
}

static void covers(void) {
    const int64_t lengths[] = {0, 1, 2, 7, 1023, 1024, 1025, 2048, most}, grains[] = {0, 1, 3, 64, 5000};
    for (int length = 0; length < 9; ++length)
        for (int grain = 0; grain < 5; ++grain)
            for (int32_t threads = 0; threads < 4; ++threads) {
                clear(lengths[length], grains[grain]);
                EXPECT(bytestride_parallel_for(seen.n, seen.grain, threads, visit, &seen) == BYTESTRIDE_OK);
                EXPECT(each_visited(1) && seen.wrong_ranges == 0);
            }
    /* The choice of the library depends on n alone, and is fine enough to be stopped. */
    clear(most, 0);
    EXPECT(bytestride_parallel_for(most, 0, 1, visit, &seen) == BYTESTRIDE_OK);
    const int64_t alone = seen.bodies;
    clear(most, 0);
    EXPECT(bytestride_parallel_for(most, 0, 3, visit, &seen) == BYTESTRIDE_OK);
    EXPECT(seen.bodies == alone && alone >= 1000 && alone <= most);
    EXPECT(bytestride_parallel_for(INT64_MAX, INT64_MAX, 1, NULL, NULL) == BYTESTRIDE_ERROR_NULL);
}

static int32_t count_ends(void *context, int64_t begin, int64_t end) {
    int64_t *sum = context;
    __atomic_fetch_add(sum, end - begin, __ATOMIC_RELAXED);
    return BYTESTRIDE_OK;
}

static void huge(void) {
    int64_t sum = 0;
    EXPECT(bytestride_parallel_for(INT64_MAX, 0, 2, count_ends, &sum) == BYTESTRIDE_OK);
    EXPECT(sum == INT64_MAX);
    sum = 0;
    EXPECT(bytestride_parallel_for(INT64_MAX - 1, INT64_MAX / 3, 2, count_ends, &sum) == BYTESTRIDE_OK);
    EXPECT(sum == INT64_MAX - 1);
}

/* The first range takes longer than what the caller tries alone. In a later one it waits until another thread has worked too: on a busy
   machine that takes a while, 2 s at most. */
static int32_t meet(void *context, int64_t begin, int64_t end) {
    struct record *record = context;
    const struct timespec pause = {0, 1000000};
    const int32_t status = visit(context, begin, end);
    static int waited; /* by the caller alone: the other thread has been seen when it comes here */
    if (begin == 0) waited = 0;
    do nanosleep(&pause, NULL);
    while (begin > 0 && !__atomic_load_n(&record->by_others, __ATOMIC_RELAXED) && ++waited < 2000);
    return status;
}

static void threads(void) {
    /* Where the other thread is still leaving an earlier call, a call works alone: then another one meets it. */
    int tries = 0;
    do {
        clear(40, 1);
        EXPECT(bytestride_parallel_for(40, 1, 2, meet, &seen) == BYTESTRIDE_OK);
        EXPECT(each_visited(1));
    } while (seen.by_others == 0 && ++tries < 10);
    EXPECT(seen.by_others > 0);
    clear(40, 1);
    seen.pause_nanoseconds = 200000;
    EXPECT(bytestride_parallel_for(40, 1, 1, visit, &seen) == BYTESTRIDE_OK);
    EXPECT(each_visited(1) && seen.by_others == 0);
}

static int32_t nested(void *context, int64_t begin, int64_t end) {
    struct record *record = context;
    static __thread pthread_t outer;
    outer = pthread_self();
    for (int64_t i = begin; i < end; ++i) {
        struct record *inner = calloc(1, sizeof *inner);
        if (!inner) return BYTESTRIDE_ERROR_MEMORY;
        inner->n = 50;
        inner->grain = 1;
        inner->caller = outer;
        inner->pause_nanoseconds = 100000;
        const int32_t status = bytestride_parallel_for(50, 1, 4, visit, inner);
        int fine = status == BYTESTRIDE_OK && inner->by_others == 0;
        for (int at = 0; at < 50; ++at) fine = fine && inner->visits[at] == 1;
        free(inner);
        if (!fine) return BYTESTRIDE_ERROR_OWN;
        __atomic_fetch_add(&record->visits[i], 1, __ATOMIC_RELAXED);
    }
    return BYTESTRIDE_OK;
}

static void nests(void) {
    clear(6, 1);
    EXPECT(bytestride_parallel_for(6, 1, 2, nested, &seen) == BYTESTRIDE_OK);
    EXPECT(each_visited(1));
}

static void stops(void) {
    const int32_t statuses[] = {BYTESTRIDE_ERROR_OWN, BYTESTRIDE_ERROR_CANCELLED, 7};
    for (int i = 0; i < 3; ++i)
        for (int32_t count = 1; count <= 2; ++count) {
            clear(1000, 1);
            seen.pause_nanoseconds = count == 1 ? 0 : 100000;
            seen.fail_at = 20;
            seen.status = statuses[i];
            EXPECT(bytestride_parallel_for(1000, 1, count, visit, &seen) == statuses[i]);
            const int64_t bodies = seen.bodies;
            EXPECT(count == 1 ? bodies == 21 : bodies >= 1 && bodies < 1000); /* one thread takes them in turn */
            const struct timespec pause = {0, 5000000};
            nanosleep(&pause, NULL);
            EXPECT(__atomic_load_n(&seen.bodies, __ATOMIC_RELAXED) == bodies); /* none runs after the return */
        }
}

static void refuses(void) {
    EXPECT(bytestride_parallel_for(-1, 1, 1, visit, &seen) == BYTESTRIDE_ERROR_OPTION);
    EXPECT(!strcmp(bytestride_last_error(), "argument 1 (n): is -1, must not be negative"));
    EXPECT(bytestride_parallel_for(1, -2, 1, visit, &seen) == BYTESTRIDE_ERROR_OPTION);
    EXPECT(!strcmp(bytestride_last_error(), "argument 2 (grain): is -2, must not be negative"));
    EXPECT(bytestride_parallel_for(1, 1, -3, visit, &seen) == BYTESTRIDE_ERROR_OPTION);
    EXPECT(!strcmp(bytestride_last_error(), "argument 3 (threads): is -3, must not be negative"));
    EXPECT(bytestride_parallel_for(1, 1, 1, NULL, &seen) == BYTESTRIDE_ERROR_NULL);
    EXPECT(!strcmp(bytestride_last_error(), "argument 4 (body): is NULL"));
}

static int32_t rounding_of(void *context, int64_t begin, int64_t end) {
    volatile double third = 3;
    (void)begin;
    (void)end;
    if (1 / third != 0x1.5555555555555p-2) __atomic_store_n((int *)context, 1, __ATOMIC_RELAXED);
    return BYTESTRIDE_OK;
}

static void floating_point_mode(void) {
    int other = 0;
    EXPECT(fesetround(FE_UPWARD) == 0);
    EXPECT(bytestride_parallel_for(2000, 1, 2, rounding_of, &other) == BYTESTRIDE_OK);
    EXPECT(fegetround() == FE_UPWARD);
    EXPECT(fesetround(FE_TONEAREST) == 0);
    EXPECT(other == 0);
}

static void forks(void) {
    if (without("fork", "forks")) return;
    clear(40, 1);
    const pid_t child = fork();
    if (child == 0) {
        alarm(30); /* a hang ends the child */
        clear(40, 1);
        seen.pause_nanoseconds = 1000000;
        int fine = bytestride_parallel_for(40, 1, 2, visit, &seen) == BYTESTRIDE_OK && each_visited(1) && seen.by_others == 0;
        bytestride_set_num_threads(2);
        clear(40, 1);
        seen.pause_nanoseconds = 1000000;
        fine = fine && bytestride_parallel_for(40, 1, 2, visit, &seen) == BYTESTRIDE_OK && each_visited(1);
        _exit(fine ? 0 : 1);
    }
    int status = -1;
    EXPECT(child > 0 && waitpid(child, &status, 0) == child);
    EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void *on_small_stack(void *fine) {
    clear(2000, 1);
    *(int *)fine = bytestride_parallel_for(2000, 1, 2, visit, &seen) == BYTESTRIDE_OK && each_visited(1) &&
                   bytestride_fail(-1000, 1, "a", "text", NULL) == -1000;
    return NULL;
}

static void small_stacks(void) {
    const long smallest = sysconf(_SC_THREAD_STACK_MIN); /* 128 KiB on aarch64 */
    pthread_attr_t attributes;
    pthread_t thread;
    int fine = 0;
    pthread_attr_init(&attributes);
    EXPECT(pthread_attr_setstacksize(&attributes, smallest > 64 * 1024 ? (size_t)smallest : 64 * 1024) == 0);
    EXPECT(pthread_create(&thread, &attributes, on_small_stack, &fine) == 0);
    EXPECT(pthread_join(thread, NULL) == 0);
    pthread_attr_destroy(&attributes);
    EXPECT(fine);
}

static void fails(void) {
    char buffer[24];
    bytestride_options options;
    memset(&options, 0, sizeof options);
    options.size = sizeof options;
    options.error = buffer;
    options.error_size = sizeof buffer;

    EXPECT(bytestride_fail(-1001, 2, "kernel", "its extents must be odd", &options) == -1001);
    EXPECT(!strcmp(bytestride_last_error(), "argument 2 (kernel): its extents must be odd"));
    EXPECT(!strcmp(buffer, "argument 2 (kernel): it"));                                                       /* cut to fit */
    EXPECT(bytestride_fail(BYTESTRIDE_ERROR_OWN, 0, NULL, "100% wrong: %s%n", NULL) == BYTESTRIDE_ERROR_OWN); /* no format */
    EXPECT(!strcmp(bytestride_last_error(), "100% wrong: %s%n"));
    EXPECT(bytestride_fail(BYTESTRIDE_ERROR_SHAPE, 0, NULL, NULL, NULL) == BYTESTRIDE_ERROR_SHAPE);
    EXPECT(!strcmp(bytestride_last_error(), bytestride_strerror(BYTESTRIDE_ERROR_SHAPE)));

    /* What is no failure must not look like success. */
    const int32_t mistakes[] = {0, 1, -14, -999};
    for (int i = 0; i < 4; ++i) EXPECT(bytestride_fail(mistakes[i], 0, NULL, "text", NULL) == BYTESTRIDE_ERROR_OPTION);
    EXPECT(strstr(bytestride_last_error(), "argument 1 (status): is -999") == bytestride_last_error());
    EXPECT(bytestride_fail(-1000, 1, NULL, "text", NULL) == BYTESTRIDE_ERROR_NULL);
    EXPECT(bytestride_fail(INT32_MIN, 0, NULL, "lowest", NULL) == INT32_MIN);

    /* Options that are wrong themselves. */
    options.threads = -1;
    EXPECT(bytestride_fail(-8, 3, "options", "threads", &options) == -8 && !strcmp(buffer, "argument 3 (options): t"));
    strcpy(buffer, "untouched");
    options.size = 8;
    EXPECT(bytestride_fail(-7, 3, "options", "size", &options) == -7 && !strcmp(buffer, "untouched"));

    char text[2000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    EXPECT(bytestride_fail(-1000, 0, NULL, text, NULL) == -1000 && strlen(bytestride_last_error()) == 383);
    EXPECT(bytestride_fail(-1000, 1, text, text, NULL) == -1000 && strlen(bytestride_last_error()) == 383);
    EXPECT(!strcmp(bytestride_strerror(-1000), "an error of a user's own kernel"));
}

static void manifest(void) {
    const char *text = bytestride_manifest();
    EXPECT(text == bytestride_manifest());
    EXPECT(strstr(text, "{\"bytestride\": 1, \"functions\": [") == text);
    EXPECT(strstr(text, "\"name\": \"bytestride_convolve\"") && strstr(text, "\"type\": \"bytestride_convolve_options\", \"size\": 168"));
}

int main(void) {
    covers();
    huge();
    forks();
    threads();
    nests();
    small_stacks();
    stops();
    refuses();
    floating_point_mode();
    forks();
    fails();
    manifest();
    return summary(passed, failed);
}
