/* What a host finds after a call as it was before: floating-point mode and flags, locale, environment, signals, OpenMP
   settings, open files, folder, affinity. And its unusual mode does not change a result. For every function, on one and
   three threads. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <locale.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "families.h"
#include "without.h"

static int passed, failed;
static int has_float_mode; /* an emulator may not */

/* ---- The floating-point mode of this thread: what decides about results, then the sticky flags ---- */

typedef struct {
    uint64_t mode, flags;
} float_state;

#if defined(__x86_64__)
/* MXCSR: flags in bits 0 to 5, DAZ 6, rounding 13 and 14, FTZ 15; and the x87 control word. */
static const float_state unusual = {0x037f00001f80 | 0x8040 | 0x4000, 0x20};
static float_state read_state(void) {
    uint32_t word;
    uint16_t control;
    float_state state;
    __asm__ volatile("stmxcsr %0" : "=m"(word));
    __asm__ volatile("fnstcw %0" : "=m"(control));
    state.mode = (uint64_t)control << 32 | (word & ~0x3fu);
    state.flags = word & 0x3fu;
    return state;
}
static void write_state(float_state state) {
    const uint32_t word = (uint32_t)(state.mode | state.flags);
    __asm__ volatile("ldmxcsr %0" : : "m"(word));
}
#else
/* FPCR: rounding 22 and 23, FZ 24. FPSR: flags in bits 0 to 4. */
static const float_state unusual = {1u << 24 | 1u << 22, 0x10};
static float_state read_state(void) {
    float_state state;
    __asm__ volatile("mrs %0, fpcr\n\tmrs %1, fpsr" : "=r"(state.mode), "=r"(state.flags));
    return state;
}
static void write_state(float_state state) { __asm__ volatile("msr fpcr, %0\n\tmsr fpsr, %1" : : "r"(state.mode), "r"(state.flags)); }
#endif

/* ---- The rest ---- */

/* OpenMP of the library, which this program does not link itself; NULL in a library without. */
static struct {
    int (*max_threads)(void), (*dynamic)(void), (*levels)(void), (*limit)(void);
    void (*schedule)(int *, int *);
} openmp;

static void *function(const char *name) { return dlsym(RTLD_DEFAULT, name); }

static void unusual_openmp(void) {
    void (*set)(int);
    void (*set_schedule)(int, int);
    *(void **)&openmp.max_threads = function("omp_get_max_threads");
    if (!openmp.max_threads) return;
    *(void **)&openmp.dynamic = function("omp_get_dynamic");
    *(void **)&openmp.levels = function("omp_get_max_active_levels");
    *(void **)&openmp.limit = function("omp_get_thread_limit");
    *(void **)&openmp.schedule = function("omp_get_schedule");
    *(void **)&set = function("omp_set_num_threads");
    set(7);
    *(void **)&set = function("omp_set_dynamic");
    set(1);
    *(void **)&set = function("omp_set_max_active_levels");
    set(3);
    *(void **)&set_schedule = function("omp_set_schedule");
    set_schedule(3 /* guided */, 5);
}

typedef struct {
    char locale[200], folder[1000], environment[20000];
    sigset_t mask;
    struct sigaction actions[65];
    int openmp[6], files, nice;
    mode_t umask;
    cpu_set_t affinity;
} state;

extern char **environ;

static void look(state *s) {
    DIR *files = opendir("/proc/self/fd");
    size_t used = 0;
    memset(s, 0, sizeof *s);
    snprintf(s->locale, sizeof s->locale, "%s", setlocale(LC_ALL, NULL));
    if (!getcwd(s->folder, sizeof s->folder)) abort();
    for (char **variable = environ; *variable && used < sizeof s->environment; ++variable)
        used += (size_t)snprintf(s->environment + used, sizeof s->environment - used, "%s\n", *variable);
    sigprocmask(SIG_SETMASK, NULL, &s->mask);
    for (int number = 1; number < 65; ++number) sigaction(number, NULL, &s->actions[number]);
    if (openmp.max_threads) {
        s->openmp[0] = openmp.max_threads();
        s->openmp[1] = openmp.dynamic();
        s->openmp[2] = openmp.levels();
        s->openmp[3] = openmp.limit();
        openmp.schedule(&s->openmp[4], &s->openmp[5]);
    }
    while (files && readdir(files)) ++s->files;
    if (files) closedir(files);
    s->nice = nice(0);
    s->umask = umask(0);
    umask(s->umask);
    sched_getaffinity(0, sizeof s->affinity, &s->affinity);
}

