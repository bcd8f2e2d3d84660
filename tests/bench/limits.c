/* What the machine can do at most, as JSON: bytes per second of reading, writing and copying by footprint, the best of plain and
 * streaming stores; multiply-adds and square roots per second in registers. One argument: the number of threads. */
#define _POSIX_C_SOURCE 200112L
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

enum { LINE = 64, ROUNDS = 5, CHAINS = 16 }; /* independent multiply-adds in flight: latency 4, two units, and some more */
static const double SHORTEST = 6e-3;

typedef double doubles __attribute__((vector_size(LINE), may_alias));
typedef float floats __attribute__((vector_size(LINE), may_alias));

static inline void stream(doubles *to, doubles value) {
#if defined(__AVX512F__)
    _mm512_stream_pd((double *)to, (__m512d)value);
#elif defined(__SSE2__)
    for (int i = 0; i < LINE / 16; ++i) _mm_stream_pd((double *)to + 2 * i, _mm_set_pd(value[2 * i + 1], value[2 * i]));
#else
    *to = value;
#endif
}

static inline void fence(void) {
#if defined(__SSE2__)
    _mm_sfence();
#endif
}

/* One pass over a thread's lines: `from` and `to` have `lines` each. */
typedef void pass(doubles *from, doubles *to, long lines);

static void reading(doubles *from, doubles *to, long lines) {
    doubles sum[8] = {{0}};
    for (long i = 0; i + 8 <= lines; i += 8)
        for (int k = 0; k < 8; ++k) sum[k] += from[i + k];
    for (int k = 1; k < 8; ++k) sum[0] += sum[k];
    __asm__ volatile("" : : "r"(&sum), "r"(to) : "memory");
}
static void writing(doubles *from, doubles *to, long lines) {
    const doubles value = from[0];
    for (long i = 0; i < lines; ++i) to[i] = value;
    __asm__ volatile("" : : "r"(to) : "memory");
}
static void writing_streamed(doubles *from, doubles *to, long lines) {
    const doubles value = from[0];
    for (long i = 0; i < lines; ++i) stream(to + i, value);
    fence();
}
static void copying(doubles *from, doubles *to, long lines) {
    for (long i = 0; i < lines; ++i) to[i] = from[i];
    __asm__ volatile("" : : "r"(to) : "memory");
}
static void copying_streamed(doubles *from, doubles *to, long lines) {
    for (long i = 0; i < lines; ++i) stream(to + i, from[i]);
    fence();
}

/* What every thread does at once: passes over its part of the memory, or computing in registers. */
typedef struct {
    pass *run;
    doubles *from, *to;
    long lines;
    void (*compute)(long);
} task;

static void perform(const task *what, int thread, long repeats) {
    if (what->compute) {
        what->compute(repeats);
        return;
    }
    const long first = what->lines * thread;
    for (long r = 0; r < repeats; ++r) what->run(what->from + first, what->to + first, what->lines);
}

/* The most that all threads together do per second, of some rounds. A round is long enough when its quickest thread says so: others
 * may have waited for a processor. */
static double most(const task *what, double amount, int threads) {
    double best = 0;
    long repeats = 1;
    for (int round = 0; round < ROUNDS;) {
        double start = 0, stop = 0, quickest = 1e9;
#pragma omp parallel num_threads(threads) reduction(min : quickest)
        {
            perform(what, omp_get_thread_num(), 1);
#pragma omp barrier
            const double begin = omp_get_wtime();
#pragma omp master
            start = begin;
            perform(what, omp_get_thread_num(), repeats);
            quickest = omp_get_wtime() - begin;
#pragma omp barrier
#pragma omp master
            stop = omp_get_wtime();
        }
        if (quickest < SHORTEST) {
            repeats *= 2;
            continue;
        }
        const double here = amount * (double)repeats * threads / (stop - start);
        if (here > best) best = here;
        ++round;
    }
    return best;
}

