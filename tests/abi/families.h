/* One call of every function that takes options, for the programs here that look at all of them: which functions there
   are, their arguments, and where they write. Results are looked at by the tests of the families. */
#ifndef FAMILIES_H
#define FAMILIES_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytestride.h"

typedef struct {
    const char *name;
    int32_t (*call)(void *options);
    const void *options; /* a filled struct of the family, of `size` bytes */
    uint32_t size;
    bytestride_array *out; /* what the call writes */
} family;

static bytestride_array numbers, others, sums, small_taps, outer_taps, large_taps, flat, bytes, byte_taps, byte_sums, square, rectangle,
    picture, product, depth, cloud, points_list, image, lens, goal, distances, far_goal, place, centre, layout, history, eigenvalues, total,
    row, weights, table, keys, found, sorter, integers, flags, limits, near_limits, prime_sums, sum_of_limits;
static int64_t points_written;
static uint64_t two_words[2];
static bytestride_mds_result told;

/* What `prepare` has taken, for `forget`. */
static void *blocks[100];
static int block_count;

static double number_at(int64_t i) { return (double)(i * 7919 % 10007) / 10007; }

/* A fresh C-ordered array; floats lie in [0, 1), integers are small, two extents of 0 at the end are none. */
static bytestride_array fresh(int32_t dtype, int64_t rows, int64_t columns, int64_t depths) {
    const int64_t shape[3] = {rows, columns, depths};
    const int32_t ndim = depths ? 3 : columns ? 2 : 1;
    int64_t count = 1;
    bytestride_array array;
    char *data;
    for (int i = 0; i < ndim; ++i) count *= shape[i];
    data = malloc((size_t)(count * 8));
    if (!data || block_count == sizeof blocks / sizeof *blocks) abort();
    blocks[block_count++] = data;
    for (int64_t i = 0; i < count; ++i) {
        if (dtype == BYTESTRIDE_FLOAT64)
            ((double *)(void *)data)[i] = number_at(i);
        else if (dtype == BYTESTRIDE_FLOAT32)
            ((float *)(void *)data)[i] = (float)number_at(i);
        else if (dtype == BYTESTRIDE_INT64 || dtype == BYTESTRIDE_UINT64)
            ((int64_t *)(void *)data)[i] = i * 7919 % 1000003;
        else
            data[i] = (char)(i * 31 % 101);
    }
    if (bytestride_array_init(&array, data, dtype, ndim, shape, NULL, BYTESTRIDE_WRITEABLE) != BYTESTRIDE_OK) abort();
    return array;
}

static size_t bytes_of(const bytestride_array *array) {
    size_t count = (size_t)(array->dtype >> 8 & 0xff) / 8;
    for (int i = 0; i < array->ndim; ++i) count *= (size_t)array->shape[i];
    return count;
}

static double *doubles(const bytestride_array *array) { return array->data; }

static void forget(void) {
    while (block_count > 0) free(blocks[--block_count]);
}

