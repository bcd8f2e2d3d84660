/* Sizes, offsets and constants of the public header, as every program built against version 1.0 has them
   compiled in. A wrong one does not compile. */
#include <stddef.h>
#include <stdio.h>

#include "bytestride.h"

static int passed;

#define EXPECT(condition) ((void)sizeof(char[(condition) ? 1 : -1]), (void)++passed)
#define EXPECT_OFFSET(type, field, offset) EXPECT(offsetof(type, field) == (offset))

static void version(void) {
    EXPECT(BYTESTRIDE_VERSION_MAJOR == 1);
    EXPECT(BYTESTRIDE_VERSION_MINOR >= 0);
    EXPECT(BYTESTRIDE_VERSION_PATCH >= 0);
    EXPECT(BYTESTRIDE_ABI_VERSION == 1);
}

static void statuses(void) {
    EXPECT(BYTESTRIDE_OK == 0);
    EXPECT(BYTESTRIDE_ERROR_DTYPE == -1);
    EXPECT(BYTESTRIDE_ERROR_SHAPE == -2);
    EXPECT(BYTESTRIDE_ERROR_NDIM == -3);
    EXPECT(BYTESTRIDE_ERROR_READONLY == -4);
    EXPECT(BYTESTRIDE_ERROR_OVERLAP == -5);
    EXPECT(BYTESTRIDE_ERROR_MEMORY == -6);
    EXPECT(BYTESTRIDE_ERROR_VERSION == -7);
    EXPECT(BYTESTRIDE_ERROR_OPTION == -8);
    EXPECT(BYTESTRIDE_ERROR_NULL == -9);
    EXPECT(BYTESTRIDE_ERROR_INTERNAL == -10);
    EXPECT(BYTESTRIDE_ERROR_OVERFLOW == -11);
    EXPECT(BYTESTRIDE_ERROR_CANCELLED == -12);
    EXPECT(BYTESTRIDE_ERROR_DEVICE == -13);
}

static void dtypes(void) {
    EXPECT(BYTESTRIDE_BOOL == 0x10806);
    EXPECT(BYTESTRIDE_INT8 == 0x10800);
    EXPECT(BYTESTRIDE_INT16 == 0x11000);
    EXPECT(BYTESTRIDE_INT32 == 0x12000);
    EXPECT(BYTESTRIDE_INT64 == 0x14000);
    EXPECT(BYTESTRIDE_UINT8 == 0x10801);
    EXPECT(BYTESTRIDE_UINT16 == 0x11001);
    EXPECT(BYTESTRIDE_UINT32 == 0x12001);
    EXPECT(BYTESTRIDE_UINT64 == 0x14001);
    EXPECT(BYTESTRIDE_FLOAT16 == 0x11002);
    EXPECT(BYTESTRIDE_FLOAT32 == 0x12002);
    EXPECT(BYTESTRIDE_FLOAT64 == 0x14002);
    EXPECT(BYTESTRIDE_COMPLEX64 == 0x14005);
    EXPECT(BYTESTRIDE_COMPLEX128 == 0x18005);
}

static void words(void) {
    EXPECT(BYTESTRIDE_MAX_NDIM == 8);
    EXPECT(BYTESTRIDE_WRITEABLE == 1);
    EXPECT(BYTESTRIDE_RULE_WRAP == 1);
    EXPECT(BYTESTRIDE_RULE_SATURATE == 2);
    EXPECT(BYTESTRIDE_BOUNDARY_CONSTANT == 1);
    EXPECT(BYTESTRIDE_BOUNDARY_REFLECT == 2);
    EXPECT(BYTESTRIDE_BOUNDARY_MIRROR == 3);
    EXPECT(BYTESTRIDE_BOUNDARY_NEAREST == 4);
    EXPECT(BYTESTRIDE_BOUNDARY_WRAP == 5);
    EXPECT(BYTESTRIDE_REGION_SAME == 1);
    EXPECT(BYTESTRIDE_REGION_FULL == 2);
    EXPECT(BYTESTRIDE_REGION_VALID == 3);
    EXPECT(BYTESTRIDE_METHOD_AUTO == 1);
    EXPECT(BYTESTRIDE_METHOD_DIRECT == 2);
    EXPECT(BYTESTRIDE_METHOD_SEPARABLE == 3);
    EXPECT(BYTESTRIDE_METHOD_FFT == 4);
    EXPECT(BYTESTRIDE_BOUNDARY_ZERO == 6);
    EXPECT(BYTESTRIDE_BOUNDARY_COPY == 7);
    EXPECT(BYTESTRIDE_BOUNDARY_KEEP == 8);
    EXPECT(BYTESTRIDE_ALPHA_OPAQUE == 1);
    EXPECT(BYTESTRIDE_ALPHA_COPY == 2);
    EXPECT(BYTESTRIDE_ALPHA_CHANNEL == 3);
    EXPECT(BYTESTRIDE_INVALID_NAN == 1);
    EXPECT(BYTESTRIDE_INVALID_ZERO == 2);
    EXPECT(BYTESTRIDE_INVALID_DROP == 3);
    EXPECT(BYTESTRIDE_FRAME_OPTICAL == 1);
    EXPECT(BYTESTRIDE_FRAME_OPENGL == 2);
    EXPECT(BYTESTRIDE_FRAME_INVERTED == 3);
    EXPECT(BYTESTRIDE_METRIC_EUCLIDEAN == 1);
    EXPECT(BYTESTRIDE_METRIC_SQEUCLIDEAN == 2);
    EXPECT(BYTESTRIDE_METRIC_CITYBLOCK == 3);
    EXPECT(BYTESTRIDE_METRIC_CHEBYSHEV == 4);
    EXPECT(BYTESTRIDE_INIT_RANDOM == 1);
    EXPECT(BYTESTRIDE_INIT_CLASSICAL == 2);
    EXPECT(BYTESTRIDE_INIT_GIVEN == 3);
    EXPECT(BYTESTRIDE_METHOD_SGD == 2);
    EXPECT(BYTESTRIDE_METHOD_SMACOF == 3);
    EXPECT(BYTESTRIDE_METHOD_PATTERN == 4);
    EXPECT(BYTESTRIDE_SIDE_LEFT == 1);
    EXPECT(BYTESTRIDE_SIDE_RIGHT == 2);
}

