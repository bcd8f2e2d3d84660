/* What an emulator or a checker cannot do, or takes very long for, is named by the suite that runs the program, in
   TESTS_WITHOUT ("fork,large"), and left out with a word. */
#ifndef TESTS_WITHOUT_H
#define TESTS_WITHOUT_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int skipped;

static int without(const char *what, const char *test) {
    const char *all = getenv("TESTS_WITHOUT");
    const char *found = all ? strstr(all, what) : NULL;
    if (!found) return 0;
    printf("  skipped  %s: no %s under what runs this program\n", test, what);
    ++skipped;
    return 1;
}

static int summary(int passed, int failed) {
    printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
    return failed != 0;
}
#endif