/* `n` says how large: 1 is a few numbers, 12 is enough for several threads. */
static void prepare(int64_t n) {
    const int64_t side = 24 * n, people = 24 + 40 * (n - 1);
    numbers = fresh(BYTESTRIDE_FLOAT64, side, side, 0);
    others = fresh(BYTESTRIDE_FLOAT32, side, side, 0);
    sums = fresh(BYTESTRIDE_FLOAT64, side, side, 0);
    small_taps = fresh(BYTESTRIDE_FLOAT64, 3, 3, 0);
    large_taps = fresh(BYTESTRIDE_FLOAT64, 19, 19, 0);
    outer_taps = fresh(BYTESTRIDE_FLOAT64, 9, 9, 0);
    for (int i = 0; i < 81; ++i) doubles(&outer_taps)[i] = (i / 9 + 1) * (i % 9 + 1);
    bytes = fresh(BYTESTRIDE_UINT8, side, side, 0);
    byte_taps = fresh(BYTESTRIDE_INT8, 5, 5, 0);
    byte_sums = fresh(BYTESTRIDE_INT64, side, side, 0);
    flat = fresh(BYTESTRIDE_UINT8, side, side, 0);
    square = fresh(BYTESTRIDE_FLOAT64, side, side, 0);
    rectangle = fresh(BYTESTRIDE_FLOAT64, side, side + 3, 0);
    picture = fresh(BYTESTRIDE_UINT8, side, side, 4);
    product = fresh(BYTESTRIDE_UINT8, side, side, 4);
    depth = fresh(BYTESTRIDE_FLOAT32, side, side, 0);
    cloud = fresh(BYTESTRIDE_FLOAT32, side, side, 3);
    points_list = fresh(BYTESTRIDE_FLOAT64, side * side, 3, 0);
    image = fresh(BYTESTRIDE_FLOAT64, side, side, 0);
    lens = fresh(BYTESTRIDE_FLOAT64, 5, 0, 0);
    for (int i = 0; i < 5; ++i) doubles(&lens)[i] = 0.01 / (i + 1);
    place = fresh(BYTESTRIDE_FLOAT64, people, 3, 0);
    for (int64_t i = 0; i < people * 3; ++i) doubles(&place)[i] = number_at(i * i + 3 * i);
    goal = fresh(BYTESTRIDE_FLOAT64, people, people, 0);
    distances = fresh(BYTESTRIDE_FLOAT64, people, people, 0);
    far_goal = fresh(BYTESTRIDE_FLOAT64, people, people, 0);
    layout = fresh(BYTESTRIDE_FLOAT64, people, 2, 0);
    centre = fresh(BYTESTRIDE_FLOAT64, 3, 0, 0);
    history = fresh(BYTESTRIDE_FLOAT64, 10, 0, 0);
    eigenvalues = fresh(BYTESTRIDE_FLOAT64, 2, 0, 0);
    weights = fresh(BYTESTRIDE_FLOAT64, people, people, 0);
    for (int64_t i = 0; i < people; ++i)
        for (int64_t j = 0; j < people; ++j) doubles(&weights)[i * people + j] = (double)(1 + (i + j) % 3);
    row = fresh(BYTESTRIDE_FLOAT64, people, 0, 0);
    total = row;
    total.ndim = 0;
    table = fresh(BYTESTRIDE_FLOAT64, side * side, 0, 0);
    for (int64_t i = 0; i < side * side; ++i) doubles(&table)[i] = (double)i / (double)(side * side);
    keys = fresh(BYTESTRIDE_FLOAT64, side * side, 0, 0);
    found = fresh(BYTESTRIDE_INT64, side * side, 0, 0);
    sorter = fresh(BYTESTRIDE_INT64, side * side, 0, 0);
    for (int64_t i = 0; i < side * side; ++i) ((int64_t *)sorter.data)[i] = i;
    integers = fresh(BYTESTRIDE_INT64, side * side, 0, 0);
    flags = fresh(BYTESTRIDE_BOOL, side * side, 0, 0);
    limits = fresh(BYTESTRIDE_INT64, 40, 0, 0);
    for (int i = 0; i < 40; ++i) ((int64_t *)limits.data)[i] = 1000 + (int64_t)i * i * 1000 * n * n;
    near_limits = fresh(BYTESTRIDE_INT64, 40, 0, 0);
    for (int i = 0; i < 40; ++i) ((int64_t *)near_limits.data)[i] = 1000000000000 + 1000 * i;
    prime_sums = fresh(BYTESTRIDE_UINT64, 40, 0, 0);
    {
        const int64_t two = 2;
        if (bytestride_array_init(&sum_of_limits, two_words, BYTESTRIDE_UINT64, 1, &two, NULL, BYTESTRIDE_WRITEABLE)) abort();
    }
    if (bytestride_distances(&place, NULL, &goal, NULL) || bytestride_distances(&place, NULL, &far_goal, NULL)) abort();
}

/* ---- The calls ---- */

#define FAMILY(name, ...) \
    static int32_t call_##name(void *options) { return __VA_ARGS__; }