/* Bytes per second of all threads together; every thread has its own part of the memory. */
static double rate(pass *run, doubles *from, doubles *to, long lines, int threads) {
    const task what = {run, from, to, lines / threads, NULL};
    return most(&what, (double)(lines / threads) * LINE, threads);
}

/* Operations per second of all threads together. */
static double speed(void (*compute)(long), double operations, int threads) {
    const task what = {NULL, NULL, NULL, 0, compute};
    return most(&what, operations, threads);
}

static double larger(double a, double b) { return a > b ? a : b; }

/* The compiler contracts product and sum where the processor can. */
#define MULTIPLY_ADDS(name, vector, count)                                                 \
    static void name(long repeats) {                                                       \
        vector sum[CHAINS], factor, step;                                                  \
        memset(sum, 0, sizeof sum);                                                        \
        for (int i = 0; i < (count); ++i) factor[i] = (i + 1) / 64.0f, step[i] = i / 3.0f; \
        __asm__ volatile("" : "+m"(factor), "+m"(step));                                   \
        const vector a = factor, b = step;                                                 \
        for (long r = 0; r < repeats; ++r)                                                 \
            for (int k = 0; k < CHAINS; ++k) sum[k] = sum[k] * a + b;                      \
        __asm__ volatile("" : : "r"(sum) : "memory");                                      \
    }
MULTIPLY_ADDS(multiply_adds_of_doubles, doubles, 8)
MULTIPLY_ADDS(multiply_adds_of_floats, floats, 16)

#define ROOTS(name, type, root)                                        \
    static void name(long repeats) {                                   \
        type values[512];                                              \
        for (int i = 0; i < 512; ++i) values[i] = (type)(i + 2);       \
        for (long r = 0; r < repeats; ++r) {                           \
            for (int i = 0; i < 512; ++i) values[i] = root(values[i]); \
            __asm__ volatile("" : : "r"(values) : "memory");           \
        }                                                              \
    }
ROOTS(roots_of_doubles, double, sqrt)
ROOTS(roots_of_floats, float, sqrtf)

int main(int argc, char **argv) {
    const int threads = argc > 1 ? atoi(argv[1]) : 1;
    const long largest = 256L << 20;
    void *memory = NULL;
    if (threads < 1 || posix_memalign(&memory, 1L << 21, largest)) return 1;
    /* Numbers that differ: some processors and hypervisors are quicker with zeros. */
    for (long i = 0; i < largest / (long)sizeof(double); ++i) ((double *)memory)[i] = 1.0 + (double)i * 1e-7;
    doubles *all = memory;

    const char *separator = "";
    printf("{");
    for (int kind = 0; kind < 3; ++kind) {
        printf("%s\"%s\": {", separator, kind == 0 ? "read" : kind == 1 ? "write" : "copy");
        separator = "";
        for (long footprint = 32L << 10; footprint <= largest; footprint *= 2) {
            const long lines = footprint / LINE, half = lines / 2;
            double best;
            if (kind == 0)
                best = rate(reading, all, all, lines, threads);
            else if (kind == 1)
                best = larger(rate(writing, all, all, lines, threads), rate(writing_streamed, all, all, lines, threads));
            else
                best = 2 * larger(rate(copying, all, all + half, half, threads), rate(copying_streamed, all, all + half, half, threads));
            printf("%s\"%ld\": %.4g", separator, footprint, best);
            separator = ", ";
        }
        printf("}");
    }
    printf(", \"multiply_adds64\": %.4g", speed(multiply_adds_of_doubles, 8.0 * CHAINS, threads));
    printf(", \"multiply_adds32\": %.4g", speed(multiply_adds_of_floats, 16.0 * CHAINS, threads));
    printf(", \"roots64\": %.4g", speed(roots_of_doubles, 512, threads));
    printf(", \"roots32\": %.4g}\n", speed(roots_of_floats, 512, threads));
    free(memory);
    return 0;
}
