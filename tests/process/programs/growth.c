/* Whether memory grows: over a million calls of all functions, over calls that fail, over threads that end, and over
   loading and unloading. Argument: the file of the library. Prints what it saw; ends with 1 if anything grows. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <malloc.h>
#include <pthread.h>
#include <unistd.h>

#include "families.h"

static int failed;
static long calls;

static long resident_bytes(void) {
    long pages = 0;
    FILE *const file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%*d %ld", &pages) != 1) abort();
    fclose(file);
    return pages * sysconf(_SC_PAGESIZE);
}
/* What malloc has given out, in the arenas and mapped. */
static long taken_bytes(void) {
    const struct mallinfo2 info = mallinfo2();
    return (long)(info.uordblks + info.hblkhd);
}

/* No more than `most` bytes may stay taken; resident pages may differ a little, since malloc gives them back as it likes. */
static void compare(const char *what, long most, long taken, long resident) {
    const long more = taken_bytes() - taken, pages = resident_bytes() - resident;
    printf("%s: %ld bytes more are taken, %ld KiB more resident\n", what, more, pages / 1024);
    if (more > most || pages > 1 << 20) ++failed;
}

static void call(const family *f, int32_t threads, int times) {
    any_options options = options_of(f, threads);
    for (int i = 0; i < times; ++i) {
        if (f->call(&options) != BYTESTRIDE_OK) {
            ++failed;
            printf("%s: %s\n", f->name, bytestride_last_error());
            return;
        }
        ++calls;
    }
}

static void all(int few, int many, int32_t threads) {
    enum { cheap = 7 }; /* arithmetic and copy stand first in the table */
    for (int i = 0; i < family_count; ++i) call(&families[i], threads, i < cheap ? many : few);
}

static void failing(int times) {
    for (int i = 0; i < family_count; ++i) {
        any_options options = options_of(&families[i], -1);
        for (int round = 0; round < times; ++round) {
            if (families[i].call(&options) != BYTESTRIDE_ERROR_OPTION) ++failed;
            ++calls;
        }
    }
}

static void *on_a_thread(void *unused) {
    (void)unused;
    all(1, 1, 1);
    return NULL;
}
static void threads_that_end(int count) {
    for (int i = 0; i < count; ++i) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, on_a_thread, NULL) || pthread_join(thread, NULL)) abort();
    }
}

static void load_and_unload(const char *path, int times) {
    for (int i = 0; i < times; ++i) {
        void *const library = dlopen(path, i % 2 ? RTLD_NOW | RTLD_LOCAL : RTLD_LAZY | RTLD_LOCAL);
        int32_t (*number)(void);
        if (!library) {
            printf("%s\n", dlerror());
            exit(1);
        }
        *(void **)&number = dlsym(library, "bytestride_version_number");
        if (number() < 10000 || dlclose(library) != 0) ++failed;
    }
}

int main(int count, char **words) {
    const long nothing = 1000;
    long taken, resident;
    if (count != 2) return 2;
    setvbuf(stdout, NULL, _IONBF, 0); /* no buffer that is taken with the first line */
    prepare(12);
    all(3, 3, 3);
    taken = taken_bytes(), resident = resident_bytes();
    for (int i = 0; i < family_count; ++i) /* but a member of the team may take its block for primes late */
        if (!strstr(families[i].name, "prime")) call(&families[i], 3, 15);
    compare("calls on three threads", nothing, taken, resident);
    forget();
    prepare(1);
    all(3, 3, 1);
    taken = taken_bytes(), resident = resident_bytes();
    all(1500, 137000, 1);
    compare("calls", nothing, taken, resident);
    failing(500);
    compare("calls that fail", nothing, taken, resident);
    threads_that_end(20); /* the arenas of malloc */
    taken = taken_bytes(), resident = resident_bytes();
    threads_that_end(200);
    compare("threads that end", nothing, taken, resident);
    load_and_unload(words[1], 20);
    taken = taken_bytes(), resident = resident_bytes();
    load_and_unload(words[1], 20000);
    compare("loaded and unloaded", nothing, taken, resident);
    printf("%ld calls\n", calls);
    forget();
    return failed != 0 || calls < 1000000;
}