FAMILY(add, bytestride_add(&numbers, &others, &sums, options))
FAMILY(subtract, bytestride_subtract(&numbers, &others, &sums, options))
FAMILY(multiply, bytestride_multiply(&numbers, &others, &sums, options))
FAMILY(divide, bytestride_divide(&numbers, &others, &sums, options))
FAMILY(minimum, bytestride_minimum(&numbers, &others, &sums, options))
FAMILY(maximum, bytestride_maximum(&numbers, &others, &sums, options))
FAMILY(copy, bytestride_copy(&numbers, &flat, options))
FAMILY(transpose_square, bytestride_transpose_inplace(&square, options))
FAMILY(transpose_rectangle, bytestride_transpose_inplace(&rectangle, options))
FAMILY(convolve, bytestride_convolve(&numbers, &small_taps, &sums, options))
FAMILY(convolve_outer, bytestride_convolve(&numbers, &outer_taps, &sums, options))
FAMILY(convolve_large, bytestride_convolve(&numbers, &large_taps, &sums, options))
FAMILY(convolve_bytes, bytestride_convolve(&bytes, &byte_taps, &byte_sums, options))
FAMILY(correlate, bytestride_correlate(&others, &large_taps, &sums, options))
FAMILY(neighbor_product, bytestride_neighbor_product(&picture, &product, options))
FAMILY(depth_to_points, bytestride_depth_to_points(&depth, &cloud, NULL, NULL, 500, 500, 12, 12, &points_written, options))
FAMILY(points_to_depth, bytestride_points_to_depth(&points_list, &image, 500, 500, 12, 12, options))
FAMILY(depth_list, bytestride_depth_to_points(&depth, &points_list, NULL, NULL, 500, 500, 12, 12, &points_written, options))
FAMILY(distances, bytestride_distances(&place, NULL, &distances, options))
FAMILY(distances_between, bytestride_distances(&goal, &far_goal, &distances, options))
FAMILY(distances_from, bytestride_distances_from(&place, &centre, &row, options))
FAMILY(update_distances, bytestride_update_distances(&place, &far_goal, 3, options))
FAMILY(squared_error, bytestride_squared_error(&goal, &weights, &total, options))
FAMILY(mds, bytestride_mds(&goal, &layout, &history, &told, options))
FAMILY(classical_mds, bytestride_classical_mds(&goal, &layout, &eigenvalues, options))
FAMILY(searchsorted, bytestride_searchsorted(&table, &keys, &found, options))
FAMILY(binary_search, bytestride_binary_search(&table, &keys, &found, options))
FAMILY(is_prime, bytestride_is_prime(&integers, &flags, options))
FAMILY(sum_primes, bytestride_sum_primes(&limits, &prime_sums, options))
FAMILY(sum_primes_near, bytestride_sum_primes(&near_limits, &prime_sums, options))
FAMILY(count_primes, bytestride_count_primes(&limits, &prime_sums, options))
FAMILY(sum_primes_128, bytestride_sum_primes_128(10, 1000000, two_words, options))
#undef FAMILY

static bytestride_options plain = {.size = sizeof plain};
static bytestride_copy_options clamped = {.size = sizeof clamped, .rule = BYTESTRIDE_RULE_SATURATE};
static bytestride_convolve_options mirrored = {.size = sizeof mirrored, .boundary = BYTESTRIDE_BOUNDARY_MIRROR},
                                   separable = {.size = sizeof separable, .method = BYTESTRIDE_METHOD_SEPARABLE},
                                   fourier = {.size = sizeof fourier, .method = BYTESTRIDE_METHOD_FFT};
static bytestride_neighbor_product_options window = {.size = sizeof window, .radius = 2, .boundary = BYTESTRIDE_BOUNDARY_REFLECT};
static bytestride_depth_to_points_options metres = {.size = sizeof metres, .depth_scale = 1}, bent = {.size = sizeof bent,
                                                                                                      .depth_scale = 1,
                                                                                                      .distortion = &lens,
                                                                                                      .invalid = BYTESTRIDE_INVALID_DROP};
static bytestride_points_to_depth_options back = {.size = sizeof back, .depth_scale = 1, .distortion = &lens};
static bytestride_distances_options cityblock = {.size = sizeof cityblock, .metric = BYTESTRIDE_METRIC_CITYBLOCK},
                                    euclidean = {.size = sizeof euclidean};
static bytestride_squared_error_options weighted = {.size = sizeof weighted, .weights = &weights};
static bytestride_mds_options descent = {.size = sizeof descent, .max_iter = 3},
                              majorized = {.size = sizeof majorized, .max_iter = 3, .method = BYTESTRIDE_METHOD_SMACOF},
                              unequal = {.size = sizeof unequal, .max_iter = 3, .method = BYTESTRIDE_METHOD_SMACOF, .weights = &weights},
                              monotone = {.size = sizeof monotone, .max_iter = 3, .method = BYTESTRIDE_METHOD_SMACOF, .nonmetric = 1},
                              pattern = {.size = sizeof pattern, .max_iter = 2, .method = BYTESTRIDE_METHOD_PATTERN, .min_radius = -1},
                              from_classical = {.size = sizeof from_classical, .max_iter = 3, .init = BYTESTRIDE_INIT_CLASSICAL},
                              best_of_two = {.size = sizeof best_of_two, .max_iter = 3, .n_init = 2};