/* The C library leaves other bytes of the struct as they come. */
static int same_action(const struct sigaction *a, const struct sigaction *b) {
    int same = a->sa_handler == b->sa_handler && a->sa_flags == b->sa_flags;
    for (int number = 1; number < 65; ++number) same &= sigismember(&a->sa_mask, number) == sigismember(&b->sa_mask, number);
    return same;
}

static void expect(int same, const family *f, int32_t threads, const char *what) {
    same ? ++passed : ++failed;
    if (!same) printf("host.c: %s, %d threads: %s\n", f->name, (int)threads, what);
}

static state before, after;

static void look_at(const family *f, int32_t threads) {
    const size_t bytes = bytes_of(f->out);
    void *const given = malloc(bytes), *const expected = malloc(bytes);
    any_options options = options_of(f, threads);
    const float_state usual = read_state();
    float_state left;
    int32_t status, other_actions = 0;
    memcpy(given, f->out->data, bytes);
    look(&before);
    status = f->call(&options);
    memcpy(expected, f->out->data, bytes);
    memcpy(f->out->data, given, bytes);
    write_state(unusual);
    status |= f->call(&options);
    left = read_state();
    write_state(usual);
    look(&after);
    expect(status == BYTESTRIDE_OK, f, threads, bytestride_last_error());
    expect(!memcmp(f->out->data, expected, bytes), f, threads, "the mode of the host changes the result");
    if (has_float_mode) {
        expect(left.mode == unusual.mode, f, threads, "floating-point mode");
        expect(left.flags == unusual.flags, f, threads, "floating-point exception flags");
    }
    expect(!strcmp(before.locale, after.locale), f, threads, "locale");
    expect(!strcmp(before.folder, after.folder), f, threads, "folder");
    expect(!strcmp(before.environment, after.environment), f, threads, "environment");
    expect(!memcmp(&before.mask, &after.mask, sizeof before.mask), f, threads, "signal mask");
    for (int number = 1; number < 65; ++number) other_actions += !same_action(&before.actions[number], &after.actions[number]);
    expect(other_actions == 0, f, threads, "signal handlers");
    expect(!memcmp(before.openmp, after.openmp, sizeof before.openmp), f, threads, "OpenMP settings");
    expect(before.files == after.files, f, threads, "open files");
    expect(before.nice == after.nice && before.umask == after.umask, f, threads, "priority or umask");
    expect(!memcmp(&before.affinity, &after.affinity, sizeof before.affinity), f, threads, "affinity");
    memcpy(f->out->data, given, bytes);
    free(given);
    free(expected);
}

static void handle(int number) { (void)number; }

int main(void) {
    sigset_t some;
    setlocale(LC_ALL, "C.UTF-8");
    setenv("OMP_SCHEDULE", "static", 1);
    signal(SIGUSR1, handle);
    signal(SIGFPE, SIG_IGN);
    sigemptyset(&some);
    sigaddset(&some, SIGUSR2);
    sigaddset(&some, SIGCHLD);
    sigprocmask(SIG_BLOCK, &some, NULL);
    has_float_mode = !without("float-mode", "host");
    prepare(12);
    bytestride_build_info(); /* whatever is done once is done */
    unusual_openmp();
    for (int i = 0; i < family_count; ++i)
        for (int32_t threads = 1; threads <= 3; threads += 2) look_at(&families[i], threads);
    forget();
    return summary(passed, failed);
}