static void array(void) {
    EXPECT(sizeof(bytestride_array) == 152);
    EXPECT_OFFSET(bytestride_array, size, 0);
    EXPECT_OFFSET(bytestride_array, dtype, 4);
    EXPECT_OFFSET(bytestride_array, ndim, 8);
    EXPECT_OFFSET(bytestride_array, flags, 12);
    EXPECT_OFFSET(bytestride_array, data, 16);
    EXPECT_OFFSET(bytestride_array, shape, 24);
    EXPECT_OFFSET(bytestride_array, strides, 88);
}

/* Every options struct begins with the same 64 bytes. */
#define EXPECT_HEAD(type)                \
    EXPECT_OFFSET(type, size, 0);        \
    EXPECT_OFFSET(type, threads, 4);     \
    EXPECT_OFFSET(type, error, 8);       \
    EXPECT_OFFSET(type, error_size, 16); \
    EXPECT_OFFSET(type, cancel, 24);     \
    EXPECT_OFFSET(type, progress, 32);   \
    EXPECT_OFFSET(type, reserved, 40);   \
    EXPECT(sizeof(((type *)0)->reserved) == 24)
#define EXPECT_PLAIN(type) \
    EXPECT_HEAD(type);     \
    EXPECT(sizeof(type) == 64)

