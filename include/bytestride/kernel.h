/*
 * Bytestride: what a library of own kernels is built on.
 *
 * The loop of such a library runs on Bytestride's threads, and its failures arrive where Bytestride's own do. From C++
 * `kernel.hpp` beside this file adds typed views and writes everything but the loop. This header compiles as C99 and
 * C++11 and is the one place of the surface that takes a function pointer.
 *
 * Link the shared library (`pkg-config --libs bytestride`), so that a process has one team of threads and one last error.
 */
#ifndef BYTESTRIDE_KERNEL_H
#define BYTESTRIDE_KERNEL_H

#include "../bytestride.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Statuses of own kernels are this number and below; the numbers above it are the library's. */
#define BYTESTRIDE_ERROR_OWN -1000

/*
 * A part of a loop: does the work of the indices from `begin` to `end - 1`. Anything but BYTESTRIDE_OK stops the loop. It may run
 * on any thread, with a stack of as little as 64 KiB; it must neither throw nor jump out.
 */
typedef int32_t (*bytestride_body)(void *context, int64_t begin, int64_t end);

/*
 * Calls body(context, begin, end) for ranges that cover 0 to n - 1, each index exactly once, on several threads at a time.
 *
 * Ranges begin at multiples of `grain` and have `grain` indices, the last one fewer; 0 chooses a grain from n alone (about a
 * thousand ranges). So what a range computes never depends on threads. Ranges run in no particular order.
 * Threads: at most `threads`, 0 = the library's default. The first ranges run on the calling thread, and so does the whole loop when
 * they show that less than about 200 us of work is left, when it runs inside of another loop's body, while the team serves
 * another thread, or in a forked child without a thread count of its own. Every body runs in the default floating-point mode; the
 * caller's is restored. No body runs any more after the return.
 * Failure: what a body returned, and no range is begun after that (with several failures, one of them); NULL (no body), OPTION
 * (n, grain or threads negative). A body's failure leaves no message: `bytestride_fail` writes one. A loop is cancelled by a body that
 * looks at the cancel word of its caller's options and returns CANCELLED (kernel.hpp does so).
 * Cost: O(n / grain) beside the bodies.
 */
BYTESTRIDE_API int32_t bytestride_parallel_for(int64_t n, int64_t grain, int32_t threads, bytestride_body body, void *context);

/*
 * Makes `message` this thread's last error, and writes it to the error buffer of `options` (NULL: none). Returns `status`, so that
 * a function can end with `return bytestride_fail(...)`.
 *
 * The message reads "argument 2 (kernel): ..." when `argument` is not 0 (positions count from 1); `name` may then not be NULL.
 * `message` may be NULL: the text of the status. `status` is one of the library's failures or an own one (BYTESTRIDE_ERROR_OWN and
 * below); any other is a mistake, and becomes OPTION. Call it on the thread that the caller's call runs on, not in a body.
 */
BYTESTRIDE_API int32_t bytestride_fail(int32_t status, int32_t argument, const char *name, const char *message, const bytestride_options *options);

/*
 * What a library offers, as a JSON object; static. Every library of own kernels exports a function of this name, libbytestride does too:
 * ask the handle of the library (dlsym), not the process.
 *
 *   {"bytestride": 1, "functions": [{"name": "scale", "doc": "...", "arguments": [...]}]}
 *
 * `bytestride` is BYTESTRIDE_ABI_VERSION. Each argument has `name` and `role`, in the order of the C function:
 *   "input", "output", "inout"   an array: `dtypes` (the k-th dtypes of all arguments go together when `paired` of the function is
 *                                true, else any may stand with any), `ndim` (null: any), `shape` (null, or per dimension a number, or
 *                                a name: equal names are equal extents, "_" is any extent), `optional` true where NULL may stand
 *   "scalar"                     a number: `type` ("float64", "int64", ...), `default` where it has one
 *   "result"                     a pointer to what the function writes: `type`, a number's or a struct's
 *   "options"                    `type`, the struct, and `size`, its bytes; NULL may stand
 */
BYTESTRIDE_API const char *bytestride_manifest(void);

#ifdef __cplusplus
}
#endif

#endif