static bytestride_searchsorted_options sorted = {.size = sizeof sorted, .side = BYTESTRIDE_SIDE_RIGHT, .sorter = &sorter},
                                       in_place = {.size = sizeof in_place};
static bytestride_sum_primes_options from_hundred = {.size = sizeof from_hundred, .start = 100},
                                     from_billions = {.size = sizeof from_billions, .start = 1000000000000};

static const family families[] = {
    {"add", call_add, &plain, sizeof plain, &sums},
    {"subtract", call_subtract, &plain, sizeof plain, &sums},
    {"multiply", call_multiply, &plain, sizeof plain, &sums},
    {"divide", call_divide, &plain, sizeof plain, &sums},
    {"minimum", call_minimum, &plain, sizeof plain, &sums},
    {"maximum", call_maximum, &plain, sizeof plain, &sums},
    {"copy", call_copy, &clamped, sizeof clamped, &flat},
    {"transpose_inplace of a square", call_transpose_square, &plain, sizeof plain, &square},
    {"transpose_inplace of a rectangle", call_transpose_rectangle, &plain, sizeof plain, &rectangle},
    {"convolve", call_convolve, &mirrored, sizeof mirrored, &sums},
    {"convolve, separable", call_convolve_outer, &separable, sizeof separable, &sums},
    {"convolve, FFT", call_convolve_large, &fourier, sizeof fourier, &sums},
    {"convolve of bytes", call_convolve_bytes, &mirrored, sizeof mirrored, &byte_sums},
    {"correlate", call_correlate, &mirrored, sizeof mirrored, &sums},
    {"neighbor_product", call_neighbor_product, &window, sizeof window, &product},
    {"depth_to_points", call_depth_to_points, &metres, sizeof metres, &cloud},
    {"depth_to_points, lens and list", call_depth_list, &bent, sizeof bent, &points_list},
    {"points_to_depth", call_points_to_depth, &back, sizeof back, &image},
    {"distances", call_distances, &cityblock, sizeof cityblock, &distances},
    {"distances between wide rows", call_distances_between, &euclidean, sizeof euclidean, &distances},
    {"distances_from", call_distances_from, &euclidean, sizeof euclidean, &row},
    {"update_distances", call_update_distances, &euclidean, sizeof euclidean, &far_goal},
    {"squared_error", call_squared_error, &weighted, sizeof weighted, &total},
    {"mds", call_mds, &descent, sizeof descent, &layout},
    {"mds, SMACOF", call_mds, &majorized, sizeof majorized, &layout},
    {"mds, SMACOF with weights", call_mds, &unequal, sizeof unequal, &layout},
    {"mds, non-metric", call_mds, &monotone, sizeof monotone, &layout},
    {"mds, pattern search", call_mds, &pattern, sizeof pattern, &layout},
    {"mds, classical start", call_mds, &from_classical, sizeof from_classical, &layout},
    {"mds, two starts", call_mds, &best_of_two, sizeof best_of_two, &layout},
    {"classical_mds", call_classical_mds, &plain, sizeof plain, &layout},
    {"searchsorted with a sorter", call_searchsorted, &sorted, sizeof sorted, &found},
    {"searchsorted", call_searchsorted, &in_place, sizeof in_place, &found},
    {"binary_search", call_binary_search, &plain, sizeof plain, &found},
    {"is_prime", call_is_prime, &plain, sizeof plain, &flags},
    {"sum_primes", call_sum_primes, &from_hundred, sizeof from_hundred, &prime_sums},
    {"sum_primes of a short range", call_sum_primes_near, &from_billions, sizeof from_billions, &prime_sums},
    {"count_primes", call_count_primes, &from_hundred, sizeof from_hundred, &prime_sums},
    {"sum_primes_128", call_sum_primes_128, &plain, sizeof plain, &sum_of_limits},
};
enum { family_count = sizeof families / sizeof *families };

/* A copy of the options of a family, with room for the largest struct there may be; zeros behind. */
typedef union {
    bytestride_options common;
    char bytes[4096 + 8];
} any_options;

static any_options options_of(const family *f, int32_t threads) {
    any_options options;
    memset(&options, 0, sizeof options);
    memcpy(&options, f->options, f->size);
    options.common.threads = threads;
    told.size = sizeof told;
    return options;
}

#endif