static void options(void) {
    EXPECT_PLAIN(bytestride_options);
    EXPECT_PLAIN(bytestride_add_options);
    EXPECT_PLAIN(bytestride_subtract_options);
    EXPECT_PLAIN(bytestride_multiply_options);
    EXPECT_PLAIN(bytestride_divide_options);
    EXPECT_PLAIN(bytestride_minimum_options);
    EXPECT_PLAIN(bytestride_maximum_options);
    EXPECT_PLAIN(bytestride_transpose_inplace_options);

    EXPECT_HEAD(bytestride_copy_options);
    EXPECT_OFFSET(bytestride_copy_options, rule, 64);
    EXPECT_OFFSET(bytestride_copy_options, padding, 68);
    EXPECT(sizeof(bytestride_copy_options) == 72);

    EXPECT_HEAD(bytestride_convolve_options);
    EXPECT_OFFSET(bytestride_convolve_options, boundary, 64);
    EXPECT_OFFSET(bytestride_convolve_options, region, 68);
    EXPECT_OFFSET(bytestride_convolve_options, fill, 72);
    EXPECT_OFFSET(bytestride_convolve_options, fill_integer, 80);
    EXPECT_OFFSET(bytestride_convolve_options, axes_count, 88);
    EXPECT_OFFSET(bytestride_convolve_options, axes, 92);
    EXPECT_OFFSET(bytestride_convolve_options, origin_count, 124);
    EXPECT_OFFSET(bytestride_convolve_options, origin, 128);
    EXPECT_OFFSET(bytestride_convolve_options, method, 160);
    EXPECT_OFFSET(bytestride_convolve_options, padding, 164);
    EXPECT(sizeof(bytestride_convolve_options) == 168);
    EXPECT(sizeof(bytestride_correlate_options) == 168);

    EXPECT_HEAD(bytestride_neighbor_product_options);
    EXPECT_OFFSET(bytestride_neighbor_product_options, radius, 64);
    EXPECT_OFFSET(bytestride_neighbor_product_options, alpha, 72);
    EXPECT_OFFSET(bytestride_neighbor_product_options, boundary, 76);
    EXPECT(sizeof(bytestride_neighbor_product_options) == 80);

    EXPECT_HEAD(bytestride_depth_to_points_options);
    EXPECT_OFFSET(bytestride_depth_to_points_options, depth_scale, 64);
    EXPECT_OFFSET(bytestride_depth_to_points_options, min_depth, 72);
    EXPECT_OFFSET(bytestride_depth_to_points_options, max_depth, 80);
    EXPECT_OFFSET(bytestride_depth_to_points_options, invalid, 88);
    EXPECT_OFFSET(bytestride_depth_to_points_options, frame, 92);
    EXPECT_OFFSET(bytestride_depth_to_points_options, skew, 96);
    EXPECT_OFFSET(bytestride_depth_to_points_options, distortion, 104);
    EXPECT_OFFSET(bytestride_depth_to_points_options, radial, 112);
    EXPECT_OFFSET(bytestride_depth_to_points_options, padding, 116);
    EXPECT_OFFSET(bytestride_depth_to_points_options, pose, 120);
    EXPECT_OFFSET(bytestride_depth_to_points_options, stride, 128);
    EXPECT_OFFSET(bytestride_depth_to_points_options, mask, 136);
    EXPECT_OFFSET(bytestride_depth_to_points_options, color, 144);
    EXPECT(sizeof(bytestride_depth_to_points_options) == 152);

    EXPECT_HEAD(bytestride_points_to_depth_options);
    EXPECT_OFFSET(bytestride_points_to_depth_options, depth_scale, 64);
    EXPECT_OFFSET(bytestride_points_to_depth_options, frame, 72);
    EXPECT_OFFSET(bytestride_points_to_depth_options, padding, 76);
    EXPECT_OFFSET(bytestride_points_to_depth_options, skew, 80);
    EXPECT_OFFSET(bytestride_points_to_depth_options, distortion, 88);
    EXPECT_OFFSET(bytestride_points_to_depth_options, pose, 96);
    EXPECT(sizeof(bytestride_points_to_depth_options) == 104);

    EXPECT_HEAD(bytestride_distances_options);
    EXPECT_OFFSET(bytestride_distances_options, metric, 64);
    EXPECT_OFFSET(bytestride_distances_options, padding, 68);
    EXPECT(sizeof(bytestride_distances_options) == 72);

    EXPECT_HEAD(bytestride_squared_error_options);
    EXPECT_OFFSET(bytestride_squared_error_options, weights, 64);
    EXPECT(sizeof(bytestride_squared_error_options) == 72);

    EXPECT_HEAD(bytestride_mds_options);
    EXPECT_OFFSET(bytestride_mds_options, method, 64);
    EXPECT_OFFSET(bytestride_mds_options, init, 68);
    EXPECT_OFFSET(bytestride_mds_options, weights, 72);
    EXPECT_OFFSET(bytestride_mds_options, nonmetric, 80);
    EXPECT_OFFSET(bytestride_mds_options, padding, 84);
    EXPECT_OFFSET(bytestride_mds_options, n_init, 88);
    EXPECT_OFFSET(bytestride_mds_options, max_iter, 96);
    EXPECT_OFFSET(bytestride_mds_options, eps, 104);
    EXPECT_OFFSET(bytestride_mds_options, random_state, 112);
    EXPECT_OFFSET(bytestride_mds_options, radius, 120);
    EXPECT_OFFSET(bytestride_mds_options, min_radius, 128);
    EXPECT_OFFSET(bytestride_mds_options, shrink_tol, 136);
    EXPECT_OFFSET(bytestride_mds_options, explore, 144);
    EXPECT_OFFSET(bytestride_mds_options, sample, 152);
    EXPECT_OFFSET(bytestride_mds_options, greedy, 160);
    EXPECT_OFFSET(bytestride_mds_options, padding2, 164);
    EXPECT_OFFSET(bytestride_mds_options, relaxation, 168);
    EXPECT(sizeof(bytestride_mds_options) == 176);

    EXPECT_HEAD(bytestride_searchsorted_options);
    EXPECT_OFFSET(bytestride_searchsorted_options, side, 64);
    EXPECT_OFFSET(bytestride_searchsorted_options, padding, 68);
    EXPECT_OFFSET(bytestride_searchsorted_options, sorter, 72);
    EXPECT(sizeof(bytestride_searchsorted_options) == 80);

    EXPECT_HEAD(bytestride_sum_primes_options);
    EXPECT_OFFSET(bytestride_sum_primes_options, start, 64);
    EXPECT(sizeof(bytestride_sum_primes_options) == 72);

    EXPECT(sizeof(bytestride_distances_from_options) == 72);
    EXPECT(sizeof(bytestride_update_distances_options) == 72);
    EXPECT(sizeof(bytestride_count_primes_options) == 72);
    EXPECT_PLAIN(bytestride_classical_mds_options);
    EXPECT_PLAIN(bytestride_binary_search_options);
    EXPECT_PLAIN(bytestride_is_prime_options);
    EXPECT_PLAIN(bytestride_sum_primes_128_options);

    EXPECT_OFFSET(bytestride_mds_result, size, 0);
    EXPECT_OFFSET(bytestride_mds_result, converged, 4);
    EXPECT_OFFSET(bytestride_mds_result, stress, 8);
    EXPECT_OFFSET(bytestride_mds_result, normalized_stress, 16);
    EXPECT_OFFSET(bytestride_mds_result, n_iter, 24);
    EXPECT(sizeof(bytestride_mds_result) == 32);
}

int main(void) {
    version();
    statuses();
    dtypes();
    words();
    array();
    options();
    printf("%d passed, 0 failed\n", passed);
    return 0;
}
